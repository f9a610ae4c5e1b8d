"""What can be measured on any picture of a face, real or decoded, and the steps in code space that change it; no labels needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reecho.colour import chroma, luma
from reecho.errors import ReechoError
from reecho.pixels import averaged

NAMES = ("brightness", "light from the left", "warmth", "background", "contrast", "smile")
_SIDE = 32  # pixels; other sizes are averaged to it, so that the numbers of all compare; LFW's faces all lie alike in it
_FACE = (8, 28, 8, 24)  # top, bottom, left, right, here and below
_CORNERS = ((0, 12, 0, 3), (0, 12, 29, 32))  # beside the head, above the shoulders
_TEETH, _LIP = (24, 26, 13, 19), (21, 23, 11, 21)
_MOUTH = (22, 27)  # rows, of the corners that turn up
_CURVE = 3.0  # weight of the curve beside the teeth: about the ratio of their deviations among faces
_CHUNK = 500


def measure(pictures: np.ndarray) -> np.ndarray:
    """The attributes of each picture.

    Brightness, light and background are means of the luma: of the face box; of its left less its right half; of the upper
    corners. Warmth is the face box's mean Cr - Cb, contrast the luma's standard deviation in the whole picture. Smile adds two
    signs: teeth, brighter than the line above them, and a mouth whose corners turn up, seen in the direction of its gradients.
    On 80 faces of validation people that one reader had sorted by eye before it was computed, it told smiles from other
    mouths with an area under the curve of 0.90 (0.88 on their linear reconstructions, 0.5 is chance); talking mouths are
    what it takes for smiles most often.

    Args:
        pictures: float array (n, H, W, 3) of faces that lie as in LFW, n at least 1; clipped to [0, 1].

    Returns:
        float64 (n, 6), in the order of NAMES, intensity units.

    Raises:
        ReechoError: another shape, or no pictures.

    Example:
        >>> measure(np.full((1, 32, 32, 3), 0.5)).round(6) + 0.0
        array([[0.5, 0. , 0. , 0.5, 0. , 0. ]])
    """
    if np.ndim(pictures) != 4 or not len(pictures):
        raise ReechoError(f"Attributes are measured on pictures (n, H, W, 3), n at least 1; these are {np.shape(pictures)}.")
    return np.concatenate([_measure(np.clip(pictures[i : i + _CHUNK], 0, 1)) for i in range(0, len(pictures), _CHUNK)])


def _measure(shown: np.ndarray) -> np.ndarray:
    shown = averaged(shown.astype("float64"), _SIDE, _SIDE)  # (n, 32, 32, 3)
    tone = luma(shown)[..., 0]
    warmth = np.diff(chroma(shown))[..., 0]  # Cr - Cb
    top, bottom, left, right = _FACE
    middle = (left + right) // 2
    light = _mean(tone, (top, bottom, left, middle)) - _mean(tone, (top, bottom, middle, right))
    background = np.mean([_mean(tone, corner) for corner in _CORNERS], axis=0)
    columns = (_mean(tone, _FACE), light, _mean(warmth, _FACE), background, tone.std(axis=(1, 2)), _smile(tone))
    return np.stack(columns, axis=1)


def _smile(tone: np.ndarray) -> np.ndarray:
    down, across = np.gradient(tone, axis=(1, 2))
    # strength of the gradient times the sine of twice its angle: its sign says which way a line slants
    slanted = 2 * across * down / np.maximum(np.hypot(across, down), 1e-9)
    curve = _mean(slanted, (*_MOUTH, 16, 24)) - _mean(slanted, (*_MOUTH, 8, 16))
    return _mean(tone, _TEETH) - _mean(tone, _LIP) + _CURVE * curve


def _mean(values: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    top, bottom, left, right = box
    return values[:, top:bottom, left:right].mean(axis=(1, 2))


@dataclass(frozen=True)
class Directions:
    """What a linear reading of codes says about the attributes; what `fit` returns.

    Args:
        weights: float64 (d, k), d = latent_dim, k attributes, in standard deviations of each attribute.
        centre: float64 (d,), the mean code.
        mean, deviation: float64 (k,), of the attributes of the pictures it was fitted on.
    """

    weights: np.ndarray
    centre: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def fit(cls, codes: np.ndarray, values: np.ndarray, ridge: float = 0.03) -> Directions:
        """Ridge regression of the attributes on the codes of the same pictures.

        Args:
            codes: float array (N, d), posterior means of train people, N at least 2.
            values: float array (N, k), what `measure` found on their pictures.
            ridge: in units of a code's variance; chosen on validation people, between 0.003 and 0.1 little changes.

        Returns:
            The fitted Directions.

        Raises:
            ReechoError: codes and values of different numbers of pictures, or of fewer than two.
        """
        if len(codes) != len(values) or len(codes) < 2:
            raise ReechoError(
                f"Attributes are read from the codes of the same pictures; got {len(codes)} codes, {len(values)} values."
            )
        codes, values = np.asarray(codes, "float64"), np.asarray(values, "float64")
        centre, mean, deviation = codes.mean(axis=0), values.mean(axis=0), np.maximum(values.std(axis=0), 1e-9)
        centred = codes - centre
        gram = centred.T @ centred / len(codes) + ridge * np.eye(codes.shape[1])
        weights = np.linalg.solve(gram, centred.T @ ((values - mean) / deviation) / len(codes))
        return cls(weights, centre, mean, deviation)

    def explained(self, codes: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Share of each attribute's variance, R², float64 (k,), that is read from codes (n, d) of other people; values (n, k)."""
        read = (codes - self.centre) @ self.weights
        true = (values - self.mean) / self.deviation
        return 1 - ((read - true) ** 2).sum(axis=0) / np.maximum(((true - true.mean(axis=0)) ** 2).sum(axis=0), 1e-12)

    def steps(self, held: bool = True) -> np.ndarray:
        """The shortest step for each attribute that should raise it by one standard deviation.

        Args:
            held: whether the step must leave the other attributes where they are, as far as the reading is right; otherwise it
                takes along whatever lies in the same direction.

        Returns:
            float32 (k, d); codes + t · steps[j] asks for t standard deviations of attribute j.
        """
        if held:
            return np.linalg.pinv(self.weights).astype("float32")  # weights^T · step of attribute j is 1 at j and 0 elsewhere
        return (self.weights / np.maximum((self.weights**2).sum(axis=0), 1e-12)).T.astype("float32")


def obtained(
    decode: Callable[[np.ndarray], np.ndarray],
    codes: np.ndarray,
    steps: np.ndarray,
    deviation: np.ndarray,
    requested: tuple[float, ...] = (-2.0, -1.0, 0.0, 1.0, 2.0),
) -> np.ndarray:
    """How far each attribute moved for each that was requested to move, measured again on the decoded pictures.

    Args:
        decode: codes (n, d) → pictures (n, H, W, 3).
        codes: float32 (n, d) to walk from.
        steps: float32 (k, d), as `Directions.steps` gives them.
        deviation: float64 (k,), the standard deviations they are counted in.
        requested: how far to walk, in standard deviations; at least two different ones.

    Returns:
        float64 (k, k): row j is the slope of every attribute, mean over the codes, while attribute j was requested to move by 1.
        A perfect walk gives the identity.
    """
    away = np.asarray(requested) - np.mean(requested)
    matrix = np.empty((len(steps), len(deviation)))
    unmoved = measure(decode(codes)).mean(axis=0)
    for row, step in enumerate(steps):
        moved = {t: measure(decode(codes + np.float32(t) * step)).mean(axis=0) for t in requested if t}
        means = np.stack([moved.get(t, unmoved) for t in requested])  # (requested, k)
        matrix[row] = away @ (means - means.mean(axis=0)) / (away @ away) / deviation
    return matrix


def walks(
    decode: Callable[[np.ndarray], np.ndarray], code: np.ndarray, steps: np.ndarray, deviation: np.ndarray, requested: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """One face walked along the step of each attribute, and what that did to all of them, measured again.

    Args:
        decode: codes (n, d) → pictures (n, H, W, 3).
        code: float32 (d,), where the walks pass at 0.
        steps, deviation: as for `obtained`.
        requested: float (m,), how far to walk, in standard deviations.

    Returns:
        Pictures, float (k, m, H, W, 3), and how far each attribute moved from where it is at 0, float64 (k, m, k): standard
        deviations; [j, i, j] is what was obtained of attribute j where requested[i] was requested.
    """
    start = measure(decode(code[None]))
    seen = np.stack([decode(code + np.asarray(requested, "float32")[:, None] * step) for step in steps])
    return seen, np.stack([(measure(walk) - start) / deviation for walk in seen])


def in_words(requested: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """A sentence for each picture of `walks`: what was requested, what was obtained, and what came along.

    Args:
        requested: float (m,).
        moved: float64 (k, m, k), as `walks` gives it.

    Returns:
        str (k, m).

    Example:
        >>> moved = np.zeros((6, 1, 6)); moved[0, 0, :3] = 1.2, 0.1, -0.4
        >>> str(in_words([2.0], moved)[0, 0])
        'Asked for +2.0 standard deviations of brightness, obtained +1.2; most of what came along: warmth −0.4.'
    """
    sentences = np.empty(moved.shape[:2], object)
    for j, i in np.ndindex(sentences.shape):
        others = np.where(np.arange(moved.shape[2]) == j, 0, moved[j, i])
        along = int(np.abs(others).argmax())
        own, most = (round(float(value), 1) + 0.0 for value in (moved[j, i, j], others[along]))  # + 0.0: no "−0.0"
        text = f"Asked for {requested[i]:+.1f} standard deviations of {NAMES[j]}, obtained {own:+.1f}; "
        sentences[j, i] = (text + f"most of what came along: {NAMES[along]} {most:+.1f}.").replace("-", "−")
        if not requested[i]:
            sentences[j, i] = f"Where the walk along {NAMES[j]} begins: nothing asked, nothing moved."
    return sentences.astype(str)


SLOPES = (
    {"key": "asked", "heading": "asked to move by 1"},
    {"key": "explained", "heading": "read from the code, R²", "digits": 2},
    *({"key": name, "heading": name, "digits": 2} for name in NAMES),
)


def slope_rows(explained: np.ndarray, slopes: np.ndarray) -> list[dict[str, Any]]:
    """For each attribute that was requested to move how far every attribute moved, for a table with SLOPES.

    Args:
        explained: float (k,), from `Directions.explained`.
        slopes: float (k, k), from `obtained`.
    """
    return [
        {"asked": name, "explained": float(explained[row]), **dict(zip(NAMES, map(float, slopes[row]), strict=True))}
        for row, name in enumerate(NAMES)
    ]


def slopes_in_short(measured: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is read of each attribute, what a step obtains and what changes most with it, network beside network.

    Args:
        measured: name of a network → (R² (k,) from `Directions.explained`, slopes (k, k) from `obtained`).

    Returns:
        A row an attribute, and the columns of their table.
    """
    columns: list[dict[str, Any]] = [{"key": "asked", "heading": "attribute"}]
    columns += [{"key": f"R² {name}", "heading": f"R², {name}", "digits": 2} for name in measured]
    columns += [{"key": f"obtained {name}", "heading": f"obtained, {name}", "digits": 2} for name in measured]
    columns += [{"key": f"along {name}", "heading": f"most with it, {name}"} for name in measured]
    rows = []
    for place, attribute in enumerate(NAMES):
        row: dict[str, Any] = {"asked": attribute}
        for name, (explained, slopes) in measured.items():
            along = np.where(np.arange(len(NAMES)) == place, 0, slopes[place])
            most = int(np.abs(along).argmax())
            row |= {f"R² {name}": float(explained[place]), f"obtained {name}": float(slopes[place, place])}
            row[f"along {name}"] = f"{NAMES[most]} {_signed(along[most], 2)}"
        rows.append(row)
    return rows, columns


def still(
    walks: np.ndarray, obtained: np.ndarray, requested: np.ndarray
) -> tuple[list[tuple[str, np.ndarray]], list[list[str]], list[str]]:
    """Every other picture of the walks, for `plots.picture_grid`: rows, what was obtained under each, what was requested above.

    Args:
        walks: float (k, m, H, W, 3), from `walks`.
        obtained: float (k, m), how far the attribute itself moved.
        requested: float (m,).
    """
    under = [[_signed(value, 1) for value in row] for row in obtained[:, ::2]]
    return list(zip(NAMES, walks[:, ::2], strict=True)), under, [_signed(value, 0) for value in requested[::2]]


def steps_in_words(held: np.ndarray, free: np.ndarray) -> str:
    """What steps along attributes obtained.

    Args:
        held, free: float (k, k), slopes from `obtained`, of steps that hold the other attributes and of steps that do not.
    """
    most_held, most_free = (np.abs(slopes - np.diag(np.diag(slopes))).max() for slopes in (held, free))
    good = [name for name, slope in zip(NAMES, np.diag(held), strict=True) if 0.75 < slope < 1.25]
    return (
        f"Steps that hold the others obtain between 75 and 125 % of what is asked for {', '.join(good) or 'no attribute'}; for "
        f"the others the straight step does not. The largest change of another attribute is {most_held:.2f} standard "
        f"deviations for one asked; with steps that do not hold the others it is {most_free:.2f}."
    )


def _signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")

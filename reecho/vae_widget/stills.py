"""Still figures of notebook 00, for the book and for readers whose browser runs no script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from reecho import latent, metrics, plots
from reecho.vae_widget import closed_form

OFFSETS = np.linspace(-3, 3, 7)  # z of an axis that is moved, standard deviations of the prior


def strip(targets: np.ndarray, curve: Sequence[Mapping[str, Any]], chosen: Sequence[int], variances: np.ndarray) -> Figure:
    """Two faces at several α, from the mean of their codes and from a draw.

    Args:
        targets: float32 (2, H, W, 3).
        curve: of `baselines.rate_curve` for the σ of these α, with the pictures of the two.
        chosen: the α.
        variances: float (k,), λ of the axes.
    """
    rows = [
        (title, np.stack([targets[face], *(point[kind][face] for point in curve)]))
        for kind, title in (("mean", "mean of z"), ("sample", "a draw of z"))
        for face in range(len(targets))
    ]
    of_all = [  # of the α, whoever is shown: below its column
        f"{closed_form.active(variances, alpha, targets[0].size)} axes, {point['rate_nats']:.0f} nats"
        for alpha, point in zip(chosen, curve, strict=True)
    ]
    return plots.picture_grid(rows, [*[None] * (len(rows) - 1), ["", *of_all]], ["face", *(f"α = {alpha:,}" for alpha in chosen)])


def levels(variances: np.ndarray, chosen: Sequence[int], values: int) -> Figure:
    """The variance λ of each axis, and the level of σ² at several α.

    Args:
        variances: float (k,), λ, those above 0 are shown.
        chosen: the α.
        values: D.
    """
    shown = np.asarray(variances)[np.asarray(variances) > 0]
    ends = (1, len(shown))
    lines = {f"σ² at α = {alpha:,}": (ends, (values / (2 * alpha),) * 2) for alpha in chosen}
    places: Sequence[float] = range(1, len(shown) + 1)
    return plots.lines({"λ of the axis": (places, list(shown)), **lines}, "axis", "variance, intensity²", log_y=True)


def first_and_darkest(nats: np.ndarray, first: int = 4) -> list[int]:
    """The first axes and the one of the fewest nats, from 0, each once.

    Args:
        nats: float (k,), mean KL of each axis.
        first: how many.
    """
    return list(dict.fromkeys([*range(min(first, len(nats))), int(np.argmin(nats))]))


def moved(decode: Callable[[np.ndarray], np.ndarray], code: np.ndarray, axes: Sequence[int]) -> Figure:
    """One face's code with an axis set to −3 … 3, a row an axis.

    Args:
        decode: codes (n, k) → pictures (n, H, W, 3).
        code: float32 (k,).
        axes: which, from 0.
    """
    rows = []
    for axis in axes:
        codes = np.repeat(code[None], len(OFFSETS), axis=0)
        codes[:, axis] = OFFSETS
        rows.append((f"axis {axis + 1}", decode(codes)))
    return plots.picture_grid(rows, None, [f"z = {offset:.0f}".replace("-", "−") for offset in OFFSETS])


def mixed(decode: Callable[[np.ndarray], np.ndarray], first: np.ndarray, second: np.ndarray) -> Figure:
    """Pairs of people and three mixes of their codes, contrast under each.

    Args:
        decode: codes (n, k) → pictures (n, H, W, 3).
        first, second: float32 (n, k), codes.
    """
    codes = {
        "person 1": first, "person 2": second, "sum": latent.mix(first, second, "sum"), "mean": latent.mix(first, second, "mean"),
        "variance-keeping": latent.turn(first, second, 45),
    }  # fmt: skip
    faces = {name: decode(z) for name, z in codes.items()}
    return plots.scored_grid([(name, face, metrics.contrast(face)) for name, face in faces.items()], "", digits=3)


def beside_nearest(drawn: np.ndarray, train: Any) -> tuple[Figure, np.ndarray]:
    """Faces of nobody above the train faces that are most like them; also how far these are, float64 (n,), intensity.

    Args:
        drawn: float32 (n, H, W, 3).
        train: float32 (N, H, W, 3), or a stream.
    """
    places, distances = metrics.nearest(np.clip(drawn, 0, 1), train)
    return plots.scored_grid([("drawn", drawn, None), ("nearest train face", train[places], distances)], "", 3), distances

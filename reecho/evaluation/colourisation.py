"""Colours: the document's network with the given luma kept, and many colourings of one face."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reecho import colour, metrics, tasks
from reecho.evaluation.held_out import HeldOut
from reecho.evaluation.phrases import best_row
from reecho.methods import MEAN_CHROMA, Method
from reecho.networks.registry import NETWORKS
from reecho.results import Row, by_method
from reecho.streams import chunks

_DRAWN_AT_ONCE = 128  # pictures of which many colourings are held
_NEAR = 1.1  # times the error of the mean chroma, up to which a method has a mark in the figure
LESS = "delta_less_simple"  # key of a network's ΔE00 less that of the best method without a network, on the same pictures
DRAWS = (
    {"key": "what", "heading": "colour VAE"},
    {"key": "psnr", "heading": "PSNR (dB)", "digits": 2},
    {"key": "error", "heading": "ΔE00", "digits": 2},
    {"key": "colour", "heading": "colourfulness", "digits": 1},
)
STRENGTHS = (
    {"key": "what", "heading": "pictures"},
    {"key": "face", "heading": "C* in the face", "digits": 1},
    {"key": "face_share", "heading": "share of the true C* (%)", "digits": 0},
    {"key": "around", "heading": "C* around it", "digits": 1},
    {"key": "around_share", "heading": "share around it (%)", "digits": 0},
)


def keeps_luma(method: Method) -> bool:
    """Whether a network's outputs have the given luma by construction."""
    return not method.is_network or NETWORKS[method.name].keeps_luma or method.setting("luma") == "given"


def with_given_luma(outputs: Mapping[Method, np.ndarray], inputs: np.ndarray) -> dict[Method, np.ndarray]:
    """The colours that networks drew on the luma that was given, for those that draw the luma anew.

    Args:
        outputs: method → (n, H, W, 3).
        inputs: float32 (n, H, W, 3), in grey.

    Returns:
        The same method with luma="given" → float32 (n, H, W, 3) in [0, 1].
    """
    return {
        method.varied(luma="given"): colour.fit_gamut(colour.luma(inputs), colour.chroma(pictures))
        for method, pictures in outputs.items()
        if not keeps_luma(method)
    }


def keeping_luma(networks: Iterable[Method]) -> list[Method]:
    """Those of the networks whose outputs have the given luma: first those that were given it afterwards, then by construction."""
    keeping = [method for method in networks if keeps_luma(method)]
    return sorted(keeping, key=lambda method: method.setting("luma") != "given")


def errors_and_colours(rows: Iterable[Row]) -> tuple[dict[str, tuple[float, float]], str]:
    """Colourfulness and ΔE00 of the methods whose error is at most a tenth above that of the mean chroma, for a figure.

    Oracles and methods with a larger error are left out, because one far mark would press the others together.

    Args:
        rows: of the colourisation.

    Returns:
        Title → (colourfulness, ΔE00), and a sentence with the values of the methods that are left out; "" where there are none.
    """
    rows = [row for row in rows if row.method.kind != "oracle"]
    limit = _NEAR * by_method(rows)[MEAN_CHROMA]["delta_e00"]
    places = {row.title: (row["colourfulness"], row["delta_e00"]) for row in rows if row["delta_e00"] <= limit}
    far = [f"{row.title} ({row['colourfulness']:.0f}; {row['delta_e00']:.1f})" for row in rows if row["delta_e00"] > limit]
    return places, f"Outside the figure (colourfulness; ΔE00): {', '.join(far)}." if far else ""


def with_error_differences(rows: Iterable[Row], outputs: Mapping[Method, np.ndarray], held_out: HeldOut) -> list[Row]:
    """The rows; a network's also has its ΔE00 less that of the best method without a network, on the same pictures.

    Args:
        rows: of the colourisation.
        outputs: method → float32 (n, H, W, 3).
        held_out: what they are measured on.
    """
    rows = list(rows)
    best = best_row(rows, "delta_e00", network=False).method
    of_best = metrics.delta_e00(outputs[best], held_out.targets)
    return [_with_difference(row, outputs, of_best, held_out) if row.method.is_network else row for row in rows]


def _with_difference(row: Row, outputs: Mapping[Method, np.ndarray], of_best: np.ndarray, held_out: HeldOut) -> Row:
    mean, interval = metrics.paired(metrics.delta_e00(outputs[row.method], held_out.targets) - of_best, held_out.people)
    return replace(row, numbers={**row.numbers, LESS: mean}, intervals={**row.intervals, LESS: interval})


def columns_in_short() -> list[tasks.Column]:
    """The columns of the table on a page: the error and its difference first, without what few need."""
    columns = {column.key: column for column in tasks.columns("colourisation")}
    difference = tasks.Column(LESS, "less the best simple method's", 2, None)
    wanted = ("psnr_db", "colourfulness", "ssim")
    return [columns["delta_e00"], difference, *(columns[key] for key in wanted)]


def true_and_drawn(
    targets: np.ndarray, drawn: np.ndarray, eight: np.ndarray, places: Iterable[int]
) -> list[tuple[str, np.ndarray]]:
    """Rows for a figure: a person in true colours, then in the colours of each draw.

    Args:
        targets: float32 (n, H, W, 3).
        drawn: float32 (count, 8, H, W, 3), of the eight people.
        eight: int (8,), their places among the targets.
        places: which of the eight; those that are not there are left out.
    """
    return [
        (f"person {place + 1}", np.concatenate([targets[eight[[place]]], drawn[:, place]]))
        for place in places
        if place < len(eight)
    ]


def largest_luma_error(outputs: Mapping[Method, np.ndarray], inputs: np.ndarray) -> float:
    """The largest difference from the given luma of all outputs that keep it, intensity."""
    given = colour.luma(inputs)
    return max(float(np.abs(colour.luma(pictures) - given).max()) for method, pictures in outputs.items() if keeps_luma(method))


def strengths(rows: Iterable[Row], outputs: Mapping[Method, np.ndarray], targets: np.ndarray) -> list[dict[str, Any]]:
    """How strong colours are inside the face and around it, for a table with STRENGTHS.

    Args:
        rows: of the colourisation.
        outputs: method → float32 (n, H, W, 3).
        targets: float32 (n, H, W, 3), the true pictures.

    Returns:
        Of the true pictures, the best network and the best method without a network: "what", the mean chroma C* of CIELAB "face"
        and "around", and of the latter two the shares of the true pictures' chroma "face_share" and "around_share", %.
    """
    rows = list(rows)
    best = [best_row(rows, "delta_e00", network) for network in (True, False)]
    true, *others = (
        tuple(float(part.mean()) for part in metrics.chroma_by_place(pictures))
        for pictures in (targets, *(outputs[row.method] for row in best))
    )
    table: list[dict[str, Any]] = [{"what": "true pictures", "face": true[0], "around": true[1]}]
    for row, (face, around) in zip(best, others, strict=True):
        shares = {"face_share": 100 * face / max(true[0], 1e-9), "around_share": 100 * around / max(true[1], 1e-9)}
        table.append({"what": row.title, "face": face, "around": around, **shares})
    return table


def strengths_in_words(table: Sequence[Mapping[str, Any]]) -> str:
    """Where the best network's colours are weaker than the true ones.

    Args:
        table: from `strengths`.
    """
    network = table[1]
    face, around = network["face_share"], network["around_share"]
    text = (
        f'The colours of the network "{network["what"]}" have {face:.0f} % of the true chroma inside the face and {around:.0f} % '
        "around it"
    )
    if around >= min(face, 100):
        return f"{text}."
    return f"{text}, where clothes and backgrounds are: there brightness leaves more colours possible, and their average is duller."


@dataclass(frozen=True)
class Draws:
    """Many colourings of each face beside the single one.

    Args:
        rows: for a table with DRAWS.
        inside, around: spread of the draws, the standard deviation of a pixel's intensities, in the face box and around it.
    """

    rows: list[dict[str, Any]]
    inside: float
    around: float


def best_of_draws(
    several: Callable[[np.ndarray, int, int], np.ndarray],
    inputs: np.ndarray,
    single: np.ndarray,
    targets: np.ndarray,
    count: int,
    seed: int,
) -> Draws:
    """Measure many colourings, drawn for some pictures after others, so that they need not lie in memory at once.

    Args:
        several: takes grey pictures (m, H, W, 3), a number and a seed → so many colourings of each, (number, m, H, W, 3).
        inputs: float32 (n, H, W, 3), in grey.
        single: float32 (n, H, W, 3), the colouring of the code's mean.
        targets: float32 (n, H, W, 3), the true pictures.
        count: colourings of each.
        seed: of the draws for the first 128 pictures; each further 128 take the next seed.
    """
    some = [
        _measured(one, several(grey, count, seed + place), true)
        for place, (grey, one, true) in enumerate(chunks(inputs, single, targets, size=_DRAWN_AT_ONCE))
    ]
    numbers, spread = np.concatenate([numbers for numbers, _ in some], axis=-1), np.concatenate([spread for _, spread in some])
    rows = [
        {"what": what, "psnr": float(psnr), "error": float(error), "colour": float(vivid)}
        for what, (psnr, error, vivid) in zip(
            ("mean of the code (z = 0)", "one draw", f"best of {count} draws"), numbers.mean(-1), strict=True
        )
    ]
    inside, whole = spread.mean(0)
    return Draws(rows, float(inside), float((4 * whole - inside) / 3))


def _measured(single: np.ndarray, drawn: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """PSNR, ΔE00 and colourfulness of each picture's single colouring, first draw and best draw, (3, 3, n); the spread of its draws
    in the face box and in the whole picture, (n, 2)."""
    scores = np.stack([metrics.psnr(pictures, targets) for pictures in drawn])
    errors = np.stack([metrics.delta_e00(pictures, targets) for pictures in drawn])
    best = drawn[scores.argmax(0), np.arange(len(targets))]
    numbers = [
        (metrics.psnr(single, targets), metrics.delta_e00(single, targets), metrics.colourfulness(single)),
        (scores[0], errors[0], metrics.colourfulness(drawn[0])),
        (scores.max(0), errors.min(0), metrics.colourfulness(best)),
    ]
    spread, quarter = drawn.std(0).mean(-1), targets.shape[1] // 4
    inside = spread[:, quarter:-quarter, quarter:-quarter]
    return np.array(numbers), np.stack([inside.mean((1, 2)), spread.mean((1, 2))], axis=-1)

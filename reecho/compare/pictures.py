"""The same faces under both runs: one grid from what both kept of the eight people, else both runs' figures side by side."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from nbformat import NotebookNode

from reecho import metrics, plots
from reecho.compare.runs import FinishedRun
from reecho.report.executed import Piece, pieces

_MEASURES = {"dB": "PSNR in dB", "ΔE": "ΔE00, lower is better,"}
_UNITS = {
    "reconstruction": (metrics.psnr, "dB", 1),
    "denoising": (metrics.psnr, "dB", 1),
    "colourisation": (metrics.delta_e00, "ΔE", 1),
}
_DOTS = 96
_WORST = "Where it fails"  # the eight worst of a run are not the same people in both
GIVEN = ("target", "input")


def faces(a: FinishedRun, b: FinishedRun, task: str, same: bool) -> list[tuple[Piece, ...]]:
    """The eight held-out people of a task under both runs.

    Args:
        a, b: the runs.
        task: one of results.TASKS.
        same: whether the eight are the same people in both.

    Returns:
        Figures that stand beside each other, one or two. For each notebook of the task that both have: a grid of both runs'
        outputs (two grids where the people differ), or, where a run kept no outputs, the pictures that both show.
    """
    found = []
    for step in (step for step in a.steps(task) if step in b.parameters):
        kept = a.faces(step), b.faces(step)
        if None in kept or task not in _UNITS:
            found += figures(a, b, step, vector=False)
        elif same:
            found.append((_grid(_joined(*kept, task), f"`{step}`: eight held-out people under both runs", task),))
        else:
            caption = f"`{step}`: the eight held-out people of run {{}}"
            found.append(
                tuple(_grid(_rows(each, "", task), caption.format(letter), task) for each, letter in zip(kept, "AB", strict=True))
            )
    return found


def figures(a: FinishedRun, b: FinishedRun, step: str, vector: bool) -> list[tuple[Piece, ...]]:
    """Figures of one executed notebook that both runs have, but for the worst cases, which show other people in each.

    Args:
        a, b: the runs.
        step: the notebook's name.
        vector: curves, or else pictures.

    Returns:
        Pairs with the same caption but for its numbers, or, among those left, at the same place under the same heading; a figure
        that is the same in both stands alone. None where a run has no executed notebooks.
    """
    if step not in a.notebooks or step not in b.notebooks:
        return []
    mine, theirs = (_figures(run.notebooks[step], vector) for run in (a, b))
    pairs = []
    for key in (lambda place, piece: re.sub(r"\d[\d,.]*", "#", piece.caption), lambda place, piece: place[:2]):
        waiting = {key(*each): each for each in reversed(theirs)}
        for each in list(mine):
            partner = waiting.pop(key(*each), None)
            if partner is not None:
                mine.remove(each)
                theirs.remove(partner)
                pairs.append((each, partner))
    pairs.sort(key=lambda pair: pair[0][0][2])
    return [_beside(first, second) for (_, first), (_, second) in pairs]


def _figures(notebook: NotebookNode, vector: bool) -> list[tuple[tuple[str, int, int], Piece]]:
    """Each figure with (the heading that it stands under, its number there, its number in the notebook)."""
    found, heading, count = [], "", 0
    for cell in notebook.cells:
        titles = (
            [line.lstrip("# ") for line in cell.source.splitlines() if line.startswith("#")] if cell.cell_type == "markdown" else []
        )
        if titles:
            heading, count = titles[-1], 0
        for piece in pieces(cell) if heading != _WORST else ():
            if piece.kind == "figure" and piece.pictures != vector:
                found.append(((heading, count, len(found)), piece))
                count += 1
    return found


def _beside(first: Piece, second: Piece) -> tuple[Piece, ...]:
    """Two figures with their runs' letters; one where both are the same."""
    if first.data == second.data:
        return (replace(first, caption=f"**A and B, the same** {first.caption}"),)
    return tuple(
        replace(piece, text=f"Run {letter}: {piece.text}", caption=f"**{letter}** {piece.caption}")
        for letter, piece in zip("AB", (first, second), strict=True)
    )


Row = tuple[str, np.ndarray, np.ndarray | None]


def _rows(kept: dict[str, np.ndarray], ending: str, task: str) -> list[Row]:
    """The rows of one run: label, pictures, the measure of each."""
    measure = _UNITS[task][0]
    return [(name + ending, made, None if name in GIVEN else measure(made, kept["target"])) for name, made in kept.items()]


def _joined(a: dict[str, np.ndarray], b: dict[str, np.ndarray], task: str) -> list[Row]:
    """The rows of both runs, those of one method below each other; what is the same picture by picture stands once."""
    rows = ({label: row for row, label in zip(_rows(kept, "", task), kept, strict=True)} for kept in (a, b))
    mine, theirs = rows
    found: list[Row] = []
    for name in dict.fromkeys([*(name for name in GIVEN if name in mine or name in theirs), *mine, *theirs]):
        both = [each.get(name) for each in (mine, theirs)]
        if None not in both and both[0][1].shape == both[1][1].shape and np.array_equal(both[0][1], both[1][1]):
            found.append((name if name in GIVEN else f"{name}: A and B", *both[0][1:]))
        else:
            found += [(f"{name}: {letter}", *row[1:]) for row, letter in zip(both, "AB", strict=True) if row is not None]
    return found


def _grid(rows: list[Row], caption: str, task: str) -> Piece:
    _, unit, digits = _UNITS[task]
    figure = plots.scored_grid(rows, unit, digits)
    means = [f"{label} {values.mean():.{digits}f} {unit}" for label, _, values in rows if values is not None]
    width, height = (round(inches * _DOTS) for inches in figure.get_size_inches())
    alt = f"Grid of eight faces by method; means of the eight: {'; '.join(means)}."
    caption, drawn = f"{caption}; {_MEASURES[unit]} under each face.", plots.to_svg(figure).encode()
    return Piece("figure", alt, caption, drawn, "image/svg+xml", width, height)

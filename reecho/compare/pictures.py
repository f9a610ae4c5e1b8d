"""The same faces under both runs: one grid from what both kept of the eight people, else both runs' figures side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from nbformat import NotebookNode

from reecho import metrics, plots, results, tasks, titles
from reecho.compare.runs import FinishedRun
from reecho.methods import Method
from reecho.report.executed import Piece, pieces

_MEASURES = {  # the last measure of a task's rank → its function, unit, digits, words
    "psnr_db": (metrics.psnr, "dB", 1, "PSNR in dB"),
    "delta_e00": (metrics.delta_e00, "ΔE", 1, "ΔE00, lower is better,"),
}
_DOTS = 96
WORST = "worst-cases"  # the tag of a cell that shows the worst cases of a run, which are not the same people in both
GIVEN = (results.TARGET, results.INPUT)


def faces(a: FinishedRun, b: FinishedRun, task: str, same: bool) -> list[tuple[Piece, ...]]:
    """The eight held-out people of a task under both runs.

    Args:
        a, b: the runs.
        task: a key of TASKS.
        same: whether the eight are the same people in both.

    Returns:
        Figures that stand beside each other, one or two. For each notebook of the task that both have: a grid of both runs'
        outputs (two grids where the people differ), or, where a run kept no outputs, the pictures that both show.
    """
    grids: list[tuple[Piece, ...]] = []
    for step in (step for step in a.steps(task) if step in b.parameters):
        of_a, of_b = a.faces(step, task), b.faces(step, task)
        if of_a is None or of_b is None or not tasks.of(task).is_learnt:
            grids += figures(a, b, step, vector=False)
        elif same:
            grids.append((_grid(_joined(of_a, of_b, task), f"`{step}`: eight held-out people under both runs", task),))
        else:
            caption = f"`{step}`: the eight held-out people of run {{}}"
            grids.append(
                tuple(_grid(_rows(faces, "", task), caption.format(letter), task) for faces, letter in ((of_a, "A"), (of_b, "B")))
            )
    return grids


def figures(a: FinishedRun, b: FinishedRun, step: str, vector: bool) -> list[tuple[Piece, ...]]:
    """Figures of one executed notebook that both runs have, but for the worst cases, which show other people in each.

    Args:
        a, b: the runs.
        step: the notebook's name.
        vector: curves, or else pictures.

    Returns:
        Pairs of figures that the same cell drew; a figure that is the same in both stands alone. None where a run has no executed
        notebooks.
    """
    if step not in a.notebooks or step not in b.notebooks:
        return []
    first, second = (_figures(run.notebooks[step], vector) for run in (a, b))
    return [_beside(piece, second[key]) for key, piece in first.items() if key in second]


def _figures(notebook: NotebookNode, vector: bool) -> dict[tuple[str, int], Piece]:
    """The figures of a notebook by (id of the cell that drew it, number in that cell), in order, but for the worst cases."""
    figures: dict[tuple[str, int], Piece] = {}
    for cell in notebook.cells:
        drawn = [piece for piece in pieces(cell) if piece.kind == "figure"]
        if WORST not in cell.metadata.get("tags", ()):
            figures |= {(cell.id, place): piece for place, piece in enumerate(drawn) if piece.pictures != vector}
    return figures


def _beside(first: Piece, second: Piece) -> tuple[Piece, ...]:
    """Two figures with their runs' letters; one where both are the same."""
    if first.data == second.data:
        return (replace(first, caption=f"**A and B, the same** {first.caption}"),)
    return tuple(
        replace(piece, text=f"Run {letter}: {piece.text}", caption=f"**{letter}** {piece.caption}")
        for letter, piece in zip("AB", (first, second), strict=True)
    )


GridRow = tuple[str, np.ndarray, np.ndarray | None]


def _measure(task: str) -> tuple:
    return _MEASURES[tasks.of(task).rank[-1]]


def _label(key: Method | str) -> str:
    return titles.of(key) if isinstance(key, Method) else key


def _rows(stored: Mapping[Method | str, np.ndarray], ending: str, task: str) -> list[GridRow]:
    """The rows of one run: label, pictures, the measure of each."""
    measure, target = _measure(task)[0], stored[results.TARGET]
    return [(_label(key) + ending, faces, None if key in GIVEN else measure(faces, target)) for key, faces in stored.items()]


def _joined(a: Mapping[Method | str, np.ndarray], b: Mapping[Method | str, np.ndarray], task: str) -> list[GridRow]:
    """The rows of both runs, those of one method below each other; what is the same picture by picture stands once."""
    rows_a, rows_b = (dict(zip(stored, _rows(stored, "", task), strict=True)) for stored in (a, b))
    given = [key for key in GIVEN if key in rows_a or key in rows_b]
    joined: list[GridRow] = []
    for key in dict.fromkeys([*given, *rows_a, *rows_b]):
        first, second = rows_a.get(key), rows_b.get(key)
        if first and second and first[1].shape == second[1].shape and np.array_equal(first[1], second[1]):
            joined.append((first[0] if key in GIVEN else f"{first[0]}: A and B", *first[1:]))
        else:
            joined += [(f"{row[0]}: {letter}", *row[1:]) for row, letter in ((first, "A"), (second, "B")) if row is not None]
    return joined


def _grid(rows: list[GridRow], caption: str, task: str) -> Piece:
    _, unit, digits, words = _measure(task)
    figure = plots.scored_grid(rows, unit, digits)
    means = [f"{label} {values.mean():.{digits}f} {unit}" for label, _, values in rows if values is not None]
    width, height = (round(inches * _DOTS) for inches in figure.get_size_inches())
    alt = f"Grid of eight faces by method; means of the eight: {'; '.join(means)}."
    caption, drawing = f"{caption}; {words} under each face.", plots.to_svg(figure).encode()
    return Piece("figure", alt, caption, drawing, "image/svg+xml", width, height)

"""What stands where on a page: the answer first, then the text, at the end how it was made; runs of one notebook side by side."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from reecho.report.executed import Piece


@dataclass(frozen=True)
class Opening:
    """What a page opens with.

    Args:
        question, sentences: Markdown, from the notebook's `report.answer`.
        picture: the figure that the answer names, or None.
        sides: two names → URLs of rows of faces, before and after; empty where the notebook gives none.
    """

    question: str
    sentences: str
    picture: Piece | None = None
    sides: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Placed:
    """A piece on a page.

    Args:
        piece: what is shown.
        number: of a figure or table, from 1; 0 where it has none.
        anchor: of a figure or table that has a number.
        run: the place of the run that it belongs to, None where it is the same in all runs.
    """

    piece: Piece
    number: int = 0
    anchor: str = ""
    run: int | None = None


@dataclass(frozen=True)
class Page:
    """The parts of a page in the order in which they are read; `openings` has one a run, None where a run has no answer."""

    head: list[Placed]
    openings: list[Opening | None]
    body: list[Placed]
    behind: list[Placed]

    @property
    def placed(self) -> list[Placed]:
        """All pieces but those of the openings."""
        return [*self.head, *self.body, *self.behind]


def opening_of(pieces: Iterable[Piece]) -> Opening | None:
    """The answer of a notebook with its figure; None where it has none, and of several the last."""
    pieces = list(pieces)
    answers = [piece.answer for piece in pieces if piece.answer]
    if not answers:
        return None
    about = answers[-1]
    picture = next((piece for piece in pieces if piece.kind == "figure" and piece.name and piece.name == about["figure"]), None)
    return Opening(about["question"], about["sentences"], picture, about["sides"])


def arrange(runs: Sequence[Sequence[Piece]], labels: Sequence[str] = ()) -> Page:
    """The pieces of one or several runs of a notebook as a page.

    Cells are laid beside each other by their ids. What all runs show alike stands there once.

    Args:
        runs: the pieces of each run, in the order of its cells.
        labels: of the runs, for anchors; needed where there are several.
    """
    openings = [opening_of(run) for run in runs]
    parts = [_parts(run, opening) for run, opening in zip(runs, openings, strict=True)]
    head, body, behind = (_beside([run[part] for run in parts], labels) for part in range(3))
    return Page(head, openings, body, behind)


_Cells = dict[str, list[Placed]]


def _parts(pieces: Sequence[Piece], opening: Opening | None) -> tuple[_Cells, _Cells, _Cells]:
    """Title, body and end of one run: cell → its pieces, figures and tables numbered as they are read."""
    rest = [piece for piece in pieces if piece.kind != "answer" and not (opening and piece is opening.picture)]
    head = rest[:1] if rest and rest[0].kind == "text" else []
    body = [piece for piece in rest[len(head) :] if not piece.behind]
    behind = [piece for piece in rest[len(head) :] if piece.behind]
    count = {"figure": itertools.count(1), "table": itertools.count(1)}
    return _numbered(head, count), _numbered(body, count), _numbered(behind, count)


def _numbered(pieces: Sequence[Piece], count: dict[str, Any]) -> _Cells:
    cells: _Cells = {}
    for piece in pieces:
        cell = "injected-parameters" if "injected-parameters" in piece.tags else piece.cell
        placed = cells.setdefault(cell, [])
        if piece.kind not in count or not piece.caption:
            placed.append(Placed(piece))
            continue
        before = sum(other.piece.kind == piece.kind and bool(other.anchor) for other in placed)
        anchor = piece.name or f"{piece.kind}-{cell}" + (f"-{before + 1}" if before else "")
        placed.append(Placed(piece, next(count[piece.kind]), anchor))
    return cells


def _beside(runs: Sequence[_Cells], labels: Sequence[str]) -> list[Placed]:
    """The cells of all runs in one order."""
    if len(runs) == 1:
        return _sentences_first([placed for cell in runs[0].values() for placed in cell])
    order: list[str] = []
    for run in runs:
        at = 0
        for cell in run:
            if cell in order:
                at = order.index(cell) + 1
            else:
                order.insert(at, cell)
                at += 1
    shown: list[Placed] = []
    for cell in order:
        held = [run.get(cell, []) for run in runs]
        same = len(list(itertools.takewhile(_alike, zip(*held, strict=False))))  # the code, and all where nothing differs
        shown += held[0][:same]
        for number, rest in enumerate(held):
            suffix = "-" + "-".join(labels[number].lower().split()) if number else ""
            for placed in rest[same:]:
                anchor = placed.anchor and placed.anchor + suffix
                shown.append(Placed(placed.piece, placed.number, anchor, number))
    return _sentences_first(shown)


def _alike(pieces: Sequence[Placed]) -> bool:
    return all(placed == pieces[0] for placed in pieces)


def _sentences_first(shown: Sequence[Placed]) -> list[Placed]:
    """The pieces with code behind the sentences that it wrote, so that a heading is followed by a sentence and not by code."""
    ordered: list[Placed] = []
    codes: list[Placed] = []  # of cells without outputs, and of the last cell
    for placed in shown:
        piece = placed.piece
        if piece.joins:
            codes.append(placed)
        elif piece.kind == "text" and codes and piece.cell and piece.cell == codes[-1].piece.cell:
            ordered.append(placed)
        else:
            ordered += [*codes, placed]
            codes = []
    return ordered + codes

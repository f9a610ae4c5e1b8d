"""Executed notebooks as the chapters of a book: nothing is printed twice, settings and provenance are gathered in an appendix."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reecho.report.executed import Piece, pieces, read
from reecho.report.widths import cells

APPENDIX = "appendix"  # the anchor of the book's last part
_SETTINGS, _PROVENANCE = ("name", "value", "unit", "meaning"), ("what", "value")  # the headings by which these tables are known
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *#* *$")
_PROGRESS = re.compile(r"^.*\bepoch +\d+ of \d+: ", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")


@dataclass(frozen=True)
class Chapter:
    """A notebook's place in the book.

    Args:
        number: from 1.
        title: Markdown, unlike that of every other chapter where the caller gave titles.
        stem: the notebook's file name without suffix.
        opening: its first heading as it stands; notebooks that share it are runs of one source.
        pieces: without code; a text piece is a heading alone, or holds none.
        known: texts of the chapter's settings by name, as its table shows them.
    """

    number: int
    title: str
    stem: str
    opening: str
    pieces: tuple[Piece, ...]
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def anchor(self) -> str:
        return f"chapter-{self.number}"


def chapters(ipynbs: Sequence[Path | str], titles: Sequence[str] = ()) -> list[Chapter]:
    """Read the notebooks.

    Args:
        ipynbs: executed notebooks, a chapter each.
        titles: a title for each, Markdown; taken where several notebooks have the same first heading.

    Raises:
        ReechoError: a notebook is not there, or is none.
    """
    found = []
    for number, path in enumerate(map(Path, ipynbs), 1):
        held = [part for cell in read(path).cells for piece in pieces(cell) for part in _parted(piece)]
        openings = [each for each in map(heading, held) if each and each[0] == 1]
        opening = openings[0][1] if openings else path.stem
        held = held if openings else [Piece("text", f"# {opening}"), *held]
        tables = (rows_of(piece, _SETTINGS) for piece in held)
        known = {row[0]: row[1] for rows in tables for row in rows or ()}
        found.append(Chapter(number, opening, path.stem, opening, tuple(held), known))
    shared = {opening for opening in (each.opening for each in found) if sum(each.opening == opening for each in found) > 1}
    return [replace(each, title=titles[each.number - 1]) if titles and each.opening in shared else each for each in found]


def heading(piece: Piece) -> tuple[int, str] | None:
    """(level, text) of a piece that is a heading, else None."""
    found = _HEADING.match(piece.text) if piece.kind == "text" and "\n" not in piece.text else None
    return (len(found[1]), found[2]) if found else None


def without_repeats(given: Sequence[Chapter]) -> list[Chapter]:
    """Leave out of later runs of a source what an earlier one of them holds word for word, and say so below their titles.

    Titles, what stands directly below them, and warnings are kept; a heading below which nothing is left goes with it.
    """
    first: dict[str, Chapter] = {}
    printed: dict[str, set[tuple]] = {}
    done = []
    for chapter in given:
        seen = printed.setdefault(chapter.opening, set())
        start = first.setdefault(chapter.opening, chapter)
        begun = next((i for i, piece in enumerate(chapter.pieces) if (heading(piece) or (1,))[0] > 1), len(chapter.pieces))
        kept = list(chapter.pieces[:begun])
        kept += [piece for piece in chapter.pieces[begun:] if heading(piece) or piece.kind == "banner" or _said(piece) not in seen]
        seen |= {_said(piece) for piece in chapter.pieces if not heading(piece)}
        if len(kept) < len(chapter.pieces):
            kept, empty = _without_empty_sections(kept, chapter.pieces)
            kept = [part for place in range(len(kept)) for part in _introduced(kept, place, chapter, start)]
            kept.insert(begun, Piece("text", _referring(start, chapter, empty)))
        done.append(replace(chapter, pieces=tuple(kept)))
    return done


def gathered(given: Sequence[Chapter]) -> tuple[list[Chapter], list[Piece]]:
    """Take the tables of settings and of provenance out of the chapters.

    Returns:
        (the chapters, in place of each table a sentence with what is the chapter's own; the appendix with what all of them
        say, each row once). A book of one chapter is left as it is, and has no appendix.
    """
    if len(given) < 2:
        return list(given), []
    settings: list[tuple[int, tuple[str, ...]]] = []
    provenance: list[tuple[int, tuple[str, ...]]] = []
    done = []
    for chapter in given:
        held = []
        for piece in chapter.pieces:
            if rows := rows_of(piece, _SETTINGS):
                settings += [(chapter.number, row) for row in rows]
                held.append(Piece("text", _changed(rows)))
            elif rows := rows_of(piece, _PROVENANCE):
                provenance += [(chapter.number, row) for row in rows]
                held.append(Piece("text", _networks(rows)))
            else:
                held.append(piece)
        done.append(replace(chapter, pieces=tuple(held)))
    if not settings and not provenance:
        return done, []
    appendix = [Piece("text", f"# What the chapters were made with {{#{APPENDIX}}}")]
    if settings:
        caption = "Every setting of every chapter; what was changed from its default is bold."
        appendix += [Piece("text", "## Settings"), _merged(settings, (*_SETTINGS, "chapter"), caption)]
    if provenance:
        caption = "Faces, seed, code, machine, and the networks with the time that each trained."
        appendix += [Piece("text", "## Provenance"), _merged(provenance, (*_PROVENANCE, "chapter"), caption)]
    return done, appendix


def rows_of(piece: Piece, headings: Sequence[str]) -> list[tuple[str, ...]] | None:
    """The rows of a pipe table with just these headings, each a tuple of Markdown texts; None of any other piece."""
    lines = piece.text.strip().splitlines() if piece.kind == "table" else []
    if len(lines) < 3 or cells(lines[0]) != tuple(headings):
        return None
    return [cells(line) for line in lines[2:]]


def _parted(piece: Piece) -> list[Piece]:
    """A text with headings as pieces of their own; nothing of code that is not to be shown, nor of a training's progress."""
    if piece.kind == "code":
        return [piece] if "show" in piece.tags else []
    if piece.kind == "printed" and _PROGRESS.search(piece.text):  # a table of the history says the same
        return []
    if piece.kind != "text":
        return [piece]
    parts: list[list[str]] = [[]]
    fence = ""
    for line in piece.text.splitlines():
        mark = _FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not line.strip(" `~"):
            fence = ""
        parts[-1:] = [parts[-1], [line], []] if not fence and _HEADING.match(line) else [[*parts[-1], line]]
    texts = ("\n".join(lines).strip("\n") for lines in parts)
    return [replace(piece, text=text) for text in texts if text.strip()]


def _said(piece: Piece) -> tuple:
    return piece.kind, " ".join(piece.text.split()), piece.caption, piece.data


def _without_empty_sections(kept: list[Piece], whole: Sequence[Piece]) -> tuple[list[Piece], list[str]]:
    """The pieces without headings that have lost what stood below them; and these headings' texts."""
    own = _empty(whole)  # headings that never had anything below them stay
    lost = {place for place in _empty(kept) if kept[place] not in [whole[each] for each in own]}
    return [piece for place, piece in enumerate(kept) if place not in lost], [heading(kept[place])[1] for place in sorted(lost)]


def _introduced(kept: Sequence[Piece], place: int, chapter: Chapter, start: Chapter) -> list[Piece]:
    """A piece; behind a heading whose text is left out, so that a figure comes next, a sentence that says where it is."""
    piece, follower = kept[place], kept[place + 1] if place + 1 < len(kept) else None
    shows = follower is not None and follower.kind in ("figure", "table")
    if not (shows and heading(piece)) or chapter.pieces[chapter.pieces.index(piece) + 1] is follower:
        return [piece]
    if rows_of(follower, _SETTINGS) or rows_of(follower, _PROVENANCE):  # a sentence will take its place
        return [piece]
    return [piece, Piece("text", f"To be read as in [chapter {start.number}](#{start.anchor}).")]


def _empty(held: Sequence[Piece]) -> set[int]:
    """Places of headings below level 1 with nothing between them and the next heading that is not deeper."""
    levels = [(heading(piece) or (None,))[0] for piece in held]
    found = set()
    for place, level in enumerate(levels):
        if level and level > 1:
            ends = (later for later in range(place + 1, len(levels)) if levels[later] and levels[later] <= level)
            below = levels[place + 1 : next(ends, len(levels))]
            found |= {place} if all(below) else set()
    return found


def _referring(start: Chapter, chapter: Chapter, empty: Sequence[str]) -> str:
    """The sentence that stands for what is left out."""
    differing = [f"{name} {text}" for name, text in chapter.known.items() if start.known.get(name, text) != text]
    told = f", with {_listed(differing)}" if differing else ""
    sections = f" ({', '.join(empty)})" if empty else ""
    return (
        f"This is the notebook of [chapter {start.number}](#{start.anchor}) again{told}. What it says word for word as there"
        f"{sections} is not printed twice."
    )


def _changed(rows: Iterable[tuple[str, ...]]) -> str:
    own = [f"{name} {value}" for name, value, *_ in rows if value.startswith("**")]
    told = f"Set for this run: {_listed(own)}. " if own else "No setting was changed. "
    return f"{told}All settings with their units and meanings: [appendix A](#{APPENDIX})."


def _networks(rows: Iterable[tuple[str, ...]]) -> str:
    trained = [value for what, value, *_ in rows if what.startswith("network")]
    told = f"Networks of this chapter: {'; '.join(trained)}. " if trained else ""
    return f"{told}Faces, commit, versions and machine: [appendix A](#{APPENDIX})."


def _listed(texts: Sequence[str]) -> str:
    """Texts as a list in a sentence.

    Example:
        >>> _listed(["a", "b", "c"]), _listed(["a"])
        ('a, b and c', 'a')
    """
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def _merged(told: Sequence[tuple[int, tuple[str, ...]]], headings: Sequence[str], caption: str) -> Piece:
    """Rows of many chapters as one table: each once, those of one name together, behind them the chapters that have them."""
    numbers: dict[tuple[str, ...], list[int]] = {}
    for number, row in told:
        numbers.setdefault(row, []).append(number)
    names = list(dict.fromkeys(row[0] for row in numbers))
    ordered = sorted(numbers, key=lambda row: names.index(row[0]))  # sorted keeps the order within a name
    everywhere = len({number for number, _ in told})
    lines = [
        "| " + " | ".join([*row, "all" if len(set(numbers[row])) == everywhere else _spans(numbers[row])]) + " |" for row in ordered
    ]
    return Piece("table", "\n".join(["| " + " | ".join(headings) + " |", "|" + ":--|" * len(headings), *lines]), caption)


def _spans(numbers: Iterable[int]) -> str:
    """Chapter numbers in few letters.

    Example:
        >>> _spans([2, 3, 4, 7])
        '2–4, 7'
    """
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)

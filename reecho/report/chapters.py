"""Executed notebooks as the chapters of a book: nothing is printed twice, settings and provenance are gathered in an appendix."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandocfilters

from reecho import glossary
from reecho.report import markdown
from reecho.report.assembly import arrange
from reecho.report.charts import for_print, with_pictures
from reecho.report.executed import Piece, pieces, read, title
from reecho.report.fixed import INTERVALS
from reecho.report.markdown import Block

APPENDIX = "appendix"  # the anchor of the book's last part
_GATHERED = {  # what a table that every notebook has is about → its heading and its caption in the appendix
    "settings": ("Settings", "Every setting of every chapter; what was changed from its default is bold."),
    "provenance": ("Provenance", "Faces, seed, code, machine, and the networks with the time that each trained."),
}
_WIDTHS = (0.17, 0.21, 0.13, 0.37, 0.12)  # of the columns of the settings in the appendix: name, value, unit, meaning, chapter
_NETWORK = "network, trained in"  # the name of a network's row
_OWN = re.compile(r".*\*\*|\| network,")  # rows of such a table that say what is the chapter's own
_SILENT = re.compile(r"<(style|script)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)  # HTML that shows nothing
_SUFFIX = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}


@dataclass(frozen=True)
class Chapter:
    """A part of the book.

    Args:
        anchor: of its title.
        stem: the notebook's file name without suffix.
        source: the notebook's first heading; notebooks that share it are runs of one source.
        blocks: of pandoc's tree, its title first. Figures are Divs of the class "figure" around their caption, tables Divs of the
            class "table" around theirs; printed lines and warnings are code of these classes.
        files: names and contents of its figures.
        pieces: what it was made of.
    """

    anchor: str
    stem: str
    source: str
    blocks: Sequence[Block]
    files: dict[str, bytes]
    pieces: Sequence[Piece] = ()


def chapters(ipynbs: Sequence[Path | str], titles: Sequence[str] = ()) -> list[Chapter]:
    """Read notebooks without their code and the progress of trainings; of several runs of a source the later ones say what is new.

    Args:
        ipynbs: executed notebooks, a chapter each.
        titles: a title for each, plain text; taken where several notebooks have the same first heading.

    Raises:
        ReechoError: a notebook is not there, or is none.
    """
    held = [_chapter(number, Path(path)) for number, path in enumerate(ipynbs, 1)]
    chosen = []
    for number, chapter in enumerate(held):
        before = [earlier for earlier in held[:number] if earlier.source == chapter.source]
        if titles and sum(run.source == chapter.source for run in held) > 1:
            chapter.blocks[0]["c"][2] = [pandocfilters.Str(titles[number])]
        chosen.append(_without_repeats(chapter, before) if before else chapter)
    return chosen


def appendix(given: Sequence[Chapter]) -> Chapter:
    """The tables of settings and of provenance of all chapters, each row once, with the numbers of the chapters that have it."""
    held = [Piece("text", "# What the chapters were made with")]
    for about, (heading, caption) in _GATHERED.items():
        rows: dict[str, set[int]] = {}
        for number, chapter in enumerate(given, 1):
            for piece in (piece for piece in chapter.pieces if piece.about == about):
                head, rule, *lines = piece.text.strip().splitlines()
                for line in map(_with_own_name, lines):
                    rows.setdefault(line, set()).add(number)
        if rows:
            every = set().union(*rows.values())
            names = list(dict.fromkeys(map(_sort_of, rows)))
            ordered = sorted(rows, key=lambda line: names.index(_sort_of(line)))  # those of one name together, in their order
            table = [f"{head} chapter |", f"{rule}:--|"]
            table += [f"{line} {'all' if rows[line] == every else _spans(rows[line])} |" for line in ordered]
            held += [Piece("text", f"## {heading}"), Piece("table", "\n".join(table), caption)]
    held += [Piece("text", INTERVALS), Piece("text", f"## Glossary\n\n{glossary.markdown()}")]
    blocks, files = _blocks(held, APPENDIX)
    return Chapter(APPENDIX, "", "", markdown.change(blocks, _with_widths), files)


def _with_widths(kind: str, content: Any, *_: Any) -> Block | None:
    """The table of settings with the most room for what they mean; by themselves its columns would share the width."""
    if kind != "Table" or len(content[2]) != len(_WIDTHS):
        return None
    columns = [[align, {"t": "ColWidth", "c": width}] for (align, _), width in zip(content[2], _WIDTHS, strict=True)]
    return {"t": "Table", "c": [*content[:2], columns, *content[3:]]}


def _chapter(number: int, path: Path) -> Chapter:
    notebook = read(path)
    source = title(notebook, path.stem)
    held = _in_order([piece for cell in notebook.cells for piece in pieces(cell)])
    blocks, files = _blocks([piece for piece in held if _is_printed(piece)], f"chapter-{number}", source)
    return Chapter(f"chapter-{number}", path.stem, source, blocks, files, held)


def _in_order(held: Sequence[Piece]) -> list[Piece]:
    """The pieces as they are read: the answer with its picture behind the title, at the end how it was made."""
    page = arrange([held])
    (opening,) = page.openings
    answer = [Piece("text", f"*{opening.question}*\n\n{opening.sentences}")] if opening else []
    picture = [opening.picture] if opening and opening.picture else []
    head, body, behind = ([placed.piece for placed in part] for part in (page.head, page.body, page.behind))
    end = [Piece("text", "## How this was made"), *map(_lower, behind)] if any(map(_is_printed, behind)) else behind
    return [*head, *answer, *picture, *body, *end]


def _lower(piece: Piece) -> Piece:
    """A piece of text whose headings stand one level lower, below "How this was made"."""
    return replace(piece, text=re.sub(r"^## ", "### ", piece.text, flags=re.MULTILINE)) if piece.kind == "text" else piece


def _is_printed(piece: Piece) -> bool:
    if piece.kind == "printed":  # a table of a training's history says what its progress says
        return not piece.progress
    return piece.kind != "code" or "show" in piece.tags


def _blocks(held: Sequence[Piece], anchor: str, otherwise: str = "") -> tuple[list[Block], dict[str, bytes]]:
    """The blocks and files of a chapter's pieces; `otherwise` is its title where it begins with none."""
    texts = [text for piece in held for text in _texts(piece)]
    parts, files = markdown.read(texts), {}
    blocks: list[Block] = []
    for piece, body, caption in zip(held, parts[::2], parts[1::2], strict=True):
        if piece.media in _SUFFIX:
            content = with_pictures(piece.data, for_print) if piece.media == "image/svg+xml" else piece.data
            name = f"{hashlib.sha256(content).hexdigest()[:16]}.{_SUFFIX[piece.media]}"
            files[name] = content
            about = [["file", name], ["alt", " ".join(piece.text.split())], ["width", str(piece.width or 0)]]
            blocks.append(pandocfilters.Div(["", ["figure"], about], caption))
        elif piece.kind == "table" and piece.caption and not piece.about:
            blocks.append(pandocfilters.Div(["", ["table"], []], [*caption, *body]))
        elif piece.kind == "html":
            if words := _of_html(piece):
                blocks.append(pandocfilters.CodeBlock(["", ["printed"], []], words))
        elif piece.kind in ("printed", "error", "code", "banner"):
            blocks.append(pandocfilters.CodeBlock(["", [piece.kind], []], piece.text))
        else:
            blocks += body
    if not blocks or _level(blocks[0]) != 1:
        blocks.insert(0, pandocfilters.Header(1, ["", [], []], [pandocfilters.Str(otherwise)]))
    blocks[0]["c"][1][0] = anchor
    return blocks, files


def _of_html(piece: Piece) -> str:
    """What the book prints in the place of HTML: its words, or a sentence where it has none; "" where it shows nothing."""
    if not _SILENT.sub("", piece.text).strip():
        return ""
    return (
        piece.plain or markdown.plain_of_html(piece.text) or "What the notebook shows here without words stands on its page alone."
    )


def _texts(piece: Piece) -> tuple[str, str]:
    """The Markdown of a piece and of its caption; for a table that the appendix gathers a sentence with the chapter's own rows."""
    if not piece.about:
        return piece.text if piece.kind in ("text", "table") else "", piece.caption
    rows = [_cells(_with_own_name(row)) for row in piece.text.strip().splitlines()[2:] if _OWN.match(row)]
    own = "".join(f" {cells[0]}: {cells[1]}." for cells in rows)
    return f"{piece.caption}{own} The whole table is in [appendix A](#{APPENDIX}).", ""


def _cells(row: str) -> list[str]:
    """The texts of a row of a pipe table."""
    return [text.strip() for text in re.split(r"(?<!\\)\|", row)[1:-1]]


def _with_own_name(row: str) -> str:
    """A row of a table of provenance; one of a network has the network's name first, since there are many of them.

    Example:
        >>> _with_own_name("| network, trained in | `denoising-1`, 3 epochs, 2 min |")
        '| network `denoising-1` | trained in 3 epochs, 2 min |'
    """
    name, *costs = _cells(row)[1].split(", ")
    trained = f"trained in {', '.join(costs)}" if costs else "–"
    return f"| network {name} | {trained} |" if _cells(row)[0] == _NETWORK else row


def _sort_of(row: str) -> str:
    """What a row of such a table is about: its name, of a network that it is one."""
    name = _cells(row)[0]
    return "network" if name.startswith("network `") else name


def _spans(numbers: Collection[int]) -> str:
    """Numbers in few letters: "1–3, 7"; a long list would take a table's width from its texts."""
    ordered = sorted(numbers)
    firsts = [number for number in ordered if number - 1 not in numbers]
    lasts = [number for number in ordered if number + 1 not in numbers]
    return ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in zip(firsts, lasts, strict=True))


def _level(block: Block) -> int:
    """The level of a heading, 0 of any other block."""
    return block["c"][0] if block["t"] == "Header" else 0


def _without_repeats(chapter: Chapter, before: Sequence[Chapter]) -> Chapter:
    """A later run without the blocks that an earlier one has word for word, and without headings below which nothing is left."""
    printed = {json.dumps(block) for earlier in before for block in earlier.blocks if not _level(block)}
    begun = next((place for place, block in enumerate(chapter.blocks) if _level(block) > 1), len(chapter.blocks))
    remaining: list[Block] = []
    wanted: list[bool] = []
    in_words = False  # whether the block before is printed and no heading: what goes on with its sentence is printed, too
    for block in chapter.blocks[begun:]:
        wanted.append(json.dumps(block) not in printed or _is_banner(block) or (in_words and _goes_on(block)))
        in_words = wanted[-1] and not _level(block)
    for block, is_wanted in zip(reversed(chapter.blocks[begun:]), reversed(wanted), strict=True):
        lowest = _level(remaining[-1]) if remaining else 1  # of the headings that end a section
        has_content = not lowest or _level(block) < lowest
        if has_content if _level(block) else is_wanted:
            remaining.append(block)
    note = (
        f"This is the notebook of [the chapter “{before[0].source}”](#{before[0].anchor}) run again with other settings. What it "
        "says in the same words is not printed twice."
    )
    return replace(chapter, blocks=[*chapter.blocks[:begun], *markdown.read([note])[0], *reversed(remaining)])


def is_formula(block: Block) -> bool:
    """Whether a block is a formula in a line of its own."""
    return block["t"] == "Para" and len(block["c"]) == 1 and block["c"][0]["t"] == "Math"


def _goes_on(block: Block) -> bool:
    """Whether a block is within the sentence of the one before: a formula, or words that begin with a small letter."""
    return is_formula(block) or (block["t"] == "Para" and block["c"][0]["t"] == "Str" and block["c"][0]["c"][0].islower())


def _is_banner(block: Block) -> bool:
    return block["t"] == "CodeBlock" and "banner" in block["c"][0][1]

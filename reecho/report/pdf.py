"""Executed notebooks as one book: pandoc reads their Markdown, typst sets it; no LaTeX, no browser, no network."""

from __future__ import annotations

import datetime
import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandocfilters
import typst

from reecho import palette
from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.report import markdown
from reecho.report.chapters import APPENDIX, Chapter, appendix, chapters, is_formula
from reecho.report.glyphs import FONTS, with_stand_ins
from reecho.report.head import template
from reecho.report.markdown import Block
from reecho.report.title_page import NOTE, Cover

_TEMPLATE = "book.typ"
_TIMESTAMP = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # never shown; the same run gives the same bytes
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SIZES = re.compile(r"\\!|\\[bB]igg?[lrm]?(?=[\[\]()|/.\\])")  # pandoc makes spaces and brackets of these that overlap
_CIRCLED = re.compile(r"\b(dot|times|plus|minus|div|ast)\.circle\b")  # ⊙, ⊗ …: pandoc 3.9 writes names that typst 0.15 has dropped
_INTERVAL = re.compile("(.*)\u00a0(\\[[^\\]]*\\])")  # behind a value, as `tables` writes it


def render(
    ipynbs: Sequence[Path | str], out_pdf: Path | str, title: str | Cover, subtitle: str = "", titles: Sequence[str] = ()
) -> str:
    """Write executed notebooks as one PDF with title page, contents and running heads, tagged for screen readers (PDF/UA-1).

    Args:
        ipynbs: the executed notebooks, a chapter each.
        out_pdf: the file to write.
        title, subtitle: for the title page, or all that it says as one `Cover`.
        titles: of the chapters, plain text; taken for notebooks that share a first heading.

    Returns:
        A sentence where the book is not one that screen readers can read, because a notebook's own text does not allow it; or "".

    Raises:
        ReechoError: a notebook is not there, typst cannot set what one says, or the disk is full.
    """
    cover = title if isinstance(title, Cover) else Cover(title, subtitle)
    with tempfile.TemporaryDirectory(prefix="reecho-") as name:
        content, sentence = _compiled(write_typst(ipynbs, Path(name), cover, titles))
    with written_aside(out_pdf) as aside:
        aside.write_bytes(content)
    return sentence


def write_typst(ipynbs: Sequence[Path | str], folder: Path, cover: Cover, titles: Sequence[str] = ()) -> Path:
    """Write into an empty folder all that typst needs; the file to compile."""
    given = chapters(ipynbs, titles)
    banners = [piece.text for chapter in given for piece in chapter.pieces if piece.kind == "banner"]
    texts = [to_typst(chapter, given) for chapter in given]
    if any(piece.about for chapter in given for piece in chapter.pieces):
        texts += ["#show: appendix", to_typst(appendix(given), given)]
    facts = markdown.typst(markdown.change(markdown.read([cover.markdown()])[0], _bare))
    facts = f"[\n{facts}\n]" if facts.strip() else "none"
    for name, content in [item for chapter in given for item in chapter.files.items()]:
        (folder / name).write_bytes(content)
    picture = "none"
    if cover.picture:
        (folder / "cover.png").write_bytes(cover.picture[0].read_bytes())
        picture = f'image("cover.png", alt: {quoted(cover.picture[1])}, width: 100%)'
    (folder / "palette.json").write_text(json.dumps(dict(palette.LIGHT)), encoding="utf-8")
    (folder / _TEMPLATE).write_text(template(_TEMPLATE), encoding="utf-8")
    text, lacking = with_stand_ins("\n\n".join([f"  picture: {picture},\n  facts: {facts},\n)", *texts]))
    note = f"{NOTE} {lacking}".strip()
    words = {"title": cover.title, "subtitle": cover.subtitle, "note": note, "warn": banners[0] if banners else ""}
    named = "".join(f"  {name}: {quoted(text)},\n" for name, text in words.items())
    main = folder / "main.typ"
    main.write_text(f'#import "{_TEMPLATE}": *\n#show: book.with(\n{named}{text}', encoding="utf-8")
    return main


def to_typst(chapter: Chapter, given: Sequence[Chapter]) -> str:
    """A chapter as typst.

    Args:
        chapter: with blocks of Markdown or of the kinds that `Chapter` names.
        given: all chapters of the book; links between notebooks and words such as "notebook 03" lead to them, of several runs of
            a source to the first; a link to one that is not in the book becomes text in book.typ.
    """
    anchors = {*(part.anchor for part in given), APPENDIX}

    def target(stem: str, anchor: str) -> str:
        return next((f"#{part.anchor}" for part in given if part.stem.startswith(stem)), f"#{stem}")

    def titled(number: str) -> tuple[str, str, str] | None:
        chapter_number = next((place for place, part in enumerate(given, 1) if part.stem.startswith(f"{number}_")), None)
        return ("", f"chapter {chapter_number}", f"#{given[chapter_number - 1].anchor}") if chapter_number else None

    def own_anchors(kind: str, content: Any, *_: Any) -> Block | None:
        if kind == "Header" and content[1][0] not in anchors:
            return pandocfilters.Header(content[0], [f"{chapter.anchor}-{content[1][0]}", *content[1][1:]], content[2])
        if kind == "Link" and content[2][0].startswith("#") and content[2][0][1:] not in anchors:
            return pandocfilters.Link(content[0], content[1], [f"#{chapter.anchor}-{content[2][0][1:]}", ""])
        return None

    changes = own_anchors, markdown.numbers(titled), markdown.links(target), markdown.unbroken(_boxed), _bare, _calls
    blocks = markdown.change(_together(chapter.blocks), *changes)
    return _CIRCLED.sub(r"\1.o", markdown.typst(blocks))


def _together(blocks: Sequence[Block]) -> list[Block]:
    """The blocks; a figure that is all below its heading is of the class "alone", a paragraph is held to the formula behind it."""
    joined: list[Block] = []
    for before, block, after in zip([None, *blocks], blocks, [*blocks[1:], None], strict=False):
        is_figure = block["t"] == "Div" and "figure" in block["c"][0][1]
        if is_figure and before and before["t"] == "Header" and (after is None or after["t"] == "Header"):
            anchor, classes, about = block["c"][0]
            block = pandocfilters.Div([anchor, [*classes, "alone"], about], block["c"][1])
        if block["t"] == "Para" and not is_formula(block) and after and is_formula(after):
            joined += _call("#before-formula", [block], "")
        else:
            joined.append(block)
    return joined


def quoted(text: str) -> str:
    """A text as a typst string.

    Example:
        >>> print(quoted('a "b" \\\\c'))
        "a \\"b\\" \\\\c"
    """
    return '"' + _CONTROL.sub("", text).translate(_ESCAPES) + '"'


def _bare(kind: str, content: Any, *_: Any) -> Block | list[Block] | None:
    """What typst needs otherwise: formulas with their source, intervals that may stand below their values, tables that fit."""
    if kind == "Math":
        spoken = " ".join(re.sub(r"\\(?:begin|end)\{\w+\*?\}|&", " ", content[1]).split())
        return _inline(f"#formula({quoted(spoken)})", pandocfilters.Math(content[0], _SIZES.sub("", content[1])))
    if kind == "Str" and (interval := _INTERVAL.fullmatch(content)):
        return [pandocfilters.Str(interval[1]), *_inline("#interval", pandocfilters.Str(interval[2]))]
    if kind == "Image":
        return pandocfilters.Emph(content[1])
    if kind == "Table":
        return _call("#fitted(", [{"t": "Table", "c": [["", ["typst:no-figure"], []], *content[1:]]}], ")")
    return None


def _boxed(word: Block) -> list[Block]:
    return _inline("#box", word)


def _calls(kind: str, content: Any, *_: Any) -> Block | list[Block] | None:
    """Figures, tables, printed lines and warnings as calls of book.typ's functions."""
    classes = set(content[0][1]) if kind in ("Div", "CodeBlock") else set()
    if kind == "Div" and "figure" in classes:
        about = dict(content[0][2])
        end = ", floats: false)" if "alone" in classes else ")"
        return _call(f"#picture({quoted(about['file'])}, {quoted(about['alt'])}, {about['width']}, ", content[1], end)
    if kind == "Div" and "table" in classes:
        return _call("#chart(", content[1][:-3], ", ") + _call("", content[1][-3:], ")")
    if kind == "CodeBlock" and classes & {"printed", "error", "code"}:
        return pandocfilters.RawBlock("typst", f"#printed({quoted(content[1])})")
    if kind == "CodeBlock" and "banner" in classes:
        return pandocfilters.RawBlock("typst", f"#warning({quoted(content[1])})")
    return None


def _call(start: str, content: list[Block], end: str) -> list[Block]:
    """A call's start, an argument, what comes behind it."""
    if not content:
        return [pandocfilters.RawBlock("typst", f"{start}none{end}")]
    return [pandocfilters.RawBlock("typst", f"{start}["), *content, pandocfilters.RawBlock("typst", f"]{end}")]


def _inline(call: str, content: Block) -> list[Block]:
    return [pandocfilters.RawInline("typst", f"{call}["), content, pandocfilters.RawInline("typst", "]")]


def _compiled(main: Path) -> tuple[bytes, str]:
    """The PDF's bytes, by the standard for accessible documents if the notebooks' own texts allow it, else a sentence why not."""
    settings: dict[str, Any] = {"root": main.parent, "timestamp": _TIMESTAMP, **FONTS}
    try:
        return typst.compile(main, pdf_standards=["ua-1"], **settings), ""
    except typst.TypstError as error:  # a level of headings skipped, for instance; the book is worth having all the same
        reason = str(error.message).removeprefix("PDF/UA-1 error: ")
    try:
        return typst.compile(main, **settings), f"The PDF is not one that screen readers can read (PDF/UA-1): {reason}."
    except typst.TypstError as error:
        raise ReechoError(
            f"typst cannot set the book: {error.message}. The text or formula at fault is in one of the notebooks."
        ) from error

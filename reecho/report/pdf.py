"""Executed notebooks as one book: pandoc reads their Markdown, typst sets it; no LaTeX, no browser, no network."""

from __future__ import annotations

import datetime
import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pypandoc
import typst

from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.report.chapters import APPENDIX, Chapter, chapters, gathered, heading, without_repeats
from reecho.report.charts import for_print, with_pictures
from reecho.report.contents import facts_of
from reecho.report.executed import MARKDOWN, WIDE, Piece
from reecho.report.placing import place_figures
from reecho.report.tables import escape, pipe_table
from reecho.report.widths import narrowed, shares
from reecho.results import Row, highlights

TEMPLATE = Path(__file__).parent / "templates" / "book.typ"
NOTES = (
    "Every number and figure in this book was written by the notebooks of reecho as they ran. The code is not printed here: it is "
    "in the notebooks, and on the HTML pages under “Show code”.",
)
_TIMESTAMP = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # never shown; the same run gives the same bytes
_COLUMN = 166 / 25.4 * 96  # width of the text in dots of 1/96 inch
_LETTER = 0.602  # width of a letter of DejaVu Sans Mono, of its size
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SIZES = re.compile(r"\\!|\\[bB]igg?[lrm]?(?=[\[\]()|/.\\])")  # pandoc makes spaces and brackets of these that overlap
_CIRCLED = re.compile(r"\b(dot|times|plus|minus|div|ast)\.circle\b")  # ⊙, ⊗ …: pandoc 3.9 writes names that typst 0.15 has dropped
# what `_markdown` says of the next table, and the columns that pandoc gives it
_WIDTHS = re.compile(r"// (columns: \([^)\n]*\))(\s*)(#table\(\s*)columns: (?:\d+|\([^)]*\))")
_SUFFIX = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}


@dataclass(frozen=True)
class Cover:
    """What the title page says.

    Args:
        title, subtitle: of the book.
        header, rows: what results.json holds, from `results.read_run`; facts of the run and its best results.
        picture: (PNG file, alt text), or None.
    """

    title: str
    subtitle: str = ""
    header: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    picture: tuple[Path, str] | None = None


def render(
    ipynbs: Sequence[Path | str], out_pdf: Path | str, title: str | Cover, subtitle: str = "", titles: Sequence[str] = ()
) -> None:
    """Write executed notebooks as one PDF with title page, contents and running heads, tagged for screen readers (PDF/UA-1).

    Args:
        ipynbs: the executed notebooks, a chapter each.
        out_pdf: the file to write.
        title, subtitle: for the title page, or all that it says as one `Cover`.
        titles: of the chapters, plain text; taken for notebooks that share a first heading.

    Raises:
        ReechoError: a notebook is not there, typst cannot set what one says, or the disk is full.
    """
    cover = title if isinstance(title, Cover) else Cover(title, subtitle)
    with tempfile.TemporaryDirectory(prefix="reecho-") as name:
        content = _compiled(write_typst(ipynbs, Path(name), cover, titles))
    with written_aside(out_pdf) as aside:
        aside.write_bytes(content)


def write_typst(ipynbs: Sequence[Path | str], folder: Path, cover: Cover, titles: Sequence[str] = ()) -> Path:
    """Write into an empty folder all that typst needs; the file to compile."""
    told, appendix = gathered(without_repeats(chapters(ipynbs, titles)))
    anchors = {chapter.stem: chapter.anchor for chapter in reversed(told)}  # of several runs of a source the first
    banners = [piece.text for chapter in told for piece in chapter.pieces if piece.kind == "banner"]
    texts, number = [], 0
    for chapter in told:
        pieces = [_titled(piece, chapter) for piece in chapter.pieces]
        blocks = [_markdown(piece, folder, number + place, chapter.number) for place, piece in enumerate(pieces)]
        texts.append(to_typst(blocks, f"c{chapter.number}-", anchors) + f"\n\n#edge({chapter.number})")
        number += len(pieces)
    if appendix:
        blocks = [_markdown(piece, folder, number + place, 0) for place, piece in enumerate(appendix)]
        texts.append("#show: appendix\n\n" + to_typst(blocks, "a-", anchors))
    (folder / "book.typ").write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    named = {"title": quoted(cover.title), "subtitle": quoted(cover.subtitle)}
    facts = _facts(cover, folder)
    named |= {"facts": "facts" if facts else "none", "warn": quoted(banners[0]) if banners else "none"}
    named["notes"] = f"({''.join(quoted(note) + ', ' for note in NOTES)})"
    book = f"#show: book.with({', '.join(f'{name}: {value}' for name, value in named.items())})"
    main = folder / "main.typ"
    start = f'#import "book.typ": *\n#let facts = [\n{facts}\n]'
    main.write_text("\n\n".join([start, book, *texts]), encoding="utf-8")
    place_figures(main)
    return main


def to_typst(blocks: Sequence[str], prefix: str = "", chapters: Mapping[str, str] = MappingProxyType({})) -> str:
    """Blocks of Markdown as one typst text, formulas with their source as alternative text.

    Args:
        blocks: Markdown, or typst between fences.
        prefix: put before every anchor that is not a chapter's.
        chapters: a notebook's name without suffix → the anchor of its chapter.

    Example:
        >>> print(to_typst(["A *word*, $x^2$."]).strip())
        A #emph[word], #formula("x^2")[$x^2$].
    """
    tree = json.loads(pypandoc.convert_text("\n\n".join(blocks), "json", MARKDOWN, extra_args=WIDE))
    known = {APPENDIX: APPENDIX} | {anchor: anchor for anchor in chapters.values()}
    _walk(tree["blocks"], lambda node: _anchor(node, prefix, known) if node["t"] == "Header" else None)
    tree["blocks"] = _changed(tree["blocks"], known, chapters)
    text = pypandoc.convert_text(json.dumps(tree), "typst", "json", extra_args=["--wrap=none", "--syntax-highlighting=none"])
    return _CIRCLED.sub(r"\1.o", _WIDTHS.sub(r"\3\1", text))


def quoted(text: str) -> str:
    """A text as a typst string.

    Example:
        >>> print(quoted('a "b" \\\\c'))
        "a \\"b\\" \\\\c"
    """
    return '"' + _CONTROL.sub("", text).translate(_ESCAPES) + '"'


def _compiled(main: Path) -> bytes:
    """The PDF's bytes, by the standard for accessible documents if the notebooks' own texts allow it."""
    settings: dict[str, Any] = {"root": main.parent, "ignore_system_fonts": True, "format": "pdf", "timestamp": _TIMESTAMP}
    try:
        return typst.compile(main, pdf_standards=["ua-1"], **settings)
    except typst.TypstError:
        pass  # a level of headings skipped, for instance; the book is worth having all the same
    try:
        return typst.compile(main, **settings)
    except typst.TypstError as error:
        raise ReechoError(
            f"typst cannot set the book: {error.message}. The text or formula at fault is in one of the notebooks."
        ) from error


def _facts(cover: Cover, folder: Path) -> str:
    """The title page's picture, results and facts as typst."""
    facts, results = facts_of(cover.header), _results(cover.header, cover.rows)
    blocks = []
    if cover.picture:
        (folder / "cover.png").write_bytes(cover.picture[0].read_bytes())
        blocks.append(_raw(f'#image("cover.png", alt: {quoted(cover.picture[1])}, width: 100%)'))
    if results:
        blocks += ["PSNR on pictures of people whom no network saw in training:", results]
    if facts:
        rows = [{"what": name, "value": text} for name, text in facts]
        columns = [{"key": "what", "heading": "this run"}, {"key": "value", "heading": "value"}]
        blocks.append(pipe_table(rows, columns))
    return to_typst(blocks) if blocks else ""


_COLUMNS = {
    "task": "task", "input": "the input as it is", "baseline": "best simple method", "reference": "reference network",
    "network": "best network",
}  # fmt: skip


def _results(header: Mapping[str, Any], rows: Mapping[str, Sequence[Row]]) -> str:
    """A pipe table, a row a task: the best PSNR of each kind of method and whose it is; "" where nothing has a PSNR."""
    size, lines = header.get("dataset", {}).get("size"), []
    for task, some in rows.items():
        best = {kind: row for kind, row in highlights(task, some, size).items() if kind in _COLUMNS}
        cells = {kind: f"{row['psnr_db']:.1f} dB" + f" ({row.title})" * (kind != "input") for kind, row in best.items()}
        lines += [{"task": task} | cells] if cells else []
    return pipe_table(lines, [{"key": key, "heading": heading} for key, heading in _COLUMNS.items()]) if lines else ""


def _titled(piece: Piece, chapter: Chapter) -> Piece:
    """The chapter's first heading with its title and anchor; any other piece as it is."""
    if piece is not next((each for each in chapter.pieces if (heading(each) or (0,))[0] == 1), None):
        return piece
    title = chapter.title if chapter.title == chapter.opening else escape(chapter.title)
    return Piece("text", f"# {title} {{#{chapter.anchor}}}")


def _markdown(piece: Piece, folder: Path, number: int, chapter: int) -> str:
    """A piece as Markdown for pandoc, with typst's calls around it; a figure's file is put into `folder`."""
    if piece.media in _SUFFIX:
        file = f"figure-{number}.{_SUFFIX[piece.media]}"
        content = with_pictures(piece.data, for_print) if piece.media == "image/svg+xml" else piece.data
        (folder / file).write_bytes(content)
        width = f"{min(1.0, (piece.width or _COLUMN) / _COLUMN) * 100:.1f}%"
        spoken = quoted(" ".join(piece.text.split()))
        return _call(f"picture({number}, {chapter}, {quoted(file)}, {spoken}, {width}, ", piece.caption)
    if piece.kind == "table":
        body = narrowed(piece.text)
        widths = ", ".join(f"{100 * share:.1f}%" for share in shares(body) or ())
        columns = _raw(f"// columns: ({widths})") if widths else ""
        start, between, end = _raw(f"#chart({number}, {chapter}, {'true' if widths else 'false'}, ["), _raw("], ["), _raw("])")
        return "\n\n".join([start, piece.caption, between, columns, body, end] if piece.caption else [columns, body])
    if piece.kind == "banner":
        return _raw(f"#warning({quoted(piece.text)})")
    if piece.kind in ("printed", "error", "code"):
        longest = max(map(len, piece.text.split("\n")))
        size = min(7.6, (_COLUMN * 0.75 - 18) / (_LETTER * max(longest, 1)))
        return _raw(f"#printed({max(size, 4.5):.1f}pt, raw(block: true, {quoted(piece.text)}))")
    return piece.text if piece.kind == "text" else ""


def _call(start: str, caption: str) -> str:
    return f"{_raw('#' + start + '[')}\n\n{caption}\n\n{_raw('])')}" if caption else _raw(f"#{start}none)")


def _raw(code: str) -> str:
    return f"```{{=typst}}\n{code}\n```"


def _walk(node: Any, visit: Callable[[dict], None]) -> None:
    if isinstance(node, dict):
        if "t" in node:
            visit(node)
        _walk(node.get("c"), visit)
    elif isinstance(node, list):
        for each in node:
            _walk(each, visit)


def _anchor(node: dict, prefix: str, known: dict[str, str]) -> None:
    """Make a heading's anchor the book's own, and note under which name the notebook knows it."""
    attributes = node["c"][1]
    if attributes[0] not in known:
        known[attributes[0]] = prefix + attributes[0]
        attributes[0] = known[attributes[0]]


def _changed(node: Any, anchors: Mapping[str, str], chapters: Mapping[str, str]) -> Any:
    """Pandoc's tree with what typst needs: tables bare, formulas with their source, no link or image that leads nowhere."""
    if isinstance(node, list):
        changed = []
        for each in node:
            new = _changed(each, anchors, chapters)
            if isinstance(new, list) and isinstance(each, dict):  # one inline element became several
                changed.extend(new)
            else:
                changed.append(new)
        return changed
    if not isinstance(node, dict):
        return node
    kind, content = node.get("t"), node.get("c")
    if kind == "Math":
        spoken = " ".join(re.sub(r"\\(begin|end)\{aligned\}|&", " ", content[1]).split())
        plainer = {"t": "Math", "c": [content[0], _SIZES.sub("", content[1])]}
        return [_inline(f"#formula({quoted(spoken)})["), plainer, _inline("]")]
    if kind == "Link":
        inner, target = _changed(content[1], anchors, chapters), content[2][0]
        other = re.fullmatch(r"(?![a-z]+:)(?:.*/)?([^/#]+)\.ipynb(#.*)?", target)
        if other:
            target = next((f"#{anchor}" for stem, anchor in chapters.items() if stem.startswith(other[1])), "")
        elif target.startswith("#"):
            target = f"#{anchors[target[1:]]}" if target[1:] in anchors else ""
        leads = target.startswith("#") or re.match(r"[a-z]+:", target)
        return {**node, "c": [content[0], inner, [target, ""]]} if leads else inner
    if kind == "Image":
        return [{"t": "Emph", "c": _changed(content[1], anchors, chapters)}]
    if kind == "Table":
        content = [["", ["typst:no-figure"], []], *content[1:]]
    return {**node, "c": _changed(content, anchors, chapters)} if "c" in node else node


def _inline(code: str) -> dict[str, Any]:
    return {"t": "RawInline", "c": ["typst", code]}

"""Executed notebooks as one book: pandoc reads their Markdown, typst sets it; no LaTeX, no browser, no network."""

from __future__ import annotations

import datetime
import json
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pypandoc
import typst

from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.report.executed import MARKDOWN, WIDE, Piece, pieces, read

TEMPLATE = Path(__file__).parent / "templates" / "book.typ"
NOTES = (
    "Every number and figure in this book was written by the notebooks of reecho as they ran. The code is not printed here: it is "
    "in the notebooks, and on the HTML pages under “Show code”.",
)
_TIMESTAMP = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # never shown; the same run gives the same bytes
_COLUMN = 166 / 25.4 * 96  # width of the text in dots of 1/96 inch
_TALL = 0.5  # a figure higher than this share of its width may float
_LETTER = 0.602  # width of a letter of DejaVu Sans Mono, of its size
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SIZES = re.compile(r"\\!|\\[bB]igg?[lrm]?(?=[\[\]()|/.\\])")  # pandoc makes spaces and brackets of these that overlap
_CIRCLED = re.compile(r"\b(dot|times|plus|minus|div|ast)\.circle\b")  # ⊙, ⊗ …: pandoc 3.9 writes names that typst 0.15 has dropped
_SUFFIX = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}


def render(ipynbs: Sequence[Path | str], out_pdf: Path | str, title: str, subtitle: str = "", notes: Sequence[str] = NOTES) -> None:
    """Write executed notebooks as one PDF with title page, contents and running heads, tagged for screen readers (PDF/UA-1).

    Args:
        ipynbs: the executed notebooks, a chapter each.
        out_pdf: the file to write.
        title, subtitle: for the title page.
        notes: sentences for the foot of the title page.

    Raises:
        ReechoError: a notebook is not there, typst cannot set what one says, or the disk is full.
    """
    notebooks = [read(Path(ipynb)) for ipynb in ipynbs]
    found = [piece for notebook in notebooks for cell in notebook.cells for piece in pieces(cell)]
    warnings = [piece.text for piece in found if piece.kind == "banner"]
    with tempfile.TemporaryDirectory(prefix="reecho-") as name:
        folder = Path(name)
        body = to_typst([_markdown(piece, folder, number) for number, piece in enumerate(found)])
        (folder / "book.typ").write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
        head = "title: {}, subtitle: {}, notes: ({}), warn: {}".format(
            quoted(title),
            quoted(subtitle),
            "".join(quoted(note) + ", " for note in notes),
            quoted(warnings[0]) if warnings else "none",
        )
        main = folder / "main.typ"
        main.write_text(f'#import "book.typ": *\n#show: book.with({head})\n\n{body}', encoding="utf-8")
        content = _compiled(main, folder)
    with written_aside(out_pdf) as aside:
        aside.write_bytes(content)


def to_typst(blocks: Sequence[str]) -> str:
    """Blocks of Markdown as one typst text, formulas with their source as alternative text.

    Example:
        >>> print(to_typst(["A *word*, $x^2$."]).strip())
        A #emph[word], #formula("x^2")[$x^2$].
    """
    tree = json.loads(pypandoc.convert_text("\n\n".join(blocks), "json", MARKDOWN, extra_args=WIDE))
    anchors: set[str] = set()
    _walk(tree["blocks"], lambda node: anchors.add(node["c"][1][0]) if node["t"] == "Header" else None)
    tree["blocks"] = _changed(tree["blocks"], anchors)
    text = pypandoc.convert_text(json.dumps(tree), "typst", "json", extra_args=["--wrap=none", "--syntax-highlighting=none"])
    return _CIRCLED.sub(r"\1.o", text)


def quoted(text: str) -> str:
    """A text as a typst string.

    Example:
        >>> print(quoted('a "b" \\\\c'))
        "a \\"b\\" \\\\c"
    """
    return '"' + _CONTROL.sub("", text).translate(_ESCAPES) + '"'


def _compiled(main: Path, folder: Path) -> bytes:
    """The PDF's bytes, by the standard for accessible documents if the notebooks' own texts allow it."""
    settings: dict[str, Any] = {"root": folder, "ignore_system_fonts": True, "format": "pdf", "timestamp": _TIMESTAMP}
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


def _markdown(piece: Piece, folder: Path, number: int) -> str:
    """A piece as Markdown for pandoc, with typst's calls around it; a figure's file is put into `folder`."""
    if piece.kind == "figure":
        file = f"figure-{number}.{_SUFFIX[piece.media]}"
        (folder / file).write_bytes(piece.data)
        width = f"{min(1.0, (piece.width or _COLUMN) / _COLUMN) * 100:.1f}%"
        tall = "true" if piece.height and piece.width and piece.height > _TALL * piece.width else "false"
        return _call(f"picture({quoted(file)}, {quoted(' '.join(piece.text.split()))}, {width}, {tall}, ", piece.caption)
    if piece.kind == "table":
        between = f"\n\n{_raw('], [')}\n\n"
        return f"{_raw('#chart([')}\n\n{piece.caption}{between}{piece.text}\n\n{_raw('])')}" if piece.caption else piece.text
    if piece.kind == "banner":
        return _raw(f"#warning({quoted(piece.text)})")
    if piece.kind in ("printed", "error") or (piece.kind == "code" and "show" in piece.tags):
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


def _changed(node: Any, anchors: set[str]) -> Any:
    """Pandoc's tree with what typst needs: tables bare, formulas with their source, no link or image that leads nowhere."""
    if isinstance(node, list):
        changed = []
        for each in node:
            new = _changed(each, anchors)
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
        target = content[2][0]
        inner = _changed(content[1], anchors)
        nowhere = target[1:] not in anchors if target.startswith("#") else not re.match(r"[a-z]+:", target)
        return inner if nowhere else {**node, "c": [content[0], inner, content[2]]}
    if kind == "Image":
        return [{"t": "Emph", "c": _changed(content[1], anchors)}]
    if kind == "Table":
        content = [["", ["typst:no-figure"], []], *content[1:]]
    return {**node, "c": _changed(content, anchors)} if "c" in node else node


def _inline(code: str) -> dict[str, Any]:
    return {"t": "RawInline", "c": ["typst", code]}

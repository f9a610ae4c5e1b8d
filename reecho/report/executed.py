"""What an executed notebook holds, told apart: texts, code, figures, tables, warnings, printed lines; noise is left out."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pypandoc
from nbformat import NotebookNode

from reecho.errors import ReechoError
from reecho.report.sprites import PLAY

MARKDOWN = "commonmark_x"  # what JupyterLab reads, with formulas, tables and anchors
WIDE = ("--columns=10000", "--wrap=none")  # pandoc gives the columns of tables with longer lines odd widths
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_ALIGN = re.compile(r"\\(begin|end)\{(?:align|eqnarray|gather|split)\*?\}")
_BARE = re.compile(r"(?<!\$)\n(\\begin\{(align|equation|gather|eqnarray)(\*?)\}.*?\\end\{\2\3\})", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """One thing to set.

    Args:
        kind: "text" (Markdown), "code", "figure", "table" (Markdown), "banner", "printed", "error", "html".
        text: its text; of a figure the alt text.
        caption: Markdown, of figures and tables.
        data: a figure's bytes.
        media: a figure's media type.
        width: a figure's width in dots of 1/96 inch, None where unknown.
        tags: of the cell.
        cover: whether this figure stands for the whole notebook.
        finding: whether this text says what the notebook measured.
        play: of a figure to play with, what `report.play` has gathered for the page.
    """

    kind: str
    text: str = ""
    caption: str = ""
    data: bytes = b""
    media: str = ""
    width: int | None = None
    height: int | None = None
    tags: tuple[str, ...] = field(default=())
    cover: bool = False
    finding: bool = False
    play: dict[str, Any] | None = field(default=None, hash=False, repr=False)

    @property
    def pictures(self) -> bool:
        """Whether this figure shows pictures and not curves alone."""
        return self.kind == "figure" and (self.media != "image/svg+xml" or b"image-rendering" in self.data)


def read(path: Path) -> NotebookNode:
    """An executed notebook, or ReechoError where there is none."""
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise ReechoError(f"{path} is not there; run the report, or give an executed notebook.") from None
    except Exception as error:  # nbformat raises many kinds for what is no notebook
        raise ReechoError(f"{path} is not a notebook ({type(error).__name__}); give an .ipynb file.") from error


def pieces(cell: NotebookNode) -> list[Piece]:
    """What a cell holds, in order: its text or code, then its outputs.

    Tags leave things out: "remove-cell" all, "remove-input" the code, "remove-output" the outputs.
    """
    tags = tuple(cell.metadata.get("tags", ()))
    if "remove-cell" in tags:
        return []
    if cell.cell_type == "markdown":
        return [Piece("text", closed(formulas(cell.source)), tags=tags)]
    if cell.cell_type != "code":
        return []
    found = [Piece("code", cell.source, tags=tags)] if cell.source.strip() and "remove-input" not in tags else []
    if "remove-output" not in tags:
        found += [piece for output in _joined(cell.outputs) if (piece := _output(output)) is not None]
    return found


def title(notebook: NotebookNode, otherwise: str) -> str:
    """The text of its first heading."""
    lines = (line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line[2:].strip() for line in lines if line.startswith("# ")), otherwise)


def formulas(markdown: str) -> str:
    """Markdown whose displayed formulas every writer can set: `align` inside dollars, as texmath and typst want them.

    Example:
        >>> formulas("$$\\\\begin{align}a&=b\\\\end{align}$$")
        '$$\\\\begin{aligned}a&=b\\\\end{aligned}$$'
    """
    dollars = _BARE.sub(lambda found: f"\n$$\n{found[1]}\n$$", "\n" + markdown)[1:]
    dollars = re.sub(r"\\(?:begin|end)\{equation\*?\}", "", dollars)
    return _ALIGN.sub(r"\\\1{aligned}", dollars)


def closed(markdown: str) -> str:
    """Markdown whose last code fence is closed, so that it swallows nothing of the next cell.

    Example:
        >>> closed("~~~\\nz = 1")
        '~~~\\nz = 1\\n~~~'
    """
    fence = ""
    for found in re.finditer(r"^ {0,3}(`{3,}|~{3,})(.*)$", markdown, re.MULTILINE):
        if not fence:
            fence = found[1]
        elif found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return f"{markdown}\n{fence}" if fence else markdown


def printed(text: str) -> str:
    """Printed text as a terminal would show it in the end: colours gone, overwritten lines gone.

    Example:
        >>> printed("10 %\\r100 %\\n\\x1b[31mred\\x1b[0m ")
        '100 %\\nred'
    """
    text = re.sub(r"[^\n]\x08", "", _ANSI.sub("", text).replace("\r\n", "\n"))
    lines = [next((part for part in reversed(line.split("\r")) if part), "") for line in text.split("\n")]
    return "\n".join(line.replace("\x08", "").expandtabs().rstrip() for line in lines).strip("\n")


def _joined(outputs: list[NotebookNode]) -> list[dict[str, Any]]:
    """Outputs with what was printed in several pieces put together; what went to stderr (progress bars, warnings) is noise."""
    joined: list[dict[str, Any]] = []
    for output in outputs:
        if output.output_type == "stream":
            if output.name == "stderr":
                continue
            if joined and joined[-1]["output_type"] == "stream":
                joined[-1] = {**joined[-1], "text": joined[-1]["text"] + output.text}
                continue
        joined.append(dict(output))
    return joined


def _output(output: dict[str, Any]) -> Piece | None:
    if output["output_type"] == "stream":
        text = printed(output["text"])
        return Piece("printed", text) if text.strip() else None
    if output["output_type"] == "error":
        return Piece("error", f"{output['ename']}: {output['evalue']}")
    data, metadata = output["data"], output.get("metadata", {})
    about = metadata.get("reecho", {})
    kind = about.get("kind")
    if kind == "caption" or any("widget" in media for media in data):
        return None
    if kind == "banner":
        return Piece("banner", about["text"])
    for media in ("image/svg+xml", "image/png", "image/jpeg"):
        if media in data:
            content = data[media].encode() if media.endswith("xml") else base64.b64decode(data[media])
            size = {name: about.get(name) or metadata.get(media, {}).get(name) for name in ("width", "height")}
            alt = about.get("alt") or data.get("text/plain", "A figure without a description")
            caption = formulas(about.get("caption", ""))
            return Piece("figure", alt, caption, content, media, cover=bool(about.get("cover")), play=data.get(PLAY), **size)
    if "text/markdown" in data:
        text, caption = formulas(data["text/markdown"]), formulas(about.get("caption", ""))
        return Piece("table" if kind == "table" else "text", text, caption, finding=bool(about.get("finding")))
    if "text/latex" in data:
        return Piece("text", formulas(data["text/latex"]))
    if "<table" in data.get("text/html", ""):  # pandas: read as a table, so that its header repeats in print
        return Piece("table", pypandoc.convert_text(data["text/html"], MARKDOWN, "html-native_divs-native_spans", extra_args=WIDE))
    if "text/html" in data and not data.get("text/plain", "").strip():
        return Piece("html", data["text/html"])
    text = printed(data.get("text/plain", ""))
    return Piece("printed", text) if text.strip() else None

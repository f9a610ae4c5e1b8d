"""What an executed notebook holds: texts, code, figures, tables, warnings, printed lines, without progress bars and logs."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.filters import strip_ansi
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode

from reecho.errors import ReechoError
from reecho.report.markdown import table_of_html
from reecho.report.pasted import taken_out
from reecho.report.sprites import ANSWER, VALUES, WIDGET

HOW_MADE = "how-made"  # the tag of cells whose text and outputs a page folds away at its end
_PROGRESS = re.compile(r"^.*\bepoch +\d+ of \d+: ", re.MULTILINE)
_BARE = re.compile(r"(?<!\$)\n(\\begin\{(align|equation|gather|eqnarray)(\*?)\}.*?\\end\{\2\3\})", re.DOTALL)
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
_TEXTS = ("text/markdown", "text/latex", "text/html")
_COMMANDS = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")  # to a terminal, such as its title or a link's address
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NAMELESS = re.compile(r"|<[\w.]+ object(?: at 0x[0-9a-fA-F]+)?>")  # what stands beside HTML that nothing else tells
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)  # a page runs none of a notebook's


@dataclass(frozen=True)
class Piece:
    """One thing to set.

    Args:
        kind: "text" (Markdown), "code", "figure", "table" (Markdown), "answer", "banner", "printed", "error", "html".
        text: its text; of a figure the alt text.
        caption: Markdown, of figures and tables.
        data: a figure's bytes.
        media: a figure's media type.
        width: a figure's width in dots of 1/96 inch, None where unknown.
        tags: of the cell.
        cell: the id of the cell that it comes from.
        name: of a figure, as `answer` names it.
        answer: of a piece of the kind "answer" its "question", "sentences", the "figure" that shows it and "sides", name → URL.
        values: of a table its unrounded values, as `tables.values_of` gives them.
        widget: of a widget, what `report.widgets` gives the page.
        about: of a table that every notebook has, what it is: "settings" or "provenance".
        pinned: of a table the rows that a page shows at first in any case, from 0.
        plain: of HTML what the notebook itself says in its place, "" where it says nothing.
    """

    kind: str
    text: str = ""
    caption: str = ""
    data: bytes = b""
    media: str = ""
    width: int | None = None
    height: int | None = None
    tags: tuple[str, ...] = ()
    cell: str = ""
    name: str = ""
    answer: dict[str, Any] | None = None
    values: dict[str, Any] | None = None
    widget: dict[str, Any] | None = None
    about: str = ""
    plain: str = ""
    pinned: tuple[int, ...] = ()

    @property
    def pictures(self) -> bool:
        """Whether this figure shows pictures and not curves alone."""
        return self.kind == "figure" and (self.media != "image/svg+xml" or b"image-rendering" in self.data)

    @property
    def progress(self) -> bool:
        """Whether it is the progress of a training."""
        return self.kind == "printed" and bool(_PROGRESS.search(self.text))

    @property
    def joins(self) -> bool:
        """Whether it is code that shares a fold with the code beside it: it is neither shown nor has a name of its own."""
        return self.kind == "code" and {"show", "parameters", "injected-parameters"}.isdisjoint(self.tags)

    @property
    def behind(self) -> bool:
        """Whether it says how the page was made and not what was found: its place is the folded end."""
        return bool(self.about) or self.progress or not {HOW_MADE, "parameters", "injected-parameters"}.isdisjoint(self.tags)


def read(path: Path) -> NotebookNode:
    """An executed notebook whose printed lines are as a terminal shows them, or ReechoError where there is none."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise ReechoError(f"{path} is not there; run the report, or give an executed notebook.") from None
    except Exception as error:  # nbformat raises many kinds for what is no notebook
        raise ReechoError(f"{path} is not a notebook ({type(error).__name__}); give an .ipynb file.") from error
    return CoalesceStreamsPreprocessor().preprocess(notebook, {})[0]


def pieces(cell: NotebookNode) -> list[Piece]:
    """What a cell holds, in order: its text or code, then its outputs.

    Tags leave things out: "remove-cell" all, "remove-input" the code, "remove-output" the outputs.
    """
    tags = tuple(cell.metadata.get("tags", ()))
    if "remove-cell" in tags:
        return []
    held: list[Piece] = []
    if cell.cell_type == "markdown":
        held = _text(cell)
    elif cell.cell_type == "code":
        held = [Piece("code", cell.source)] if cell.source.strip() and "remove-input" not in tags else []
        outputs = () if "remove-output" in tags else cell.outputs
        held += [piece for output in outputs if (piece := _output(output)) is not None]
    return [replace(piece, tags=tags, cell=cell.get("id", "")) for piece in held]


def title(notebook: NotebookNode, otherwise: str) -> str:
    """The text of its first heading."""
    lines = (line for cell in notebook.cells if cell.cell_type == "markdown" for line in cell.source.splitlines())
    return next((line[2:].strip() for line in lines if line.startswith("# ")), otherwise)


def without_codes(text: str) -> str:
    """A text without what moves, colours or names things in a terminal; only lines and tabs stay.

    Example:
        >>> without_codes("\\x1b[31mred\\x1b[0m, \\x1b]8;;https://example.org\\x07a link\\x1b]8;;\\x07")
        'red, a link'
    """
    return _CONTROL.sub("", strip_ansi(_COMMANDS.sub("", text)))


def formulas(markdown: str) -> str:
    """Markdown whose environments of formulas stand between dollars, which JupyterLab does not ask for.

    Example:
        >>> formulas("\\\\begin{align}a&=b\\\\end{align}")
        '$$\\n\\\\begin{align}a&=b\\\\end{align}\\n$$'
    """
    return _BARE.sub(lambda match: f"\n$$\n{match[1]}\n$$", "\n" + markdown)[1:]


def _text(cell: NotebookNode) -> list[Piece]:
    """A cell of text; pictures that were pasted into it are figures of their own."""
    attached = {name: bundle for name, bundle in cell.get("attachments", {}).items() if any(map(bundle.get, _PICTURES))}
    held = []
    for part in taken_out(formulas(cell.source), attached):
        if isinstance(part, str):
            held.append(Piece("text", part))
            continue
        media = next(media for media in _PICTURES if part.bundle.get(media))
        content = part.bundle[media].encode() if media.endswith("xml") else base64.b64decode(part.bundle[media])
        held.append(Piece("figure", part.alt or "A picture without a description", "", content, media))
    return held


def _output(output: NotebookNode) -> Piece | None:
    if output.output_type == "stream":  # what went to stderr, progress bars and warnings, is noise
        return _printed(output.text) if output.name == "stdout" else None
    if output.output_type == "error":
        return Piece("error", without_codes(f"{output.ename}: {output.evalue}"))
    data: dict[str, Any] = {media: without_codes(text) if media in _TEXTS else text for media, text in output.data.items()}
    metadata = output.metadata
    about = metadata.get("reecho", {})
    kind = about.get("kind")
    if kind == "caption":
        return None
    if any("jupyter.widget" in media for media in data):
        return _printed("An interactive widget, which JupyterLab alone can show, is left out here.")
    if kind == "banner":
        return Piece("banner", about["text"])
    caption = formulas(about.get("caption", ""))
    for media in _PICTURES:
        if media in data:
            content = data[media].encode() if media.endswith("xml") else base64.b64decode(data[media])
            size = {name: about.get(name) or metadata.get(media, {}).get(name) for name in ("width", "height")}
            alt = about.get("alt") or data.get("text/plain", "A figure without a description")
            return Piece("figure", alt, caption, content, media, name=about.get("name", ""), widget=data.get(WIDGET), **size)
    if kind == "answer":
        given = {name: formulas(about.get(name, "")) for name in ("question", "sentences")}
        sides = dict(data.get(ANSWER, {}).get("sides", ()))
        return Piece("answer", answer=given | {"figure": about.get("figure", ""), "sides": sides})
    if "text/markdown" in data:
        kind = "table" if kind == "table" else "text"
        own, pinned = about.get("about", ""), tuple(about.get("pinned", ()))
        return Piece(kind, formulas(data["text/markdown"]), caption, about=own, values=data.get(VALUES), pinned=pinned)
    if "text/latex" in data:
        return Piece("text", formulas(data["text/latex"]))
    if "<table" in data.get("text/html", ""):  # pandas: read as a table, so that its header repeats in print
        return Piece("table", table_of_html(data["text/html"]))
    plain = data.get("text/plain", "")
    if shown := data.get("text/html"):
        nameless = _NAMELESS.fullmatch(plain.strip())
        if nameless or not _SCRIPT.search(shown):
            return Piece("html", shown, plain="" if nameless else without_codes(plain))
    return _printed(plain)


def _printed(text: str) -> Piece | None:
    lines = [line.expandtabs().rstrip() for line in without_codes(text).split("\n")]
    return Piece("printed", "\n".join(lines).strip("\n")) if any(lines) else None

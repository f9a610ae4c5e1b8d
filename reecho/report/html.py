"""An executed notebook as one HTML file that asks for nothing else, fonts and script inside; and the index of a run."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import jinja2
import pypandoc
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode, v4
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from traitlets import Unicode

from reecho.files import written_aside
from reecho.palette import themed
from reecho.report import interactive
from reecho.report.charts import in_base64, lighter, source
from reecho.report.contents import cover, facts_of, finding, headlines, ways
from reecho.report.dress import TEMPLATES, policy, script, stylesheet
from reecho.report.executed import MARKDOWN, WIDE, Piece, pieces, read, title
from reecho.results import Row

_MARK = "<!--reecho-piece-{}-->"
_HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
# "log x": browsers set no space behind a function's name; none is wanted before a bracket, none allowed inside a script
_NO_SCRIPT = "(?<!<msub>)(?<!<msup>)(?<!<msubsup>)(?<!<munder>)"
_NAME = "<mi[^>]*>[a-z]{2,}</mi>"
_FUNCTION = re.compile(
    rf"{_NO_SCRIPT}(<mrow>{_NAME}<mo>(?:&#8289;|\u2061)</mo></mrow>)(?!(?:<mrow>)?<mo[^>]*form=\"prefix\")"
    rf"|{_NO_SCRIPT}({_NAME})(?=<m(?:i|n|sub|sup|subsup|frac)\b)"
)
_FORMULA = re.compile(r'<math display="block".*?</math>', re.DOTALL)
_SCROLL = '<div class="scroll" role="region" aria-label="{}" tabindex="0">'
_SUMMARY = {"parameters": "Show the parameters", "injected-parameters": "Show the parameters that were given to this run"}


def render(
    ipynb: Path | str, out_html: Path | str, strip: Sequence[tuple[str, str]] = (), step: int = 0, home: str | None = "index.html"
) -> None:
    """Write an executed notebook as a page.

    Args:
        ipynb: the executed notebook.
        out_html: the page to write.
        strip: (title, href) of all pages of the run, in order; empty for a page that stands alone.
        step: which of them this is.
        home: href of the index page, where there is a strip.

    Raises:
        ReechoError: no notebook there, or the disk is full.
    """
    notebook = read(Path(ipynb))
    links = [href for _, href in strip]
    page = {
        "title": strip[step][0] if strip else title(notebook, Path(ipynb).stem),
        "strip": list(strip),
        "step": step,
        "home": home if strip else None,
        "banners": sorted({piece.text for cell in notebook.cells for piece in pieces(cell) if piece.kind == "banner"}),
    }
    text, _ = Exporter(links=links).from_notebook_node(notebook, resources={"page": page})
    write(Path(out_html), text)


def index(
    out_html: Path | str,
    header: Mapping[str, Any],
    rows: Mapping[str, Sequence[Row]],
    entries: Sequence[tuple[str, str, str, Path]],
    title: str = "reecho",
    links: Sequence[tuple] = (),
) -> None:
    """Write the page that leads to all others: what was run, on what, with what result.

    Args:
        out_html: the page to write.
        header, rows: what results.json holds, from `results.read_run`.
        entries: (title, href, question, executed notebook) of each report; the notebook gives the picture and what it measured.
        title: of the page.
        links: (name, href) or (name, href, sentence) of further pages and files of the run, such as the PDF.
    """
    cards = []
    for name, href, question, executed in entries:
        notebook = read(executed)
        picture = cover(notebook)
        cards.append({"title": name, "href": href, "picture": picture and image(picture), "texts": (question, finding(notebook))})
    shown = iter(markdown_to_html([text for card in cards for text in card["texts"]]))
    for card in cards:
        card["question"], card["finding"] = next(shown), next(shown)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    css = stylesheet("".join(card["question"] + card["finding"] for card in cards))
    text = environment.get_template("contents.html.j2").render(
        title=title, css=css, policy=policy(), banner=header.get("banner"), facts=facts_of(header),
        tasks=headlines(rows, header["dataset"]["size"]), cards=cards, ways=ways(entries, links),
    )  # fmt: skip
    write(Path(out_html), text)


def write(out: Path, text: str) -> None:
    """Write a page whole or not at all."""
    with written_aside(out) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")


def markdown_to_html(texts: Sequence[str]) -> list[str]:
    """Many pieces of Markdown as HTML, formulas as MathML, with one call of pandoc.

    Args:
        texts: Markdown; links and footnotes of one piece may be defined in another.

    Returns:
        HTML for each; the last one ends with the footnotes of all.
    """
    if not texts:
        return []
    marks = [_MARK.format(number) for number in range(len(texts))]
    whole = "\n\n".join(f"{mark}\n\n{text}" for mark, text in zip(marks, texts, strict=True))
    parts = re.split(r"<!--reecho-piece-\d+-->", _pandoc(whole))[1:]
    if len(parts) != len(texts):  # a fence that is never closed swallows the marks after it
        parts = [_pandoc(text) for text in texts]
    return [part.strip() for part in parts]


def _pandoc(markdown: str) -> str:
    text = pypandoc.convert_text(markdown, "html5", MARKDOWN, extra_args=["--mathml", "--syntax-highlighting=none", *WIDE])
    text = re.sub(
        r"(<math display=\"block\"[^>]*><semantics>)<mtable>", r'\1<mtable displaystyle="true">', text
    )  # else fractions are small
    text = _FORMULA.sub(r'<span class="formula">\g<0></span>', text)  # scrolls by itself where it is too wide
    return _FUNCTION.sub(r'\1\2<mspace width="0.17em"></mspace>', text)


class Exporter(HTMLExporter):
    """nbconvert's HTML exporter with our template; what the cells hold is set by `Setting` before."""

    def __init__(self, links: Sequence[str] = (), **more: Any):
        super().__init__(extra_template_basedirs=[str(TEMPLATES)], template_name="reecho", **more)
        self.register_preprocessor(Setting(links=" ".join(links)), enabled=True)

    def from_notebook_node(self, nb: NotebookNode, resources: dict | None = None, **more: Any) -> tuple[str, dict]:
        # not HTMLExporter's own: it reads the page anew to add "No description has been provided" where alt text is missing
        return TemplateExporter.from_notebook_node(self, nb, resources, **more)


class Setting(Preprocessor):
    """Turns each cell into the HTML that the template lays out, numbers figures and tables, collects the headings."""

    links = Unicode(help="hrefs of the other pages, separated by spaces")

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        held = [pieces(cell) for cell in nb.cells]
        flat = [piece for found in held for piece in found]
        prose = [
            piece.caption if piece.kind == "figure" else piece.text for piece in flat if piece.kind in ("text", "table", "figure")
        ]
        captions = [piece.caption for piece in flat if piece.kind == "table"]
        *bodies, notes = markdown_to_html([*prose, *captions, ""])
        done = iter(bodies)
        bodies = [next(done) if piece.kind in ("text", "table", "figure") else "" for piece in flat]
        table_captions, counts = done, {"figure": 0, "table": 0}
        blocks = []
        for piece, body in zip(flat, bodies, strict=True):
            if piece.kind in counts:
                counts[piece.kind] += bool(piece.caption)
            caption = next(table_captions) if piece.kind == "table" else body
            blocks.append(self._block(piece, body, caption, counts.get(piece.kind, 0)))
        blocks = [self._relinked(block) for block in _told_apart(blocks)]
        remaining = iter(blocks)
        plays = any(piece.play for piece in flat)
        cells = [
            v4.new_raw_cell("\n".join(next(remaining) for _ in found), metadata={"raw_mimetype": "text/html"}) for found in held
        ]
        nb.cells = [cell for cell in [*cells, v4.new_raw_cell(notes, metadata={"raw_mimetype": "text/html"})] if cell.source]
        whole = "\n".join([*blocks, notes])
        resources["page"] |= {
            "headings": [(int(level), anchor, text) for level, anchor, text in _HEADING.findall(whole)],
            "codes": whole.count('<details class="code"'),
            "css": stylesheet(whole, plays),
            "script": script(plays),
            "policy": policy(script(plays)),
        }
        return nb, resources

    @staticmethod
    def _block(piece: Piece, body: str, caption: str, number: int) -> str:
        if piece.kind == "code":
            summary = next((text for tag, text in _SUMMARY.items() if tag in piece.tags), "Show code")
            code = highlight(piece.text, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip()
            opened = " open" if "show" in piece.tags else ""
            return (
                f'<details class="code"{opened}><summary>{summary}</summary><pre tabindex="0"><code>{code}</code></pre></details>'
            )
        if piece.kind == "figure":
            legend = f"<figcaption>{_numbered('Figure', number, caption)}</figcaption>" if piece.caption else ""
            if piece.play:
                return interactive.figure(piece, image(piece), legend, number)
            return f"<figure>{image(piece)}{legend}</figure>"
        if piece.kind == "table":
            legend = f"<figcaption>{_numbered('Table', number, caption)}</figcaption>" if piece.caption else ""
            label = f"Table {number}" if piece.caption else "Table"
            return f'<figure class="table">{legend}{_SCROLL.format(label)}{body}</div></figure>'
        if piece.kind == "banner":
            return f'<p class="banner" role="alert">{escape(piece.text)}</p>'
        if piece.kind in ("printed", "error"):
            return f'<pre class="{piece.kind}" tabindex="0">{escape(piece.text)}</pre>'
        if piece.kind == "html":
            return piece.text
        body = body.replace("<table>", _SCROLL.format("Table") + "<table>")
        return body.replace("</table>", "</table></div>")

    def _relinked(self, block: str) -> str:
        """Links between notebooks lead to their pages; a notebook run several times leads to the first page."""

        def page(found: re.Match) -> str:
            stem, anchor = found[1], found[2] or ""
            known = [link for link in self.links.split() if link.startswith(stem)]
            return f'href="{known[0] if known else stem + ".html"}{anchor}"'

        block = re.sub(r'href="(?![a-z]+:)([^"#]+)\.ipynb(#[^"]*)?"', page, block)
        return re.sub(
            r'<img src="(?!data:)([^"]+)"[^>]*?alt="([^"]*)"[^>]*>', r'<a href="\1">\2</a>', block
        )  # a page loads nothing


def _told_apart(blocks: Sequence[str]) -> list[str]:
    """The blocks with the tables that have no number told apart by name, for those who hear a page."""
    count = itertools.count(1)
    return [re.sub('aria-label="Table"', lambda _: f'aria-label="Table {next(count)} without a number"', block) for block in blocks]


def _numbered(word: str, number: int, html: str) -> str:
    """A caption with its number inside its first paragraph."""
    return re.sub(r"^<p>", f"<p><b>{word} {number}.</b> ", html)


def image(piece: Piece) -> str:
    """A figure as `<img>`, with all that it shows in it."""
    size = "".join(f' {name}="{value}"' for name, value in (("width", piece.width), ("height", piece.height)) if value)
    kind = "picture"
    if piece.media == "image/svg+xml":
        drawn = piece.data.decode("utf-8")
        svg = themed(drawn)
        kind = kind if svg is drawn else "grid" if piece.pictures else "chart"
        found = source(svg.encode("utf-8"))
    else:
        found = in_base64(*lighter(piece.data)) if piece.media == "image/png" else in_base64(piece.data, piece.media)
    return f'<img class="{kind}" src="{escape(found, quote=False)}" alt="{escape(" ".join(piece.text.split()))}"{size}>'

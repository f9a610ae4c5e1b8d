"""An executed notebook as one HTML file that asks for nothing else, fonts and script inside; and the index of a run."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import jinja2
import pandocfilters
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from reecho.files import written_aside
from reecho.palette import themed
from reecho.report import computing, markdown
from reecho.report.charts import in_base64, lighter, source
from reecho.report.contents import cover, facts_of, finding, headlines, ways
from reecho.report.executed import Piece, pieces, read, title
from reecho.report.head import TEMPLATES, policy, stylesheet, template
from reecho.results import Row

_HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
# "log x": browsers set no space behind a function's name; none is wanted before a bracket
_FUNCTION = re.compile(
    r"(\\(?:log|ln|exp|sin|cos|min|max)(?![a-zA-Z])(?:_(?:\{[^}]*\}|\w))?)\s*(?=[A-Za-z0-9]|\\(?!left|[bB]ig|[,!:;]))"
)
_SUMMARY = {"parameters": "Show the parameters", "injected-parameters": "Show the parameters that were given to this run"}
_BUILD = 'new Widget(document.currentScript.closest("figure"));'  # behind each widget, so that nothing jumps later


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
    held = [piece for cell in notebook.cells for piece in pieces(cell)]
    texts = [text for piece in held for text in (piece.text if piece.kind in ("text", "table") else "", piece.caption)]
    *bodies, notes = markdown_to_html([*texts, ""], [href for _, href in strip])
    count = {"figure": itertools.count(1), "table": itertools.count(1)}
    numbers = [next(count[piece.kind]) if piece.kind in count and piece.caption else 0 for piece in held]
    unnumbered = (f"Table {count} without a number" for count in itertools.count(1))
    labels = [iter([f"Table {number}"]) if number else unnumbered for number in numbers]
    whole, widgets = "".join([*bodies, notes]), any(piece.widget for piece in held)
    script = template("page.js") + (template("divider.js") + template("widgets.js") if widgets else "")
    computes = computing.needed([piece.widget["widget"] for piece in held if piece.widget])
    script += computing.scripts() if computes else ""
    text = filled(
        "page.html.j2",
        css=stylesheet(whole, *([template("widgets.css")] if widgets else []), *([computing.style()] if computes else [])),
        policy=policy([script, _BUILD][: 1 + widgets]) + computing.ALLOWED * computes,
        script=script, build=_BUILD, summaries=_SUMMARY, notes=notes,
        title=strip[step][0] if strip else title(notebook, Path(ipynb).stem),
        strip=strip, step=step, home=home if strip else None,
        pieces=list(zip(held, map(_scrolling, bodies[::2], labels), bodies[1::2], numbers, strict=True)),
        banners=sorted({piece.text for piece in held if piece.kind == "banner"}),
        headings=_HEADING.findall(whole), codes=sum(piece.kind == "code" for piece in held),
    )  # fmt: skip
    write(Path(out_html), text)


def index(
    out_html: Path | str,
    header: Mapping[str, Any],
    rows: Mapping[str, Sequence[Row]],
    entries: Sequence[tuple[str, str, str, Path]],
    title: str = "reecho",
    lead: str = "",
    links: Sequence[tuple] = (),
    older: Collection[str] = (),
) -> None:
    """Write the page that leads to all others: what was run, on what, with what result.

    Args:
        out_html: the page to write.
        header, rows: what results.json holds, from `results.read_run`.
        entries: (title, href, question, executed notebook) of each report; the notebook gives the picture and what it measured.
        title: of the page.
        lead: the first sentences.
        links: (name, href) or (name, href, sentence) of further pages and files of the run, such as the PDF.
        older: hrefs of the reports that are older than their sources; the page says so.
    """
    notebooks = [read(executed) for *_, executed in entries]
    texts = markdown_to_html([*(question for _, _, question, _ in entries), *map(finding, notebooks)])
    parts = zip(entries, map(cover, notebooks), texts[: len(entries)], texts[len(entries) :], strict=True)
    cards = [
        {"title": name, "href": href, "picture": drawn and image(drawn), "question": question, "finding": measured}
        | {"older": href in older}
        for (name, href, *_), drawn, question, measured in parts
    ]
    text = filled(
        "index.html.j2", css=stylesheet("".join(texts)), policy=policy(), title=title, lead=lead, banner=header.get("banner"),
        notes=header.get("notes", ()),
        facts=facts_of(header), tasks=headlines(rows, header["dataset"]["size"]), cards=cards, ways=ways(entries, links),
    )  # fmt: skip
    write(Path(out_html), text)


def filled(name: str, folder: Path = TEMPLATES, **values: Any) -> str:
    """A page from a template of a folder, which may extend those of this package.

    Args:
        name: the template's.
        folder: where it lies.
        values: what it fills in; see base.html.j2 for what every page needs.
    """
    loader = jinja2.FileSystemLoader([folder, TEMPLATES])
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    own = (image, _harmless, _highlighted, _data, _numbered)
    environment.filters |= {function.__name__.removeprefix("_"): function for function in own}
    return environment.get_template(name).render(**values)


def write(out: Path, text: str) -> None:
    """Write a page whole or not at all."""
    with written_aside(out) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")


def markdown_to_html(texts: Sequence[str], pages: Sequence[str] = ()) -> list[str]:
    """Many pieces of Markdown as HTML, formulas as MathML.

    Args:
        texts: Markdown; links and footnotes of one piece may be defined in another.
        pages: hrefs of the other pages: links between notebooks lead to the first page of a notebook's name.

    Returns:
        HTML for each; the last one ends with the footnotes of all.
    """

    def target(stem: str, anchor: str) -> str:
        return next((page for page in pages if page.startswith(stem)), f"{stem}.html") + anchor

    return markdown.html([markdown.change(part, markdown.links(target), _for_pages) for part in markdown.read(texts)])


def _harmless(text: str) -> str:
    """HTML of a notebook that leads no reader away by itself, which a policy cannot forbid; all else is the policy's to stop."""
    return re.sub(r"<(?=\s*(?:meta|base)\b)", "&lt;", text, flags=re.IGNORECASE)


def _for_pages(kind: str, content: Any, *_: Any) -> markdown.Block | None:
    """Space behind the names of functions; a picture elsewhere becomes a link, for a page loads nothing."""
    if kind == "Math":
        return pandocfilters.Math(content[0], _FUNCTION.sub(r"\1\\,", content[1]))
    if kind in ("RawBlock", "RawInline") and content[0] == "html":
        return {"t": kind, "c": [content[0], _harmless(content[1])]}
    if kind == "Image" and not content[2][0].startswith("data:"):
        return pandocfilters.Link(["", [], []], content[1], [content[2][0], ""])
    return None


def image(piece: Piece) -> str:
    """A figure as `<img>`, with all that it shows in it."""
    size = "".join(f' {name}="{value}"' for name, value in (("width", piece.width), ("height", piece.height)) if value)
    kind = "picture"
    if piece.media == "image/svg+xml":
        drawn = piece.data.decode("utf-8")
        svg = themed(drawn)
        kind = kind if svg is drawn else "grid" if piece.pictures else "chart"
        url = source(svg.encode("utf-8"))
    else:
        url = in_base64(*lighter(piece.data)) if piece.media == "image/png" else in_base64(piece.data, piece.media)
    return f'<img class="{kind}" src="{escape(url, quote=False)}" alt="{escape(" ".join(piece.text.split()))}"{size}>'


def _scrolling(html: str, labels: Iterator[str]) -> str:
    """HTML whose tables scroll inside their place, each with a label."""
    region = '<div class="scroll" role="region" aria-label="{}" tabindex="0">{}</div>'
    return re.sub("<table>.*?</table>", lambda match: region.format(next(labels), match[0]), html, flags=re.DOTALL)


def _highlighted(code: str) -> str:
    return highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip()


def _data(widget: Mapping[str, Any]) -> str:
    return json.dumps(widget, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _numbered(html: str, word: str, number: int) -> str:
    """A caption with its number inside its first paragraph."""
    return re.sub(r"^<p>", f"<p><b>{word} {number}.</b> ", html)

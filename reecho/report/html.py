"""An executed notebook as one HTML file that asks for nothing else, fonts and script inside; and the index of a run."""

from __future__ import annotations

import functools
import itertools
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import jinja2
import pandocfilters
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from reecho.files import written_aside
from reecho.glossary import GLOSSARY
from reecho.palette import themed
from reecho.report import computing, markdown
from reecho.report.assembly import Opening, Page, arrange, opening_of
from reecho.report.charts import faces, in_base64, large_faces, lighter, names_share, source, with_pictures
from reecho.report.contents import cover, facts_of, headlines, sides_of, ways
from reecho.report.executed import Piece, pieces, read, title
from reecho.report.fixed import INTERVALS, INTERVALS_ANCHOR
from reecho.report.head import TEMPLATES, policy, script_of, stylesheet, template
from reecho.report.shared import for_page
from reecho.report.sheets import csv_of, table_for_page
from reecho.report.sprites import SCRIPTS
from reecho.report.terms import marked
from reecho.results import Row

_HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
# "log x": browsers set no space behind a function's name; none is wanted before a bracket
_FUNCTION = re.compile(
    r"(\\(?:log|ln|exp|sin|cos|min|max)(?![a-zA-Z])(?:_(?:\{[^}]*\}|\w))?)\s*(?=[A-Za-z0-9]|\\(?!left|[bB]ig|[,!:;]))"
)
_UNCOLOURED = re.compile('<span class="(?:n|p|o|w|nn|nb|bp)">([^<]*)</span>')  # what page.css gives no colour
_LARGEST = 1_500_000  # bytes of a page; above it small faces are stored with a small loss, if that is enough
_SUMMARY = {"parameters": "Show the parameters", "injected-parameters": "Show the parameters that were given to this run"}
_BUILD = 'new Widget(document.currentScript.closest("figure"));'  # behind each widget, so that nothing jumps later


def render(
    ipynb: Path | str | Mapping[str, Path], out_html: Path | str, strip: Sequence[tuple[str, str]] = (), step: int = 0,
    home: str | None = "index.html", switch: str = "This page shows",
) -> None:  # fmt: skip
    """Write an executed notebook, or several runs of it, as a page.

    Args:
        ipynb: the executed notebook; or label → notebook, runs of one source among which a reader chooses on the page.
        out_html: the page to write.
        strip: (title, href) of all pages of the run, in order; empty for a page that stands alone.
        step: which of them this is.
        home: href of the index page, where there is a strip.
        switch: what stands before the choice among several runs.

    Raises:
        ReechoError: no notebook there, or the disk is full.
    """
    runs = dict(ipynb) if isinstance(ipynb, Mapping) else {"": Path(ipynb)}
    notebooks = [read(path) for path in runs.values()]
    page = arrange([[piece for cell in notebook.cells for piece in pieces(cell)] for notebook in notebooks], list(runs))
    values = sections(page, Path(out_html).stem, strip)
    name = strip[step][0] if strip else title(notebooks[0], next(iter(runs.values())).stem)
    held = [*(placed.piece for placed in page.placed), *(given.picture for given in page.openings if given and given.picture)]
    whole, widgets = values.pop("whole"), any(piece.widget for piece in held)
    own = sorted({SCRIPTS[piece.widget["widget"]] for piece in held if piece.widget and piece.widget["widget"] in SCRIPTS})
    script = "".join(map(script_of, ["page.js", *(["divider.js", "widgets.js"] if widgets else []), *own]))
    computes = computing.needed([piece.widget["widget"] for piece in held if piece.widget])
    script += computing.scripts() if computes else ""
    styles = [template("widgets.css")] * widgets + [computing.style()] * computes + [switching(len(runs))] * (len(runs) > 1)
    fill = functools.partial(
        filled, "page.html.j2",
        css=stylesheet(whole, *styles), policy=policy([script, _BUILD][: 1 + widgets]) + computing.ALLOWED * computes,
        script=script, build=_BUILD, summaries=_SUMMARY, title=name, cite=citation(name, notebooks[0], Path(out_html).stem),
        strip=strip, step=step, home=home if strip else None, runs=list(runs) if len(runs) > 1 else [], switch=switch,
        banners=sorted({piece.text for piece in held if piece.kind == "banner"}),
        codes=sum(piece.kind == "code" for piece in held), **values,
    )  # fmt: skip
    text = fill(lossy=False)
    if len(text.encode()) > _LARGEST and len((tight := fill(lossy=True)).encode()) <= _LARGEST:
        text = tight
    write(Path(out_html), text)


def sections(page: Page, stem: str, pages: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The parts of a page as HTML: what the template page.html.j2 takes of these names, and the "whole" of it.

    Args:
        page: its pieces in their places.
        stem: its file name without suffix, for the names of its tables' files.
        pages: (title, href) of all pages of the run.
    """
    openings = [opening or Opening("", "") for opening in page.openings]
    pictures = [opening.picture.caption if opening.picture else "" for opening in openings]
    before = [text for opening, caption in zip(openings, pictures, strict=True)
              for text in (opening.question, opening.sentences, caption)]  # fmt: skip
    texts = [text for placed in page.placed for text in _markdown_of(placed.piece)]
    intervals = any((placed.piece.values or {}).get("intervals") for placed in page.placed)
    *done, notes = markdown_to_html([*before, *texts, INTERVALS if intervals else "", ""], pages)
    done = marked(done)
    opened, rest, box = done[: len(before)], done[len(before) : -1], done[-1]
    unnumbered = (f"Table {count} without a number" for count in itertools.count(1))
    shown = []
    for placed, body, caption in zip(page.placed, rest[::2], rest[1::2], strict=True):
        labels = iter([f"Table {placed.number}"]) if placed.number else unnumbered
        shown.append((placed, table_for_page(_scrolling(body, labels), placed.piece.pinned), caption))
    ends = list(itertools.accumulate(map(len, (page.head, page.body, page.behind))))
    headings = _HEADING.findall("".join([*(html for placed, html, _ in shown[: ends[1]] if not placed.run), box]))
    shown = [(placed, _HEADING.sub(_with_link, html), caption) for placed, html, caption in shown]
    return {
        "head": shown[: ends[0]], "body": shown[ends[0] : ends[1]], "behind": shown[ends[1] :], "notes": notes, "intervals": box,
        "openings": [
            {"question": question, "sentences": sentences, "picture": opening.picture, "caption": caption, "run": number}
            for number, (opening, question, sentences, caption) in enumerate(
                zip(page.openings, opened[::3], opened[1::3], opened[2::3], strict=True)
            )
            if opening
        ],
        "headings": headings,
        "files": {placed.anchor: csv_of(placed.piece.values, f"{stem}-{placed.anchor}.csv")
                  for placed in page.placed if placed.piece.values and placed.anchor},
        "whole": "".join([*done, notes]),
    }  # fmt: skip


def _with_link(heading: re.Match[str]) -> str:
    """A heading with a link to itself, for those who want to send it to somebody."""
    level, anchor, text = heading.groups()
    name = escape(re.sub("<[^>]+>", "", text))
    return f'<h{level} id="{anchor}">{text}<a class="link" href="#{anchor}" aria-label="Link to {name}"></a></h{level}>'


def _markdown_of(piece: Piece) -> tuple[str, str]:
    """The Markdown of a piece and of its caption; of a table with intervals the caption leads to what they mean."""
    caption = piece.caption
    if (piece.values or {}).get("intervals"):
        caption += f" [What the intervals mean](#{INTERVALS_ANCHOR})."
    return (piece.text if piece.kind in ("text", "table") else ""), caption


def switching(count: int) -> str:
    """The style sheet that shows one of several runs, the one whose button is chosen."""
    return "".join(f"main:has(#run-{number}:checked) .run:not(.run-{number}){{display:none}}\n" for number in range(count))


def citation(name: str, notebook: NotebookNode, stem: str) -> dict[str, str]:
    """How to cite a page: "text", and "bibtex" as BibTeX has it; commit and version are those that the notebook ran with."""
    record = notebook.metadata.get("reecho", {})
    version, commit = record.get("versions", {}).get("reecho", ""), record.get("commit", "")
    what = ", ".join(part for part in (f"version {version}" if version else "", f"commit {commit}" if commit else "") if part)
    bibtex = f"@misc{{reecho-{stem},\n  title = {{{name}}},\n  author = {{{{The authors of reecho}}}},\n  note = {{{what}}}\n}}"
    return {"text": f"The authors of reecho: “{name}”. In: reecho" + (f", {what}." if what else "."), "bibtex": bibtex}


def index(
    out_html: Path | str,
    header: Mapping[str, Any],
    rows: Mapping[str, Sequence[Row]],
    entries: Sequence[tuple[Any, ...]],
    title: str = "reecho",
    lead: str = "",
    links: Sequence[tuple] = (),
    older: Collection[str] = (),
) -> None:
    """Write the page that leads to all others: what was run, on what, with what result.

    Args:
        out_html: the page to write.
        header, rows: what results.json holds, from `results.read_run`.
        entries: (title, href, question, executed notebook, further runs of it…) of each report; the first notebook gives the
            picture and what it measured, the one with the largest faces those that are laid on each other.
        title: of the page.
        lead: the first sentences.
        links: (name, href) or (name, href, sentence) of further pages and files of the run, such as the PDF.
        older: hrefs of the reports that are older than their sources; the page says so.
    """
    runs = [[read(executed) for executed in executed_runs] for _, _, _, *executed_runs in entries]
    notebooks = [first for first, *_ in runs]
    of_runs = [[opening_of([piece for cell in run.cells for piece in pieces(cell)]) for run in several] for several in runs]
    openings = [first for first, *_ in of_runs]
    asked = (opening.question if opening else entry[2] for entry, opening in zip(entries, openings, strict=True))
    answers = (opening.sentences if opening else "" for opening in openings)
    texts = markdown_to_html([*asked, *answers], [(name, href) for name, href, *_ in entries])
    parts = zip(entries, notebooks, of_runs, texts[: len(entries)], texts[len(entries) :], strict=True)
    cards = [
        {"title": name, "href": href, "question": question, "answer": measured, "older": href in older}
        | dict(zip(("sides", "pixels"), sides_of(several), strict=True))
        | {"picture": (drawn := cover(notebook, several[0])) and image(drawn)}
        for (name, href, *_), notebook, several, question, measured in parts
    ]
    script = template("divider.js") + template("index.js")
    text = filled(
        "index.html.j2", css=stylesheet("".join(texts)), policy=policy([script]), script=script, title=title, lead=lead,
        banner=header.get("banner"), notes=header.get("notes", ()), glossary=GLOSSARY, size=header["dataset"]["size"],
        facts=facts_of(header, [run for several in runs for run in several]), ways=ways(entries, links), cards=cards,
        tasks=headlines(rows, header["dataset"]["size"]),
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
    own = (image, _drawing, _harmless, _highlighted, _data, _numbered)
    environment.filters |= {function.__name__.removeprefix("_"): function for function in own}
    return environment.get_template(name).render(**values)


def write(out: Path, text: str) -> None:
    """Write a page whole or not at all."""
    with written_aside(out) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")


def markdown_to_html(texts: Sequence[str], pages: Sequence[tuple[str, str]] = ()) -> list[str]:
    """Many pieces of Markdown as HTML, formulas as MathML.

    Args:
        texts: Markdown; links and footnotes of one piece may be defined in another.
        pages: (title, href) of the other pages: links between notebooks lead to the first page of a notebook's name, and
            words such as "notebook 03" to the first page of that number, by its title.

    Returns:
        HTML for each; the last one ends with the footnotes of all.
    """

    def target(stem: str, anchor: str) -> str:
        return next((href for _, href in pages if href.startswith(stem)), f"{stem}.html") + anchor

    def titled(number: str) -> tuple[str, str, str] | None:
        return next((("the page ", title, href) for title, href in pages if href.startswith(f"{number}_")), None)

    changes = markdown.numbers(titled), markdown.links(target), _for_pages, markdown.unbroken(_whole)
    return markdown.html([markdown.change(part, *changes) for part in markdown.read(texts)])


def _whole(word: markdown.Block) -> markdown.Block:
    return pandocfilters.Span(["", ["whole"], []], [word])


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


def image(piece: Piece, lossy: bool = False) -> str:
    """A figure as `<img>`, with all that it shows in it; small faces in fewer bytes where they may lose a little."""
    size = "".join(f' {name}="{value}"' for name, value in (("width", piece.width), ("height", piece.height)) if value)
    kind = "picture"
    if piece.media == "image/svg+xml":
        drawn = piece.data.decode("utf-8")
        svg = themed(drawn)
        kind = kind if svg is drawn else "grid" if piece.pictures else "chart"
        url = source(with_pictures(svg.encode("utf-8"), faces if lossy else large_faces))
    else:
        url = in_base64(*lighter(piece.data)) if piece.media == "image/png" else in_base64(piece.data, piece.media)
    return f'<img class="{kind}" src="{escape(url, quote=False)}" alt="{escape(" ".join(piece.text.split()))}"{size}>'


def _drawing(piece: Piece, more: str = "", lossy: bool = False) -> str:
    """A figure in a place inside which it scrolls where a window is too narrow for its letters.

    Args:
        piece: the figure.
        more: a further class of its place.
        lossy: as for `image`.
    """
    share = names_share(piece.data) if piece.media == "image/svg+xml" else 0.0
    style = f"--drawn: {piece.width}px; --height: {piece.height}px; " if piece.width and piece.height else ""
    held = f' style="{style}--names: {share:.2%}"' if share else f' style="{style.rstrip("; ")}"' if style else ""
    return f'<div class="{f"drawing {more}".strip()}"{held}>{image(piece, lossy)}</div>'


def _scrolling(html: str, labels: Iterator[str]) -> str:
    """HTML whose tables scroll inside their place, each with a label."""
    region = '<div class="scroll" role="region" aria-label="{}" tabindex="0">{}</div>'
    return re.sub("<table>.*?</table>", lambda match: region.format(next(labels), match[0]), html, flags=re.DOTALL)


def _highlighted(code: str) -> str:
    return _UNCOLOURED.sub(r"\1", highlight(code, PythonLexer(), HtmlFormatter(nowrap=True))).rstrip()


def _data(widget: Mapping[str, Any], still: Piece | None = None, lossy: bool = False) -> str:
    given = for_page(widget, still.data if still and still.media == "image/svg+xml" else b"", lossy)
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _numbered(html: str, word: str, number: int, anchor: str) -> str:
    """A caption with its number, a link to itself, inside its first paragraph."""
    return re.sub(r"^<p>", f'<p><b><a class="anchor" href="#{escape(anchor)}">{word} {number}.</a></b> ', html)

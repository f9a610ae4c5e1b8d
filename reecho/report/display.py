"""What notebooks call to show something; JupyterLab shows it as it is, the HTML and PDF writers know it by its metadata."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from IPython.display import display
from matplotlib.figure import Figure

from reecho import provenance as records
from reecho.context import Run
from reecho.errors import ReechoError
from reecho.palette import LIGHT
from reecho.plots.style import is_raster, to_png, to_svg
from reecho.report.charts import in_base64
from reecho.report.sprites import ANSWER, VALUES, row_of
from reecho.report.tables import differing, escape, pipe_table, plain, values_of
from reecho.results import Row
from reecho.settings import PARAMETERS, Settings, default

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_DOTS = 96  # a browser's dots an inch
_BOX = (
    f"border: 4px solid {LIGHT['alarm']}; background: {LIGHT['alarm-paper']}; color: {LIGHT['alarm']}; padding: 0.8em 1em; "
    "font-size: 1.15em; font-weight: bold"
)


def figure(fig: Figure, caption: str, alt: str, name: str = "", widget: Mapping[str, Any] | None = None) -> None:
    """Show a figure with its caption: as SVG with a PNG of the same beside it, or as PNG alone where it resamples pictures.

    Args:
        fig: from `reecho.plots`, or a reader's own.
        caption: Markdown: what it shows, which split, how many, how chosen, what to see.
        alt: the finding in plain words, for those who cannot see the figure.
        name: by which `answer` shows it, and its anchor in the page; lower-case letters, digits and hyphens.
        widget: media type → JSON of what the page shows in its place, from `report.widgets.sliders` and the like.

    Raises:
        ReechoError: caption or alt text is missing.
    """
    for what, text in (("caption", caption), ("alt", alt)):
        if not isinstance(text, str) or not text.strip():
            raise ReechoError(
                f"A figure needs {what} text; give figure(fig, caption=…, alt=…), the caption for all readers, alt for the blind."
            )
    if name and not _NAME.fullmatch(name):
        raise ReechoError(f"A figure's name has lower-case letters, digits and hyphens alone; {name!r} has not.")
    width, height = (round(inches * _DOTS) for inches in fig.get_size_inches())
    # JupyterLab shows no SVG of a notebook that it did not run itself; there the PNG stands in for it
    picture = ({} if is_raster(fig) else {"image/svg+xml": to_svg(fig)}) | {"image/png": to_png(fig)}
    size, alt = {"width": width, "height": height}, " ".join(alt.split())
    about = {"kind": "figure", "caption": caption.strip(), "alt": alt, "name": name, **size}
    metadata = {"reecho": about, **dict.fromkeys(picture, size)}
    display({**picture, **(widget or {}), "text/plain": f"Figure: {alt}"}, raw=True, metadata=metadata)
    _markdown(caption.strip(), "caption")


def table(
    rows: Sequence[Row | Mapping[str, Any]], columns: Sequence[Any], caption: str, pinned: Sequence[Row | Mapping[str, Any]] = ()
) -> None:
    """Show rows as a table, the best value of each column in bold.

    Args:
        rows: rows of results, or one dictionary a row; "–" where a row has no value.
        columns: as `reecho.tasks.columns` gives them, or dictionaries with "key", "heading", and where wanted "digits" (after
            the point; else the value as it is), "best" ("higher" or "lower") and "interval" (the key of a pair (low, high); else
            the column's with "_ci95" behind it). The rows' "method" comes first by itself.
        caption: Markdown: what it compares, which split, how many.
        pinned: those of the rows that the text speaks of; a page that folds a long table shows them at first.

    Raises:
        ReechoError: the caption is missing, there are no rows, or a pinned row is not among them.
    """
    if not isinstance(caption, str) or not caption.strip():
        raise ReechoError("A table needs a caption; give table(rows, columns, caption=…).")
    if any(row not in rows for row in pinned):
        raise ReechoError("A pinned row is not in the table; pin some of its rows.")
    places = [number for number, row in enumerate(rows) if row in pinned]
    columns, same = differing(rows, columns)
    _table(pipe_table(rows, columns), " ".join((caption.strip(), same)).strip(), "", values_of(rows, columns), places)


def settings_table(settings: Settings) -> None:
    """Show the effective settings: name, value, unit, meaning; what somebody changed is bold, with its default beside it."""
    rows = []
    for name, value in settings.as_dict().items():
        parameter = PARAMETERS[name]
        text = escape(plain(parameter.kind, value))
        if name in settings.changed:
            standard = plain(parameter.kind, default(settings.notebook, name))
            text = f"**{text}** (default: {escape('by preset' if parameter.presets else standard)})"
        elif parameter.presets:
            text += f" (preset {settings.preset})"
        rows.append((f"`{name}`", text, escape(parameter.unit), escape(parameter.meaning)))
    changed = f"{len(settings.changed)} changed, in bold" if settings.changed else "none changed"
    _texts(rows, ("name", "value", "unit", "meaning"), " ".join((f"Settings of this run; {changed}.", *settings.notes)), "settings")


def banner(faces: Any) -> None:
    """Warn in a large red box where these are not the faces that the parameters ask for; show nothing otherwise."""
    if not faces.banner:
        return
    data = {
        "text/html": f'<div role="alert" style="{_BOX}">⚠ {html.escape(faces.banner)}</div>',
        "text/markdown": f"> **⚠ {escape(faces.banner)}**",
    }
    display({**data, "text/plain": faces.banner}, raw=True, metadata={"reecho": {"kind": "banner", "text": faces.banner}})


def say(markdown: str) -> None:
    """Show a text whose numbers code has written, as Markdown; nothing where there is none."""
    if markdown.strip():
        _markdown(markdown.strip(), "text")


def answer(question: str, sentences: str, figure: str = "", sides: Mapping[str, np.ndarray] | None = None) -> None:
    """Show what the notebook found out; its page, its chapter of the book and its card on the index open with it.

    Args:
        question: what the notebook asks, Markdown, one sentence.
        sentences: the answer, Markdown, one to three sentences whose numbers code has written.
        figure: the name of the figure that shows it, which then stands at the top and nowhere else; "" for none.
        sides: two names → float arrays (n, H, W, 3) in [0, 1] of the same faces before and after; the index lays them on top of
            each other with a line between that moves.

    Raises:
        ReechoError: question or answer is missing, or there are not two sides of one shape.
    """
    if not question.strip() or not sentences.strip():
        raise ReechoError("An answer needs a question and sentences; give answer(question, sentences, figure=…).")
    if sides is not None and (len(sides) != 2 or len({np.shape(pictures) for pictures in sides.values()}) != 1):
        raise ReechoError("An answer has two sides of one shape, before and after; give sides={name: pictures, name: pictures}.")
    question, sentences = question.strip(), sentences.strip()
    about = {"kind": "answer", "question": question, "sentences": sentences, "figure": figure}
    rows = [[name, in_base64(row_of(pictures), "image/png")] for name, pictures in (sides or {}).items()]  # files sort names
    text = f"**{question}** {sentences}"
    data = {"text/markdown": text, "text/plain": text} | ({ANSWER: {"sides": rows}} if rows else {})
    display(data, raw=True, metadata={"reecho": about})


def provenance(run: Run, faces: Any, networks: Sequence[Any] = ()) -> None:
    """Show what the report was made with: faces, seed, commit, versions, machine, and how long each network trained.

    Args:
        run: of this notebook.
        faces: the faces it worked on.
        networks: the trained networks that it shows.
    """
    record, settings = records.gather(), run.settings
    machine, versions = record["machine"], record["versions"]
    people = len({int(person) for person in faces.people})
    memory = f", {machine['memory_gib']} GiB memory" if "memory_gib" in machine else ""
    counts = f"{len(faces.names):,} pictures of {people:,} people"
    title = faces.title if counts in faces.title else f"{faces.title}: {counts}"  # some sources count in their titles
    rows = [
        ("faces", escape(f"{title}, {settings.size}×{settings.size} pixels")),
        ("digest of the data", f"`{faces.digest[:16]}`"),
        ("seed, preset", escape(f"{settings.seed}, {settings.preset}")),
        ("commit", f"`{record['commit']}`"),
        ("versions", escape(", ".join(f"{name} {number}" for name, number in versions.items()))),
        ("machine", escape(f"{machine['system']} on {machine['processor']}, {machine['cores']} cores{memory}")),
    ]
    for network in networks:
        training = network.provenance
        costs = [f"{training[key]:g} {unit}" for key, unit in (("epochs", "epochs"), ("minutes", "min")) if key in training]
        rows.append(("network, trained in", ", ".join([f"`{network.folder.name}`", *costs])))
    _texts(rows, ("what", "value"), "What this report was made with.", "provenance")


def _markdown(text: str, kind: str) -> None:
    display({"text/markdown": text, "text/plain": text}, raw=True, metadata={"reecho": {"kind": kind}})


def _texts(rows: Sequence[Sequence[str]], headings: Sequence[str], caption: str, about: str) -> None:
    """A table of Markdown texts that every notebook has."""
    columns = [{"key": heading, "heading": heading, "markdown": True} for heading in headings]
    _table(pipe_table([dict(zip(headings, row, strict=True)) for row in rows], columns), caption, about)


def _table(lines: str, caption: str, about: str = "", values: Mapping[str, Any] | None = None, pinned: Sequence[int] = ()) -> None:
    _markdown(caption.strip(), "caption")
    data = {"text/markdown": lines, "text/plain": lines} | ({VALUES: values} if values else {})
    metadata = {"kind": "table", "caption": caption.strip(), "about": about} | ({"pinned": [*pinned]} if pinned else {})
    display(data, raw=True, metadata={"reecho": metadata})

"""What notebooks call to show something; JupyterLab shows it as it is, the HTML and PDF writers know it by its metadata."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from IPython.display import display
from matplotlib.figure import Figure

from reecho import provenance as records
from reecho.context import Run
from reecho.errors import ReechoError
from reecho.palette import LIGHT
from reecho.plots.style import is_raster, to_png, to_svg
from reecho.report.tables import escape, pipe_table, plain
from reecho.results import Row
from reecho.settings import PARAMETERS, Settings, default

_DOTS = 96  # a browser's dots an inch
_BOX = (
    f"border: 4px solid {LIGHT['alarm']}; background: {LIGHT['alarm-paper']}; color: {LIGHT['alarm']}; padding: 0.8em 1em; "
    "font-size: 1.15em; font-weight: bold"
)


def figure(fig: Figure, caption: str, alt: str, cover: bool = False, widget: Mapping[str, Any] | None = None) -> None:
    """Show a figure with its caption: as SVG with a PNG of the same beside it, or as PNG alone where it resamples pictures.

    Args:
        fig: from `reecho.plots`, or a reader's own.
        caption: Markdown: what it shows, which split, how many, how chosen, what to see.
        alt: the finding in plain words, for those who cannot see the figure.
        cover: use this figure on the index page; otherwise that takes the notebook's last grid of pictures.
        widget: media type → JSON of what the page shows in its place, from `report.widgets.sliders` and the like.

    Raises:
        ReechoError: caption or alt text is missing.
    """
    for name, text in (("caption", caption), ("alt", alt)):
        if not isinstance(text, str) or not text.strip():
            raise ReechoError(
                f"A figure needs {name} text; give figure(fig, caption=…, alt=…), the caption for all readers, alt for the blind."
            )
    width, height = (round(inches * _DOTS) for inches in fig.get_size_inches())
    # JupyterLab shows no SVG of a notebook that it did not run itself; there the PNG stands in for it
    picture = ({} if is_raster(fig) else {"image/svg+xml": to_svg(fig)}) | {"image/png": to_png(fig)}
    size, alt = {"width": width, "height": height}, " ".join(alt.split())
    about = {"kind": "figure", "caption": caption.strip(), "alt": alt, "cover": cover, **size}
    metadata = {"reecho": about, **dict.fromkeys(picture, size)}
    display({**picture, **(widget or {}), "text/plain": f"Figure: {alt}"}, raw=True, metadata=metadata)
    _markdown(caption.strip(), "caption")


def table(rows: Sequence[Row | Mapping[str, Any]], columns: Sequence[Any], caption: str) -> None:
    """Show rows as a table, the best value of each column in bold.

    Args:
        rows: rows of results, or one dictionary a row; "–" where a row has no value.
        columns: as `reecho.tasks.columns` gives them, or dictionaries with "key", "heading", and where wanted "digits" (after
            the point; else the value as it is), "best" ("higher" or "lower") and "interval" (the key of a pair (low, high); else
            the column's with "_ci95" behind it). The rows' "method" comes first by itself.
        caption: Markdown: what it compares, which split, how many.

    Raises:
        ReechoError: the caption is missing, or there are no rows.
    """
    if not isinstance(caption, str) or not caption.strip():
        raise ReechoError("A table needs a caption; give table(rows, columns, caption=…).")
    _table(pipe_table(rows, columns), caption)


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


def say(markdown: str, finding: bool = False) -> None:
    """Show a text whose numbers code has written, as Markdown.

    Args:
        markdown: the text.
        finding: whether it is what the notebook found out; the index shows it.
    """
    _markdown(markdown.strip(), "text", finding=finding)


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
    pictures = f"{len(faces.names):,} pictures of {people:,} people, {settings.size}×{settings.size} pixels"
    rows = [
        ("faces", escape(f"{faces.title}: {pictures}")),
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


def _markdown(text: str, kind: str, **more: Any) -> None:
    display({"text/markdown": text, "text/plain": text}, raw=True, metadata={"reecho": {"kind": kind, **more}})


def _texts(rows: Sequence[Sequence[str]], headings: Sequence[str], caption: str, about: str) -> None:
    """A table of Markdown texts that every notebook has."""
    columns = [{"key": heading, "heading": heading, "markdown": True} for heading in headings]
    _table(pipe_table([dict(zip(headings, row, strict=True)) for row in rows], columns), caption, about)


def _table(lines: str, caption: str, about: str = "") -> None:
    _markdown(caption.strip(), "caption")
    _markdown(lines, "table", caption=caption.strip(), about=about)

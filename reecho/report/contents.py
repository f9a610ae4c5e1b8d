"""What the index page says of a run: facts, the best numbers of each task, a picture and a sentence for each report."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nbformat import NotebookNode
from PIL import Image

from reecho.report.executed import Piece, pieces
from reecho.report.tables import pipe_table

_THUMBNAIL = 560, 310  # dots, about twice what the page shows
_INPUTS = ("noisy", "grey", "input")  # methods of these beginnings are the task's input as it is


def cover(notebook: NotebookNode) -> tuple[Piece | None, str]:
    """A notebook's picture and first sentence.

    Args:
        notebook: executed.

    Returns:
        (the figure marked as cover, else the last grid of pictures, else the last figure, else None; the first sentence
        of the text below the title, as Markdown).
    """
    found = [piece for cell in notebook.cells for piece in pieces(cell)]
    figures = [piece for piece in found if piece.kind == "figure"]
    chosen = [piece for piece in figures if piece.cover] or [piece for piece in figures if piece.media == "image/png"] or figures
    texts = re.sub(r"^#.*$", "", "\n\n".join(piece.text for piece in found if piece.kind == "text"), flags=re.MULTILINE)
    paragraphs = (re.sub(r"^\*\*[^*]+\*\*\s*", "", part.strip()) for part in re.split(r"\n\s*\n", texts))  # without "**Question.**"
    prose = next((part for part in paragraphs if part[:1].isalpha() and "→" not in part and len(part.split()) > 5), "")
    sentence = re.match(r".*?[.?!](?=\s|$)|.*", " ".join(prose.split()))[0]
    return (_smaller(chosen[-1]) if chosen else None), sentence


def overview(header: Mapping[str, Any]) -> tuple[list[tuple[str, str]], str]:
    """The facts of a run, and its results as a Markdown table.

    Args:
        header: the content of results.json.

    Returns:
        ((name, text) of each fact that is known; a pipe table, a row a task: the input as it is, the best baseline, the
        reference network and the best network by PSNR, or "" where there are no results).
    """
    dataset, made = header.get("dataset", {}), header.get("provenance", {})
    machine = made.get("machine", {})
    facts = [
        ("faces", "{name}: {pictures:,} pictures of {people:,} people, {size}×{size} pixels".format(**dataset) if dataset else ""),
        ("preset", header.get("preset", "")),
        ("time", f"{header['minutes']:.1f} minutes" if header.get("minutes") else ""),
        ("machine", f"{machine['cores']} cores, {machine['system']} on {machine['processor']}" if machine else ""),
        ("commit", made.get("commit", "")),
        ("digest of the data", dataset.get("digest", "")[:16]),
    ]
    rows = [row for task, each in header.get("tasks", {}).items() if (row := _best(task, each, dataset.get("size")))]
    columns = [{"key": key, "heading": heading} for key, heading in _COLUMNS.items()]
    return [(name, text) for name, text in facts if text], pipe_table(rows, columns) if rows else ""


_COLUMNS = {
    "task": "task", "input": "the input as it is", "baseline": "best baseline", "reference": "reference network",
    "ours": "best network",
}  # fmt: skip


def best_of(rows: list[dict[str, Any]], size: int | None = None) -> dict[str, dict[str, Any]]:
    """The rows of a task that a summary shows.

    Args:
        rows: a task's rows in results.json.
        size: width and height of the faces, pixels; rows of other sizes are left out. None takes all.

    Returns:
        By "input", "baseline", "reference" and "ours" the row with the highest PSNR, the reference network's and that of all our
        networks. PCA and autoencoders without noise are left out, since their codes are exact: with enough axes they are the
        picture itself, at no stated rate; so are oracles, which look at the target, and, where the linear VAE has a rate, codes
        and files that cost more than a tenth above it. What there is none of is missing.
    """
    measured = [row for row in rows if row.get("psnr_db") is not None and row.get("size", size) in (size, None)]
    linear = [row for row in measured if row["method"].startswith("linear VAE")]
    limit = max((1.1 * row["rate_nats"] for row in linear if row.get("rate_nats")), default=None)
    ours = [row for row in measured if row.get("ours") and (limit is None or 0 < (row.get("rate_nats") or 0) <= limit)]
    inputs = [row for row in measured if not row.get("ours") and row["method"].startswith(_INPUTS)]
    others = [row for row in measured if not row.get("ours") and row not in inputs]
    others = [row for row in others if not row["method"].startswith(("PCA", "oracle"))]
    others = [row for row in others if limit is None or (row.get("rate_nats") or 0) <= limit]
    reference = [row for row in ours if row["method"].startswith("reference")]
    groups = {"input": inputs, "baseline": others, "reference": reference, "ours": ours}
    return {key: max(group, key=lambda row: row["psnr_db"]) for key, group in groups.items() if group}


def _best(task: str, rows: list[dict[str, Any]], size: int | None) -> dict[str, str]:
    """A task's row: the PSNR of its input, of the best baseline and of ours; {} where nothing has a PSNR."""
    found = {
        key: f"{row['psnr_db']:.1f} dB" + ("" if key == "input" else f" ({row['method']})")
        for key, row in best_of(rows, size).items()
    }
    return {"task": task} | found if found else {}


def _smaller(piece: Piece) -> Piece:
    """The top of a grid of pictures at the size of the index page; curves are as small as they are."""
    if piece.media != "image/png":
        return piece
    picture = Image.open(io.BytesIO(piece.data)).convert("RGB")
    width, height = _THUMBNAIL
    picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    picture = picture.crop((0, 0, width, min(height, picture.height)))
    buffer = io.BytesIO()
    picture.save(buffer, "jpeg", quality=75, optimize=True)
    return replace(piece, data=buffer.getvalue(), media="image/jpeg", width=width // 2, height=picture.height // 2)

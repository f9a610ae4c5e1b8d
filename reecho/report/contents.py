"""What the index page says of a run: facts, the best numbers of each task, a picture and a sentence for each report."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from PIL import Image

from reecho.report.charts import for_a_card, top_of, with_pictures
from reecho.report.executed import Piece, pieces

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
    chosen = [piece for piece in figures if piece.cover] or [piece for piece in figures if piece.pictures] or figures
    texts = re.sub(r"^#.*$", "", "\n\n".join(piece.text for piece in found if piece.kind == "text"), flags=re.MULTILINE)
    paragraphs = (re.sub(r"^\*\*[^*]+\*\*\s*", "", part.strip()) for part in re.split(r"\n\s*\n", texts))  # without "**Question.**"
    prose = next((part for part in paragraphs if part[:1].isalpha() and "→" not in part and len(part.split()) > 5), "")
    return (_smaller(chosen[-1]) if chosen else None), _first_sentence(prose)


def finding(notebook: NotebookNode) -> str:
    """What a report found: the first sentence that code wrote under "Conclusions", as Markdown; "" where there is none."""
    concluding = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and re.match(r"## ", cell.source):
            concluding = cell.source.startswith("## Conclusions")
        elif concluding and cell.cell_type == "code":
            for piece in pieces(cell):
                if piece.kind == "text":
                    return _first_sentence(re.sub(r"^\*\*([^*]+)\.\*\*\s*", r"\1: ", piece.text))
    return ""


def _first_sentence(text: str) -> str:
    return re.match(r".*?[.?!](?=\s|$)|.*", " ".join(text.split()))[0]


def facts_of(header: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was run, on what: (name, text) of each fact that is known.

    Args:
        header: the content of results.json.
    """
    dataset, made = header.get("dataset", {}), header.get("provenance", {})
    machine, name = made.get("machine", {}), _DATASETS.get(dataset.get("name"), dataset.get("name"))
    facts = [
        ("faces", f"{name}: " + _FACES.format(**dataset) if dataset else ""),
        ("preset", header.get("preset", "")),
        ("time", f"{header['minutes']:.1f} minutes" if header.get("minutes") else ""),
        ("machine", f"{machine['cores']} cores, {machine['system']} on {machine['processor']}" if machine else ""),
        ("commit", made.get("commit", "")),
        ("data digest", dataset.get("digest", "")[:16]),
    ]
    return [(name, text) for name, text in facts if text]


_FACES = "{pictures:,} pictures of {people:,} people, {size}×{size} pixels"
_DATASETS = {"lfw": "Labeled Faces in the Wild", "synthetic": "drawn faces"}


def headlines(header: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The results in one look: for each task its best rows on one scale.

    Args:
        header: the content of results.json.

    Returns:
        For each task that has a PSNR "task", "verdict" (the best network against the best simple method, in words) and "rows": by
        row what it is, its method, its PSNR as text, its place "at" on the scale of all tasks, percent, and whether it is "ours".
    """
    size = header.get("dataset", {}).get("size")
    found = {task: best for task, rows in header.get("tasks", {}).items() if (best := best_of(rows, size))}
    values = [row["psnr_db"] for best in found.values() for row in best.values()]
    if not values:
        return []
    low, high = min(values) - 1, max(values) + 1
    tasks = []
    for task, best in found.items():
        if best.get("ours") == best.get("reference"):
            best.pop("ours", None)
        rows = [
            {
                "what": _WHAT[key], "method": row["method"], "value": f"{row['psnr_db']:.1f}",
                "at": round(100 * (row["psnr_db"] - low) / (high - low), 1), "ours": key in ("reference", "ours"),
            }
            for key, row in best.items()
        ]  # fmt: skip
        tasks.append({"task": task, "verdict": _verdict(best), "rows": rows})
    return tasks


_WHAT = {
    "input": "input as it is", "baseline": "best simple method", "reference": "reference network", "ours": "best network",
}  # fmt: skip


def _verdict(best: Mapping[str, Mapping[str, Any]]) -> str:
    """In words how far the best network is from the best simple method."""
    ours = best.get("ours") or best.get("reference")
    if not ours or "baseline" not in best:
        return ""
    gap = round(ours["psnr_db"] - best["baseline"]["psnr_db"], 1)
    what = "The best network" if "ours" in best else "The network"
    if gap == 0:
        return f"{what} is as good as the best simple method."
    return f"{what} is {abs(gap):.1f} dB {'better' if gap > 0 else 'worse'} than the best simple method."


def ways(entries: Sequence[tuple], links: Sequence[tuple]) -> list[tuple[str, str, str]]:
    """Where a reader can begin: the first report, the last one where there are several, then the further files.

    Args:
        entries: (title, href, …) of each report, in order.
        links: (name, href) or (name, href, sentence).

    Returns:
        (name, href, sentence) of each.
    """
    found = [(f"Start: {entries[0][0]}", entries[0][1], "The first report; each leads on to the next.")] if entries else []
    if len(entries) > 2:
        found.append((entries[-1][0], entries[-1][1], "The last report, for those who have five minutes."))
    for name, href, *sentence in links:
        found.append((name, href, sentence[0] if sentence else _ABOUT.get(Path(href).suffix, "")))
    return found


_ABOUT = {
    ".pdf": "All reports as one book, to print or to take along.",
    ".json": "Every number of every method with its interval, for programs.",
}


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


def _smaller(piece: Piece) -> Piece:
    """The top of a grid of pictures at the size of the index page; curves are as small as they are."""
    if not piece.pictures:
        return piece
    if piece.media == "image/svg+xml":
        width, height = (size // 2 for size in _THUMBNAIL)
        data, share = top_of(piece.data, height / width)
        data = with_pictures(data, for_a_card).replace(b"image-rendering:pixelated", b"image-rendering:auto")  # seen smaller
        return replace(piece, data=data, width=width, height=round(width * share))
    picture = Image.open(io.BytesIO(piece.data)).convert("RGB")
    width, height = _THUMBNAIL
    picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    picture = picture.crop((0, 0, width, min(height, picture.height)))
    buffer = io.BytesIO()
    picture.save(buffer, "jpeg", quality=75, optimize=True)
    return replace(piece, data=buffer.getvalue(), media="image/jpeg", width=width // 2, height=picture.height // 2)

"""What the index page says of a run: facts, the best numbers of each task, a picture and a sentence for each report."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from PIL import Image

from reecho.datasets import title_of
from reecho.report.assembly import Opening
from reecho.report.charts import for_a_card, in_base64, large_faces, top_of, with_pictures
from reecho.report.executed import Piece, pieces
from reecho.results import Row, difference, highlights
from reecho.tasks import TASKS

_THUMBNAIL = 560, 310  # dots, about twice what the page shows


def cover(notebook: NotebookNode, opening: Opening | None) -> Piece | None:
    """A notebook's picture for the index: the figure of its answer, else the last one; None where it has charts alone.

    A chart's letters could not be read in a card.

    Args:
        notebook: executed.
        opening: what its page opens with.
    """
    if opening and opening.picture and opening.picture.pictures:
        return _smaller(opening.picture)
    chosen = [piece for cell in notebook.cells for piece in pieces(cell) if piece.pictures]
    return _smaller(chosen[-1]) if chosen else None


def sides_of(openings: Sequence[Opening | None]) -> tuple[dict[str, str], int]:
    """The faces that an answer lays on each other: those of the run whose faces have the most pixels; empty where none has any.

    Args:
        openings: of the runs of one notebook.

    Returns:
        Two names → URLs of rows of faces, large ones as `large_faces` gives them; the faces' height, pixels.
    """
    rows = [
        {name: base64.b64decode(url.partition(",")[2]) for name, url in opening.sides.items()}
        for opening in openings
        if opening and opening.sides
    ]
    heights = [min(Image.open(io.BytesIO(row)).height for row in sides.values()) for sides in rows]
    height, place = max(((height, -place) for place, height in enumerate(heights)), default=(0, 0))
    largest = rows[-place] if rows else {}
    return {name: in_base64(*large_faces(row)) for name, row in largest.items()}, height


def facts_of(header: Mapping[str, Any], notebooks: Sequence[NotebookNode] = ()) -> list[tuple[str, str]]:
    """What was run, on what: (name, text) of each fact that is known.

    Args:
        header: the content of results.json.
        notebooks: those executed; the commit is the one that they ran with, as their pages say, and of several all are named.
    """
    commits = Counter(commit for run in notebooks if (commit := run.metadata.get("reecho", {}).get("commit")))
    named = [f"{commit} ({count} of {commits.total()} notebooks)" for commit, count in commits.most_common()]
    dataset, provenance = header.get("dataset", {}), header.get("provenance", {})
    machine, name = provenance.get("machine", {}), title_of(dataset.get("name", ""))
    facts = [
        ("faces", f"{name}: " + _FACES.format(**dataset) if dataset else ""),
        ("preset", header.get("preset", "")),
        ("time, with all trainings", f"{header['minutes']['total']:.1f} minutes" if header.get("minutes") else ""),
        ("memory", f"at most {header['memory_gib']:.1f} GiB a notebook" if header.get("memory_gib") else ""),
        ("machine", f"{machine['cores']} cores, {machine['system']} on {machine['processor']}" if machine else ""),
        ("commit", ", ".join(named) if len(commits) > 1 else next(iter(commits), provenance.get("commit", ""))),
        ("data digest", dataset.get("digest", "")[:16]),
    ]
    return [(name, text) for name, text in facts if text]


_FACES = "{pictures:,} pictures of {people:,} people, {size}×{size} pixels"


_KINDS = {  # what of a task's highlights the index shows → its name
    "input": "input as it is", "baseline": "best simple method", "reference": "reference network", "network": "best network",
}  # fmt: skip


def headlines(rows: Mapping[str, Sequence[Row]], size: int | None) -> list[dict[str, Any]]:
    """The results in one look: for each task its best rows on one scale.

    Args:
        rows: task → rows, from `results.read_run`.
        size: width and height of the run's faces, pixels.

    Returns:
        For each task that has a PSNR "title", "verdict" (the best network against the best simple method, in words) and "rows": by
        row what it is, its method, its PSNR as text, its place "at" on the scale of all tasks, percent, and whether it is a
        network.
    """
    best_of = {task: highlights(task, some, size) for task, some in rows.items()}
    best_of = {task: {kind: best[kind] for kind in _KINDS if kind in best} for task, best in best_of.items()}
    values = [row["psnr_db"] for best in best_of.values() for row in best.values()]
    if not values:
        return []
    low, high = min(values) - 1, max(values) + 1
    tasks = []
    for task, best in best_of.items():
        if not best:
            continue
        if best.get("network") == best.get("reference"):
            best.pop("network", None)
        cells = [
            {
                "what": _KINDS[kind], "method": row.title, "value": f"{row['psnr_db']:.2f}",
                "at": round(100 * (row["psnr_db"] - low) / (high - low), 1), "network": row.method.is_network,
            }
            for kind, row in best.items()
        ]  # fmt: skip
        tasks.append({"title": TASKS[task].title, "verdict": _verdict(task, best), "rows": cells})
    return tasks


def _verdict(task: str, best: Mapping[str, Row]) -> str:
    """In words how far the best network is from the best simple method, by the number that the summary compares too."""
    network = best.get("network") or best.get("reference")
    if not network or "baseline" not in best:
        return ""
    gap, interval = difference(task, best["baseline"], network)
    at_equal_rate = TASKS[task].has_rate and network.get("gain_db") is not None
    against = "the linear VAE of its own rate" if at_equal_rate else "the best simple method"
    what = "The best network" if "network" in best else "The network"
    if round(gap, 2) == 0:
        return f"{what} is as good as {against}."
    low, high = interval or (gap, gap)
    chance = ", which may be chance" if low <= 0 <= high else ""
    return f"{what} is {abs(gap):.2f} dB {'better' if gap > 0 else 'worse'} than {against}{chance}."


def ways(entries: Sequence[tuple], links: Sequence[tuple]) -> list[tuple[str, str, str]]:
    """Where a reader can begin: the first report, the last one where there are several, then the further files.

    Args:
        entries: (title, href, …) of each report, in order.
        links: (name, href) or (name, href, sentence).

    Returns:
        (name, href, sentence) of each.
    """
    starts = [(f"Start: {entries[0][0]}", entries[0][1], "The first report; each leads on to the next.")] if entries else []
    if len(entries) > 2:
        starts.append((entries[-1][0], entries[-1][1], "The last report, for those who have five minutes."))
    for name, href, *sentence in links:
        starts.append((name, href, sentence[0] if sentence else _ABOUT.get(Path(href).suffix, "")))
    return starts


_ABOUT = {
    ".pdf": "All reports as one book, to print or to take along.",
    ".json": "Every number of every method with its interval, for programs.",
}


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

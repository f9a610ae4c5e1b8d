"""The table of results in README.md, written from results.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.report.contents import best_of

BEGIN, END = "<!-- results: written by `reecho publish` from reports/results.json -->", "<!-- end of results -->"
_TASKS = {"reconstruction": "mean face", "denoising": "noisy input", "colourisation": "grey"}  # and the row of what nothing learnt


def table(results: dict[str, Any]) -> str:
    """The results as a Markdown table: for each task what nothing learnt, the best simple method, the reference
    network and the best network, PSNR in dB.

    Args:
        results: what results.json holds.

    Returns:
        A sentence and the table.
    """
    told, rows = results["dataset"], []
    for task, nothing in _TASKS.items():
        found = results["tasks"][task]
        floor = next(row for row in found if row["method"] == nothing)
        best = best_of(found, told["size"])
        shown = [floor, *(best[key] for key in ("baseline", "reference", "ours"))]
        rows.append(f"| {task} | " + " | ".join(map(_told, shown)) + " |")
    count = max(row["n"] for row in results["tasks"]["reconstruction"])
    head = (
        f"PSNR in dB on {count:,} pictures of held-out people at {told['size']}×{told['size']} pixels (dataset: {told['name']}, "
        f"preset {results['preset']}, {results['minutes']:.0f} minutes); in brackets the 95 % interval of a bootstrap over people."
    )
    columns = ("task", "before", "best simple method", "reference network", "best network")
    return "\n".join([head, "", "| " + " | ".join(columns) + " |", "| --- " * len(columns) + "|", *rows])


def _told(row: dict[str, Any]) -> str:
    low, high = row["psnr_db_ci95"]
    return f"{row['method']}: {row['psnr_db']:.2f} [{low:.2f}, {high:.2f}]"


def update(readme: Path, results: dict[str, Any]) -> None:
    """Put the table between the two marks of README.md.

    Raises:
        ReechoError: the marks are not there.
    """
    text = readme.read_text(encoding="utf-8")
    before, found, rest = text.partition(BEGIN)
    _, ends, after = rest.partition(END)
    if not found or not ends:
        raise ReechoError(f"{readme} lacks the lines {BEGIN} and {END} between which the results go; put them back.")
    with written_aside(readme) as aside:
        aside.write_text(f"{before}{BEGIN}\n{table(results)}\n{END}{after}", encoding="utf-8", newline="\n")

"""The table of results in README.md, written from results.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reecho import results
from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.pipeline.steps import STEPS, distribute, of_preset
from reecho.results import Row
from reecho.settings import PATHS
from reecho.tasks import LEARNT

BEGIN, END = "<!-- results: written by `reecho publish` from reports/results.json -->", "<!-- end of results -->"
_COLUMNS = {  # what of a task's highlights is shown → its heading
    "floor": "before", "baseline": "best simple method", "reference": "reference network", "network": "best network",
}  # fmt: skip


def table(header: Mapping[str, Any], rows: Mapping[str, Sequence[Row]]) -> str:
    """The results as a Markdown table: for each task, at each size of faces that it was run at, what learns nothing, the best
    simple method, the reference network and the best network, PSNR in dB.

    Args:
        header, rows: from `results.read_run`.

    Returns:
        A sentence and the table.
    """
    dataset = header["dataset"]
    lines = []
    for size in sorted({row.size for some in rows.values() for row in some}, key=lambda size: (size != dataset["size"], size)):
        for task in LEARNT:
            if best := results.highlights(task, rows.get(task, ()), size):
                name = task if size == dataset["size"] else f"{task}, {size}×{size}"
                lines.append(f"| {name} | " + " | ".join(_cell(best.get(kind)) for kind in _COLUMNS) + " |")
    count = max(row.n for task in LEARNT for row in rows.get(task, ()))
    size, minutes = dataset["size"], header["minutes"]["total"]
    head = (
        f"PSNR in dB on {count:,} pictures of held-out people at {size}×{size} pixels, where no other size is named (dataset: "
        f"{dataset['name']}, preset {header['preset']}{_changed(header)}, {minutes:.0f} minutes summed over notebooks and trainings"
        "); in brackets the 95 % interval of a bootstrap over people."
    )
    headings = ("task", *_COLUMNS.values())
    return "\n".join([head, "", "| " + " | ".join(headings) + " |", "| --- " * len(headings) + "|", *lines])


def _changed(header: Mapping[str, Any]) -> str:
    """The parameters in which a run differs from its preset, in words; "" where there are none."""
    standard = distribute(of_preset(STEPS, header["preset"]), {"preset": header["preset"]})
    changed: dict[str, Any] = {}
    for step, values in header.get("parameters", {}).items():
        own = json.loads(json.dumps(standard[step][1].shown())) if step in standard else {}
        changed |= {name: values[name] for name in own.keys() & values.keys() - set(PATHS) if values[name] != own[name]}
    return " with " + ", ".join(f"{name} = {value}" for name, value in sorted(changed.items())) if changed else ""


def _cell(row: Row | None) -> str:
    if row is None:
        return "–"
    low, high = row.intervals["psnr_db"]
    return f"{row.title}: {row['psnr_db']:.2f} [{low:.2f}, {high:.2f}]"


def update(readme: Path, published: Path) -> None:
    """Put the table of a results.json between the two marks of README.md; see `put`.

    Args:
        readme: the file to change.
        published: results.json.
    """
    put(readme, BEGIN, END, table(*results.read_run(published)))


def put(readme: Path, first: str, last: str, text: str) -> None:
    """Put a text between two lines of README.md, in the place of what stands there.

    Args:
        readme: the file to change.
        first, last: the lines, which stay.
        text: what goes between them.

    Raises:
        ReechoError: the lines are not there.
    """
    content = readme.read_text(encoding="utf-8")
    before, begin, rest = content.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ReechoError(f"{readme} lacks the lines {first} and {last} between which the results go; put them back.")
    with written_aside(readme) as aside:
        aside.write_text(f"{before}{first}\n{text}\n{last}{after}", encoding="utf-8", newline="\n")

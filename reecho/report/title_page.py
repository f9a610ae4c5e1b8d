"""What the book's title page says; templates/book.typ says how it looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reecho.report.contents import facts_of
from reecho.report.tables import pipe_table
from reecho.results import Row, highlights

NOTE = (
    "Every number and figure in this book was written by the notebooks of reecho as they ran. The code is not printed here: it is "
    "in the notebooks, and on the HTML pages under “Show code”."
)
_COLUMNS = {
    "task": "task", "input": "the input as it is", "baseline": "best simple method", "reference": "reference network",
    "network": "best network",
}  # fmt: skip


@dataclass(frozen=True)
class Cover:
    """What the title page shows.

    Args:
        title, subtitle: of the book.
        header, rows: what results.json holds, from `results.read_run`; facts of the run and its best results.
        picture: (PNG file, alt text), or None.
    """

    title: str
    subtitle: str = ""
    header: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    picture: tuple[Path, str] | None = None

    def markdown(self) -> str:
        """Results and facts of the run; "" where there are none."""
        results, facts = self._results(), facts_of(self.header)
        texts = ["PSNR on pictures of people whom no network saw in training:", results] if results else []
        if facts:
            columns = [{"key": "what", "heading": "this run"}, {"key": "value", "heading": "value"}]
            texts.append(pipe_table([{"what": name, "value": text} for name, text in facts], columns))
        return "\n\n".join(texts)

    def _results(self) -> str:
        """A pipe table, a row a task: the best PSNR of each kind of method and whose it is; "" where nothing has a PSNR."""
        size, lines = self.header.get("dataset", {}).get("size"), []
        for task, rows in self.rows.items():
            best = {kind: row for kind, row in highlights(task, rows, size).items() if kind in _COLUMNS}
            cells = {kind: f"{row['psnr_db']:.2f} dB" + f" ({row.title})" * (kind != "input") for kind, row in best.items()}
            lines += [{"task": task} | cells] if cells else []
        return pipe_table(lines, [{"key": key, "heading": heading} for key, heading in _COLUMNS.items()]) if lines else ""

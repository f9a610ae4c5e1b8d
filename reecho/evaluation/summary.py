"""What the summary shows of a task: its methods side by side."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from reecho import plots
from reecho.results import Row
from reecho.tasks import Task


def dot_plot(task: Task, rows: Sequence[Row]) -> tuple[Figure, str, str]:
    """Every method of a task by the last measure of its rank.

    Args:
        task: one that has targets.
        rows: of it, one at least with that measure.

    Returns:
        The figure, its caption, its alt text.
    """
    column = task.column(task.rank[-1])
    measured = [row for row in rows if row.get(column.key) is not None]
    ordered = sorted(measured, key=lambda row: row[column.key], reverse=column.better == "lower")
    first, last = ordered[0], ordered[-1]
    aside = f", {column.better} is better" if column.better else ""
    caption = f"{task.title} of held-out people: {column.heading}{aside}, with its 95 % interval; networks in colour."
    alt = (
        f"Dot plot of {len(measured)} methods, from {first.title} with {first[column.key]:.{column.digits}f} to {last.title} with "
        f"{last[column.key]:.{column.digits}f}."
    )
    return plots.bars_with_intervals(measured, column.key, column.heading + aside, min(column.digits, 2)), caption, alt

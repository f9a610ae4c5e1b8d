"""Numbers and rows of a benchmark in words: for its page, for figures, for the README."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from reecho.benchmark.record import Record
from reecho.benchmark.rounds import SHARE, Row
from reecho.benchmark.subjects import HEADLINES

MISSING = "–"


def short(value: float) -> str:
    """A value in three digits, or all before the point.

    Example:
        >>> short(1.2345), short(12.345), short(1234.5), short(0.012345), short(99.98), short(0.0)
        ('1.23', '12.3', '1,234', '0.0123', '100', '0')
    """
    if value == 0:
        return "0"
    value = float(f"{value:.3g}") if abs(value) < 1000 else value  # 99.98 is 100 and not 100.0
    digits = max(2 - math.floor(math.log10(abs(value))), 0)
    return f"{value:,.{digits}f}".replace("-", "−")


def with_range(row: Row) -> str:
    """The median, with lowest and highest in brackets; a share in per cent.

    Example:
        >>> with_range(Row("a", "times", (1.0, 1.5, 1.2)))
        '1.20 [1.00, 1.50]'
    """
    factor, unit = (100, " %") if row.unit == SHARE else (1, "")
    low, middle, high = (short(factor * value) for value in row.range)
    return f"{middle}{unit}" if len(row.rounds) == 1 else f"{middle}{unit} [{low}, {high}]"


def machine(header: Mapping[str, Any]) -> str:
    """The machine, for a sentence."""
    cores = f"{header['cores']} core{'s' if header['cores'] > 1 else ''}"
    memory = f", {header['memory_gib']} GiB of memory" if header.get("memory_gib") else ""
    return f"{header['processor']}, {cores}{memory}"


def busy(header: Mapping[str, Any]) -> str:
    """How far other programs used the machine when the benchmark began."""
    return f"When it began, other programs kept {header['busy']:.1f} of {header['cores']} cores busy."


def readme_table(record: Record) -> str:
    """The table for the README: a sentence on the machine, then ratios."""
    rounds = max((len(row.rounds) for result in record.results for row in result.rows), default=0)
    lines = [
        f"How many times as fast, median of up to {rounds} rounds taken in turn, in brackets the lowest and the highest. "
        f"{machine(record.header)}, {record.header['date']}. {busy(record.header)}",
        "", "| what | against | times as fast |", "| --- | --- | --- |",
    ]  # fmt: skip
    for subject, what, against in HEADLINES:
        for result in record.results:
            for row in result.rows:
                if (result.name, row.what, row.against) == (subject, what, against):
                    suffix = " of its speed" if row.unit == SHARE else ""
                    lines.append(f"| {result.titles[what]} | {result.titles[against]} | {with_range(row)}{suffix} |")
    lines += [f"\nNot measured: {result.name}, {result.failure}." for result in record.results if result.failure]
    return "\n".join(lines)

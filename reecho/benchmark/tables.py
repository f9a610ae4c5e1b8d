"""The tables of a benchmark's page: what is said of the rows of a subject, by their units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reecho.benchmark.rounds import (
    EXPONENT,
    GFLOPS,
    GIB,
    MILLISECONDS,
    PICTURES_A_SECOND,
    PROCESSOR_SECONDS,
    SECONDS,
    SHARE,
    TIMES,
    TRAINING_SECONDS,
    Row,
)
from reecho.benchmark.words import MISSING, short, with_range
from reecho.report.tables import escape, pipe_table


class Table(NamedTuple):
    """A table as Markdown.

    Args:
        caption: a sentence.
        body: its lines.
        label: for screen readers.
    """

    caption: str
    body: str
    label: str


def of(rows: Sequence[Row], titles: Mapping[str, str]) -> list[Table]:
    """The tables of a subject.

    Args:
        rows: of one subject.
        titles: identifier → name for readers.
    """
    alone = [row for row in rows if not row.at and row.against is None]
    tables = [
        _ratios([row for row in rows if row.unit == TIMES], titles),
        _shares([row for row in rows if row.unit == SHARE], titles),
        _values([row for row in alone if row.unit in (PICTURES_A_SECOND, MILLISECONDS, GFLOPS)], titles),
        _stages([row for row in alone if row.unit in (SECONDS, PROCESSOR_SECONDS, TRAINING_SECONDS, GIB)], titles),
        _exponents([row for row in rows if row.unit == EXPONENT], titles),
        _seconds([row for row in rows if row.unit == SECONDS and row.at], titles),
    ]
    return [table for table in tables if table]


def _pipe(rows: list[dict[str, str]], label: str, caption: str) -> Table | None:
    if not rows:
        return None
    columns = [{"key": key, "heading": key, "markdown": True} for key in rows[0]]
    return Table(caption, pipe_table(rows, columns), label)


def _three(row: Row, factor: float = 1.0) -> dict[str, str]:
    numbers = zip(("lowest", "median", "highest"), row.range, strict=True)
    return {name: short(factor * value) for name, value in numbers} | {"rounds": str(len(row.rounds))}


def _ratios(rows: Sequence[Row], titles: Mapping[str, str]) -> Table | None:
    cells = [{"what": escape(titles[row.what]), "against": escape(titles[str(row.against)])} | _three(row) for row in rows]
    return _pipe(cells, "Ratios", "How many times as fast, round by round.")


def _shares(rows: Sequence[Row], titles: Mapping[str, str]) -> Table | None:
    cells = [{"what": escape(titles[row.what])} | _three(row, 100) for row in rows]
    return _pipe(cells, "Share of the matrix product", "Arithmetic of the network's layers a second, in per cent of what this "
                 "machine's matrix product does in a second.")  # fmt: skip


def _values(rows: Sequence[Row], titles: Mapping[str, str]) -> Table | None:
    cells = [{"what": escape(titles[row.what]), "unit": row.unit} | _three(row) for row in rows]
    return _pipe(cells, "Values", "What each did by itself.")


def _stages(rows: Sequence[Row], titles: Mapping[str, str]) -> Table | None:
    headings = {SECONDS: "seconds", TRAINING_SECONDS: "of these training", PROCESSOR_SECONDS: "processor seconds",
                GIB: "most memory, GiB"}  # fmt: skip
    values = {(row.what, row.unit): short(row.median) for row in rows}
    cells = [
        {"stage": escape(titles[name])} | {heading: values.get((name, unit), MISSING) for unit, heading in headings.items()}
        for name in dict.fromkeys(row.what for row in rows)
    ]
    return _pipe(cells, "Stages", "What each stage took.")


def _exponents(rows: Sequence[Row], titles: Mapping[str, str]) -> Table | None:
    values = {(row.what, row.at["over"]): escape(with_range(row)) for row in rows}
    cells = [
        {"stage": escape(titles[name])}
        | {heading: values.get((name, over), MISSING) for over, heading in (("pictures", "with pictures"), ("size", "with width"))}
        for name in dict.fromkeys(row.what for row in rows)
    ]
    return _pipe(cells, "Exponents", "The exponent of growth, median, in brackets the lowest and the highest; with width, 2 is in "
                 "proportion to pixels.")  # fmt: skip


def _seconds(rows: Sequence[Row], titles: Mapping[str, str]) -> Table | None:
    cells = [
        {"stage": escape(titles[row.what]), "pictures": str(row.at["pictures"]), "width": str(row.at["size"])} | _three(row)
        for row in rows
    ]
    return _pipe(cells, "Seconds", "Seconds by number of pictures and by width in pixels.")

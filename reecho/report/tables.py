"""Rows and columns as a Markdown table, and values as text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reecho.errors import ReechoError
from reecho.escaping import escape
from reecho.results.row import Row

MISSING = "–"


def pipe_table(rows: Sequence[Row | Mapping[str, Any]], columns: Sequence[Any]) -> str:
    """A table in Markdown: numbers to the right, the best of each column in bold.

    Args:
        rows: rows of results, or one dictionary a row; "oracle": True marks one that saw the answer and cannot be the best.
        columns: as for `reecho.report.table`; "markdown": True takes a column's texts as Markdown. Where the rows name a
            method and no column shows it, it comes first.

    Returns:
        The lines of a pipe table.

    Raises:
        ReechoError: no rows.

    Example:
        >>> spec = [{"key": "method", "heading": "method"}, {"key": "psnr_db", "heading": "PSNR", "digits": 1, "best": "higher"}]
        >>> print(pipe_table([{"method": "noisy", "psnr_db": 20.27}, {"method": "ours", "psnr_db": 25.91}], spec))
        | method | PSNR |
        |:--|--:|
        | noisy | 20.3 |
        | ours | **25.9** |
    """
    if not rows:
        raise ReechoError("There are no rows to show in a table.")
    plain_rows = [row.cells() if isinstance(row, Row) else row for row in rows]
    columns = [_specification(column) for column in columns]
    if any("method" in row for row in plain_rows) and all(column["key"] != "method" for column in columns):
        columns.insert(0, {"key": "method", "heading": "method"})
    signs = [":--" if any(isinstance(row.get(column["key"]), str) for row in plain_rows) else "--:" for column in columns]
    head = [escape(column["heading"]) for column in columns]
    cells = zip(*(_column(plain_rows, column) for column in columns), strict=True)
    return "\n".join([_line(head), f"|{'|'.join(signs)}|", *map(_line, cells)])


def differing(rows: Sequence[Row | Mapping[str, Any]], columns: Sequence[Any]) -> tuple[list[dict[str, Any]], str]:
    """The columns whose values differ from row to row, and a sentence with those that have one value in all rows.

    A column is left where the table has fewer than three rows, and where a value is a text.

    Example:
        >>> columns = [{"key": key, "heading": key} for key in ("method", "psnr", "n")]
        >>> rest, sentence = differing([{"method": name, "psnr": len(name), "n": 9} for name in ("a", "be", "cee")], columns)
        >>> [column["key"] for column in rest], sentence
        (['method', 'psnr'], 'In all rows: n = 9.')
    """
    plain_rows = [row.cells() if isinstance(row, Row) else row for row in rows]
    rest: list[dict[str, Any]] = []
    same = []
    for column in map(_specification, columns):
        values = [row.get(column["key"]) for row in plain_rows]
        constant = len(values) > 2 and not isinstance(values[0], str | bool) and values[0] is not None
        if constant and all(value == values[0] for value in values):
            same.append(f"{escape(column['heading'])} = {_column(plain_rows[:1], column)[0]}")
        else:
            rest.append(column)
    if not rest:
        return [_specification(column) for column in columns], ""
    return rest, f"In all rows: {', '.join(same)}." if same else ""


def values_of(rows: Sequence[Row | Mapping[str, Any]], columns: Sequence[Any]) -> dict[str, Any]:
    """A table's values unrounded, as JSON can hold them: "head", "rows", and whether it has "intervals".

    An interval takes two columns behind its value's, "NAME, low" and "NAME, high".
    """
    plain_rows = [row.cells() if isinstance(row, Row) else row for row in rows]
    specifications = [_specification(column) for column in columns]
    if any("method" in row for row in plain_rows) and all(column["key"] != "method" for column in specifications):
        specifications.insert(0, {"key": "method", "heading": "method", "interval": None})
    head: list[str] = []
    cells: list[list[Any]] = [[] for _ in plain_rows]
    intervals = False
    for column in specifications:
        bounds = [row.get(column["interval"]) if column["interval"] else None for row in plain_rows]
        with_bounds = any(pair is not None for pair in bounds)
        intervals |= with_bounds
        head += [column["heading"], *(f"{column['heading']}, {side}" for side in ("low", "high") if with_bounds)]
        for line, row, pair in zip(cells, plain_rows, bounds, strict=True):
            line += [_bare(row.get(column["key"])), *map(_bare, pair or (None, None) if with_bounds else ())]
    return {"head": head, "rows": cells, "intervals": intervals}


def _bare(value: Any) -> Any:
    """A value as JSON and CSV hold it; None where it is no number."""
    if value is None or isinstance(value, str | bool | int):
        return value
    return float(value) if math.isfinite(value) else None


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def number(value: Any, digits: int | None = None) -> str:
    """A value as text: thousands parted, a true minus, "–" for none.

    Example:
        >>> number(12796483), number(-0.1234, 2), number(None), number(float("nan"), 1)
        ('12,796,483', '−0.12', '–', '–')
    """
    if isinstance(value, str | bool):
        return str(value)
    if value is None or not math.isfinite(value):
        return MISSING
    if digits is None:
        text = f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
    else:
        text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign, a true minus among them; none before nothing.

    Example:
        >>> signed(0.3), signed(-1.25, 1), signed(-0.001)
        ('+0.30', '−1.2', '0.00')
    """
    text = f"{value:+.{digits}f}"
    return (text[1:] if float(text) == 0 else text).replace("-", "−")


def plain(kind: str, value: Any) -> str:
    """A parameter's value as text; of a path only the name, for a report says nothing about a person's disk.

    Example:
        >>> plain("ints", (32, 64)), plain("text", "/home/me/lfw.tgz"), plain("dict", {"epochs": 2}), plain("float", 1e-4)
        ('32, 64', 'lfw.tgz', 'epochs = 2', '0.0001')
    """
    if value is None:
        return "None"
    if kind in ("ints", "texts"):
        return ", ".join(map(str, value))
    if kind == "dict":
        return ", ".join(f"{name} = {entry}" for name, entry in value.items()) or "none"
    if kind == "text" and ("/" in value or "\\" in value):
        return Path(value.replace("\\", "/")).name
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and value > 9999 else str(value)


def _specification(column: Any) -> dict[str, Any]:
    """A column as a dictionary; `reecho.tasks` gives named tuples, with "better" for "best"."""
    values = dict(column) if isinstance(column, Mapping) else column._asdict()
    return {"best": values.pop("better", None), "interval": f"{values['key']}_ci95"} | values


def _column(rows: Sequence[Mapping[str, Any]], column: Mapping[str, Any]) -> list[str]:
    """One column's cells; equal to the shown digits is equally good, and an oracle, which saw the answer, is not the best."""
    values, digits = [row.get(column["key"]) for row in rows], column.get("digits")
    if column.get("markdown"):
        return [MISSING if value is None else str(value) for value in values]
    texts = [number(value, digits) for value in values]
    ranked = [
        value
        for value, text, row in zip(values, texts, rows, strict=True)
        if value is not None and not isinstance(value, str) and text != MISSING and not row.get("oracle")
    ]
    best = None
    if column.get("best") and len(ranked) > 1:
        best = number(max(ranked) if column["best"] == "higher" else min(ranked), digits)
    cells = []
    for row, text in zip(rows, texts, strict=True):
        cell = f"**{text}**" if text == best and not row.get("oracle") else escape(text)
        bounds = row.get(column["interval"]) if column.get("interval") else None
        if bounds is not None and text != MISSING:
            cell += f"\u00a0\\[{number(bounds[0], digits)},\u00a0{number(bounds[1], digits)}\\]"
        cells.append(cell)
    return cells

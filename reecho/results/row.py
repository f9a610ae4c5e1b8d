"""A row of results: the identity of a method, and its numbers on one task."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from reecho import titles
from reecho.methods import Method

ABOVE = "above_simple_db"  # key of a network's PSNR less that of the best method without a network, on the same pictures
_DIGITS = 8  # significant ones kept in files: a table and a file then round to the same shown digits


@dataclass(frozen=True)
class Row:
    """What was measured of one method on one task.

    Args:
        task: a key of `reecho.tasks.TASKS`.
        size: width and height of the faces, pixels.
        method: whose row it is.
        n: pictures, or new faces.
        numbers: key of a measure → its value, such as "psnr_db".
        intervals: key of a measure → its 95 % interval, (low, high).
    """

    task: str
    size: int
    method: Method
    n: int
    numbers: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __getitem__(self, key: str) -> float:
        """The value of a measure, or of "n"; a KeyError where the row has none."""
        return self.n if key == "n" else self.numbers[key]

    def get(self, key: str) -> float | None:
        """The value of a measure, or of "n"; None where the row has none."""
        return self.n if key == "n" else self.numbers.get(key)

    def interval(self, key: str) -> tuple[float, float] | None:
        """The 95 % interval of a measure, None where there is none."""
        return self.intervals.get(key)

    @property
    def title(self) -> str:
        """The method's name for readers."""
        return titles.of(self.method)

    def with_numbers(self, **numbers: float | None) -> Row:
        """The same row with further numbers; None and what is not a number (NaN) are left out."""
        return replace(self, numbers={**self.numbers, **present(numbers)})

    def cells(self) -> dict[str, Any]:
        """The row for a table: "method" (its title), "oracle", "n", the numbers, and each interval under its key and "_ci95"."""
        intervals = {f"{key}_ci95": list(interval) for key, interval in self.intervals.items()}
        return {"method": self.title, "oracle": self.method.kind == "oracle", "n": self.n, **self.numbers, **intervals}

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as the schema of results.json describes a row; the title is for people who read the file."""
        return plain({
            "task": self.task, "size": self.size, **self.method.as_dict(), "title": self.title, "n": self.n,
            "numbers": dict(self.numbers), "intervals": dict(self.intervals),
        })  # fmt: skip

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Row:
        """The row of which `as_dict` gave these values; the title is not looked at."""
        numbers = {key: value for key, value in values["numbers"].items() if value is not None}
        intervals = {key: (low, high) for key, (low, high) in values["intervals"].items() if None not in (low, high)}
        return cls(values["task"], values["size"], Method.from_dict(values), values["n"], numbers, intervals)


def by_method(rows: Iterable[Row]) -> dict[Method, Row]:
    """The rows by their methods."""
    return {row.method: row for row in rows}


def plain(value: Any) -> Any:
    """The value in JSON's own types: floats to eight digits, no number (NaN, infinite) as None, arrays and tuples as lists.

    Example:
        >>> plain({"psnr_db": np.float32(20.123456789), "interval": (float("nan"), 1)})
        {'psnr_db': 20.123457, 'interval': [None, 1]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        return float(f"{round(value, 8):.{_DIGITS}g}") if math.isfinite(value) else None  # rounding errors become 0
    return str(value) if isinstance(value, Path) else value


def present(numbers: Mapping[str, float | None]) -> dict[str, float]:
    """The numbers that are there; None and what is not a number (NaN) are left out."""
    return {key: value for key, value in numbers.items() if value is not None and not math.isnan(value)}

"""Contenders that take turns, and rows of what came of it: all rounds, with the lowest, the median and the highest."""

from __future__ import annotations

import math
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reecho.context import Places

_FEWEST = 2  # rounds: one alone has no range
Work = Callable[[], Mapping[str, float]]  # does one turn's work and returns what was measured, by contender
TIMES, PICTURES_A_SECOND, GFLOPS, SHARE, MILLISECONDS = "times", "pictures/s", "GFLOP/s", "share", "ms a picture"
SECONDS, PROCESSOR_SECONDS, TRAINING_SECONDS, GIB, EXPONENT = "s", "processor s", "s of training", "GiB", "exponent"


@dataclass(frozen=True)
class Task:
    """What a subject is asked to measure.

    Args:
        quick: whether it has about ten seconds, else a minute or two.
        places: the machine's folders.
        folder: takes what is written while it is measured; it goes afterwards.
    """

    quick: bool
    places: Places
    folder: Path


@dataclass(frozen=True)
class Row:
    """One measured quantity.

    Args:
        what: identifier of the contender or stage.
        unit: one of the constants above.
        rounds: the values of all rounds, at least one.
        against: identifier of the contender that it is divided by; None where it stands alone.
        at: at which size of the problem, such as {"pictures": 512, "size": 32}.
    """

    what: str
    unit: str
    rounds: tuple[float, ...]
    against: str | None = None
    at: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def lowest(self) -> float:
        """The least value of all rounds."""
        return min(self.rounds)

    @property
    def median(self) -> float:
        """The middle value of all rounds."""
        return statistics.median(self.rounds)

    @property
    def highest(self) -> float:
        """The greatest value of all rounds."""
        return max(self.rounds)

    @property
    def range(self) -> tuple[float, float, float]:
        """Lowest, median and highest."""
        return self.lowest, self.median, self.highest

    def plain(self) -> dict[str, Any]:
        """The row as it stands in benchmark.json, numbers to six digits."""
        numbers = {name: _rounded(value) for name, value in zip(("min", "median", "max"), self.range, strict=True)}
        start = {"what": self.what, "against": self.against, "unit": self.unit, "at": dict(self.at)}
        return start | numbers | {"rounds": [_rounded(value) for value in self.rounds]}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Row:
        """The row that `plain` made."""
        return cls(plain["what"], plain["unit"], tuple(plain["rounds"]), plain["against"], MappingProxyType(plain["at"]))


@dataclass(frozen=True)
class Measured:
    """What came of a subject.

    Args:
        rows: what was measured.
        titles: identifier → name for readers.
        notes: sentences on how it was measured, and on what was left out.
    """

    rows: list[Row]
    titles: Mapping[str, str]
    notes: list[str]


def in_turn(contenders: Sequence[Work], rounds: int, seconds: float = math.inf) -> dict[str, list[float]]:
    """Let contenders work one after another in each round, so that a machine that slows down slows all of them.

    Args:
        contenders: each does one turn's work, already warm, and returns values by identifier.
        rounds: how many at most; each begins with the next contender.
        seconds: after which no round begins, but for the second one: a slow machine makes fewer.

    Returns:
        Identifier → its value in each round.
    """
    values: dict[str, list[float]] = defaultdict(list)
    start = time.perf_counter()
    for number in range(rounds):
        if number >= _FEWEST and time.perf_counter() - start > seconds:
            break
        first = number % len(contenders)
        for work in (*contenders[first:], *contenders[:first]):
            for name, value in work().items():
                values[name].append(value)
    return dict(values)


def clocked(name: str, amount: float, work: Callable[[], Any]) -> Work:
    """A contender whose value is the amount of work a second, by the clock, of all that `work` does."""

    def turn() -> dict[str, float]:
        start = time.perf_counter()
        work()
        return {name: amount / (time.perf_counter() - start)}

    return turn


def absolute(values: Mapping[str, Sequence[float]], unit: str) -> list[Row]:
    """A row for each contender by itself."""
    return [Row(name, unit, tuple(of_name)) for name, of_name in values.items()]


def ratio(values: Mapping[str, Sequence[float]], what: str, against: str) -> list[Row]:
    """How many times as fast one contender was as another, round by round; no row where one of them was left out.

    Args:
        values: identifier → amount of work a second in each round.
        what, against: identifiers.

    Example:
        >>> ratio({"ours": [300.0, 330.0], "theirs": [200.0, 300.0]}, "ours", "theirs")[0].range
        (1.1, 1.3, 1.5)
    """
    if what not in values or against not in values:
        return []
    return [Row(what, TIMES, tuple(a / b for a, b in zip(values[what], values[against], strict=True)), against)]


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")

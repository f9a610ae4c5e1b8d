"""What a sweep says: each result over the swept parameters, with intervals over seeds and splits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from reecho import tasks
from reecho.methods import Method
from reecho.results import Row
from reecho.sweep.grid import LUCK
from reecho.tasks import Column

_LINES, _BASELINES, _INPUTS = 7, 1, 1  # of a figure, at most; and how many of them are no networks


class Measurement(NamedTuple):
    """A row of one point.

    Args:
        swept: the point's values.
        row: what was measured.
    """

    swept: Mapping[str, Any]
    row: Row


@dataclass(frozen=True)
class Value:
    """A result over several points.

    Args:
        mean: of the units, see `over_luck`.
        interval: 95 %, of the mean; None where there is one unit, and it has none itself.
        sd: standard deviation between units, None where there is one.
        units: how many there are.
        over: what they are: "splits", "seeds" or "people".
    """

    mean: float
    interval: tuple[float, float] | None
    sd: float | None
    units: int
    over: str


def over_luck(measurements: Sequence[Measurement], key: str) -> Value:
    """A result over points that differ in split and seed alone.

    Seeds of one split share its people, so that they are no witnesses of their own: where there are several splits, the mean of
    each one's seeds is a unit, else each seed is. The interval is Student's, of the mean. Of one point it is the row's own, over
    the people of the test.

    Args:
        measurements: at least one.
        key: which value.

    Example:
        >>> from reecho.methods import LMMSE
        >>> def at(split, seed, psnr): return Measurement({"split_seed": split, "seed": seed}, Row("denoising", 32, LMMSE, 9, {"p": psnr}))
        >>> value = over_luck([at(0, 0, 1.0), at(0, 1, 3.0), at(1, 0, 3.0), at(1, 1, 5.0)], "p")
        >>> value.mean, value.units, value.over, round(value.sd, 3)
        (3.0, 2, 'splits', 1.414)
    """  # noqa: E501
    by_split: dict[Any, list[float]] = {}
    for swept, row in measurements:
        by_split.setdefault(swept.get("split_seed"), []).append(row[key])
    several = len(by_split) > 1
    units = [float(np.mean(values)) for values in by_split.values()] if several else next(iter(by_split.values()))
    mean, count = float(np.mean(units)), len(units)
    if count == 1:
        return Value(mean, measurements[0].row.interval(key), None, 1, "people")
    sd = float(np.std(units, ddof=1))
    half = float(stats.t.ppf(0.975, count - 1)) * sd / math.sqrt(count)
    return Value(mean, (mean - half, mean + half), sd, count, "splits" if several else "seeds")


def by_task(points: Iterable[tuple[Mapping[str, Any], Sequence[Row]]]) -> dict[tuple[str, int], list[Measurement]]:
    """All measurements by task and size of the faces, in the order of the tasks."""
    found: dict[tuple[str, int], list[Measurement]] = {}
    for swept, rows in points:
        for row in rows:
            found.setdefault((row.task, row.size), []).append(Measurement(swept, row))
    order = list(tasks.TASKS)
    return dict(sorted(found.items(), key=lambda entry: (order.index(entry[0][0]), entry[0][1])))


def measures(task: str, measurements: Iterable[Measurement]) -> tuple[list[Column], list[Column]]:
    """What a task is measured by: (what is shown at once, what is folded away); each is there in some row."""
    rows = [measurement.row for measurement in measurements]
    there = [
        column for column in tasks.of(task).columns if column.key != "n" and any(row.get(column.key) is not None for row in rows)
    ]
    first = [column for column in there if column.key in tasks.of(task).rank]
    return first, [column for column in there if column not in first]


def grouped(measurements: Iterable[Measurement], names: Sequence[str]) -> dict[tuple[Any, ...], list[Measurement]]:
    """Measurements by the values of some swept parameters, in the order of the grid."""
    groups: dict[tuple[Any, ...], list[Measurement]] = {}
    for measurement in measurements:
        groups.setdefault(tuple(measurement.swept[name] for name in names), []).append(measurement)
    return groups


def by_method(measurements: Iterable[Measurement], key: str) -> dict[Method, list[Measurement]]:
    """Those that have a value, by method."""
    methods: dict[Method, list[Measurement]] = {}
    for measurement in measurements:
        if measurement.row.get(key) is not None:
            methods.setdefault(measurement.row.method, []).append(measurement)
    return methods


def drawn(measurements: Sequence[Measurement], column: Column) -> list[Method]:
    """The methods that a figure of a measure shows: the best networks, the best method without one, what the task gives."""
    means = {method: np.mean([one.row[column.key] for one in some]) for method, some in by_method(measurements, column.key).items()}
    ranked = sorted(means, key=lambda method: float(means[method]), reverse=column.better == "higher")
    of_kind = {kind: [method for method in ranked if method.kind == kind] for kind in ("network", "baseline", "input")}
    others = of_kind["baseline"][:_BASELINES] + of_kind["input"][:_INPUTS]
    return of_kind["network"][: _LINES - len(others)] + others


def axes_of(points: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The swept parameters with their values, in the order of the grid."""
    axes: dict[str, list[Any]] = {}
    for swept in points:
        for name, value in swept.items():
            if value not in axes.setdefault(name, []):
                axes[name].append(value)
    return axes


def apart_from_luck(names: Iterable[str]) -> list[str]:
    """The swept parameters that are no luck."""
    return [name for name in names if name not in LUCK]

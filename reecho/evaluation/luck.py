"""How much of a result is luck: the same networks trained from other seeds and on other splits by person, from a sweep."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, variance
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from reecho import plots, titles
from reecho.data import Faces
from reecho.datasets import title_of
from reecho.evaluation.phrases import of_all
from reecho.evaluation.summary import Best, best_of_tasks, compared_with
from reecho.methods import SHIPPED
from reecho.report.tables import number
from reecho.results import Points, Row, highlights
from reecho.tasks import Column

COMMAND = "reecho sweep --name luck -p split_seed=1..5 -p seed=0..2"
LUCK = (
    {"key": "compared", "heading": "network, simple method"},
    {"key": "mean", "heading": "mean"},
    {"key": "seeds", "heading": "seed, ±"},
    {"key": "splits", "heading": "split, ±"},
    {"key": "people", "heading": "people, ±"},
    {"key": "gain", "heading": "difference"},
    {"key": "ahead", "heading": "better in"},
)
_NORMAL = 1.96  # standard deviations from the mean to an end of a 95 % interval
_SEED, _SPLIT = "seed", "split_seed"


@dataclass(frozen=True)
class Luck:
    """One network beside one simple method at every point of a sweep over seeds and splits.

    Args:
        pairs: (split, the comparison) of each point.
    """

    pairs: tuple[tuple[Any, Best], ...]

    @property
    def best(self) -> Best:
        """The comparison at the first point."""
        return self.pairs[0][1]

    @property
    def column(self) -> Column:
        return self.best.column

    @property
    def values(self) -> list[float]:
        """The network's number at each point."""
        return [best.network[best.key] for _, best in self.pairs]

    @property
    def gains(self) -> list[float]:
        """The network's number less the simple method's at each point."""
        return [best.difference for _, best in self.pairs]

    @property
    def ahead(self) -> int:
        """At how many points the network is better."""
        return sum(gain < 0 if self.column.better == "lower" else gain > 0 for gain in self.gains)

    @property
    def over_seeds(self) -> float:
        """Standard deviation between trainings of one split that differ in the seed alone."""
        return math.sqrt(_within(self.by_split(self.values)))

    @property
    def over_splits(self) -> float:
        """Standard deviation between splits, that between seeds taken off: a one-way analysis of variance."""
        return _between(self.by_split(self.values))

    @property
    def gain_over_splits(self) -> float:
        """The same for the difference to the simple method."""
        return _between(self.by_split(self.gains))

    @property
    def over_people(self) -> float | None:
        """The standard deviation that an interval over people stands for: a quarter of its width; None where there are none."""
        intervals = [best.network.interval(best.key) for _, best in self.pairs]
        widths = [high - low for low, high in filter(None, intervals)]
        return fmean(widths) / (2 * _NORMAL) if widths else None

    def cells(self) -> dict[str, str]:
        """A row for a table with LUCK."""
        digits, unit = self.column.digits, " dB" * self.best.in_decibels
        low, high, mean = (number(pick(self.gains), digits) for pick in (min, max, fmean))
        spreads = {"seeds": self.over_seeds, "splits": self.over_splits, "people": self.over_people}
        of = self.best.task.title + ("" if self.best.in_decibels else f" by the {self.column.heading}")
        return {
            "compared": f"{of}: {titles.of(self.best.network.method.code)} against {titles.of(self.best.simple.method.code)}",
            "mean": f"{number(fmean(self.values), digits)}{unit}",
            **{key: "–" if spread is None else number(spread, digits + 1) for key, spread in spreads.items()},
            "gain": f"{mean}{unit} ({low} to {high})",
            "ahead": f"{self.ahead} of {len(self.gains)}",
        }

    def by_split(self, values: Sequence[float]) -> list[list[float]]:
        """A value of each point, those of one split together."""
        groups: dict[Any, list[float]] = {}
        for (split, _), value in zip(self.pairs, values, strict=True):
            groups.setdefault(split, []).append(value)
        return list(groups.values())


def _within(groups: Sequence[Sequence[float]]) -> float:
    """Pooled variance inside groups."""
    squares = sum((len(some) - 1) * variance(some) for some in groups)
    return squares / sum(len(some) - 1 for some in groups)


def _between(groups: Sequence[Sequence[float]]) -> float:
    """Standard deviation between groups of equal size, without what the spread inside them adds to their means.

    Example:
        >>> _between([[1.0, 3.0], [5.0, 7.0]]), _between([[1.0, 3.0], [1.0, 3.0]])
        (2.6457513110645907, 0.0)
    """
    return math.sqrt(max(0.0, variance([fmean(some) for some in groups]) - _within(groups) / len(groups[0])))


def by_luck(points: Points | None, faces: Faces) -> list[Luck]:
    """The best network and the document's of each task, beside the best simple method, at every point of a sweep.

    Networks of the package are left out: they are not trained again at each point.

    Args:
        points: of a sweep over `seed` and `split_seed`, or None.
        faces: those of the run that shows it.

    Returns:
        A comparison for each task and network; none where the sweep is of other faces or sizes, or has fewer than two splits with
        two seeds each. Which network and which simple method is compared is what most points found best.
    """
    if points is None or (points.faces, points.pictures, points.people) != (faces.name, len(faces), len(np.unique(faces.people))):
        return []
    rows = [
        (swept, [row for row in some if row.size == faces.size and row.method.setting("origin") != SHIPPED])
        for swept, some in points.rows
    ]
    seeds = Counter(swept.get(_SPLIT) for swept, _ in rows)
    if len(seeds) < 2 or min(seeds.values()) < 2 or len(set(seeds.values())) > 1:
        return []
    found: dict[tuple[str, str], Counter[Any]] = {}
    for _, some in rows:
        for best in best_of_tasks(some):
            found.setdefault((best.task.name, "network"), Counter())[best.simple.method, best.network.method] += 1
            reference = highlights(best.task.name, [row for row in some if row.task == best.task.name]).get("reference")
            if reference and reference.method != best.network.method:
                found.setdefault((best.task.name, "reference"), Counter())[best.simple.method, reference.method] += 1
    pairs = [(task, *counts.most_common(1)[0][0]) for (task, _), counts in found.items()]
    compared = [_compared(rows, *pair) for pair in pairs]
    return [luck for luck in compared if len(luck.pairs) == len(rows)]


def _compared(rows: Sequence[tuple[Mapping[str, Any], Sequence[Row]]], task: str, simple: Any, network: Any) -> Luck:
    pairs = []
    for swept, some in rows:
        own = {row.method: row for row in some if row.task == task}
        if simple in own and network in own:
            pairs.append((swept.get(_SPLIT), compared_with(own[simple], own[network])))
    return Luck(tuple(pairs))


def luck_in_words(lucks: Sequence[Luck], points: Points) -> str:
    """What a sweep over seeds and splits says of the comparisons, Markdown.

    Args:
        lucks: from `by_luck`, one at least.
        points: of which they are.
    """
    first = lucks[0]
    splits, count = len({split for split, _ in first.pairs}), len(first.pairs)
    always = sum(luck.ahead in (0, count) for luck in lucks)
    text = (
        f"Every network below was trained {count} times at the preset {points.preset} on {title_of(points.faces)}: from "
        f"{count // splits} seeds on each of {splits} other splits by person (`{_command(points)}`, commit {points.commit}). "
        f"In {of_all(always, len(lucks))} comparisons all {count} points agree on which of the two is better."
    )
    if unsure := [luck for luck in lucks if luck.ahead not in (0, count)]:
        each = [f"{luck.best.task.title.lower()}, {luck.best.network.title}, {luck.ahead} of {count}" for luck in unsure]
        text += f" Not so: {'; '.join(each)}."
    measured = [luck for luck in lucks if luck.best.in_decibels]
    if not measured:
        return text
    seeds, split = (max(measured, key=lambda luck: getattr(luck, name)) for name in ("over_seeds", "over_splits"))
    text += (
        f"\n\nAnother seed moves a network's PSNR by at most {seeds.over_seeds:.2f} dB ({seeds.best.task.title.lower()}), another "
        f"split by at most {split.over_splits:.2f} dB ({split.best.task.title.lower()}; standard deviations). Two trainings "
        f"that differ in the seed alone are thus, 19 times of 20, less than {_NORMAL * math.sqrt(2) * seeds.over_seeds:.2f} dB "
        "apart: a smaller difference between two trainings may be luck."
    )
    if all(luck.gain_over_splits < luck.over_splits for luck in measured):
        text += (
            " From split to split the difference to the simple method moves less than the score itself, because the people tested "
            "are easier or harder for all methods alike."
        )
    return text


def _command(points: Points) -> str:
    """The sweep that measured them."""
    axes = (f"{name}={','.join(map(str, sorted({swept[name] for swept, _ in points.rows})))}" for name in (_SPLIT, _SEED))
    return f"reecho sweep --name luck --preset {points.preset} -p {' -p '.join(axes)}"


def luck_figure(lucks: Sequence[Luck]) -> tuple[Figure, str, str] | None:
    """The gain over the simple method at every point, those in dB; None where none is.

    Returns:
        The figure, its caption, its alt text.
    """
    shown = {f"{luck.best.task.title}\n{titles.of(luck.best.network.method.code)}": luck for luck in lucks if luck.best.in_decibels}
    if not shown:
        return None
    groups = {label: luck.by_split(luck.gains) for label, luck in shown.items()}
    caption = (
        "PSNR of a network less that of the simple method: a dot for each training. Each line of dots is one split by person; "
        "along a line only the seed differs."
    )
    alt = "; ".join(
        f"{label.replace(chr(10), ', ')}: {number(min(luck.gains), 2)} to {number(max(luck.gains), 2)} dB"
        for label, luck in shown.items()
    )
    return plots.dots_of_groups(groups, "dB above the simple method"), caption, f"Dots about 0. {alt}."

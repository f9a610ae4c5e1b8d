"""What the summary shows: for each task the best simple method and the best network, side by side and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from reecho import methods, plots, targets, titles
from reecho.errors import ReechoError
from reecho.evaluation.new_faces import KIDS
from reecho.evaluation.phrases import listed, of_all
from reecho.networks.registry import NETWORKS
from reecho.report.tables import number
from reecho.results import Row, difference, highlights
from reecho.tasks import TASKS, Task

BEST = (
    {"key": "task", "heading": "task"},
    {"key": "simple", "heading": "best simple method"},
    {"key": "network", "heading": "best network"},
    {"key": "difference", "heading": "difference"},
)
# How a network's new faces are drawn from nobody's codes.
_SAMPLED = ("prior", "gaussian", "mixture", "mixture_textured", "learnt", "learnt_textured")
_BOTTLENECKS = ("reecho.networks.reference", "reecho.networks.anchored")  # whose output comes from a code alone
_SHORT = 62  # letters of a pair of methods in the figure


@dataclass(frozen=True)
class Best:
    """The best network of a task at one size, beside the best method without a network.

    Args:
        task: the task.
        size: width and height of the faces, pixels.
        simple, network: their rows.
        key: of the number that they are compared by.
        difference: the network's number less the simple method's, or what the network has above the linear VAE of its own rate.
        interval: of a paired difference, where the rows have one.
    """

    task: Task
    size: int
    simple: Row
    network: Row
    key: str
    difference: float
    interval: tuple[float, float] | None

    @property
    def title(self) -> str:
        """The task with what distinguishes this comparison."""
        rate = f" near {self.network['rate_nats']:.0f} nats" if self.task.has_rate else ""
        return f"{self.task.title}{rate}, {self.size}×{self.size}"

    @property
    def is_better(self) -> bool:
        """Whether the network is better, by its interval where it has one; of new faces by all KIDs."""
        if self.column.better == "lower":
            return self.difference < 0 and len(self.nearer) == len(self.distances)
        return (self.interval[0] if self.interval else self.difference) > 0

    @property
    def column(self) -> Any:
        return self.task.column(self.key)

    @property
    def values(self) -> tuple[float, float]:
        """The numbers of the simple method and of the network; of codes the first one is that of the linear VAE at equal rate."""
        return self.network[self.key] - self.difference, self.network[self.key]

    @property
    def titles(self) -> tuple[str, str]:
        """What the simple method and the network are called; of codes the mean of z is compared, which need not be said."""
        if self.task.has_rate:
            return titles.of(self.simple.method.code), titles.of(self.network.method.code)
        return self.simple.title, self.network.title

    @property
    def numbers(self) -> tuple[str, str]:
        """Both values with their unit."""
        simple, network = (number(value, self.column.digits) + " dB" * self.in_decibels for value in self.values)
        return simple, network

    @property
    def distances(self) -> list[str]:
        """The keys of the KIDs that both rows have."""
        return [key for key in KIDS if self.simple.get(key) is not None and self.network.get(key) is not None]

    @property
    def nearer(self) -> list[str]:
        """The keys of the KIDs in which the network's faces are nearer to real ones."""
        return [key for key in self.distances if self.network[key] < self.simple[key]]

    @property
    def in_decibels(self) -> bool:
        """Whether the number is in dB, so that tasks can share an axis."""
        return self.key.endswith("_db")

    @property
    def gap(self) -> str:
        """The difference with its unit and its interval."""
        digits = self.column.digits
        text = f"{self.difference:+.{digits}f}{' dB' * self.in_decibels}"
        if self.interval:
            text += f" [{self.interval[0]:+.{digits}f}, {self.interval[1]:+.{digits}f}]"
        return text.replace("-", "−")

    def cells(self) -> dict[str, str]:
        """The comparison for a table with BEST."""
        measure = "" if self.key == "psnr_db" else f"; {self.column.heading}"
        simple, network = (f"{title}: {number}" for title, number in zip(self.titles, self.numbers, strict=True))
        difference = self.gap if self.in_decibels else f"{self.gap}; lower in {of_all(len(self.nearer), len(self.distances))} KIDs"
        return {"task": f"{self.title}{measure}", "simple": simple, "network": network, "difference": difference}


def best_of_tasks(rows: Iterable[Row]) -> list[Best]:
    """For each task and size the best network and the best simple method, where there are rows of both.

    Codes are compared up to about the linear VAE's rate, and by what they have above the linear VAE of their own rate; all else by
    the first measure of the task's rank.
    """
    rows, found = list(rows), []
    for task in TASKS.values():
        for size in dict.fromkeys(row.size for row in rows if row.task == task.name):
            best = _best(task, size, [row for row in rows if row.task == task.name and row.size == size])
            if best:
                found.append(best)
    return found


def _best(task: Task, size: int, rows: Sequence[Row]) -> Best | None:
    key = task.rank[0]
    if task.has_rate:
        pair = highlights(task.name, rows)
        simple, network = next((row for row in rows if row.method == methods.LINEAR_VAE.mean), None), pair.get("network")
        if not simple or not network:
            return None
        return compared_with(simple, network)
    if not task.is_learnt and task.learns:  # sets of new faces: samples are compared, for mixes begin with real people's codes
        rows = [row for row in rows if _is_sampled(row)]
    try:
        network, simple = targets.best_network_and_baseline(rows, key, task.column(key).better or "higher")
    except ReechoError:  # rows of one kind alone
        return None
    return compared_with(simple, network)


def compared_with(simple: Row, network: Row) -> Best:
    """A network beside a method without one, by the first measure of their task's rank."""
    task = TASKS[network.task]
    key = task.rank[0]
    apart = difference(task.name, simple, network) if key == "psnr_db" else (network[key] - simple[key], None)
    return Best(task, network.size, simple, network, key, *apart)


def _is_sampled(row: Row) -> bool:
    """Whether a set of new faces shows nobody in particular: it was drawn from a distribution of codes or of pixels."""
    return row.method.setting("faces") in _SAMPLED or row.method.name in ("gaussian_pixels", "gaussian_pca")


def summary_in_words(best: Sequence[Best]) -> str:
    """How often the best network is better than the best simple method, and by how much, task by task.

    Args:
        best: from `best_of_tasks`, one at least.
    """
    better = sum(one.is_better for one in best)
    shown = [one for one in best if one.size == min(two.size for two in best if two.task is one.task)]
    texts = [f"{one.task.title.lower()} {one.gap.split(' [')[0] if one.in_decibels else _kids(one)}{_copies(one)}" for one in shown]
    others = listed([_in_brackets(one.title) for one in best if not one.is_better])
    return (
        f"In **{better} of {len(best)} comparisons** the best network is better than the best simple method, one without a "
        f"network{f'; not for {others}' if others else ''}. The differences, of each task at its smallest size: {'; '.join(texts)}."
    )


def _in_brackets(title: str) -> str:
    """A comparison's title within a sentence that lists several.

    Example:
        >>> _in_brackets("New faces, 32×32")
        'new faces (32×32)'
    """
    name, _, size = title.rpartition(", ")
    return f"{name[0].lower()}{name[1:]} ({size})"


def _copies(one: Best) -> str:
    """That the network's output is a mean over copies and more, which another page's answer may not be; "" where it is not."""
    copies, similar = map(one.network.method.setting, ("ensemble", "similar"))
    patches = ", then similar patches filtered together" if similar else ""
    return f" (mean over {copies} turned and mirrored copies{patches})" if copies else ""


def _kids(one: Best) -> str:
    simple, network = one.numbers
    name, lower = one.column.heading.split(" (")[0], of_all(len(one.nearer), len(one.distances))
    of_simple, of_network = one.titles
    compared = f"{network} ({of_network}) against {simple} ({of_simple})"
    return f"{compared} by the {name} × 1000 (lower is better; it is lower in {lower} KIDs)"


def document_in_words(rows: Iterable[Row]) -> str:
    """What the document said of its two hardest tasks, and what its network reaches here beside the simple methods.

    Args:
        rows: of all tasks, in any order.
    """
    rows = list(rows)
    size, parts, past = min((row.size for row in rows), default=0), [], []
    for name in ("denoising", "colourisation"):
        best = highlights(name, [row for row in rows if row.task == name], size)
        if not {"baseline", "reference", "network"} <= set(best):
            continue
        simple, ours, network = (best[kind] for kind in ("baseline", "reference", "network"))
        luma = " where the given luma is kept" if ours.method.setting("luma") else ""
        parts.append(f"{ours['psnr_db']:.2f} dB in {name}{luma}, the best simple method {simple['psnr_db']:.2f} dB")
        if NETWORKS[network.method.name].module not in _BOTTLENECKS and network["psnr_db"] > ours["psnr_db"]:
            past.append(f"{network['psnr_db']:.2f} dB in {name}")
    text = "The student's report of 2021 ended: noise reduction and image colouring “don't show good accuracy”."
    if parts:
        text += f" With the faults of its training mended, its network reaches {'; '.join(parts)}."
    if past:
        text += (
            f" Networks without a bottleneck reach {' and '.join(past)}: what is already right in the input goes to the output "
            "without passing a code, and the network has to learn the rest alone."
        )
    return text


def dumbbells(best: Sequence[Best]) -> tuple[Figure, str, str]:
    """The comparisons that are in dB on one axis.

    Args:
        best: from `best_of_tasks`, one in dB at least.

    Returns:
        The figure, its caption, its alt text.
    """
    shown = [one for one in best if one.in_decibels]
    pairs: Mapping[str, tuple[float, float, str]] = {f"{one.title}\n{_shortened(one)}": (*one.values, one.gap) for one in shown}
    caption = (
        "PSNR on held-out people: the best simple method (grey) and the best network (in colour) of each task, and their "
        "difference. Codes are compared with the linear VAE of the same rate."
    )
    if len(shown) < len(best):
        others = listed(sorted({one.task.title.lower() for one in best if one not in shown}))
        caption += f" {len(shown)} of the {len(best)} comparisons are in dB and stand here; those of {others} are not."
    alt = "; ".join(f"{one.title}: {' and '.join(one.numbers)}" for one in shown)
    return plots.dumbbells(pairs, "PSNR, dB (higher is better)"), caption, f"Pairs of dots. {alt}."


def _shortened(one: Best) -> str:
    text = " → ".join(one.titles)
    text = text if len(text) <= _SHORT else text.replace(", shipped", "")  # what tells methods apart least
    return text if len(text) <= _SHORT else text[: _SHORT - 1].rstrip(" ,") + "…"

"""A finished run held against a rerun of it: each published number, what comes out here, and whether that is to be expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reecho import results, trained
from reecho.context import Places
from reecho.datasets import CHOICES
from reecho.errors import ReechoError
from reecho.networks.registry import SHIPPED_CHOICE
from reecho.parameters import NOTEBOOKS, PARAMETERS
from reecho.pipeline.run import load_faces, report
from reecho.pipeline.steps import STEPS, Step, absolute
from reecho.results import Row
from reecho.results.tolerance import expected, is_trained
from reecho.settings import Settings, resolve, shown_settings
from reecho.tasks import TASKS, Column

MINUTES = 10.0  # what is rerun where nothing else is asked for
_EVALUATION = 3.0 / 3706  # minutes a held-out picture of 32×32 that a notebook takes once its networks are there, two cores
_TIME = "ms_picture"  # is the machine's
_WITHOUT_TRAINING = MappingProxyType({"seeds": 1, "each_sigma": False, "random_start": False, "rates": ()})
_NOTHING: Mapping[str, str] = MappingProxyType({})
_NONE: MappingProxyType = MappingProxyType({})


@dataclass(frozen=True)
class Check:
    """One number, published and now.

    Args:
        row: the published one.
        column: which number.
        now: what came out here.
        expected: the largest difference that is to be expected.
    """

    row: Row
    column: Column
    now: float
    expected: float

    @property
    def published(self) -> float:
        """The number in the published file."""
        return self.row[self.column.key]

    @property
    def holds(self) -> bool:
        """Whether the two differ by no more than is to be expected."""
        return abs(self.now - self.published) <= self.expected

    def line(self) -> str:
        """The check for a terminal."""
        digits = max(self.column.digits, 2)
        numbers = (self.published, self.now, self.now - self.published, self.expected)
        shown = [f"{number:{'+' if place == 2 else ''}.{digits}f}" for place, number in enumerate(numbers)]
        name = f"{self.row.task}, {self.row.title}"
        return f"{name[:52]:<52} {self.column.heading[:22]:<22}" + "".join(f"{text:>11}" for text in shown) + (
            "" if self.holds else "  NOT as expected"
        )  # fmt: skip


HEAD = f"{'task, method':<52} {'number':<22}" + "".join(f"{word:>11}" for word in ("published", "now", "difference", "expected"))


def compared(published: Iterable[Row], now: Iterable[Row]) -> tuple[list[Check], list[Row]]:
    """The numbers that both have, and the published rows that have no counterpart."""
    here = {(row.task, row.size, row.method): row for row in now}
    checks, missing = [], []
    for row in published:
        other = here.get((row.task, row.size, row.method))
        if other is None:
            missing.append(row)
            continue
        checks += [
            Check(row, column, other[column.key], 0.0 if column.key == "n" else expected(row, column))
            for column in TASKS[row.task].columns
            if column.key != _TIME and row.get(column.key) is not None and other.get(column.key) is not None
        ]
    return checks, missing


def verify(
    folder: Path, places: Places, preset: str | None = None, only: tuple[str, ...] = (), own: Mapping[str, str] = _NOTHING,
    say: Callable[[str], None] = print,
) -> bool:  # fmt: skip
    """Rerun a finished run and print its numbers beside those that come out here.

    Args:
        folder: with its results.json.
        places: the machine's folders.
        preset: None reruns, with the networks that need no long training, what ten minutes are enough for; the run's own preset
            reruns all of it; another one trains its networks with that preset's recipe, and compares what does not depend on it.
        only: beginnings of steps' names; these are rerun, however long that takes.
        own: "dataset" and "lfw", where the faces lie on this machine.
        say: takes lines.

    Returns:
        Whether every number that was compared is as expected.

    Raises:
        ReechoError: the file cannot be read, the faces are others, or nothing could be compared.
    """
    header, by_task = results.read_run(folder / "results.json")
    chosen, left = _steps(header, places, preset, only, own)
    if not chosen:
        raise ReechoError(f"Nothing of {folder} can be rerun here within {MINUTES:.0f} minutes; name notebooks by --only, as 04.")
    names = tuple(step.name for step in chosen)
    say(f"Rerunning {', '.join(names)} of the preset {header['preset']} on {header['dataset']['name']}.")
    run = report(dict(own), f"verify-{header['preset']}", names, say=say, places=places, steps=chosen)
    now = [row for step in chosen if step.results for row in results.rows_in(run / "results" / f"{step.results}.json")]
    same = preset in (None, header["preset"])
    published = [row for rows in by_task.values() for row in rows]
    checks, missing = compared([row for row in published if same or not is_trained(row)], now)
    if not checks:
        raise ReechoError("No row of the rerun has a counterpart in the published file, so nothing was compared.")
    wrong = [check for check in checks if not check.holds]
    lines = [check.line() for check in checks if check.column.key != "n" or not check.holds]
    say("\n".join(["", HEAD, *lines, ""]))
    say(f"{len(checks) - len(wrong)} of {len(checks)} numbers are as expected from seeds and machines.")
    missing += [row for row in published if not same and is_trained(row)]
    if missing or left:
        why = "".join(f"; {reason}" for reason in left)
        say(f"Not checked: {len(missing)} of {len(published)} rows ({_in_words(missing, published)}){why}.")
    return not wrong


def _in_words(missing: Iterable[Row], published: Iterable[Row]) -> str:
    """The rows that were not checked, a task of which none was checked in one word."""
    names: dict[str, list[str]] = {}
    for row in missing:
        names.setdefault(row.task, []).append(row.title)
    counts = Counter(row.task for row in published)
    return "; ".join(f"{task}: " + ("all" if len(some) == counts[task] else " | ".join(some)) for task, some in names.items())


def _steps(
    header: Mapping[str, Any], places: Places, preset: str | None, only: tuple[str, ...], own: Mapping[str, str]
) -> tuple[tuple[Step, ...], list[str]]:
    """The steps to rerun, with the published parameters, and why others are left out."""
    candidates = [step for step in STEPS if step.results and step.name in header["parameters"]]
    candidates = [step for step in candidates if not only or step.name.startswith(only)]
    if not candidates:
        names = ", ".join(step.name for step in STEPS if step.results and step.name in header["parameters"])
        raise ReechoError(f"No notebook with results begins with {' or '.join(only)!r}; the run has {names or 'none'}.")
    faces, left, chosen, budget = None, [], [], MINUTES
    for step in candidates:
        values = _parameters(header, step, preset, own)
        settings = resolve(step.notebook, absolute(values))
        if faces is None or faces.size != settings.size:
            faces = load_faces(settings, places)
            if faces.digest != header["dataset"]["digest"]:
                raise ReechoError(
                    f"The run was made on {header['dataset']['name']} with the digest {header['dataset']['digest'][:12]}, and the "
                    f"faces here ({faces.title}) have {faces.digest[:12]}; numbers of other faces cannot be compared."
                )
        if preset is None:
            values, minutes = _without_long_trainings(step, values, settings, places, faces)
            if not only and minutes > budget:
                left.append(f"{step.name} would take about {minutes:.0f} minutes")
                continue
            budget -= minutes
        chosen.append(replace(step, fixed=MappingProxyType(values), needs=(), presets=(), by_preset=_NONE))
    return tuple(chosen), left


def _parameters(header: Mapping[str, Any], step: Step, preset: str | None, own: Mapping[str, str]) -> dict[str, Any]:
    """The published parameters of a step, with another preset where one is asked for."""
    values = {name: value for name, value in header["parameters"][step.name].items() if name in NOTEBOOKS[step.notebook]}
    if preset not in (None, header["preset"]):
        values = {name: value for name, value in values.items() if not PARAMETERS[name].presets or name == "pictures"}
        values["preset"] = preset
    if "dataset" not in own and header["dataset"]["name"] not in CHOICES:
        raise ReechoError(f"The run was made on a folder named {header['dataset']['name']}; say by --dataset where it lies.")
    faces = {"dataset": header["dataset"]["name"]} | dict(own)
    return {name: value for name, value in (values | faces).items() if value is not None}


def _without_long_trainings(
    step: Step, values: Mapping[str, Any], settings: Settings, places: Places, faces: Any
) -> tuple[dict[str, Any], float]:
    """The parameters with the networks that are there, or the one that is trained soonest, and the minutes that the step takes."""
    short = {**values, **{name: value for name, value in _WITHOUT_TRAINING.items() if name in values}}
    minutes = _EVALUATION * len(faces.indices("test")) * (faces.size / 32) ** 2
    task = next(task for task in TASKS.values() if task.notebook == step.notebook)
    wanted = tuple(values[task.networks]) if task.networks else ("reference",) * task.trains

    def missing(name: str) -> float:
        own = shown_settings(settings, task.network_task, name)
        return 0.0 if trained.is_trained(places, own, faces) else trained.estimate_minutes(places, own, faces)

    cost = {name: 0.0 if name == SHIPPED_CHOICE else missing(name) for name in wanted}
    there = tuple(name for name in wanted if not cost[name]) or tuple(sorted(cost, key=cost.__getitem__)[:1])
    if task.networks:
        short[task.networks] = there
    return short, minutes + sum(cost[name] for name in there)

"""From `-p sigma=0.05,0.1 -p split_seed=0..4` to points, each of them checked before anything runs."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reecho.errors import ReechoError
from reecho.options import plain
from reecho.pipeline.steps import STEPS, Step, absolute, distribute, of_preset, select, without_colour
from reecho.settings import PARAMETERS, Settings, parse

MOST = 10_000  # points of a sweep; more are a mistake in typing
LUCK = ("split_seed", "seed")  # parameters over which a result has an interval
_RANGE = re.compile(r"\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*")
_LISTS = ("ints", "texts", "dict")  # kinds whose one value has commas


@dataclass(frozen=True)
class Point:
    """One choice of the swept parameters.

    Args:
        swept: name → value, in the order of the command.
        steps: the notebooks that it executes, those that write rows.
        parameters: step's name → (what is injected, the effective settings).
    """

    swept: Mapping[str, Any]
    steps: tuple[Step, ...]
    parameters: Mapping[str, tuple[dict[str, Any], Settings]]

    @property
    def key(self) -> str:
        """The point's name among files: a digest of its steps and their effective parameters, wherever the faces lie."""
        values = {step.name: self.settings(step).as_dict() | {"lfw": None} for step in self.steps}
        return hashlib.sha256(json.dumps(values, sort_keys=True, default=list).encode()).hexdigest()[:12]

    @property
    def title(self) -> str:
        """Its values in words."""
        return ", ".join(f"{name} = {shown(value)}" for name, value in self.swept.items())

    def settings(self, step: Step) -> Settings:
        """The effective settings of a step."""
        return self.parameters[step.name][1]

    def in_grey(self) -> Point:
        """The same point without the steps that need colours."""
        return replace(self, steps=without_colour(self.steps))


def shown(value: Any) -> str:
    """A value in words; a list with spaces, so that it can be broken.

    Example:
        >>> shown(("reference", "denoiser")), shown(None), shown(0.1)
        ('reference, denoiser', 'None', '0.1')
    """
    return plain(value).replace(",", ", ") if isinstance(value, tuple) else plain(value)


def values_of(name: str, text: str) -> tuple[Any, ...]:
    """The values of one parameter, each checked, none twice.

    Values are parted by commas, or by semicolons where one stands among them; a parameter that is itself a list takes semicolons
    alone. For whole numbers `lo..hi` is all of them, both ends among them.

    Raises:
        ReechoError: an unknown parameter, no value, a value that it may not have, or a range that is empty.

    Example:
        >>> values_of("sigma", "0.05,0.1"), values_of("split_seed", "none,0..2")
        ((0.05, 0.1), (None, 0, 1, 2))
        >>> values_of("denoisers", "reference;shipped,anchored")
        (('reference',), ('shipped', 'anchored'))
    """
    kind = PARAMETERS[name].kind if name in PARAMETERS else "text"
    between = ";" if ";" in text or kind in _LISTS else ","
    texts = [part.strip() for part in text.split(between)]
    if "" in texts:
        raise ReechoError(f"-p {name}={text} has an empty value; write -p {name}=VALUE{between}VALUE.")
    values = [value for part in texts for value in ([parse(name, part)] if ".." not in part else _range(name, kind, part))]
    return tuple(value for place, value in enumerate(values) if value not in values[:place])


def _range(name: str, kind: str, text: str) -> list[Any]:
    ends = _RANGE.fullmatch(text)
    if ends is None or kind not in ("int", "ints"):
        if kind == "text":  # a path may hold two dots
            return [parse(name, text)]
        raise ReechoError(
            f"{name}={text} is no range: LOW..HIGH stands for whole numbers, such as split_seed=0..4. Write the values of {name} "
            "one by one."
        )
    low, high = map(int, ends.groups())
    if low > high:
        raise ReechoError(f"{name}={text} holds no number, for {low} is above {high}; write {name}={high}..{low}.")
    if high - low >= MOST:
        raise ReechoError(f"{name}={text} has {high - low + 1:,} values; a sweep has at most {MOST:,} points.")
    return [parse(name, str(number)) for number in range(low, high + 1)]


def points(
    pairs: Sequence[str], fixed: Mapping[str, Any], only: tuple[str, ...] = (), steps: tuple[Step, ...] = STEPS
) -> list[Point]:
    """All points of a grid, the last parameter changing fastest.

    Args:
        pairs: `NAME=VALUES` texts.
        fixed: parameters with an option of their own, which win.
        only: beginnings of steps' names; empty for all.
        steps: the notebooks there are; for tests.

    Raises:
        ReechoError: what was typed is wrong, for one point or all of them; the sentence names the parameter and what it may be.
    """
    axes: dict[str, tuple[Any, ...]] = {}
    for pair in pairs:
        name, equals, text = (part.strip() for part in pair.partition("="))
        if not equals or not text:
            raise ReechoError(f"-p {pair} lacks values: write -p name=value,value. `reecho parameters` lists the names.")
        if name in axes:
            raise ReechoError(f"-p {name} is given twice; write all of its values in one, as in -p {name}=VALUE,VALUE.")
        axes[name] = values_of(name, text)
    alone = {name: values[0] for name, values in axes.items() if len(values) == 1} | dict(fixed)
    swept = {name: values for name, values in axes.items() if name not in alone}
    if not swept:
        raise ReechoError("A sweep needs a parameter with several values, such as -p split_seed=0..4; one point is a report's.")
    if (count := math.prod(map(len, swept.values()))) > MOST:
        raise ReechoError(f"These are {count:,} points, and a sweep has at most {MOST:,}; take fewer values.")
    return [_point(dict(zip(swept, values, strict=True)), alone, only, steps) for values in itertools.product(*swept.values())]


def _point(swept: dict[str, Any], fixed: dict[str, Any], only: tuple[str, ...], steps: tuple[Step, ...]) -> Point:
    parameters = absolute({**fixed, **swept})
    preset = PARAMETERS["preset"].check(parameters.get("preset", "quick"))
    chosen = select(of_preset(steps, preset, only), only)
    measuring = tuple(step for step in chosen if step.results)
    if not measuring:
        names = ", ".join(step.name for step in of_preset(steps, preset) if step.results)
        raise ReechoError(f"{', '.join(step.name for step in chosen)} measure nothing to sweep over; --only takes {names}.")
    distributed = distribute(chosen, parameters)
    return Point(swept, measuring, {step.name: distributed[step.name] for step in measuring})

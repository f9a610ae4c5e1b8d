"""Outputs of several methods on the same pictures, and how long each method took."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np


class Timed(dict):
    """Outputs by a method's name, as any dictionary, and beside them the time of those that were run under the clock.

    Joining keeps the times: `|` and `|=` with another `Timed`, or with a plain dictionary, which has none.

    Example:
        >>> outputs = Timed({"input": np.zeros((4, 8, 8, 3))})
        >>> outputs.run("inverted", lambda faces: 1 - faces, outputs["input"])
        >>> outputs["inverted"].shape, list(outputs.milliseconds)
        ((4, 8, 8, 3), ['inverted'])
    """

    def __init__(self, outputs: Mapping[str, np.ndarray] | None = None) -> None:
        super().__init__(outputs or {})
        self.milliseconds: dict[str, float] = dict(getattr(outputs, "milliseconds", {}))

    def run(self, name: str, method: Callable[..., np.ndarray], *arguments: Any, warm: int = 0) -> None:
        """Run a fitted method and keep what it made, and its milliseconds a picture.

        The time is wall-clock time on all cores: it tells one order of magnitude from another, and less on a busy machine.

        Args:
            name: of the row.
            method: takes the arguments, the pictures (n, H, W, 3) first, and returns its outputs, (n, H, W, 3).
            arguments: of the method; what is learnt from train faces is learnt before, so that fitting does not count.
            warm: so many pictures go through once before the clock starts; a network compiles at its first call.
        """
        if warm:
            method(arguments[0][:warm], *arguments[1:])
        start = perf_counter()
        self[name] = method(*arguments)
        self.milliseconds[name] = 1000 * (perf_counter() - start) / max(len(self[name]), 1)

    def __or__(self, other: Mapping[str, np.ndarray]) -> Timed:
        joined = Timed(self)
        joined |= other
        return joined

    def __ior__(self, other: Mapping[str, np.ndarray]) -> Timed:
        self.update(other)
        for name in other:  # an output that is replaced loses its old time
            self.milliseconds.pop(name, None)
        self.milliseconds |= getattr(other, "milliseconds", {})
        return self

    def __ror__(self, other: Mapping[str, np.ndarray]) -> Timed:
        return Timed(other) | self

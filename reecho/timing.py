"""Outputs of several methods on the same pictures, and how long each method took."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np

from reecho.methods import Method


class Timed(dict[Method, np.ndarray]):
    """Outputs by method, as any dictionary, and beside them the time of those that were run under the clock.

    Joining keeps the times: `|` and `|=` with another `Timed`, or with a plain dictionary, which has none.

    Example:
        >>> from reecho.methods import NOISY, baseline
        >>> outputs = Timed({NOISY: np.zeros((4, 8, 8, 3))})
        >>> outputs.run(baseline("inverted"), lambda faces: 1 - faces, outputs[NOISY])
        >>> outputs[baseline("inverted")].shape, [method.name for method in outputs.milliseconds]
        ((4, 8, 8, 3), ['inverted'])
    """

    def __init__(self, outputs: Mapping[Method, np.ndarray] | None = None) -> None:
        super().__init__(outputs or {})
        self.milliseconds: dict[Method, float] = dict(getattr(outputs, "milliseconds", {}))

    def run(self, method: Method, function: Callable[..., np.ndarray], *arguments: Any, warm: int = 0) -> None:
        """Run a fitted method; its outputs are stored under it, and its milliseconds a picture.

        The time is wall-clock time on all cores: it tells one order of magnitude from another, and less on a busy machine.

        Args:
            method: whose outputs these are.
            function: takes the arguments, the pictures (n, H, W, 3) first, and returns its outputs, (n, H, W, 3).
            arguments: of the function; what is learnt from train faces is learnt before, so that fitting does not count.
            warm: so many pictures go through once before the clock starts; a network compiles at its first call.
        """
        if warm:
            function(arguments[0][:warm], *arguments[1:])
        start = perf_counter()
        self[method] = function(*arguments)
        self.milliseconds[method] = 1000 * (perf_counter() - start) / max(len(self[method]), 1)

    # only outputs by method are joined, where a plain dictionary may be joined with any
    def __or__(self, outputs: Mapping[Method, np.ndarray]) -> Timed:  # type: ignore[override]
        joined = Timed(self)
        joined |= outputs
        return joined

    def __ior__(self, outputs: Mapping[Method, np.ndarray]) -> Timed:  # type: ignore[override]
        self.update(outputs)
        for method in outputs:  # an output that is replaced loses its old time
            self.milliseconds.pop(method, None)
        self.milliseconds |= getattr(outputs, "milliseconds", {})
        return self

    def __ror__(self, outputs: Mapping[Method, np.ndarray]) -> Timed:  # type: ignore[override]
        return Timed(outputs) | self

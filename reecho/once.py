"""The form of what functions are handed so that an expensive value is computed once; without it they compute directly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

Arrays = tuple[np.ndarray, ...]


class Once(Protocol):
    """Gives the arrays that a function makes of its arguments, computed now or before; `reecho.computed.Computed` stores them."""

    def __call__(self, compute: Callable[..., Arrays], *arguments: Any, code: tuple[str, ...] = ()) -> Arrays:
        """What `compute(*arguments)` returns.

        Args:
            compute: a function of a module, whose result depends on its arguments and on code alone.
            arguments: arrays, plain values, and objects with a `digest` that says all that they hold.
            code: further modules on whose code the result depends, since no import leads from the function to them.

        Returns:
            Arrays in C order, the same bits however they were come by.
        """
        ...


def directly(compute: Callable[..., Arrays], *arguments: Any, code: tuple[str, ...] = ()) -> Arrays:
    """Compute it now and store nothing; see `Once`.

    Example:
        >>> directly(lambda values: (values + 1,), np.zeros(2))
        (array([1., 1.]),)
    """
    return in_order(compute(*arguments))


def in_order(arrays: Arrays) -> Arrays:
    """The arrays in C order, in which they are stored: a matrix product of another order can round otherwise."""
    return tuple(np.asarray(array, order="C") for array in arrays)

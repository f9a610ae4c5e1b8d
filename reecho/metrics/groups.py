"""How far the mean of some pictures is from the mean of others, with an interval over people."""

from __future__ import annotations

import numpy as np

from reecho.errors import ReechoError
from reecho.metrics.intervals import times_drawn


def thirds(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest third: two bool arrays (n,), of equal size; equal values go by their place.

    Args:
        values: float array (n,), n at least 3.

    Raises:
        ReechoError: fewer than three values.

    Example:
        >>> [part.tolist() for part in thirds(np.array([3.0, 1.0, 2.0]))]
        [[False, True, False], [True, False, False]]
    """
    if len(values) < 3:
        raise ReechoError(f"Thirds need at least three values; there are {len(values)}.")
    order = np.argsort(values, kind="stable")
    parts = np.zeros((2, len(values)), bool)
    parts[0, order[: len(values) // 3]] = True
    parts[1, order[-(len(values) // 3) :]] = True
    return parts[0], parts[1]


def difference(
    values: np.ndarray, people: np.ndarray, first: np.ndarray, second: np.ndarray, seed: int = 0, draws: int = 2000
) -> tuple[float, tuple[float, float]]:
    """The mean of the second group of pictures less that of the first one, and its 95 % interval, drawing people anew.

    A person may have pictures in both groups; they are drawn together.

    Args:
        values: float array (n,), one value a picture.
        people: (n,), who is shown.
        first, second: bool (n,), the pictures of each group, at least one.
        seed, draws: as for `bootstrap_interval`.

    Example:
        >>> values, people = np.array([1.0, 1.0, 3.0, 3.0]), np.arange(4)
        >>> difference(values, people, values < 2, values > 2)
        (2.0, (2.0, 2.0))
    """
    values = np.asarray(values, "float64")
    _, person = np.unique(people, return_inverse=True)
    count = int(person.max()) + 1
    groups = [(np.bincount(person[of], values[of], count), np.bincount(person[of], minlength=count)) for of in (first, second)]
    times = times_drawn(count, seed, draws)
    sums, sizes = (times @ np.stack(columns, axis=1) for columns in zip(*groups, strict=True))  # (draws, 2) each
    drawn = (sizes > 0).all(axis=1)  # with very few people a draw may miss a group
    means = sums[drawn] / sizes[drawn]
    low, high = np.quantile(means[:, 1] - means[:, 0], [0.025, 0.975])
    return float(values[second].mean() - values[first].mean()), (float(low), float(high))

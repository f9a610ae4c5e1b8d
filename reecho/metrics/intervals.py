"""How sure a mean over pictures is, where pictures of one person are no independent witnesses."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from reecho.errors import ReechoError
from reecho.metrics.pictures import psnr


def bootstrap_interval(
    values: np.ndarray, people: np.ndarray, seed: int = 0, draws: int = 2000, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of a mean over pictures, by drawing people, not pictures, anew.

    For the difference of two methods give the differences picture by picture: they share the easy and the hard faces.

    Args:
        values: float array (n,) or (n, m), one value (or m values) a picture.
        people: int or str array (n,), who is shown.
        seed: of the draws; the same seed draws the same people.
        draws: how many times people are drawn.
        weights: float array (n,); given, the interval is that of Σ values / Σ weights instead of the mean.

    Returns:
        The 2.5 % and 97.5 % quantiles, each a float64 scalar, or (m,) where there are m values.

    Raises:
        ReechoError: no pictures, or arrays of different lengths.

    Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap, section 13.3; clusters as in Field & Welsh (2007).

    Example:
        >>> low, high = bootstrap_interval(np.ones(6), np.array([1, 1, 2, 2, 3, 3]))
        >>> float(low), float(high)
        (1.0, 1.0)
    """
    values = np.asarray(values, "float64")
    if not len(values) or len(values) != len(people):
        raise ReechoError(f"An interval needs one person for each value; there are {len(values)} values and {len(people)} people.")
    _, person = np.unique(people, return_inverse=True)
    count = int(person.max()) + 1
    weight = np.ones(len(values)) if weights is None else np.asarray(weights, "float64")
    columns = values.reshape(len(values), -1)
    sums = np.stack([np.bincount(person, column, count) for column in (*columns.T, weight)], axis=1)  # (people, m + 1)
    totals = times_drawn(count, seed, draws) @ sums
    low, high = np.quantile(totals[:, :-1] / totals[:, -1:], [0.025, 0.975], axis=0)
    return low.reshape(values.shape[1:])[()], high.reshape(values.shape[1:])[()]


def paired(differences: np.ndarray, people: np.ndarray) -> tuple[float, tuple[float, float]]:
    """The mean of differences picture by picture, and its 95 % interval over people.

    Args:
        differences: float array (n,), one method's value less the other's on the same picture.
        people: (n,), who is shown.

    Example:
        >>> paired(np.array([1.0, 1.0, 1.0]), np.array([1, 1, 2]))
        (1.0, (1.0, 1.0))
    """
    low, high = bootstrap_interval(differences, people)
    return float(np.mean(differences, dtype="float64")), (float(low), float(high))


def over_seeds(outputs: np.ndarray, others: Iterable[np.ndarray], targets: np.ndarray) -> dict[str, float]:
    """What chance does to a row: the PSNR of the same network trained from several seeds.

    Args:
        outputs: float32 (n, H, W, 3), of the network that has the row.
        others: outputs of the others, none where one seed was trained.
        targets: float32 (n, H, W, 3).

    Returns:
        seeds_sd_db, the standard deviation of their mean PSNR, dB; nothing for one seed.
    """
    means = [psnr(pictures, targets).mean() for pictures in (outputs, *others)]
    return {"seeds_sd_db": float(np.std(means, ddof=1))} if len(means) > 1 else {}


def times_drawn(count: int, seed: int = 0, draws: int = 2000) -> np.ndarray:
    """How often each of `count` people is drawn, with replacement, in each of the draws: float64 (draws, count)."""
    drawn = np.random.default_rng(seed).integers(count, size=(draws, count))
    drawn += np.arange(draws)[:, None] * count
    return np.bincount(drawn.ravel(), minlength=draws * count).reshape(draws, count).astype("float64")

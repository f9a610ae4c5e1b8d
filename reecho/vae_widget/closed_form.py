"""The best linear VAE at every α, without a run: the level of σ², the axes above it, their nats."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

LOWEST, HIGHEST = 500, 100_000  # nats, the ends of the slider
_STEP = 1.0416  # from one α of the slider to the next, nearly
COLUMNS = (
    {"key": "alpha", "heading": "α, nats"},
    {"key": "sigma", "heading": "σ of [0, 1]", "digits": 3},
    {"key": "levels", "heading": "σ of 255"},
    {"key": "active", "heading": "active axes"},
    {"key": "rate", "heading": "rate, nats", "digits": 1},
    {"key": "bits", "heading": "rate, bits"},
    {"key": "mean", "heading": "mean, dB", "digits": 1},
    {"key": "draw", "heading": "a draw, dB", "digits": 1},
)


def alphas(learnt: int) -> list[int]:
    """The α of the slider, three digits each, evenly in their logarithm, the network's own among them.

    Args:
        learnt: the α that the network learnt with, from LOWEST to HIGHEST.

    Example:
        >>> some = alphas(25_000)
        >>> some[0], some[-1], some.count(25_000), len(some)
        (500, 100000, 1, 131)
    """
    below = np.geomspace(LOWEST, learnt, max(2, 1 + round(math.log(learnt / LOWEST) / math.log(_STEP))))
    above = np.geomspace(learnt, HIGHEST, max(2, 1 + round(math.log(HIGHEST / learnt) / math.log(_STEP))))
    rounded = {int(float(f"{value:.3g}")) for value in (*below, *above)}
    return sorted(rounded | {learnt})


def sigma(alpha: float, values: int) -> float:
    """The decoder's standard deviation that α assumes for each of a picture's values, √(D / 2α), intensity.

    Args:
        alpha: reconstruction weight, nats a unit of the mean squared error.
        values: D.

    Example:
        >>> round(sigma(100_000, 3072), 3)
        0.124
    """
    return math.sqrt(values / (2 * alpha))


def active(variances: np.ndarray, alpha: float, values: int) -> int:
    """How many axes have more variance than σ²."""
    return int((np.asarray(variances) > values / (2 * alpha)).sum())


def rate(variances: np.ndarray, alpha: float, values: int) -> float:
    """The mean rate of train faces, nats: the sum of ½ ln(λ / σ²) over the active axes.

    Example:
        >>> round(rate(np.array([4.0, 0.1]), 0.5, 1), 4)  # σ² = 1: one active axis, ½ ln 4
        0.6931
    """
    square = values / (2 * alpha)
    return float(sum(0.5 * math.log(variance / square) for variance in variances if variance > square))


def rows(curve: Sequence[Mapping[str, Any]], chosen: Sequence[int], variances: np.ndarray, values: int) -> list[dict[str, Any]]:
    """A row of numbers for each α, for a table with COLUMNS.

    Args:
        curve: of `baselines.rate_curve` for the σ of these α.
        chosen: the α.
        variances: float (k,), λ of the axes.
        values: D.
    """
    return [
        {
            "alpha": f"{alpha:,}", "sigma": point["sigma"],
            "levels": round(255 * point["sigma"]), "active": active(variances, alpha, values), "rate": point["rate_nats"],
            "bits": round(point["rate_nats"] / math.log(2)), "mean": point["psnr_mean_db"], "draw": point["psnr_sample_db"],
        }
        for alpha, point in zip(chosen, curve, strict=True)
    ]  # fmt: skip

"""The best linear VAE at every α, without a run: the level of σ², the axes above it, their nats."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reecho import metrics
from reecho.data import gradient_energy

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
    {"key": "contrast", "heading": "prior: contrast, %", "digits": 0},
    {"key": "edges", "heading": "prior: edges, %", "digits": 0},
)
DRAWS = 300  # faces of nobody that a number is the mean of


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


def of_nobody(mean: np.ndarray, variances: np.ndarray, axes: np.ndarray, alpha: float, seed: int = 0) -> np.ndarray:
    """Faces decoded from draws of the prior by the best linear VAE at an α: they vary by λ − σ² along its active axes.

    Args:
        mean, variances, axes: float (D,), (k,) and (D, k), of `reecho.components.of_faces`.
        alpha: the α.
        seed: of the draws.

    Returns:
        float64 (300, H, W, 3), not clipped.

    Example:
        >>> of_nobody(np.full(12, 0.5), np.ones(1), np.full((12, 1), 12**-0.5), 1.0).std()  # σ² = 6: no axis is active
        np.float64(0.0)
    """
    size = math.isqrt(len(mean) // 3)
    deviations = np.sqrt(np.maximum(variances - len(mean) / (2 * alpha), 0))
    z = np.random.default_rng(seed).standard_normal((DRAWS, len(variances)))
    return (mean + (z * deviations) @ axes.T).reshape(DRAWS, size, size, 3)


def beside_faces(pictures: np.ndarray, faces: np.ndarray) -> tuple[float, float]:
    """Contrast and edges (energy of the gradients) of pictures, in percent of those of faces; float (n, H, W, 3) and (m, H, W, 3).

    Example:
        >>> some = np.random.default_rng(0).random((2, 8, 8, 3))
        >>> [round(part, 6) for part in beside_faces(some, some)], beside_faces(np.zeros_like(some), some)
        ([100.0, 100.0], (0.0, 0.0))
    """
    pictures = np.clip(pictures, 0, 1)
    contrast = metrics.contrast(pictures).mean() / metrics.contrast(faces).mean()
    return 100 * float(contrast), 100 * gradient_energy(pictures) / gradient_energy(faces)


def rows(
    curve: Sequence[Mapping[str, Any]],
    chosen: Sequence[int],
    variances: np.ndarray,
    values: int,
    nobody: Sequence[tuple[float, float]],
) -> list[dict[str, Any]]:
    """A row of numbers for each α, for a table with COLUMNS.

    Args:
        curve: of `baselines.rate_curve` for the σ of these α.
        chosen: the α.
        variances: float (k,), λ of the axes.
        values: D.
        nobody: of `beside_faces`, for draws of the prior at each α.
    """
    return [
        {
            "alpha": f"{alpha:,}", "sigma": point["sigma"],
            "levels": round(255 * point["sigma"]), "active": active(variances, alpha, values), "rate": point["rate_nats"],
            "bits": round(point["rate_nats"] / math.log(2)), "mean": point["psnr_mean_db"], "draw": point["psnr_sample_db"],
            "contrast": contrast, "edges": edges,
        }
        for alpha, point, (contrast, edges) in zip(chosen, curve, nobody, strict=True)
    ]  # fmt: skip

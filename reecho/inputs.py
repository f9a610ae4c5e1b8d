"""What networks are given: a face, a face under noise, a face in grey; and how strong the noise is."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reecho.colour import grey

LOWEST, HIGHEST = 0.02, 0.2  # standard deviations of the noise that blind networks are trained on, intensity


def unchanged(faces: Any, noise: Any, sigma: Any) -> Any:
    """The faces themselves; noise and sigma are not looked at."""
    return faces


def noisy(faces: Any, noise: Any, sigma: Any) -> Any:
    """Faces under noise: faces + sigma · noise, not clipped, for clipping would bias the noise.

    Args:
        faces: float32 array or tensor (B, H, W, 3) in [0, 1].
        noise: the same kind and shape, standard normal.
        sigma: standard deviation of the noise, intensity; a number, or (B, 1, 1, 1).

    Returns:
        The same kind and shape; it may leave [0, 1].
    """
    return faces + sigma * noise


def in_grey(faces: Any, noise: Any, sigma: Any) -> Any:
    """Faces in grey, as three equal channels; noise and sigma are not looked at."""
    return grey(faces)


def noise_like(faces: np.ndarray, seed: int) -> np.ndarray:
    """Standard normal noise, float32, in the shape of `faces`, the same for the same seed."""
    return np.random.default_rng(seed).standard_normal(faces.shape, dtype="float32")


def sigma_at(share: Any) -> Any:
    """The noise at a share of the range that a blind network is trained on.

    Shares drawn evenly give the ends of the range, which have neighbours on one side only, more often than the middle, and
    little noise as often as much of it.

    Args:
        share: array or tensor in [0, 1].

    Returns:
        The same kind and shape: from LOWEST at 0 to HIGHEST at 1, on a logarithmic scale, along half a cosine.
    """
    from keras import ops

    return LOWEST * (HIGHEST / LOWEST) ** (0.5 - 0.5 * ops.cos(math.pi * share))

"""New codes out of nothing but the prior, and what the encoder leaves open about a code that it has found."""

from __future__ import annotations

import numpy as np

from reecho import gaussian


def sample(n: int, latent_dim: int, seed: int = 0) -> np.ndarray:
    """Codes drawn from the prior N(0, I).

    Args:
        n: how many.
        latent_dim: axes of the latent space.
        seed: the same seed draws the same codes.

    Returns:
        float32 (n, latent_dim).

    Example:
        >>> sample(2, 1024).shape
        (2, 1024)
    """
    return np.random.default_rng(seed).standard_normal((n, latent_dim), dtype="float32")


def posterior_draw(means: np.ndarray, log_variances: np.ndarray, seed: int = 0, temperature: float = 1.0) -> np.ndarray:
    """Codes as the decoder met them in training: a draw from each posterior instead of its mean.

    The means alone are narrower than the prior, and the pictures of them are smoother than those of draws.

    Args:
        means, log_variances: float32 (n, latent_dim), what `encode` gives; the latter may broadcast.
        seed: the same seed draws the same noise.
        temperature: factor on the noise; 0 gives the means.

    Returns:
        float32 (n, latent_dim).

    Example:
        >>> posterior_draw(np.ones((2, 3), "float32"), np.zeros((2, 3), "float32"), temperature=0.0)[0]
        array([1., 1., 1.], dtype=float32)
    """
    noise = np.random.default_rng(seed).standard_normal(means.shape, dtype="float32")
    return np.asarray(gaussian.draw(means, log_variances, temperature * noise), "float32")

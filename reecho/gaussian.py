"""Gaussians with a variance for each axis, as an encoder gives them: KL from N(0, I), and draws; for arrays and for tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

LOG_VARIANCE_LIMIT = 10.0  # the posterior's log-variance is kept in ± this, so that exp() stays finite


def clip_log_variance(log_variance: Any, ops: Any = np) -> Any:
    """The log-variance in ±10, so that neither its exp() nor its gradient overflows; the same kind, shape and dtype.

    Args:
        log_variance: float32 array or tensor of any shape.
        ops: numpy for arrays, keras.ops for tensors.
    """
    return ops.clip(log_variance, -LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)


def kl_per_axis(mean: Any, log_variance: Any, ops: Any = np) -> Any:
    """KL(N(mean, exp(log_variance)) ‖ N(0, 1)) = -½ (1 + log σ² - μ² - σ²) of each axis.

    Args:
        mean, log_variance: float32 array or tensor (..., d), d = latent_dim; not clipped here.
        ops: numpy for arrays, keras.ops for tensors.

    Returns:
        The same kind and shape, nats, at least 0: 0 at mean 0 and log-variance 0, ½ at mean 1 and log-variance 0.

    Source: Kingma & Welling (2014), appendix B. The document's formula lacks the minus sign.

    Example:
        >>> kl_per_axis(np.array([0.0, 1.0, 2.0]), np.zeros(3)) + 0.0
        array([0. , 0.5, 2. ])
    """
    return -0.5 * (1 + log_variance - ops.square(mean) - ops.exp(log_variance))


def kl(mean: Any, log_variance: Any, ops: Any = np) -> Any:
    """The KL divergence from N(0, I), in nats, summed over the axes: (..., d) → (...), otherwise as `kl_per_axis`.

    Example:
        >>> float(kl(np.ones(5), np.zeros(5)))
        2.5
    """
    return ops.sum(kl_per_axis(mean, log_variance, ops), axis=-1)


def draw(mean: Any, log_variance: Any, noise: Any, ops: Any = np) -> Any:
    """z = mean + exp(log_variance / 2) · noise, the reparameterisation trick.

    Args:
        mean, log_variance: float32 array or tensor (..., d); not clipped here.
        noise: of the same shape, ε ~ N(0, I); a multiple of it draws nearer to the mean or further from it.
        ops: numpy for arrays, keras.ops for tensors.

    Returns:
        The same kind and shape as `mean`.

    Source: Kingma & Welling (2014), arXiv:1312.6114, section 2.4. The document writes Σ = exp(log(σ²/2)) for exp(log(σ²)/2).
    """
    return mean + ops.exp(log_variance / 2) * noise

"""The best linear variational autoencoder in closed form: probabilistic PCA of what can be told from the input."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from reecho import components, gaussian, streams
from reecho.streams import Pictures, in_memory

_RIDGE = 1e-3  # intensity², added to the variance of each input value


@dataclass(frozen=True)
class LinearVAE:
    """z_mean = (input - input_mean) · encoder; output = target_mean + z · decoder; the calls of a trained network.

    Args:
        input_mean, target_mean: float32 (D,), D = height · width · 3.
        encoder: float32 (D, latent_dim).
        decoder: float32 (latent_dim, D).
        log_variance: float32 (latent_dim,), the posterior's, the same for every face; 0 for an axis that is not used.
        sigma: standard deviation of the decoder in intensity units.
    """

    input_mean: np.ndarray
    target_mean: np.ndarray
    encoder: np.ndarray
    decoder: np.ndarray
    log_variance: np.ndarray
    sigma: float

    def encode(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """z_mean and z_log_var, float32 (B, latent_dim) each, of inputs (B, H, W, 3)."""
        mean = (inputs.reshape(len(inputs), -1) - self.input_mean) @ self.encoder
        return mean, np.broadcast_to(self.log_variance, mean.shape)

    def reproduce(self, inputs: np.ndarray) -> np.ndarray:
        """Outputs for inputs (B, H, W, 3), the mean of z decoded; they may leave [0, 1]."""
        return self.decode(self.encode(inputs)[0])

    def reproduce_sampled(self, inputs: np.ndarray, seed: int) -> np.ndarray:
        """Outputs for inputs (B, H, W, 3), one draw of z decoded."""
        mean, log_variance = self.encode(inputs)
        noise = np.random.default_rng(seed).standard_normal(mean.shape, dtype="float32")
        return self.decode(gaussian.draw(mean, log_variance, noise))

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Outputs for codes (B, latent_dim), float32 (B, H, W, 3)."""
        side = math.isqrt(len(self.target_mean) // 3)
        return (self.target_mean + z @ self.decoder).reshape(len(z), side, side, 3)

    def rate(self, inputs: np.ndarray) -> np.ndarray:
        """The KL of each axis and picture in nats, float32 (B, latent_dim)."""
        return gaussian.kl_per_axis(*self.encode(inputs))


def fit(inputs: Pictures, targets: Pictures, noise: float, latent_dim: int, weight: float, loss: str, seed: int = 0) -> LinearVAE:
    """Fit the linear VAE that minimises the network's own loss.

    Args:
        inputs: float32 (N, H, W, 3), the inputs before noise.
        targets: float32 (N, H, W, 3), the clean faces.
        noise: standard deviation of the noise that is added to the inputs; it enters in expectation, not as a draw.
        latent_dim: axes of the latent space; those beyond the data's rank stay unused.
        weight: the reconstruction weight; infinite for a plain autoencoder.
        loss: "mse", "rmse" or "calibrated".
        seed: seed of the randomised eigenvectors of large pictures.

    Returns:
        The fitted LinearVAE.

    Source: Tipping & Bishop (1999), equations 7 to 12, applied to E[target | input]; Lucas et al. (2019), section 4.
    """
    count, values = len(inputs), math.prod(inputs.shape[1:])
    same = inputs is targets
    target_mean = streams.mean(targets).astype("float32")
    means = target_mean if same else streams.mean(inputs).astype("float32"), target_mean
    plain = same and noise == 0
    wanted = min(latent_dim, count - 1, values)
    if count > values:
        regression, total, variances, axes = _from_moments(inputs, targets, means, noise, plain, wanted, seed)
    else:
        pairs = zip((inputs, targets), means, strict=True)
        centred_in, centred_out = ((in_memory(part) - mean).reshape(count, values) for part, mean in pairs)
        total = float((centred_out**2).sum() / count)
        regression = None if plain else _least_squares(centred_in, centred_out, count * noise**2 + _RIDGE * count)
        explained = centred_out if regression is None else centred_in @ regression
        variances, axes = _principal_axes(explained, regression, noise, wanted, seed)
    variance = _decoder_variance(variances, total, values, weight, loss)
    used = variances > variance
    gain = np.where(used, np.sqrt(np.maximum(variances - variance, 0)), 0)
    # an axis that is not worth its KL keeps a faint link, or no gradient could ever wake it
    faint = 0.05 * np.sqrt(variances)
    forward = axes * np.where(used, gain / variances, 0.05 / np.sqrt(variances))
    encoder, decoder, log_variance = np.zeros((values, latent_dim)), np.zeros((latent_dim, values)), np.zeros(latent_dim)
    rank = len(variances)
    encoder[:, :rank] = forward if regression is None else regression @ forward
    decoder[:rank] = (axes * np.maximum(gain, faint)).T
    log_variance[:rank] = np.where(used, np.log(variance / variances), 0)
    arrays = {
        "input_mean": means[0].ravel(), "target_mean": target_mean.ravel(), "encoder": encoder, "decoder": decoder,
        "log_variance": log_variance,
    }  # fmt: skip
    return LinearVAE(sigma=float(np.sqrt(variance)), **{name: np.asarray(array, "float32") for name, array in arrays.items()})


def _from_moments(
    inputs: Pictures, targets: Pictures, means: tuple[np.ndarray, np.ndarray], noise: float, plain: bool, wanted: int, seed: int
) -> tuple[np.ndarray | None, float, np.ndarray, np.ndarray]:
    """Regression (D, D), the targets' variance in all, variances and axes, of more pictures than values: covariances tell all."""
    count = len(inputs)
    within = streams.product(inputs, means=(means[0], means[0])) / count
    if plain:
        total = float(np.trace(within, dtype="float64"))
        return None, total, *_positive(*components.of_covariance(within, wanted, seed))
    between = within if inputs is targets else streams.product(inputs, targets, means) / count
    total = float(streams.mean(targets, lambda chunk: np.square(chunk - means[1])).sum())
    lifted = within.copy()
    lifted[np.diag_indices(len(lifted))] += noise**2 + _RIDGE
    regression = linalg.solve(lifted, between, assume_a="pos", overwrite_a=True)
    del lifted, between
    explained = regression.T @ within @ regression
    if noise:
        explained += noise**2 * (regression.T @ regression)
    return regression, total, *_positive(*components.of_covariance(explained, wanted, seed))


def _least_squares(inputs: np.ndarray, targets: np.ndarray, ridge: float) -> np.ndarray:
    """The ridge regression of targets on inputs, (D, D), of no more pictures than values."""
    gram = inputs @ inputs.T
    gram[np.diag_indices(len(gram))] += ridge
    return inputs.T @ linalg.solve(gram, targets, assume_a="pos", overwrite_a=True)


def _principal_axes(
    explained: np.ndarray, regression: np.ndarray | None, noise: float, wanted: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Variances (k,) and axes (D, k) of what the input explains of the target, the noise's share included, largest first."""
    count, values = explained.shape
    if values <= components.LARGEST_EXACT:
        covariance = explained.T @ explained / count
        if noise and regression is not None:
            covariance += noise**2 * (regression.T @ regression)
        return _positive(*components.largest(covariance, wanted))
    rows = explained / np.sqrt(count)
    if noise and regression is not None:
        rows = np.concatenate([rows, noise * regression])
    return _positive(*components.randomised(rows, wanted, seed))


def _positive(variances: np.ndarray, axes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    positive = variances > 1e-9
    return variances[positive], axes[:, positive].astype("float64")


def _decoder_variance(variances: np.ndarray, total: float, values: int, weight: float, loss: str) -> float:
    """The decoder's σ² that the loss amounts to: values / (2 · weight) for MSE, else a fixed point."""
    if np.isinf(weight):
        return 1e-7
    if loss == "mse":
        return values / (2 * weight)
    variance = 0.01
    for _ in range(100):
        used = variances > variance
        error = (total - (variances[used] - variance).sum()) / values  # mean squared error of a decoded sample
        variance = max(error if loss == "calibrated" else values * np.sqrt(error) / weight, 1e-7)
    return variance

"""The best linear variational autoencoder in closed form: probabilistic PCA of what can be told from the input."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from reecho import components, gaussian, streams
from reecho.once import Once, directly
from reecho.streams import Pictures, in_memory

_RIDGE = 1e-3  # intensity², beside the noise in the regression of targets on inputs


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


def fit(
    inputs: Pictures, targets: Pictures, noise: float, latent_dim: int, weight: float, loss: str, seed: int = 0,
    once: Once = directly,
) -> LinearVAE:  # fmt: skip
    """Fit the linear VAE that minimises the network's own loss.

    Args:
        inputs: float32 (N, H, W, 3), the inputs before noise.
        targets: float32 (N, H, W, 3), the clean faces.
        noise: standard deviation of the noise that is added to the inputs; it enters in expectation, not as a draw.
        latent_dim: axes of the latent space; those beyond the data's rank stay unused.
        weight: the reconstruction weight; infinite for a plain autoencoder.
        loss: "mse", "rmse" or "calibrated".
        seed: seed of the randomised eigenvectors of large pictures.
        once: finds the principal axes, or gives those that were found before.

    Returns:
        The fitted LinearVAE.

    Source: Tipping & Bishop (1999), equations 7 to 12, applied to E[target | input]; Lucas et al. (2019), section 4.
    """
    values = math.prod(inputs.shape[1:])
    if inputs is targets or _equal_arrays(inputs, targets):
        target_mean, variances, axes, total = once(components.of_faces, targets, latent_dim, seed)
        input_mean, shrinkage = target_mean, np.ones(len(variances))
        if noise:  # the regression has the axes of the faces themselves, so that it need not be solved
            shrinkage = variances / (variances + noise**2 + _RIDGE)
            variances = shrinkage**2 * (variances + noise**2)
        reading = axes * shrinkage
    else:
        input_mean, target_mean, variances, axes, reading, total = once(explained, inputs, targets, noise, latent_dim, seed)
    positive = variances > 1e-9
    variances, axes, reading = variances[positive], axes[:, positive], reading[:, positive]
    variance = _decoder_variance(variances, float(total), values, weight, loss)
    used = variances > variance
    gain = np.where(used, np.sqrt(np.maximum(variances - variance, 0)), 0)
    # an axis that is not worth its KL keeps a faint link, or no gradient could ever wake it
    faint = 0.05 * np.sqrt(variances)
    encoder, decoder, log_variance = np.zeros((values, latent_dim)), np.zeros((latent_dim, values)), np.zeros(latent_dim)
    rank = len(variances)
    encoder[:, :rank] = reading * np.where(used, gain / variances, 0.05 / np.sqrt(variances))
    decoder[:rank] = (axes * np.maximum(gain, faint)).T
    log_variance[:rank] = np.where(used, np.log(variance / variances), 0)
    arrays = {
        "input_mean": input_mean, "target_mean": target_mean, "encoder": encoder, "decoder": decoder, "log_variance": log_variance,
    }  # fmt: skip
    return LinearVAE(sigma=float(np.sqrt(variance)), **{name: np.asarray(array, "float32") for name, array in arrays.items()})


def _equal_arrays(inputs: Pictures, targets: Pictures) -> bool:
    """Streams are not read to compare them: who makes inputs gives the very targets where these are the inputs."""
    return isinstance(inputs, np.ndarray) and isinstance(targets, np.ndarray) and np.array_equal(inputs, targets)


def explained(inputs: Pictures, targets: Pictures, noise: float, wanted: int, seed: int) -> tuple[np.ndarray, ...]:
    """What the inputs explain of other targets, along its principal axes, for `reecho.once`.

    Args:
        inputs, targets, noise, seed: as for `fit`.
        wanted: axes, at most; fewer where the faces span no more.

    Returns:
        input_mean and target_mean, float32 (D,); variances float64 (k,), the noise's share included, largest first; axes float32
        (D, k); reading float32 (D, k), by which an input less its mean gives its coordinates; float64 (), the targets' variance.
    """
    count, values = len(inputs), math.prod(inputs.shape[1:])
    wanted = min(wanted, count - 1, values)
    if not isinstance(targets, np.ndarray) and count > values:
        return _explained_by_moments(inputs, targets, noise, wanted, seed)
    flat_in, flat_out = (in_memory(pictures).reshape(count, values) for pictures in (inputs, targets))
    input_mean, target_mean = (flat.mean(axis=0, dtype="float64").astype("float32") for flat in (flat_in, flat_out))
    centred_in, centred_out = flat_in - input_mean, flat_out - target_mean
    total = np.asarray(sum(float((row**2).sum(dtype="float64")) for row in centred_out) / count)
    regression = _least_squares(centred_in, centred_out, count * (noise**2 + _RIDGE))
    del centred_out  # at 64×64 each of these has 0.4 GB
    predicted = centred_in @ regression
    del centred_in
    variances, axes = _principal_axes(predicted, regression, noise, wanted, seed)
    return input_mean, target_mean, variances, axes, regression @ axes, total


def _explained_by_moments(inputs: Pictures, targets: Pictures, noise: float, wanted: int, seed: int) -> tuple[np.ndarray, ...]:
    """As `explained`, of more pictures than values: their covariances tell all, and a chunk at a time lies in memory."""
    count, means = len(inputs), tuple(streams.mean(pictures).astype("float32") for pictures in (inputs, targets))
    within = streams.product(inputs, means=(means[0], means[0])) / count
    regression = streams.product(inputs, targets, (means[0], means[1])) / count
    total = streams.mean(targets, lambda chunk: np.square(chunk - means[1])).sum()
    lifted = within.copy()
    lifted[np.diag_indices(len(lifted))] += noise**2 + _RIDGE
    regression = linalg.solve(lifted, regression, assume_a="pos", overwrite_a=True)
    del lifted
    covariance = regression.T @ within @ regression
    if noise:
        covariance += noise**2 * (regression.T @ regression)
    variances, axes = components.of_covariance(covariance, wanted, seed)
    return means[0].ravel(), means[1].ravel(), variances, axes, regression @ axes, np.asarray(total)


def _least_squares(inputs: np.ndarray, targets: np.ndarray, ridge: float) -> np.ndarray:
    """The ridge regression of targets on inputs, (D, D), by whichever of the two normal equations is smaller."""
    count, values = inputs.shape
    if values <= count:
        gram = inputs.T @ inputs
        gram[np.diag_indices(values)] += ridge
        return linalg.solve(gram, inputs.T @ targets, assume_a="pos", overwrite_a=True)
    gram = inputs @ inputs.T
    gram[np.diag_indices(count)] += ridge
    return inputs.T @ linalg.solve(gram, targets, assume_a="pos", overwrite_a=True)


def _principal_axes(
    predicted: np.ndarray, regression: np.ndarray, noise: float, wanted: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Variances (k,) and axes (D, k) of what the input explains of the target, the noise's share included, largest first;
    `predicted` is overwritten."""
    count, values = predicted.shape
    if values <= components.LARGEST_EXACT:
        covariance = predicted.T @ predicted / count
        if noise:
            covariance += noise**2 * (regression.T @ regression)
        variances, axes = components.largest(covariance, wanted)
    else:
        rows = predicted
        rows /= np.sqrt(count, dtype=rows.dtype)
        if noise:
            rows = np.concatenate([rows, noise * regression])
        variances, axes = components.randomised(rows, wanted, seed)
    return variances, axes


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

"""Denoising past the bottleneck: a residual U-Net that adds to the best linear estimate what linear algebra cannot see."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from reecho import components
from reecho.batches import predict
from reecho.model import Learner, in_float32
from reecho.networks.blocks import Fold, convolution, log_error, unet
from reecho.once import Once, directly
from reecho.streams import Pictures

AXES = components.SHARED_AXES  # principal components of the linear estimate; what the others hold is left to the U-Net
TYPICAL = 0.25  # standard deviation of a face's intensities, which scales the U-Net's inputs
LEVEL_WEIGHT = 0.1  # of the squared error of log σ beside the logarithm of the mean squared error


@keras.saving.register_keras_serializable(package="reecho")
class LinearEstimate(layers.Layer):
    """mean + axes · (λ / (λ + σ²)) · axesᵀ (noisy - mean): the LMMSE estimate in the first principal components.

    Args:
        axes: how many components.

    Its weights are fixed, see `learn`: what it computes is closed form, not trained.
    """

    def __init__(self, axes: int, **kwargs: Any):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.count = axes

    def build(self, shapes: Any) -> None:
        values = math.prod(shapes[0][1:])
        self.mean = self.add_weight(shape=(values,), initializer="zeros", trainable=False, name="mean")
        self.axes = self.add_weight(shape=(values, self.count), initializer="zeros", trainable=False, name="axes")
        self.variances = self.add_weight(shape=(self.count,), initializer="ones", trainable=False, name="variances")

    def call(self, inputs: Any) -> Any:
        noisy, sigma = inputs  # (B, H, W, 3), (B, 1)
        codes = ops.matmul(ops.reshape(noisy, (-1, self.mean.shape[0])) - self.mean, self.axes)
        shrunk = codes * self.variances / (self.variances + ops.square(sigma))
        return ops.reshape(ops.matmul(shrunk, ops.transpose(self.axes)) + self.mean, ops.shape(noisy))

    def learn(self, faces: Pictures, seed: int = 0, once: Once = directly) -> None:
        """Take over mean and principal axes of faces, float32 (N, H, W, 3); axes that few faces do not have stay zero.

        Args:
            faces: clean train faces.
            seed: of the randomised axes of large pictures.
            once: finds the axes, or gives those that were found before.
        """
        mean, variances, axes, _ = once(components.of_faces, faces, self.count, seed)
        missing = self.count - len(variances)
        self.mean.assign(mean)
        self.axes.assign(np.pad(axes, ((0, 0), (0, missing))))
        self.variances.assign(np.pad(variances, (0, missing)))

    def get_config(self) -> dict:
        return {**super().get_config(), "axes": self.count}


@keras.saving.register_keras_serializable(package="reecho")
class Denoiser(Learner):
    """A noisy face → the face: the linear estimate (or the noisy face itself) plus the U-Net's correction, zero at first.

    Args:
        shape: (height, width, 3) of a face, height and width multiples of 8.
        sigma: standard deviation of the noise, intensity units of [0, 1]; None makes a blind network, which estimates it.
        linear: whether the base is the linear estimate; without it no part of the network knows where in the picture it is.
        widths, blocks: of the U-Net.
        seed: of the initialisation.

    Source: Zhang et al. (2017), arXiv:1608.03981 (residual learning); Zhang, Zuo & Zhang (2018), arXiv:1710.04026 (a map of the
    noise level as input); Guo et al. (2019), arXiv:1807.04686 (its estimate by the network).
    """

    def __init__(
        self, shape: tuple, sigma: float | None, linear: bool = True, widths: tuple = (48, 96, 128), blocks: int = 1, seed: int = 0
    ):
        super().__init__(variational=False)
        self.sigma = sigma
        noisy = keras.Input(shape, name="noisy")
        level = _log_level(noisy, seed) if sigma is None else ops.zeros_like(noisy[:, 0, 0, :1]) + math.log(sigma)  # (B, 1)
        strength = ops.stop_gradient(ops.exp(level))
        scale = ops.reshape(strength, (-1, 1, 1, 1))
        self.linear = LinearEstimate(min(AXES, math.prod(shape)), name="linear_estimate") if linear else None
        base = self.linear([noisy, strength]) if self.linear else noisy
        detail = base - layers.AveragePooling2D(3, 1, "same")(base)  # small beside much noise, never small beside little
        seen = [Fold()((base - 0.5) / TYPICAL), Fold()(detail / scale)]
        if linear:
            seen.append(Fold()((noisy - base) / scale))
        if sigma is None:  # log σ over its range, as a picture
            # times, for Keras on TensorFlow takes (B, 1, 1, 1) that is added to (B, H, W, 1) for a bias where B = H
            seen.append((ops.zeros_like(seen[0][..., :1]) + 1.0) * (ops.reshape(ops.stop_gradient(level), (-1, 1, 1, 1)) + 2.5))
        correction = Fold(back=True)(unet(layers.Concatenate()(seen), widths, blocks, 12, seed))
        self.reproduction = keras.Model(noisy, base + scale * correction, name="denoiser")
        self.whole = keras.Model(noisy, [self.reproduction.output, level])
        self.reading = keras.Model(noisy, level)

    def losses_of(self, inputs: Any, targets: Any, training: bool) -> dict[str, Any]:
        """The mean squared error, reported; its logarithm, averaged over pictures, is minimised, so that pictures with much
        and with little noise have the same weight. A blind network's error of log σ, squared, is added with a weight."""
        outputs, level = in_float32(*self.whole(inputs, training=training))
        total = log_error(outputs, targets)
        if self.sigma is None:
            true = 0.5 * ops.log(ops.mean(ops.square(inputs - targets), axis=(1, 2, 3)) + 1e-8)
            total += LEVEL_WEIGHT * ops.mean(ops.square(level[:, 0] - true))
        error = ops.mean(ops.square(outputs - targets))
        return {"total_loss": total, "reconstruction_loss": error, "kl_loss": ops.zeros(())}

    def noise_level(self, inputs: np.ndarray) -> np.ndarray:
        """The estimated standard deviation of the noise in each picture, float32 (B,), intensity units of [0, 1]."""
        return np.exp(predict(self.reading, inputs)[:, 0])


def _log_level(noisy: Any, seed: int) -> Any:
    """log σ of a noisy picture, (B, 1): small convolutions, averaged over the picture."""
    hidden = convolution(24, seed=seed + 1)((noisy - 0.5) / TYPICAL)
    for n in range(2):
        hidden = convolution(24, seed=seed + 2 + n, strides=2)(layers.ReLU()(hidden))
    hidden = layers.GlobalAveragePooling2D()(layers.ReLU()(hidden))
    hidden = layers.Dense(24, "relu", kernel_initializer=keras.initializers.HeNormal(seed + 4))(hidden)
    return layers.Dense(1, kernel_initializer="zeros", bias_initializer=keras.initializers.Constant(math.log(0.1)))(hidden)


def build(
    shape: tuple, seed: int, train_sigma: float | None = None, linear: bool = True, widths: tuple = (48, 96, 128)
) -> Denoiser:
    """An untrained denoiser, as `Denoiser` takes its arguments; without `train_sigma` a blind one."""
    return Denoiser(shape, train_sigma, linear, widths, seed=seed)


def start(network: Denoiser, inputs: Pictures, targets: Pictures, noise: float, parameters: Mapping[str, Any], once: Once) -> str:
    """Give the linear estimate the principal components of the targets; see `reecho.networks.registry.start`."""
    if network.linear is None:
        return "noisy input"
    network.linear.learn(targets, parameters["seed"], once)
    return "LMMSE"

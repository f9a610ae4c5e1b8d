"""Denoising photographs of any size: a U-Net of convolutions alone, and a smaller network that reads the noise off by places."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from reecho.batches import predict
from reecho.model import Learner, in_float32
from reecho.networks.blocks import Fold, convolution, residual, unet
from reecho.once import Once
from reecho.streams import Pictures

MULTIPLE = 8  # height and width of a picture are multiples of this many pixels
QUIETEST, LOUDEST = 0.002, 0.6  # the noise that is read lies between, standard deviation, intensity
TYPICAL = 0.25  # standard deviation of a picture's intensities, which scales the networks' inputs
LEVEL_WEIGHT = 0.1  # of the squared error of log σ beside the loss of the picture
FLAT = 0.08  # mean squared error over the squared mean of the noise's absolute value, below which a part of a picture counts less
_AROUND = 5  # places, each MULTIPLE pixels wide, over which the noise is averaged


@keras.saving.register_keras_serializable(package="reecho")
class PhotoDenoiser(Learner):
    """A noisy picture → the picture: itself plus the noise that is read off it, times the U-Net's correction, zero at first.

    Args:
        widths, blocks: of the U-Net.
        seed: of the initialisation.

    `reading`: noisy (B, H, W, 3) → log σ, (B, H / 8, W / 8, 1). `removal`: noisy and log σ → the picture; with a lower σ than was
    read more is kept. `reproduction` is both, `whole` has their two outputs. H and W are any multiples of 8.

    Source: Zhang, Zuo & Zhang (2018), arXiv:1710.04026 (a map of the noise level as input); Guo et al. (2019), arXiv:1807.04686
    (its estimate by the network).
    """

    def __init__(self, widths: tuple = (64, 96, 96), blocks: int = 1, seed: int = 0):
        super().__init__(variational=False)
        noisy = keras.Input((None, None, 3), name="noisy")
        self.reading = keras.Model(noisy, _read(noisy, seed), name="reading")
        level = keras.Input((None, None, 1), name="log_sigma")
        self.removal = keras.Model([noisy, level], _removed(noisy, level, widths, blocks, seed), name="removal")
        read = self.reading(noisy)
        removed = self.removal([noisy, ops.stop_gradient(read)])
        self.reproduction = keras.Model(noisy, removed, name="photo_denoiser")
        self.whole = keras.Model(noisy, [removed, read])

    def losses_of(self, inputs: Any, targets: Any, training: bool) -> dict[str, Any]:
        """The mean squared error, reported; log(error + FLAT · |noise|²), averaged over pictures, is minimised, with the squared
        error of log σ. A logarithm, so that little and much noise have the same weight; the second term, so that plain walls, where
        nearly nothing is left, have no more weight than hair. It holds the mean of the noise's absolute value, which is small
        under salt and pepper: most values are right there, and shall stay so."""
        outputs, level = in_float32(*self.whole(inputs, training=training))
        wrong = ops.mean(ops.square(outputs - targets), axis=(1, 2, 3))
        noise = ops.mean(ops.square(inputs - targets), axis=-1, keepdims=True)
        around = _smoothed(layers.AveragePooling2D(MULTIPLE)(noise))
        true = ops.clip(0.5 * ops.log(around + 1e-8), math.log(QUIETEST), math.log(LOUDEST))
        typical = ops.mean(ops.abs(inputs - targets), axis=(1, 2, 3))
        loss = ops.mean(ops.log(wrong + FLAT * ops.square(typical) + 1e-6))
        total = loss + LEVEL_WEIGHT * ops.mean(ops.square(level - true))
        return {"total_loss": total, "reconstruction_loss": ops.mean(wrong), "kl_loss": ops.zeros(())}

    def noise_level(self, inputs: np.ndarray) -> np.ndarray:
        """The standard deviation of the noise in each picture as it is read, float32 (B,), intensity units of [0, 1]."""
        return np.sqrt(np.exp(2 * predict(self.reading, inputs)).mean((1, 2, 3)))


def _read(noisy: Any, seed: int) -> Any:
    """log σ of a picture, by places of 8 × 8 pixels, averaged over their neighbours."""
    hidden = convolution(24, seed=seed + 1)(Fold()((noisy - 0.5) / TYPICAL))
    hidden = convolution(32, seed=seed + 2, gain=2**0.5, strides=2)(layers.ReLU()(hidden))
    hidden = convolution(48, seed=seed + 3, gain=2**0.5, strides=2)(layers.ReLU()(hidden))
    hidden = layers.ReLU()(residual(hidden, seed + 4))
    typical = keras.initializers.Constant(math.log(0.1))
    level = layers.Conv2D(1, 1, kernel_initializer="zeros", bias_initializer=typical)(hidden)
    return ops.clip(_smoothed(level), math.log(QUIETEST), math.log(LOUDEST))


def _smoothed(places: Any) -> Any:
    return layers.AveragePooling2D(_AROUND, 1, "same")(places)


def _removed(noisy: Any, level: Any, widths: tuple, blocks: int, seed: int) -> Any:
    """The picture without the noise of that strength."""
    at_half = layers.UpSampling2D(MULTIPLE // 2)(level)
    strength = ops.exp(at_half)  # of two by two pixels
    folded, detail = Fold()(noisy), Fold()(noisy - layers.AveragePooling2D(3, 1, "same", dtype="float32")(noisy))
    seen = layers.Concatenate()([(folded - 0.5) / TYPICAL, detail / strength, at_half + 2.5])
    correction = unet(seen, widths, blocks, 12, seed)
    return noisy + Fold(back=True)(strength * correction)


def build(shape: tuple, seed: int) -> PhotoDenoiser:
    """An untrained denoiser, as `PhotoDenoiser` takes its arguments; pictures of another shape than it learns from are as good."""
    return PhotoDenoiser(seed=seed)


def start(
    network: PhotoDenoiser, inputs: Pictures, targets: Pictures, noise: float, parameters: Mapping[str, Any], once: Once
) -> str:  # fmt: skip
    """Nothing is known in closed form; see `reecho.networks.registry.start`."""
    return "noisy input"

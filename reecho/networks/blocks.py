"""What the networks are built of: residual blocks, a U-Net of them, pixels folded into channels and back."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from reecho.pixels import fold, unfold


@keras.saving.register_keras_serializable(package="reecho")
class Fold(layers.Layer):
    """Fold blocks of pixels into channels: (B, H, W, C) → (B, H / block, W / block, block² · C), or back where `back`."""

    def __init__(self, block: int = 2, back: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.block, self.back = block, back

    def call(self, pictures: Any) -> Any:
        return (unfold if self.back else fold)(pictures, self.block, ops)

    def compute_output_shape(self, shape: tuple) -> tuple:
        batch, height, width, channels = shape  # height and width may be None, of pictures of any size
        if self.back:
            return batch, height and height * self.block, width and width * self.block, channels // self.block**2
        return batch, height and height // self.block, width and width // self.block, channels * self.block**2

    def get_config(self) -> dict:
        return {**super().get_config(), "block": self.block, "back": self.back}


@keras.saving.register_keras_serializable(package="reecho")
class Constant(layers.Layer):
    """A fixed array of this shape for everything in a batch, zero until it is learnt: closed form, not trained."""

    def __init__(self, shape: tuple, **kwargs: Any):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.value = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="value")

    def call(self, batch: Any) -> Any:
        return ops.zeros_like(batch[..., :1]) + self.value

    def learn(self, value: np.ndarray) -> None:
        """Take over the array."""
        self.value.assign(value)

    def get_config(self) -> dict:
        return {**super().get_config(), "shape": tuple(self.value.shape)}


def convolution(filters: int, kernel: int = 3, seed: int = 0, gain: float = 1.0, **kwargs: Any) -> layers.Conv2D:
    """A convolution whose outputs vary as much as its inputs, times `gain`: √2 after a ReLU (He's initialisation), or 0."""
    start = keras.initializers.VarianceScaling(gain**2, "fan_in", "truncated_normal", seed) if gain else "zeros"
    return layers.Conv2D(filters, kernel, padding="same", kernel_initializer=start, **kwargs)


def residual(pictures: Any, seed: int, dropout: float = 0.0) -> Any:
    """pictures + two convolutions of them, the second one zero at first, so that a deep network starts as a shallow one."""
    width = pictures.shape[-1]
    hidden = convolution(width, seed=seed, gain=2**0.5)(layers.ReLU()(pictures))
    hidden = layers.ReLU()(hidden)
    if dropout:
        hidden = layers.SpatialDropout2D(dropout, seed=seed)(hidden)
    return layers.Add()([pictures, convolution(width, gain=0, use_bias=False)(hidden)])


def unet(pictures: Any, widths: tuple, blocks: int, outputs: int, seed: int, dropout: float = 0.0) -> Any:
    """A U-Net of residual blocks: halved at each width after the first, and back up with the skipped pictures added.

    Args:
        pictures: symbolic (B, H, W, C), H and W multiples of 2 ** (len(widths) - 1).
        widths: channels of each level.
        blocks: residual blocks a level, on the way down and again on the way up.
        outputs: channels of the result, which is zero at first.
        seed: of the initialisation and the dropout.
        dropout: share of channels dropped in each block.

    Returns:
        Symbolic (B, H, W, outputs).

    Source: Ronneberger, Fischer & Brox (2015), arXiv:1505.04597; residual blocks: He et al. (2016), arXiv:1603.05027.
    """
    seeds = iter(range(seed * 1000, seed * 1000 + 1000))
    hidden = convolution(widths[0], seed=next(seeds))(pictures)
    skipped = []
    for width in widths[1:]:
        for _ in range(blocks):
            hidden = residual(hidden, next(seeds), dropout)
        skipped.append(hidden)
        hidden = convolution(width, 2, next(seeds), strides=2)(hidden)
    for _ in range(2 * blocks):
        hidden = residual(hidden, next(seeds), dropout)
    for skip in reversed(skipped):
        hidden = Fold(2, back=True)(convolution(4 * skip.shape[-1], 1, next(seeds), gain=0.5)(hidden))
        hidden = layers.Add()([hidden, skip])
        for _ in range(blocks):
            hidden = residual(hidden, next(seeds), dropout)
    return convolution(outputs, gain=0)(layers.ReLU()(hidden))


def log_error(outputs: Any, targets: Any) -> Any:
    """Mean over pictures of the logarithm of their mean squared error: what the mean PSNR over pictures is made of."""
    return ops.mean(ops.log(ops.mean(ops.square(outputs - targets), axis=(1, 2, 3)) + 1e-5))

"""Many colourings of one grey face: a conditional VAE that keeps the luma exactly and draws the chroma from a code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from reecho import gaussian
from reecho.batches import predict
from reecho.colour import chroma, differences, luma, shorten
from reecho.model import Learner, in_float32, mean_kl
from reecho.networks.blocks import Constant, Fold, convolution, residual, unet
from reecho.once import Once
from reecho.streams import Pictures, mean

DROPOUT = 0.15
CODE = 4  # the code is a map of CODE × CODE places with CODE axes each
TYPICAL = 0.06  # standard deviation of a face's chroma, which scales what the network puts out


@keras.saving.register_keras_serializable(package="reecho")
class ConditionalVAE(Learner):
    """A grey face and a code → a face in colour, so that one grey face has many colourings; the code comes from N(0, I).

    Args:
        shape: (height, width, 3) of a face, height and width multiples of 8.
        reconstruction_weight: nats a unit of the mean squared error.
        widths, blocks: of the U-Net.
        dropout: share of channels dropped in training.
        seed: of initialisation, dropout and the code's noise.

    Source: Sohn, Lee & Yan (2015), "Learning structured output representation using deep conditional generative models";
    Deshpande et al. (2017), arXiv:1612.01958 (on these faces).
    """

    def __init__(
        self, shape: tuple, reconstruction_weight: float, widths: tuple = (40, 80, 112), blocks: int = 1,
        dropout: float = DROPOUT, seed: int = 0,
    ):  # fmt: skip
        super().__init__(variational=True, reconstruction_weight=reconstruction_weight)
        self.latent_dim = CODE**3
        self.generator = keras.random.SeedGenerator(seed)
        grey, coloured = keras.Input(shape, name="grey"), keras.Input(shape, name="coloured")
        self.mean_chroma = Constant((*shape[:2], 2), name="mean_chroma")
        base = self.mean_chroma(grey)
        seen = [Fold()((luma(grey) - 0.45) / 0.25), Fold()(base / TYPICAL)]

        hidden = convolution(widths[0], seed=seed + 1)(layers.Concatenate()([*seen, Fold()((coloured - grey) / TYPICAL)]))
        side, n = shape[0] // 2, 2
        while side > CODE:
            hidden = convolution(widths[min(n - 1, len(widths) - 1)], 2, seed + n, strides=2)(residual(hidden, seed + 10 * n))
            side, n = side // 2, n + 1
        moments = convolution(2 * CODE, seed=seed + n, gain=0.1)(layers.ReLU()(residual(hidden, seed + 10 * n)))
        flat = [layers.Flatten()(part) for part in (moments[..., :CODE], moments[..., CODE:])]
        self.posterior = keras.Model([grey, coloured], flat)

        z = keras.Input((self.latent_dim,), name="z")
        places = layers.UpSampling2D(shape[0] // 2 // CODE)(layers.Reshape((CODE, CODE, CODE))(z))
        drawn = Fold(back=True)(unet(layers.Concatenate()([*seen, places]), widths, blocks, 8, seed, dropout))
        away = differences(base + TYPICAL * drawn, ops)
        self.differences = keras.Model([grey, z], away)
        self.colours = keras.Model([grey, z], shorten(luma(grey), away, ops))
        nothing = ops.zeros_like(ops.reshape(grey, (-1, shape[0] * shape[1] * shape[2]))[:, : self.latent_dim])
        self.reproduction = keras.Model(grey, self.colours([grey, nothing]), name="conditional_vae")

    def losses_of(self, inputs: Any, targets: Any, training: bool) -> dict[str, Any]:
        """reconstruction_weight · mean squared error + KL, as the reference VAE's."""
        mean, log_variance = in_float32(*self.posterior([inputs, targets], training=training))
        epsilon = keras.random.normal(ops.shape(mean), seed=self.generator)
        z = gaussian.draw(mean, gaussian.clip_log_variance(log_variance, ops), epsilon, ops)
        (away,) = in_float32(self.differences([inputs, z], training=training))
        error = ops.mean(ops.square(luma(inputs) + away - targets))
        kl = mean_kl(mean, log_variance)
        return {"total_loss": self.reconstruction_weight * error + kl, "reconstruction_loss": error, "kl_loss": kl}

    def several(self, inputs: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
        """Colourings drawn from the prior.

        Args:
            inputs: float32 (B, H, W, 3), grey faces.
            count: how many of each.
            seed: of the draws.

        Returns:
            float32 (count, B, H, W, 3) in [0, 1].
        """
        rng = np.random.default_rng(seed)
        drawn = [rng.standard_normal((len(inputs), self.latent_dim), dtype="float32") for _ in range(count)]
        several = np.empty((count, *inputs.shape), "float32")
        for place, z in enumerate(drawn):
            several[place] = predict(self.colours, inputs, z)
        return several


def build(shape: tuple, seed: int, reconstruction_weight: float) -> ConditionalVAE:
    """An untrained colour VAE, as `ConditionalVAE` takes its arguments."""
    return ConditionalVAE(shape, reconstruction_weight, seed=seed)


def start(
    network: ConditionalVAE, inputs: Pictures, targets: Pictures, noise: float, parameters: Mapping[str, Any], once: Once
) -> str:
    """Give the network the mean chroma of the targets; see `reecho.networks.registry.start`."""
    network.mean_chroma.learn(mean(targets, chroma))
    return "mean chroma"

"""The anchored VAE: the best linear VAE plus small convolutional networks, so that training can only leave it upwards."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from reecho import gaussian, linear
from reecho.model import Learner, mean_kl, reconstruction_loss
from reecho.networks.blocks import Constant, Fold, convolution, residual, unet
from reecho.once import Once
from reecho.streams import Pictures

TYPICAL = 0.25  # standard deviation of a face's intensities, which scales the networks' inputs


@keras.saving.register_keras_serializable(package="reecho")
class Linear(layers.Layer):
    """(inputs - before) · matrix + after, all fixed at what closed form gives; see `learn`."""

    def __init__(self, inputs: int, outputs: int, **kwargs: Any):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        shapes = {"before": (inputs,), "matrix": (inputs, outputs), "after": (outputs,)}
        for name, shape in shapes.items():
            setattr(self, name, self.add_weight(shape=shape, initializer="zeros", trainable=False, name=name))

    def call(self, inputs: Any) -> Any:
        return ops.matmul(inputs - self.before, self.matrix) + self.after

    def learn(self, **values: np.ndarray) -> None:
        """Take over before, matrix or after."""
        for name, value in values.items():
            getattr(self, name).assign(value)


@keras.saving.register_keras_serializable(package="reecho")
class AnchoredVAE(Learner):
    """x̂ = mean + decoder · z + g(z), z_mean = linear code + h(x): the last layers of g and h are zero at first.

    Args:
        shape: (height, width, 3) of a face, height and width multiples of 8.
        latent_dim: axes of the latent space.
        loss: as for `reecho.model.VAE`.
        reconstruction_weight: the document's α, nats a unit of the reconstruction loss.
        variational: False leaves noise and KL out, which makes a plain autoencoder that starts as PCA.
        widths, blocks: of the networks g and h.
        seed: of initialisation and noise.

    At step 0 it is the linear VAE of `reecho.linear` that `anchor` was given, to the last digit but rounding.
    """

    def __init__(
        self, shape: tuple, latent_dim: int, loss: str, reconstruction_weight: float, variational: bool = True,
        widths: tuple = (48, 64, 96), blocks: int = 1, seed: int = 0,
    ):  # fmt: skip
        super().__init__(variational, reconstruction_weight)
        self.latent_dim, self.reconstruction, self.generator = latent_dim, loss, keras.random.SeedGenerator(seed)
        values = math.prod(shape)

        inputs = keras.Input(shape, name="inputs")
        self.coding = Linear(values, latent_dim, name="linear_code")
        self.spread = Constant((latent_dim,), name="linear_log_variance")
        hidden = convolution(widths[0], seed=seed + 1)(Fold()((inputs - 0.5) / TYPICAL))
        for n, width in enumerate(widths[1:], 2):
            hidden = convolution(width, 2, seed + n, strides=2)(residual(hidden, seed + 10 * n))
        seen = layers.Flatten()(layers.ReLU()(residual(hidden, seed + 90)))
        flat = layers.Flatten()(inputs)
        mean = self.coding(flat) + layers.Dense(latent_dim, kernel_initializer="zeros", name="mean")(seen)
        log_variance = self.spread(flat)
        if variational:
            log_variance += layers.Dense(latent_dim, kernel_initializer="zeros", name="log_variance")(seen)
        self.posterior = keras.Model(inputs, [mean, log_variance], name="encoder")

        z = keras.Input((latent_dim,), name="z")
        self.decoding = Linear(latent_dim, values, name="linear_decoder")
        base = layers.Reshape(shape)(self.decoding(z))
        places = layers.Dense(shape[0] * shape[1] // 2, name="places")(z)  # the code itself, spread over the picture
        seen = [Fold()((base - 0.5) / TYPICAL), layers.Reshape((shape[0] // 2, shape[1] // 2, 2))(places)]
        correction = Fold(back=True)(unet(layers.Concatenate()(seen), widths, blocks, 12, seed))
        self.decoder = keras.Model(z, base + TYPICAL * correction, name="decoder")
        self.reproduction = keras.Model(inputs, self.decoder(mean), name="anchored")

    def anchor(self, best: linear.LinearVAE) -> None:
        """Start as this linear VAE."""
        self.coding.learn(before=best.input_mean, matrix=best.encoder)
        self.spread.learn(best.log_variance)
        self.decoding.learn(matrix=best.decoder, after=best.target_mean)

    def losses_of(self, inputs: Any, targets: Any, training: bool) -> dict[str, Any]:
        """reconstruction_weight · reconstruction + KL, as the reference VAE's."""
        mean, log_variance = self.posterior(inputs, training=training)
        epsilon = keras.random.normal(ops.shape(mean), seed=self.generator)
        z = gaussian.draw(mean, gaussian.clip_log_variance(log_variance, ops), epsilon, ops) if self.variational else mean
        reconstruction = reconstruction_loss(self.decoder(z, training=training), targets, self.reconstruction)
        kl = mean_kl(mean, log_variance) if self.variational else ops.zeros(())
        return {
            "total_loss": self.reconstruction_weight * reconstruction + kl, "reconstruction_loss": reconstruction, "kl_loss": kl,
        }  # fmt: skip


def build(shape: tuple, seed: int, variational: bool, latent_dim: int, loss: str, reconstruction_weight: float) -> AnchoredVAE:
    """An untrained anchored network, as `AnchoredVAE` takes its arguments."""
    return AnchoredVAE(shape, latent_dim, loss, reconstruction_weight, variational, seed=seed)


def start(
    network: AnchoredVAE, inputs: Pictures, targets: Pictures, noise: float, parameters: Mapping[str, Any], once: Once
) -> str:
    """Give the network the best linear VAE; see `reecho.networks.registry.start`."""
    weight = network.reconstruction_weight if network.variational else np.inf
    best = linear.fit(inputs, targets, noise, network.latent_dim, weight, network.reconstruction, parameters["seed"], once)
    network.anchor(best)
    return "best linear"

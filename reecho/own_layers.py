"""Keras layers that are the project's own: the sampling of a code, and batch normalisation by one operation."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from reecho import gaussian

_MOMENTUM = 0.9  # Keras' 0.99 lags behind the weights in trainings of a few hundred steps


@keras.saving.register_keras_serializable(package="reecho")
class Sampling(layers.Layer):
    """Draw z = mean + exp(log_variance / 2) · ε with ε ~ N(0, I), the reparameterisation trick, see `reecho.gaussian.draw`.

    Args:
        seed: seed of ε.
        noise: False returns the mean, which makes a plain autoencoder.
    """

    def __init__(self, seed: int = 0, noise: bool = True, **kwargs: Any):
        super().__init__(**kwargs)
        self.seed, self.noise = seed, noise
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any) -> Any:
        mean, log_variance = inputs
        if not self.noise:
            return mean
        epsilon = keras.random.normal(ops.shape(mean), dtype=mean.dtype, seed=self.generator)
        return gaussian.draw(mean, gaussian.clip_log_variance(log_variance, ops), epsilon, ops)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "seed": self.seed, "noise": self.noise}


@keras.saving.register_keras_serializable(package="reecho")
class BatchNormalization(layers.BatchNormalization):
    """Keras' own layer, which on TensorFlow trains by the one operation that TensorFlow has for it.

    Keras composes it of a dozen, each of which goes through all activations: an eighth of a step of the reference network.
    """

    def __init__(self, momentum: float = _MOMENTUM, **kwargs: Any):
        super().__init__(momentum=momentum, **kwargs)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if not training or keras.backend.backend() != "tensorflow":
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        gamma, beta = (ops.cast(weight, "float32") for weight in (self.gamma, self.beta))
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs, scale=gamma, offset=beta, mean=ops.zeros(0), variance=ops.zeros(0), epsilon=self.epsilon
        )
        count = ops.cast(ops.size(inputs) // inputs.shape[-1], "float32")
        batch = (mean, variance * (count - 1) / count)  # it returns the unbiased one, and Keras averages the other
        for average, value in zip((self.moving_mean, self.moving_variance), batch, strict=True):
            average.assign(average * self.momentum + value * (1 - self.momentum))
        return outputs

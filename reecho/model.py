"""The reference network: the document's convolutional variational autoencoder, its losses and its summary tables."""

from __future__ import annotations

import logging
import math
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from reecho import gaussian
from reecho.errors import ReechoError
from reecho.own_layers import BatchNormalization, Sampling

keras.config.set_floatx("float32")  # whatever a user's keras.json says
keras.config.set_image_data_format("channels_last")
keras.config.set_epsilon(1e-7)
keras.config.set_dtype_policy("float32")
logging.getLogger("tensorflow").setLevel(logging.ERROR)  # its warnings of retracing concern speed, and say nothing to a reader

LOG_SIGMA_FLOOR = -6.0  # the calibrated σ is softly kept above exp(this)


def build_encoder(
    shape: tuple, filters: tuple, kernels: tuple, strides: tuple, latent_dim: int, seed: int = 0, noise: bool = True
) -> keras.Model:
    """The encoder of section 1.6.1: convolution → ReLU → batch normalisation, then mu, log_variance and the sample.

    Args:
        shape: (height, width, channels) of a face.
        filters, kernels, strides: one entry a convolution.
        latent_dim: axes of the latent space.
        seed: seed of the sampling.
        noise: False makes a plain autoencoder.

    Returns:
        A model from float32 (B, *shape) to z, float32 (B, latent_dim), with the document's layer names.

    Example:
        >>> build_encoder((32, 32, 3), (32, 64, 64, 64), (3, 3, 3, 3), (1, 2, 2, 1), 1024).count_params()
        8484800
    """
    inputs = hidden = layers.Input(shape, name="encoder_input")
    for n, (count, kernel, stride) in enumerate(zip(filters, kernels, strides, strict=True), 1):
        hidden = layers.Conv2D(count, kernel, strides=stride, padding="same", name=f"encoder_conv_layer_{n}")(hidden)
        hidden = layers.ReLU(name=f"encoder_relu_{n}")(hidden)
        hidden = BatchNormalization(name=f"encoder_bn_{n}")(hidden)
    hidden = layers.Flatten(name="flatten_2")(hidden)
    mean = layers.Dense(latent_dim, name="mu")(hidden)
    log_variance = layers.Dense(latent_dim, name="log_variance")(hidden)
    return keras.Model(inputs, Sampling(seed, noise, name="encoder_output")([mean, log_variance]), name="encoder")


def build_decoder(shape: tuple, filters: tuple, kernels: tuple, strides: tuple, latent_dim: int) -> keras.Model:
    """The decoder of section 1.6.1: a dense layer, then the encoder's convolutions transposed and in reverse, then a sigmoid.

    Args:
        shape: (height, width, channels) of a face.
        filters, kernels, strides: those of the encoder.
        latent_dim: axes of the latent space.

    Returns:
        A model from z, float32 (B, latent_dim), to faces, float32 (B, *shape) in (0, 1).

    Example:
        >>> build_decoder((32, 32, 3), (32, 64, 64, 64), (3, 3, 3, 3), (1, 2, 2, 1), 1024).count_params()
        4311683
    """
    reduction = math.prod(strides)
    smallest = (shape[0] // reduction, shape[1] // reduction, filters[-1])
    inputs = layers.Input((latent_dim,), name="decoder_input")
    hidden = layers.Dense(math.prod(smallest), name="decoder_dense")(inputs)
    hidden = layers.Reshape(smallest, name="reshape_2")(hidden)
    # the first convolution's own transpose is the last layer, which makes the colours
    for n, index in enumerate(range(len(filters) - 1, 0, -1), 1):
        hidden = layers.Conv2DTranspose(
            filters[index], kernels[index], strides=strides[index], padding="same", name=f"decoder_conv_transpose_layer_{n}"
        )(hidden)
        hidden = layers.ReLU(name=f"decoder_relu_{n}")(hidden)
        hidden = BatchNormalization(name=f"decoder_bn_{n}")(hidden)
    hidden = layers.Conv2DTranspose(
        shape[2], kernels[0], strides=strides[0], padding="same", name=f"decoder_conv_transpose_layer_{len(filters)}"
    )(hidden)
    return keras.Model(inputs, layers.Activation("sigmoid", name="sigmoid_layer")(hidden), name="decoder")


class Learner(keras.Model):
    """What all networks share: their losses told as total, reconstruction and KL, and one step of training.

    Args:
        variational: whether there is a code with noise on it, and so a KL.
        reconstruction_weight: nats a unit of the reconstruction loss; of no effect on the optimum where there is no KL.

    A subclass has `losses_of` and `reproduction`, a keras.Model from inputs to outputs with nothing drawn.
    """

    reproduction: keras.Model

    def __init__(self, variational: bool, reconstruction_weight: float = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.variational, self.reconstruction_weight = variational, reconstruction_weight
        self.built = True  # of functional parts, so that weights can be loaded before the first call
        self.trackers = {name: keras.metrics.Mean(name=name) for name in ("total_loss", "reconstruction_loss", "kl_loss")}

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return list(self.trackers.values())

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return self.reproduction(inputs, training=training)

    def losses_of(self, inputs: Any, targets: Any, training: bool) -> dict[str, Any]:
        """The losses of a batch, scalars: total, reconstruction (unweighted), KL (summed over axes, averaged over the batch)."""
        raise NotImplementedError

    def _report(self, losses: dict[str, Any], count: Any) -> dict[str, Any]:
        for name, value in losses.items():
            self.trackers[name].update_state(value, sample_weight=count)
        return {name: tracker.result() for name, tracker in self.trackers.items()}

    def train_step(self, data: Any) -> dict[str, Any]:
        import tensorflow as tf

        inputs, targets = data
        with tf.GradientTape() as tape:
            losses = self.losses_of(inputs, targets, training=True)
        weights = self.trainable_variables
        self._update(tape.gradient(losses["total_loss"], weights), weights)
        return self._report(losses, ops.shape(targets)[0])

    def _update(self, gradients: Any, weights: Any) -> None:
        """Adam's update by the one operation that TensorFlow has for it, on all cores and once through the weights.

        Keras composes it of a dozen, and what XLA compiles runs on one core; with 32 faces a step that took a fifth of it.
        """
        import tensorflow as tf

        adam = self.optimizer
        if not adam.built:
            with tf.init_scope():
                adam.build(weights)
        step = ops.cast(adam.iterations + 1, "float32")
        decay = {"beta1_power": ops.power(adam.beta_1, step), "beta2_power": ops.power(adam.beta_2, step)}
        fixed = {"lr": adam.learning_rate, "beta1": adam.beta_1, "beta2": adam.beta_2, "epsilon": adam.epsilon}
        for gradient, weight, mean, square in zip(gradients, weights, adam._momentums, adam._velocities, strict=True):
            if gradient is not None:  # a plain autoencoder has no use for log-variances
                handles = {"var": weight, "m": mean, "v": square}
                handles = {name: variable.value.handle for name, variable in handles.items()}
                tf.raw_ops.ResourceApplyAdam(**handles, **decay, **fixed, grad=gradient)
        adam.iterations.assign_add(1)

    def test_step(self, data: Any) -> dict[str, Any]:
        inputs, targets = data
        return self._report(self.losses_of(inputs, targets, training=False), ops.shape(targets)[0])


@keras.saving.register_keras_serializable(package="reecho")
class VAE(Learner):
    """Encoder, decoder and the loss: reconstruction_weight · reconstruction + KL, in nats.

    Args:
        encoder, decoder: from `build_encoder` and `build_decoder`.
        loss: "mse" (mean over pixels and channels, averaged over the batch, intensity²), "rmse" (the document's: the root of
            each picture's MSE + 1e-12, averaged over the batch, intensity) or "calibrated" (the Gaussian's negative
            log-likelihood summed over pixels and channels, in nats, at the σ that fits the batch best; no weight).
        reconstruction_weight: the document's α, nats a unit of the reconstruction loss.
        variational: False leaves the KL out, which with an encoder without noise is the plain autoencoder of section 1.5.

    Source: Kingma & Welling (2014), equation 10; the calibrated loss: Rybkin, Daniilidis & Levine (2021), equation 5.
    """

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        loss: str,
        reconstruction_weight: float,
        variational: bool = True,
        **kwargs: Any,
    ):
        super().__init__(variational, reconstruction_weight, **kwargs)
        self.encoder, self.decoder, self.reconstruction = encoder, decoder, loss
        mean, log_variance = (encoder.get_layer(name).output for name in ("mu", "log_variance"))
        self.posterior = keras.Model(encoder.input, [mean, log_variance])
        self.reproduction = keras.Model(encoder.input, decoder(mean))
        self.sampling = encoder.get_layer("encoder_output")

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return self.decoder(self.encoder(inputs, training=training), training=training)

    def losses_of(self, inputs: Any, targets: Any, training: bool) -> dict[str, Any]:
        """The losses of a batch, scalars: total, reconstruction (unweighted), KL (summed over axes, averaged over the batch)."""
        mean, log_variance = self.posterior(inputs, training=training)
        outputs = self.decoder(self.sampling([mean, log_variance]), training=training)
        reconstruction = reconstruction_loss(outputs, targets, self.reconstruction)
        kl = mean_kl(mean, log_variance) if self.variational else ops.zeros(())
        return {
            "total_loss": self.reconstruction_weight * reconstruction + kl,
            "reconstruction_loss": reconstruction,
            "kl_loss": kl,
        }


def mean_kl(mean: Any, log_variance: Any) -> Any:
    """KL of posteriors (B, latent_dim) from N(0, I), log-variances clipped: summed over axes, averaged over the batch, nats."""
    mean, log_variance = in_float32(mean, log_variance)
    return ops.mean(gaussian.kl(mean, gaussian.clip_log_variance(log_variance, ops), ops))


def in_float32(*outputs: Any) -> list[Any]:
    """Outputs of a network whose layers may compute in bfloat16; losses are sums that need more digits."""
    return [ops.cast(output, "float32") for output in outputs]


def reconstruction_loss(outputs: Any, targets: Any, kind: str) -> Any:
    """The reconstruction loss of a batch, a scalar in the unit that `VAE` says.

    Args:
        outputs, targets: float32 (B, H, W, C).
        kind: "mse", "rmse" or "calibrated".
    """
    (outputs,) = in_float32(outputs)
    by_picture = ops.mean(ops.square(outputs - targets), axis=(1, 2, 3))
    if kind == "mse":
        return ops.mean(by_picture)
    if kind == "rmse":
        return ops.mean(ops.sqrt(by_picture + 1e-12))
    variance = ops.mean(by_picture) + 1e-12
    log_sigma = LOG_SIGMA_FLOOR + ops.softplus(0.5 * ops.log(variance) - LOG_SIGMA_FLOOR)
    values = math.prod(targets.shape[1:])
    return values * (log_sigma + 0.5 * math.log(2 * math.pi) + 0.5 * variance * ops.exp(-2 * log_sigma))


def check_range(faces: np.ndarray, what: str) -> None:
    """Raise ReechoError unless all values lie in [0, 1]: the decoder ends in a sigmoid and can reach no others."""
    low, high = float(np.min(faces)), float(np.max(faces))
    if not (low >= 0 and high <= 1):
        raise ReechoError(
            f"{what} reach from {low:.3g} to {high:.3g}, but the decoder ends in a sigmoid: give intensities in [0, 1]."
        )


def summary(model: keras.Model) -> list[dict[str, Any]]:
    """Keras' summary table as rows: layer (type), output shape, weights, and what it is connected to.

    Args:
        model: the encoder, the decoder, or the whole.

    Returns:
        A list of dicts with the keys "layer", "shape", "weights" and "connected".
    """
    rows = []
    for layer in model.layers:
        node = layer._inbound_nodes[0] if layer._inbound_nodes else None
        sources = [tensor._keras_history.operation.name for tensor in node.input_tensors] if node else []
        shape = "(None, " + ", ".join(str(length) for length in layer.output.shape[1:]) + ")"
        rows.append(
            {
                "layer": f"{layer.name} ({type(layer).__name__})",
                "shape": shape,
                "weights": layer.count_params(),
                "connected": ", ".join(sources),
            }
        )
    return rows


def weights_of(model: keras.Model) -> tuple[int, int]:
    """How many weights can be trained, and how many cannot (the moving averages of batch normalisation)."""
    trainable, fixed = (
        [math.prod(weight.shape) for weight in weights] for weights in (model.trainable_weights, model.non_trainable_weights)
    )
    return sum(trainable), sum(fixed)


SUMMARY = (
    {"key": "layer", "heading": "Layer (type)"},
    {"key": "shape", "heading": "Output shape"},
    {"key": "weights", "heading": "Weights", "digits": 0},
    {"key": "connected", "heading": "Connected to"},
)


def weights_in_words(model: keras.Model) -> str:
    """How many weights a model has and how many of them can be trained, in a sentence."""
    trainable, fixed = weights_of(model)
    return f"Model: {model.name}. {trainable + fixed:,} weights, {trainable:,} of them trainable, {fixed:,} not."


def whole_model(vae: VAE) -> keras.Model:
    """Encoder and decoder as the document's one model "autoencoder", for its summary and its weights."""
    inputs = keras.Input(vae.encoder.input_shape[1:], name="encoder_input")
    return keras.Model(inputs, vae.decoder(vae.encoder(inputs)), name="autoencoder")


def parts(network: Learner) -> list[keras.Model]:
    """The models that a network is made of, for its summary: encoder, decoder and the whole, or what it has of them."""
    if isinstance(network, VAE):
        return [network.encoder, network.decoder, whole_model(network)]
    named = ("posterior", "decoder", "colours")
    return [getattr(network, name) for name in named if hasattr(network, name)] or [network.reproduction]

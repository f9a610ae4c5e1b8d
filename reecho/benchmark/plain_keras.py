"""Training as Keras has it: the reference network under `Model.fit` as it comes, from arrays or from an ImageDataGenerator."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from reecho.augment import Ranges
from reecho.benchmark.own_training import settings_of
from reecho.benchmark.rounds import Work
from reecho.model import build_decoder, build_encoder, mean_kl
from reecho.settings import network_parameters

_RATE = 1e-4


class PlainVAE(keras.Model):
    """The document's network with Keras' own train step: its KL as an added loss, the weighted error as the compiled one."""

    def __init__(self, encoder: keras.Model, decoder: keras.Model):
        super().__init__()
        mean, log_variance = (encoder.get_layer(name).output for name in ("mu", "log_variance"))
        self.posterior = keras.Model(encoder.input, [mean, log_variance])
        self.sampling, self.decoder = encoder.get_layer("encoder_output"), decoder

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        mean, log_variance = self.posterior(inputs, training=training)
        self.add_loss(mean_kl(mean, log_variance))
        return self.decoder(self.sampling([mean, log_variance]), training=training)


def network(size: int) -> PlainVAE:
    """The reference network, compiled as Keras' users do it."""
    parameters = network_parameters(settings_of(size))
    layers = [parameters[name] for name in ("filters", "kernels", "strides", "latent_dim")]
    plain = PlainVAE(build_encoder((size, size, 3), *layers), build_decoder((size, size, 3), *layers))
    plain.compile(keras.optimizers.Adam(_RATE), loss="mse", loss_weights=[parameters["reconstruction_weight"]])
    return plain


def from_arrays(name: str, name_of_steps: str, faces: np.ndarray, batch: int) -> Work:
    """A contender that fits the network to arrays, one epoch a turn; see `_fitted`.

    Args:
        name, name_of_steps: identifiers of the whole call of `fit`, and of its steps alone.
        faces: float32 (N, H, W, 3) in [0, 1].
        batch: pictures a step.
    """
    plain, count = network(faces.shape[1]), len(faces) // batch * batch
    chosen = faces[:count]
    return _fitted(
        name, name_of_steps, count,
        lambda clock: plain.fit(chosen, chosen, batch_size=batch, epochs=1, verbose=0, callbacks=[clock]),
    )  # fmt: skip


def from_generator(name: str, name_of_steps: str, faces: np.ndarray, batch: int, ranges: Ranges) -> Work:
    """A contender that fits the network in the original's way, from Keras' ImageDataGenerator; arguments as for `from_arrays`."""
    plain, steps = network(faces.shape[1]), len(faces) // batch
    made = image_data_generator(ranges)

    def pairs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for pictures in made.flow(faces, batch_size=batch, seed=0):
            yield pictures, pictures

    return _fitted(
        name, name_of_steps, steps * batch,
        lambda clock: plain.fit(pairs(), steps_per_epoch=steps, epochs=1, shuffle=False, verbose=0, callbacks=[clock]),
    )  # fmt: skip


def image_data_generator(ranges: Ranges) -> Any:
    """Keras' ImageDataGenerator with the same settings as reecho's data generator."""
    names = ("rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range", "horizontal_flip")
    settings = {name: getattr(ranges, name) for name in names}
    return tf.keras.preprocessing.image.ImageDataGenerator(**settings, rescale=ranges.rescale, fill_mode=ranges.fill_mode)


class _Clock(keras.callbacks.Callback):
    """Seconds from the beginning of an epoch to the end of its last step."""

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.began = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.seconds = time.perf_counter() - self.began


def _fitted(name: str, name_of_steps: str, count: int, fit: Callable[[keras.callbacks.Callback], Any]) -> Work:
    """A contender, warm: pictures a second of the whole call of `fit`, and of its steps alone, without its wait at the end."""
    clock = _Clock()
    fit(clock)

    def turn() -> dict[str, float]:
        start = time.perf_counter()
        fit(clock)
        return {name: count / (time.perf_counter() - start), name_of_steps: count / clock.seconds}

    return turn

"""What networks with chosen faults are taught, and how: the original's way of training and ours."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from reecho import initialise, linear, training
from reecho.colour import grey
from reecho.errors import ReechoError
from reecho.faults import original
from reecho.faults.switches import Faults
from reecho.inputs import noise_like
from reecho.model import VAE, build_decoder, build_encoder, mean_kl
from reecho.once import Once, directly
from reecho.training import Checkpoint, History, Lesson, Recipe

if TYPE_CHECKING:
    from reecho.data import Faces


@dataclass(frozen=True)
class Way:
    """How a network is trained.

    Args:
        linear: whether it starts at the best linear VAE, else at random (Glorot).
        rate: Adam's highest.
        constant: whether the rate stays, else it rises for a twentieth of the steps and falls along a cosine.
        batch: faces a step.
        mirrors: whether every other face is mirrored, by chance.
        momentum: of the averages in batch normalisation.
    """

    linear: bool
    rate: float
    constant: bool
    batch: int
    mirrors: bool
    momentum: float


ORIGINAL = Way(False, 5e-4, True, 32, False, 0.99)
OURS = Way(True, 3e-5, False, 64, True, 0.9)
REFERENCE = ((32, 64, 64, 64), (3, 3, 3, 3), (1, 2, 2, 1), 1024)  # filters, kernels, strides, axes of z


@dataclass(frozen=True)
class Material:
    """What a network with faults is taught.

    Args:
        task: "reconstruction", "denoising" or "colourisation".
        faults: with which faults.
        targets, held: float32 (n, H, W, 3), to learn from and to judge on, in the scale that the faults demand.
        seed: of weights, order, mirrors and noise.
    """

    task: str
    faults: Faults
    targets: np.ndarray
    held: np.ndarray
    seed: int = 0

    @property
    def way(self) -> Way:
        """How it is trained."""
        return ORIGINAL if self.faults.recipe else OURS

    @property
    def batch(self) -> int:
        """Faces a step."""
        return min(self.way.batch, len(self.targets))

    def inputs(self, epoch: int) -> np.ndarray:
        """The inputs of an epoch, from 0; noise that is drawn once is that of epoch 0."""
        return make_inputs(self.task, self.faults, self.targets, self.seed + (0 if self.faults.noise_once else 1000 * epoch))

    def recipe(self, epochs: int) -> Recipe:
        """How it is trained, for the trainer: the weights of the last epoch are taken, as in the original."""
        return Recipe(epochs, self.way.rate, self.way.constant, patience=None, best=False)

    def lesson(self) -> Lesson:
        """Its batches, in an order of each epoch's own, the last one of an epoch smaller.

        Raises:
            ReechoError: there are no faces.
        """
        if not len(self.targets) or not len(self.held):
            raise ReechoError("There are no faces to learn from or none to judge on; use more pictures of more people.")
        steps = math.ceil(len(self.targets) / self.batch)

        def batches(first: int, last: int) -> tf.data.Dataset:
            def parts() -> Iterator[tuple[np.ndarray, np.ndarray]]:
                for epoch in range(first, last):
                    inputs, targets = _shuffled(self, epoch)
                    for start in range(0, len(targets), self.batch):
                        yield inputs[start : start + self.batch], targets[start : start + self.batch]

            signature = tf.TensorSpec((None, *self.targets.shape[1:]), tf.float32)
            return tf.data.Dataset.from_generator(parts, output_signature=(signature, signature)).prefetch(2)

        return Lesson(batches, steps, make_inputs(self.task, self.faults, self.held, self.seed + 1), self.held)


def of_rerun(task: str, pictures: np.ndarray, seed: int) -> Material:
    """What the original taught: all its pictures in its own split, with all its faults.

    Args:
        task: "reconstruction", "denoising" or "colourisation".
        pictures: float32 (N, H, W, 3), all of them in its scale, from `pictures_of_original`.
        seed: of weights, order and noise; the original's is not known.
    """
    train, test = original.split(len(pictures))
    return Material(task, Faults.original().of_training(task), pictures[train], pictures[test], seed)


def pictures_of_original(faces: Faces) -> np.ndarray:
    """All pictures as the original had them, or as many as it had, float32 (N, size, size, 3) in its scale, [-0.5, 0.5]."""
    return original.pictures(faces) - original.SHIFT


def of_ladder(task: str, faults: Faults, faces: Faces, seed: int) -> Material:
    """What the network of a rung is taught; the validation people judge it.

    Args:
        task, seed: as for `of_rerun`.
        faults: with which faults.
        faces: the faces.
    """
    train, held = train_pictures(faces, faults), faces.measured("validation")
    return Material(task, faults, prepared(faces, train, faults), prepared(faces, held, faults), seed)


def prepared(faces: Faces, indices: np.ndarray, faults: Faults) -> np.ndarray:
    """Pictures as a network with these faults is given them, float32 (n, size, size, 3)."""
    pictures = original.pictures(faces, indices) if faults.resize else faces.pictures(indices)
    return pictures - original.SHIFT if faults.scale else pictures


def train_pictures(faces: Faces, faults: Faults) -> np.ndarray:
    """The pictures that a rung learns from: the train people's, or as many of anybody's in the original's train pictures; no more
    than the original had."""
    people = faces.measured("train", original.MOST)
    return original.any_people(faces, len(people)) if faults.split else people


def make_inputs(task: str, faults: Faults, pictures: np.ndarray, seed: int) -> np.ndarray:
    """A task's inputs under the faults, of pictures in their scale; `seed` is that of the noise."""
    if task == "colourisation":
        return original.swapped_grey(pictures) if faults.grey else grey(pictures)
    return pictures + original.SIGMA * noise_like(pictures, seed) if task == "denoising" else pictures


class CountedVAE(VAE):
    """The VAE that counts the original's accuracy, too: the share of pixels whose largest channel is the target's."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.trackers["accuracy"] = keras.metrics.Mean(name="accuracy")

    def losses_of(self, inputs: Any, targets: Any, training: bool) -> dict[str, Any]:
        """The VAE's losses, and "accuracy"."""
        mean, log_variance = self.posterior(inputs, training=training)
        outputs = self.decoder(self.sampling([mean, log_variance]), training=training)
        reconstruction, kl = ops.mean(ops.square(outputs - targets)), mean_kl(mean, log_variance)
        right = ops.equal(ops.argmax(outputs, axis=-1), ops.argmax(targets, axis=-1))
        return {
            "total_loss": self.reconstruction_weight * reconstruction + kl, "reconstruction_loss": reconstruction, "kl_loss": kl,
            "accuracy": ops.mean(ops.cast(right, "float32")),
        }  # fmt: skip


def teach(
    material: Material, shape: tuple, epochs: int, before: VAE | None, checkpoint: Checkpoint, report: Callable[[History], None],
    once: Once = directly,
) -> tuple[CountedVAE, History]:  # fmt: skip
    """Build a network, start it and train it.

    Args:
        material: what it is taught.
        shape: filters, kernels and strides of the convolutions, axes of z.
        epochs: passes over the pictures.
        before: a network of the same shape that is trained further; None starts as the way of training says.
        checkpoint, report: as for `reecho.training.train`.
        once: as for `start`.

    Returns:
        The network with the weights of its last epoch, and its history.
    """
    network = build(material, shape)
    history = training.train(
        network, material.lesson(), material.recipe(epochs), lambda: start(network, material, shape, before, once),
        checkpoint, report, judge_start=False,
    )  # fmt: skip
    return network, history


def build(material: Material, shape: tuple) -> CountedVAE:
    """The network before its start.

    Args:
        material: what it will be taught.
        shape: filters, kernels and strides of the convolutions, axes of z.
    """
    keras.utils.set_random_seed(material.seed)
    faces_shape = material.targets.shape[1:]
    filters, kernels, strides, latent_dim = shape
    encoder = build_encoder(faces_shape, filters, kernels, strides, latent_dim, seed=material.seed)
    vae = CountedVAE(encoder, build_decoder(faces_shape, filters, kernels, strides, latent_dim), "mse", original.WEIGHT)
    for layer in (*vae.encoder.layers, *vae.decoder.layers):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = material.way.momentum
    return vae


def start(network: CountedVAE, material: Material, shape: tuple, before: VAE | None, once: Once = directly) -> str:
    """Set the first weights.

    Args:
        network: from `build`.
        material, shape: as for `build`.
        before: a network of the same shape that is trained further; None starts as the way of training says.
        once: computes what closed form needs of the faces, or gives what was computed before.

    Returns:
        What it starts as.
    """
    if before is not None:
        network.encoder.set_weights(before.encoder.get_weights())
        network.decoder.set_weights(before.decoder.get_weights())
        return "a trained network"
    filters, kernels, strides, latent_dim = shape
    if not material.way.linear or not initialise.linear_start_fits(filters, kernels, strides):
        return "random"
    noise = original.SIGMA if material.task == "denoising" else 0.0
    quiet = material.inputs(0) if material.task == "colourisation" else material.targets
    best = linear.fit(quiet, material.targets, noise, latent_dim, original.WEIGHT, "mse", material.seed, once)
    initialise.start_linear(network, best, material.inputs(0), kernels, strides, shift=1 + 5 * noise, seed=material.seed)
    return "linear"


def _shuffled(material: Material, epoch: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of an epoch in its own order, mirrored together: seed and epoch decide both."""
    rng = np.random.default_rng((material.seed, epoch))
    order = rng.permutation(len(material.targets))
    inputs, targets = material.inputs(epoch)[order], material.targets[order]
    if material.way.mirrors:
        mirrored = rng.random(len(order)) < 0.5
        inputs[mirrored], targets[mirrored] = inputs[mirrored, :, ::-1], targets[mirrored, :, ::-1]
    return inputs, targets

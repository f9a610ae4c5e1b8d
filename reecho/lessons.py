"""Lessons: the batches that a network learns a task from, drawn anew each epoch, and the validation faces that judge it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from reecho import inputs, training
from reecho.augment import Ranges, batches
from reecho.data.resize import averaged, fits
from reecho.errors import ReechoError
from reecho.model import Learner, check_range
from reecho.once import Once, directly
from reecho.streams import Pictures, changed
from reecho.training import Checkpoint, History, Lesson, Recipe

_NOISE_SEED = 1  # validation noise is drawn once, so that epochs can be compared


@dataclass(frozen=True)
class Material:
    """What a lesson is made of.

    Args:
        crops: uint8 (N, S, S, 3), all pictures, usually memory-mapped.
        on_disk: int indices of pictures → these at the size that they are learnt at, streamed from a file.
        train, held: int arrays, the pictures to learn from and those to validate on.
        digest: of the crops and what is known of them, as `reecho.data.Faces` has it.
        size: width and height of the faces, pixels.
        make_inputs: (clean faces, standard normal noise, sigma) → inputs, one of `reecho.inputs`.
        sigma: standard deviation of the noise, intensity; None draws it anew for every picture, for blind networks.
        left_out: bool (N,), pictures that are neither learnt from nor validated on, such as grey ones where colours are learnt;
            None leaves out none.
        once: averages pictures down, or gives those that were averaged before.
    """

    crops: Pictures
    on_disk: Callable[[np.ndarray], Pictures]
    train: np.ndarray
    held: np.ndarray
    digest: str
    size: int
    make_inputs: Callable[[Any, Any, Any], Any]
    sigma: float | None
    left_out: np.ndarray | None = None
    once: Once = directly

    def pictures_of(self, part: np.ndarray) -> np.ndarray:
        """The indices of `train` or `held` without those that are left out."""
        return part if self.left_out is None else part[~self.left_out[part]]

    def pictures(self, indices: np.ndarray) -> np.ndarray:
        """The faces that networks see, float32 (n, size, size, 3) in [0, 1]."""
        (pictures,) = self.once(averaged, self, indices, self.size)
        check_range(pictures, "The faces")
        return pictures

    def targets(self) -> Pictures:
        """The clean faces to learn from, float32 (n, size, size, 3) in [0, 1].

        Raises:
            ReechoError: there are none, or their intensities lie outside the decoder's range.
        """
        train, held = self.pictures_of(self.train), self.pictures_of(self.held)
        if not len(train) or not len(held):
            if len(self.train) and len(self.held):
                raise ReechoError("Too few of the pictures have colours to learn colours from; use more pictures in colour.")
            raise ReechoError("There are no train or no validation faces to learn from; use more pictures of more people.")
        return self.pictures(train) if fits(len(train), self.size) else self.on_disk(train)

    def quiet_inputs(self, targets: Pictures) -> Pictures:
        """The inputs before noise: the very `targets` where they are the faces themselves; of few faces always an array."""

        def quiet(faces: np.ndarray) -> np.ndarray:
            return self.make_inputs(faces, np.zeros_like(faces), 0.0)

        if not isinstance(targets, np.ndarray) and np.array_equal(quiet(targets[:1]), targets[:1]):
            return targets
        return changed(targets, quiet)


def teach(
    lesson: Lesson,
    seed: int,
    recipe: Recipe,
    build: Callable[[], Learner],
    start: Callable[[Learner], str],
    checkpoint: Checkpoint,
    report: Callable[[History], None],
    precision: str = "float32",
) -> tuple[Learner, History]:
    """Build a network, start it and train it.

    Args:
        lesson: what it is taught.
        seed: of the first weights.
        recipe: how it is trained.
        build: gives the network with random weights.
        start: sets the first weights of the network that it is given, and returns what they are, in words.
        checkpoint, report: as for `reecho.training.train`.
        precision: in what the steps compute, "float32" or "bfloat16"; weights, losses, closed form and the network that comes of it
            are float32.

    Returns:
        The network with the weights that the recipe asks for, and its history.
    """
    keras.utils.set_random_seed(seed)
    network = learner = build()
    if precision != "float32":
        with computing_in(precision):
            learner = build()

    def first_weights() -> str:
        words = start(network)
        if learner is not network:
            learner.set_weights(network.get_weights())
        return words

    history = training.train(learner, lesson, recipe, first_weights, checkpoint, report)
    if learner is not network:
        network.set_weights(learner.get_weights())
    return network, history


@contextlib.contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """Let layers that are built in the block compute in another precision; their weights stay float32."""
    keras.config.set_dtype_policy(f"mixed_{precision}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy("float32")


def of(material: Material, targets: Pictures, ranges: Ranges, batch_size: int, seed: int) -> Lesson:
    """The lesson of a task.

    Args:
        material: what it is made of.
        targets: from `material.targets`.
        ranges: of the data generator.
        batch_size: faces a step, at most; fewer where there are fewer faces.
        seed: of order, changes and noise.
    """
    batch = min(batch_size, len(targets))
    train, held = material.pictures_of(material.train), material.pictures_of(material.held)
    held_targets = material.pictures(held)
    held_noise = inputs.noise_like(held_targets, _NOISE_SEED)
    held_inputs = material.make_inputs(held_targets, held_noise, _held_sigma(material.sigma, len(held_targets)))

    def noisy(clean: tf.Tensor, noise_seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        sigma = material.sigma
        if sigma is None:
            sigma = inputs.sigma_at(tf.random.stateless_uniform((tf.shape(clean)[0], 1, 1, 1), noise_seed + 1))
        return material.make_inputs(clean, tf.random.stateless_normal(tf.shape(clean), noise_seed), sigma), clean

    def epochs(first: int, last: int) -> tf.data.Dataset:
        return batches(material.crops, targets, train, ranges, batch, seed, range(first, last)).map(noisy)

    return Lesson(epochs, len(targets) // batch, held_inputs, held_targets)


def _held_sigma(sigma: float | None, count: int) -> float | np.ndarray:
    """The strength of the noise on the validation faces: the same in every epoch."""
    if sigma is not None:
        return sigma
    return np.asarray(inputs.sigma_at(np.random.default_rng(_NOISE_SEED).random((count, 1, 1, 1), "float32")))

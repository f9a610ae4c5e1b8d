"""Train a network with chosen faults, epoch by epoch, and keep it; an interrupted training goes on after its last whole epoch."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from reecho import initialise, linear, provenance, storage
from reecho.colour import grey
from reecho.errors import ReechoError
from reecho.faults import original
from reecho.faults.table import Faults
from reecho.files import remove, written_aside
from reecho.inputs import noise_like
from reecho.model import VAE, build_decoder, build_encoder, mean_kl

REFERENCE = ((32, 64, 64, 64), (3, 3, 3, 3), (1, 2, 2, 1), 1024)  # filters, kernels, strides, axes of z


@dataclass(frozen=True)
class Recipe:
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


ORIGINAL = Recipe(False, 5e-4, True, 32, False, 0.99)
OURS = Recipe(True, 3e-5, False, 64, True, 0.9)


@dataclass(frozen=True)
class Lesson:
    """What a network is taught.

    Args:
        task: "reconstruction", "denoising" or "colourisation".
        faults: with which faults.
        targets, held: float32 (n, H, W, 3), to learn from and to watch, in the scale that the faults say.
        seed: of weights, order, mirrors and noise.
    """

    task: str
    faults: Faults
    targets: np.ndarray
    held: np.ndarray
    seed: int = 0

    @property
    def recipe(self) -> Recipe:
        return ORIGINAL if self.faults.recipe else OURS

    def inputs(self, epoch: int) -> np.ndarray:
        """The inputs of an epoch, from 0; noise that is drawn once is that of epoch 0."""
        return make_inputs(self.task, self.faults, self.targets, self.seed + (0 if self.faults.noise_once else 1000 * epoch))

    def held_inputs(self) -> np.ndarray:
        return make_inputs(self.task, self.faults, self.held, self.seed + 1)


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

    def losses_of(self, inputs, targets, training: bool) -> dict[str, Any]:
        mean, log_variance = self.posterior(inputs, training=training)
        outputs = self.decoder(self.sampling([mean, log_variance]), training=training)
        reconstruction, kl = ops.mean(ops.square(outputs - targets)), mean_kl(mean, log_variance)
        right = ops.equal(ops.argmax(outputs, axis=-1), ops.argmax(targets, axis=-1))
        return {
            "total_loss": self.reconstruction_weight * reconstruction + kl, "reconstruction_loss": reconstruction, "kl_loss": kl,
            "accuracy": ops.mean(ops.cast(right, "float32")),
        }  # fmt: skip


def build(lesson: Lesson, shape: tuple, steps: int) -> CountedVAE:
    """The network and its optimiser, before the first step.

    Args:
        lesson: what it will be taught.
        shape: filters, kernels and strides of the convolutions, axes of z.
        steps: of the whole training, for the rate.
    """
    keras.utils.set_random_seed(lesson.seed)
    recipe, faces_shape = lesson.recipe, lesson.targets.shape[1:]
    vae = CountedVAE(
        build_encoder(faces_shape, *shape, seed=lesson.seed), build_decoder(faces_shape, *shape), "mse", original.WEIGHT
    )
    for layer in (*vae.encoder.layers, *vae.decoder.layers):
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = recipe.momentum
    rate, warm = recipe.rate, steps // 20
    if not recipe.constant:
        rate = keras.optimizers.schedules.CosineDecay(rate / 100, max(steps - warm, 1), 0.01, warmup_target=rate, warmup_steps=warm)
    vae.compile(optimizer=keras.optimizers.Adam(rate))
    vae.optimizer.build(vae.trainable_variables)
    return vae


def start_linear(vae: CountedVAE, lesson: Lesson, shape: tuple) -> None:
    """Give the network the weights of the best linear VAE, where it is wide enough to carry it."""
    filters, kernels, strides, latent_dim = shape
    if not initialise.linear_start_fits(filters, kernels, strides):
        return
    noise = original.SIGMA if lesson.task == "denoising" else 0.0
    quiet = lesson.inputs(0) if lesson.task == "colourisation" else lesson.targets
    best = linear.fit(quiet, lesson.targets, noise, latent_dim, original.WEIGHT, "mse", lesson.seed)
    initialise.start_linear(vae, best, lesson.inputs(0), kernels, strides, shift=1 + 5 * noise, seed=lesson.seed)


def teach(
    lesson: Lesson, epochs: int, folder: Path, record: dict[str, Any], shape: tuple = REFERENCE, start: VAE | None = None,
    say: Callable[[str], None] = print,
) -> None:  # fmt: skip
    """Train a network and keep it as it is after the last epoch.

    Args:
        lesson: what it is taught.
        epochs: passes over the targets.
        folder: where it is kept.
        record: what it shall say of itself, beside its provenance.
        shape: as for `build`.
        start: a network of the same shape to train further; None starts as the recipe says.
        say: takes a line an epoch.

    Raises:
        ReechoError: there are no faces, or the loss is no longer a number.
    """
    if not len(lesson.targets) or not len(lesson.held):
        raise ReechoError("There are no faces to learn from or none to watch; use more pictures of more people.")
    batch = min(lesson.recipe.batch, len(lesson.targets))
    vae = build(lesson, shape, math.ceil(len(lesson.targets) / batch) * epochs)
    checkpoint = folder.with_name(folder.name + ".training") / "checkpoint.npz"
    history = _resume(vae, checkpoint)
    if not history and start is not None:
        vae.encoder.set_weights(start.encoder.get_weights())
        vae.decoder.set_weights(start.decoder.get_weights())
    elif not history and lesson.recipe.linear:
        start_linear(vae, lesson, shape)
    held = lesson.held_inputs()
    for epoch in range(len(history), epochs):
        began = time.perf_counter()
        logs = vae.fit(
            *_shuffled(lesson, epoch), batch_size=batch, shuffle=False, verbose=0,
            validation_data=(held, lesson.held), validation_batch_size=256,
        ).history  # fmt: skip
        history.append({"epoch": epoch + 1, **{_published_name(name): values[-1] for name, values in logs.items()}})
        history[-1]["seconds"] = round(time.perf_counter() - began, 2)
        _told(history, epochs, lesson.task, say)
        _keep(vae, checkpoint, history)
    minutes = round(sum(row["seconds"] for row in history) / 60, 2)
    made = {**provenance.gather(), "minutes": minutes, "epochs": epochs}
    about = {"faults": asdict(lesson.faults), "settings": {"task": lesson.task, "network": "reference", "loss": "mse"}}
    parameters = [lesson.targets.shape[1:], *shape, original.WEIGHT]
    storage.save(folder, vae, parameters, history, {**about, **record, "provenance": made})
    remove(checkpoint.parent)


def _shuffled(lesson: Lesson, epoch: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets of an epoch in its own order, mirrored together: seed and epoch decide both."""
    rng = np.random.default_rng((lesson.seed, epoch))
    order = rng.permutation(len(lesson.targets))
    inputs, targets = lesson.inputs(epoch)[order], lesson.targets[order]
    if lesson.recipe.mirrors:
        mirrored = rng.random(len(order)) < 0.5
        inputs[mirrored], targets[mirrored] = inputs[mirrored, :, ::-1], targets[mirrored, :, ::-1]
    return inputs, targets


def _published_name(name: str) -> str:
    """The published history calls the total loss plainly loss."""
    return name.replace("total_loss", "loss")


def _told(history: list[dict[str, Any]], epochs: int, task: str, say: Callable[[str], None]) -> None:
    row = history[-1]
    if not all(np.isfinite(value) for value in row.values()):
        raise ReechoError(f"Training diverged in epoch {row['epoch']}: the loss is no longer a number.")
    left = (epochs - row["epoch"]) * float(np.mean([each["seconds"] for each in history])) / 60
    say(f"{task}, epoch {row['epoch']:2d} of {epochs}: train {row['loss']:.5g}, watched {row['val_loss']:.5g}, {left:.1f} min left")


def _keep(vae: VAE, checkpoint: Path, history: list[dict[str, Any]]) -> None:
    state = {f"v{i}": np.array(variable) for i, variable in enumerate([*vae.variables, *vae.optimizer.variables])}
    with written_aside(checkpoint) as aside:
        np.savez(aside, history=json.dumps(history), **state)


def _resume(vae: VAE, checkpoint: Path) -> list[dict[str, Any]]:
    """Take up a checkpoint if there is one; returns the history so far."""
    if not checkpoint.is_file():
        return []
    with np.load(checkpoint) as state:
        for i, variable in enumerate([*vae.variables, *vae.optimizer.variables]):
            variable.assign(state[f"v{i}"])
        return json.loads(str(state["history"]))

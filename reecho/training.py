"""Train a network once: seed, fit, checkpoint each epoch, early stopping on validation people, keep the best."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from reecho import initialise, linear, networks, provenance, storage
from reecho.augment import Ranges, batches
from reecho.data import Faces
from reecho.errors import ReechoError
from reecho.files import remove, written_aside
from reecho.inputs import noise_like
from reecho.model import VAE, Learner, build_decoder, build_encoder, check_range
from reecho.settings import Settings
from reecho.tasks import make_inputs

_WEIGHTS = {"mse": 100_000.0, "rmse": 10_000.0, "calibrated": 1.0}  # the document's α, its counterpart for RMSE, none
DOCUMENTS = ("reference", "autoencoder")  # networks of the document; all others are of `reecho.networks`
_NOISE_SEED = 1  # validation noise is drawn once, so that epochs can be compared


def reconstruction_weight(settings: Settings) -> float:
    """The weight of the reconstruction loss, nats a unit: what was asked for, or the loss's own."""
    return settings.reconstruction_weight or _WEIGHTS[settings.loss]


def default_rate(settings: Settings) -> float:
    """Adam's highest rate for the reference network where none was asked for.

    Near the linear optimum gradients are mostly noise, and Adam makes steps of full size out of noise: a short training has
    no time to undo what a high rate spoils first.
    """
    if settings.initialisation == "random":
        return 1e-3
    return 3e-5 if settings.epochs < 10 else 1e-4


def build(settings: Settings, faces_shape: tuple) -> Learner:
    """The untrained network, its weights random."""
    keras.utils.set_random_seed(settings.seed)
    if settings.network not in DOCUMENTS:
        return networks.build(settings.network, tuple(faces_shape), **_plain(settings))
    variational = settings.network != "autoencoder"
    shape = (settings.filters, settings.kernels, settings.strides, settings.latent_dim)
    encoder = build_encoder(faces_shape, *shape, seed=settings.seed, noise=variational)
    return VAE(encoder, build_decoder(faces_shape, *shape), settings.loss, reconstruction_weight(settings), variational)


def _plain(settings: Settings) -> dict[str, Any]:
    """What `networks.build` takes beside a network's name and shape."""
    own = {name: getattr(settings, name) for name in ("latent_dim", "loss", "seed")}
    return own | {"weight": reconstruction_weight(settings), "sigma": settings.train_sigma}


def start(settings: Settings, vae: Learner, targets: np.ndarray, say: Callable[[str], None]) -> str:
    """Set the first weights; returns which initialisation it was, for a narrow network cannot start linear."""
    noise = settings.train_sigma if settings.task == "denoising" else 0.0
    quiet = targets if settings.task == "reconstruction" else make_inputs(settings.task, targets, np.zeros_like(targets), 0.0)
    if settings.network not in DOCUMENTS:
        return networks.anchor(vae, quiet, targets, noise, settings.seed)
    if settings.initialisation == "random":
        return "random"
    if not initialise.linear_start_fits(settings.filters, settings.kernels, settings.strides):
        say(f"These filters, kernels and strides are too narrow for the linear start (it needs at least "
            f"{initialise.needed_filters(settings.strides)} "
            f"filters, {initialise.KNEES * 3} in the second layer): starting from random weights.")  # fmt: skip
        return "random"
    weight = reconstruction_weight(settings) if vae.variational else np.inf
    best = linear.fit(quiet, targets, noise, settings.latent_dim, weight, settings.loss, settings.seed)
    inputs = make_inputs(settings.task, targets, noise_like(targets, settings.seed), noise)
    initialise.start_linear(vae, best, inputs, settings.kernels, settings.strides, shift=1 + 5 * noise, seed=settings.seed)
    return "linear"


def fit(settings: Settings, faces: Faces, folder: Path, say: Callable[[str], None] = print) -> None:
    """Train a network and save it to `folder`; an interrupted training goes on after its last whole epoch.

    Args:
        settings: those of notebook 02.
        faces: the faces; its train people teach, its validation people decide when to stop and which epoch is kept.
        folder: where the trained network is saved.
        say: takes a line of progress an epoch, with the time left.

    Raises:
        ReechoError: no faces, or faces outside the decoder's range.
    """
    train, held = (_taught(faces, part, settings.task) for part in ("train", "validation"))
    if not len(train) or not len(held):
        raise ReechoError("There are no train or no validation faces to learn from; use more pictures of more people.")
    targets, held_targets = faces.pictures(train, settings.size), faces.pictures(held, settings.size)
    check_range(targets, "The faces")
    held_inputs = make_inputs(settings.task, held_targets, noise_like(held_targets, _NOISE_SEED), _held_sigma(settings, len(held)))
    batch = min(settings.batch_size, len(train))
    steps = len(train) // batch * settings.epochs
    vae = build(settings, targets.shape[1:])
    rate = settings.learning_rate or default_rate(settings)
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 100, max(steps - steps // 20, 1), 0.01, warmup_target=rate, warmup_steps=steps // 20
    )
    vae.compile(optimizer=keras.optimizers.Adam(schedule))
    vae.optimizer.build(vae.trainable_variables)
    journal = Journal(folder.with_name(folder.name + ".training") / "checkpoint.npz", settings, say)
    if not journal.resume(vae):
        began = time.perf_counter()
        journal.started = start(settings, vae, targets, say)
        journal.note(
            vae,
            0,
            {},
            vae.evaluate(held_inputs, held_targets, batch_size=256, verbose=0, return_dict=True),
            time.perf_counter() - began,
        )

    dataset = batches(faces.crops, targets, train, Ranges.of(settings), batch, settings.seed, range(journal.epoch, settings.epochs))
    if not journal.finished:
        vae.fit(
            dataset.map(lambda clean, seed: (_inputs(settings, clean, seed), clean)),
            initial_epoch=journal.epoch, epochs=settings.epochs,
            steps_per_epoch=len(train) // batch,
            validation_data=(held_inputs, held_targets), validation_batch_size=256,
            callbacks=[journal], verbose=0, shuffle=False,
        )  # fmt: skip
    journal.restore_best(vae)
    _save(folder, vae, settings, faces, journal, len(train))
    remove(journal.path.parent)


def _taught(faces: Faces, part: str, task: str) -> np.ndarray:
    """The pictures of a part that a task can be learnt from: grey ones have no colour to find."""
    indices = faces.indices(part)
    return indices[~faces.grey[indices]] if task == "colourisation" else indices


def _inputs(settings: Settings, clean: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """The inputs of a training batch, the noise drawn anew for every batch; a blind network's strength of it as well."""
    sigma = settings.train_sigma
    if networks.is_blind(settings.network):
        sigma = networks.sigma_at(tf.random.stateless_uniform((tf.shape(clean)[0], 1, 1, 1), seed + 1))
    return make_inputs(settings.task, clean, tf.random.stateless_normal(tf.shape(clean), seed), sigma)


def _held_sigma(settings: Settings, count: int) -> float | np.ndarray:
    """The strength of the noise on the validation faces: the same in every epoch."""
    if not networks.is_blind(settings.network):
        return settings.train_sigma
    return np.asarray(networks.sigma_at(np.random.default_rng(_NOISE_SEED).random((count, 1, 1, 1), "float32")))


def _save(folder: Path, vae: Learner, settings: Settings, faces: Faces, journal: Journal, count: int) -> None:
    seconds = sum(row["seconds"] for row in journal.history)
    trained = sum(row["seconds"] for row in journal.history[1:])
    made = {
        **provenance.gather(),
        "minutes": round(seconds / 60, 2),
        "faces_a_second": round(count * journal.epoch / max(trained, 1e-3), 1),
        "initialisation": journal.started,
        "epochs": journal.epoch,
        "best_epoch": journal.best_epoch,
    }
    record = {"settings": settings.as_dict(), "faces": {"name": faces.name, "digest": faces.digest}, "provenance": made}
    shape = (settings.size, settings.size, 3)
    if settings.network in DOCUMENTS:
        parameters = [shape, settings.filters, settings.kernels, settings.strides, settings.latent_dim, vae.reconstruction_weight]
    else:
        parameters = {"name": settings.network, "shape": shape, **_plain(settings)}
    storage.save(folder, vae, parameters, journal.history, record)


class Journal(keras.callbacks.Callback):
    """Keeps the history, tells the time left, writes a checkpoint each epoch, remembers the best epoch's weights, stops early.

    Args:
        path: the checkpoint's file.
        settings: those of notebook 02 (epochs and patience are used).
        say: takes a line an epoch.
    """

    def __init__(self, path: Path, settings: Settings, say: Callable[[str], None]):
        super().__init__()
        self.path, self.settings, self.say = path, settings, say
        self.epoch, self.best, self.best_epoch, self.started = 0, np.inf, 0, ""
        self.lowest, self.improved = np.inf, 0  # of the trained epochs alone
        self.history: list[dict[str, Any]] = []
        self.best_weights: list[np.ndarray] = []

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or none of the last `patience` was the best trained one.

        The start does not count: from the linear optimum the loss rises before it falls.
        """
        return self.epoch >= self.settings.epochs or self.epoch - self.improved >= self.settings.patience

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        held = {name.removeprefix("val_"): value for name, value in logs.items() if name.startswith("val_")}
        trained = {name: value for name, value in logs.items() if not name.startswith("val_")}
        self.note(self.model, epoch + 1, trained, held, time.perf_counter() - self.began)
        self.model.stop_training = self.finished

    def note(self, vae: Learner, epoch: int, trained: dict[str, float], held: dict[str, float], seconds: float) -> None:
        """Enter an epoch (0 is the start) into the history, tell it, and write the checkpoint."""
        if not np.isfinite(held["total_loss"]) or not all(np.isfinite(list(trained.values()))):
            raise ReechoError(
                f"Training diverged in epoch {epoch}: the loss is no longer a number. Lower learning_rate and train again."
            )
        names = ("reconstruction_loss", "kl_loss", "total_loss")
        row = {"epoch": epoch} | {name: trained.get(name) for name in names} | {f"val_{name}": held[name] for name in names}
        self.history.append(row | {"seconds": round(seconds, 2)})
        self.epoch = epoch
        if epoch and held["total_loss"] < self.lowest:
            self.lowest, self.improved = held["total_loss"], epoch
        if held["total_loss"] < self.best:
            self.best, self.best_epoch, self.best_weights = held["total_loss"], epoch, [np.array(weight) for weight in vae.weights]
        self.say(f"epoch {epoch:2d} of {self.settings.epochs}: {self._told(trained, held)}, {seconds:.0f} s{self._left()}")
        state = {f"v{i}": np.array(variable) for i, variable in enumerate([*vae.variables, *vae.optimizer.variables])}
        state |= {f"b{i}": weight for i, weight in enumerate(self.best_weights)}
        told = {name: getattr(self, name) for name in ("epoch", "best", "best_epoch", "lowest", "improved", "started", "history")}
        with written_aside(self.path) as aside:
            np.savez(aside, told=json.dumps(told), **state)

    def _told(self, trained: dict[str, float], held: dict[str, float]) -> str:
        seen = f"train {trained['total_loss']:.5g}, " if trained else ""
        return f"{seen}validation {held['total_loss']:.5g}" + (f" (KL {held['kl_loss']:.4g} nats)" if held["kl_loss"] else "")

    def _left(self) -> str:
        seconds = [row["seconds"] for row in self.history[1:]]
        remaining = self.settings.epochs - self.epoch
        return f", at most {np.mean(seconds) * remaining / 60:.1f} min left" if seconds and remaining else ""

    def resume(self, vae: Learner) -> bool:
        """Take up a checkpoint if there is one; returns whether there was."""
        if not self.path.is_file():
            return False
        with np.load(self.path) as state:
            for name, value in json.loads(str(state["told"])).items():
                setattr(self, name, value)
            for i, variable in enumerate([*vae.variables, *vae.optimizer.variables]):
                variable.assign(state[f"v{i}"])
            self.best_weights = [state[f"b{i}"] for i in range(len(vae.weights))]
        self.say(f"Going on after epoch {self.epoch} of {self.settings.epochs}.")
        return True

    def restore_best(self, vae: Learner) -> None:
        """Give the model the weights of its best epoch."""
        vae.set_weights(self.best_weights)

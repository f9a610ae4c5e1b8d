"""Train a network: rate, epochs, early stopping, the best epoch's weights. All that changes its numbers, and no more.

What this module imports enters the key of every network (`reecho.store`). Progress lines, files and locks cannot change a number;
callers hand them in, so that a change of theirs trains nothing anew.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from reecho.batches import of_arrays, untuned
from reecho.errors import ReechoError
from reecho.model import Learner

if keras.backend.backend() != "tensorflow":  # somebody imported it before reecho; networks compute on any backend and learn on one
    raise ReechoError(
        f"Keras runs on {keras.backend.backend()} in this process, and reecho trains on TensorFlow; start Python anew."
    )
_WARM_UP = 20  # the first of so many parts of the steps, in which the rate rises


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Args:
        epochs: passes over the train faces.
        rate: Adam's highest rate.
        constant: whether the rate stays; else it rises for a twentieth of the steps and falls along a cosine to a hundredth.
        patience: epochs after the best one before training stops; None never stops early.
        best: whether the weights of the best epoch are taken in the end, the start among them; else those of the last one.
    """

    epochs: int
    rate: float
    constant: bool = False
    patience: int | None = None
    best: bool = True


@dataclass(frozen=True)
class Lesson:
    """What a network is taught.

    Args:
        batches: (first epoch from 0, epochs) → a dataset of batches (inputs, targets) for these epochs.
        steps: batches an epoch.
        held_inputs, held_targets: float32 (n, H, W, 3), on which each epoch is judged.
    """

    batches: Callable[[int, int], tf.data.Dataset]
    steps: int
    held_inputs: np.ndarray
    held_targets: np.ndarray


@dataclass
class History:
    """How far a training is.

    Args:
        start: what the network started as, in words.
        rows: one dictionary an epoch, where the start is judged it is epoch 0: "epoch", the losses, those on validation faces with
            "val_" before the name, "seconds", "processor_seconds" and, of the seconds, "outside_seconds": those outside the steps
            of training, in which the epoch is judged, noted down and reported.
        best, best_epoch: the lowest total loss on validation faces, and its epoch.
        lowest, improved: the same of the trained epochs alone, since the loss may rise from the linear start before it falls.
    """

    start: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    best: float = float("inf")
    best_epoch: int = 0
    lowest: float = float("inf")
    improved: int = 0

    @property
    def epoch(self) -> int:
        """The last epoch that is done."""
        return self.rows[-1]["epoch"] if self.rows else 0

    def finished(self, recipe: Recipe) -> bool:
        """Whether all epochs are done, or none of the last `patience` was the best trained one."""
        stopped = recipe.patience is not None and self.epoch - self.improved >= recipe.patience
        return self.epoch >= recipe.epochs or (self.epoch > 0 and stopped)

    def add(self, row: dict[str, Any]) -> bool:
        """Enter an epoch; returns whether it is the best so far.

        Raises:
            ReechoError: a loss is no number.
        """
        losses = [value for name, value in row.items() if name != "epoch" and value is not None]
        if not np.isfinite(losses).all():
            raise ReechoError(
                f"Training diverged in epoch {row['epoch']}: the loss is no longer a number. Lower learning_rate and train again."
            )
        self.rows.append(row)
        loss = row["val_total_loss"]
        if row["epoch"] and loss < self.lowest:
            self.lowest, self.improved = loss, row["epoch"]
        if loss < self.best:
            self.best, self.best_epoch = loss, row["epoch"]
            return True
        return False


class Checkpoint(Protocol):
    """Where a training stores how far it is; see `reecho.journal.CheckpointFile`."""

    def load(self, variables: list[tuple], best: list[tuple]) -> tuple[History, list[np.ndarray], list[np.ndarray]] | None:
        """The history, all variables, and the best epoch's weights; None where there is nothing to go on from.

        Args:
            variables, best: the shapes that these arrays must have.
        """
        ...

    def save(self, history: History, variables: list[np.ndarray], best: list[np.ndarray]) -> None:
        """Begin to store these, whole or not at all, while training goes on; nobody changes the arrays afterwards.

        Raises:
            ReechoError: what was to be stored before could not be.
        """
        ...

    def wait(self) -> None:
        """Return when all is stored; raises as `save` does."""
        ...


class _Clock:
    """The seconds of an epoch, from now on."""

    def __init__(self) -> None:
        self.began, self.processor, self.steps = time.perf_counter(), time.process_time(), 0.0

    def stepped(self) -> None:
        """The steps have ended."""
        self.steps = time.perf_counter() - self.began

    def read(self) -> dict[str, float]:
        """What a row of the history says of the time so far."""
        seconds, processor = time.perf_counter() - self.began, time.process_time() - self.processor
        outside = seconds - self.steps
        return {"seconds": round(seconds, 2), "processor_seconds": round(processor, 2), "outside_seconds": round(outside, 3)}


class _Epochs(keras.callbacks.Callback):
    """After each epoch: enters the history, remembers the best weights, stores the checkpoint, reports, stops early.

    Keras' own callbacks do not survive a kill. `BackupAndRestore` writes over its file of weights, and the number of the epoch into
    a second file: a kill while it writes leaves weights that cannot be read, or those of one epoch under the number of another.
    `EarlyStopping` sets its counter and its best weights back whenever `fit` begins. `CSVLogger` appends: a kill while it writes
    leaves half a line, and an epoch that is done again stands in the file twice. Here all of it is stored in one file, at once.

    The file is written while the steps of the next epoch run, from arrays that nobody changes; an epoch waits for their copy alone.
    """

    def __init__(
        self, history: History, recipe: Recipe, checkpoint: Checkpoint, report: Callable[[History], None], best: list[np.ndarray]
    ):
        super().__init__()
        self.history, self.recipe, self.checkpoint, self.report, self.best = history, recipe, checkpoint, report, best

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.clock = _Clock()

    def on_test_begin(self, logs: dict | None = None) -> None:  # the validation faces follow upon the last step
        self.clock.stepped()

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        self.enter(self.model, epoch + 1, logs, self.clock)
        self.model.stop_training = self.history.finished(self.recipe)

    def enter(self, network: Learner, epoch: int, losses: dict[str, float], clock: _Clock) -> None:
        """Enter an epoch; 0 is the start, which has losses on validation faces alone."""
        names = [name for name in losses if name.startswith("val_")]
        row = {"epoch": epoch} | {name.removeprefix("val_"): losses.get(name.removeprefix("val_")) for name in names}
        row |= {name: losses[name] for name in names} | clock.read()
        better = self.history.add(row)
        copies = {id(variable): np.array(variable) for variable in _variables(network)}
        if better:
            self.best[:] = [copies[id(weight)] for weight in network.weights]
        self.checkpoint.save(self.history, list(copies.values()), self.best if self.recipe.best else [])
        self.report(self.history)  # after the checkpoint, so that an interruption here does not lose the epoch
        row |= clock.read()

    def finish(self) -> None:
        """Wait until the last checkpoint is stored; its seconds count for the last epoch."""
        clock = _Clock()
        self.checkpoint.wait()
        for row in self.history.rows[-1:]:
            row |= {name: round(row[name] + seconds, 3) for name, seconds in clock.read().items()}


def train(
    network: Learner,
    lesson: Lesson,
    recipe: Recipe,
    start: Callable[[], str],
    checkpoint: Checkpoint,
    report: Callable[[History], None],
    judge_start: bool = True,
) -> History:
    """Train a network; where there is a checkpoint the training goes on from there.

    Args:
        network: built; afterwards it has the weights that the recipe asks for.
        lesson: what it is taught.
        recipe: how.
        start: sets the first weights and returns, in words, what they are; not called where a checkpoint is there.
        checkpoint: stores how far the training is after each epoch.
        report: is called after each epoch.
        judge_start: whether the start is measured on the validation faces, as epoch 0.

    Returns:
        The history.

    Raises:
        ReechoError: the loss is no longer a number.
    """
    network.compile(optimizer=keras.optimizers.Adam(_rate(recipe, lesson.steps * recipe.epochs)))
    network.optimizer.build(network.trainable_variables)
    best_shapes = [tuple(weight.shape) for weight in network.weights] if recipe.best else []
    stored = checkpoint.load([tuple(variable.shape) for variable in _variables(network)], best_shapes)
    history, variables, best = stored or (History(), [], [])
    held = of_arrays(lesson.held_inputs, lesson.held_targets)
    callback = _Epochs(history, recipe, checkpoint, report, best)
    for variable, value in zip(_variables(network), variables, strict=True) if stored else ():
        variable.assign(value)
    try:
        if stored is None:
            clock = _Clock()
            history.start = start()
            if judge_start:
                losses = network.evaluate(held, verbose=0, return_dict=True)
                callback.enter(network, 0, {f"val_{name}": value for name, value in losses.items()}, clock)
        if not history.finished(recipe):
            network.fit(
                untuned(lesson.batches(history.epoch, recipe.epochs)), initial_epoch=history.epoch, epochs=recipe.epochs,
                steps_per_epoch=lesson.steps, validation_data=held, callbacks=[callback], verbose=0, shuffle=False,
            )  # fmt: skip
    except BaseException:
        with contextlib.suppress(Exception):  # the first error counts
            checkpoint.wait()
        raise
    callback.finish()
    if recipe.best:
        network.set_weights(best)
    return history


def _variables(network: Learner) -> list[keras.Variable]:
    """Everything that training changes: weights, averages, states of random numbers, and the optimiser's own."""
    return [*network.variables, *network.optimizer.variables]


def _rate(recipe: Recipe, steps: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    if recipe.constant:
        return recipe.rate
    warm_up = steps // _WARM_UP
    return keras.optimizers.schedules.CosineDecay(
        recipe.rate / 100, max(steps - warm_up, 1), 0.01, warmup_target=recipe.rate, warmup_steps=warm_up
    )

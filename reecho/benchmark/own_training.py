"""reecho's own training, epoch by epoch: `training.train` itself, held up after each epoch until its next turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from reecho import lessons, tasks, training
from reecho.augment import Ranges
from reecho.benchmark.rounds import Work
from reecho.data import Faces
from reecho.parameters import PARAMETERS, TRAINING
from reecho.settings import Settings, highest_rate, resolve
from reecho.trained import untrained
from reecho.training import History, Recipe

HELD = 8  # validation pictures: an epoch of a few steps is not to be about its validation


def settings_of(size: int = 32, generator: bool = True, **changed: Any) -> Settings:
    """Those of notebook 02 for the reference network; all of the data generator at its defaults, or mirrors alone."""
    ranges = {name: PARAMETERS[name].default for name in Ranges.__dataclass_fields__} if generator else {}
    return resolve(TRAINING, {"network": "reference", "initialisation": "random", "size": size} | ranges | changed)


def by_epochs(name: str, faces: Faces, count: int, batch: int, generator: bool, rounds: int) -> Work:
    """A contender that trains one epoch a turn, on `count` pictures; its first epoch, in which all is compiled, is done here.

    Args:
        name: identifier of what it measures, pictures a second of an epoch, the validation of 8 pictures included.
        faces: at least `count` + 8 pictures.
        count: pictures an epoch.
        batch: pictures a step.
        generator: whether all of the data generator is on, else mirrors alone.
        rounds: how many turns there will be.
    """
    settings = settings_of(generator=generator, batch_size=batch)
    training_of = Stepwise(lambda pause: _train(settings, faces, count, rounds + 1, pause))
    training_of.turn()

    def turn() -> dict[str, float]:
        history: History = training_of.turn()
        return {name: count // batch * batch / history.rows[-1]["seconds"]}

    return turn


def material_of(settings: Settings, faces: Faces, count: int) -> lessons.Material:
    """The first `count` pictures to learn from, and the next few to validate on; which people they show makes no difference."""
    numbers = np.arange(len(faces))
    train, held = numbers[:count], numbers[count : count + HELD]
    make_inputs = tasks.of(settings.task).make_inputs
    return lessons.Material(faces.crops, faces.on_disk, train, held, faces.digest, settings.size, make_inputs, 0.0)


def _train(settings: Settings, faces: Faces, count: int, epochs: int, pause: Callable[[History], None]) -> None:
    material = material_of(settings, faces, count)
    lesson = lessons.of(material, material.targets(), Ranges.of(settings), settings.batch_size, settings.seed)
    recipe = Recipe(epochs, highest_rate(settings), constant=True, best=False)
    training.train(untrained(settings), lesson, recipe, lambda: "random", _NoCheckpoint(), pause, judge_start=False)


class _NoCheckpoint:
    """Stores nothing: what a training is worth to somebody is not what is measured."""

    def load(self, variables: list[tuple], best: list[tuple]) -> None:
        return None

    def save(self, *_: Any) -> None:
        pass

    def wait(self) -> None:
        pass


class Stepwise:
    """A function in a thread of its own that waits wherever it calls `pause`, and goes on for one turn at a time.

    Args:
        function: takes `pause`, to which it hands what a turn returns.

    Example:
        >>> counting = Stepwise(lambda pause: [pause(number) for number in range(3)])
        >>> [counting.turn(), counting.turn()]
        [0, 1]
    """

    def __init__(self, function: Callable[[Callable[[Any], None]], Any]):
        self._go_on, self._paused = threading.Semaphore(0), threading.Semaphore(0)
        self._value: Any = None
        self._error: BaseException | None = None
        self._function = function
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def turn(self) -> Any:
        """Let it go on to its next pause, and return what it handed over there; an error of the function is raised here."""
        self._go_on.release()
        self._paused.acquire()
        if self._error is not None:
            raise self._error
        return self._value

    def _pause(self, value: Any) -> None:
        self._value = value
        self._paused.release()
        self._go_on.acquire()

    def _run(self) -> None:
        self._go_on.acquire()
        try:
            self._function(self._pause)
        except BaseException as error:
            self._error = error
        self._paused.release()

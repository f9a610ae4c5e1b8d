"""The pictures that a task is measured on: held-out people, whom no network saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reecho import inputs, tasks
from reecho.streams import Pictures, in_memory

if TYPE_CHECKING:
    from reecho.data import Faces
    from reecho.settings import Settings

SOME = 10_000  # train faces that a fit takes which must hold features or codes of all of them in memory
_FACES_ACROSS = 256  # pixels of the faces in a row of a figure, so that larger faces fill no more of a page


def inputs_for(settings: Settings, targets: np.ndarray) -> np.ndarray:
    """The inputs that a training's task makes of faces, noise of the strength that it is trained on among them.

    Args:
        settings: those of notebook 02.
        targets: float32 (n, H, W, 3).
    """
    return tasks.make_inputs(settings.task, targets, inputs.noise_like(targets, settings.seed), settings.train_sigma)


@dataclass(frozen=True)
class HeldOut:
    """The held-out pictures of a task, and the train pictures that its baselines learn from.

    Args:
        task: a key of TASKS.
        train: float32 (N, H, W, 3), the train people's faces that the task can be learnt from; many are streamed.
        targets: float32 (n, H, W, 3), the test people's that results are measured on.
        people: int (n,), whom each target shows.
        eight: int (8,), the places among the targets of the eight people that all figures show; fewer where there are fewer people.
        all_targets: how many pictures of test people there are.
    """

    task: str
    train: Pictures
    targets: np.ndarray
    people: np.ndarray
    eight: np.ndarray
    all_targets: int

    @classmethod
    def of(cls, faces: Faces, task: str) -> HeldOut:
        """The held-out pictures of a set of faces; for a task in colour those that are grey themselves are left out."""
        parts = faces.indices("train"), faces.measured("test"), faces.indices("test")
        if tasks.of(task).in_colour:
            parts = tuple(indices[~faces.grey[indices]] for indices in parts)
        train, test, everything = parts
        pictures = faces.stream(train), faces.pictures(test)
        return cls(task, *pictures, faces.people_of(test), faces.positions_of_eight(test), len(everything))

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def size(self) -> int:
        """Width and height of the faces, pixels."""
        return self.targets.shape[1]

    @property
    def front(self) -> np.ndarray:
        """The first of the eight, as many as a row of a figure has room for."""
        return self.eight[: max(1, _FACES_ACROSS // max(self.size, 32))]

    @property
    def count_of_people(self) -> int:
        """How many people the targets show."""
        return len(np.unique(self.people))

    def inputs(self, sigma: float = 0.0, seed: int = 0, first: int | None = None) -> np.ndarray:
        """The task's inputs for the targets.

        Args:
            sigma: standard deviation of the noise, for tasks with noise, intensity.
            seed: of that noise.
            first: how many of the targets; None takes all. The noise on a picture is the same
                however many are taken.

        Returns:
            float32 (n, H, W, 3); noisy inputs may leave [0, 1].
        """
        targets = self.targets[:first]
        return tasks.make_inputs(tasks.of(self.task).network_task, targets, inputs.noise_like(targets, seed), sigma)

    def caption(self, what: str) -> str:
        """A table's caption: what is measured, on how many pictures of how many held-out people."""
        part = f" of all {self.all_targets:,}" * (len(self) < self.all_targets)
        return f"{what}: {len(self):,}{part} pictures of {self.count_of_people:,} held-out people, {self.size}×{self.size} pixels."

    def some_train(self) -> np.ndarray:
        """At most SOME train faces, evenly chosen, float32 (n, H, W, 3): enough for densities of codes, rulers and directions."""
        if len(self.train) <= SOME:
            return in_memory(self.train)
        return self.train[np.linspace(0, len(self.train) - 1, SOME).astype(int)]

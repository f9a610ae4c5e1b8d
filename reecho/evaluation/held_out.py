"""The pictures that a task is measured on: held-out people, whom no network saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reecho import inputs, tasks

if TYPE_CHECKING:
    from reecho.data import Faces
    from reecho.settings import Settings

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
        train: float32 (N, H, W, 3), the train people's faces that the task can be learnt from.
        targets: float32 (n, H, W, 3), the test people's.
        people: int (n,), whom each target shows.
        eight: int (8,), the places among the targets of the eight people that all figures show; fewer where there are fewer people.
    """

    task: str
    train: np.ndarray
    targets: np.ndarray
    people: np.ndarray
    eight: np.ndarray

    @classmethod
    def of(cls, faces: Faces, task: str) -> HeldOut:
        """The held-out pictures of a set of faces; for a task in colour those that are grey themselves are left out."""
        train, test = (faces.indices(part) for part in ("train", "test"))
        if tasks.of(task).in_colour:
            train, test = (indices[~faces.grey[indices]] for indices in (train, test))
        pictures = faces.pictures(train), faces.pictures(test)
        return cls(task, *pictures, faces.people_of(test), faces.positions_of_eight(test))

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
            first: how many of the targets; None takes all. The noise on a picture depends on how many are taken.

        Returns:
            float32 (n, H, W, 3); noisy inputs may leave [0, 1].
        """
        targets = self.targets[:first]
        return tasks.make_inputs(tasks.of(self.task).network_task, targets, inputs.noise_like(targets, seed), sigma)

    def caption(self, what: str) -> str:
        """A table's caption: what is measured, on how many pictures of how many held-out people."""
        return f"{what}: {len(self):,} pictures of {self.count_of_people:,} held-out people, {self.size}×{self.size} pixels."

"""The drawn faces that are measured on: the same on every machine, and at hand without a download."""

from __future__ import annotations

from reecho import data
from reecho.benchmark.rounds import Task
from reecho.datasets import SYNTHETIC

_QUICK, _FULL = 400, 1000  # drawn once; all subjects take theirs from the same set


def faces(task: Task, count: int) -> data.Faces:
    """Drawn faces, at least `count`, prepared in the data folder at the first call."""
    return data.load(SYNTHETIC, pictures=max(count, _QUICK if task.quick else _FULL), folder=task.places.data)

"""The drawn faces that are measured on: the same on every machine, and at hand without a download."""

from __future__ import annotations

from reecho import data
from reecho.benchmark.rounds import Task
from reecho.datasets import SYNTHETIC


def faces(task: Task, count: int, size: int = 32) -> data.Faces:
    """At least `count` drawn faces, prepared once in the data folder; of few of them all subjects take their own."""
    return data.load(SYNTHETIC, pictures=_PREPARED[task.quick] if count <= _PREPARED[task.quick] else count, size=size,
                     folder=task.places.data)  # fmt: skip


_PREPARED = {True: 400, False: 1000}  # by whether it is the quick benchmark

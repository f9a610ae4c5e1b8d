"""What the index and the book's title page say of the report as a whole."""

from __future__ import annotations

from collections.abc import Iterable

from reecho.tasks import TASKS

TITLE = "reecho"
SUBTITLE = "Faces through a variational autoencoder: reconstructed, denoised, mixed, coloured, measured"


def lead() -> str:
    """The first sentences of the index."""
    tasks = ", ".join(task.title[0].lower() + task.title[1:] for task in TASKS.values())
    return (
        f"A convolutional variational autoencoder on faces: {tasks}. Each report is a notebook that was run as it stands; the "
        "numbers in its sentences were written by its code."
    )


def overview_alt(drawn: Iterable[str]) -> str:
    """The alt text of the picture of the whole run, which names its rows, those of some tasks."""
    stages = (stage for task in drawn for stage in TASKS[task].stages or () if stage)
    return f"Rows of eight people whom no network saw in training: {', '.join(['target', *stages])}"

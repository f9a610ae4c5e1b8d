"""What the index and the book's title page say of the report as a whole."""

from __future__ import annotations

from collections.abc import Iterable

from reecho.tasks import TASKS

TITLE = "reecho"
SUBTITLE = "Faces through a variational autoencoder: reconstructed, denoised, mixed, coloured, measured"


def lead() -> str:
    """The first sentences of the index."""
    return (
        "A student's report of 2021 gave faces to a variational autoencoder and drew black pictures. Here its network is mended, "
        "measured against simple methods and taken further. Code wrote every number in these pages."
    )


def overview_alt(drawn: Iterable[str]) -> str:
    """The alt text of the picture of the whole run, which names its rows, those of some tasks."""
    stages = (stage for task in drawn for stage in TASKS[task].stages or () if stage)
    return f"Rows of eight people whom no network saw in training: {', '.join(['target', *stages])}"

"""The networks that points share: which they are, and how their folders travel."""

from __future__ import annotations

import io
from pathlib import Path

from reecho.networks.registry import SHIPPED_CHOICE
from reecho.settings import Settings, networks_shown, prior_settings, shown_settings, training_settings
from reecho.tasks import TASKS


def networks_of(settings: Settings) -> list[Settings]:
    """The settings of notebook 02 for each network that an evaluation shows, of each of its seeds.

    Those that a notebook trains beside them, for a noise or a start of its own, are not among them: its own kernel trains them.

    Args:
        settings: of a notebook that evaluates.
    """
    trainings = []
    for task in networks_shown(settings.notebook):
        names = [name for name in settings.values.get(TASKS[task].networks, ("reference",)) if name != SHIPPED_CHOICE]
        for further in range(settings.values.get("seeds", 1)):
            seed = (settings.seed + further) % 2**31
            anew = [name for name in names if not further or name != "reference"]  # as `trained.of_other_seeds` has it
            trainings += [shown_settings(settings, task, name, seed=seed) for name in anew]
            trainings += [
                training_settings(settings, task, network="anchored", reconstruction_weight=weight, seed=seed)
                for weight in settings.values.get("rates", ())
            ]
    of_prior = prior_settings(settings)
    return trainings + ([of_prior] if of_prior else [])


def is_there(folder: Path) -> bool:
    """Whether a network lies in a folder."""
    from reecho.network_files import RECORD  # TensorFlow comes with it, which the checks before a sweep do not wait for

    return (folder / RECORD).is_file()  # a folder is renamed into its place whole, so that one of its files tells


def packed(folder: Path) -> bytes:
    """The files of a network's folder as one, to travel."""
    from reecho import network_archive

    buffer = io.BytesIO()
    network_archive.write(buffer, [folder])
    return buffer.getvalue()


def unpack(content: bytes, folder: Path) -> None:
    """Put a network that travelled into its folder, unless it is there."""
    from reecho import network_archive

    if not is_there(folder):
        network_archive.read_into(folder.parent, io.BytesIO(content), lambda line: None)

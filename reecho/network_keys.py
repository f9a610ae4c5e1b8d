"""Keys of trained networks: what a network's numbers depend on, as a digest that names its folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from reecho import store
from reecho.augment import Ranges
from reecho.context import Places
from reecho.errors import ReechoError
from reecho.networks.registry import NETWORKS
from reecho.settings import TRAINING, Settings, highest_rate, network_parameters, resolve
from reecho.tasks import TASKS

_RECIPE = ("epochs", "batch_size", "patience", "precision")  # with the rate, the generator and the noise all that a training is


class Identified(Protocol):
    """What tells faces from others: `reecho.data.Faces`, or their digest alone."""

    @property
    def digest(self) -> str: ...


class _Digest(NamedTuple):
    """The digest of faces in their place."""

    digest: str


def key(settings: Settings, faces: Identified) -> str:
    """What a network's numbers depend on, as hex digits: its parameters, its training, the faces, the code of both.

    Args:
        settings: those of notebook 02.
        faces: the faces to train on.
    """
    network, task = NETWORKS[settings.network], TASKS[settings.task]
    recipe = {name: getattr(settings, name) for name in (*_RECIPE, *Ranges.__dataclass_fields__)}
    values = {
        "network": settings.network, "fixed": dict(network.fixed), "task": settings.task, "size": settings.size,
        "parameters": network_parameters(settings), "recipe": recipe | {"rate": highest_rate(settings)},
        "sigma": train_sigma(settings), "in_colour": task.in_colour, "faces": faces.digest,
    }  # fmt: skip
    taught = "reecho.patches" if network.any_size else "reecho.lessons"
    return store.key(["reecho.training", taught, network.module, task.make_inputs.__module__], values)


def key_of(record: Mapping[str, Any]) -> str | None:
    """The key that the present code gives the network of a record, None where the record does not tell it.

    Args:
        record: what lies beside a network.
    """
    if "faults" in record:  # its key is that of another lesson
        return None
    try:
        return key(resolve(TRAINING, dict(record["settings"])), _Digest(record["faces"]["digest"]))
    except (ReechoError, LookupError, TypeError, ValueError, AttributeError):  # of another version
        return None


def train_sigma(settings: Settings) -> float | None:
    """The strength of the noise in training: 0 for tasks without noise, None where a blind network meets every strength."""
    if not TASKS[settings.task].noisy:
        return 0.0
    return None if NETWORKS[settings.network].blind else settings.train_sigma


def folder_of(places: Places, settings: Settings, faces: Identified) -> Path:
    """Where the network of these settings lies or will lie."""
    return places.networks / f"{settings.task}-{settings.network}-{key(settings, faces)}"

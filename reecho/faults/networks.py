"""Networks with faults: which one belongs to which faults and faces, loaded or trained; and the rerun of the original."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from reecho import journal, network_files, provenance, store, trained, training
from reecho.data import Faces
from reecho.faults import lessons, original
from reecho.faults.lessons import REFERENCE, Material
from reecho.faults.switches import Faults
from reecho.trained import Network, Step

FURTHER = "colourisation, trained further"
PHASES = {  # of the rerun: name → task, and whose weights it starts from
    "reconstruction": ("reconstruction", None),
    "denoising": ("denoising", "reconstruction"),
    "colourisation": ("colourisation", None),
    FURTHER: ("colourisation", "denoising"),
}
_TO_BEGIN = 4  # epochs of FURTHER: it is compared by how it begins
_MODULES = ("reecho.training", "reecho.faults.lessons")


def rerun(
    run: Step, faces: Faces, epochs: int, seed: int = 0, shape: tuple = REFERENCE, say: Callable[[str], None] = print
) -> dict[str, Network]:
    """The original as it was published, trained again: all its pictures, its split, its scale, its recipe, its three tasks.

    Reconstruction first; denoising trains that network further; colourisation starts anew, as the original is described, and once
    more from the denoiser, for the published curve does not begin as a new network's does.

    Args:
        run: the step that shows them.
        faces: all of LFW, or what there is.
        epochs: for each phase, at most 4 for the last; the original had 20. With 0 nothing is trained.
        seed: of weights, order and noise; the original's is not known.
        shape: filters, kernels and strides of the convolutions, axes of z.
        say: takes a line an epoch.

    Returns:
        Name in PHASES → network; its history has "loss", "accuracy" and these with "val_", the last on the original's test
        pictures.
    """
    if not epochs:
        return {}
    faults = Faults.original()
    networks: dict[str, Network] = {}
    values = {"epochs": epochs, "seed": seed, "shape": shape}
    pictures: list[np.ndarray] = []

    def material(task: str) -> Material:
        pictures[:] = pictures or [original.pictures(faces) - original.SHIFT]
        train, test = original.split(len(faces))
        return Material(task, faults.of_training(task), pictures[0][train], pictures[0][test], seed)

    for name, (task, before) in PHASES.items():
        count = min(epochs, _TO_BEGIN) if name == FURTHER else epochs
        networks[name] = _trained(
            run, faces, f"rerun-{task}", {**values, "phase": name, "count": count}, partial(material, task), count, shape,
            partial(_labelled, say, name), networks[before] if before else None,
        )  # fmt: skip
    return networks


def of_ladder(
    run: Step, task: str, faults: Faults, faces: Faces, epochs: int, seed: int = 0, shape: tuple = REFERENCE,
    say: Callable[[str], None] = print,
) -> Network:  # fmt: skip
    """The network of a rung: every one learns from as many pictures, and none from those that the ladder is measured on.

    Args:
        run, faces, epochs, seed, shape, say: as for `rerun`.
        task: "reconstruction", "denoising" or "colourisation".
        faults: with which faults; those that its training does not depend on do not count.
    """
    faults = faults.of_training(task)
    values = {"task": task, "faults": asdict(faults), "epochs": epochs, "seed": seed, "shape": shape}

    def material() -> Material:
        train, held = prepared(faces, train_pictures(faces, faults), faults), prepared(faces, faces.indices("validation"), faults)
        return Material(task, faults, train, held, seed)

    label = ", ".join(name for name, on in asdict(faults).items() if on) or "no fault"
    return _trained(run, faces, f"fault-{task}", values, material, epochs, shape, partial(_labelled, say, f"with {label}"))


def _trained(
    run: Step, faces: Faces, name: str, values: dict[str, Any], material: Callable[[], Material], epochs: int, shape: tuple,
    say: Callable[[str], None], before: Network | None = None,
) -> Network:  # fmt: skip
    """Load the network of these values, or train and store it; `material` is called only where something is to be trained."""
    values = {**values, "faces": faces.digest, "size": faces.size, "before": before.folder.name if before else None}
    folder = run.places.networks / f"{name}-{store.key(_MODULES, values)}"

    def train(checkpoint: Path) -> None:
        taught = material()
        network = lessons.build(taught, shape)
        history = training.train(
            network, taught.lesson(), taught.recipe(epochs),
            lambda: lessons.start(network, taught, shape, before.model if before else None),
            journal.CheckpointFile(checkpoint, say), journal.progress(say, epochs), judge_start=False,
        )  # fmt: skip
        layers = dict(zip(("filters", "kernels", "strides", "latent_dim"), shape, strict=True))
        parameters = {
            **layers,
            "loss": "mse",
            "reconstruction_weight": original.WEIGHT,
            "initialisation": "random",
            "seed": taught.seed,
        }
        faces_shape = list(taught.targets.shape[1:])
        network_files.save(folder, network, [tuple(faces_shape), *shape, original.WEIGHT], history.rows, {
            "faults": asdict(taught.faults),
            "settings": {"task": taught.task, "network": "reference", "loss": "mse", "size": faces.size},
            "faces": {"name": faces.name, "digest": faces.digest},
            "build": {"name": "reference", "shape": faces_shape, "parameters": parameters},
            "provenance": provenance.gather() | trained.cost(history, len(taught.targets)),
        })  # fmt: skip

    here = store.load_or_train(folder, train, say)
    model, history, record = network_files.load(folder)
    run.note_network(folder.name, record, record["provenance"]["minutes"] if here else 0.0)
    return Network(model, _as_published(history), record, folder)


def _labelled(say: Callable[[str], None], label: str, line: str) -> None:
    say(f"{label}: {line}")


def _as_published(history: dict[str, list]) -> dict[str, list]:
    """The history with the column names of the published one, which calls the total loss plainly loss."""
    return {name.replace("total_loss", "loss"): values for name, values in history.items()}


def prepared(faces: Faces, indices: np.ndarray, faults: Faults) -> np.ndarray:
    """Pictures as a network with these faults is given them, float32 (n, size, size, 3)."""
    pictures = original.pictures(faces, indices) if faults.resize else faces.pictures(indices)
    return pictures - original.SHIFT if faults.scale else pictures


def train_pictures(faces: Faces, faults: Faults) -> np.ndarray:
    """The pictures that a rung learns from: the train people's, or as many of anybody's in the original's train pictures."""
    people = faces.indices("train")
    return original.any_people(faces, len(people)) if faults.split else people

"""Networks with faults: which one belongs to which faults and faces, loaded or trained; and the rerun of the original."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from reecho import journal, network_files, provenance, store
from reecho.context import NOTHING, Spent
from reecho.data import Faces
from reecho.faults import lessons, original
from reecho.faults.lessons import REFERENCE, Material
from reecho.faults.switches import Faults
from reecho.trained import Step
from reecho.trained_network import Network

FURTHER = "colourisation, trained further"
PHASES = {  # of the rerun: name → task, and whose weights it starts from
    "reconstruction": ("reconstruction", None),
    "denoising": ("denoising", "reconstruction"),
    "colourisation": ("colourisation", None),
    FURTHER: ("colourisation", "denoising"),
}
_TO_BEGIN = 4  # epochs of FURTHER: it is compared by how it begins
MODULES = ("reecho.training", "reecho.faults.lessons")  # what makes the numbers of these networks


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
    networks: dict[str, Network] = {}
    pictures = cache(partial(lessons.pictures_of_original, faces))
    for name, (task, before) in PHASES.items():
        count = min(epochs, _TO_BEGIN) if name == FURTHER else epochs
        faults = Faults.original().of_training(task)
        training = _Training("rerun", task, faults, faces, count, seed, shape, networks[before] if before else None)
        networks[name] = _load_or_train(run, training, partial(_of_rerun, task, pictures, seed), partial(_labelled, say, name))
    return networks


def _of_rerun(task: str, pictures: Callable[[], np.ndarray], seed: int) -> Material:
    return lessons.of_rerun(task, pictures(), seed)


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
    label = ", ".join(name for name, on in asdict(faults).items() if on) or "no fault"
    training = _Training("fault", task, faults, faces, epochs, seed, shape)
    material = partial(lessons.of_ladder, task, faults, faces, seed)
    return _load_or_train(run, training, material, partial(_labelled, say, f"with {label}"))


@dataclass(frozen=True)
class _Training:
    """A training of a network with faults.

    Args:
        kind: "rerun" on the original's pictures, or "fault" on those of the ladder.
        task, faults, faces, epochs, seed, shape: as for `of_ladder`.
        before: the network that it goes on from.
    """

    kind: Literal["rerun", "fault"]
    task: str
    faults: Faults
    faces: Faces
    epochs: int
    seed: int
    shape: tuple
    before: Network | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What its key is made of."""
        own = {name: getattr(self, name) for name in ("kind", "task", "epochs", "seed", "shape")}
        before = self.before.folder.name if self.before else None
        return {**own, "faults": asdict(self.faults), "faces": self.faces.digest, "size": self.faces.size, "before": before}

    @property
    def record(self) -> dict[str, Any]:
        """What its record says beside its provenance."""
        layers = dict(zip(("filters", "kernels", "strides", "latent_dim"), self.shape, strict=True))
        parameters = {
            **layers, "loss": "mse", "reconstruction_weight": original.WEIGHT, "initialisation": "random", "seed": self.seed,
        }  # fmt: skip
        size = self.faces.size
        return {
            "faults": asdict(self.faults),
            "settings": {"task": self.task, "network": "reference", "loss": "mse", "size": size},
            "faces": {"name": self.faces.name, "digest": self.faces.digest},
            "build": {"name": "reference", "shape": [size, size, 3], "parameters": parameters},
        }


def _load_or_train(run: Step, training: _Training, material: Callable[[], Material], say: Callable[[str], None]) -> Network:
    """Load a network, or train and store it.

    Args:
        run: the step that uses it.
        training: which one.
        material: gives what it is taught; called only where it is trained.
        say: takes lines of progress.
    """
    folder = run.places.networks / f"{training.kind}-{training.task}-{store.key(MODULES, training.values)}"
    epochs, before = training.epochs, training.before.model if training.before else None

    def train(checkpoint: Path) -> Spent:
        taught, file = material(), journal.CheckpointFile(checkpoint, say)
        model, history = lessons.teach(taught, training.shape, epochs, before, file, journal.progress(say, epochs), run.places.once)
        record = provenance.gather() | journal.cost(history, len(taught.targets))
        entries = [tuple(training.record["build"]["shape"]), *training.shape, original.WEIGHT]
        network_files.save(folder, model, entries, history.rows, training.record | {"provenance": record})
        return journal.spent_on(history.rows[file.rows_before :])

    here = store.load_or_train(folder, train, say)
    model, history, record = network_files.load(folder)
    run.note_network(folder.name, record, here or NOTHING)
    return Network(model, _as_published(history), record, folder, run.places.once)


def _labelled(say: Callable[[str], None], label: str, line: str) -> None:
    say(f"{label}: {line}")


def _as_published(history: dict[str, list]) -> dict[str, list]:
    """The history with the column names of the published one, which calls the total loss plainly loss."""
    return {name.replace("total_loss", "loss"): values for name, values in history.items()}

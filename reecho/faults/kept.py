"""Networks with faults: which one belongs to which faults and faces, loaded or trained; and the rerun of the original."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from reecho import storage, trained
from reecho.data import Faces
from reecho.faults import original, train
from reecho.faults.table import Faults
from reecho.model import VAE
from reecho.settings import build_dir

_SOURCES = (
    "model.py", "initialise.py", "linear.py", "tasks.py", "data/resize.py", "faults/original.py", "faults/train.py",
    "colour.py", "gaussian.py", "components.py", "pixels.py",
)  # fmt: skip
_PACKAGE = Path(__file__).parent.parent
FURTHER = "colourisation, trained further"
PHASES = {  # of the rerun: name → task, and whose weights it starts from
    "reconstruction": ("reconstruction", None),
    "denoising": ("denoising", "reconstruction"),
    "colourisation": ("colourisation", None),
    FURTHER: ("colourisation", "denoising"),
}
_TO_BEGIN = 4  # epochs of FURTHER: it is compared by how it begins


def key(faces: Faces, *parts: object) -> str:
    """What a network depends on, as 12 hex digits: the parts, the faces and their size, the sources that make it."""
    code = [trained.code_of(_PACKAGE / name) for name in _SOURCES]
    text = json.dumps([parts, faces.digest, faces.size, code], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def ensure(
    lesson: Callable[[], train.Lesson], faces: Faces, epochs: int, folder: Path, shape: tuple, say: Callable[[str], None],
    start: VAE | None = None,
) -> trained.Network:  # fmt: skip
    """Load the network that lies in a folder, or train it on and keep it there.

    Args:
        lesson: makes what it is taught; called only where something is to be trained.
        faces: whose name and digest it shall tell.
        epochs, shape, say, start: as for `reecho.faults.train.teach`.
        folder: where it lies, or where a training that was interrupted stopped.
    """
    if not (folder / storage.RECORD).is_file():
        record = {"faces": {"name": faces.name, "digest": faces.digest}}
        train.teach(lesson(), epochs, folder, record, shape, start, say)
    return trained.Network(*storage.load(folder), folder)


def rerun(
    faces: Faces, epochs: int, seed: int = 0, shape: tuple = train.REFERENCE, say: Callable[[str], None] = print
) -> dict[str, trained.Network]:
    """The original as it was published, trained again: all its pictures, its split, its scale, its recipe, its three tasks.

    Reconstruction first; denoising trains that network further; colourisation starts anew, as the original is described, and once
    more from the denoiser, for the published curve does not begin as a new network's does.

    Args:
        faces: all of LFW, or what there is.
        epochs: for each phase, at most 4 for the last; the original had 20. With 0 nothing is trained.
        seed: of weights, order and noise; the original's is not known.
        shape: filters, kernels and strides of the convolutions, axes of z.
        say: takes a line an epoch.

    Returns:
        Name in PHASES → network; its history has loss, accuracy and these with "val_", the last on the original's test pictures.
    """
    if not epochs:
        return {}
    faults, networks = Faults.original(), {}
    folder = build_dir() / "faults" / f"rerun-{key(faces, epochs, seed, shape)}"
    made: list = []

    def lesson(task: str) -> train.Lesson:
        made[:] = made or [original.pictures(faces) - original.SHIFT]
        known, held = original.split(len(faces))
        return train.Lesson(task, faults.of_training(task), made[0][known], made[0][held], seed)

    for name, (task, before) in PHASES.items():
        start = networks[before].model if before else None
        place = folder / name.replace(", ", "-").replace(" ", "-")
        count = min(epochs, _TO_BEGIN) if name == FURTHER else epochs
        networks[name] = ensure(lambda task=task: lesson(task), faces, count, place, shape, say, start)
    return networks


def of_ladder(
    task: str, faults: Faults, faces: Faces, epochs: int, seed: int = 0, shape: tuple = train.REFERENCE,
    say: Callable[[str], None] = print,
) -> trained.Network:  # fmt: skip
    """The network of a rung: every one learns from as many pictures, and none from those that the ladder is measured on.

    Args:
        task: "reconstruction", "denoising" or "colourisation".
        faults: with which faults; those that its training does not depend on do not count.
        faces, epochs, seed, shape, say: as for `rerun`.
    """
    faults = faults.of_training(task)
    folder = build_dir() / "faults" / f"{task}-{key(faces, task, asdict(faults), epochs, seed, shape)}"

    def lesson() -> train.Lesson:
        return train.Lesson(
            task, faults, prepared(faces, known(faces, faults), faults), prepared(faces, faces.indices("validation"), faults), seed
        )

    return ensure(lesson, faces, epochs, folder, shape, lambda line: say(f"{_named(faults)}: {line}"))


def prepared(faces: Faces, indices, faults: Faults):
    """Pictures as a network with these faults is given them, float32 (n, size, size, 3)."""
    pictures = original.pictures(faces, indices) if faults.resize else faces.pictures(indices)
    return pictures - original.SHIFT if faults.scale else pictures


def known(faces: Faces, faults: Faults):
    """The pictures that a rung learns from: the train people's, or as many of anybody's in the original's train pictures."""
    people = faces.indices("train")
    return original.any_people(faces, len(people)) if faults.split else people


def _named(faults: Faults) -> str:
    wrong = [name for name, on in asdict(faults).items() if on]
    return "with " + ", ".join(wrong) if wrong else "with no fault"

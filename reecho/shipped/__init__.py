"""Trained networks that lie in the package, as 16-bit numbers, so that `reecho apply` works at once.

Of each network NAME.npz holds the weights and NAME.json says where they come from: the settings, the faces, the commit and the
minutes of the training, and how far the 16-bit weights' outputs lie from the trained network's own. NAME is the task, and the
width of faces where a network takes faces of one width alone.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.networks.registry import NETWORKS, SHIPPED, build, shipped_sizes

if TYPE_CHECKING:
    from reecho.model import Learner

_FOLDER = Path(__file__).parent


def name_of(task: str, size: int | None = None) -> str:
    """The name of a network of the package.

    Args:
        task: a key of `networks.registry.SHIPPED`.
        size: width of the faces that it is to take, pixels; None: the largest.

    Raises:
        ReechoError: another task, or no network takes faces of that width.
    """
    if task not in SHIPPED:
        raise ReechoError(f"No network for {task} comes with reecho, those for {' and '.join(SHIPPED)} do; train one.")
    sizes = shipped_sizes(task)
    size = max(sizes) if size is None else size
    if size not in sizes:
        raise ReechoError(
            f"No network for {task} of faces of {size} pixels comes with reecho; sizes are {', '.join(map(str, sizes))}."
        )
    return f"{task}-{size}" if NETWORKS[SHIPPED[task]].shipped_sizes else task


def load(task: str, size: int | None = None) -> tuple[Learner, dict[str, Any]]:
    """A network of a task that came with the package, and the record of where it comes from.

    Args:
        task, size: as for `name_of`.

    Raises:
        ReechoError: as for `name_of`, or the package is not whole.
    """
    name = name_of(task, size)
    weights, record = (_FOLDER / f"{name}.{suffix}" for suffix in ("npz", "json"))
    if not weights.is_file() or not record.is_file():
        raise ReechoError(f"{weights.name} or {record.name} is missing in reecho/shipped; get it from the repository again.")
    content = json.loads(record.read_text(encoding="utf-8"))
    network = build(**content["build"])
    with np.load(weights) as stored:
        network.set_weights([stored[f"w{n}"].astype("float32") for n in range(len(stored.files))])
    return network, content


def files() -> list[Path]:
    """The files of all networks in the package."""
    return [_FOLDER / f"{name}.{suffix}" for name in names() for suffix in ("npz", "json")]


def names() -> list[str]:
    """The names of all networks in the package."""
    return [name_of(task, size) for task, name in SHIPPED.items() for size in NETWORKS[name].shipped_sizes or (None,)]


def write(task: str, network: Learner, record: dict[str, Any], faces: np.ndarray, folder: Path = _FOLDER) -> float:
    """Put a trained network into the package.

    Args:
        task: a key of `networks.registry.SHIPPED`; the network takes faces of one of its `shipped_sizes`.
        network: with a `build` entry in its record, that is another than the document's.
        record: its own, from `reecho.network_files`.
        faces: float32 (n, H, W, 3), inputs to compare the outputs of the rounded weights on.
        folder: where to.

    Returns:
        The largest difference between an output of the rounded weights and the network's own, intensity.
    """
    from reecho.batches import predict

    name = name_of(task, record["build"]["shape"][0])
    rounded = [weight.astype("float16") for weight in network.get_weights()]
    if not all(np.isfinite(weight).all() for weight in rounded):
        raise ReechoError("A weight of this network is too large for 16 bits; it cannot be shipped.")
    shortened = build(**record["build"])
    shortened.set_weights([weight.astype("float32") for weight in rounded])
    pictures = [predict(model.reproduction, faces) for model in (network, shortened)]
    difference = float(np.abs(pictures[0] - pictures[1]).max())
    with written_aside(folder / f"{name}.npz") as aside, aside.open("wb") as file:
        np.savez_compressed(file, **{f"w{n}": weight for n, weight in enumerate(rounded)})
    content = {**record, "task": task, "largest_difference_of_16_bits": round(difference, 6)}
    with written_aside(folder / f"{name}.json") as aside:
        aside.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return difference

"""The ladder: each fault alone mended, and each alone left, on the same held-out pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from reecho import metrics
from reecho.data import Faces
from reecho.faults import lessons, networks, original
from reecho.faults.lessons import REFERENCE
from reecho.faults.switches import Faults
from reecho.faults.table import fault
from reecho.trained import Step
from reecho.trained_network import Network

RUNGS = {
    "reconstruction": ("scale", "recipe", "draw", "resize", "split"),
    "denoising": ("noise_once",),
    "colourisation": ("unsaved", "grey"),
}
_COLUMNS = (
    {"key": "task", "heading": "Task"},
    {"key": "fault", "heading": "Fault"},
    {"key": "one_mended", "heading": "The original, this one mended (dB)", "digits": 2},
    {"key": "gain", "heading": "gain (dB)", "digits": 2},
    {"key": "one_left", "heading": "All mended but this one (dB)", "digits": 2},
    {"key": "loss", "heading": "loss (dB)", "digits": 2},
)
_TEST_NOISE = 99  # seed of the noise that denoising is measured under, the same on every rung


def measured_on(faces: Faces) -> np.ndarray:
    """The pictures that no rung learns from: held-out people's, of the original's test pictures; int array, ascending."""
    return np.intersect1d(faces.indices("test"), original.parts(len(faces))[1])


def columns(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The columns of the ladder's table, of the ends from which it was climbed."""
    return [column for column in _COLUMNS if any(column["key"] in row for row in rows)]


def climb(
    run: Step, faces: Faces, epochs: int, seed: int = 0, shape: tuple = REFERENCE, say: Callable[[str], None] = print
) -> list[dict[str, Any]]:
    """Train every rung and measure it.

    Args:
        run: the step that shows them.
        faces: the faces.
        epochs: for each network, of as many pictures.
        seed: of all trainings and draws.
        shape: filters, kernels and strides of the convolutions, axes of z.
        say: takes lines of progress.

    Returns:
        A row a fault: task, key, fault, and in dB "original", "one_mended", "mended", "one_left", "gain" and "loss" with their
        95 % intervals over people under "_ci95"; "trained" is True; "val_loss" has the loss on validation people by epoch of the
        networks "original" and "one_mended".
    """
    losses: dict[tuple[str, Faults], list[float]] = {}

    def value(task: str, faults: Faults) -> np.ndarray:
        source = "reconstruction" if task == "colourisation" and faults.unsaved else task
        network = networks.of_ladder(run, source, faults, faces, epochs, seed, shape, say)
        losses[task, faults] = network.history["val_loss"]
        return quality(network, task, faults, faces, seed)

    people = faces.people_of(measured_on(faces))
    rows = []
    for task, keys in RUNGS.items():
        worst, best = value(task, Faults.original()), value(task, Faults())
        for key in keys:
            one_mended, one_left = value(task, Faults.original().toggled(key)), value(task, Faults().toggled(key))
            values = {"original": worst, "one_mended": one_mended, "gain": one_mended - worst}
            values |= {"mended": best, "one_left": one_left, "loss": best - one_left}
            by_epoch = {"original": losses[task, Faults.original()], "one_mended": losses[task, Faults.original().toggled(key)]}
            rows.append(_row(task, key, values, people, trained=True) | {"val_loss": by_epoch})
    return rows


def afterwards(mended: Mapping[str, Network], faces: Faces, seed: int = 0) -> list[dict[str, Any]]:
    """Put faults into the use of networks that were trained without any, where that can be done.

    Args:
        mended: task → network, for reconstruction and colourisation.
        faces: the faces.
        seed: of draws.

    Returns:
        As `climb`, without what is known of the original; "trained" is False. The scale then is what a sigmoid cannot give cut off
        from outputs that are right otherwise.
    """
    people = faces.people_of(measured_on(faces))
    rows = []
    for task, keys in RUNGS.items():
        if task not in mended:
            continue
        best = quality(mended[task], task, Faults(), faces, seed)
        for key in keys:
            if key in ("recipe", "split", "noise_once"):  # these are done in training
                continue
            source = mended["reconstruction"] if key == "unsaved" else mended[task]
            left = quality(source, task, Faults().toggled(key), faces, seed, put_in=True)
            rows.append(_row(task, key, {"mended": best, "one_left": left, "loss": best - left}, people, trained=False))
    return rows


def quality(network: Network, task: str, faults: Faults, faces: Faces, seed: int = 0, put_in: bool = False) -> np.ndarray:
    """PSNR of what comes out against the true face, averaged over areas, in [0, 1].

    Args:
        network: of the task, or whichever the faults put in its place.
        task: what it is used for.
        faults: how pictures are prepared and z decoded.
        faces: the faces.
        seed: of the draw of z.
        put_in: whether the network was trained without the fault of scale.

    Returns:
        float64 (n,), dB, one value for each of `measured_on`.
    """
    indices = measured_on(faces)
    pictures = lessons.prepared(faces, indices, faults if not put_in else Faults(resize=faults.resize))
    inputs = lessons.make_inputs(task, faults, pictures, _TEST_NOISE)
    outputs = network.reproduce_sampled(inputs, seed) if faults.draw else network.reproduce(inputs)
    if faults.scale:
        outputs = np.maximum(outputs, original.SHIFT) if put_in else outputs + original.SHIFT
    return metrics.psnr(outputs, faces.pictures(indices))


def _row(task: str, key: str, values: Mapping[str, np.ndarray], people: np.ndarray, trained: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"task": task, "key": key, "fault": fault(key).name, "n": len(people), "trained": trained}
    low, high = metrics.bootstrap_interval(np.stack(list(values.values()), axis=1), people)
    for index, (name, scores) in enumerate(values.items()):
        row |= {name: float(scores.mean()), f"{name}_ci95": [float(low[index]), float(high[index])]}
    return row

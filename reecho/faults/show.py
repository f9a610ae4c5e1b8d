"""What the figures of notebook 07 are drawn from: bars of the loss, curves of both histories, rungs by task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reecho.data import Faces
from reecho.datasets import DATASETS, LFW
from reecho.faults import measure, original, original_results
from reecho.faults.ladder import RUNGS
from reecho.faults.networks import FURTHER, PHASES
from reecho.faults.table import PUBLISHED_BEST, fault

LOSS, ACCURACY = "loss", "accuracy"  # headings of the panels
LIMITS = {LOSS: (3900, 6500), ACCURACY: (0.845, 0.895)}  # where the published curves lie but for their first epochs
ENDS = ("the original", "the original, this one mended", "all mended", "all mended but this one")
MEAN, MEAN_MENDED, MENDED = "one mean face for all", "one mean face, mended", "network, mended"  # bars


def is_published_data(faces: Faces) -> bool:
    """Whether the faces are those of the published run: all of LFW, 130 pixels of each made 32."""
    return faces.name == LFW and len(faces) == DATASETS[LFW].pictures and (faces.crops.shape[1], faces.size) == (130, 32)


def targets(faces: Faces) -> tuple[np.ndarray, np.ndarray]:
    """The original's train and test targets, float32 (n, size, size, 3) in its own scale, [-0.5, 0.5]."""
    scaled = original.pictures(faces) - original.SHIFT
    train, held = original.split(len(scaled))
    return scaled[train], scaled[held]


def bars(
    train: np.ndarray, held: np.ndarray, networks: Mapping[str, Any], mended: Any, faces: Faces, seed: int,
    outputs: measure.Outputs | None = None,
) -> dict:  # fmt: skip
    """The bars of what the loss saw: label → part → units of the loss.

    Args:
        train, held: from `targets`.
        networks: from `reecho.faults.rerun`; empty where nothing was trained.
        mended: the reconstruction network of this report.
        faces: the faces; the mended network's loss is that on the test people.
        seed: of the draws of z.
        outputs: the mended network's for the test people; None computes them.
    """
    floor, name = original_results.unreachable(held), measure.PARTS
    bars_of = {MEAN: {name[0]: floor, name[1]: original_results.mean_face_loss(train, held) - floor}}
    if is_published_data(faces):
        bars_of["network, published"] = {name[0]: floor, name[4]: PUBLISHED_BEST - floor}
    if networks:
        network = networks["reconstruction"]
        epochs = len(network.history["epoch"])
        bars_of[f"network, our rerun ({epochs} epoch{'s' * (epochs > 1)})"] = measure.loss_parts(network, held, seed)
    people = faces.pictures(faces.measured("test"))
    bars_of[MEAN_MENDED] = {name[1]: original_results.mean_face_loss(faces.stream("train"), people)}
    bars_of[MENDED] = {part: value for part, value in measure.loss_parts(mended, people, seed, outputs).items() if value}
    return bars_of


def histories(networks: Mapping[str, Any]) -> dict[str, dict[str, dict[str, tuple]]]:
    """Curves for `reecho.plots.panels`: loss and accuracy over epochs, a column a task, published and rerun."""
    panels: dict[str, dict[str, dict[str, tuple]]] = {LOSS: {}, ACCURACY: {}}
    published = original_results.published()
    for task in published:
        sources = {"published": published[task]}
        if task in networks:
            sources["our rerun"] = networks[task].history
        if task == PHASES[FURTHER][0] and FURTHER in networks:
            sources["our rerun, from the denoiser"] = networks[FURTHER].history
        for heading, curves in panels.items():
            curves[task] = {}
            for label, history in sources.items():
                curves[task][label] = history["epoch"], history[f"val_{heading}"]
                curves[task][f"{label}, train"] = history["epoch"], history[heading]
    return panels


def levels(floor: float, red: float) -> dict[str, tuple[str, float]]:
    """What needs no training, as levels in the panels: the loss out of reach, the accuracy of always saying red."""
    return {LOSS: ("out of reach", floor), ACCURACY: ("always red", red)}


def rungs(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows of the ladder by task, all of its rungs; those that were not measured have only their name."""
    measured = {(row["task"], row["key"]): row for row in rows}
    tables = {}
    for task, keys in RUNGS.items():
        tables[task] = [dict(measured.get((task, key), {"fault": f"{fault(key).name} (not in this run)"})) for key in keys]
    return tables


def nearness(networks: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How near the rerun comes to the published run: for each phase the last epoch that both have, with NEARNESS."""
    rows, published = [], original_results.published()
    for name in networks or published:
        history, ours = published[PHASES[name][0]], networks[name].history if name in networks else {}
        last = min(len(history["epoch"]), len(ours["epoch"])) if ours else len(history["epoch"])
        row = {"task": name, "epoch": last}
        for column in ("val_loss", "val_accuracy"):
            row[column] = history[column][last - 1]
            row[f"our_{column}"] = ours[column][last - 1] if ours else None
        rows.append(row)
    return rows


NEARNESS = (
    {"key": "task", "heading": "Task"},
    {"key": "epoch", "heading": "Epoch", "digits": 0},
    {"key": "val_loss", "heading": "Loss, published", "digits": 0},
    {"key": "our_val_loss", "heading": "Loss, our rerun", "digits": 0},
    {"key": "val_accuracy", "heading": "Accuracy, published", "digits": 4},
    {"key": "our_val_accuracy", "heading": "Accuracy, our rerun", "digits": 4},
)

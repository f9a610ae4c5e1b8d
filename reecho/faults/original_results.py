"""What the original measured: its metric, what its loss could not reach, and the sixty epochs that it published."""

from __future__ import annotations

import csv
from importlib import resources

import numpy as np

from reecho.faults.original import WEIGHT
from reecho.streams import Pictures, mean

EPOCHS = 20  # for each of the three tasks


def accuracy(outputs: np.ndarray, targets: np.ndarray) -> float:
    """What Keras makes of "accuracy" here: the share of pixels whose largest channel is the target's.

    Args:
        outputs, targets: float arrays (n, H, W, 3); outputs may be one picture or one pixel for all. Of equal channels the first
            counts, so that grey is red.

    Example:
        >>> accuracy(np.array([1, 0, 0]), np.array([[[[0.9, 0.1, 0.1], [0.2, 0.3, 0.1]]]]))
        0.5
    """
    return float(np.mean(np.argmax(outputs, -1) == np.argmax(targets, -1)))


def unreachable(targets: np.ndarray) -> float:
    """The loss that is left where every output is the best that a sigmoid can give: 0 for targets below 0.

    Args:
        targets: float array (n, H, W, 3) in the original's scale, [-0.5, 0.5].

    Returns:
        Units of the loss, that is WEIGHT · intensity².

    Example:
        >>> round(unreachable(np.full((1, 2, 2, 3), -0.2)), 6)
        4000.0
    """
    return float(WEIGHT * np.mean(np.minimum(targets, 0) ** 2, dtype="float64"))


def mean_face_loss(train: Pictures, targets: np.ndarray) -> float:
    """The loss of one picture for all, the best that a sigmoid can give without looking; there is no KL.

    Args:
        train: float array (m, H, W, 3), what is averaged, in the original's scale; many may be streamed.
        targets: float array (n, H, W, 3) in that scale.

    Returns:
        Units of the loss.
    """
    return float(WEIGHT * np.mean((np.maximum(mean(train).astype("float32"), 0) - targets) ** 2, dtype="float64"))


def published() -> dict[str, dict[str, list]]:
    """The history that the original published: task → lists by column, "epoch" from 1 to 20, loss, accuracy, both also "val_".

    Example:
        >>> [(task, len(history["epoch"]), history["val_loss"][-1]) for task, history in published().items()][0]
        ('reconstruction', 20, 4518.2501)
    """
    text = resources.files("reecho.faults").joinpath("published_history.csv").read_text(encoding="utf-8")
    histories: dict[str, dict[str, list]] = {}
    for row in csv.DictReader(text.splitlines()):
        history = histories.setdefault(row.pop("task"), {name: [] for name in row})
        for name, value in row.items():
            history[name].append(int(value) if name == "epoch" else float(value))
    return histories

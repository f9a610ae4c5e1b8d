"""What the original did to its pictures, its split and its metric, and the sixty epochs that it published."""

from __future__ import annotations

import csv
from importlib import resources

import numpy as np
from sklearn.model_selection import train_test_split

from reecho.colour import LUMA, grey
from reecho.data import Faces, sampled_without_area

WEIGHT = 100_000.0  # the document's α
SHIFT = 0.5  # pixels were mapped to [-0.5, 0.5]
SIGMA = 0.1  # of the noise
EPOCHS = 20  # for each of the three tasks
_CHUNK = 512  # pictures sampled at a time


def pictures(faces: Faces, indices: np.ndarray | None = None) -> np.ndarray:
    """Pictures as the original resized them: sampled between four pixels, rounded to bytes.

    Args:
        faces: the faces.
        indices: int (n,), which; None takes all, also those that reecho leaves out.

    Returns:
        float32 (n, size, size, 3) in [0, 1]; the original's own pixels are these less SHIFT.
    """
    indices = np.arange(len(faces)) if indices is None else indices
    chunks = (faces.crops[indices[start : start + _CHUNK]] for start in range(0, len(indices), _CHUNK))
    sampled = [np.round(sampled_without_area(chunk, faces.size) * np.float32(255)) for chunk in chunks]
    return np.concatenate(sampled) / np.float32(255)


def split(count: int) -> tuple[np.ndarray, np.ndarray]:
    """The original's train and test pictures, a random tenth whoever they show, as indices in order of the names.

    Args:
        count: pictures in all.

    Returns:
        Two int arrays, ascending.

    Example:
        >>> [len(part) for part in split(13_233)]
        [11909, 1324]
    """
    train, test = train_test_split(np.arange(count), test_size=0.1, random_state=42)
    return np.sort(train), np.sort(test)


def any_people(faces: Faces, count: int) -> np.ndarray:
    """Pictures to learn from as the original chose them, whoever they show, but only so many.

    Args:
        faces: the faces.
        count: how many, at most as many as the original's train pictures.

    Returns:
        int array, ascending.
    """
    known = split(len(faces))[0]
    return np.sort(np.random.default_rng(42).permutation(known)[:count])


def swapped_grey(faces: np.ndarray) -> np.ndarray:
    """The original's grey, as three equal channels: the weight of blue on red, that of red on blue.

    Args:
        faces: float32 (n, H, W, 3).

    Returns:
        The same shape and kind.

    Example:
        >>> round(float(swapped_grey(np.array([[[[1, 0, 0]]]], "float32"))[0, 0, 0, 0]), 3)
        0.114
    """
    return grey(faces, LUMA[::-1])


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


def mean_face_loss(known: np.ndarray, targets: np.ndarray) -> float:
    """The loss of one picture for all, the best that a sigmoid can give without looking; there is no KL.

    Args:
        known: float array (m, H, W, 3), what is averaged, in the original's scale.
        targets: float array (n, H, W, 3) in that scale.

    Returns:
        Units of the loss.
    """
    return float(WEIGHT * np.mean((np.maximum(known.mean(0), 0) - targets) ** 2, dtype="float64"))


def published() -> dict[str, dict[str, list]]:
    """The history that the original published: task → lists by column, "epoch" from 1 to 20, loss, accuracy, both also "val_".

    Example:
        >>> [(task, len(history["epoch"]), history["val_loss"][-1]) for task, history in published().items()][0]
        ('reconstruction', 20, 4518.2501)
    """
    text = resources.files("reecho.faults").joinpath("published_history.csv").read_text(encoding="utf-8")
    found: dict[str, dict[str, list]] = {}
    for row in csv.DictReader(text.splitlines()):
        history = found.setdefault(row.pop("task"), {name: [] for name in row})
        for name, value in row.items():
            history[name].append(int(value) if name == "epoch" else float(value))
    return found

"""What the original did to its pictures and its split: what networks with its faults learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import train_test_split

from reecho.colour import LUMA, grey
from reecho.data.resize import sampled_without_area
from reecho.streams import take

if TYPE_CHECKING:
    from reecho.data import Faces

WEIGHT = 100_000.0  # the document's α
SHIFT = 0.5  # pixels were mapped to [-0.5, 0.5]
SIGMA = 0.1  # of the noise
MOST = 13_233  # pictures that the original had, which is all of LFW; of a larger set it is given as many
_CHUNK = 512  # pictures sampled at a time


def pictures(faces: Faces, indices: np.ndarray | None = None) -> np.ndarray:
    """Pictures as the original resized them: sampled between four pixels, rounded to bytes.

    Args:
        faces: the faces.
        indices: int (n,), which; None takes all that it is taken to have had, also those that reecho leaves out.

    Returns:
        float32 (n, size, size, 3) in [0, 1]; the original's own pixels are these less SHIFT.
    """
    indices = used(len(faces)) if indices is None else indices
    chunks = (take(faces.crops, indices[start : start + _CHUNK]) for start in range(0, len(indices), _CHUNK))
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


def used(count: int) -> np.ndarray:
    """The pictures that the original is taken to have had, int array, ascending: all, or of more MOST, evenly chosen."""
    return np.arange(count) if count <= MOST else np.linspace(0, count - 1, MOST).astype(int)


def parts(count: int) -> tuple[np.ndarray, np.ndarray]:
    """The original's train and test pictures among those that it is taken to have had, two int arrays, ascending.

    Args:
        count: pictures in all.
    """
    pictures = used(count)
    train, test = split(len(pictures))
    return pictures[train], pictures[test]


def any_people(faces: Faces, count: int) -> np.ndarray:
    """Pictures to learn from as the original chose them, whoever they show, but only so many.

    Args:
        faces: the faces.
        count: how many, at most as many as the original's train pictures.

    Returns:
        int array, ascending.
    """
    train = parts(len(faces))[0]
    return np.sort(np.random.default_rng(42).permutation(train)[:count])


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

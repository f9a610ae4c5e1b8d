"""Area averaging: the one way in which a large picture becomes a small one, for evaluation and in the data generator."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from reecho.pixels import area_matrix
from reecho.streams import MOST, Pictures, take

_CHUNK = 64  # pictures at a time: enough for two large matrix products, little memory


def shrink(crops: Pictures, size: int, indices: np.ndarray | None = None) -> np.ndarray:
    """Average the area of square pictures down to `size` pixels: R · X · Rᵀ for each colour.

    Args:
        crops: uint8 (N, S, S, 3), also memory-mapped; only a chunk at a time becomes float32.
        size: width and height of the result in pixels.
        indices: int (n,), which pictures; None takes all.

    Returns:
        float32 (n, size, size, 3) in [0, 1].

    Example:
        >>> shrink(np.full((2, 6, 6, 3), 255, "uint8"), 4).shape
        (2, 4, 4, 3)
    """
    indices = np.arange(len(crops)) if indices is None else np.asarray(indices)
    side = crops.shape[1]
    pictures = np.empty((len(indices), size, size, 3), "float32")
    rows = area_matrix(side, size) / np.float32(255)
    columns = np.kron(area_matrix(side, size), np.eye(3, dtype="float32")).T.copy()  # (3 S, 3 size): colours stay interleaved
    for first in range(0, len(indices), _CHUNK):
        chunk = take(crops, indices[first : first + _CHUNK]).reshape(-1, side, side * 3).transpose(1, 0, 2)
        chunk = chunk.astype("float32", order="C")
        flat = rows @ chunk.reshape(side, -1)  # (size, n · 3 S)
        flat = flat.reshape(-1, side * 3) @ columns  # (size · n, 3 size)
        pictures[first : first + _CHUNK] = flat.reshape(size, -1, size, 3).transpose(1, 0, 2, 3)
    return np.clip(pictures, 0, 1, out=pictures)


class Crops(Protocol):
    """Faces with their crops and the digest of these."""

    @property
    def crops(self) -> Pictures: ...
    @property
    def digest(self) -> str: ...


def averaged(faces: Crops, indices: np.ndarray, size: int) -> tuple[np.ndarray]:
    """Pictures of faces as `shrink` gives them, for `reecho.once`."""
    return (shrink(faces.crops, size, indices),)


def fits(count: int, size: int) -> bool:
    """Whether so many pictures of this size, float32, fill no more than `reecho.streams.MOST` bytes, so that they are an array."""
    return count * size**2 * 3 * 4 <= MOST


def sampled_without_area(crops: np.ndarray, size: int) -> np.ndarray:
    """Bilinear sampling without averaging, as the original project resized: what lies between the samples is lost or aliased.

    Args:
        crops: uint8 (N, S, S, 3).
        size: width and height of the result in pixels.

    Returns:
        float32 (N, size, size, 3) in [0, 1].
    """
    side = crops.shape[1]
    centres = np.clip((np.arange(size) + 0.5) * side / size - 0.5, 0, side - 1)
    weights = np.maximum(1 - np.abs(centres[:, None] - np.arange(side)), 0).astype("float32")  # (size, S)
    return np.einsum("ih,nhwc,jw->nijc", weights, crops.astype("float32") / np.float32(255), weights, optimize=True)

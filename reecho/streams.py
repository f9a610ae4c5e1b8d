"""Pictures that need not lie in memory at once: made when they are asked for, read in chunks, summed over.

A set that fits into MOST bytes is an array. A larger one is a `Stream`: it has a length and a shape, what is picked from it is an
array, and who needs all of it goes through it in `chunks`.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy.linalg import blas

MOST = 2**29  # bytes of pictures that lie in memory as one array: 43,690 faces of 32 × 32 pixels
CHUNK = 1024  # pictures at a time


class Stream:
    """A sequence of pictures that are made, or read, when they are asked for; what is picked from it is an array (n, H, W, 3).

    Args:
        make: int (n,) → (n, H, W, 3), the pictures of these numbers.
        numbers: int (N,), those of the pictures in it.
        picture: the shape of a picture, (H, W, 3).
        digest: names the pictures, so that they need not be read to tell them from others.

    Example:
        >>> white = Stream(lambda numbers: np.ones((len(numbers), 2, 2, 3)), np.arange(5), (2, 2, 3))
        >>> len(white), white.shape, white[1:3].shape, white[0].shape
        (5, (5, 2, 2, 3), (2, 2, 2, 3), (2, 2, 3))
    """

    def __init__(
        self, make: Callable[[np.ndarray], np.ndarray], numbers: np.ndarray, picture: tuple[int, ...], digest: str | None = None
    ) -> None:
        self._make, self._numbers, self._picture, self._digest = make, numbers, tuple(picture), digest

    @classmethod
    def of(cls, mapped: np.ndarray, rows: np.ndarray, digest: str | None = None) -> Stream:
        """Some rows of a memory-mapped array (N, H, W, 3), without a copy; rows is int (n,), digest as for the class."""
        return cls(partial(take, mapped), rows, mapped.shape[1:], digest)

    @property
    def digest(self) -> str:
        """What tells these pictures from others, for `reecho.once`: the digest that was given, else one of all that is read."""
        if self._digest is None:
            content = hashlib.sha256(repr(self.shape).encode())
            for chunk in chunks(self):
                content.update(chunk.dtype.str.encode() + np.ascontiguousarray(chunk).tobytes())
            self._digest = content.hexdigest()
        return self._digest

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, H, W, 3), as that of an array."""
        return len(self), *self._picture

    def __getitem__(self, places: Any) -> np.ndarray:
        numbers = self._numbers[places]
        return self._make(numbers) if np.ndim(numbers) else self._make(np.array([numbers]))[0]


Pictures = np.ndarray | Stream


def take(pictures: Pictures, places: Any) -> np.ndarray:
    """Pick from pictures as `pictures[places]` does, and give back the memory that a file took that they are read from.

    The system would do so itself when memory runs short; until then every page of a memory-mapped file that was read counts as
    this process's memory, so that going once through a file of 10 GB looks like 10 GB. Windows gives nothing back on demand.
    """
    base = pictures
    while isinstance(base, np.ndarray):
        base = base.base  # type: ignore[assignment]  # below views lies what they are views of
    if not isinstance(base, mmap.mmap):
        return pictures[places]
    if isinstance(places, np.ndarray) and places.dtype.kind == "i" and len(places) > CHUNK:  # pages around each are read as well
        return np.concatenate([take(pictures, some) for some in np.array_split(places, -(-len(places) // CHUNK))])
    picked = np.array(pictures[places])
    if hasattr(base, "madvise"):
        base.madvise(mmap.MADV_DONTNEED)
    return picked


def chunks(*pictures: Pictures, size: int | None = None) -> Iterator[Any]:
    """Equally long sets of pictures in chunks of `size`, or of CHUNK: arrays (n, H, W, 3), or tuples of them for several sets.

    Example:
        >>> [len(chunk) for chunk in chunks(np.zeros((5, 2, 2, 3)), size=2)]
        [2, 2, 1]
    """
    size = size or CHUNK
    for start in range(0, len(pictures[0]), size):
        parts = tuple(take(part, slice(start, start + size)) for part in pictures)
        yield parts if len(parts) > 1 else parts[0]


def in_memory(pictures: Pictures) -> np.ndarray:
    """The pictures as one array; the caller knows that they are few enough."""
    return pictures if isinstance(pictures, np.ndarray) else pictures[:]


def changed(pictures: Pictures, change: Callable[[np.ndarray], np.ndarray]) -> Pictures:
    """The same pictures changed, those of a stream as they are read; `change` takes (n, H, W, 3), and each picture by itself."""
    if isinstance(pictures, np.ndarray):
        return change(pictures)
    return Stream(lambda places: change(pictures[places]), np.arange(len(pictures)), change(pictures[:1]).shape[1:])


def mean(pictures: Pictures, part_of: Callable[[np.ndarray], np.ndarray] = np.asarray) -> np.ndarray:
    """The mean over pictures, float64, of what `part_of` makes of them: (n, H, W, 3) → (n, …)."""
    return sum(part_of(chunk).sum(axis=0, dtype="float64") for chunk in chunks(pictures)) / len(pictures)


def product(
    first: Pictures, second: Pictures | None = None, means: tuple[np.ndarray | float, np.ndarray | float] = (0.0, 0.0)
) -> np.ndarray:
    """Σ over pictures of (first - mean)ᵀ (second - mean), pictures as rows; divided by their number, the covariance.

    Args:
        first: float array (N, …), D numbers each.
        second: float array (N, …), E numbers each; None takes the first.
        means: what is taken off each, in the shape of a picture.

    Returns:
        (D, E), in the dtype of the pictures; besides it only a chunk lies in memory.

    Example:
        >>> product(np.array([[1.0, 2.0], [3.0, 4.0]]), np.ones((2, 1))).ravel()
        array([4., 6.])
    """
    total = None
    for parts in chunks(first) if second is None else chunks(first, second):
        left_part, right_part = (parts, None) if second is None else parts
        left = _centred(left_part, means[0])
        right = left if right_part is None else _centred(right_part, means[1])
        gemm = blas.get_blas_funcs("gemm", (left, right))
        # BLAS adds to the total where it lies; NumPy would make a second matrix
        before: dict[str, Any] = {} if total is None else {"beta": 1.0, "c": total, "overwrite_c": True}
        total = gemm(1.0, right.T, left.T, trans_b=True, **before)
    if total is None:
        raise ValueError("There are no pictures to sum over.")
    return total.T


def _centred(part: np.ndarray, middle: np.ndarray | float) -> np.ndarray:
    return np.ascontiguousarray((part - middle).reshape(len(part), -1))

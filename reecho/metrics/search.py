"""The most alike of many pictures, which need not lie in memory at once."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import NearestNeighbors

from reecho.streams import Pictures, chunks

_CHUNK = 2**27  # bytes of the many pictures at a time


def nearest_rows(wanted: np.ndarray, pictures: Pictures, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k pictures with the least squared difference from each wanted one, the nearest first.

    Args:
        wanted: float32 (n, D), pictures as rows.
        pictures: float32 (N, …), D numbers each, N at least k.
        k: how many, at least 1.

    Returns:
        float64 (n, k), distances, the root of the sum of squared differences; int (n, k), places among the pictures.

    Example:
        >>> distances, places = nearest_rows(np.zeros((1, 2), "float32"), np.array([[3, 4], [0, 1]], "float32"), 2)
        >>> distances.tolist(), places.tolist()
        ([[1.0, 5.0]], [[1, 0]])
    """
    size = max(_CHUNK // (wanted.shape[1] * 4), k)
    distances, places = np.empty((len(wanted), 0)), np.empty((len(wanted), 0), int)
    for number, chunk in enumerate(chunks(pictures, size=size)):
        search = NearestNeighbors(n_neighbors=min(k, len(chunk)), algorithm="brute").fit(chunk.reshape(len(chunk), -1))
        further, at = search.kneighbors(wanted)
        distances, places = np.hstack([distances, further]), np.hstack([places, at + number * size])
        order = np.argsort(distances, axis=1, kind="stable")[:, :k]
        distances, places = (np.take_along_axis(values, order, axis=1) for values in (distances, places))
    return distances, places

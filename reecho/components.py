"""Principal components: the orthonormal axes along which values vary most, exact where that is cheap, randomised above."""

from __future__ import annotations

import math

import numpy as np
from scipy import linalg
from scipy.sparse.linalg import eigsh
from sklearn.utils.extmath import randomized_svd

from reecho import streams
from reecho.errors import ReechoError
from reecho.streams import Pictures, in_memory

SHARED_AXES = 1024  # as many as the document's code has; who needs fewer takes the first of these
LARGEST_EXACT = 4096  # above so many values and samples the axes come from a randomised method
_FEW = 16  # less than one axis in so many comes from Lanczos' method
_ROUNDING = 1e-7  # of the largest variance: below it is rounding, not variance


def principal_axes(centred: np.ndarray, count: int | None = None, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The axes along which samples vary most, by whichever matrix is smallest.

    Args:
        centred: float array (N, D), N at least 2: samples less their mean.
        count: how many axes at most; None: as many as N samples or D values allow.
        seed: of the randomised method.

    Returns:
        variances float64 (k,), falling, along each axis (the eigenvalues λ of the covariance), in the square of the samples' unit;
        axes (D, k), orthonormal columns, in the dtype of `centred`. k is less than `count` where the samples span no more.

    Raises:
        ReechoError: fewer than two samples.

    Example:
        >>> variances, axes = principal_axes(np.array([[-3.0, -4.0], [3.0, 4.0]]))
        >>> variances.round(6), np.abs(axes[:, 0]).round(6)
        (array([25.]), array([0.6, 0.8]))
    """
    samples, values = centred.shape
    if samples < 2:
        raise ReechoError("Principal components need at least two faces; take more pictures.")
    count = min(count or values, samples - 1, values)
    if min(samples, values) > LARGEST_EXACT:
        variances, axes = randomised(centred, count, seed)
        variances = variances / samples
    elif values <= samples:
        variances, axes = _leading(centred.T @ centred / samples, count)
    else:  # fewer samples than values: the small matrix of the two has the same eigenvalues
        variances, vectors = _leading(centred @ centred.T / samples, count)
        axes = centred.T @ vectors / np.sqrt(np.maximum(variances, 1e-12) * samples).astype(centred.dtype)
    return _real(variances, axes)


def _real(variances: np.ndarray, axes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Those that are more than rounding."""
    real = variances > max(variances[0], 1e-12) * _ROUNDING
    return variances[real], axes[:, real]


def of_faces(faces: Pictures, count: int | None = None, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Mean and principal axes of faces, for `reecho.once`.

    An array is taken whole, which is quicker; of a stream of more faces than values only the covariance and a chunk lie in memory.

    Args:
        faces: float32 (N, H, W, 3), N at least 2; D = H · W · 3.
        count, seed: as for `principal_axes`.

    Returns:
        mean float32 (D,); variances float64 (k,), intensity²; axes float32 (D, k); float64 (), the variance along all axes.

    Raises:
        ReechoError: fewer than two faces.
    """
    samples, values = len(faces), math.prod(faces.shape[1:])
    if isinstance(faces, np.ndarray) or samples <= values:
        flat = in_memory(faces).reshape(samples, values)
        mean = flat.mean(axis=0, dtype="float64").astype("float32")
        centred = flat - mean
        variances, axes = principal_axes(centred, count, seed)
        return mean, variances, axes, np.asarray((centred**2).sum(dtype="float64") / samples)
    middle = streams.mean(faces).astype("float32")
    covariance = streams.product(faces, means=(middle, middle)) / samples
    total = np.trace(covariance, dtype="float64")
    variances, axes = _real(*of_covariance(covariance, min(count or values, values), seed))
    return middle.ravel(), variances, axes, np.asarray(total)


def of_covariance(covariance: np.ndarray, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Variances float64 (count,), falling, and axes (D, count) of a covariance (D, D), which is overwritten; exact up to
    LARGEST_EXACT values, randomised above."""
    if len(covariance) <= LARGEST_EXACT:
        return _leading(covariance, count)
    squares, axes = randomised(covariance, count, seed)  # the singular values of a covariance are the variances
    return np.sqrt(squares), axes


def largest(symmetric: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The largest eigenvalues of a matrix that has none below 0, and their vectors.

    Args:
        symmetric: float array (D, D), such as a covariance; overwritten.
        count: how many, at most D.

    Returns:
        float64 (count,), falling, at least 0; and the vectors as columns, (D, count), in the dtype of `symmetric`.
    """
    size = len(symmetric)
    values, vectors = linalg.eigh(symmetric, subset_by_index=(size - count, size - 1), overwrite_a=True, check_finite=False)
    return np.maximum(values[::-1].astype("float64"), 0), vectors[:, ::-1]


def randomised(rows: np.ndarray, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """About the largest eigenvalues of rowsᵀ · rows and their vectors, without that matrix.

    Args:
        rows: float array (N, D).
        count: how many, at most N and D.
        seed: of the method.

    Returns:
        float64 (count,), falling; and the vectors as columns, (D, count), in the dtype of `rows`.

    Source: Halko, Martinsson & Tropp (2011), doi:10.1137/090771806, algorithm 4.4, as scikit-learn computes it.
    """
    _, singular, axes = randomized_svd(rows, count, n_iter=3, random_state=seed)
    return singular.astype("float64") ** 2, axes.T


def _leading(symmetric: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """As `largest`; a few come from Lanczos' method, which is quicker."""
    if count >= len(symmetric) // _FEW:
        return largest(symmetric, count)
    start = np.ones(len(symmetric), symmetric.dtype)  # fixed, so that the same faces give the same axes
    values, vectors = eigsh(symmetric, count, v0=start)
    order = np.argsort(values)[::-1]
    return np.maximum(values[order].astype("float64"), 0), vectors[:, order]

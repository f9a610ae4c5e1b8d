"""Reconstruction: the mean face, and principal components, the best linear bottleneck there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg
from scipy.sparse.linalg import eigsh
from sklearn.utils.extmath import randomized_svd

from reecho import methods
from reecho.errors import ReechoError
from reecho.timing import Timed

_LARGEST_EXACT = 4096  # above so many pixel values and faces the axes are found by a randomised method


def mean_face(faces: np.ndarray) -> np.ndarray:
    """The mean of all faces, pixel by pixel: float32 (H, W, 3) of (n, H, W, 3)."""
    return faces.mean(axis=0, dtype="float64").astype("float32")


@dataclass(frozen=True)
class PCA:
    """Faces as a mean and a weighted sum of axes.

    Args:
        mean: float32 (H, W, 3).
        axes: float32 (k_max, H · W · 3), orthonormal rows, the one of the largest variance first.
        variances: float64 (k_max,), of the train faces along each axis, intensity² (the eigenvalues λ of their covariance).
        left: variance that no axis here holds, summed over the remaining ones, intensity².
    """

    mean: np.ndarray
    axes: np.ndarray
    variances: np.ndarray
    left: float

    @classmethod
    def fit(cls, faces: np.ndarray, k_max: int | None = None, seed: int = 0) -> PCA:
        """Find the axes of the largest variance.

        Args:
            faces: float32 (n, H, W, 3), train faces, n at least 2.
            k_max: how many axes at most; None: as many as n faces or the pixels allow.
            seed: of the randomised method that very large pictures take.

        Returns:
            The fitted PCA, with fewer axes than k_max where the faces span no more.
        """
        mean = mean_face(faces)
        centred = (faces - mean).reshape(len(faces), -1)  # (n, D)
        count, values = centred.shape
        if count < 2:
            raise ReechoError("Principal components need at least two faces; take more pictures.")
        wanted = min(k_max or values, count - 1, values)
        total = float((centred**2).sum(dtype="float64")) / count
        if min(count, values) > _LARGEST_EXACT:
            _, singular, axes = randomized_svd(centred, wanted, n_iter=3, random_state=seed)
            variances = singular.astype("float64") ** 2 / count
        elif values <= count:
            variances, vectors = _largest(centred.T @ centred / count, wanted)
            axes = vectors.T
        else:  # fewer faces than pixel values: the small matrix of the two has the same eigenvalues
            variances, vectors = _largest(centred @ centred.T / count, wanted)
            axes = vectors.T @ centred / np.sqrt(np.maximum(variances, 1e-12) * count)[:, None].astype("float32")
        kept = variances > max(variances[0], 1e-12) * 1e-7  # below it is rounding, not variance
        left = max(total - float(variances[kept].sum()), 0.0)
        return cls(mean, np.ascontiguousarray(axes[kept], "float32"), variances[kept], left)

    def encode(self, faces: np.ndarray, k: int) -> np.ndarray:
        """The faces' coordinates on the first k axes: (n, H, W, 3) → float32 (n, k), intensity units."""
        return (faces - self.mean).reshape(len(faces), -1) @ self.axes[:k].T

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Faces of coordinates: (n, k) → float32 (n, H, W, 3), not clipped."""
        return (codes @ self.axes[: codes.shape[1]]).reshape(len(codes), *self.mean.shape) + self.mean

    def reconstruct(self, faces: np.ndarray, k: int) -> np.ndarray:
        """Faces as the first k axes give them back.

        Args:
            faces: float array (n, H, W, 3).
            k: number of axes, at most as many as were fitted.

        Returns:
            float32 (n, H, W, 3) in [0, 1].
        """
        if not 1 <= k <= len(self.axes):
            raise ReechoError(f"PCA with k={k} cannot be: {len(self.axes)} axes were found; choose k from 1 to {len(self.axes)}.")
        return np.clip(self.decode(self.encode(faces, k)), 0, 1)


def reconstructions(train_faces: np.ndarray, faces: np.ndarray, components: Sequence[int]) -> Timed:
    """The mean face and principal components.

    Args:
        train_faces: float32 (N, H, W, 3) in [0, 1].
        faces: float32 (n, H, W, 3) in [0, 1], held out.
        components: numbers of axes k; those beyond what the train faces span are left out.

    Returns:
        Method → float32 (n, H, W, 3) in [0, 1], and the milliseconds a picture of each method; learning from train faces does
        not count.
    """
    pca = PCA.fit(train_faces, max(components))
    outputs = Timed({methods.MEAN_FACE: np.broadcast_to(pca.mean, faces.shape)})
    for k in sorted(components):
        if k <= len(pca.axes):
            outputs.run(methods.pca(k), pca.reconstruct, faces, k)
    return outputs


def _largest(symmetric: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray]:
    """The largest eigenvalues, falling, and their vectors as columns."""
    size = len(symmetric)
    if wanted < size // 16:  # a few: Lanczos, from a fixed start so that the same faces give the same axes
        values, vectors = eigsh(symmetric, wanted, v0=np.ones(size, symmetric.dtype))
        order = np.argsort(values)
        values, vectors = values[order], vectors[:, order]
    else:
        values, vectors = linalg.eigh(symmetric, subset_by_index=(size - wanted, size - 1), overwrite_a=True, check_finite=False)
    return np.maximum(values[::-1].astype("float64"), 0), vectors[:, ::-1]

"""Reconstruction: the mean face, and principal components, the best linear bottleneck there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reecho import components, methods
from reecho.errors import ReechoError
from reecho.once import Once, directly
from reecho.streams import Pictures, mean
from reecho.timing import Timed


def mean_face(faces: Pictures) -> np.ndarray:
    """The mean of all faces, pixel by pixel: float32 (H, W, 3) of (n, H, W, 3)."""
    return mean(faces).astype("float32")


@dataclass(frozen=True)
class PCA:
    """Faces as a mean and a weighted sum of axes, see `reecho.components`.

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
    def fit(cls, faces: Pictures, k_max: int | None = None, seed: int = 0, once: Once = directly) -> PCA:
        """Find the axes of the largest variance.

        Args:
            faces: float32 (n, H, W, 3), train faces, n at least 2.
            k_max: how many axes at most; None: as many as n faces or the pixels allow.
            seed: of the randomised method that very large pictures take.
            once: computes, or gives what was computed before.

        Returns:
            The fitted PCA, with fewer axes than k_max where the faces span no more.

        Raises:
            ReechoError: fewer than two faces.
        """
        middle, variances, axes, total = once(components.of_faces, faces, k_max, seed)
        left = max(float(total) - float(variances.sum()), 0.0)
        return cls(middle.reshape(faces.shape[1:]), np.ascontiguousarray(axes.T, "float32"), variances, left)

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


def reconstructions(train_faces: Pictures, faces: np.ndarray, axes: Sequence[int], once: Once = directly) -> Timed:
    """The mean face and principal components.

    Args:
        train_faces: float32 (N, H, W, 3) in [0, 1].
        faces: float32 (n, H, W, 3) in [0, 1], held out.
        axes: numbers of axes k; those beyond what the train faces span are left out.
        once: finds the axes, or gives those that were found before.

    Returns:
        Method → float32 (n, H, W, 3) in [0, 1], and the milliseconds a picture of each method; learning from train faces does
        not count.
    """
    pca = PCA.fit(train_faces, max(axes), once=once)
    outputs = Timed({methods.MEAN_FACE: np.broadcast_to(pca.mean, faces.shape)})
    for k in sorted(axes):
        if k <= len(pca.axes):
            outputs.run(methods.pca(k), pca.reconstruct, faces, k)
    return outputs

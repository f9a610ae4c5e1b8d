"""New faces: the rulers, sets of faces whose faults are known, beside which the six numbers can be read."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from reecho import methods
from reecho.baselines.reconstruction import PCA, mean_face
from reecho.errors import ReechoError
from reecho.methods import Method


def pixel_mean(faces1: np.ndarray, faces2: np.ndarray) -> np.ndarray:
    """Two faces averaged pixel by pixel, the mix that needs no network: two (n, H, W, 3) → float32 (n, H, W, 3) in [0, 1]."""
    return np.clip((faces1 + faces2) / 2, 0, 1).astype("float32")


def blurred(faces: np.ndarray, sigma: float) -> np.ndarray:
    """The faces under a Gaussian blur.

    Args:
        faces: float array (n, H, W, 3) in [0, 1].
        sigma: standard deviation of the blur, pixels.

    Returns:
        float32 (n, H, W, 3) in [0, 1].
    """
    return np.clip(gaussian_filter(faces, (0, sigma, sigma, 0)), 0, 1).astype("float32")


def gaussian_pixels(train_faces: np.ndarray, n: int, seed: int = 0) -> np.ndarray:
    """Draws from the Gaussian with the train faces' mean and full covariance.

    Args:
        train_faces: float32 (N, H, W, 3) in [0, 1], N at least 2.
        n: how many.
        seed: of the draws.

    Returns:
        float32 (n, H, W, 3), clipped to [0, 1].
    """
    mean = mean_face(train_faces)
    centred = (train_faces - mean).reshape(len(train_faces), -1)
    # a sum of the centred faces with normal weights has their covariance exactly; no matrix need be taken apart
    weights = np.random.default_rng(seed).standard_normal((n, len(centred)), dtype="float32") / np.float32(np.sqrt(len(centred)))
    return np.clip((weights @ centred).reshape(n, *mean.shape) + mean, 0, 1)


def gaussian_pca(train_faces: np.ndarray, n: int, seed: int = 0, axes: int = 64, temperature: float = 0.7) -> np.ndarray:
    """Draws from a Gaussian in the first principal components.

    Args:
        train_faces: float32 (N, H, W, 3) in [0, 1], N at least 2.
        n: how many.
        seed: of the draws.
        axes: number of components, at most; fewer where the faces span no more.
        temperature: factor on the standard deviations; below 1 draws are tamer than faces are.

    Returns:
        float32 (n, H, W, 3), clipped to [0, 1].
    """
    pca = PCA.fit(train_faces, axes)
    drawn = np.random.default_rng(seed).standard_normal((n, len(pca.axes)))
    return np.clip(pca.decode((drawn * temperature * np.sqrt(pca.variances)).astype("float32")), 0, 1)


def rulers(train_faces: np.ndarray, n: int = 2000, seed: int = 0) -> dict[Method, np.ndarray]:
    """Sets of faces with known faults, to be measured against held-out real faces like any set of new ones.

    Args:
        train_faces: float32 (N, H, W, 3) in [0, 1], of other people than the real faces they will be measured against.
        n: faces in each set; at most N are used where real faces are drawn.
        seed: of all draws.

    Returns:
        Method → float32 (n, H, W, 3) in [0, 1].
    """
    if len(train_faces) < 2:
        raise ReechoError("The rulers of new faces need at least two train faces; take more pictures.")
    # The two that take most memory while they are drawn come first, when no other set is there.
    in_components, in_pixels = gaussian_pca(train_faces, n, seed), gaussian_pixels(train_faces, n, seed)
    rng = np.random.default_rng(seed)
    first, second = (np.sort(rng.permutation(len(train_faces))[:n]) for _ in range(2))
    real = np.clip(train_faces[first], 0, 1)
    partners = np.clip(train_faces[rng.permutation(second)], 0, 1)
    return {
        methods.REAL: real,
        **{methods.baseline("blurred", pixels=pixels): blurred(real, pixels) for pixels in (0.5, 1.0)},
        methods.PIXEL_MEAN: pixel_mean(real, partners),
        methods.baseline("gaussian_pixels"): in_pixels,
        methods.baseline("gaussian_pca", axes=64, temperature=0.7): in_components,
    }

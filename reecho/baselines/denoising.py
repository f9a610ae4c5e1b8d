"""Denoising: wavelets, non-local means, and the best linear estimate of the whole picture."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pywt
from scipy import linalg
from skimage.restoration import denoise_nl_means

from reecho.baselines.reconstruction import PCA, mean_face
from reecho.metrics.pictures import chroma, with_chroma
from reecho.tasks import luma

_CHUNK = 512


def wavelet(noisy: np.ndarray, sigma: float, shifts: int = 0) -> np.ndarray:
    """Soft thresholds on wavelet coefficients (BayesShrink, db2), in luma and chroma.

    What scikit-image's `denoise_wavelet` does with `convert2ycbcr` and `rescale_sigma`, for a whole batch at once.

    Args:
        noisy: float array (n, H, W, 3).
        sigma: standard deviation of the noise, intensity units of [0, 1].
        shifts: cycle spinning: the mean over all circular shifts by 0 to `shifts` pixels down and across.

    Returns:
        float32 (n, H, W, 3) in [0, 1].

    Source: Chang, Yu & Vetterli (2000), doi:10.1109/83.862633; Coifman & Donoho (1995), doi:10.1007/978-1-4612-2544-7_9.
    """
    outputs = [_spun(noisy[start : start + _CHUNK], sigma, shifts) for start in range(0, len(noisy), _CHUNK)]
    return np.clip(np.concatenate(outputs), 0, 1).astype("float32")


def nl_means(noisy: np.ndarray, sigma: float, workers: int | None = None) -> np.ndarray:
    """Non-local means: each pixel the mean of those whose surroundings look alike.

    Args:
        noisy: float array (n, H, W, 3).
        sigma: standard deviation of the noise, intensity units of [0, 1].
        workers: threads; None: one a core.

    Returns:
        float32 (n, H, W, 3) in [0, 1]. Patches of 5 pixels, looked for up to 6 pixels away, h = 0.6 sigma: the best of twelve
        settings on 150 train faces at sigma 0.1.

    Source: Buades, Coll & Morel (2005), doi:10.1109/CVPR.2005.38, as scikit-image computes it.
    """
    if sigma == 0:
        return np.clip(noisy, 0, 1).astype("float32")
    settings = {"patch_size": 5, "patch_distance": 6, "h": 0.6 * sigma, "sigma": sigma, "fast_mode": True, "channel_axis": -1}
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:  # the library lets go of Python's lock while it works
        outputs = list(pool.map(lambda picture: denoise_nl_means(picture, **settings), noisy))
    return np.clip(outputs, 0, 1).astype("float32")


@dataclass(frozen=True)
class LMMSE:
    """The linear estimate of the whole picture with the least mean squared error: Wiener's filter in principal components.

    Args:
        mean: float32 (H, W, 3), of the train faces.
        matrix: float32 (D, D), their covariance; or (N, D), themselves less the mean, where they are fewer than pixel values D.
        count: number N of train faces.
    """

    mean: np.ndarray
    matrix: np.ndarray
    count: int

    @classmethod
    def fit(cls, faces: np.ndarray) -> LMMSE:
        """Learn mean and covariance of train faces, float32 (N, H, W, 3)."""
        mean = mean_face(faces)
        centred = (faces - mean).reshape(len(faces), -1)
        count, values = centred.shape
        return cls(mean, centred.T @ centred / count if values <= count else centred, count)

    def denoise(self, noisy: np.ndarray, sigma: float) -> np.ndarray:
        """Estimate the clean faces: mean + C (C + σ² I)⁻¹ (noisy - mean).

        Args:
            noisy: float array (n, H, W, 3).
            sigma: standard deviation of the noise, intensity units of [0, 1].

        Returns:
            float32 (n, H, W, 3) in [0, 1].
        """
        if sigma == 0:
            return np.clip(noisy, 0, 1).astype("float32")
        wrong = np.asarray(noisy - self.mean, "float32").reshape(len(noisy), -1).T  # (D, n)
        rows, values = self.matrix.shape
        if rows == values:
            told = wrong - sigma**2 * _solve(self.matrix, sigma**2, wrong)  # C (C + σ² I)⁻¹ = I - σ² (C + σ² I)⁻¹
        else:  # the same, by the smaller matrix
            told = self.matrix.T @ _solve(self.matrix @ self.matrix.T, self.count * sigma**2, self.matrix @ wrong)
        return np.clip(told.T.reshape(noisy.shape) + self.mean, 0, 1)


def denoisings(train_faces: np.ndarray, noisy: np.ndarray, sigma: float, components: int = 512) -> dict[str, np.ndarray]:
    """Every baseline of the denoising task, by name, the noisy input first.

    Args:
        train_faces: float32 (N, H, W, 3) in [0, 1], clean.
        noisy: float32 (n, H, W, 3), held out.
        sigma: standard deviation of the noise, intensity units of [0, 1].
        components: axes of the best linear bottleneck, the only baseline here that a bottleneck can be compared with.

    Returns:
        Name → float32 (n, H, W, 3) in [0, 1].
    """
    pca = PCA.fit(train_faces, components)
    return {
        "noisy input": np.clip(noisy, 0, 1),
        "wavelet": wavelet(noisy, sigma),
        "wavelet, cycle spin": wavelet(noisy, sigma, shifts=3),
        "NL-means": nl_means(noisy, sigma),
        f"PCA, k = {len(pca.axes)}": pca.reconstruct(noisy, len(pca.axes)),
        "LMMSE, whole picture": LMMSE.fit(train_faces).denoise(noisy, sigma),
    }


def _luma_and_chroma(pictures: np.ndarray) -> np.ndarray:
    return np.concatenate([luma(pictures), chroma(pictures)], axis=-1)


def _spun(noisy: np.ndarray, sigma: float, shifts: int) -> np.ndarray:
    channels = _luma_and_chroma(noisy).astype("float32")
    pure = _luma_and_chroma(np.eye(3).reshape(3, 1, 1, 3))  # what one unit of red, green, blue adds to each channel
    sigmas = sigma * np.sqrt((pure**2).sum(axis=(0, 1, 2)))
    total = np.zeros_like(channels)
    for down in range(shifts + 1):
        for across in range(shifts + 1):
            shifted = np.roll(channels, (down, across), axis=(1, 2))
            total += np.roll(_shrunk(shifted, sigmas), (-down, -across), axis=(1, 2))
    total /= (shifts + 1) ** 2
    return with_chroma(total[..., :1], total[..., 1:])


def _shrunk(channels: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
    """BayesShrink of (n, H, W, channels): a threshold for each picture, channel and band of detail."""
    height, width = channels.shape[1:3]
    deepest = pywt.dwt_max_level(min(height, width), pywt.Wavelet("db2").dec_len)
    coarse, *levels = pywt.wavedec2(channels, "db2", level=max(deepest - 3, 1), axes=(1, 2))
    shrunk = [tuple(_soft(band, sigmas) for band in level) for level in levels]
    return pywt.waverec2([coarse, *shrunk], "db2", axes=(1, 2))[:, :height, :width]


def _soft(band: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
    signal = np.maximum((band**2).mean(axis=(1, 2), keepdims=True) - sigmas**2, 1e-12)
    threshold = (sigmas**2 / np.sqrt(signal)).astype(band.dtype)
    return np.sign(band) * np.maximum(np.abs(band) - threshold, 0)


def _solve(matrix: np.ndarray, ridge: float, right: np.ndarray) -> np.ndarray:
    """(matrix + ridge · I)⁻¹ right, for a matrix that is symmetric and has no negative eigenvalue."""
    lifted = matrix.copy()
    lifted[np.diag_indices(len(lifted))] += ridge
    return linalg.cho_solve(linalg.cho_factor(lifted, overwrite_a=True, check_finite=False), right, check_finite=False)

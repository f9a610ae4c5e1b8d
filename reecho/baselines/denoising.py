"""Denoising: non-local means, total variation, the best linear estimate of the whole picture, and every method by name."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import joblib
import numpy as np
from scipy import linalg
from skimage.restoration import denoise_nl_means, denoise_tv_chambolle

from reecho import methods
from reecho.baselines.reconstruction import PCA, mean_face
from reecho.baselines.shrinkage import sliding_dct, wavelet
from reecho.components import SHARED_AXES
from reecho.once import Once, directly
from reecho.streams import Pictures, chunks, product
from reecho.timing import Timed

LARGE_STRENGTH = 0.8  # of NL-means on larger pictures: the best of .6, .7, .8 and .9 on validation people at 128 × 128, sigma .1
_AT_ONCE = 512  # pictures that LMMSE estimates together, rows of its matrix that are copied together
_FEW = 300  # pictures for which no process is worth its start


def nl_means(noisy: np.ndarray, sigma: float, workers: int | None = None, strength: float = 0.6) -> np.ndarray:
    """Non-local means: each pixel the mean of those whose surroundings look alike.

    Args:
        noisy: float array (n, H, W, 3).
        sigma: standard deviation of the noise, intensity units of [0, 1].
        workers: threads; None: one a core.
        strength: the filter's h in sigmas.

    Returns:
        float32 (n, H, W, 3) in [0, 1]. Patches of 5 pixels, looked for up to 6 pixels away, h = 0.6 sigma: the best of twelve
        settings on 150 train faces of 32 × 32 pixels at sigma 0.1.

    Source: Buades, Coll & Morel (2005), doi:10.1109/CVPR.2005.38, as scikit-image computes it.
    """
    if sigma == 0:
        return np.clip(noisy, 0, 1).astype("float32")
    settings = {"patch_size": 5, "patch_distance": 6, "h": strength * sigma, "sigma": sigma, "fast_mode": True, "channel_axis": -1}
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:  # the library lets go of Python's lock while it works
        outputs = list(pool.map(lambda picture: denoise_nl_means(picture, **settings), noisy))
    return np.clip(outputs, 0, 1).astype("float32")


def selective_median(noisy: np.ndarray) -> np.ndarray:
    """Salt and pepper alone replaced: values of exactly 0 or 1 become the median of those around them that are neither.

    Args:
        noisy: float array (n, H, W, 3).

    Returns:
        float32 (n, H, W, 3) in [0, 1]: values around are those up to one pixel away, or two where none of these is one.

    Source: Hwang & Haddad (1995), doi:10.1109/83.370679 (the median where a value is an extreme one alone, in windows that grow).
    """
    filled = np.where((noisy == 0) | (noisy == 1), np.nan, noisy).astype("float32")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of windows without a good value
        for reach in (1, 2):
            padded = np.pad(filled, ((0, 0), (reach, reach), (reach, reach), (0, 0)), mode="reflect")
            picture, row, column, channel = np.nonzero(np.isnan(filled))
            steps = np.arange(2 * reach + 1)
            rows, columns = row[:, None, None] + steps[:, None], column[:, None, None] + steps
            around = padded[picture[:, None, None], rows, columns, channel[:, None, None]]  # (k, 2 reach + 1, 2 reach + 1)
            if len(picture):
                filled[picture, row, column, channel] = np.nanmedian(around, axis=(1, 2))
    return np.clip(np.where(np.isnan(filled), noisy, filled), 0, 1).astype("float32")


def for_any_size(noisy: np.ndarray, sigma: float) -> Timed:
    """Every baseline that knows no faces and takes pictures of any size, the noisy input first.

    Args:
        noisy: float32 (n, H, W, 3).
        sigma: standard deviation of the noise, intensity units of [0, 1].

    Returns:
        As for `denoisings`.
    """
    outputs = Timed({methods.NOISY: np.clip(noisy, 0, 1)})
    outputs.run(methods.SELECTIVE_MEDIAN, selective_median, noisy)
    outputs.run(methods.WAVELET_SPIN, wavelet, noisy, sigma, 3)
    outputs.run(methods.TOTAL_VARIATION, total_variation, noisy, sigma)
    outputs.run(methods.NL_MEANS, nl_means, noisy, sigma, None, LARGE_STRENGTH)
    outputs.run(methods.SLIDING_DCT, sliding_dct, noisy, sigma)
    return outputs


def total_variation(noisy: np.ndarray, sigma: float, weight: float = 0.6) -> np.ndarray:
    """Total variation: the picture near the noisy one that has the least sum of slopes, in each of red, green and blue.

    Args:
        noisy: float array (n, H, W, 3).
        sigma: standard deviation of the noise, intensity units of [0, 1].
        weight: of the slopes, in sigmas; 0.6 has the best SSIM at 32 × 32 pixels on validation people, 0.7 a PSNR .02 dB higher.

    Returns:
        float32 (n, H, W, 3) in [0, 1].

    Source: Chambolle (2004), doi:10.1023/B:JMIV.0000011325.36760.1e, as scikit-image computes it.
    """
    if sigma == 0:
        return np.clip(noisy, 0, 1).astype("float32")
    parts = np.array_split(noisy, max(min(os.cpu_count() or 1, len(noisy) // _FEW), 1))
    outputs = joblib.Parallel(len(parts))(joblib.delayed(_flattened)(part, weight * sigma) for part in parts)
    return np.clip(np.concatenate(outputs), 0, 1).astype("float32")


def _flattened(pictures: np.ndarray, weight: float) -> np.ndarray:
    return np.stack([denoise_tv_chambolle(picture, weight, channel_axis=-1) for picture in pictures])


@dataclass(frozen=True)
class LMMSE:
    """The linear estimate of the whole picture with the least mean squared error: Wiener's filter in principal components.

    Args:
        mean: float32 (H, W, 3), of the train faces.
        faces: float32 (N, H, W, 3), the train faces.
    """

    mean: np.ndarray
    faces: Pictures

    @classmethod
    def fit(cls, faces: Pictures) -> LMMSE:
        """Learn mean and, at the first use, covariance of train faces, float32 (N, H, W, 3)."""
        return cls(mean_face(faces), faces)

    @cached_property
    def matrix(self) -> np.ndarray:
        """The covariance, float32 (D, D); where the faces are fewer than their D values the products of any two of them, less the
        mean and divided by N, (N, N), which has the same eigenvalues above 0."""
        if self.mean.size <= len(self.faces):
            matrix = product(self.faces, means=(self.mean, self.mean)) / len(self.faces)
        else:
            matrix = np.empty((len(self.faces), len(self.faces)), "float32")
            for rows, part in self._centred():  # a centred copy of all faces would be larger than the products
                for columns, earlier in self._centred():
                    if columns.start > rows.start:
                        break
                    matrix[columns, rows] = earlier @ part.T / np.float32(len(self.faces))
        _mirror(matrix)
        return matrix

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
        outputs = np.empty(noisy.shape, "float32")
        with _factored(self.matrix, sigma**2) as factor:
            for first in range(0, len(noisy), _AT_ONCE):
                wrong = np.asarray(noisy[first : first + _AT_ONCE] - self.mean, "float32")
                estimate = self._estimate(wrong.reshape(len(wrong), -1).T, factor, sigma).T.reshape(wrong.shape)
                np.clip(estimate + self.mean, 0, 1, out=outputs[first : first + _AT_ONCE])
        return outputs

    def _estimate(self, wrong: np.ndarray, factor: tuple[np.ndarray, bool], sigma: float) -> np.ndarray:
        """C (C + σ² I)⁻¹ of what differs from the mean, float32 (D, n), given the factor of the matrix + σ² I."""
        if len(factor[0]) == len(wrong):  # C (C + σ² I)⁻¹ = I - σ² (C + σ² I)⁻¹
            return wrong - sigma**2 * linalg.cho_solve(factor, wrong, check_finite=False)
        seen = np.concatenate([part @ wrong for _, part in self._centred()])  # (N, n): the same, by the smaller matrix
        shares = linalg.cho_solve(factor, seen, overwrite_b=True, check_finite=False) / len(self.faces)
        estimate = np.zeros_like(wrong)
        for rows, part in self._centred():
            estimate += part.T @ shares[rows]
        return estimate

    def _centred(self) -> Iterator[tuple[slice, np.ndarray]]:
        """The train faces less the mean, in chunks (n, D), and where each chunk lies among them."""
        first = 0
        for part in chunks(self.faces):
            yield slice(first, first + len(part)), (part - self.mean).reshape(len(part), -1)
            first += len(part)


def denoisings(
    train_faces: Pictures,
    noisy: np.ndarray,
    sigma: float,
    components: int = 512,
    lmmse: LMMSE | None = None,
    once: Once = directly,
) -> Timed:
    """Every baseline of the denoising task, the noisy input first.

    Args:
        train_faces: float32 (N, H, W, 3) in [0, 1], clean.
        noisy: float32 (n, H, W, 3), held out.
        sigma: standard deviation of the noise, intensity units of [0, 1].
        components: axes of the best linear bottleneck, the only baseline here that a bottleneck can be compared with.
        lmmse: fitted on the train faces; None fits it here.
        once: finds the principal axes, or gives those that were found before.

    Returns:
        Method → float32 (n, H, W, 3) in [0, 1], and the milliseconds a picture of each method; learning from train faces does
        not count.
    """
    # as many axes as linear starts and other notebooks take, so that all share one computation; the first ones are the same
    pca, whole = PCA.fit(train_faces, max(components, SHARED_AXES), once=once), lmmse or LMMSE.fit(train_faces)
    count = min(components, len(pca.axes))
    outputs = Timed({methods.NOISY: np.clip(noisy, 0, 1)})
    outputs.run(methods.WAVELET, wavelet, noisy, sigma)
    outputs.run(methods.WAVELET_SPIN, wavelet, noisy, sigma, 3)
    outputs.run(methods.TOTAL_VARIATION, total_variation, noisy, sigma)
    outputs.run(methods.NL_MEANS, nl_means, noisy, sigma)
    outputs.run(methods.pca(count), pca.reconstruct, noisy, count)
    outputs.run(methods.SLIDING_DCT, sliding_dct, noisy, sigma)
    outputs.run(methods.LMMSE, whole.denoise, noisy, sigma)
    return outputs


@contextlib.contextmanager
def _factored(matrix: np.ndarray, ridge: float) -> Iterator[tuple[np.ndarray, bool]]:
    """Cholesky's factor of matrix + ridge · I, for `cho_solve`; the matrix, (n, n), is symmetric with no negative eigenvalue.

    The factor lies in the matrix below its diagonal, since a copy would be as large; then the half above is copied back there.
    """
    diagonal = matrix.diagonal().copy()
    np.fill_diagonal(matrix, diagonal + np.float32(ridge))
    try:
        yield linalg.cho_factor(matrix.T, overwrite_a=True, check_finite=False)  # LAPACK's columns are the rows of an array
    finally:
        np.fill_diagonal(matrix, diagonal)
        _mirror(matrix)


def _mirror(matrix: np.ndarray) -> None:
    """Copy the half of a matrix above its diagonal to below it, rounding included."""
    for first in range(0, len(matrix), _AT_ONCE):
        rows = slice(first, first + _AT_ONCE)
        matrix[rows, :first] = matrix[:first, rows].T
        matrix[rows, rows] = np.triu(matrix[rows, rows]) + np.triu(matrix[rows, rows], 1).T

"""A second step after a denoiser: similar patches of the noisy picture are filtered together, with the denoised one as a guide."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from reecho.colour import luma

PATCH = 7  # pixels, height and width of a patch
STEP = 4  # pixels from one patch that others are compared with to the next one
REACH = 20  # pixels up, down, left and right within which similar patches are looked for
ALIKE = 32  # patches that are filtered together
PASSES = 3  # each guided by the result of the one before
WEIGHT = 0.75  # of the filtered picture in the mean with the denoised one, where the noise is white and Gaussian
AROUND = 72  # pixels, height and width of the square whose residual tells whether it is
_STRIP = 32  # rows of patches whose differences are held at once
_CHUNK = 512  # patches that are filtered at once
_OUTSIDE = 1e4  # grey of what lies outside the picture, so far from all grey that no patch there is like one inside
# Ranges over which the weight falls from all to none; white Gaussian noise has .80, 1 and 0.
_ABSOLUTE = (0.6, 0.4)  # mean of the residual's absolute value over its root mean square: .2 under salt and pepper
_GREY = (1.4, 1.8)  # mean square of the residual's grey part, times 3, over its mean square: more under JPEG
_NEIGHBOURS = (0.15, 0.3)  # correlation of neighbouring pixels' residuals: more under JPEG and demosaicing


def refined(noisy: np.ndarray, denoised: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """The mean of a denoised picture and one in which similar patches of the noisy picture were filtered together.

    Each patch and those that are most like it in the denoised picture are taken for draws of one Gaussian. Its mean and covariance
    are those of the denoised patches, and the noisy patches' conditional means given it are averaged where patches overlap. What a
    network takes for noise since it never learnt it, such as bricks, comes back where it is repeated. Faces gain less,
    and under noise of other kinds the filter does harm, so its weight is 0 where the residual does not look white and Gaussian.
    The settings are the best compromise of some dozens on twelve pictures of texture and twelve validation faces of 128 pixels.

    Args:
        noisy: float32 (H, W, 3), intensity units of [0, 1], noise that may leave it.
        denoised: float32 (H, W, 3).
        sigma: float32 (H, W), standard deviation of the noise at each pixel.

    Returns:
        float32 (H, W, 3); the denoised picture itself where a side is below two patches.

    Source: Lebrun, Buades & Morel (2013), doi:10.1137/120874989, whose second step this is, here with a network's output as the
    first one's.
    """
    if min(noisy.shape[:2]) < 2 * PATCH:  # fewer than ALIKE patches could be found
        return denoised
    weight = WEIGHT * whiteness(noisy - denoised)[..., None]
    if not weight.any():
        return denoised
    alike = _alike(luma(denoised)[..., 0])
    guide = denoised
    for _ in range(PASSES):
        guide = _filtered(noisy, guide, sigma, alike)
    return denoised + weight * (guide - denoised)


def whiteness(residual: np.ndarray) -> np.ndarray:
    """How far what was taken off looks like white Gaussian noise around each pixel: float32 (H, W), 1 like it, 0 unlike it.

    Args:
        residual: float32 (H, W, 3), the noisy picture less the denoised one.
    """

    def mean(values: np.ndarray) -> np.ndarray:
        return ndimage.uniform_filter(values, AROUND, mode="reflect")

    square = mean(np.square(residual).mean(-1)) + np.float32(1e-12)
    absolute = mean(np.abs(residual).mean(-1)) / np.sqrt(square)
    grey = 3 * mean(np.square(residual.mean(-1))) / square
    before = np.roll(residual, 1, 0) + np.roll(residual, 1, 1)
    neighbours = mean((residual * before).mean(-1)) / (2 * square)
    ranges = ((absolute, _ABSOLUTE), (grey, _GREY), (neighbours, _NEIGHBOURS))
    shares = [np.clip((values - none) / (full - none), 0, 1) for values, (full, none) in ranges]
    return np.minimum.reduce(shares)


def _starts(length: int) -> np.ndarray:
    """Where patches begin along a side, the last one at its end."""
    return np.unique(np.append(np.arange(0, length - PATCH + 1, STEP), length - PATCH))


def _alike(grey: np.ndarray) -> np.ndarray:
    """The places of patches that are alike: int32 (n, k), a patch's own place first; a place is row · W + column of its corner.

    Args:
        grey: float32 (H, W).
    """
    rows = _starts(grey.shape[0])
    return np.concatenate([_alike_in(grey, rows[first : first + _STRIP]) for first in range(0, len(rows), _STRIP)])


def _alike_in(grey: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The same for patches that begin in these rows."""
    width = grey.shape[1]
    columns, top, bottom = _starts(width), rows[0], rows[-1] + PATCH  # pixels from top to before bottom are compared
    around = np.pad(grey, REACH, constant_values=_OUTSIDE)[top : bottom + 2 * REACH]
    steps = np.array([(down, across) for down in range(2 * REACH + 1) for across in range(2 * REACH + 1)])
    differences = np.empty((len(steps), len(rows) * len(columns)), "float32")
    for place, (down, across) in enumerate(steps):
        squares = np.square(grey[top:bottom] - around[down : down + bottom - top, across : across + width])
        in_column = sum(squares.take(rows - top + offset, 0) for offset in range(PATCH))  # (rows, W)
        differences[place] = sum(in_column.take(columns + offset, 1) for offset in range(PATCH)).ravel()
    differences[len(steps) // 2] = -1  # a patch's own place is the first
    nearest = np.argpartition(differences, ALIKE - 1, axis=0)[:ALIKE]
    order = np.argsort(np.take_along_axis(differences, nearest, 0), 0)
    moves = steps[np.take_along_axis(nearest, order, 0)] - REACH  # (k, n, 2)
    places = (rows[:, None] * width + columns).ravel() + moves[..., 0] * width + moves[..., 1]
    return np.ascontiguousarray(places.T, dtype="int32")


def _filtered(noisy: np.ndarray, guide: np.ndarray, sigma: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """The conditional means of groups of noisy patches, averaged where they overlap: float32 (H, W, 3)."""
    square = np.arange(PATCH)[:, None] * noisy.shape[1] + np.arange(PATCH)
    values = (square[..., None] * 3 + np.arange(3)).ravel()  # of a patch, in a picture that begins at its corner
    total, counts = np.zeros(noisy.size), np.zeros(noisy.size)
    for places, level in _chunks(alike, sigma.ravel()):
        index = places[..., None] * 3 + values  # (n, k, 3 · PATCH²)
        seen, expected = noisy.reshape(-1)[index], guide.reshape(-1)[index]
        mean = expected.mean(1, keepdims=True)
        spread = expected - mean
        # With S the k spreads as rows, the covariance is SᵀS / k, and the filter (SᵀS + k σ² I)⁻¹ SᵀS = Sᵀ (S Sᵀ + k σ² I)⁻¹ S.
        across = spread.transpose(0, 2, 1)
        inner = spread @ across
        inner[:, np.arange(inner.shape[1]), np.arange(inner.shape[1])] += inner.shape[1] * level[:, None] ** 2 + np.float32(1e-9)
        shares = np.linalg.solve(inner, spread @ (seen - mean).transpose(0, 2, 1))
        estimate = mean + shares.transpose(0, 2, 1) @ spread
        total += np.bincount(index.ravel(), estimate.ravel(), noisy.size)
        counts += np.bincount(index.ravel(), minlength=noisy.size)
    return (total / counts).reshape(noisy.shape).astype("float32")


def _chunks(alike: np.ndarray, sigma: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Groups of places, a few at a time, and σ at the corner of each group's own patch."""
    for first in range(0, len(alike), _CHUNK):
        places = alike[first : first + _CHUNK].astype("int64")
        yield places, sigma[places[:, 0]]

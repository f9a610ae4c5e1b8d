"""A second step after a denoiser: similar patches of the noisy picture are filtered together, with the denoised one as a guide."""

from __future__ import annotations

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
_STRIP = 16  # rows of patches whose differences are held at once
_CHUNK = 64  # groups that are filtered at once: what is computed of them fits into the cache of a core
_OUTSIDE = 1e4  # grey of what lies outside the picture, so far from all grey that no patch there is like one inside
# Ranges over which the weight falls from all to none; white Gaussian noise has .80, 1 and 0.
_ABSOLUTE = (0.6, 0.4)  # mean of the residual's absolute value over its root mean square: .2 under salt and pepper
_GREY = (1.4, 1.8)  # mean square of the residual's grey part, times the number of colours, over its mean square: more under JPEG
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
    grey = luma(denoised)
    seen, first = noisy, denoised
    if (noisy == noisy[..., :1]).all():  # a grey photo: one noise, not the same one in three colours
        seen, first = noisy[..., :1], grey
    weight = WEIGHT * whiteness(seen - first)[..., None]
    if not weight.any():
        return denoised
    alike = _alike(grey[..., 0])
    guide = first
    for _ in range(PASSES):
        guide = _filtered(seen, guide, sigma, alike)
    return denoised + weight * (guide - first)


def whiteness(residual: np.ndarray) -> np.ndarray:
    """How far what was taken off looks like white Gaussian noise around each pixel: float32 (H, W), 1 like it, 0 unlike it.

    Args:
        residual: float32 (H, W, 3), or (H, W, 1) of a grey picture, the noisy picture less the denoised one.
    """

    def mean(values: np.ndarray) -> np.ndarray:
        return ndimage.uniform_filter(values, AROUND, mode="reflect")

    square = mean(np.square(residual).mean(-1)) + np.float32(1e-12)
    absolute = mean(np.abs(residual).mean(-1)) / np.sqrt(square)
    grey = residual.shape[-1] * mean(np.square(residual.mean(-1))) / square
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
    side = 2 * REACH + 1  # places up and down, and left and right, that a patch is compared with
    differences = np.empty((len(rows) * len(columns), side, side), "float32")
    of_row = np.empty((side, len(differences)), "float32")
    for down in range(side):
        for across in range(side):
            squares = grey[top:bottom] - around[down : down + bottom - top, across : across + width]
            np.square(squares, out=squares)
            in_column = _sums(squares, rows - top)  # (rows, W)
            of_row[across] = _sums(np.ascontiguousarray(in_column.T), columns).T.ravel()
        differences[:, down] = of_row.T
    differences[:, REACH, REACH] = -1  # a patch's own place is the first
    of_patches = differences.reshape(len(differences), -1)
    nearest = np.argpartition(of_patches, ALIKE - 1, axis=1)[:, :ALIKE]
    order = np.argsort(np.take_along_axis(of_patches, nearest, 1), 1)
    far_down, far_across = np.divmod(np.take_along_axis(nearest, order, 1), side)  # (n, k)
    own = (rows[:, None] * width + columns).reshape(-1, 1)
    return (own + (far_down - REACH) * width + far_across - REACH).astype("int32")


def _sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The sums of PATCH rows from each start on: (starts, …)."""
    even = starts[-1] - starts[0] == STEP * (len(starts) - 1)
    rows = [
        values[starts[0] + offset : starts[-1] + offset + 1 : STEP] if even else values.take(starts + offset, 0)
        for offset in range(PATCH)
    ]
    total = rows[0] + rows[1]
    for row in rows[2:]:
        total += row
    return total


def _filtered(noisy: np.ndarray, guide: np.ndarray, sigma: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """The conditional means of groups of noisy patches, averaged where they overlap: float32, the shape of the picture."""
    _, width, colours = noisy.shape
    square = np.arange(PATCH)[:, None] * width + np.arange(PATCH)
    values = (square[..., None] * colours + np.arange(colours)).ravel()  # of a patch, in a picture that begins at its corner
    seen_at, expected_at = _patches(noisy), _patches(guide)
    total, levels = np.zeros(noisy.size), sigma.ravel()
    diagonal = np.arange(alike.shape[1])
    for first in range(0, len(alike), _CHUNK):
        places = alike[first : first + _CHUNK].astype("int64")  # (n, k)
        corner = places // width, places % width * colours
        seen, spread = (
            patches[corner].reshape(*places.shape, -1) for patches in (seen_at, expected_at)
        )  # (n, k, colours · PATCH²)
        mean = spread.mean(1, keepdims=True)
        spread -= mean
        seen -= mean
        # With S the k spreads as rows, the covariance is SᵀS / k, and the filter (SᵀS + k σ² I)⁻¹ SᵀS = Sᵀ (S Sᵀ + k σ² I)⁻¹ S.
        inner = spread @ spread.transpose(0, 2, 1)
        inner[:, diagonal, diagonal] += len(diagonal) * levels[places[:, :1]] ** 2 + np.float32(1e-9)
        shares = np.linalg.solve(inner, spread @ seen.transpose(0, 2, 1))
        estimate = np.matmul(shares.transpose(0, 2, 1), spread, out=seen)
        estimate += mean
        start = places.min() * colours  # only what lies behind it is added to
        part = np.bincount((places[..., None] * colours + (values - start)).ravel(), estimate.ravel())
        total[start : start + len(part)] += part
    return (total.reshape(noisy.shape) / _counts(alike, noisy.shape)).astype("float32")


def _patches(picture: np.ndarray) -> np.ndarray:
    """A view of all patches of a picture: (H - PATCH + 1, values of a row, PATCH, values of a patch's row)."""
    height, width, colours = picture.shape
    return np.lib.stride_tricks.sliding_window_view(picture.reshape(height, width * colours), (PATCH, PATCH * colours))


def _counts(alike: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """How many patches of all groups cover each pixel: float64 (H, W, 1)."""
    height, width, _ = shape
    corners = np.bincount(alike.ravel(), minlength=height * width).reshape(height, width)
    counts = np.zeros((height, width, 1))
    for down in range(PATCH):
        for across in range(PATCH):
            counts[down:, across:, 0] += corners[: height - down, : width - across]
    return counts

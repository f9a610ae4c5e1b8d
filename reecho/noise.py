"""Noise of the kinds that photographs have: Gaussian, of few photons, salt and pepper, coloured by demosaicing and by JPEG."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from PIL import Image
from scipy import ndimage

JPEG_QUALITY = 60  # of the coloured noise that methods are compared on
_RED_BLUE = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], "float32") / 4  # bilinear: the mean of the nearest samples of a colour
_GREEN = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]], "float32") / 4
_LIGHTEST, _HEAVIEST = 0.01, 0.3  # standard deviations that `mixed` draws from, intensity


def gaussian(picture: np.ndarray, rng: np.random.Generator, sigma: float) -> np.ndarray:
    """A picture under white Gaussian noise, not clipped, since clipping would bias the noise.

    Args:
        picture: float32 (H, W, 3) in [0, 1]; of all functions here.
        rng: draws the noise.
        sigma: standard deviation, intensity units of [0, 1].

    Returns:
        float32 (H, W, 3); it may leave [0, 1].
    """
    return picture + np.float32(sigma) * rng.standard_normal(picture.shape, dtype="float32")


def poisson(picture: np.ndarray, rng: np.random.Generator, peak: float) -> np.ndarray:
    """A picture of few photons: each value is a count over `peak`, the mean count of white.

    Returns:
        float32 (H, W, 3), at least 0; it may be above 1.
    """
    return (rng.poisson(np.clip(picture, 0, 1) * peak) / peak).astype("float32")


def salt_and_pepper(picture: np.ndarray, rng: np.random.Generator, share: float, by_pixel: bool = False) -> np.ndarray:
    """A picture of which a share of values is 0 or 1, each as often.

    Args:
        picture, rng: as for `gaussian`.
        share: of the values that are replaced.
        by_pixel: replace red, green and blue of a pixel together.

    Returns:
        float32 (H, W, 3) in [0, 1].
    """
    drawn = rng.random((*picture.shape[:2], 1) if by_pixel else picture.shape, "float32")
    return np.where(drawn < share, (drawn < share / 2).astype("float32"), picture)


def jpeg(picture: np.ndarray, rng: np.random.Generator, sigma: float, quality: int = JPEG_QUALITY) -> np.ndarray:
    """Gaussian noise, then JPEG and back, which colours the noise and leaves its blocks.

    Args:
        picture, rng, sigma: as for `gaussian`.
        quality: of the JPEG, 1 to 95.

    Returns:
        float32 (H, W, 3) in [0, 1].
    """
    return through_jpeg(gaussian(picture, rng, sigma), quality)


def demosaiced(picture: np.ndarray, rng: np.random.Generator, sigma: float) -> np.ndarray:
    """Noise as behind a colour filter array: one value a pixel, a red, a green or a blue one, the others interpolated.

    Args:
        picture, rng: as for `gaussian`.
        sigma: standard deviation of the noise of each measured value at mid grey; light makes more of it, as photons do.

    Returns:
        float32 (H, W, 3); it may leave [0, 1]. The picture itself is not interpolated.

    Source: Bayer's array (US patent 3,971,065), bilinear interpolation.
    """
    height, width = picture.shape[:2]
    strength = sigma * np.sqrt(0.2 + 1.6 * np.clip(picture, 0, 1))
    noise = strength * rng.standard_normal(picture.shape, dtype="float32")
    rows, columns = np.ogrid[:height, :width]
    measured = np.stack([(rows % 2 == 0) & (columns % 2 == 0), (rows + columns) % 2 == 1, (rows % 2 == 1) & (columns % 2 == 1)], -1)
    kernels = (_RED_BLUE, _GREEN, _RED_BLUE)
    spread = [ndimage.convolve((noise * measured)[..., c], kernel, mode="mirror") for c, kernel in enumerate(kernels)]
    return (picture + np.stack(spread, -1)).astype("float32")


def through_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """A picture, clipped to [0, 1], written as JPEG and read again: float32 (H, W, 3) in [0, 1]."""
    file = io.BytesIO()
    Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype("uint8")).save(file, "jpeg", quality=quality)
    with Image.open(file) as read:
        return np.asarray(read, "float32") / 255


KINDS: Mapping[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = MappingProxyType({  # as methods are compared on them
    "gaussian_10": lambda picture, rng: gaussian(picture, rng, 0.1),
    "gaussian_05": lambda picture, rng: gaussian(picture, rng, 0.05),
    "gaussian_20": lambda picture, rng: gaussian(picture, rng, 0.2),
    "poisson": lambda picture, rng: poisson(picture, rng, 100.0),
    "salt_and_pepper": lambda picture, rng: salt_and_pepper(picture, rng, 0.05),
    "jpeg": lambda picture, rng: jpeg(picture, rng, 0.1),
})  # fmt: skip


def of_kind(kind: str, pictures: np.ndarray, seed: int) -> np.ndarray:
    """Pictures under noise of a kind, each with its own.

    Args:
        kind: a key of KINDS.
        pictures: float32 (n, H, W, 3) in [0, 1].
        seed: with a picture's place it decides its noise.

    Returns:
        float32 (n, H, W, 3); it may leave [0, 1].
    """
    return np.stack([KINDS[kind](picture, np.random.default_rng((seed, place))) for place, picture in enumerate(pictures)])


def mixed(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A picture under noise of a kind and strength drawn by chance, as a denoiser for photographs learns from.

    Over half of the pictures have Gaussian noise, σ to .3, and a quarter of those are clipped, as the files of cameras are. The
    others share the other kinds: few photons (peak 10 to 1,000), salt and pepper (to 15 % of the values), JPEG alone, and
    demosaicing with JPEG.

    Returns:
        float32 (H, W, 3); it may leave [0, 1].
    """
    kind, share = rng.random(2)
    # half evenly, half by ratio: little noise is what photos have most often, much of it is what methods are compared on
    sigma = _HEAVIEST * share if rng.random() < 0.5 else _LIGHTEST * (_HEAVIEST / _LIGHTEST) ** share
    if kind < 0.55:
        noisy = gaussian(picture, rng, sigma)
        return np.clip(noisy, 0, 1) if kind < 0.14 else noisy
    if kind < 0.66:
        return poisson(picture, rng, 10 ** (1 + 2 * share))
    if kind < 0.77:
        grains = salt_and_pepper(picture, rng, 0.15 * share, bool(rng.random() < 0.3))
        return gaussian(grains, rng, sigma / 4) if rng.random() < 0.3 else grains
    if kind < 0.89:
        return jpeg(picture, rng, sigma / 1.5, int(rng.integers(40, 96)))
    camera = demosaiced(picture, rng, sigma / 1.5)
    return through_jpeg(camera, int(rng.integers(50, 99))) if rng.random() < 0.7 else np.clip(camera, 0, 1)

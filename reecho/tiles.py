"""Denoising a picture of any size in windows that overlap: bounded memory, no seams, the same as all of it at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from reecho.errors import ReechoError
from reecho.similar import refined

if TYPE_CHECKING:
    import keras

MULTIPLE = 8  # pixels down and across of a place that has one σ; windows begin and end at multiples of it
MARGIN = 64  # pixels that a window sees around its own part; what is further away changes nothing that 8 bits can show
EDGE = 16  # pixels by which the picture is continued by reflection at its edges
WINDOW = 640  # height and width of a window at most, pixels, its margins included
STRENGTHS = (0.0, 2.0)  # that make sense
_COPIES = tuple((turns, mirrored) for turns in range(4) for mirrored in (False, True))  # of an ensemble: right angles, mirrored


class Denoiser(Protocol):
    """A network for pictures of any size, as `reecho.networks.photo_denoiser.PhotoDenoiser` is one."""

    reading: keras.Model
    removal: keras.Model


@dataclass(frozen=True)
class Band:
    """Some rows of a denoised picture, over its whole width.

    Args:
        top: the first row's number.
        pixels: float32 (h, W, 3); it may leave [0, 1] a little.
        sigma: float32 (⌈h / 8⌉, ⌈W / 8⌉), standard deviation of the noise in each place of 8 × 8 pixels, intensity units of [0, 1].
    """

    top: int
    pixels: np.ndarray
    sigma: np.ndarray


def mean_sigma(sigma: np.ndarray) -> float:
    """One standard deviation for all places: the root of the mean of their squares, intensity."""
    return float(np.sqrt(np.mean(np.square(sigma, dtype="float64"))))


def denoised(
    network: Denoiser, picture: np.ndarray, strength: float = 1.0, ensemble: bool = False, similar: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """A picture without its noise, and the noise that was found in it.

    Args:
        network: a trained denoiser for pictures of any size (`Network.model` of a photo denoiser).
        picture: uint8 (H, W, 3), or float (H, W, 3) with values of [0, 1] and noise that may leave it; any height and width.
        strength: up to 1 the share of what was found to be noise that is taken off, so that 0 leaves the picture as it is; above 1
            the factor on the σ that network and filter are told, for a smoother picture. Below 1 such a factor would change little,
            since the network sees the noise itself: told 1 % of its σ, it still takes off nine tenths of it.
        ensemble: average what comes out for the picture and its copies that are turned by right angles and mirrored, eight in all:
            a little closer to the clean picture, for eight times the time. Source: Timofte et al. (2016), "Seven ways to improve
            example-based single image super resolution", arXiv:1511.02228, section 3.5.
        similar: filter similar patches together afterwards, see `reecho.similar.refined`.

    Returns:
        float32 (H, W, 3), which may leave [0, 1] a little, and float32 (⌈H / 8⌉, ⌈W / 8⌉), σ of each place of 8 × 8 pixels,
        intensity; `mean_sigma` makes one number of it.

    Raises:
        ReechoError: a strength outside [0, 2], or no picture of three colours.
    """
    if picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise ReechoError(f"A picture has the shape (height, width, 3), and this array has {picture.shape}.")
    height, width = picture.shape[:2]
    parts = list(bands(network, lambda first, last: picture[first:last], height, width, strength, ensemble, similar))
    return np.concatenate([part.pixels for part in parts]), np.concatenate([part.sigma for part in parts])


def bands(
    network: Denoiser,
    rows: Callable[[int, int], np.ndarray],
    height: int,
    width: int,
    strength: float = 1.0,
    ensemble: bool = False,
    similar: bool = False,
    advance: Callable[[int], Any] = lambda pixels: None,
    window: int = WINDOW,
) -> Iterator[Band]:
    """A denoised picture in bands from top to bottom, for pictures that are too large to be held several times.

    Args:
        network: as for `denoised`.
        rows: gives the picture's rows from a first one to before a last one, uint8 or float (n, W, 3). Each row is asked for once,
            in order, and before a band with it is given, so that a band may be written over the picture itself.
        height, width: of the picture, pixels.
        strength, ensemble, similar: as for `denoised`.
        advance: is told the number of pixels that have been denoised since it was called last.
        window: height and width of what goes through the network at once at most, pixels, a multiple of 8 above two margins.

    Yields:
        Bands that follow each other without a gap.
    """
    if not STRENGTHS[0] <= strength <= STRENGTHS[1]:
        raise ReechoError(f"strength={strength:g} is out of range; allowed are {STRENGTHS[0]:g} to {STRENGTHS[1]:g}.")
    down, across = _continued(height), _continued(width)
    tops, tall = _windows(down, window)
    lefts, wide = _windows(across, window)
    held, first_held, done = rows(0, min(tall - EDGE, height)), 0, 0
    for top in tops:
        first, last = max(top - EDGE, 0), min(top - EDGE + tall, height)
        next_row, held, first_held = first_held + len(held), held[first - first_held :], first
        if last > next_row:
            held = np.concatenate([held, rows(next_row, last)])
        above, below = max(EDGE - top, 0), max(top - EDGE + tall - height, 0)
        seen = np.pad(held, ((above, below), (EDGE, across - EDGE - width), (0, 0)), "reflect")  # (tall, across, 3)
        own = slice(done + EDGE - top, tall - (0 if top + tall == down else MARGIN))  # its rows that are not given yet
        pixels = np.empty((own.stop - own.start, across, 3), "float32")
        sigma = np.empty((pixels.shape[0] // MULTIPLE, across // MULTIPLE), "float32")
        for left in lefts:
            removed, level = _through(network, seen[:, left : left + wide], strength, ensemble, similar)
            a, b = 0 if left == 0 else MARGIN, wide - (0 if left + wide == across else MARGIN)
            pixels[:, left + a : left + b] = removed[own, a:b]
            places = slice(own.start // MULTIPLE, own.stop // MULTIPLE), slice(a // MULTIPLE, b // MULTIPLE)
            sigma[:, (left + a) // MULTIPLE : (left + b) // MULTIPLE] = level[places]
            advance(max(min(done + len(pixels), height) - done, 0) * max(min(left + b - EDGE, width) - max(left + a - EDGE, 0), 0))
        inside = min(len(pixels), height - done)
        corner = slice(0, -(-inside // MULTIPLE)), slice(EDGE // MULTIPLE, EDGE // MULTIPLE + -(-width // MULTIPLE))
        yield Band(done, pixels[:inside, EDGE : EDGE + width], np.exp(sigma[corner]))
        done += inside


def _through(
    network: Denoiser, pixels: np.ndarray, strength: float, ensemble: bool, similar: bool
) -> tuple[np.ndarray, np.ndarray]:
    """A window without its noise, float32 (h, w, 3), and log σ of its places."""
    noisy = pixels.astype("float32")
    if pixels.dtype == np.uint8:
        noisy /= 255
    removed, level = (_mean_of_copies if ensemble else _once_through)(network, noisy, strength)
    if similar and strength:
        sigma = np.exp(level) * np.float32(max(strength, 1.0))  # as the network was told
        removed = refined(noisy, removed, sigma.repeat(MULTIPLE, 0).repeat(MULTIPLE, 1))
    if strength < 1:
        removed = noisy + np.float32(strength) * (removed - noisy)
    return removed, level


def _mean_of_copies(network: Denoiser, noisy: np.ndarray, strength: float) -> tuple[np.ndarray, np.ndarray]:
    removed, level = np.zeros_like(noisy), np.zeros([length // MULTIPLE for length in noisy.shape[:2]], "float32")
    for turns, mirrored in _COPIES:
        copy = np.rot90(noisy[:, ::-1] if mirrored else noisy, turns)
        for total, part in zip((removed, level), _once_through(network, copy, strength), strict=True):
            upright = np.rot90(part, -turns)
            total += (upright[:, ::-1] if mirrored else upright) / np.float32(len(_COPIES))
    return removed, level


def _once_through(network: Denoiser, pixels: np.ndarray, strength: float) -> tuple[np.ndarray, np.ndarray]:
    from reecho.batches import predict  # TensorFlow, seconds

    noisy = pixels[None]
    level = predict(network.reading, noisy)
    if strength == 0:
        return noisy[0], level[0, ..., 0]
    removed = predict(network.removal, noisy, level + np.float32(math.log(max(strength, 1.0))))
    return removed[0], level[0, ..., 0]


def _continued(length: int) -> int:
    """The length of a picture's side with what is added at its ends: a multiple of 8."""
    return -(-length // MULTIPLE) * MULTIPLE + 2 * EDGE


def _windows(length: int, most: int) -> tuple[list[int], int]:
    """Where windows begin that cover a length and overlap by two margins, and their size, which is the same for all of them."""
    if length <= most:
        return [0], length
    count = math.ceil((length - 2 * MARGIN) / (most - 2 * MARGIN))
    step = math.ceil((length - 2 * MARGIN) / count / MULTIPLE) * MULTIPLE
    size = step + 2 * MARGIN
    return [min(number * step, length - size) for number in range(count)], size

"""How sharp a set of pictures is: the power of its detail by fineness, and the blur that takes as much off real faces."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, uniform_filter

from reecho.colour import luma

_RING = (12, 15)  # cycles a picture
_BLURS = (0.0, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0)  # standard deviations, pixels; one below 0.35 takes nearly nothing off
_SOME = 500  # pictures are enough for a mean power


def _power(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean power of the luma, (H, W // 2 + 1), and the cycles a picture of each of its places."""
    tone = luma(pictures)[..., 0].astype("float64")
    height, width = tone.shape[1:]
    tone -= tone.mean(axis=(1, 2), keepdims=True)
    tone *= np.hanning(height + 2)[1:-1, None] * np.hanning(width + 2)[1:-1]
    power = (np.abs(np.fft.rfft2(tone)) ** 2).mean(axis=0)
    return power, np.hypot(np.fft.fftfreq(height, 1 / height)[:, None], np.fft.rfftfreq(width, 1 / width))


def log10_power(pictures: np.ndarray) -> float:
    """Power of the finest detail, 12 to 15 cycles a picture, as a logarithm to base 10.

    Args:
        pictures: float array (n, H, W, 3) in [0, 1], H and W at least 30.

    Returns:
        log10 of the mean power of the luma in the ring (arbitrary unit; only differences between sets of one size mean something).
        A Hann window keeps the borders' jumps out.
    """
    power, cycles = _power(pictures)
    ring = power[(cycles >= _RING[0]) & (cycles < _RING[1])]
    return float(np.log10(max(ring.mean(), 1e-12))) if ring.size else 0.0


def spectrum(pictures: np.ndarray, real: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The power of a set of pictures against that of real ones, from coarse to fine.

    Args:
        pictures: float array (n, H, W, 3) in [0, 1].
        real: float array (m, H, W, 3) in [0, 1].

    Returns:
        Cycles a picture, int (k,) from 1 to min(H, W) / 2 - 1, and log10 of the ratio of powers, float64 (k,): 0 is as real faces
        are, below it detail is missing, above it there is too much.

    Example:
        >>> faces = np.random.default_rng(0).random((8, 32, 32, 3))
        >>> spectrum(0.1 * faces, faces)[1].round(6)[:3]
        array([-2., -2., -2.])
    """
    (new, cycles), (true, _) = _power(pictures), _power(real)
    rings = np.arange(1, min(pictures.shape[1:3]) // 2)
    inside = [np.abs(cycles - ring) < 0.5 for ring in rings]
    return rings, np.array([np.log10(max(new[ring].mean(), 1e-12) / max(true[ring].mean(), 1e-12)) for ring in inside])


def detail(pictures: np.ndarray) -> np.ndarray:
    """How sharp each picture is, apart from its contrast: the share of the luma's deviation that a mean of 3 × 3 pixels takes off.

    Args:
        pictures: float array (n, H, W, 3); clipped to [0, 1].

    Returns:
        float64 (n,), 0 for a picture of one tone.

    Example:
        >>> noise = np.random.default_rng(0).random((1, 32, 32, 3))
        >>> smooth = np.linspace(0, 1, 32)[:, None, None] * np.ones((1, 32, 32, 3))
        >>> bool(detail(noise)[0] > 0.9), bool(detail(smooth)[0] < 0.1)
        (True, True)
    """
    tone = luma(np.clip(pictures, 0, 1))[..., 0].astype("float64")
    fine = tone - uniform_filter(tone, (0, 3, 3))
    return fine.std(axis=(1, 2)) / np.maximum(tone.std(axis=(1, 2)), 1e-9)


class BlurScale:
    """What blurs of known widths do to the power of real faces' finest detail.

    Args:
        real: float array (n, H, W, 3) in [0, 1]; where H or W is below 30 there is no such detail, and no blur is told.

    Grain counts as detail as well, so that a noisy picture is not soft by this scale: read it beside the KIDs.
    """

    def __init__(self, real: np.ndarray):
        tone = luma(np.clip(real[:_SOME], 0, 1))
        powers = [log10_power(np.repeat(gaussian_filter(tone, (0, sigma, sigma, 0)), 3, axis=-1)) for sigma in _BLURS]
        self._lost = np.maximum.accumulate(powers[0] - np.array(powers))

    def of(self, power: float) -> float:
        """The standard deviation of the blur, pixels from 0 to 3, after which real faces have as little fine detail.

        Args:
            power: `log10_power` of the set less that of the real faces.

        Example:
            >>> faces = np.random.default_rng(0).random((8, 32, 32, 3))
            >>> BlurScale(faces).of(0.0)
            0.0
        """
        return float(np.interp(-power, self._lost, _BLURS)) if np.ptp(self._lost) else 0.0

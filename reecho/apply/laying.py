"""The chroma of a small face, laid on the brightness of a large photo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image
from scipy import ndimage

from reecho.apply.frames import face_box
from reecho.apply.photo import Photo
from reecho.colour import fit_gamut, luma
from reecho.data.picture import WIDTH

# Beyond the frame that the network sees, its colours at the edge go on and fade to grey over so many pixels of LFW's 250: on 30
# validation people, ΔE00 outside the frame is 9.89, where all that lies outside stays grey 10.25, and where a second output for the
# whole square is taken 11.41; without fading 10.72, over 20 pixels 9.95.
FADING = 40
_AROUND = 1  # pixels of the small face around one, whose chroma and luma a line is fitted to
FLAT = 0.1**2  # variance of luma, intensity², below which the line is flattened
SHARE = 0.5  # of the slope that is taken: with all of it, validation people come out no better than by bicubic interpolation
_ROWS = 64  # of a photo that are coloured at a time


@dataclass(frozen=True)
class Chroma:
    """What a network drew for a small face.

    Args:
        colours: float32 (n, n, 2), Cb and Cr.
        tone: float32 (n, n), the luma that the network saw, [0, 1].
    """

    colours: np.ndarray
    tone: np.ndarray

    def slopes(self) -> np.ndarray:
        """How chroma grows with luma around each pixel, float32 (n, n, 2): the slope of the line that a guided filter fits.

        Source: He, Sun & Tang (2010), "Guided image filtering", equations 5 and 8.
        """
        tone = self.tone[..., None]

        def mean(values: np.ndarray) -> np.ndarray:
            return ndimage.uniform_filter(values, (2 * _AROUND + 1, 2 * _AROUND + 1, 0), mode="nearest")

        covariance = mean(tone * self.colours) - mean(tone) * mean(self.colours)
        return mean(covariance / (mean(tone**2) - mean(tone) ** 2 + FLAT)).astype("float32")


def lay(
    photo: Photo, onto: Photo, small: Chroma, crop: int, whole: bool, advance: Callable[[int], Any] = lambda pixels: None
) -> Photo:  # fmt: skip
    """Lay chroma on a photo's brightness, along the edges of its luma, and let it fade out around the face frame.

    Bicubic interpolation of the chroma, plus its slope over luma times the detail that the photo's luma has and the small one has
    not: what the network drew stays as it is, and where it drew another colour on the darker side of an edge, the border between
    both follows the photo's. A guided filter of the enlarged chroma, and joint bilateral upsampling (Kopf et al. 2007), smooth what
    the network drew, and are farther from the truth than bicubic interpolation alone (README, "Photos of your own").

    Args:
        photo: with three colours, whose luma is taken.
        onto: the same photo, or a copy of it, which is written over.
        small: the chroma of the face frame.
        crop, whole: the face frame, as in `frame`.
        advance: is told the number of pixels that were coloured.

    Returns:
        `onto`.
    """
    width, height = photo.picture.size
    left, top, right, bottom = face_box((width, height), crop, whole)
    layers = np.concatenate([small.colours, small.slopes(), small.tone[..., None]], axis=-1)  # (n, n, 5)
    channels = [Image.fromarray(np.ascontiguousarray(channel, "float32")) for channel in np.moveaxis(layers, -1, 0)]
    fading, pixel = FADING / WIDTH * min(width, height), (bottom - top) / len(layers)
    beside, within = _outside(np.arange(width), left, right), _inside(np.arange(width), left, right)
    for first in range(0, height, _ROWS):
        last = min(first + _ROWS, height)
        rows = np.arange(first, last)
        large = _rows(channels, rows, (left, top, right, bottom), width)  # (n, W, 5)
        tone = luma(photo.rows(first, last).astype("float32") / 255)
        detail = np.clip(np.minimum(_inside(rows, top, bottom)[:, None], within)[..., None] / pixel, 0, 1)  # none beyond the frame
        away = np.hypot(_outside(rows, top, bottom)[:, None], beside)[..., None]
        laid = large[..., :2] + detail * SHARE * large[..., 2:4] * (tone - large[..., 4:])
        onto.put(first, fit_gamut(tone, laid * np.clip(1 - away / fading, 0, 1)))
        advance((last - first) * width)
    return onto


def _rows(channels: list[Image.Image], rows: np.ndarray, box: tuple[int, int, int, int], width: int) -> np.ndarray:
    """Rows of a photo of small channels that are enlarged to a box in it; beyond the box its edge goes on: (n, W, channels)."""
    left, top, right, bottom = box
    count, scale = channels[0].width, channels[0].width / (bottom - top)
    first = int(np.clip(rows[0], top, bottom - 1))  # at least one row of the box is enlarged
    last = int(np.clip(rows[-1] + 1, first + 1, bottom))
    part = (0.0, (first - top) * scale, float(count), min((last - top) * scale, float(count)))
    size = right - left, last - first
    enlarged = np.stack([np.asarray(channel.resize(size, Image.Resampling.BICUBIC, part)) for channel in channels], axis=-1)
    return np.pad(enlarged[np.clip(rows, first, last - 1) - first], ((0, 0), (left, width - right), (0, 0)), "edge")


def _outside(places: np.ndarray, first: int, last: int) -> np.ndarray:
    """How far places lie outside a range, pixels."""
    return np.maximum(np.maximum(first - places, places - last + 1), 0)


def _inside(places: np.ndarray, first: int, last: int) -> np.ndarray:
    """How far places lie inside a range, pixels; below 0 outside."""
    return np.minimum(places - first, last - 1 - places) + 0.5

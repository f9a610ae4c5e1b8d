"""The part of a picture that a network for faces sees, and its colours laid on a picture."""

from __future__ import annotations

import numpy as np
from PIL import Image

from reecho.colour import chroma, fit_gamut, luma
from reecho.data.picture import WIDTH, square, to_rgb, upright
from reecho.data.resize import shrink


def frame(picture: Image.Image, size: int, crop: int = 60, whole: bool = False) -> np.ndarray:
    """Cut the face out of a picture as it is cut out of LFW's: centre square, to 250 pixels, `crop` off each side, shrunk.

    Args:
        picture: of any size and mode; transparency is laid on white, a camera's rotation is applied.
        size: width and height of the face in pixels.
        crop: pixels of 250 cut off each side.
        whole: keep the whole centre square.

    Returns:
        float32 (size, size, 3) in [0, 1].

    Example:
        >>> frame(Image.new("L", (640, 480), 255), 32).shape
        (32, 32, 3)
    """
    pixels = np.asarray(square(to_rgb(upright(picture))))  # (250, 250, 3)
    part = slice(0, None) if whole else slice(crop, WIDTH - crop)
    return shrink(pixels[None, part, part], size)[0]


def own_pixels(picture: Image.Image, crop: int = 60, whole: bool = False) -> np.ndarray:
    """The same part of a picture as `frame` takes, in the picture's own resolution.

    Args:
        picture, crop, whole: as for `frame`.

    Returns:
        float32 (S, S, 3) in [0, 1].

    Example:
        >>> own_pixels(Image.new("L", (640, 500), 255)).shape
        (260, 260, 3)
    """
    turned = to_rgb(upright(picture))
    return np.asarray(turned.crop(face_box(turned.size, crop, whole)), "float32") / 255


def face_box(size: tuple[int, int], crop: int = 60, whole: bool = False) -> tuple[int, int, int, int]:
    """Left, top, right and bottom, pixels, of the part of a picture that `frame` takes.

    Args:
        size: width and height of the picture, pixels.
        crop, whole: as for `frame`.

    Example:
        >>> face_box((640, 500))
        (190, 120, 450, 380)
    """
    side = min(size)
    margin = 0 if whole else min(round(side * crop / WIDTH), (side - 1) // 2)
    left, top = (size[0] - side) // 2 + margin, (size[1] - side) // 2 + margin
    return left, top, left + side - 2 * margin, top + side - 2 * margin


def in_colour(pixels: np.ndarray, output: np.ndarray) -> np.ndarray:
    """A picture's own brightness with the colours of a small output, whose lower resolution is hardly visible in colours.

    Args:
        pixels: float32 (S, S, 3) in [0, 1], whose luma is taken.
        output: float32 (size, size, 3) in [0, 1], whose chroma is taken.

    Returns:
        float32 (S, S, 3) in [0, 1].
    """
    size = pixels.shape[:2]
    large = [Image.fromarray(channel).resize(size, Image.Resampling.BICUBIC) for channel in np.moveaxis(chroma(output), -1, 0)]
    return fit_gamut(luma(pixels)[None], np.stack([np.asarray(channel) for channel in large], axis=-1)[None])[0]

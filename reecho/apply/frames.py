"""The part of a picture that a network for faces sees."""

from __future__ import annotations

import numpy as np
from PIL import Image

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

"""One picture of any size and mode: to RGB, to the centre square, to the frame of LFW's faces."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageOps

WIDTH = 250  # pixels of an LFW picture, from whose sides `crop` is cut
_MOST_PIXELS = 100_000_000  # larger than any camera's; a bomb says more


def to_rgb(picture: Image.Image) -> Image.Image:
    """RGB with 8 bits a colour; transparency is laid on white, more than 8 bits are scaled, not clipped."""
    if picture.mode.startswith("I") or picture.mode == "F":  # Pillow would clip
        values = np.nan_to_num(np.asarray(picture, dtype="float64"))
        tops = (65535,) if picture.mode.startswith("I;16") else (1, 255, 65535)
        top = next((top for top in tops if values.max() <= top), values.max())
        return Image.fromarray(np.clip(values * (255 / top) + 0.5, 0, 255).astype("uint8")).convert("RGB")
    if picture.has_transparency_data:
        ground = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")
    return picture.convert("RGB")


def square(picture: Image.Image) -> Image.Image:
    """The centre square at LFW's size, averaged where it shrinks; a picture that has that size stays as it is."""
    return picture if picture.size == (WIDTH, WIDTH) else ImageOps.fit(picture, (WIDTH, WIDTH), Image.Resampling.LANCZOS)


def decode(data: bytes, crop: int) -> np.ndarray:
    """The face's frame of an encoded picture.

    Args:
        data: a picture file's bytes; a camera's rotation (EXIF) is applied.
        crop: pixels of 250 cut off each side.

    Returns:
        uint8 (250 - 2 crop, 250 - 2 crop, 3).

    Raises:
        OSError, ValueError, SyntaxError or another error of Pillow's: it does not decode.
    """
    with Image.open(io.BytesIO(data)) as picture:
        if picture.width * picture.height > _MOST_PIXELS:
            raise ValueError(f"{picture.width} × {picture.height} pixels are too many")
        picture.draft("RGB", (2 * WIDTH, 2 * WIDTH))  # a large JPEG decodes at the next coarser size, in a fraction of the time
        whole = square(to_rgb(ImageOps.exif_transpose(picture)))
    return np.asarray(whole)[crop : WIDTH - crop, crop : WIDTH - crop].copy()

"""One picture of any size and mode: to RGB, to the centre square, to the frame of LFW's faces."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps

WIDTH = 250  # pixels of an LFW picture, from whose sides `crop` is cut
_MOST_PIXELS = 170_000_000  # Pillow itself takes no more; telephones take pictures of 108 million
_TURNS = {  # EXIF's orientation → what undoes it
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip


@contextlib.contextmanager
def opened(file: Path | BinaryIO) -> Iterator[Image.Image]:
    """A picture file, open in the block, without Pillow's warnings.

    Raises:
        Exception: of any kind: it is none, is damaged, or has more than 170 million pixels.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of large pictures and odd entries
        with Image.open(file) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise ValueError(f"{picture.width} × {picture.height} pixels are too many")
            yield picture


def upright(picture: Image.Image) -> Image.Image:
    """A picture turned as its camera's entry in EXIF says; one whose entries cannot be read stays as it is."""
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # Pillow raises many kinds for broken entries, and none of them concerns the pixels
        return picture
    method = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return picture if method is None else picture.transpose(method)


def in_srgb(picture: Image.Image) -> Image.Image:
    """A picture in the colours of sRGB, as browsers show it, if it has a profile of other colours; a broken one does not count.

    Transparency is laid on white before. Whether a profile is sRGB's own is told by what it does, for its name may be any.
    """
    profile = picture.info.get("icc_profile")
    if not profile:
        return picture
    if picture.has_transparency_data:
        picture = on_white(picture)
    picture = picture if picture.mode in ("L", "RGB", "CMYK") else picture.convert("RGB")
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        change = ImageCms.buildTransform(own, ImageCms.createProfile("sRGB"), picture.mode, "RGB")
        if picture.mode == "RGB" and _leaves_as_it_is(change):
            return picture
        return ImageCms.applyTransform(picture, change) or picture
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture


def _leaves_as_it_is(change: ImageCms.ImageCmsTransform) -> bool:
    """Whether a change of colours moves none by more than what profiles of one and the same space differ by, two levels of 255."""
    levels = np.linspace(0, 255, 6).astype("uint8")
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(6, 36, 3)
    changed = ImageCms.applyTransform(Image.fromarray(colours), change)
    return changed is not None and int(np.abs(np.asarray(changed, "int16") - colours).max()) <= 2


def to_rgb(picture: Image.Image) -> Image.Image:
    """sRGB with 8 bits a colour; transparency is laid on white, more than 8 bits are scaled, not clipped."""
    if picture.mode.startswith("I") or picture.mode == "F":  # Pillow would clip
        values = np.nan_to_num(np.asarray(picture, dtype="float64"))
        tops = (65535,) if picture.mode.startswith("I;16") else (1, 255, 65535)
        top = next((top for top in tops if values.max() <= top), values.max())
        profile = picture.info.get("icc_profile")
        picture = Image.fromarray(np.clip(values * (255 / top) + 0.5, 0, 255).astype("uint8"))
        picture.info["icc_profile"] = profile
    picture = in_srgb(picture)
    if picture.has_transparency_data:
        return on_white(picture)
    if picture.mode != "RGB":
        return picture.convert("RGB")
    picture.load()  # before its file is closed; no copy, for large ones
    return picture


def on_white(picture: Image.Image) -> Image.Image:
    """A picture of any mode as RGB, its transparency laid on white."""
    ground = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


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
    with opened(io.BytesIO(data)) as picture:
        picture.draft("RGB", (2 * WIDTH, 2 * WIDTH))  # a large JPEG decodes at the next coarser size, in a fraction of the time
        whole = square(to_rgb(upright(picture)))
    return np.asarray(whole)[crop : WIDTH - crop, crop : WIDTH - crop].copy()

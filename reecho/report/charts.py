"""Figures on their way into a page, the book and the index: in few bytes, with the reader's colours, the same picture."""

from __future__ import annotations

import base64
import functools
import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import numpy as np
from PIL import Image, UnidentifiedImageError

from reecho import palette
from reecho.plots.style import in_levels
from reecho.report.outlines import smaller

LARGE = 64  # pixels, height of a row of faces of which no reader sees single pixels
_LOST = 4.0  # grey levels of 255, root mean square, that a large picture may lose in a page
_SMALL_LOST = 3.0  # the same of a small picture, whose pixels a reader sees
_SMALL_QUALITIES = (92, 95, 98)
_QUALITIES = (70, 74, 78, 82, 86, 90)  # of WebP: the first that loses no more is taken
_STRIP = re.compile(r'<image transform="matrix\([^"]* ([-\d.]+) ([-\d.]+)\)"[^>]*>')  # a row of pictures, its left and upper edge


def source(svg: bytes) -> str:
    """An SVG as the URL of an image, its pictures as WebP; not in base64, which would take a third more.

    Example:
        >>> source(b'<svg width="4"><path fill="none"/></svg>')
        "data:image/svg+xml,%3Csvg width='4'%3E%3Cpath fill='none'/%3E%3C/svg%3E"
    """
    text = smaller(with_pictures(svg, lighter).decode("utf-8"))
    if "'" not in text:
        text = text.replace('"', "'")
    return "data:image/svg+xml," + quote(" ".join(text.split()), safe=" !$&'()*+,-./:;=?@[]^_`{|}~")


def with_pictures(svg: bytes, convert: Callable[[bytes], tuple[bytes, str]]) -> bytes:
    """The SVG with each PNG in it as `convert` gives it: (bytes, media type)."""
    text = svg.decode("utf-8")
    return re.sub(
        'data:image/png;base64,([^"]+)', lambda match: in_base64(*convert(base64.b64decode(match[1]))), text
    ).encode("utf-8")  # fmt: skip


def in_base64(data: bytes, media: str) -> str:
    """A file as the URL of an image."""
    return f"data:{media};base64,{base64.b64encode(data).decode()}"


@functools.lru_cache(maxsize=256)
def lighter(png: bytes) -> tuple[bytes, str]:
    """The same picture in fewer bytes, pixel for pixel, and its media type: lossless WebP takes a fifth less for faces."""
    try:
        webp = _saved(Image.open(io.BytesIO(png)), "webp", lossless=True, quality=100, method=6)
    except (OSError, ValueError, UnidentifiedImageError):  # no picture that Pillow can open, or too large for WebP
        return png, "image/png"
    return webp if len(webp[0]) < len(png) else (png, "image/png")


def large_faces(data: bytes, media: str = "image/png") -> tuple[bytes, str]:
    """A picture of 64 pixels and more in height, such as a row of large faces, whose pixels no reader sees one by one, as WebP,
    at the lowest of some qualities that loses at most 4 of 255 grey levels (root mean square) if that takes fewer bytes, else
    without loss; small pictures, and what is none, as they are.

    WebP keeps colour at half resolution, which would take much of the noise off a noisy picture.
    """
    try:
        picture = Image.open(io.BytesIO(data))
        if picture.height < LARGE:
            return data, media
        original = np.asarray(picture.convert("RGBA"), "float64")
        webp = next(
            filter(lambda webp: _lost(webp[0], original) <= _LOST, (_lossy(picture, quality) for quality in _QUALITIES)), None
        )
    except (OSError, ValueError, UnidentifiedImageError):  # no picture that Pillow can open, or too large for WebP
        return data, media
    smaller = webp or lighter(data)
    return smaller if len(smaller[0]) < len(data) else (data, media)


@functools.lru_cache(maxsize=256)
def small_faces(data: bytes, media: str = "image/png", height: int = 0) -> tuple[bytes, str]:
    """A row of small faces in 64 levels a colour, as figures have them, as WebP that loses at most 3 of 255 grey levels (root mean
    square), less than two of these levels; what is no such row as it is.

    Where WebP's colours at half resolution lose more, brightness stays in steps of 4, and what red and blue have beyond green in
    steps of 8, pixel for pixel.

    Args:
        data, media: the picture.
        height: of a face in it, pixels; 0: of the picture.
    """
    try:
        picture = Image.open(io.BytesIO(data))
        original = np.asarray(picture.convert("RGBA"))
        shown = original[original[..., 3] > 0][:, :3]
        if (height or picture.height) >= LARGE or not np.isin(shown, in_levels(np.linspace(0, 1, 256))).all():
            return data, media
        lossy = (_lossy(picture, quality) for quality in _SMALL_QUALITIES)
        near = next((webp for webp in lossy if _lost(webp[0], original.astype("float64")) <= _SMALL_LOST), None)
        webp = near or _saved(_in_steps(original, picture.mode), "webp", lossless=True, quality=100, method=6)
    except (OSError, ValueError, UnidentifiedImageError):
        return data, media
    return webp if len(webp[0]) < len(data) else (data, media)


def faces(png: bytes) -> tuple[bytes, str]:
    """A row of large or of small faces, as `large_faces` or `small_faces` gives it."""
    data, media = large_faces(png)
    return small_faces(data, media) if media == "image/png" else (data, media)


def _in_steps(pixels: np.ndarray, mode: str) -> Image.Image:
    """A picture, uint8 (H, W, 4), whose green has steps of 4 and what red and blue have beyond it steps of 8."""
    stepped, levels = pixels.copy(), pixels.astype("int64")
    green = np.minimum(np.round(levels[..., 1] / 4) * 4, 255)
    for colour in (0, 2):
        stepped[..., colour] = np.clip(green + np.round((levels[..., colour] - green) / 8) * 8, 0, 255)
    stepped[..., 1] = green
    picture = Image.fromarray(stepped)
    return picture.convert("RGB") if mode == "RGB" else picture


def _lossy(picture: Image.Image, quality: int) -> tuple[bytes, str]:
    return _saved(picture, "webp", quality=quality, method=6)


def _lost(webp: bytes, original: np.ndarray) -> float:
    """Root mean square difference from the original, float (H, W, 4), where that is not transparent; grey levels of 255."""
    decoded = np.asarray(Image.open(io.BytesIO(webp)).convert("RGBA"), "float64")
    errors = (decoded - original)[original[..., 3] > 0][:, :3]
    return float(np.sqrt(np.mean(errors**2))) if errors.size else 0.0


def for_print(png: bytes) -> tuple[bytes, str]:
    """A row of faces as JPEG of high quality on white, half the bytes of what a PDF keeps; other pictures as they are."""
    return _on_paper(png, "jpeg", quality=95, subsampling=0, optimize=True)


def for_a_card(png: bytes) -> tuple[bytes, str]:
    """A row of faces as WebP, good enough for a small picture of it."""
    return _on_paper(png, "webp", quality=75, method=6)


def _on_paper(png: bytes, kind: str, **options: Any) -> tuple[bytes, str]:
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    if any(picture.getchannel("A").histogram()[1:255]):  # partly transparent: no row of faces
        return png, "image/png"
    return _saved(
        Image.alpha_composite(Image.new("RGBA", picture.size, palette.FIXED["sheet"]), picture).convert("RGB"), kind, **options
    )


def _saved(picture: Image.Image, kind: str, **options: Any) -> tuple[bytes, str]:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue(), f"image/{kind}"


def names_share(svg: bytes) -> float:
    """How much of a grid's width the names of its rows take at its left; 0 of a figure that is no grid of pictures."""
    text = svg.decode("utf-8")
    box = re.search(r'viewBox="0 0 ([\d.]+) [\d.]+"', text)
    return min((float(strip[1]) for strip in _STRIP.finditer(text)), default=0.0) / float(box[1]) if box else 0.0


def top_of(svg: bytes, share: float) -> tuple[bytes, float]:
    """The upper part of a grid of pictures, without what is written at its left.

    Args:
        svg: a whole file of `plots.to_svg`.
        share: its height as a share of the width, at most.

    Returns:
        The file, without the pictures below, and its height as a share of the width.
    """
    text = svg.decode("utf-8")
    width, height = map(float, re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)[0])
    left = min((float(strip[1]) for strip in _STRIP.finditer(text)), default=0.0)
    width -= left
    shown = min(height, share * width)
    size = f'<svg width="{width:g}pt" height="{shown:g}pt" viewBox="{left:g} 0 {width:g} {shown:g}"'
    text = re.sub(r'<svg width="[\d.]+pt" height="[\d.]+pt"(.*?) viewBox="[^"]+"', rf"{size}\1", text, count=1)
    text = _STRIP.sub(lambda strip: strip[0] if float(strip[2]) < shown else "", text)
    return text.encode("utf-8"), shown / width

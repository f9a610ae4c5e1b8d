"""Figures as SVG in a page: light on a light page, dark on a dark one, in few bytes; and the top of one for the index."""

from __future__ import annotations

import base64
import functools
import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from PIL import Image, UnidentifiedImageError

# The drawing style's greys and what stands for them on a dark page. The colours of methods stay, for captions name them; only the
# two blues become lighter, so that their letters are read.
_INKS = {
    "#222222": "#dfe3e7", "#000000": "#dfe3e7", "#444444": "#c3cad1", "#5a5a5a": "#aab3bc", "#6b7780": "#98a4ae",
    "#0072b2": "#3d95d4", "#56b4e9": "#9bd7f7",
}  # fmt: skip
_LINES = {"#e6e6e6": "#2c3238", "#9a9a9a": "#6f7982", "#8a8a8a": "#8a8a8a", "#ffffff": "#15181b"}
_GROUND = '[id="patch_1"] > path, [id^="axes_"] > g:first-child > path'
_PAPER = "#15181b"


def follows_the_reader(svg: bytes) -> bytes:
    """A chart drawn by matplotlib with rules for dark pages put into it; any other SVG as it is.

    Args:
        svg: a whole SVG file.

    Returns:
        The same drawing, whose paper and inks change where the reader prefers dark pages, though not in print.

    Example:
        >>> follows_the_reader(b"<svg><rect/></svg>")
        b'<svg><rect/></svg>'
    """
    text = svg.decode("utf-8")
    if not re.search(r'<g id="patch_1">\s*<path [^>]*style="fill: #ffffff"', text):
        return svg
    rules = [f"{_GROUND} {{ fill: {_PAPER} !important }}"]
    for kind, colours in (("fill", _INKS), ("stroke", _INKS | _LINES)):
        found = {old: new for old, new in colours.items() if f"{kind}: {old}" in text}
        rules += [f'[style*="{kind}: {old}"] {{ {kind}: {new} !important }}' for old, new in found.items()]
    # letters on a light bar bring their ground along, a rim of paper; its width is in units of the glyphs, some 800 a dot
    rules.append(f'[id^="text_"] [style*="fill: #222222"] {{ stroke: {_PAPER}; stroke-width: 2000; paint-order: stroke }}')
    style = f"<style>@media screen and (prefers-color-scheme: dark) {{ {' '.join(rules)} }}</style>"
    return re.sub(r"(<svg\b[^>]*>)", lambda found: found[1] + style, text, count=1).encode("utf-8")


def source(svg: bytes) -> str:
    """An SVG as the URL of an image, its pictures as WebP; not in base64, which would take a third more.

    Example:
        >>> source(b'<svg width="4"><path fill="#fff"/></svg>')
        "data:image/svg+xml,%3Csvg width='4'%3E%3Cpath fill='%23fff'/%3E%3C/svg%3E"
    """
    text = with_pictures(svg, lighter).decode("utf-8")
    if "'" not in text:
        text = text.replace('"', "'")
    return "data:image/svg+xml," + quote(" ".join(text.split()), safe=" !$&'()*+,-./:;=?@[]^_`{|}~")


def with_pictures(svg: bytes, convert: Callable[[bytes], tuple[bytes, str]]) -> bytes:
    """The SVG with each PNG in it as `convert` gives it: (bytes, media type)."""
    text = svg.decode("utf-8")
    text = re.sub('data:image/png;base64,([^"]+)', lambda found: in_base64(*convert(base64.b64decode(found[1]))), text)
    return text.encode("utf-8")


def in_base64(data: bytes, media: str) -> str:
    """A file as the URL of an image."""
    return f"data:{media};base64,{base64.b64encode(data).decode()}"


@functools.lru_cache(maxsize=256)
def lighter(png: bytes) -> tuple[bytes, str]:
    """The same picture in fewer bytes, pixel for pixel, and its media type: lossless WebP takes a fifth less for faces."""
    buffer = io.BytesIO()
    try:
        Image.open(io.BytesIO(png)).save(buffer, "webp", lossless=True, quality=100, method=6)
    except (OSError, ValueError, UnidentifiedImageError):  # no picture that Pillow can open, or too large for WebP
        return png, "image/png"
    return (buffer.getvalue(), "image/webp") if buffer.tell() < len(png) else (png, "image/png")


def for_print(png: bytes) -> tuple[bytes, str]:
    """A row of faces as JPEG of high quality on white, half the bytes of what a PDF keeps; other pictures as they are."""
    return _lossy(png, "jpeg", quality=95, subsampling=0, optimize=True)


def for_a_card(png: bytes) -> tuple[bytes, str]:
    """A row of faces as WebP, good enough for a small picture of it."""
    return _lossy(png, "webp", quality=75, method=6)


def _lossy(png: bytes, kind: str, **options: Any) -> tuple[bytes, str]:
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    if any(picture.getchannel("A").histogram()[1:255]):  # partly transparent: no row of faces
        return png, "image/png"
    flat = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    buffer = io.BytesIO()
    flat.save(buffer, kind, **options)
    return buffer.getvalue(), f"image/{kind}"


def top_of(svg: bytes, share: float) -> tuple[bytes, float]:
    """The upper part of a grid of pictures, without what is written at its left.

    Args:
        svg: a whole file of `plots.to_svg`.
        share: its height as a share of the width, at most.

    Returns:
        The file, without what lies below, and its height as a share of the width.
    """
    text = svg.decode("utf-8")
    width, height = (float(each) for each in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text).groups())
    left = min((float(each) for each in re.findall(r"<image [^>]*matrix\([\d.]+ 0 0 [\d.]+ ([\d.]+) ", text)), default=0.0)
    width -= left
    shown = min(height, share * width)
    size = f'width="{width:g}pt" height="{shown:g}pt" viewBox="{left:g} 0 {width:g} {shown:g}"'
    text = re.sub(r'width="[\d.]+pt" height="[\d.]+pt" viewBox="[^"]+"', size, text, count=1)
    below = r"<image [^>]*matrix\([\d.]+ 0 0 [\d.]+ [\d.]+ ([\d.]+)\)[^>]*/>"
    text = re.sub(below, lambda found: found[0] if float(found[1]) < shown else "", text)
    below = r'<g id="text_\d+"><g [^>]*translate\([\d.]+ ([\d.]+)\)[^>]*>.*?</g></g>'
    text = re.sub(below, lambda found: found[0] if float(found[1]) < shown + 20 else "", text)
    return text.encode("utf-8"), shown / width

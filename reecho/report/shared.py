"""A widget's pictures that its still figure shows as well stand on a page once: in the figure, from which the script takes them."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from PIL import Image

from reecho.report.charts import LARGE, large_faces, small_faces
from reecho.report.sprites import sheet_of

_STRIP = re.compile(r"data:image/png;base64,([^\"]+)")


def for_page(widget: Mapping[str, Any], still: bytes = b"", lossy: bool = False) -> Any:
    """What a widget gives the page in few bytes: without the faces of its still figure, an SVG, and with its sheets of large
    faces, or if `lossy` of all faces, as WebP that loses a little."""
    if still:
        widget = without_those_of(widget, still)
        sheet = widget.get("sheet") or {}
        if lossy and sheet.get("data"):
            widget = {
                **widget,
                "sheet": _with(sheet, *small_faces(base64.b64decode(sheet["data"]), sheet["media"], sheet["height"])),
            }
    return _lighter_sheets(widget)


def _lighter_sheets(value: Any) -> Any:
    """The same with its sheets of large faces in fewer bytes."""
    if isinstance(value, Mapping):
        if value.get("media") == "image/webp" and value.get("height", 0) >= LARGE:
            return _with(value, *large_faces(base64.b64decode(value["data"]), value["media"]))
        return {key: _lighter_sheets(part) for key, part in value.items()}
    return [_lighter_sheets(part) for part in value] if isinstance(value, list | tuple) else value


def _with(sheet: Mapping[str, Any], data: bytes, media: str) -> dict[str, Any]:
    return {**sheet, "data": base64.b64encode(data).decode(), "media": media}


def without_those_of(widget: Mapping[str, Any], still: bytes) -> Mapping[str, Any]:
    """What a widget gives the page, its sheet without the faces of the still figure; `shared` says where in the figure each is.

    Args:
        widget: with a "sheet" as `sprites.pack` makes it, and "places"; another one stays as it is.
        still: an SVG of `plots.to_svg`.

    Returns:
        The widget. Places from the sheet's "count" on are those of "shared": a strip's number from 1, left and top, pixels.
    """
    sheet = widget.get("sheet") or {}
    if "data" not in sheet or "places" not in widget:
        return widget
    shown = {face: place for place, face in reversed(list(_faces(still, sheet["height"], sheet["width"])))}
    tiles = _tiles(sheet)
    there = [shown.get(tile.tobytes()) for tile in tiles]
    rest = [number for number, place in enumerate(there) if place is None] or [0]  # a sheet has a face at least
    shared = [number for number in range(len(tiles)) if number not in rest]
    if not shared:
        return widget
    at = {number: place for place, number in enumerate([*rest, *shared])}
    held = sheet_of(np.stack([tiles[number] for number in rest])) | {"shared": [there[number] for number in shared]}
    return {**widget, "sheet": held, "places": [at[place] for place in widget["places"]]}


def _tiles(sheet: Mapping[str, Any]) -> list[np.ndarray]:
    """The pictures of a sheet, uint8 (H, W, 3) each."""
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(sheet["data"]))).convert("RGB"))
    height, width, columns = sheet["height"], sheet["width"], sheet["columns"]
    corners = [(place // columns * height, place % columns * width) for place in range(sheet["count"])]
    return [pixels[top : top + height, left : left + width] for top, left in corners]


def _faces(still: bytes, height: int, width: int) -> Iterator[tuple[tuple[int, int, int], bytes]]:
    """The faces of a figure: where each is, and its pixels; a strip has transparent columns between faces."""
    for number, strip in enumerate(_STRIP.findall(still.decode("utf-8")), 1):
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(strip))).convert("RGBA"))
        if len(pixels) != height:
            continue
        left = 0
        while left + width <= pixels.shape[1]:
            face = pixels[:, left : left + width]
            if face[..., 3].all():
                yield (number, left, 0), face[..., :3].tobytes()
                left += width
            else:
                left += 1

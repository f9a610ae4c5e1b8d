"""Many small pictures in one file, and the media types of what notebooks hold for pages alone."""

from __future__ import annotations

import base64
import io
import math
from typing import Any

import numpy as np
from PIL import Image

from reecho.errors import ReechoError
from reecho.plots.style import in_levels

# media types of what an output of a notebook holds beside what JupyterLab shows
WIDGET = "application/vnd.reecho.widget+json"
ANSWER = "application/vnd.reecho.answer+json"  # {"sides": [[name, URL of a row of faces], …]}
VALUES = "application/vnd.reecho.values+json"  # a table's {"head": names, "rows": values, "intervals": bool}
SCRIPTS = {"chart": "chart.js"}  # widgets whose function stands in a file of its own, which other pages do without
_COLUMNS = 16


def pack(pictures: np.ndarray) -> tuple[dict[str, Any], np.ndarray]:
    """Lay pictures side by side in one lossless WebP.

    Args:
        pictures: float array (..., H, W, 3) in [0, 1], at least one picture; what lies outside is cut off.

    Returns:
        The sheet as JSON can hold it, namely "media", "data" (base64), "width" and "height" of a picture in pixels, "columns" and
        "count"; and int (...), each picture's place in it, from 0, row by row. Equal pictures share a place.

    Raises:
        ReechoError: another shape, no pictures, or values that are no numbers.

    Example:
        >>> sheet, places = pack(np.array([0.0, 1.0, 0.0])[:, None, None, None] * np.ones((3, 4, 4, 3)))
        >>> sheet["count"], places
        (2, array([0, 1, 0]))
    """
    pictures = np.asarray(pictures)
    if pictures.ndim < 4 or pictures.shape[-1] != 3 or not pictures.size or not np.isfinite(pictures).all():
        raise ReechoError(f"Pictures of a widget are finite numbers (..., height, width, 3); these are {pictures.shape}.")
    height, width = pictures.shape[-3:-1]
    levels = in_levels(pictures.reshape(-1, height, width, 3))
    first: dict[bytes, int] = {}  # picture → its place
    places = np.array([first.setdefault(picture.tobytes(), len(first)) for picture in levels])
    tiles = np.zeros((len(first), height, width, 3), "uint8")
    tiles[places] = levels
    return sheet_of(tiles), places.reshape(pictures.shape[:-3])


def sheet_of(tiles: np.ndarray) -> dict[str, Any]:
    """Pictures, uint8 (n, H, W, 3), side by side in one lossless WebP, as `pack` gives it."""
    count, height, width, _ = tiles.shape
    columns = min(count, _COLUMNS)
    rows = math.ceil(count / columns)
    filled = np.zeros((rows * columns, height, width, 3), "uint8")
    filled[:count] = tiles
    sheet = filled.reshape(rows, columns, height, width, 3).swapaxes(1, 2).reshape(rows * height, columns * width, 3)
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "webp", lossless=True, quality=100, method=6)
    data = base64.b64encode(buffer.getvalue()).decode()
    return {"media": "image/webp", "data": data, "width": width, "height": height, "columns": columns, "count": count}


def row_of(pictures: np.ndarray) -> bytes:
    """Pictures side by side as PNG.

    Args:
        pictures: float array (n, H, W, 3) in [0, 1]; what lies outside is cut off.
    """
    levels = in_levels(np.asarray(pictures))
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(list(levels), axis=1)).save(buffer, "png", optimize=True)
    return buffer.getvalue()

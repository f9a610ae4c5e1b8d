"""Grids of pictures: columns are people, rows are stages, a number under each face; no face pixel is resampled."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath

from reecho.errors import ReechoError
from reecho.palette import DIVERGING
from reecho.plots.style import INK, MUTED, SCREEN, SHARPNESS, WIDTH, in_levels, styled

_POINT = 1 / 72  # inch
_LABEL, _TITLE, _UNDER = 8.0, 7.5, 7.0  # points
_GAP = 0.03  # inches between faces, about
_WIDEST_FACE = 1.15  # inches
_SNAP = 0.8  # a face may become so much smaller for its pixels to be whole dots of a screen
_LETTERS = 17  # a row's label is broken into lines of at most so many


@styled
def picture_grid(
    rows: Sequence[tuple[str, np.ndarray]],
    under: Sequence[Sequence[str] | None] | None = None,
    columns: Sequence[str] | None = None,
) -> Figure:
    """Rows of pictures, labelled at the left.

    Args:
        rows: (label, pictures) for each stage, pictures float (n, H, W, 3) or (n, H, W) in [0, 1]; what lies outside is cut off.
            The rows may differ in n and in H and W.
        under: for each row n short texts for below the pictures, usually the metric, or None.
        columns: titles above the columns.

    Returns:
        A Figure at most 7 in wide.

    Raises:
        ReechoError: no pictures, or an array of another shape.

    Example:
        >>> round(float(picture_grid([("target", np.zeros((8, 32, 32, 3)))]).get_figwidth()), 1)
        5.9
    """
    return _grid([(label, _colours(label, pictures)) for label, pictures in rows], under, columns)


def scored_grid(rows: Sequence[tuple[str, np.ndarray, Sequence[float] | np.ndarray | None]], unit: str, digits: int = 1) -> Figure:
    """Rows of pictures with a number below each.

    Args:
        rows: (label, pictures, values) for each stage, pictures as for `picture_grid`, values one a picture, or None.
        unit: of the values, such as "dB".
        digits: of the values, after the point.

    Returns:
        A Figure at most 7 in wide.
    """
    under = [None if values is None else [f"{value:.{digits}f} {unit}".strip() for value in values] for _, _, values in rows]
    return picture_grid([(label, pictures) for label, pictures, _ in rows], under)


@styled
def gallery(pictures: np.ndarray, columns: int = 8, under: Sequence[str] | None = None) -> Figure:
    """Many pictures, row after row.

    Args:
        pictures: float (n, H, W, 3) in [0, 1].
        columns: pictures a row.
        under: n short texts for below the pictures.

    Returns:
        A Figure at most 7 in wide.
    """
    starts = range(0, len(pictures), columns)
    texts = None if under is None else [under[start : start + columns] for start in starts]
    return _grid([("", _colours("", pictures[start : start + columns])) for start in starts], texts, None)


@styled
def difference_grid(
    rows: Sequence[tuple[str, np.ndarray]], limit: float | None = None, under: Sequence[Sequence[str] | None] | None = None
) -> Figure:
    """Rows of signed differences on one scale, with one bar below: blue is too dark, red too bright.

    Args:
        rows: (label, differences) for each stage, output less target, float (n, H, W), or (n, H, W, 3) of which the mean over
            the colours is shown.
        limit: where the scale ends, intensity; None takes the 99.5 % quantile of all.
        under: as for `picture_grid`.

    Returns:
        A Figure at most 7 in wide.
    """
    flat = [(label, np.asarray(pictures).mean(-1) if np.ndim(pictures) == 4 else np.asarray(pictures)) for label, pictures in rows]
    limit = limit or float(np.quantile(np.concatenate([np.abs(pictures).ravel() for _, pictures in flat]), 0.995)) or 1.0
    colours = matplotlib.colormaps[DIVERGING]
    figure = _grid(
        [(label, colours(np.clip(pictures / limit, -1, 1) / 2 + 0.5)[..., :3]) for label, pictures in flat], under, None, foot=0.42
    )
    width, height = figure.get_size_inches()
    bar = figure.add_axes((0.5 - 1.25 / width, 0.25 / height, 2.5 / width, 0.09 / height))
    scale = np.linspace(-limit, limit, 256)[None]
    bar.imshow(scale, cmap=colours, aspect="auto", extent=(-limit, limit, 0, 1), interpolation="none")
    bar.set_yticks([])
    bar.set_xticks([-limit, 0, limit], [f"−{limit:.2f}", "0", f"+{limit:.2f}"])
    bar.tick_params(length=2, labelsize=_UNDER, pad=1)
    bar.grid(False)
    return figure


def _colours(label: str, pictures: np.ndarray) -> np.ndarray:
    pictures = np.asarray(pictures)
    if pictures.ndim == 3:
        pictures = np.repeat(pictures[..., None], 3, axis=-1)
    if pictures.ndim != 4 or pictures.shape[-1] not in (1, 3):
        raise ReechoError(f"The pictures of row {label!r} have the shape {pictures.shape}; give (n, height, width, 3).")
    return np.clip(np.broadcast_to(pictures, (*pictures.shape[:3], 3)), 0, 1)


def _width(text: str, size: float) -> float:
    """How wide a line of text is, in inches."""
    return TextPath((0, 0), text, size=size).get_extents().width * _POINT if text.strip() else 0.0


def _grid(rows: list, under: Sequence | None, columns: Sequence[str] | None, foot: float = 0.0) -> Figure:
    count = max((len(pictures) for _, pictures in rows), default=0)
    if not count:
        raise ReechoError("There are no pictures to show.")
    under = list(under) if under is not None else [None] * len(rows)
    counts = [len(pictures) for _, pictures in rows]
    if [n if texts is None else len(texts) for texts, n in zip(under, counts, strict=False)] != counts or len(under) > len(rows):
        raise ReechoError("under needs, for each row, None or one text a picture.")
    labels = [textwrap.fill(label, _LETTERS) for label, _ in rows]
    margin = max(_width(line, _LABEL) for label in labels for line in label.split("\n") or [""])
    margin += 0.09 if margin else 0.0
    pixels = rows[0][1].shape[2]
    face = _face_width(min((WIDTH - margin - (count - 1) * _GAP) / count, _WIDEST_FACE), pixels)
    dpi = max(1, round(face * SHARPNESS / pixels)) * pixels / face  # a face pixel is a whole number of dots
    gap = _gap(min((pictures for _, pictures in rows), key=lambda pictures: pictures.shape[2]), face)
    strips = [_strip(pictures, gap) for _, pictures in rows]
    # inches a pixel: whole pixels of large and small faces make gaps that differ a little, and rows are to stand below each other
    scales = [face * (n + (n - 1) * gap) / strip.shape[1] for n, strip in zip(counts, strips, strict=True)]
    width = margin + max(scale * strip.shape[1] for scale, strip in zip(scales, strips, strict=True))
    head = (_TITLE * 1.5) * _POINT if columns is not None else 0.0
    talls = [scale * len(strip) for scale, strip in zip(scales, strips, strict=True)]
    heights = [tall + (_GAP if texts is None else _UNDER * 1.75 * _POINT) for tall, texts in zip(talls, under, strict=True)]
    height = head + sum(heights) + foot

    figure = Figure(figsize=(width, height), dpi=dpi)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))  # in inches, from the top left
    axes.axis("off")
    top = head
    for place, title in enumerate(columns or ()):
        middle = margin + place * face * (1 + gap) + face / 2
        axes.text(middle, top - 0.3 * _TITLE * _POINT, title, size=_TITLE, ha="center", va="baseline", color=INK)
    for strip, scale, label, texts, tall, row_height in zip(strips, scales, labels, under, talls, heights, strict=True):
        axes.text(0, top + tall / 2, label, size=_LABEL, ha="left", va="center", color=INK, linespacing=1.15)
        right = margin + scale * strip.shape[1]
        axes.imshow(strip, extent=(margin, right, top + tall, top), interpolation="none")
        for place, text in enumerate(texts if texts is not None else ()):
            middle, below = margin + place * face * (1 + gap) + face / 2, top + tall + _UNDER * 1.1 * _POINT
            axes.text(middle, below, text, size=_UNDER, ha="center", va="baseline", color=MUTED)
        top += row_height
    axes.set(xlim=(0, width), ylim=(height, 0), aspect="auto")  # imshow sets its own
    return figure


def _face_width(room: float, pixels: int) -> float:
    """The width of a face, inches: what there is room for, or a little less where a pixel then takes whole dots of a screen."""
    whole = room * SCREEN // pixels * pixels / SCREEN
    return whole if whole >= _SNAP * room else room


def _gap(pictures: np.ndarray, face: float) -> float:
    """The room between two pictures of a row, whole pixels of theirs, as a share of a picture's width."""
    return max(1, round(_GAP / face * pictures.shape[2])) / pictures.shape[2]


def _strip(pictures: np.ndarray, share: float) -> np.ndarray:
    """A row's pictures (n, H, W, 3) side by side, a share of their width between them: uint8 (H, n W + n - 1 gaps, 4)."""
    count, height, width = pictures.shape[:3]
    gap = max(1, round(share * width))
    strip = np.zeros((height, count * (width + gap) - gap, 4), "uint8")
    for place, picture in enumerate(pictures):
        left = place * (width + gap)
        strip[:, left : left + width] = np.dstack([in_levels(picture), np.full((height, width), 255, "uint8")])
    return strip

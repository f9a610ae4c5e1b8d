"""The one look of all figures, and how a figure becomes PNG or SVG bytes."""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from PIL import Image
from scour import scour

from reecho.palette import LIGHT, SERIES

WIDTH = 7.0  # inches, every figure that fills the column
SHARPNESS = 200  # pixels an inch, about, of a figure made of pictures
SCREEN = 96  # a browser's dots an inch
_LEVELS = 63  # steps of each colour of a picture; nobody sees them, and files are a quarter smaller
_SCOUR = scour.parse_args([  # palette.themed needs whole colours in style attributes
    "--strip-xml-prolog", "--remove-metadata", "--enable-comment-stripping", "--enable-id-stripping", "--shorten-ids",
    "--disable-simplify-colors", "--disable-style-to-xml", "--disable-embed-rasters", "--no-line-breaks", "--indent=none",
    "--quiet",
])  # fmt: skip

INK, MUTED, FAINT, OURS, OTHERS = (LIGHT[name] for name in ("ink", "muted", "edge", "vermilion", "others"))
ORDER = tuple(LIGHT[name] for name in SERIES)
MARKS = ("D", "o", "s", "^", "v", "P", "X", "<")
DASHES = ((None, None), (5, 1.5), (1.2, 1.2), (7, 1.5, 1.2, 1.5), (2.5, 2.5))

STYLE: MappingProxyType[Any, Any] = MappingProxyType({
    "font.family": "DejaVu Sans", "font.size": 8.5, "text.color": INK, "text.parse_math": False,  # a $ in a person's name
    "axes.labelcolor": INK, "axes.labelsize": 8.5,
    "axes.titlesize": 9, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.edgecolor": FAINT, "axes.linewidth": 0.8, "axes.spines.top": False, "axes.spines.right": False,
    "axes.axisbelow": True, "axes.grid": True, "grid.color": LIGHT["line"], "grid.linewidth": 0.7,
    "xtick.color": FAINT, "ytick.color": FAINT, "xtick.labelcolor": INK, "ytick.labelcolor": INK,
    "xtick.labelsize": 8, "ytick.labelsize": 8,
    "lines.linewidth": 1.7, "lines.markersize": 4, "legend.frameon": False, "legend.fontsize": 8,
    "figure.facecolor": LIGHT["paper"], "axes.facecolor": LIGHT["paper"], "savefig.facecolor": LIGHT["paper"],
    "figure.constrained_layout.use": False,
    "svg.fonttype": "path", "svg.hashsalt": "reecho", "image.interpolation": "nearest",
})  # fmt: skip


def in_style() -> contextlib.AbstractContextManager:
    """The one style, whatever the session's settings or a matplotlibrc say; these are left as they were."""
    return matplotlib.style.context(["default", dict(STYLE)])


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Draw in the one style."""

    @functools.wraps(draw)
    def drawn(*args: Any, **kwargs: Any) -> Figure:
        with in_style():
            return draw(*args, **kwargs)

    return drawn


def is_raster(figure: Figure) -> bool:
    """Whether a figure is best kept as PNG: it resamples pictures, as a reader's own may. Curves and our grids are kept as SVG."""
    return any(image.get_interpolation() != "none" for axes in figure.axes for image in axes.images)


def to_png(figure: Figure) -> bytes:
    """A figure as PNG at its own resolution, in 64 levels a colour.

    Args:
        figure: from any function of this package, or a reader's own.

    Returns:
        The file's bytes, the same for the same figure.
    """
    drawn, png = io.BytesIO(), io.BytesIO()
    with in_style():
        figure.savefig(drawn, format="png", dpi=figure.dpi)
    Image.fromarray(in_levels(np.asarray(Image.open(drawn).convert("RGB")) / 255)).save(png, "png", optimize=True)
    return png.getvalue()


def to_svg(figure: Figure) -> str:
    """A figure as SVG with its letters as outlines, that look the same everywhere; the same text for the same figure.

    Pictures lie in it pixel by pixel.
    """
    buffer = io.StringIO()
    with in_style():
        figure.savefig(buffer, format="svg", dpi=0.75 * SHARPNESS, metadata={"Date": None, "Creator": None})
    svg = scour.scourString(buffer.getvalue(), _SCOUR)
    return svg[svg.index("<svg") :].strip()


def plain_numbers(axis: Axis) -> None:
    """Let a logarithmic axis name 1, 2 and 5 of each decade; matplotlib writes powers of ten as mathematics, which is not set."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def looks(labels: Iterable[str], places: Mapping[str, int] | None = None) -> dict[str, tuple[str, str]]:
    """The colour and the mark of each series of a figure.

    Args:
        labels: of the series.
        places: label → its place in the order of colours and marks, as `reecho.looks` gives it; a label that it lacks takes the
            first place that is free, in the order of the labels.

    Example:
        >>> looks(["a", "b"], {"b": 0}) == {"a": (ORDER[1], MARKS[1]), "b": (ORDER[0], MARKS[0])}
        True
    """
    labels = list(labels)
    taken = {label: places[label] for label in labels if places and label in places}
    free = (place for place in itertools.count() if place not in taken.values())
    return {
        label: (ORDER[place % len(ORDER)], MARKS[place % len(MARKS)])
        for label in labels
        for place in [taken[label] if label in taken else next(free)]
    }


def positions(figure: Figure, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Where points of a figure's first axes lie, as shares of its width and of its height from the top.

    Args:
        figure: from any function of this package.
        points: (x, y) in the units of the axes.
    """
    with in_style():
        figure.draw_without_rendering()  # a constrained layout places the axes now
    shares = figure.axes[0].transData.transform(points) / figure.bbox.size
    return [(round(float(x), 4), round(1 - float(y), 4)) for x, y in shares]


def in_levels(pictures: np.ndarray) -> np.ndarray:
    """Intensities in 64 levels a colour: float in [0, 1], what lies outside is cut off → uint8 of the same shape."""
    return np.round(np.round(np.clip(pictures, 0, 1) * _LEVELS) * (255 / _LEVELS)).astype("uint8")

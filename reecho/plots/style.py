"""The one look of all figures, and how a figure becomes PNG or SVG bytes."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from PIL import Image

from reecho.plots.compact import compact, in_levels

WIDTH = 7.0  # inches, every figure that fills the column
SHARPNESS = 200  # pixels an inch, about, of a figure made of pictures
SCREEN = 96  # a browser's dots an inch
INK, FAINT = "#222222", "#8a8a8a"

# Okabe & Ito (2008), chosen for all kinds of colour vision; tests/test_plots.py simulates three of them and grey on it
OKABE_ITO = MappingProxyType({
    "blue": "#0072B2", "vermilion": "#D55E00", "green": "#009E73", "purple": "#CC79A7", "orange": "#E69F00", "sky": "#56B4E9",
    "black": "#000000",
})  # fmt: skip
OURS, OTHERS = OKABE_ITO["vermilion"], "#6b7780"
# A figure takes them in this order: the first four are the farthest apart. In grey some are alike, so that a mark or dashes tell
# series apart as well.
ORDER = tuple(OKABE_ITO[name] for name in ("blue", "vermilion", "black", "sky", "purple", "green", "orange"))
MARKS = ("D", "o", "s", "^", "v", "P", "X", "<")
DASHES = ((None, None), (5, 1.5), (1.2, 1.2), (7, 1.5, 1.2, 1.5), (2.5, 2.5))

STYLE: MappingProxyType[Any, Any] = MappingProxyType({
    "font.family": "DejaVu Sans", "font.size": 8.5, "text.color": INK,
    "axes.labelcolor": INK, "axes.labelsize": 8.5,
    "axes.titlesize": 9, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.edgecolor": "#9a9a9a", "axes.linewidth": 0.8, "axes.spines.top": False, "axes.spines.right": False,
    "axes.axisbelow": True, "axes.grid": True, "grid.color": "#e6e6e6", "grid.linewidth": 0.7,
    "xtick.color": "#9a9a9a", "ytick.color": "#9a9a9a", "xtick.labelcolor": INK, "ytick.labelcolor": INK,
    "xtick.labelsize": 8, "ytick.labelsize": 8,
    "lines.linewidth": 1.7, "lines.markersize": 4, "legend.frameon": False, "legend.fontsize": 8,
    "figure.facecolor": "white", "savefig.facecolor": "white", "figure.constrained_layout.use": False,
    "svg.fonttype": "path", "svg.hashsalt": "reecho", "image.interpolation": "nearest",
})  # fmt: skip


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Draw in the one style, whatever the session's own settings are; these are left as they were."""

    @functools.wraps(draw)
    def drawn(*args: Any, **kwargs: Any) -> Figure:
        with matplotlib.rc_context(dict(STYLE)):
            return draw(*args, **kwargs)

    return drawn


def is_raster(figure: Figure) -> bool:
    """Whether a figure is best kept as PNG: it resamples pictures, as a reader's own may. Curves and our grids are kept as SVG."""
    return any(image.get_interpolation() != "none" for axes in figure.axes for image in axes.images)


def to_png(figure: Figure) -> bytes:
    """A figure as PNG at its own resolution, in 64 levels a colour: nobody sees the steps, and the file is a quarter smaller.

    Args:
        figure: from any function of this package, or a reader's own.

    Returns:
        The file's bytes, the same for the same figure.
    """
    buffer = io.BytesIO()
    with matplotlib.rc_context(dict(STYLE)):
        figure.savefig(buffer, format="png", dpi=figure.dpi)
    return in_levels(Image.open(buffer).convert("RGB"))


def to_svg(figure: Figure) -> str:
    """A figure as SVG with its letters as outlines, so that it looks the same everywhere; the same text for the same figure.

    Pictures lie in it pixel by pixel, in 64 levels a colour.
    """
    buffer = io.StringIO()
    with matplotlib.rc_context(dict(STYLE)):
        figure.savefig(buffer, format="svg", dpi=0.75 * SHARPNESS, metadata={"Date": None, "Creator": None})
    return compact(buffer.getvalue()[buffer.getvalue().index("<svg") :])

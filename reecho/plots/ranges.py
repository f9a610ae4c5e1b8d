"""Quantities beside each other, each from its lowest value over its median to its highest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reecho.errors import ReechoError
from reecho.plots.style import FAINT, OTHERS, OURS, WIDTH, plain_numbers, styled

Range = tuple[float, float, float]


@styled
def ranges(
    panels: Mapping[str, Mapping[str, Range]], text: Callable[[float], str], own: Collection[str] = (), at: float | None = None,
    log: bool = False,
) -> Figure:  # fmt: skip
    """A dot at each median and a line from the lowest value to the highest, in one panel a quantity, on common rows.

    Args:
        panels: heading with the unit → label → (lowest, median, highest); a label may be missing in a panel. Labels may have
            several lines.
        text: writes a median behind its dot.
        own: labels that are ours, in colour.
        at: where a line stands from top to bottom.
        log: whether the axes are logarithmic; values must then be above 0.

    Returns:
        A Figure 7 in wide.

    Raises:
        ReechoError: there is no value.

    Example:
        >>> len(ranges({"pictures/s": {"a": (1, 2, 3)}, "GiB": {"a": (1, 1, 1), "b": (2, 2, 2)}}, str).axes)
        2
    """
    labels = list(dict.fromkeys(label for values in panels.values() for label in values))
    if not labels:
        raise ReechoError("There are no values to draw.")
    lines = max(label.count("\n") + 1 for label in labels)
    figure = Figure(figsize=(WIDTH, 0.6 + (0.115 + 0.14 * lines) * len(labels)), layout="constrained")
    for axes, (heading, values) in zip(np.atleast_1d(figure.subplots(1, len(panels), sharey=True)), panels.items(), strict=True):
        _panel(axes, labels, values, text, own)
        if at is not None:
            axes.axvline(at, color=FAINT, linewidth=0.9, zorder=0)
        if log:
            axes.set_xscale("log")
            plain_numbers(axes.xaxis)
        axes.set(xlabel=heading, ylim=(len(labels) - 0.4, -0.6))
        axes.margins(x=0.12 * len(panels))  # room for the numbers
        if not log:
            axes.set_xlim(left=0)
    return figure


def _panel(axes: Axes, labels: list[str], values: Mapping[str, Range], text: Callable[[float], str], own: Collection[str]) -> None:
    for place, label in enumerate(labels):
        if label in values:
            low, median, high = values[label]
            colour = OURS if label in own else OTHERS
            axes.plot([low, high], [place, place], color=colour, linewidth=2.2, alpha=0.55, solid_capstyle="butt")
            axes.plot([median], [place], "D" if label in own else "o", color=colour, markersize=5)
            axes.annotate(text(median), (high, place), xytext=(6, 0), textcoords="offset points", va="center", color=colour, size=8)
    axes.set_yticks(range(len(labels)), labels)
    axes.grid(axis="y", linestyle=(0, (1, 2.5)))
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)

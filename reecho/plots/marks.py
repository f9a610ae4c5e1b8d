"""Numbers side by side: values with their intervals, distributions, one quantity against another."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reecho.errors import ReechoError
from reecho.palette import LIGHT
from reecho.plots.style import DASHES, MARKS, ORDER, OTHERS, OURS, WIDTH, looks, styled
from reecho.results.row import Row

_NUDGE = 0.03  # of the least distance between two places: methods that are alike do not hide each other


@styled
def over_parameter(
    panels: Mapping[str, Mapping[str, Sequence[tuple[float, float, tuple[float, float] | None]]]],
    xlabel: str,
    ylabel: str,
    ticks: Sequence[str],
    log_x: bool = False,
    joined: bool = True,
    places: Mapping[str, int] | None = None,
) -> Figure:
    """A result over a parameter, a line a method, with the interval of each mean.

    Args:
        panels: title → label → points (x, mean, 95 % interval or None); an empty title where there is one panel.
        xlabel, ylabel: what is varied and what is measured, with the unit.
        ticks: what is written at the places of x, from the least to the greatest.
        log_x: whether x is logarithmic.
        joined: whether a line joins the points of a label; there is nothing between one seed and the next.
        places: label → its place in the order of colours and marks, see `style.looks`.

    Returns:
        A Figure 7 in wide, two panels side by side on common axes, and the labels above.

    Raises:
        ReechoError: no points.
    """
    lines = [points for panel in panels.values() for points in panel.values()]
    values = sorted({x for points in lines for x, _, _ in points})
    if not values:
        raise ReechoError("There is no result to draw.")
    labels = list(dict.fromkeys(label for panel in panels.values() for label in panel))
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(WIDTH, 0.5 + 0.17 * -(-len(labels) // 2) + 2.5 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    shown = looks(labels, places)
    step = min((b - a for a, b in itertools.pairwise(values)), default=1.0)
    for axes, (title, panel) in zip(grid, panels.items(), strict=False):
        for place, label in enumerate(labels):
            points = sorted(panel.get(label, ()))
            nudge = 0.0 if log_x else _NUDGE * step * (place - (len(labels) - 1) / 2)
            x, y = [point[0] + nudge for point in points], [point[1] for point in points]
            colour, mark = shown[label]
            axes.plot(x, y, label=label, linewidth=1.1 if joined else 0, color=colour, marker=mark, markersize=4.5)
            for at, (_, _, interval) in zip(x, points, strict=True):
                if interval is not None:
                    axes.plot([at, at], interval, color=colour, linewidth=2.2, alpha=0.45, solid_capstyle="butt")
        axes.set_title(title)
        if log_x:
            axes.set_xscale("log")
            axes.minorticks_off()
        if len(ticks) == len(values):
            axes.set_xticks(values, ticks)
    for axes in grid[len(panels) - columns : len(panels)]:
        axes.tick_params(labelbottom=True)  # also where no panel stands below
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    figure.supxlabel(xlabel, size=8.5)
    figure.supylabel(ylabel, size=8.5)
    handles, names = grid[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=2, handlelength=2, columnspacing=1.4, labelcolor="linecolor")
    return figure


@styled
def bars_with_intervals(
    rows: Sequence[Row],
    key: str = "psnr_db",
    heading: str = "PSNR in dB",
    digits: int = 1,
) -> Figure:
    """A dot and its 95 % interval for each method, networks in colour; no bar from zero, for decibels have no such zero.

    Args:
        rows: of results; those without a value are left out.
        key: which value.
        heading: of the axis, with the unit.
        digits: after the point.

    Returns:
        A Figure 7 in wide.

    Raises:
        ReechoError: no row has the value.
    """
    shown = [row for row in rows if row.get(key) is not None]
    if not shown:
        raise ReechoError(f"No row has a value for {key!r}.")
    figure = Figure(figsize=(WIDTH, 0.55 + 0.235 * len(shown)), layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(shown):
        colour = OURS if row.method.is_network else OTHERS
        bounds = row.interval(key)
        if bounds is not None:
            axes.plot(bounds, [place, place], color=colour, linewidth=2.2, alpha=0.55, solid_capstyle="butt")
        axes.plot([row[key]], [place], "D" if row.method.is_network else "o", color=colour, markersize=5)
        end = row[key] if bounds is None else max(bounds[1], row[key])
        axes.annotate(
            f"{row[key]:.{digits}f}".replace("-", "−"),
            (end, place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            size=8,
        )
    axes.set_yticks(range(len(shown)), [row.title for row in shown])
    for label, row in zip(axes.get_yticklabels(), shown, strict=True):
        if row.method.is_network:
            label.set(color=OURS, weight="bold")
    axes.set(xlabel=heading, ylim=(len(shown) - 0.4, -0.6))
    axes.margins(x=0.08)
    axes.grid(axis="y", linestyle=(0, (1, 2.5)))
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure


@styled
def dumbbells(pairs: Mapping[str, tuple[float, float, str]], xlabel: str) -> Figure:
    """Two values a row, joined by a line: the first in grey, the second, of our networks, in colour.

    Args:
        pairs: label, which may have two lines and stands above the row → (first, second, text beside them).
        xlabel: what is measured, with the unit.

    Returns:
        A Figure 7 in wide.

    Example:
        >>> len(dumbbells({"denoising": (27.8, 29.1, "+1.3 dB")}, "PSNR, dB").axes)
        1
    """
    if not pairs:
        raise ReechoError("There is no pair of values to draw.")
    figure = Figure(figsize=(WIDTH, 0.5 + 0.42 * len(pairs)), layout="constrained")
    axes = figure.subplots()
    for place, (first, second, text) in enumerate(pairs.values()):
        axes.plot([first, second], [place, place], color=OTHERS, linewidth=1.6, zorder=1)
        axes.plot([first], [place], "o", color=OTHERS, markersize=6)
        axes.plot([second], [place], "D", color=OURS, markersize=6)
        axes.annotate(
            text, (max(first, second), place), xytext=(8, 0), textcoords="offset points", va="center", color=OURS, weight="bold"
        )
    _name_rows(axes, list(pairs))
    axes.set(xlabel=xlabel, ylim=(len(pairs) - 0.6, -0.8))
    axes.margins(x=0.08)
    low, high = axes.get_xlim()
    axes.set_xlim(low, high + 0.4 * (high - low))  # room for the texts, without ticks
    axes.set_xticks([tick for tick in axes.get_xticks() if low <= tick <= high])
    axes.grid(axis="y", linestyle=(0, (1, 2.5)))
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure


def _name_rows(axes: Axes, names: Sequence[str], up: float = 0.22) -> None:
    """Write each row's name above it: beside the rows long names would take half of the figure, and all of a phone's window.

    Args:
        axes: with a row at each whole number.
        names: of the rows; lines of a name are joined.
        up: how far above its row a name stands, rows.
    """
    axes.set_yticks(range(len(names)), [""] * len(names))
    for place, name in enumerate(names):
        first, *rest = name.split("\n")
        axes.annotate(
            ": ".join([first, *rest]), (0, place - up), xycoords=("axes fraction", "data"), xytext=(2, 0),
            textcoords="offset points", va="bottom", size=8, zorder=4,
            bbox={"facecolor": LIGHT["paper"], "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip


@styled
def dots_of_groups(groups: Mapping[str, Sequence[Sequence[float]]], xlabel: str) -> Figure:
    """Values in groups: a row for each label, in it a line of dots for each group, and 0 as a line.

    Args:
        groups: label, which may have two lines and stands above the row → the values of each group.
        xlabel: what is measured, with the unit.

    Returns:
        A Figure 7 in wide.

    Example:
        >>> len(dots_of_groups({"denoising": [[1.2, 1.3], [1.0, 1.1]]}, "dB above LMMSE").axes)
        1
    """
    if not groups:
        raise ReechoError("There are no values to draw.")
    figure = Figure(figsize=(WIDTH, 0.5 + 0.7 * len(groups)), layout="constrained")
    axes = figure.subplots()
    axes.axvline(0, color=OTHERS, linewidth=1)
    for place, lines in enumerate(groups.values()):
        for line, values in enumerate(lines):
            height = place + 0.5 * ((line + 0.5) / len(lines) - 0.5)
            axes.plot([min(values), max(values)], [height, height], color=OTHERS, linewidth=1, zorder=1)
            axes.plot(values, [height] * len(values), "o", color=OURS, markersize=3)
    _name_rows(axes, list(groups), 0.3)
    axes.set(xlabel=xlabel, ylim=(len(groups) - 0.6, -0.8))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return figure


@styled
def histogram(
    values: Mapping[str, np.ndarray], xlabel: str, ylabel: str = "share of the pictures", bins: int = 40, height: float = 2.6
) -> Figure:
    """Distributions as outlines over one another, each with its own share of 1.

    Args:
        values: label → float (n,), one outline each.
        xlabel, ylabel: what is counted, with the unit.
        bins: how many, over the range of all values.
        height: inches.

    Returns:
        A Figure 7 in wide.
    """
    finite = {label: np.asarray(numbers, float)[np.isfinite(numbers)] for label, numbers in values.items()}
    if not any(len(numbers) for numbers in finite.values()):
        raise ReechoError(f"There are no values of {xlabel} to count.")
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    edges = np.histogram_bin_edges(np.concatenate(list(finite.values())), bins)
    for index, (label, numbers) in enumerate(finite.items()):
        colour, dashes = ORDER[index % len(ORDER)], DASHES[index % len(DASHES)]
        shares = np.histogram(numbers, edges)[0] / max(len(numbers), 1)
        axes.stairs(shares, edges, color=colour, fill=True, alpha=0.14)
        axes.stairs(shares, edges, color=colour, linewidth=1.5, label=label, linestyle="-" if None in dashes else (0, dashes))
    axes.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, None))
    if len(finite) > 1:
        axes.legend(labelcolor="linecolor", handlelength=2.2)
    return figure


@styled
def scatter(
    groups: Mapping[str, tuple[np.ndarray, np.ndarray]], xlabel: str, ylabel: str, equal: bool = False, height: float = 3.4
) -> Figure:
    """One quantity against another, a dot a picture.

    Args:
        groups: label → (x, y), float (n,) each.
        xlabel, ylabel: what is measured, with the unit.
        equal: draw the line y = x, for two methods on the same pictures.
        height: inches.

    Returns:
        A Figure 7 in wide; thousands of dots are kept as an image inside the SVG.
    """
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    for index, (label, (x, y)) in enumerate(groups.items()):
        colour, mark = ORDER[index % len(ORDER)], MARKS[index % len(MARKS)] if len(groups) > 1 else "o"
        axes.plot(x, y, mark, color=colour, markersize=2.6, alpha=0.35, markeredgewidth=0, label=label, rasterized=len(x) > 300)
    if equal:
        axes.axline((float(np.mean(axes.get_xlim())),) * 2, slope=1, color=OTHERS, linewidth=0.9, dashes=(4, 2))
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if len(groups) > 1:
        axes.legend(labelcolor="linecolor", markerscale=2, handlelength=0.8)
    return figure

"""What a sum is made of, what switching one thing does, and small panels of curves on common axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reecho.errors import ReechoError
from reecho.palette import DARK_PARTS, LIGHT, PARTS
from reecho.plots.style import MARKS, ORDER, OTHERS, OURS, WIDTH, styled

_ENDS = (("original", "one_mended", LIGHT["blue"], -0.14, "D"), ("mended", "one_left", OURS, 0.14, "o"))


@styled
def stacked_bars(bars: Mapping[str, Mapping[str, float]], parts: Sequence[str], xlabel: str, digits: int = 0) -> Figure:
    """One bar for each sum, cut into its parts, each with its number where it fits and the sum behind the bar.

    Args:
        bars: label → part → value, at least 0; a part may be missing.
        parts: in the order of drawing; at most five.
        xlabel: what is summed, with the unit.
        digits: after the point.

    Returns:
        A Figure 7 in wide.

    Raises:
        ReechoError: no bars.
    """
    if not bars:
        raise ReechoError("There are no bars to draw.")
    names = [name for name in parts if any(name in bar for bar in bars.values())]
    colours = dict(zip(parts, PARTS, strict=False))
    figure = Figure(figsize=(WIDTH, 0.95 + 0.42 * len(bars)), layout="constrained")
    axes = figure.subplots()
    longest = max(sum(bar.values()) for bar in bars.values())
    for place, bar in enumerate(bars.values()):
        left = 0.0
        for name in (part for part in names if part in bar):
            value, colour = bar[name], colours[name]
            axes.barh(place, value, left=left, height=0.62, color=LIGHT[colour], edgecolor=LIGHT["paper"], linewidth=0.8)
            text = f"{value:,.{digits}f}"
            if value > 0.017 * longest * len(text):
                ink = LIGHT["paper" if colour in DARK_PARTS else "on-pale"]
                axes.text(left + value / 2, place, text, ha="center", va="center", size=7.5, color=ink)
            left += value
        axes.annotate(f"{left:,.{digits}f}", (left, place), xytext=(4, 0), textcoords="offset points", va="center", weight="bold")
    for name in names:
        axes.barh(0, 0, color=LIGHT[colours[name]], label=name)
    axes.set_yticks(range(len(bars)), list(bars))
    axes.set(xlabel=xlabel, ylim=(len(bars) - 0.5, -0.5), xlim=(0, 1.09 * longest))
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside upper left", ncols=len(names), handlelength=1, columnspacing=1.4)
    return figure


@styled
def both_ways(groups: Mapping[str, Sequence[Mapping[str, Any]]], xlabel: str, names: tuple[str, str, str, str]) -> Figure:
    """What one switch does from either end: a dot for each, joined by a line to where its end stands, intervals in faint.

    Args:
        groups: title → rows with "fault", and where there are values "original", "one_mended", "mended", "one_left", each with
            "_ci95"; "trained" False draws hollow dots. A row without values keeps its place.
        xlabel: what is measured, with the unit.
        names: for the legend: of the four values, in that order.

    Returns:
        A Figure 7 in wide, a panel a group on common x.

    Raises:
        ReechoError: there is no value in any row.
    """
    heights = [len(rows) + 0.9 for rows in groups.values()]
    if not any("mended" in row for rows in groups.values() for row in rows):
        raise ReechoError("No row has a value to draw.")
    figure = Figure(figsize=(WIDTH, 0.85 + 0.27 * sum(heights)), layout="constrained")
    panels = np.atleast_1d(figure.subplots(len(groups), 1, sharex=True, gridspec_kw={"height_ratios": heights}))
    for axes, (title, rows) in zip(panels, groups.items(), strict=True):
        for base, moved, colour, nudge, mark in _ENDS:
            for place, row in enumerate(rows):
                if row.get(moved) is not None:
                    _rung(axes, row, place + nudge, base, moved, colour, mark)
            at = next((row[base] for row in rows if row.get(base) is not None), None)
            if at is not None:
                axes.axvline(at, color=colour, linewidth=1.1, alpha=0.8, dashes=(4, 2), zorder=1)
        axes.set_yticks(range(len(rows)), [row["fault"] for row in rows])
        axes.set(ylim=(len(rows) - 0.45, -0.55))
        axes.set_title(title)
        axes.margins(x=0.1)  # room for the numbers
        axes.grid(axis="y", linestyle=(0, (1, 2.5)))
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
    panels[-1].set_xlabel(xlabel)
    _legend(figure, panels[0], groups, names)
    return figure


def _rung(axes: Axes, row: Mapping[str, Any], place: float, base: str, moved: str, colour: str, mark: str) -> None:
    axes.plot([row[base], row[moved]], [place, place], color=colour, linewidth=1.3, alpha=0.55, zorder=2)
    low, high = row[f"{moved}_ci95"]
    axes.plot([low, high], [place, place], color=colour, linewidth=4.5, alpha=0.22, solid_capstyle="butt", zorder=2)
    face = colour if row.get("trained", True) else LIGHT["paper"]
    axes.plot([row[moved]], [place], mark, color=colour, markerfacecolor=face, markersize=5, markeredgewidth=1.3, zorder=4)
    right, text = row[moved] >= row[base], f"{row[moved] - row[base]:+.1f}".replace("-", "−")
    axes.annotate(
        "0.0" if text in ("+0.0", "−0.0") else text, (max(high, row[moved]) if right else min(low, row[moved]), place),
        xytext=(5 if right else -5, 0), textcoords="offset points", va="center", ha="left" if right else "right", size=7,
        color=colour, bbox={"facecolor": LIGHT["paper"], "edgecolor": "none", "pad": 0.5}, zorder=3,
    )  # fmt: skip


def _legend(figure: Figure, axes: Axes, groups: Mapping[str, Sequence[Mapping[str, Any]]], names: tuple[str, ...]) -> None:
    """Only what the figure shows is explained."""
    rows = [row for rows in groups.values() for row in rows]
    trained = [row.get("trained", True) for row in rows if row.get("one_left") is not None]
    for (base, moved, colour, _, mark), (of_base, of_moved) in zip(_ENDS, (names[:2], names[2:]), strict=True):
        if any(row.get(base) is not None for row in rows):
            axes.plot([], [], "--", color=colour, dashes=(4, 2), label=of_base)
        if any(row.get(moved) is not None for row in rows):
            face = colour if all(trained) else LIGHT["paper"]
            axes.plot([], [], mark, color=colour, markerfacecolor=face, markeredgewidth=1.3, label=of_moved)
    figure.legend(loc="outside upper left", ncols=2, columnspacing=2)


@styled
def panels(
    rows: Mapping[str, Mapping[str, Mapping[str, tuple[Sequence[float], Sequence[float]]]]],
    xlabel: str,
    marks: Mapping[str, tuple[str, float]] | None = None,
    limits: Mapping[str, tuple[float, float]] | None = None,
) -> Figure:
    """Curves in small panels, one axis of y a row, one of x for all.

    Args:
        rows: heading of a row's y axis, with the unit → title of a column → label → (x, y). A label keeps its colour in all
            panels; one that ends in ", train" is dashed and has the colour of the label without that.
        xlabel: of all panels.
        marks: heading → (label, y): a level to compare with, drawn through the row.
        limits: heading → (low, high) of y; what lies outside leaves the panel.

    Returns:
        A Figure 7 in wide.
    """
    titles = list(dict.fromkeys(title for row in rows.values() for title in row))
    labels = list(dict.fromkeys(label for row in rows.values() for curves in row.values() for label in curves))
    looks = {
        name: (ORDER[i % len(ORDER)], MARKS[i % len(MARKS)])
        for i, name in enumerate(dict.fromkeys(label.removesuffix(", train") for label in labels))
    }
    figure = Figure(figsize=(WIDTH, 0.7 + 1.75 * len(rows)), layout="constrained")
    grid = figure.subplots(len(rows), len(titles), sharex=True, sharey="row", squeeze=False)
    for line, (heading, row) in zip(grid, rows.items(), strict=True):
        for axes, title in zip(line, titles, strict=True):
            for label, (x, y) in row.get(title, {}).items():
                train = label.endswith(", train")
                colour, mark = looks[label.removesuffix(", train")]
                axes.plot(
                    x, y, color=colour, dashes=(3, 1.6) if train else (None, None), label=label, linewidth=1.1 if train else 1.7,
                    marker=mark, markersize=3.2, markevery=0.22 if len(x) > 3 else None, alpha=0.8 if train else 1,
                )  # fmt: skip
            if marks and heading in marks:
                axes.axhline(marks[heading][1], color=OTHERS, linewidth=1, dashes=(1, 1.5), zorder=1)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        if marks and heading in marks:
            name, level = marks[heading]
            line[-1].annotate(  # beside the last panel, for curves pass over the level
                name.replace(" ", "\n", 1), (1, level), xycoords=("axes fraction", "data"), xytext=(4, 0),
                textcoords="offset points", va="center", size=7.5, color=OTHERS, annotation_clip=False,
            )  # fmt: skip
        line[0].set_ylabel(heading)
        if limits and heading in limits:
            line[0].set_ylim(limits[heading])
    for axes, title in zip(grid[0], titles, strict=True):
        axes.set_title(title)
    for axes in grid[-1]:
        axes.set_xlabel(xlabel)
    drawn = {line.get_label(): line for axes in grid[0] for line in axes.lines if line.get_label() in labels}
    figure.legend(drawn.values(), drawn.keys(), loc="outside upper left", ncols=min(max(len(drawn), 1), 3), columnspacing=1.6)
    return figure

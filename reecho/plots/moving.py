"""A chart that changes with settings: what a still figure draws of it at one setting, and a widget at every one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reecho.errors import ReechoError
from reecho.palette import DARK_PARTS, LIGHT, PARTS
from reecho.plots.style import INK, MUTED, ORDER, WIDTH, in_levels, styled

SERIES_AT_MOST = 5  # lines of one chart that differ in colour
_DASHES = (3, 2)


@dataclass(frozen=True)
class Line:
    """A line of a chart, or an outline that is filled down to the axis.

    Args:
        label: in the legend; "" for none.
        x: float (n,).
        y: float (*settings, n), an axis of length 1 where it does not change with a setting; not a number where nothing is drawn.
        series: place of its colour in `palette.SERIES`.
        dashed, filled: how it is drawn.
    """

    label: str
    x: np.ndarray
    y: np.ndarray
    series: int
    dashed: bool = False
    filled: bool = False


@dataclass(frozen=True)
class Chart:
    """Lines over one pair of axes, for every setting.

    Args:
        xlabel, ylabel: what is measured, with the unit.
        xlim, ylim: ends of the axes.
        xticks, yticks: place → what is written there.
        lines: in the order of drawing.
        marks: label → float (*settings): places of x with a line from bottom to top; not a number for none.
        dots: label → float (*settings, 2): x and y of a dot.
        bars: label of a stacked bar → part → float (*settings), at least 0; drawn below the lines.
        unit: of the bars.
        totals: label of a bar → str (*settings), written behind it.
        log_x, log_y: whether an axis is logarithmic.
    """

    xlabel: str
    ylabel: str
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    xticks: Mapping[float, str]
    yticks: Mapping[float, str]
    lines: Sequence[Line]
    marks: Mapping[str, np.ndarray] = field(default_factory=dict)
    dots: Mapping[str, np.ndarray] = field(default_factory=dict)
    bars: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)
    unit: str = ""
    totals: Mapping[str, np.ndarray] = field(default_factory=dict)
    log_x: bool = False
    log_y: bool = False

    @property
    def parts(self) -> list[str]:
        """The parts of the bars, in order."""
        return list(dict.fromkeys(part for bar in self.bars.values() for part in bar))


def at_setting(values: np.ndarray, setting: Sequence[int]) -> np.ndarray:
    """What an array (*settings, …) holds at a setting; along an axis of length 1 there is one value for all.

    Example:
        >>> int(at_setting(np.array([[1], [2]]), (1, 7)))
        2
    """
    values = np.asarray(values)
    return values[tuple(0 if values.shape[axis] == 1 else place for axis, place in enumerate(setting))]


@styled
def moving_chart(
    chart: Chart, setting: Sequence[int], pictures: Mapping[str, np.ndarray] | None = None, under: Mapping[str, str] | None = None
) -> Figure:
    """A chart at one setting, its bars below it, and a row of pictures below these.

    Args:
        chart: for all settings.
        setting: the place along each of them.
        pictures: name → float (H, W, 3) in [0, 1], at this setting.
        under: name → a short text for below the picture.

    Returns:
        A Figure 7 in wide.

    Raises:
        ReechoError: more series than colours that are told apart.
    """
    if any(not 0 <= line.series < SERIES_AT_MOST for line in chart.lines):
        raise ReechoError(f"A chart has at most {SERIES_AT_MOST} colours; number its series from 0 to {SERIES_AT_MOST - 1}.")
    pictures = pictures or {}
    heights = [2.7, *([0.45 + 0.36 * len(chart.bars)] if chart.bars else []), *([1.7] if pictures else [])]
    figure = Figure(figsize=(WIDTH, sum(heights) + 0.35), layout="constrained")
    rows = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    _draw_lines(figure.add_subplot(rows[0]), chart, setting)
    if chart.bars:
        _draw_bars(figure.add_subplot(rows[1]), chart, setting)
    if pictures:
        row = rows[-1].subgridspec(1, len(pictures))
        for place, (name, picture) in enumerate(pictures.items()):
            axes = figure.add_subplot(row[place])
            axes.imshow(in_levels(picture), interpolation="none")
            axes.set_axis_off()
            axes.set_title("\n".join(filter(None, (name, (under or {}).get(name, "")))), size=7.5, loc="center", weight="normal")
    return figure


def _draw_lines(axes: Axes, chart: Chart, setting: Sequence[int]) -> None:
    for line in chart.lines:
        y, colour = at_setting(line.y, setting), ORDER[line.series]
        if not np.isfinite(y).any():
            continue
        if line.filled:
            axes.fill_between(line.x, y, color=colour, alpha=0.22, linewidth=0, label=line.label or None)
        else:
            axes.plot(line.x, y, color=colour, dashes=_DASHES if line.dashed else (None, None), label=line.label or None)
    for label, places in chart.marks.items():
        if np.isfinite(place := float(at_setting(places, setting))):
            axes.axvline(place, color=MUTED, linewidth=0.9, dashes=(1, 1.5), zorder=1)
            axes.annotate(label, (place, 1), xycoords=("data", "axes fraction"), xytext=(3, -2), textcoords="offset points",
                          size=7, color=MUTED, va="top", rotation=0)  # fmt: skip
    for label, places in chart.dots.items():
        x, y = at_setting(places, setting)
        axes.plot([x], [y], "o", color=INK, markersize=5, zorder=5)
        axes.annotate(label, (x, y), xytext=(0, 6), textcoords="offset points", size=7, ha="center")
    if chart.log_x:
        axes.set_xscale("log")
    if chart.log_y:
        axes.set_yscale("log")
    axes.set_xticks(list(chart.xticks), list(chart.xticks.values()))
    axes.set_yticks(list(chart.yticks), list(chart.yticks.values()))
    axes.minorticks_off()
    axes.set(xlabel=chart.xlabel, ylabel=chart.ylabel, xlim=chart.xlim, ylim=chart.ylim)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, handlelength=2, columnspacing=1.4)


def _draw_bars(axes: Axes, chart: Chart, setting: Sequence[int]) -> None:
    longest = max(sum(float(at_setting(part, setting)) for part in bar.values()) for bar in chart.bars.values())
    for place, (label, bar) in enumerate(chart.bars.items()):
        left = 0.0
        for part, colour in zip(chart.parts, PARTS, strict=False):
            value = float(at_setting(bar[part], setting))
            axes.barh(place, value, left=left, height=0.62, color=LIGHT[colour], edgecolor=LIGHT["paper"], linewidth=0.8,
                      label=part if place == 0 else None)  # fmt: skip
            if value > 0.09 * longest:
                ink = LIGHT["paper" if colour in DARK_PARTS else "on-pale"]
                axes.text(left + value / 2, place, f"{value:.3g}", ha="center", va="center", size=7.5, color=ink)
            left += value
        text = str(at_setting(chart.totals[label], setting)) if label in chart.totals else f"{left:.3g}"
        axes.annotate(text, (left, place), xytext=(4, 0), textcoords="offset points", va="center", weight="bold")
    axes.set_yticks(range(len(chart.bars)), list(chart.bars))
    axes.set(xlabel=chart.unit, ylim=(len(chart.bars) - 0.5, -0.5), xlim=(0, 1.18 * longest))
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, handlelength=1, columnspacing=1.4)

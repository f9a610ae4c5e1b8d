"""Lines: the history of a training, and any other quantity over another; each line is labelled where it ends."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from reecho.errors import ReechoError
from reecho.palette import LIGHT
from reecho.plots.style import DASHES, FAINT, MUTED, OTHERS, WIDTH, looks, plain_numbers, styled

_HEADINGS = {"reconstruction_loss": "Reconstruction loss", "kl_loss": "KL loss in nats"}
_FEW = 30  # points that all have a mark; longer lines have one now and then
_SMALL_MARKS = ("o", "o", "^", "s")  # of the lines of a plane
_SIDES = (  # of a point of a line, where its label can stand: points to the right and up, alignment
    (5, 0, "left", "center"), (-4, 5, "right", "bottom"), (4, -5, "left", "top"), (5, 4, "left", "bottom"),
    (-4, -5, "right", "top"), (0, 6, "center", "bottom"), (0, -6, "center", "top"),
)  # fmt: skip
_ALIGNED = {"left": 0.0, "right": 1.0, "bottom": 0.0, "center": 0.5, "top": 1.0}
_COLOURS = {"reconstruction_loss": LIGHT["blue"], "kl_loss": LIGHT["vermilion"]}


@styled
def curves(history: Mapping[str, Sequence], headings: Mapping[str, str] | None = None, best_epoch: int | None = None) -> Figure:
    """A training's history: reconstruction and KL on axes of their own, train dashed, validation solid.

    Args:
        history: lists by column, "epoch", reconstruction_loss, kl_loss, and these with "val_" before the name (others are not
            drawn); None where a value is missing.
        headings: other headings of the axes, by column, for instance with the unit.
        best_epoch: the epoch whose weights were kept, marked if given.

    Returns:
        A Figure 7 in wide, an axes a loss; a loss that is 0 throughout (no KL in a plain autoencoder) is left out.

    Raises:
        ReechoError: no epochs.

    Example:
        >>> len(curves({"epoch": [1, 2], "reconstruction_loss": [3.0, 2.0], "val_kl_loss": [1.0, 2.0]}).axes)
        2
    """
    headings = {**_HEADINGS, **(headings or {})}
    epochs = np.asarray(history.get("epoch", ()), float)
    columns = {name: np.array([np.nan if value is None else value for value in values], float) for name, values in history.items()}
    shown = [name for name in _HEADINGS if any(np.nan_to_num(columns.get(p + name, 0)).any() for p in ("", "val_"))]
    if not len(epochs) or not shown:
        raise ReechoError("The history holds no epoch to draw; train the network for at least one.")
    figure = Figure(figsize=(WIDTH, 2.5), layout="constrained")
    for axes, name in zip(np.atleast_1d(figure.subplots(1, len(shown))), shown, strict=True):
        ends = []
        for prefix, dashes, label in (("", (3, 1.6), "train"), ("val_", (None, None), "validation")):
            if (there := np.isfinite(values := columns.get(prefix + name, np.full(len(epochs), np.nan)))).any():
                axes.plot(
                    epochs[there], values[there], color=_COLOURS[name], dashes=dashes, marker="o" if there.sum() < 3 else None
                )
                ends.append((epochs[there][-1], values[there][-1], label, _COLOURS[name]))
        values = np.concatenate([line.get_ydata() for line in axes.lines])
        if values.min() > 0 and values.max() > 20 * values.min():
            axes.set_yscale("log")
            plain_numbers(axes.yaxis)
        axes.set(title=headings[name], xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
        if best_epoch is not None:
            axes.axvline(best_epoch, color=FAINT, linewidth=0.8, zorder=0)
            axes.annotate(" kept", (best_epoch, 1), xycoords=("data", "axes fraction"), size=7, color=MUTED, va="top")
        label_ends(axes, ends, 1.8)
    return figure


@styled
def lines(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    xlabel: str,
    ylabel: str,
    points: Mapping[str, tuple[float, float]] | None = None,
    log_x: bool = False,
    log_y: bool = False,
    height: float = 3.2,
    behind: Collection[str] = (),
    places: Mapping[str, int] | None = None,
) -> Figure:
    """Lines and single points over one pair of axes, for instance PSNR over the rate.

    Args:
        series: label → (x, y), one line each.
        xlabel, ylabel: what is measured, with the unit.
        points: label → (x, y), one marked point each, for instance the trained networks.
        log_x: whether x doubles from mark to mark.
        log_y: whether y is logarithmic.
        height: inches.
        behind: labels of lines that are drawn broad and grey behind the others, which may lie on them.
        places: label → its place in the order of colours and marks, see `style.looks`.

    Returns:
        A Figure 7 in wide.
    """
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    if log_x:
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter("{x:.0f}")
    if log_y:
        axes.set_yscale("log")
        plain_numbers(axes.yaxis)
    ends = []
    for label in behind:
        axes.plot(*series[label], color=OTHERS, linewidth=6, alpha=0.35, solid_capstyle="butt", zorder=1)
        ends.append((series[label][0][-1], series[label][1][-1], label, OTHERS))
    for label, (colour, mark) in looks([label for label in series if label not in behind], None if points else places).items():
        x, y = series[label]
        colour, mark = OTHERS if points else colour, mark if len(series) > 1 else "o"
        every = 0.09 if len(series) > 1 and len(x) > _FEW else None  # of the diagonal, so that dense points do not hide the marks
        axes.plot(x, y, color=colour, marker=mark, markersize=3.6 if len(series) > 1 else 3, markevery=every)
        ends.append((x[-1], y[-1], label, colour))
    for label, (colour, mark) in looks(points or (), places).items():
        across, up = (points or {})[label]
        axes.plot([across], [up], mark, color=colour, markersize=7, zorder=5, label=label)
    if points:  # points may lie close together, where labels beside them would cover each other
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), labelcolor="linecolor", frameon=False)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    label_ends(axes, ends, height - 0.6)
    return figure


@styled
def rate_plane(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    points: Mapping[str, Sequence[tuple[float, float]]],
    marked: tuple[float, str] | None = None,
    height: float = 4.2,
    places: Mapping[str, int] | None = None,
) -> Figure:
    """The rate–distortion plane: PSNR over the rate in nats, with an axis of bytes above.

    Args:
        curves: label → (rates in nats, PSNR in dB), one line each.
        points: label → one or two points (rate in nats, PSNR in dB), the first one filled, the second one hollow.
        marked: a rate and what it is, drawn as a line from bottom to top.
        height: inches.
        places: label of points → its place in the order of colours and marks, see `style.looks`.

    Returns:
        A Figure 7 in wide.
    """
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = figure.subplots()
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:.0f}")
    for index, (rates, values) in enumerate(curves.values()):
        dashes, mark = DASHES[index % len(DASHES)], _SMALL_MARKS[index % len(_SMALL_MARKS)] if len(rates) <= _FEW else None
        fill = "none" if index % 2 else OTHERS
        axes.plot(rates, values, color=OTHERS, dashes=dashes, linewidth=1.2, marker=mark, markersize=3.6, markerfacecolor=fill)
    for label, (colour, mark) in looks(points, places).items():
        for nth, (rate, value) in enumerate(points[label]):
            face = colour if nth == 0 else "none"
            named = label if nth == 0 else None
            axes.plot([rate], [value], mark, color=colour, markerfacecolor=face, markersize=7, zorder=5, label=named, clip_on=False)
    if marked:
        axes.axvline(marked[0], color=FAINT, linewidth=0.8, zorder=0)
        axes.annotate(" " + marked[1], (marked[0], 0), xycoords=("data", "axes fraction"), size=7, color=MUTED, va="bottom")
    if points:
        axes.legend(  # on paper, so that no line crosses a name
            loc="upper left", labelcolor="linecolor", frameon=True, framealpha=1, facecolor=LIGHT["paper"], edgecolor="none"
        )
    bytes_of = 1 / (8 * np.log(2))
    above = axes.secondary_xaxis("top", functions=(lambda nats: nats * bytes_of, lambda size: size / bytes_of))
    above.set_xscale("log", base=2)
    above.xaxis.set_major_formatter("{x:.0f}")
    above.set_xlabel("bytes a picture")
    axes.set(xlabel="rate, nats", ylabel="PSNR, dB")
    label_clear(figure, axes, curves, [spot for spots in points.values() for spot in spots])
    return figure


def label_ends(axes: Axes, ends: list[tuple[float, float, str, str]], height: float) -> None:
    """Write each line's label to the right of its end, moved apart where they would touch, with a thin line to ends that are far.

    Args:
        axes: with the lines drawn.
        ends: (x, y, label, colour) for each line.
        height: of the axes, in inches, about.
    """
    axes.autoscale_view()  # limits are set when drawing; places must be known now
    to_axes = axes.transData + axes.transAxes.inverted()
    step = 9.5 / 72 / height  # a line of text, as a share of the axes
    places = sorted((float(to_axes.transform((x, y))[1]), x, y, label, colour) for x, y, label, colour in ends)
    moved: list[float] = []
    for place, *_ in places:
        moved.append(max(place, moved[-1] + step) if moved else place)
    far = any(to - place > 2 * step for to, (place, *_) in zip(moved, places, strict=True))
    for to, (place, x, y, label, colour) in zip(moved, places, strict=True):
        lead = {"arrowstyle": "-", "color": colour, "linewidth": 0.6, "alpha": 0.7, "relpos": (0, 0.5), "shrinkA": 1, "shrinkB": 1}
        axes.annotate(
            label, (x, y), xytext=(20 if far else 5, (to - place) * height * 72), textcoords="offset points", color=colour,
            va="center", annotation_clip=False, arrowprops=lead if far else None,
        )  # fmt: skip


def label_clear(
    figure: Figure, axes: Axes, lines: Mapping[str, tuple[Sequence[float], Sequence[float]]], others: Sequence[tuple] = ()
) -> None:
    """Write each line's label beside its end, or farther back along it where the end has no room: clear of all else that is drawn,
    and nearer to its own line than to any other.

    Args:
        figure: of the axes.
        axes: with everything but these labels drawn.
        lines: label → (x, y).
        others: (x, y) of marks that labels are to keep clear of as well.
    """
    if not lines:
        return
    notes = {
        label: axes.annotate(label, (x[-1], y[-1]), xytext=(5, 0), textcoords="offset points", color=OTHERS, annotation_clip=False)
        for label, (x, y) in lines.items()
    }
    figure.draw_without_rendering()  # a constrained layout leaves room for these labels; places and widths are known now
    point, frame = figure.dpi / 72, axes.get_window_extent()
    corners = {label: axes.transData.transform(np.column_stack(line)) for label, line in lines.items()}
    dots = {label: _dense(places) for label, places in corners.items()}
    everything = np.concatenate([*dots.values(), *([axes.transData.transform(others)] if len(others) else [])])
    taken = [legend.get_window_extent()] if (legend := axes.get_legend()) else []

    def cost(label: str, box: Bbox) -> float:
        low, high = np.array([box.x0, box.y0]), np.array([box.x1, box.y1])
        covered = float(((everything > low - 2 * point) & (everything < high + 2 * point)).all(1).sum())
        outside = (box.y1 > frame.y1) + (box.y0 < frame.y0) + (box.x0 < frame.x0) + (box.x1 > figure.bbox.x1)
        away = {name: float(np.hypot(*(line - np.clip(line, low, high)).T).min()) for name, line in dots.items()}
        misleading = min(away, key=lambda name: away[name]) != label
        return covered + 1000 * (outside + sum(box.overlaps(standing) for standing in taken)) + 200 * misleading

    for label in sorted(lines, key=lambda label: -corners[label][-1, 1]):
        size, choices = notes[label].get_window_extent().size, []
        for back, corner in enumerate(corners[label][::-1]):
            for place, (right, up, ha, va) in enumerate(_SIDES):
                left, low = corner + point * np.array([right, up]) - size * np.array([_ALIGNED[ha], _ALIGNED[va]])
                box = Bbox.from_bounds(float(left), float(low), float(size[0]), float(size[1]))
                choices.append((cost(label, box) + 3 * back + 0.1 * place, back, place, box))
        _, back, place, box = min(choices, key=lambda choice: choice[0])
        taken.append(box)
        right, up, ha, va = _SIDES[place]
        x, y = lines[label]
        notes[label].xy = float(x[-1 - back]), float(y[-1 - back])
        notes[label].set(position=(right, up), ha=ha, va=va)


def _dense(corners: np.ndarray) -> np.ndarray:
    """Points along a line through corners, float (n, 2), less than a letter apart."""
    steps = [np.linspace(a, b, 60, endpoint=False) for a, b in itertools.pairwise(corners)]
    return np.concatenate([*steps, corners[-1:]])

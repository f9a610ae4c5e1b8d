"""What notebooks call for figures that a reader can move: sliders, a divider, a plane whose points show faces.

JupyterLab, the PDF, print and readers without scripts see a still figure of the same; the HTML page puts the widget in its place,
made of pictures that lie beside the still in the notebook. A widget is a name and what the notebook gives, here, and a function
under the same name in templates/widgets.js, or in a file of its own (`sprites.SCRIPTS`); a look of its own stands in
templates/widgets.css.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from reecho import plots
from reecho.errors import ReechoError
from reecho.report.display import figure
from reecho.report.sprites import WIDGET, pack

_STILL = 8  # columns of a still, at most
_LARGE = 4  # dots a pixel of a face that is cut in two
_DIVIDER = "Drag the line across the face, or move the slider below it with the arrow keys."
_PLANE = "Point at a mark or tap near it, or go from mark to mark with the arrow keys."


def sliders(
    pictures: Mapping[str, np.ndarray], along: Mapping[str, Sequence[str | float]], caption: str, alt: str,
    values: Mapping[str, np.ndarray] | None = None, unit: str = "", digits: int = 1, signed: bool = False,
    sentences: np.ndarray | None = None, start: Mapping[str, Any] | None = None, faces: str | None = None,
    still: Figure | None = None, how: str = "",
) -> None:  # fmt: skip
    """Show pictures side by side that change with sliders (along numbers) and choices (along words).

    Args:
        pictures: name → float array (*along, H, W, 3) in [0, 1], one picture for each setting; an axis of length 1 stands for
            pictures that do not change along it.
        along: name → the values of a slider or the words of a choice, in the order of the pictures' axes.
        caption, alt: as for `report.figure`.
        values: name → float array (*along), what is written under the picture; not a number where nothing is.
        unit, digits: of the values, digits after the point.
        signed: whether values have a sign always.
        sentences: str array (*along), a sentence for each setting.
        start: name → the value or word to begin with; else the middle of a slider, and the first word.
        faces: the choice that is made by small faces: those named "target", else the first of `pictures`.
        still: what is shown where nothing moves; else a grid of the pictures along each slider.
        how: what to do, in a sentence.

    Raises:
        ReechoError: caption or alt text is missing, shapes do not fit, or there is no such beginning.
    """
    data = _data("sliders", how, pictures, along, _texts(values, unit, digits, signed), start, faces)
    if sentences is not None:
        data["sentences"] = [str(sentence) for sentence in _spread("sentences", sentences, _shape(along), 0).ravel()]
    figure(still or _still(pictures, data), caption, alt, widget={WIDGET: data})


def divider(
    pictures: Mapping[str, np.ndarray], caption: str, alt: str, values: Mapping[str, np.ndarray] | None = None, unit: str = "",
    digits: int = 1, pair: tuple[str, str] | None = None,
) -> None:  # fmt: skip
    """Show two pictures of a face on top of each other, with a line between them that moves; any two, of several people.

    Args:
        pictures: name → float array (n, H, W, 3) in [0, 1], what each stage or method gave for the n people.
        caption, alt: as for `report.figure`.
        values: name → float array (n,), what is written below each picture.
        unit, digits: of the values.
        pair: the two names to begin with, left and right; else the first and the last.

    Raises:
        ReechoError: as for `sliders`.
    """
    names = list(pictures)
    left, right = pair or (names[0], names[-1])
    if not {left, right} <= set(names):
        raise ReechoError(f"The divider is to begin with {(left, right)}; choose two of {', '.join(names)}.")
    people = _people(len(pictures[left]))
    data = _data("divider", _DIVIDER, pictures, {"person": people}, _texts(values, unit, digits), faces="person")
    data["pair"] = [names.index(left), names.index(right)]
    numbers = _texts(values, "", digits)  # without the unit, else those of neighbours overlap
    below = [numbers[name] for name in (left, right) if name in numbers]
    texts = [" | ".join(filter(None, pair)) for pair in zip(*below, strict=True)] if below else None
    halves = _halves(np.asarray(pictures[left]), np.asarray(pictures[right]))
    still = plots.picture_grid([(f"left: {left}, right: {right}", halves)], [texts])
    figure(still, caption, alt, widget={WIDGET: data})


def plane(
    still: Figure | None, lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    points: Mapping[str, Sequence[tuple[float, float]]], targets: np.ndarray, seen: Mapping[str, Sequence[np.ndarray]],
    values: Mapping[str, Sequence[np.ndarray]], caption: str, alt: str, marked: tuple[float, str] | None = None,
    people: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Show the rate–distortion plane, each of whose points shows the face as it is decoded there, beside the target.

    Args:
        still: the same plane, of `plots.rate_plane`; None draws it.
        lines, points, marked: as `plots.rate_plane` takes them.
        targets: float array (n, H, W, 3) in [0, 1], of n people.
        seen: label of a line or of points → for each of its points float array (n, H, W, 3).
        values: the same labels → for each of its points float array (n,), PSNR of these very pictures, dB.
        caption, alt: as for `report.figure`.
        people: what the n people are called; else by number.

    Raises:
        ReechoError: caption or alt text is missing, or a point has no picture.
    """
    series = {name: list(zip(*curve, strict=True)) for name, curve in lines.items()}
    series |= {name: list(places) for name, places in points.items()}
    for name, places in series.items():
        if not len(places) == len(seen.get(name, ())) == len(values.get(name, ())):
            raise ReechoError(f"Every point of {name!r} needs pictures and their PSNR; give seen and values for {len(places)}.")
    spots = [(name, number, x, y) for name, places in series.items() for number, (x, y) in enumerate(places)]
    pictures = {"target": np.asarray(targets)} | {f"{name} {number}": np.asarray(seen[name][number]) for name, number, *_ in spots}
    psnr = {f"{name} {number}": np.asarray(values[name][number]) for name, number, *_ in spots}
    along = {"person": people or _people(len(targets))}
    data = _data("plane", _PLANE, pictures, along, _texts(psnr, "dB", 1), faces="person")
    titles = [_title(name, number, name in points, len(series[name])) for name, number, *_ in spots]
    data["panels"] = ["target", *titles]
    still = still or plots.rate_plane(lines, points, marked)
    data["spots"] = [
        {
            "at": at, "label": f"{title}, {x:.0f} nats, {y:.1f} dB",
            "sentence": f"{title}: {y:.2f} dB at {x:.0f} nats ({x / math.log(256):.0f} bytes), a mean over held-out pictures",
        }
        for title, at, (*_, x, y) in zip(titles, plots.positions(still, [spot[2:] for spot in spots]), spots, strict=True)
    ]  # fmt: skip
    data["start"] = next((place for place, (name, *_) in enumerate(spots) if name in points), 0)
    figure(still, caption, alt, widget={WIDGET: data})


def chart(
    drawn: plots.Chart, pictures: Mapping[str, np.ndarray], along: Mapping[str, Sequence[str | float]], caption: str, alt: str,
    values: Mapping[str, np.ndarray] | None = None, unit: str = "", digits: int = 1, sentences: np.ndarray | None = None,
    start: Mapping[str, Any] | None = None, faces: str | None = None, how: str = "",
) -> None:  # fmt: skip
    """Show a chart that changes with sliders and choices, its pictures below it, and a sentence for each setting.

    Args:
        drawn: the chart, whose arrays begin with an axis for each of `along`.
        pictures, along, caption, alt, values, unit, digits, sentences, start, faces, how: as for `sliders`; the still figure is the
            chart with its pictures as they are at the beginning.

    Raises:
        ReechoError: as for `sliders`, or the chart's arrays have other shapes.
    """
    data = _data("chart", how, pictures, along, _texts(values, unit, digits), start, faces)
    shape, begin = _shape(along), [control["start"] for control in data["along"]]
    if sentences is not None:
        data["sentences"] = [str(sentence) for sentence in _spread("sentences", sentences, shape, 0).ravel()]
    data["chart"] = _chart(drawn, shape)
    below = {name: _texts({name: number}, unit, digits)[name] for name, number in (values or {}).items()}
    still = plots.moving_chart(
        drawn, begin, {name: plots.at_setting(stack, begin) for name, stack in pictures.items()},
        {name: str(plots.at_setting(texts, begin)) for name, texts in below.items()},
    )  # fmt: skip
    figure(still, caption, alt, widget={WIDGET: data})


def _chart(drawn: plots.Chart, shape: tuple[int, ...]) -> dict[str, Any]:
    """A chart as JSON can hold it: an array for all settings is its shape along these and its values, one after another."""

    def held(what: str, values: np.ndarray, more: int = 0) -> dict[str, Any]:
        values = np.asarray(values)
        _spread(what, values, shape, more)
        flat = values.reshape(*values.shape[: len(shape)], -1)
        rows = [[_short(value) for value in row] for row in flat.reshape(-1, flat.shape[-1])]
        there = [row if any(value is not None for value in row) else [None] for row in rows]  # nothing is said once
        return {"along": list(values.shape[: len(shape)]), "values": there}

    lines = [
        {"label": line.label, "series": line.series, "dashed": line.dashed, "filled": line.filled, "x": [_short(x) for x in line.x]}
        | {"y": held(f"line {line.label!r}", line.y, 1)}
        for line in drawn.lines
    ]  # fmt: skip
    axes = {
        name: {"label": label, "limits": list(limits), "ticks": [[place, text] for place, text in ticks.items()], "log": log}
        for name, label, limits, ticks, log in (
            ("x", drawn.xlabel, drawn.xlim, drawn.xticks, drawn.log_x), ("y", drawn.ylabel, drawn.ylim, drawn.yticks, drawn.log_y),
        )
    }  # fmt: skip
    bars = [
        {"label": label, "parts": [held(f"bar {label!r}", bar[part]) for part in drawn.parts]}
        | {"total": held(f"total of {label!r}", drawn.totals[label]) if label in drawn.totals else None}
        for label, bar in drawn.bars.items()
    ]
    marks = [{"label": label, "x": held(f"mark {label!r}", places)} for label, places in drawn.marks.items()]
    dots = [{"label": label, "at": held(f"dot {label!r}", places, 1)} for label, places in drawn.dots.items()]
    return {**axes, "lines": lines, "marks": marks, "dots": dots, "bars": bars, "parts": drawn.parts, "unit": drawn.unit}


def _short(value: Any) -> float | int | str | None:
    """A number of a chart in four digits; None where it is none."""
    if isinstance(value, str):
        return str(value)
    number = float(f"{value:.4g}") if np.isfinite(value) else None
    return int(number) if number is not None and number == round(number) else number


def _title(name: str, number: int, single: bool, count: int) -> str:
    """What a point is called: of a network's two points the first is a draw of z, the second its mean."""
    return f"{name}, {('a draw of z', 'mean of z')[number]}" if single and count == 2 else name


def _people(count: int) -> list[str]:
    return [f"person {number + 1}" for number in range(count)]


def _data(
    widget: str, how: str, pictures: Mapping[str, np.ndarray], along: Mapping[str, Sequence[str | float]],
    under: Mapping[str, np.ndarray], start: Mapping[str, Any] | None = None, faces: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What every widget has, as JSON can hold it: a picture and a text under it for each setting along the axes."""
    shape = _shape(along)
    panels = [_spread(f"pictures of {name!r}", stack, shape, 3) for name, stack in pictures.items()]
    sheet, places = pack(np.stack(panels, axis=len(shape)))
    texts = None
    if under:
        blank = np.full((1,) * len(shape), "")
        texts = np.stack([_spread(f"values of {name!r}", under.get(name, blank), shape, 0) for name in pictures], axis=-1)
    if faces is not None and faces not in along:
        raise ReechoError(f"There is no choice {faces!r} to draw as faces; there is {', '.join(along)}.")
    return {
        "widget": widget, "how": how, "along": [_control(name, labels, start or {}) for name, labels in along.items()],
        "panels": list(pictures), "places": places.ravel().tolist(), "under": None if texts is None else texts.ravel().tolist(),
        "sentences": None, "faces": list(along).index(faces) if faces else None, "sheet": sheet,
    }  # fmt: skip


def _shape(along: Mapping[str, Sequence[str | float]]) -> tuple[int, ...]:
    return tuple(len(labels) for labels in along.values())


def _spread(what: str, array: np.ndarray, shape: tuple[int, ...], more: int) -> np.ndarray:
    """An array with its first axes as long as those of the settings; `more` axes come behind."""
    array = np.asarray(array)
    try:
        return np.broadcast_to(array, shape + array.shape[array.ndim - more :])
    except ValueError:
        raise ReechoError(f"The {what} have the shape {array.shape}; this widget needs {shape} at its beginning.") from None


def _control(name: str, labels: Sequence[str | float], start: Mapping[str, Any]) -> dict[str, Any]:
    numbers = [label for label in labels if not isinstance(label, str)]
    slides = len(numbers) == len(labels)
    if name in start and start[name] not in list(labels):
        raise ReechoError(f"{name!r} cannot begin with {start[name]!r}; choose one of {', '.join(map(str, labels))}.")
    first = list(labels).index(start[name]) if name in start else len(labels) // 2 if slides else 0
    sign = "+" if slides and min(numbers) < 0 else ""
    texts = [f"{label:{sign if label else ''}.3g}".replace("-", "−") for label in numbers] if slides else list(labels)
    return {"name": name, "labels": texts, "slides": slides, "start": first}


def _texts(values: Mapping[str, np.ndarray] | None, unit: str, digits: int, signed: bool = False) -> dict[str, np.ndarray]:
    """Values as texts with their unit, "" where there is none."""

    def text(value: float) -> str:
        number = f"{round(float(value), digits) + 0.0:{'+' if signed else ''}.{digits}f}"
        return f"{number} {unit}".strip().replace("-", "−") if np.isfinite(value) else ""

    return {name: np.vectorize(text, otypes=[object])(numbers) for name, numbers in (values or {}).items()}


def _still(pictures: Mapping[str, np.ndarray], data: Mapping[str, Any]) -> Figure:
    """A grid: a row for each slider and each name, all else as at the beginning; what a slider does not change is shown once."""
    along, names = data["along"], list(pictures)
    shape = tuple(len(control["labels"]) for control in along)
    spread = np.stack([_spread(name, pictures[name], shape, 3) for name in names], axis=len(shape))
    under = np.reshape(data["under"] or [""] * spread[..., 0, 0, 0].size, (*shape, len(names)))
    begin, sliding = [control["start"] for control in along], [axis for axis, control in enumerate(along) if control["slides"]]
    rows, texts, once = [], [], set()
    for axis in sliding:
        shown = np.unique(np.linspace(0, shape[axis] - 1, min(shape[axis], _STILL)).round().astype(int))
        for panel, name in enumerate(names):
            spots = [(*begin[:axis], place, *begin[axis + 1 :], panel) for place in shown]
            row, below = np.stack([spread[spot] for spot in spots]), [str(under[spot]) for spot in spots]
            if (row == row[0]).all():
                if name in once:
                    continue
                once.add(name)
                row, below = row[:1], below[:1]
            title = along[axis]["name"] if len(sliding) > 1 and len(row) > 1 else name
            rows.append((title, row))
            texts.append(below if any(below) else None)
    alike = len({tuple(along[axis]["labels"]) for axis in sliding}) == 1
    return plots.picture_grid(rows, texts, [along[sliding[0]]["labels"][place] for place in shown] if alike else None)


def _halves(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Pictures cut in the middle, a white line between the halves: two of (n, H, W, 3) → (n, 4 H, 4 W, 3)."""
    large = [np.clip(side, 0, 1).repeat(_LARGE, axis=1).repeat(_LARGE, axis=2) for side in (left, right)]
    middle = large[0].shape[2] // 2
    cut = np.concatenate([large[0][:, :, :middle], large[1][:, :, middle:]], axis=2)
    cut[:, :, middle - 1 : middle + 1] = 1
    return cut

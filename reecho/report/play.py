"""What notebooks call for figures to play with: sliders, a divider, a plane whose points show faces.

JupyterLab, the PDF, print and readers without scripts see a still figure of the same; the HTML page puts the one to play with in
its place, from pictures that were made beforehand and lie beside it in the notebook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from reecho import plots
from reecho.errors import ReechoError
from reecho.report.display import figure
from reecho.report.sprites import PLAY, pack

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
    about = _gathered(pictures, along, values, (unit, digits, signed), sentences, start, faces)
    still = still or _still(pictures, about)
    figure(still, caption, alt, play={PLAY: {"view": "row", "how": how, **about}})


def divider(
    pictures: Mapping[str, np.ndarray], caption: str, alt: str, values: Mapping[str, np.ndarray] | None = None, unit: str = "",
    digits: int = 1, pair: tuple[str, str] | None = None,
) -> None:  # fmt: skip
    """Show two pictures of a face on top of each other, with a line between them that moves; any two, of several people.

    Args:
        pictures: name → float array (n, H, W, 3) in [0, 1], what each stage or method made of the n people.
        caption, alt: as for `report.figure`.
        values: name → float array (n,), what is told of each picture.
        unit, digits: of the values.
        pair: the two names to begin with, left and right; else the first and the last.

    Raises:
        ReechoError: as for `sliders`.
    """
    names, pair = list(pictures), pair or (next(iter(pictures)), list(pictures)[-1])
    if not set(pair) <= set(names):
        raise ReechoError(f"The divider is to begin with {pair}; choose two of {', '.join(names)}.")
    count = len(pictures[names[0]])
    about = _gathered(pictures, {"person": _people(count)}, values, (unit, digits, False), None, None, "person")
    sides = [names.index(name) for name in pair]
    under = np.reshape(about["under"], (count, len(names)))[:, sides] if values else None
    told = under if under is None else [" | ".join(filter(None, each)) for each in under]
    cut = _halves(*(np.asarray(pictures[name]) for name in pair))
    still = plots.picture_grid([(f"left: {pair[0]}, right: {pair[1]}", cut)], [told])
    figure(still, caption, alt, play={PLAY: {"view": "divider", "how": _DIVIDER, "pair": sides, **about}})


def plane(
    still: Figure, lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    points: Mapping[str, Sequence[tuple[float, float]]], targets: np.ndarray, seen: Mapping[str, Sequence[np.ndarray]],
    values: Mapping[str, Sequence[np.ndarray]], caption: str, alt: str, marked: tuple[float, str] | None = None,
    people: Sequence[str] | None = None,
) -> None:  # fmt: skip
    """Show the rate–distortion plane, each of whose points shows the face as it is decoded there, beside the target.

    Args:
        still: the same plane, of `plots.rate_plane`.
        lines, points, marked: as `plots.rate_plane` takes them.
        targets: float array (n, H, W, 3) in [0, 1], of n people.
        seen: label of a line or of points → for each of its points float array (n, H, W, 3).
        values: the same labels → for each of its points float array (n,), PSNR of these very pictures, dB.
        caption, alt: as for `report.figure`.
        people: what the n people are called; else by number.

    Raises:
        ReechoError: caption or alt text is missing, or a point has no picture.
    """
    places = {name: list(zip(*each, strict=True)) for name, each in lines.items()}
    places |= {name: list(each) for name, each in points.items()}
    for name, each in places.items():
        if not len(each) == len(seen.get(name, ())) == len(values.get(name, ())):
            raise ReechoError(f"Every point of {name!r} needs pictures and their PSNR; give seen and values for {len(each)}.")
    named = [(name, number) for name, each in places.items() for number in range(len(each))]
    pictures = {"target": np.asarray(targets)} | {f"{name} {number}": np.asarray(seen[name][number]) for name, number in named}
    told = {f"{name} {number}": np.asarray(values[name][number]) for name, number in named}
    about = _gathered(pictures, {"person": people or _people(len(targets))}, told, ("dB", 1, False), None, None, "person")
    about["panels"] = ["target", *(_which(name, number, name in points, len(places[name])) for name, number in named)]
    series = [
        {"name": name, "line": name in lines, "places": [[float(x), float(y)] for x, y in each]} for name, each in places.items()
    ]
    mark = [float(marked[0]), marked[1]] if marked else None
    figure(still, caption, alt, play={PLAY: {"view": "plane", "how": _PLANE, "series": series, "marked": mark, **about}})


def _which(name: str, number: int, single: bool, count: int) -> str:
    """What a point is called: of a network's two points the first is a draw of z, the second its mean."""
    return f"{name}, {('a draw of z', 'mean of z')[number]}" if single and count == 2 else name


def _people(count: int) -> list[str]:
    return [f"person {number + 1}" for number in range(count)]


def _gathered(
    pictures: Mapping[str, np.ndarray], along: Mapping[str, Sequence[str | float]], values: Mapping[str, np.ndarray] | None,
    form: tuple[str, int, bool], sentences: np.ndarray | None, start: Mapping[str, Any] | None, faces: str | None,
) -> dict[str, Any]:  # fmt: skip
    """What the page needs to know of pictures along settings, as JSON can hold it."""
    shape = tuple(len(each) for each in along.values())
    panels = [_spread(f"pictures of {name!r}", each, shape, 3) for name, each in pictures.items()]
    sheet, places = pack(np.stack(panels, axis=len(shape)))
    under = None
    if values is not None:
        blank = np.full((1,) * len(shape), np.nan)
        columns = [_spread(f"values of {name!r}", values.get(name, blank), shape, 0) for name in pictures]
        under = [_number(value, *form) for value in np.stack(columns, axis=-1).ravel()]
    if sentences is not None:
        sentences = [str(each) for each in _spread("sentences", np.asarray(sentences), shape, 0).ravel()]
    if faces is not None and faces not in along:
        raise ReechoError(f"There is no choice {faces!r} to draw as faces; there is {', '.join(along)}.")
    return {
        "along": [_control(name, each, start or {}) for name, each in along.items()],
        "panels": list(pictures),
        "places": places.ravel().tolist(),
        "under": under,
        "sentences": sentences,
        "faces": list(along).index(faces) if faces else None,
        "sheet": sheet,
    }


def _spread(what: str, given: Any, shape: tuple[int, ...], more: int) -> np.ndarray:
    given = np.asarray(given)
    try:
        return np.broadcast_to(given, shape + given.shape[given.ndim - more :])
    except ValueError:
        raise ReechoError(f"The {what} have the shape {given.shape}; what is played with needs {shape} at its beginning.") from None


def _control(name: str, labels: Sequence[str | float], start: Mapping[str, Any]) -> dict[str, Any]:
    slides = not any(isinstance(label, str) for label in labels)
    if name in start and start[name] not in list(labels):
        raise ReechoError(f"{name!r} cannot begin with {start[name]!r}; choose one of {', '.join(map(str, labels))}.")
    first = list(labels).index(start[name]) if name in start else len(labels) // 2 if slides else 0
    signed = slides and min(labels) < 0
    told = [_plain(label, signed) if slides else label for label in labels]
    return {"name": name, "labels": told, "slides": slides, "start": first}


def _plain(value: float, signed: bool) -> str:
    text = f"{value:+.3g}" if signed and value else f"{value:.3g}"
    return text.replace("-", "−")


def _number(value: float, unit: str, digits: int, signed: bool) -> str:
    if not np.isfinite(value):
        return ""
    return f"{round(float(value), digits) + 0.0:{'+' if signed else ''}.{digits}f} {unit}".strip().replace("-", "−")


def _still(pictures: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> Figure:
    """A grid: a row for each slider and each name, all else as at the beginning; what a slider does not change is shown once."""
    along, names = about["along"], list(pictures)
    shape = tuple(len(each["labels"]) for each in along)
    spread = np.stack([_spread(name, pictures[name], shape, 3) for name in names], axis=len(shape))
    under = np.reshape(about["under"] or [""] * spread[..., 0, 0, 0].size, (*shape, len(names)))
    begin, sliding = [each["start"] for each in along], [axis for axis, each in enumerate(along) if each["slides"]]
    rows, texts, once = [], [], set()
    for axis in sliding:
        shown = np.unique(np.linspace(0, shape[axis] - 1, min(shape[axis], _STILL)).round().astype(int))
        for panel, name in enumerate(names):
            spots = [(*begin[:axis], place, *begin[axis + 1 :], panel) for place in shown]
            row, told = np.stack([spread[spot] for spot in spots]), [str(under[spot]) for spot in spots]
            if (row == row[0]).all():
                if name in once:
                    continue
                once.add(name)
                row, told = row[:1], told[:1]
            title = along[axis]["name"] if len(sliding) > 1 and len(row) > 1 else name
            rows.append((title, row))
            texts.append(told if any(told) else None)
    alike = len({tuple(along[axis]["labels"]) for axis in sliding}) == 1
    return plots.picture_grid(rows, texts, [along[sliding[0]]["labels"][place] for place in shown] if alike else None)


def _halves(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Pictures cut in the middle, a white line between the halves: two of (n, H, W, 3) → (n, 4 H, 4 W, 3)."""
    large = [np.clip(each, 0, 1).repeat(_LARGE, axis=1).repeat(_LARGE, axis=2) for each in (left, right)]
    middle = large[0].shape[2] // 2
    cut = np.concatenate([large[0][:, :, :middle], large[1][:, :, middle:]], axis=2)
    cut[:, :, middle - 1 : middle + 1] = 1
    return cut

"""A figure to play with as HTML: native sliders, radio buttons and lists, labelled; play.js moves what play.css lays out."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from reecho.report.executed import Piece

_COLOURS, _DASHES = 7, 4  # of a plane's series, see play.css
_MARKS = (  # as in the still figure, around (0, 0)
    "M0-6 6 0 0 6-6 0Z", "M5 0A5 5 0 1 1-5 0 5 5 0 1 1 5 0Z", "M-4.5-4.5h9v9h-9Z", "M0-5.5 5.5 4.5h-11Z", "M0 5.5 5.5-4.5h-11Z",
    "M0-5.6 5.3-1.7 3.3 4.5-3.3 4.5-5.3-1.7Z",
)  # fmt: skip
_DOT = "M2.6 0A2.6 2.6 0 1 1-2.6 0 2.6 2.6 0 1 1 2.6 0Z"


def figure(piece: Piece, still: str, legend: str, number: int) -> str:
    """The whole `<figure>`.

    Args:
        piece: a figure with `play`.
        still: the `<img>` of those who have no script, and of print.
        legend: the `<figcaption>`, or "".
        number: counts the figures of the page, from 1.

    Returns:
        HTML; what is to be played with is hidden where no script runs.
    """
    play = dict(piece.play or {})
    name = f"play-{number}"
    opened = f'<div class="live" role="group" aria-label="Figure {number}, to play with">'
    choices = [_control(each, index, f"{name}-{index}", play) for index, each in enumerate(play["along"])]
    order = sorted(range(len(choices)), key=lambda index: play["along"][index]["slides"])  # choices first, then sliders
    controls = "".join(choices[index] for index in order)
    stage = {"row": _row, "divider": _divider, "plane": _plane}[play["view"]](play, name)
    how = f'<p class="how">{escape(play["how"])}</p>' if play["how"] else ""
    data = json.dumps(play, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<figure class="play {play["view"]}"><div class="still">{still}</div>'
        f'{opened}{how}<div class="controls">{controls}</div>{stage}'
        f'<p class="said" role="status"></p></div><script type="application/json">{data}</script>{legend}</figure>'
    )


def _control(control: dict[str, Any], index: int, name: str, play: dict[str, Any]) -> str:
    labels, start, title = control["labels"], control["start"], escape(control["name"])
    if len(labels) < 2:
        return ""
    if control["slides"]:
        return (
            f'<div class="slide"><label for="{name}">{title}</label>'
            f'<input type="range" id="{name}" data-along="{index}" min="0" max="{len(labels) - 1}" step="1" value="{start}" '
            f'aria-valuetext="{escape(labels[start])}" autocomplete="off">'
            f'<span class="value" aria-hidden="true">{escape(labels[start])}</span></div>'
        )
    faces = play["faces"] == index
    choices = []
    for value, label in enumerate(labels):
        spoken = f"<span>{escape(label)}</span>"
        if faces:
            spoken = f'<canvas aria-hidden="true" data-face="{value}"></canvas><span class="spoken">{escape(label)}</span>'
        checked = " checked" if value == start else ""
        radio = f'<input type="radio" name="{name}" data-along="{index}" value="{value}"{checked} autocomplete="off">'
        choices.append(f"<label>{radio}{spoken}</label>")
    kind = "choice faces" if faces else "choice"
    return f'<fieldset class="{kind}"><legend>{title}</legend><div class="options">{"".join(choices)}</div></fieldset>'


def _row(play: dict[str, Any], name: str) -> str:
    size = "few" if len(play["panels"]) < 3 else "some" if len(play["panels"]) < 5 else "many"
    sentence = '<p class="sentence"></p>' if play["sentences"] else ""
    return f'<div class="panels {size}">{"".join(_panel(each, bool(play["under"])) for each in play["panels"])}</div>{sentence}'


def _panel(title: str, told: bool = True) -> str:
    under = '<span class="under"></span>' if told else ""
    return (
        f'<div class="panel"><canvas class="face" role="img" aria-label="{escape(title)}"></canvas>'
        f'<span class="title">{escape(title)}</span>{under}</div>'
    )


def _divider(play: dict[str, Any], name: str) -> str:
    sides = []
    for side, chosen in zip(("left", "right"), play["pair"], strict=True):
        options = "".join(
            f'<option value="{value}"{" selected" if value == chosen else ""}>{escape(panel)}</option>'
            for value, panel in enumerate(play["panels"])
        )
        sides.append(
            f'<div class="side"><label for="{name}-{side}">{side}</label>'
            f'<select id="{name}-{side}" data-side="{side}" autocomplete="off">{options}</select><span class="under"></span></div>'
        )
    return (
        '<div class="cut"><div class="stage"><canvas class="face" role="img" aria-label="left"></canvas>'
        '<canvas class="face over" role="img" aria-label="right"></canvas><div class="line" aria-hidden="true"></div></div>'
        f'<div class="slide"><label class="spoken" for="{name}-line">divider</label>'
        f'<input type="range" id="{name}-line" class="divide" min="0" max="100" step="1" value="50" aria-valuetext="50 %" '
        f'autocomplete="off"></div></div><div class="sides">{"".join(sides)}</div>'
    )


def _plane(play: dict[str, Any], name: str) -> str:
    play["series"] = [{**each, **_look(play["series"], place)} for place, each in enumerate(play["series"])]
    keys = []
    for each in play["series"]:
        line = '<path class="curve" d="M0 8H26"/>' if each["line"] else ""
        mark = f'<path class="mark" transform="translate(13 8)" d="{each["mark"]}"/>'
        drawn = f'<svg width="26" height="16" aria-hidden="true">{line}{mark}</svg>'
        keys.append(f'<li class="{each["look"]}">{drawn}{escape(each["name"])}</li>')
    return (
        f'<div class="plot"></div><ul class="keys">{"".join(keys)}</ul>'
        f'<div class="panels few">{_panel("target")}{_panel("decoded")}<p class="sentence"></p></div>'
    )


def _look(series: list[dict[str, Any]], place: int) -> dict[str, str]:
    """A series' classes and mark: lines are told apart by their dashes, points by colour and mark, each counted by itself."""
    line = series[place]["line"]
    nth = sum(each["line"] == line for each in series[:place])
    if line:
        return {"look": f"line dash-{min(nth, _DASHES - 1)}", "mark": _DOT}
    return {"look": f"points colour-{nth % _COLOURS}", "mark": _MARKS[nth % len(_MARKS)]}

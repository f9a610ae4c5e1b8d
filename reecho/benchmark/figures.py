"""The figures of a benchmark's page: what was measured beside each other, and growth as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from reecho import plots
from reecho.benchmark.rounds import (
    GIB,
    MILLISECONDS,
    PICTURES_A_SECOND,
    PROCESSOR_SECONDS,
    SECONDS,
    TIMES,
    Row,
)
from reecho.benchmark.subjects import OWN
from reecho.benchmark.words import short
from reecho.report.executed import Piece

_DOTS = 96
_HEADINGS = {PICTURES_A_SECOND: "Pictures a second", MILLISECONDS: "Milliseconds a picture"}
_RANGE = "The dot is the median of all rounds, the line reaches from the lowest to the highest"


def of(rows: Sequence[Row], titles: Mapping[str, str]) -> list[Piece]:
    """The figures of a subject, made from the units of its rows.

    Args:
        rows: of one subject.
        titles: identifier → name for readers.
    """
    figures = [_ratios(rows, titles), _beside(rows, titles, PICTURES_A_SECOND), _beside(rows, titles, MILLISECONDS),
               _stages(rows, titles), *_growth(rows, titles)]  # fmt: skip
    return [figure for figure in figures if figure]


def _ratios(rows: Sequence[Row], titles: Mapping[str, str]) -> Piece | None:
    shown = {f"{titles[row.what]}\nagainst {titles[str(row.against)]}": row for row in rows if row.unit == TIMES}
    if not shown:
        return None
    figure = plots.ranges({"times as fast": {label: row.range for label, row in shown.items()}}, short, shown, at=1.0)
    caption = f"How many times as fast. {_RANGE}; further right than 1 is faster."
    return _piece(figure, caption, "Ratios", shown)


def _beside(rows: Sequence[Row], titles: Mapping[str, str], unit: str) -> Piece | None:
    shown = {titles[row.what]: row for row in rows if row.unit == unit and row.against is None}
    if not shown:
        return None
    own = [label for label, row in shown.items() if row.what in OWN]
    values = {label: row.range for label, row in shown.items()}
    widest = max(high for *_, high in values.values()) > 30 * min(low for low, *_ in values.values())
    better = "less is better" if unit == MILLISECONDS else "more is better"
    figure = plots.ranges({_HEADINGS[unit].lower(): values}, short, own, log=widest)
    return _piece(figure, f"{_HEADINGS[unit]}, {better}. {_RANGE}.", _HEADINGS[unit], shown)


def _stages(rows: Sequence[Row], titles: Mapping[str, str]) -> Piece | None:
    headings = {SECONDS: "seconds", PROCESSOR_SECONDS: "processor seconds", GIB: "most memory, GiB"}
    alone = [row for row in rows if row.unit in headings and not row.at]
    if not alone:
        return None
    panels = {heading: {titles[row.what]: row.range for row in alone if row.unit == unit} for unit, heading in headings.items()}
    shown = {f"{titles[row.what]}, {headings[row.unit]}": row for row in alone}
    return _piece(plots.ranges(panels, short), "What each stage of the report took.", "Stages", shown)


def _growth(rows: Sequence[Row], titles: Mapping[str, str]) -> list[Piece]:
    sized = [row for row in rows if row.unit == SECONDS and row.at]
    if not sized:
        return []
    fewest, smallest = (min(row.at[key] for row in sized) for key in ("pictures", "size"))
    ways = (
        ("pictures", "size", smallest, f"pictures of {smallest}×{smallest} pixels"),
        ("size", "pictures", fewest, "pixels wide"),
    )
    pieces = []
    for over, fixed, value, label in ways:
        chosen = [row for row in sized if row.at[fixed] == value]
        series = {
            titles[name]: ([float(row.at[over]) for row in of_name], [row.median for row in of_name])
            for name in dict.fromkeys(row.what for row in chosen)
            if len(of_name := [row for row in chosen if row.what == name]) > 1
        }
        figure = plots.lines(series, label, "seconds", log_x=True, log_y=True)
        shown = {f"{titles[row.what]} at {row.at[over]}": row for row in chosen}
        pieces.append(_piece(figure, f"Seconds by {over}, medians; both axes are logarithmic.", f"Growth with {over}", shown))
    return pieces


def _piece(figure: Figure, caption: str, subject: str, rows: Mapping[str, Row]) -> Piece:
    width, height = (round(inches * _DOTS) for inches in figure.get_size_inches())
    values = "; ".join(f"{' '.join(label.split())} {short(row.median)}" for label, row in rows.items())
    return Piece("figure", f"{subject}, medians: {values}.", caption, plots.to_svg(figure).encode(), "image/svg+xml", width, height)

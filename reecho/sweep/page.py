"""The page of a sweep: tables, each result over each swept parameter, what failed; one file that asks for nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reecho import looks, plots, provenance, titles
from reecho.datasets import title_of
from reecho.report import head, html
from reecho.report.executed import Piece
from reecho.report.tables import MISSING, escape, number, pipe_table
from reecho.settings import PARAMETERS
from reecho.sweep import summary
from reecho.sweep.grid import LUCK, Point, shown
from reecho.sweep.store import Outcome
from reecho.sweep.summary import Measurement, Value
from reecho.sweep.work import Seen
from reecho.tasks import TASKS, Column

_HERE = Path(__file__).parent
_PANELS = 12  # of a figure; the table has all
_WIDE = 10.0  # times from the least to the greatest value, from which on an axis is logarithmic
_OVER = {
    "splits": "{count} splits by person",
    "seeds": "{count} seeds",
    "people": "the people of the test (one point each, so nothing is known of other seeds and splits)",
}


def write(out: Path, name: str, outcomes: Sequence[tuple[Point, Outcome]], seen: Seen) -> Path:
    """Write the page.

    Args:
        out: where to.
        name: of the sweep.
        outcomes: the points of the grid with what came of each, in order.
        seen: the faces of the first point.

    Returns:
        The page.
    """
    html.write(out, _Page(name, outcomes, seen).text())
    return out


class _Page:
    """Gathers Markdown while the parts are written, so that pandoc is called once, then lays the parts out."""

    def __init__(self, name: str, outcomes: Sequence[tuple[Point, Outcome]], seen: Seen):
        self.name, self.outcomes, self.seen = name, outcomes, seen
        self.axes = summary.axes_of(point.swept for point, _ in outcomes)
        self.markdown: list[str] = []

    def text(self) -> str:
        """The whole page."""
        measured = [(point.swept, outcome.rows) for point, outcome in self.outcomes if not outcome.failed]
        parts = [self._task(task, size, some) for (task, size), some in summary.by_task(measured).items()]
        points, failed = self._points(), [(p.title, o.failed) for p, o in self.outcomes if o.failed]
        done = html.markdown_to_html([*self.markdown, ""])
        return html.filled(
            "page.html.j2", _HERE, css=head.stylesheet("", (_HERE / "page.css").read_text(encoding="utf-8")),
            policy=head.policy(), title=f"{self.name}: a sweep over {', '.join(self.axes)}", axes=self._axes(),
            banner=self.seen.banner, facts=self._facts(), failed=failed, count=len(self.outcomes), parts=parts, points=points,
            done=done,
        )  # fmt: skip

    def _say(self, markdown: str) -> int:
        self.markdown.append(markdown)
        return len(self.markdown) - 1

    def _axes(self) -> list[tuple[str, str, str]]:
        meanings = {name: ", ".join(filter(None, (PARAMETERS[name].meaning, PARAMETERS[name].unit))) for name in self.axes}
        return [(name, meanings[name], "; ".join(map(shown, values))) for name, values in self.axes.items()]

    def _facts(self) -> list[tuple[str, str]]:
        first = self.outcomes[0][0]
        seconds = sum(outcome.seconds for _, outcome in self.outcomes)
        failures = sum(outcome.failed is not None for _, outcome in self.outcomes)
        return [
            ("preset", str(first.settings(first.steps[0]).preset)),
            ("faces", f"{title_of(self.seen.name)}, {self.seen.pictures:,} pictures of {self.seen.people:,} people"),
            ("digest of the data", self.seen.digest[:12]),
            ("notebooks", ", ".join(step.name for step in first.steps)),
            ("points", f"{len(self.outcomes)}" + (f", of which {failures} failed" if failures else "")),
            ("minutes of workers", f"{seconds / 60:,.1f}, trainings that points share not counted"),
            ("made at", f"commit {provenance.commit()}"),
        ]

    def _points(self) -> dict[str, Any]:
        rows = [
            {
                **{name: escape(shown(value)) for name, value in point.swept.items()},
                "outcome": escape(f"failed: {outcome.failed}" if outcome.failed else "done"),
                "minutes": number(outcome.seconds / 60, 1) if outcome.seconds else MISSING,
            }
            for point, outcome in self.outcomes
        ]
        columns = {name: name for name in self.axes} | {"minutes": "minutes", "outcome": "outcome"}
        return self._table(rows, columns, "Every point of the grid and what came of it.", "Points")

    def _table(self, rows: list[dict[str, str]], columns: Mapping[str, str], caption: str, label: str) -> dict[str, Any]:
        specification = [{"key": key, "heading": heading, "markdown": True} for key, heading in columns.items()]
        ordered = [{key: row.get(key, MISSING) for key in columns} for row in rows]
        return {"caption": self._say(caption), "body": self._say(pipe_table(ordered, specification)), "label": label}

    def _task(self, task: str, size: int, measurements: list[Measurement]) -> dict[str, Any]:
        first, further = summary.measures(task, measurements)
        title = TASKS[task].title + (f" at {size}×{size} pixels" if len({step.size for step in self._effective()}) > 1 else "")
        return {
            "name": f"{task}-{size}",
            "title": title,
            "table": self._numbers(measurements, first, title),
            "figures": [figure for column in first for figure in self._figures(title, measurements, column)],
            "further": self._numbers(measurements, further, f"{title}, further measures") if further else None,
            "measures": ", ".join(column.heading for column in further),
            "more": [figure for column in further if column.better for figure in self._figures(title, measurements, column)],
        }

    def _over(self, kinds: set[tuple[str, int]], name: str = "") -> str:
        """What intervals are over, in words; `name` is the parameter that is not averaged over."""
        words = "; ".join(_OVER[kind].format(count=count) for kind, count in sorted(kinds))
        averaged = "splits" in {kind for kind, _ in kinds} and "seed" in self.axes and name != "seed"
        return words + (", each the mean of its seeds" if averaged else "")

    def _effective(self) -> list[Any]:
        return [point.settings(step) for point, _ in self.outcomes for step in point.steps]

    def _numbers(self, measurements: list[Measurement], columns: Sequence[Column], title: str) -> dict[str, Any]:
        """A row for each method at each choice of what is no luck."""
        names = summary.apart_from_luck(self.axes)
        rows, over, spread = [], set(), False
        for values, group in summary.grouped(measurements, names).items():
            for method in dict.fromkeys(measurement.row.method for measurement in group):
                cells = {name: escape(shown(value)) for name, value in zip(names, values, strict=True)}
                cells["method"] = escape(titles.of(method))
                for place, column in enumerate(columns):
                    own = summary.by_method(group, column.key).get(method)
                    if own:
                        value = summary.over_luck(own, column.key)
                        cells[column.key] = escape(_text(value, column))
                        over.add((value.over, value.units))
                        if place == 0 and value.sd is not None:
                            cells["sd"], spread = number(value.sd, column.digits + 1), True
                rows.append(cells)
        headings = {name: name for name in names} | {"method": "method"} | {column.key: column.heading for column in columns}
        if spread:
            headings["sd"] = f"{columns[0].heading}, spread ±"
        caption = f"Means over points; in brackets the 95 % interval of the mean over {self._over(over)}."
        if spread:
            caption += " The spread is the standard deviation between them: how far one of them alone may be from the mean."
        return self._table(rows, headings, caption, title)

    def _figures(self, title: str, measurements: list[Measurement], column: Column) -> list[dict[str, Any]]:
        return [self._figure(title, measurements, column, name) for name in self.axes]

    def _figure(self, title: str, measurements: list[Measurement], column: Column, name: str) -> dict[str, Any]:
        """One measure over one swept parameter, a panel for each choice of the others that are no luck."""
        others = [other for other in summary.apart_from_luck(self.axes) if other != name]
        methods, panels, over = summary.drawn(measurements, column), {}, set()
        places, ticks, log = _scale(name, self.axes[name])
        groups = summary.grouped(measurements, others)
        for values, group in list(groups.items())[:_PANELS]:
            panel: dict[str, list[tuple[float, float, tuple[float, float] | None]]] = {}
            for (at,), there in summary.grouped(group, [name]).items():
                for method, own in summary.by_method(there, column.key).items():
                    if method in methods:
                        value = summary.over_luck(own, column.key)
                        over.add((value.over, value.units))
                        place = places[self.axes[name].index(at)]
                        panel.setdefault(titles.of(method), []).append((place, value.mean, value.interval))
            ordered = {titles.of(method): panel[titles.of(method)] for method in methods if titles.of(method) in panel}
            panels[", ".join(f"{other} = {shown(value)}" for other, value in zip(others, values, strict=True))] = ordered
        unit = PARAMETERS[name].unit
        heading, alike = f"{name}, {unit}" if unit else name, looks.places(methods)
        drawing = plots.over_parameter(panels, heading, column.heading, ticks, log, name not in LUCK, alike)
        left_out = f" {len(groups) - _PANELS} further choices of {' and '.join(others)} stand in the table alone." * (
            len(groups) > _PANELS
        )
        caption = f"**{title}: {column.heading} over {name}.** Bars are 95 % intervals over {self._over(over, name)}.{left_out}"
        if column.better:
            caption += f" {column.better.capitalize()} is better."
        if len(methods) < len(summary.by_method(measurements, column.key)):
            caption += " Shown are the best networks, the best method without one, and what the task gives; the table has all."
        alt = _in_words(column, name, panels, self.axes[name], places)
        piece = Piece("figure", alt, data=plots.to_svg(drawing).encode(), media="image/svg+xml", width=round(96 * plots.WIDTH))
        return {"image": html.image(piece), "caption": self._say(caption)}


def _scale(name: str, values: Sequence[Any]) -> tuple[list[float], list[str], bool]:
    """(where each value stands, what is written there, whether the axis is logarithmic); numbers stand where they are."""
    ticks = [shown(value) for value in values]
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if not numbers or name in LUCK:
        return list(map(float, range(len(values)))), ticks, False
    return list(map(float, values)), ticks, min(values) > 0 and max(values) >= _WIDE * min(values)


def _text(value: Value, column: Column) -> str:
    if value.interval is None:
        return number(value.mean, column.digits)
    low, high = (number(bound, column.digits) for bound in value.interval)
    return f"{number(value.mean, column.digits)} [{low},\u00a0{high}]"


def _in_words(
    column: Column, name: str, panels: Mapping[str, Mapping[str, Any]], values: Sequence[Any], places: list[float]
) -> str:
    """The finding of a figure: where the first method of each panel is at its best."""
    said = []
    for title, panel in panels.items():
        for label, points in list(panel.items())[:1]:
            pick = min if column.better == "lower" else max
            place, value, _ = pick(points, key=lambda point: point[1])
            at = shown(values[places.index(place)])
            said.append(f"{f'{title}: ' if title else ''}{label} goes to {number(value, column.digits)} at {name} = {at}")
    return f"{column.heading} over {name}; {'; '.join(said)}."

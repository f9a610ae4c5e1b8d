"""The page of two runs: what is said, in which order, and how it is laid out."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import jinja2

from reecho.compare import differences, pictures
from reecho.compare.runs import FinishedRun, pair
from reecho.context import Places
from reecho.errors import ReechoError
from reecho.parameters import TRAINING
from reecho.pipeline.steps import notebook_of
from reecho.report import html
from reecho.report.executed import Piece
from reecho.report.head import policy
from reecho.report.tables import pipe_table
from reecho.tasks import TASKS, Column

_HERE = Path(__file__).parent
_SCROLL = '<div class="scroll" role="region" aria-label="{}" tabindex="0">{}</div>'
_FACTS = {"what": "what", "A": "A", "B": "B"}
_SHORT = {"task": "task", "A": "A: best network", "B": "B: best network", "difference": "B less A", "intervals": "intervals"}
_PARAMETERS = {"name": "parameter", "A": "A", "B": "B", "notebooks": "notebooks", "meaning": "what it is"}
_NUMBERS = {"method": "method", "A": "A", "B": "B", "difference": "B less A", "intervals": "intervals"}


def compare(first: str | Path, second: str | Path, out: Path | None = None, places: Places | None = None) -> Path:
    """Write one page that shows two finished runs side by side.

    Args:
        first, second: the name of a run in `build/`, or a folder of a finished run; "reports" is the published one.
        out: the page to write, .html; None: `compare_FIRST_SECOND.html` in the present folder.
        places: the machine's folders; None: the standard ones.

    Returns:
        The page.

    Raises:
        ReechoError: a run is not there, not finished or without results; both are the same; the page has another suffix.
    """
    if out is not None and out.suffix.lower() not in (".html", ".htm"):
        raise ReechoError(f"{out} is not the name of a page; give --out a name that ends in .html.")
    a, b = pair(first, second, places or Places())
    out = Path(out or f"compare_{a.name}_{b.name}.html")
    html.write(out, _Page(a, b).text())
    return out


class _Page:
    """Gathers Markdown while the parts are written, so that pandoc is called once, then lays the parts out.

    Args:
        a, b: the runs.
    """

    def __init__(self, a: FinishedRun, b: FinishedRun):
        self.a, self.b = a, b
        self.markdown: list[str] = []
        self.apart, self.same = differences.faces_differ(a, b)

    def text(self) -> str:
        """The whole page."""
        content: dict[str, Any] = {
            "facts": self._table(differences.facts(self.a, self.b), _FACTS, "What each run was made of.", "What was run"),
            "short": self._table(
                differences.in_short(self.a, self.b, self.same), _SHORT,
                "PSNR in dB of each run's best network on held-out faces, with its 95 % interval" + self._bold() + ".",
                "In short",
            ),
            "parameters": self._table(
                differences.parameters(self.a, self.b), _PARAMETERS,
                "Effective parameters that differ, presets filled in; what is not listed is the same.", "Parameters that differ",
            ),
            "only": [self._say(sentence) for sentence in differences.only_in_one(self.a, self.b)],
            "tasks": [self._task(task) for task in TASKS if task in self.a.rows or task in self.b.rows],
            "training": self._training(),
        }  # fmt: skip
        done = html.markdown_to_html(self.markdown)
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        environment.filters["markdown"] = lambda number: done[number]
        environment.filters["table"] = lambda table: _table_html(table, done)
        environment.filters["figure"] = lambda side: _figure_html(side[0], side[1], done)
        content |= {"a": self.a, "b": self.b, "apart": self.apart, "same": self.same}
        content["policy"] = policy()
        content["digest"] = self.a.dataset.get("digest", "")[:12]
        content["banners"] = [(run.letter, text) for run in (self.a, self.b) for text in run.banners]
        css = html.stylesheet() + (_HERE / "page.css").read_text(encoding="utf-8")
        return environment.get_template("page.html.j2").render(css=css, **content)

    def _say(self, markdown: str) -> int:
        self.markdown.append(markdown)
        return len(self.markdown) - 1

    def _table(self, rows: list[dict[str, Any]], columns: dict[str, str], caption: str, label: str) -> dict[str, Any] | None:
        """Where in the Markdown a table and its caption stand; None where it has no rows."""
        if not rows:
            return None
        specification = [{"key": key, "heading": heading, "markdown": True} for key, heading in columns.items()]
        shown = [{key: row[key] for key in columns} for row in rows]
        return {"caption": self._say(caption), "body": self._say(pipe_table(shown, specification)), "label": label}

    def _task(self, task: str) -> dict[str, Any]:
        first, further = differences.measures(self.a, self.b, task)
        sides = pictures.faces(self.a, self.b, task, self.same)
        return {
            "name": task,
            "notes": [self._say(sentence) for sentence in differences.measured_on(self.a, self.b, task)],
            "tables": [self._numbers(task, column) for column in first],
            "further": [self._numbers(task, column) for column in further],
            "sides": [self._side(side) for side in sides],
        }

    def _numbers(self, task: str, column: Column) -> dict[str, Any] | None:
        rows = differences.numbers(self.a.rows.get(task, []), self.b.rows.get(task, []), column, self.same)
        better = f", {column.better} is better{self._bold()}" if column.better else ""
        return self._table(rows, _NUMBERS, f"{column.heading}{better}; in brackets the 95 % interval.", f"{task}, {column.heading}")

    def _bold(self) -> str:
        return "; the better one in bold" if self.same else ""

    def _training(self) -> list[dict[str, Any]]:
        """The histories of the networks that both runs trained."""
        steps = [step for step in self.a.parameters if notebook_of(step) == TRAINING and step in self.b.parameters]
        figures_of = {step: pictures.figures(self.a, self.b, step, vector=True) for step in steps}
        return [{"step": step, "sides": [self._side(pair) for pair in figures]} for step, figures in figures_of.items() if figures]

    def _side(self, figures: tuple[Piece, ...]) -> list[tuple[Piece, int]]:
        return [(piece, self._say(piece.caption)) for piece in figures]


def _table_html(table: dict[str, Any], done: list[str]) -> str:
    scroll = _SCROLL.format(escape(table["label"]), done[table["body"]])
    return f'<figure class="table"><figcaption>{done[table["caption"]]}</figcaption>{scroll}</figure>'


def _figure_html(piece: Piece, caption: int, done: list[str]) -> str:
    return f"<figure>{html.image(piece)}<figcaption>{done[caption]}</figcaption></figure>"

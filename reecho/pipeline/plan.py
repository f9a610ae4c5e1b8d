"""A run as doit's tasks: each is done again only if what it depends on changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from doit.control import TaskControl
from doit.dependency import DatabaseException, Dependency, JsonDB
from doit.reporter import ZeroReporter
from doit.runner import Runner
from doit.task import Stream, Task
from doit.tools import config_changed

from reecho import provenance
from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.pipeline.execute import environment, execute
from reecho.pipeline.render import Renderers, write_results
from reecho.pipeline.steps import Step
from reecho.settings import Settings

RUN_FOLDER = "REECHO_RUN"  # tells a notebook which run's `results/` it writes to
_PACKAGE = Path(__file__).parent.parent
_COMMANDS = ("pipeline", "apply", "coursework", "compare", "own_picture", "__main__")  # no notebook uses these
_SHOWING = ("__init__", "display", "play", "sprites", "tables")  # what notebooks use of reecho/report; the rest sets executed ones


@dataclass(frozen=True)
class Run:
    """What the tasks of a run share.

    Args:
        folder: where the run lies, absolute.
        sources: the notebooks' folder.
        steps: those to run, in order.
        parameters: for each step's name what to inject, and the effective settings.
        faces: what all steps work on.
        renderers: notebook → HTML, PDF, index.
    """

    folder: Path
    sources: Path
    steps: tuple[Step, ...]
    parameters: dict[str, tuple[dict[str, Any], Settings]]
    faces: Any
    renderers: Renderers

    def executed(self, step: Step) -> Path:
        return self.folder / "notebooks" / f"{step.name}.ipynb"

    def html(self, step: Step) -> Path:
        return self.folder / "html" / f"{step.name}.html"

    def results(self) -> dict[str, Path]:
        return {step.name: self.folder / "results" / f"{step.results}.json" for step in self.steps if step.results}

    def ends(self) -> tuple[Path, ...]:
        """What is made at the end of the whole run: results, book, index page, overview picture, the reader's own picture."""
        names = ("results.json", "reecho.pdf", "html/index.html", "overview.png", "html/own_picture.html")
        return tuple(self.folder / name for name in names)

    def files(self) -> list[Path]:
        """Every file of a finished run."""
        faces = (path.with_suffix(".npz") for path in self.results().values())  # for `reecho compare`
        return [*map(self.executed, self.steps), *map(self.html, self.steps), *filter(Path.is_file, faces), *self.ends()]


def plan(run: Run, whole: bool) -> list[Task]:
    """The tasks in the order that their files demand: a notebook, then its HTML; at the end what speaks of them all.

    Args:
        run: what to do.
        whole: whether results.json, the PDF and the index are made.
    """
    rendering = {"sources": digest_of_sources(rendering=True), "strip": [step.title for step in run.steps]}
    common = {"sources": digest_of_sources(), "versions": provenance.versions(), "faces": run.faces.digest}
    strip = [(step.title, f"{step.name}.html") for step in run.steps]
    tasks, executed = [], [run.executed(step) for step in run.steps]
    for number, step in enumerate(run.steps):
        source = run.sources / f"{step.notebook}.ipynb"
        if not source.is_file():
            raise ReechoError(f"{source} is not there; get it from the repository again.")
        effective = run.parameters[step.name][1].as_dict() | {"lfw": None}  # not where the faces lie: their digest counts
        made = [run.executed(step), *(path for name, path in run.results().items() if name == step.name)]
        tasks.append(_task(
            f"notebook {step.name}", partial(_execute, run, step, source, f"[{number + 1}/{len(run.steps)}] {step.name}"), made,
            [*run.results().values()] if step.gathers else [],
            {**common, "cells": digest_of_cells(source), "parameters": effective}, tuple(f"notebook {name}" for name in step.needs),
        ))  # fmt: skip
        render = partial(run.renderers.html, run.executed(step), run.html(step), strip=strip, step=number)
        tasks.append(_task(f"html {step.name}", render, [run.html(step)], [run.executed(step)], rendering))
    if whole:
        results, pdf, index, overview, own = run.ends()
        write = partial(write_results, run, results)
        tasks.append(_task("results", write, [results], [*executed, *run.results().values()], {"sources": digest_of_sources()}))
        draw = partial(run.renderers.overview, run, overview)
        tasks.append(_task("overview", draw, [overview], executed, {"sources": digest_of_sources()}))
        parts = sorted(path for path in (_PACKAGE / "own_picture").rglob("*.*") if path.parent.name != "__pycache__")
        make = partial(run.renderers.own_picture, run, own)
        tasks.append(_task("own_picture", make, [own], parts, {"networks": digest_of_sources(), "rendering": rendering}))
        tasks.append(_task("pdf", partial(run.renderers.pdf, run, pdf), [pdf], [*executed, results, overview], rendering))
        tasks.append(_task("index", partial(run.renderers.index, run, index), [index], [*executed, results], rendering))
    return tasks


def carry_out(tasks: list[Task], records: Path, force: bool = False) -> int:
    """Do what is not up to date, in order; the first failure ends it and is raised.

    Args:
        tasks: from `plan`.
        records: doit's notes on what was done with what.
        force: do everything.

    Returns:
        How many tasks had nothing to do.
    """
    records.parent.mkdir(parents=True, exist_ok=True)
    try:
        done = Dependency(_Records, str(records))
    except DatabaseException:  # damaged notes only cost time
        records.unlink()
        done = Dependency(_Records, str(records))
    control, reporter = TaskControl(tasks), _Reporter(done)
    control.process(None)
    runner = Runner(done, reporter, always_execute=force, stream=Stream(2))
    runner.run_all(control.task_dispatcher())
    for task in tasks:
        for action in task.actions:
            if action.py_callable.error:
                raise action.py_callable.error
    if reporter.failed:
        raise ReechoError(f"The run stopped: {reporter.failed[0]}")
    return reporter.skipped


def digest_of_sources(rendering: bool = False) -> str:
    """What the package's files are, as hex digits: those that notebooks use, or those that render executed notebooks."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        parts = path.relative_to(_PACKAGE).with_suffix("").parts
        if path.is_dir() or "__pycache__" in parts or parts[0] in _COMMANDS:
            continue
        of_report = parts[0] == "report"
        if of_report if rendering else not of_report or parts[1] in _SHOWING:
            digest.update("/".join(parts).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def digest_of_cells(notebook: Path) -> str:
    """What a notebook's cells say, as hex digits: sources and tags, no outputs, ids or counts, nor what no run executes."""
    cells = nbformat.read(notebook, as_version=4).cells
    told = [(cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in cells]
    told = [each for each in told if "skip-execution" not in each[2]]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


class _Action:
    """An action whose error keeps its own kind; doit would keep only its text."""

    def __init__(self, make: Callable[[], Any], targets: list[Path]):
        self.make, self.targets, self.error = make, targets, None

    def __call__(self) -> None:
        try:
            self.make()
            for path in self.targets:
                if not path.is_file():
                    raise ReechoError(
                        f"{path} was not written by the step that should have; look for what was changed in its notebook."
                    )
        except Exception as error:
            self.error = error
            raise


class _Records(JsonDB):
    """doit's notes, written whole or not at all."""

    def dump(self) -> None:
        with written_aside(self.name) as aside:
            aside.write_text(self.codec.encode(self._db), encoding="utf-8")


class _Reporter(ZeroReporter):
    """Writes doit's notes down after every task, so that not even a power cut costs more than the task at work."""

    def __init__(self, records: Dependency):
        super().__init__(None, {})
        self.records, self.skipped, self.failed = records, 0, []

    def add_success(self, task: Task) -> None:
        self.records.backend.dump()

    def add_failure(self, task: Task, fail: Any) -> None:
        self.failed.append(fail.get_msg().strip())

    def skip_uptodate(self, task: Task) -> None:
        self.skipped += 1


def _task(
    name: str, make: Callable[[], Any], targets: list[Path], needs: list[Path], depends: dict[str, Any], after: tuple[str, ...] = ()
) -> Task:
    return Task(
        name, [_Action(make, targets)], file_dep=[str(path) for path in needs], targets=[str(path) for path in targets],
        uptodate=[config_changed(depends)], task_dep=list(after), io={"capture": False},
    )  # fmt: skip


def _execute(run: Run, step: Step, source: Path, label: str) -> None:
    given, settings = run.parameters[step.name]
    record = {"step": step.name, "parameters": settings.as_dict(), "faces": {"name": run.faces.name, "digest": run.faces.digest}}
    with environment(**{RUN_FOLDER: str(run.folder), "REECHO_STEP": step.name}):
        execute(source, run.executed(step), given, {**record, **provenance.gather()}, label, run.folder / "failed")

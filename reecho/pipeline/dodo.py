"""A run as doit's tasks: each is done again only if what it depends on changed."""

from __future__ import annotations

import hashlib
import os
import queue
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from doit.control import TaskControl
from doit.dependency import DatabaseException, Dependency, JsonDB
from doit.reporter import ZeroReporter
from doit.runner import MThreadRunner, Runner
from doit.task import Stream, Task
from doit.tools import config_changed

from reecho import context, provenance, shipped
from reecho.dependencies import Sources, cells_of
from reecho.errors import ReechoError
from reecho.files import remove, written_aside
from reecho.networks.registry import NETWORKS, learning
from reecho.parameters import NOTEBOOKS, PARAMETERS
from reecho.pipeline.execute import execute, stop_all
from reecho.pipeline.plan import Plan
from reecho.pipeline.render import Renderers
from reecho.pipeline.steps import Step
from reecho.settings import Settings

BY_VALUE = ("reecho.parameters",)  # a notebook's own parameters are among its task's values, so those of others do not count
_ENGINE = sorted((Path(__file__).parents[1] / "own_picture" / "templates").glob("*.js"))  # what a page that computes holds
# name, what makes it, its module, the file, the files and the values that it depends on
_Product = tuple[str, Callable[[Plan], None], str, Path, list[Path], dict[str, Any]]


def tasks_of(plan: Plan, renderers: Renderers, whole: bool, code: Sources | None = None, finished: bool = True) -> list[Task]:
    """The tasks in the order that their files demand: the notebooks, their pages, at the end what shows all of them.

    Args:
        plan: what to do.
        renderers: what writes pages, book and results.json.
        whole: whether results.json, the PDF and the index are made.
        finished: whether the run went through before; else its index says what was not made, and is written anew.
        code: the package's sources, on whose imports it depends what a change makes stale.
    """
    code = code or Sources()
    tasks, executed = [], [plan.executed(step) for step in plan.steps]
    for number, step in enumerate(plan.steps):
        tasks.append(_notebook_task(plan, step, number, code))
    for steps in plan.pages:
        page = partial(renderers.html, plan, steps)
        depends = _code(code, ["reecho.report.html"]) | {"strip": plan.strip, "runs": [*map(plan.label, steps)]}
        tasks.append(
            _task(f"html {steps[0].notebook}", page, [plan.html(steps[0])], [*map(plan.executed, steps), *_ENGINE], depends)
        )
    if not whole:
        return tasks
    shown = [(step.title, step.question) for step in plan.steps]
    products: tuple[_Product, ...] = (
        ("results", renderers.results, "pipeline.summary", plan.summary, [*executed, *plan.results().values()], {}),
        ("overview", renderers.overview, "pipeline.overview", plan.overview, executed, {"networks": _networks(code, plan.drawn)}),
        ("own_picture", renderers.own_picture, "own_picture.page", plan.own_picture, shipped.files(), {"strip": plan.strip}),
        ("pdf", renderers.pdf, "pipeline.book", plan.book, [*executed, plan.summary, plan.overview], {"strip": plan.strip}),
        ("index", renderers.index, "pipeline.index", plan.index, [*executed, plan.summary], {"shown": shown}),
    )
    for name, make, module, file, needs, values in products:
        depends = _code(code, [f"reecho.{module}"]) | values
        also = [finished] if name == "index" else []
        tasks.append(_task(name, partial(make, plan), [file], needs, depends, also=also))
    return tasks


def _notebook_task(plan: Plan, step: Step, number: int, code: Sources) -> Task:
    source = plan.sources / f"{step.notebook}.ipynb"
    depends = depends_on(code, source, step, plan.parameters[step.name][1], plan.faces.digest)
    if step.gathers:  # it shows a sweep as well, where there is one
        swept = plan.places.luck
        depends["luck"] = hashlib.sha256(swept.read_bytes()).hexdigest() if swept.is_file() else None
    written = [plan.executed(step), *(path for name, path in plan.results().items() if name == step.name)]
    label = f"[{number + 1}/{len(plan.steps)}] {step.name}"
    needs = [*plan.results().values()] if step.gathers else []
    after = tuple(_of_notebook(name) for name in step.needs)
    make = partial(_execute, plan, step, source, label)
    return _task(_of_notebook(step.name), make, written, needs, depends, after, [_as_it_was_written])


def depends_on(code: Sources, source: Path, step: Step, settings: Settings, faces: str) -> dict[str, Any]:
    """What the numbers of an executed notebook depend on, as plain values.

    Args:
        code: the package's sources.
        source: the notebook.
        step: which one of a run it is.
        settings: its effective settings.
        faces: digest of the faces.

    Raises:
        ReechoError: there is no such notebook.
    """
    if not source.is_file():
        raise ReechoError(f"{source} is not there; get it from the repository again.")
    return _code(code, code.of_notebook(source), BY_VALUE) | {
        "cells": cells_of(source),
        "parameters": settings.as_dict() | {"lfw": None},  # not where the faces lie: their digest counts
        "descriptions": [repr(PARAMETERS[name]) for name in NOTEBOOKS.get(step.notebook, ())],
        "faces": faces,
        "networks": _networks(code, step.learnt),
    }


def _of_notebook(step: str) -> str:
    return f"notebook {step}"


def _as_it_was_written(task: Task, values: Mapping[str, Any]) -> bool:
    """Whether nobody edited what a task wrote; for doit, which looks only whether it is there."""

    def digests() -> dict[str, str]:
        return {target: hashlib.sha256(Path(target).read_bytes()).hexdigest() for target in task.targets if Path(target).is_file()}

    task.value_savers.append(lambda: {"written": digests()})
    return values.get("written") == digests()


def _networks(code: Sources, learnt: Collection[str]) -> dict[str, str]:
    """The code of all networks that can learn some tasks: a registry names their modules, so that no import leads to them."""
    modules = {NETWORKS[name].module for task in learnt for name in learning(task)}
    return {module: code.digest([module]) for module in sorted(modules)}


def _code(code: Sources, modules: Collection[str], without: Collection[str] = ()) -> dict[str, Any]:
    return {"code": code.digest(modules, without), "libraries": code.libraries(modules, without)}


def carry_out(tasks: list[Task], records: Path, force: bool, began: Callable[[], None], jobs: int = 1) -> int:
    """Do what is not up to date, in the order that files demand; after a failure nothing more is begun, and it is raised.

    Args:
        tasks: from `tasks_of`.
        records: doit's notes on what was done with what.
        force: do everything.
        began: called before the first task that is done.
        jobs: how many are done at once.

    Returns:
        How many tasks had nothing to do.
    """
    done = _notes(records)
    control, reporter = TaskControl(tasks), _Reporter(done, began)
    control.process(None)
    runner: Runner = Runner(done, reporter, always_execute=force, stream=Stream(2))
    if jobs > 1:
        runner = _Threads(done, reporter, always_execute=force, stream=Stream(2), num_process=jobs)
    try:
        runner.run_all(control.task_dispatcher())
    except BaseException:  # threads do not hear of Ctrl-C
        stop_all()
        raise
    for task in tasks:
        for action in task.actions:
            if action.py_callable.error:
                raise action.py_callable.error
    if reporter.failed:
        raise ReechoError(f"The run stopped: {reporter.failed[0]}")
    return reporter.skipped


def older(plan: Plan, tasks: list[Task], records: Path) -> list[Step]:
    """The steps whose notebooks were executed, and are older than what they were made of or wait for one that is.

    Args:
        plan, tasks: of the whole run, from `tasks_of`.
        records: doit's notes on what was done with what.
    """
    done, by_name = _notes(records), {task.name: task for task in tasks}
    found: list[Step] = []
    for step in plan.steps:
        status = done.get_status(by_name[_of_notebook(step.name)], by_name).status
        if status != "up-to-date" or (step.gathers and found):
            found.append(step)
    return [step for step in found if plan.executed(step).is_file()]


def _notes(records: Path) -> Dependency:
    records.parent.mkdir(parents=True, exist_ok=True)
    try:
        return Dependency(_Records, str(records))
    except DatabaseException:  # damaged notes only cost time
        records.unlink()
        return Dependency(_Records, str(records))


class _Action:
    """An action whose error keeps its own kind; doit would keep only its text."""

    def __init__(self, make: Callable[[], Any], targets: list[Path]):
        self.make, self.targets = make, targets
        self.error: Exception | None = None

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


class _Patient(queue.Queue):
    """A queue whose waiting can be interrupted on every system."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        while True:
            try:
                return super().get(block, 0.5 if timeout is None else timeout)
            except queue.Empty:
                if not block or timeout is not None:
                    raise


class _Threads(MThreadRunner):
    """Several tasks at once; their work is done by kernels, which are processes of their own."""

    Queue = staticmethod(_Patient)


class _Records(JsonDB):
    """doit's notes, written whole or not at all."""

    def dump(self) -> None:
        with written_aside(self.name) as aside:
            aside.write_text(self.codec.encode(self._db), encoding="utf-8")


class _Reporter(ZeroReporter):
    """Writes doit's notes down after every task, so that not even a power cut costs more than the task at work."""

    def __init__(self, records: Dependency, began: Callable[[], None]):
        super().__init__(None, {})
        self.records, self.began, self.skipped = records, began, 0
        self.failed: list[str] = []

    def execute_task(self, task: Task) -> None:
        began, self.began = self.began, lambda: None
        began()

    def add_success(self, task: Task) -> None:
        self.records.backend.dump()

    def add_failure(self, task: Task, fail: Any) -> None:
        self.failed.append(fail.get_msg().strip())

    def skip_uptodate(self, task: Task) -> None:
        self.skipped += 1


def _task(
    name: str, make: Callable[[], Any], targets: list[Path], needs: list[Path], depends: Mapping[str, Any],
    after: tuple[str, ...] = (), also: Sequence[bool | Callable[[Task, Mapping[str, Any]], bool]] = (),
) -> Task:  # fmt: skip
    return Task(
        name, [_Action(make, targets)], file_dep=[str(path) for path in needs], targets=[str(path) for path in targets],
        uptodate=[config_changed(depends), *also], task_dep=list(after), io={"capture": False},
    )  # fmt: skip


def _execute(plan: Plan, step: Step, source: Path, label: str) -> None:
    parameters, settings = plan.parameters[step.name]
    record = {"step": step.name, "parameters": settings.shown(), "faces": {"name": plan.faces.name, "digest": plan.faces.digest}}
    remove(context.notes_of(plan.folder, step.name))
    environment = context.environment_of(plan.places, plan.folder, step.name, os.environ, settings.size)
    executed, failed = plan.executed(step), plan.folder / "failed"
    execute(source, executed, parameters, {**record, **provenance.gather()}, label, failed, environment, settings.private())

"""A whole run: from parameters to a folder of notebooks, HTML, PDF and results.json."""

from __future__ import annotations

import contextlib
import json
import os
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from reecho import context
from reecho.context import Places
from reecho.errors import ReechoError
from reecho.files import must_be_writable, one_at_a_time, remove, sweep, written_aside
from reecho.pipeline import finished
from reecho.pipeline.plan import Plan
from reecho.pipeline.render import Renderers
from reecho.pipeline.steps import STEPS, Step, absolute, distribute, of_preset, select, without_colour
from reecho.settings import PARAMETERS, Settings, notebooks_dir

_MEMORY = 3 * 2**30  # bytes that the kernel of a notebook may take
_UP_TO_DATE = "{} of {} tasks were up to date: nothing that they depend on changed. --force does them all again."


def report(
    parameters: dict[str, Any],
    name: str | None = None,
    only: tuple[str, ...] = (),
    force: bool = False,
    jobs: int | None = None,
    say: Callable[[str], None] = print,
    *,
    places: Places | None = None,
    steps: tuple[Step, ...] = STEPS,
    sources: Path | None = None,
    load: Callable[..., Any] | None = None,
    renderers: Renderers | None = None,
) -> Path:
    """Run the notebooks and render them.

    Args:
        parameters: those that differ from the notebooks' own, by name.
        name: of the run; None: the preset's name.
        only: beginnings of steps' names; these and what they need are run, and the run is not finished by it.
        force: run everything, changed or not; trained networks are kept.
        jobs: how many notebooks run at once; None: by cores and free memory. The numbers are the same.
        say: takes lines for the reader.
        places: the machine's folders; None: the standard ones.
        steps, sources, load, renderers: the notebooks, their folder, what loads the faces and what renders; for tests.

    Returns:
        The run's folder.

    Raises:
        ReechoError: a parameter, the faces or a notebook is at fault; nothing half-written stays.
    """
    places = places or Places()
    preset = PARAMETERS["preset"].check(parameters.get("preset", "quick"))
    every = of_preset(steps, preset, tuple(only))
    chosen = select(every, tuple(only))
    distributed = distribute(chosen, absolute(parameters))
    settings = distributed[chosen[0].name][1]
    folder = places.run_folder(name or settings.preset)
    must_be_writable(folder)
    faces = load_faces(settings, places, load)
    if faces.banner:
        say(boxed(faces.banner))
    notes: tuple[str, ...] = ()
    if not faces.has_colour and chosen != (grey_enough := without_colour(chosen)):
        left_out = [step.name for step in chosen if step not in grey_enough]
        if not grey_enough:
            raise ReechoError(f"{', '.join(left_out)} cannot be run: too few of the pictures have colours.")
        notes = (f"Too few of the pictures have colours for {', '.join(left_out)}, so the run goes without.",)
        say(notes[0])
        every, chosen = without_colour(every), grey_enough
    plan = Plan(places, folder, sources or notebooks_dir(), chosen, distributed, faces, notes)
    whole = _with_all(plan, every, absolute(parameters)) if only else plan
    with one_at_a_time(
        folder.with_name(f"{folder.name}.lock"), lambda: say(f"Another process makes the run {folder.name}; waiting for it.")
    ):
        _make(plan, whole, renderers or Renderers(say), force, jobs or by_what_is_free(), say)
    if faces.banner:
        say(boxed(faces.banner))
    return folder


def by_what_is_free() -> int:
    """How many notebooks can run at once: two on two cores, where one leaves half of them idle, and one more for each doubling."""
    by_cores = (os.cpu_count() or 1).bit_length()
    by_memory = int(psutil.virtual_memory().available / _MEMORY)
    return max(1, min(by_cores, by_memory))


def _make(plan: Plan, whole: Plan, renderers: Renderers, force: bool, jobs: int, say: Callable[[str], None]) -> None:
    """Do what is not up to date, with nobody else at work in the run's folder; `whole` is the run that the plan is a part of."""
    folder, records = plan.folder, plan.folder / "done.json"
    if plan is whole and not force and (count := finished.up_to_date(plan)):
        say(_UP_TO_DATE.format(count, count))
        return
    from reecho.pipeline.dodo import carry_out, older, tasks_of  # seconds

    for left_by_killed in (folder, plan.places.networks, plan.places.computed, plan.places.data):
        sweep(left_by_killed)
    tasks = tasks_of(plan, renderers, plan is whole, finished=finished.is_finished(folder))
    remove(folder / finished.FINISHED)
    describe(whole)

    def say_what_is_older() -> None:  # on the index page, for who opens it while the run is at work or after it stopped
        if whole.index.is_file() and whole.summary.is_file():
            renderers.index(whole, older(whole, tasks_of(whole, renderers, False), records))

    try:
        up_to_date = carry_out(tasks, records, force, say_what_is_older, jobs)
    except BaseException:
        with contextlib.suppress(ReechoError, OSError):  # the first error counts
            say_what_is_older()
        raise
    if up_to_date:
        say(_UP_TO_DATE.format(up_to_date, len(tasks)))
    if plan is whole:
        finished.write(plan, len(tasks))
    else:
        say_what_is_older()


def _with_all(plan: Plan, every: tuple[Step, ...], parameters: dict[str, Any]) -> Plan:
    """The plan of all steps of which some are to be run; only the latter where not all can have these parameters."""
    try:
        return replace(plan, steps=every, parameters=distribute(every, parameters))
    except ReechoError:
        return replace(plan)


def describe(plan: Plan) -> None:
    """Write down which steps with results the run has, so that a notebook that gathers rows takes those of no earlier run; and what
    the run goes without.
    """
    content = {"steps": [step.results for step in plan.steps if step.results], "notes": plan.notes}
    with written_aside(plan.folder / context.DESCRIPTION) as aside:
        aside.write_text(json.dumps(content, indent=1), encoding="utf-8")


def boxed(text: str) -> str:
    """A warning that cannot be missed in a terminal.

    Example:
        >>> print(boxed("Look"))
        ########
        # Look #
        ########
    """
    lines = textwrap.wrap(text, 96)
    width = max(map(len, lines))
    return "\n".join(["#" * (width + 4), *(f"# {line:<{width}} #" for line in lines), "#" * (width + 4)])


def load_faces(settings: Settings, places: Places, load: Callable[..., Any] | None = None) -> Any:
    """The faces that a notebook with these settings works on; `load` stands in for `reecho.data.load` in tests."""
    if load is None:
        from reecho import data

        load = data.load
    return load(**places.of_faces(settings))

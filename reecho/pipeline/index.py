"""The page that leads to all others of a run."""

from __future__ import annotations

from collections.abc import Collection

from reecho import results
from reecho.pipeline.plan import Plan
from reecho.pipeline.steps import Step
from reecho.pipeline.words import TITLE, lead
from reecho.report import html

_LINKS = (
    ("Your own picture", "own_picture.html", "Denoised and coloured in your browser; it does not leave your machine."),
    ("PDF", "../reecho.pdf"),
    ("results.json", "../results.json"),
)


def write(plan: Plan, older: Collection[Step] = ()) -> None:
    """Write the index.

    Args:
        plan: of the whole run; pages that are not there are left out.
        older: steps whose pages are older than what they are made of.
    """
    header, rows = results.read_run(plan.summary)
    there = [steps for steps in plan.pages if all(plan.executed(step).is_file() for step in steps)]
    there = [steps for steps in there if plan.html(steps[0]).is_file() or steps[0] not in older]
    entries = [(first.page, plan.html(first).name, first.question, *map(plan.executed, (first, *rest))) for first, *rest in there]
    stale = [plan.html(step).name for step in older]
    html.index(plan.index, header, rows, entries, title=TITLE, lead=lead(), links=_LINKS, older=stale)

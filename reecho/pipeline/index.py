"""The page that leads to all others of a run."""

from __future__ import annotations

from reecho import results
from reecho.pipeline.plan import Plan
from reecho.pipeline.words import TITLE, lead
from reecho.report import html

_LINKS = (
    ("Your own picture", "own_picture.html", "Denoised and coloured in your browser; it does not leave your machine."),
    ("PDF", "../reecho.pdf"),
    ("results.json", "../results.json"),
)


def write(plan: Plan) -> None:
    """Write the index."""
    header, rows = results.read_run(plan.summary)
    entries = [(step.title, plan.html(step).name, step.question, plan.executed(step)) for step in plan.steps]
    html.index(plan.index, header, rows, entries, title=TITLE, lead=lead(), links=_LINKS)

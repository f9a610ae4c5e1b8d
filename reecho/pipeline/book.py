"""The book of a run: its title page, and a chapter a notebook."""

from __future__ import annotations

from reecho import results
from reecho.pipeline.plan import Plan
from reecho.pipeline.words import SUBTITLE, TITLE, overview_alt
from reecho.report import pdf


def write(plan: Plan) -> None:
    """Write the book."""
    header, rows = results.read_run(plan.summary)
    cover = pdf.Cover(TITLE, SUBTITLE, header, rows, (plan.overview, overview_alt(plan.drawn)))
    pdf.render([plan.executed(step) for step in plan.steps], plan.book, cover, titles=[step.title for step in plan.steps])

"""The book of a run: its title page, and a chapter a notebook."""

from __future__ import annotations

from reecho import results
from reecho.pipeline.plan import Plan
from reecho.pipeline.words import SUBTITLE, TITLE, overview_alt
from reecho.report import pdf


def write(plan: Plan) -> str:
    """Write the book; a sentence where screen readers cannot read it, or ""."""
    header, rows = results.read_run(plan.summary)
    cover = pdf.Cover(TITLE, SUBTITLE, header, rows, (plan.overview, overview_alt(plan.drawn)))
    steps = [step for page in plan.pages for step in page]
    return pdf.render([plan.executed(step) for step in steps], plan.book, cover, titles=[step.title for step in steps])

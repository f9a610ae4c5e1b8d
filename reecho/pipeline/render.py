"""What writes a run's files for readers; each writer is imported when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from reecho.errors import ReechoError
from reecho.pipeline.plan import Plan
from reecho.pipeline.steps import Step
from reecho.tasks import TASKS


class Renderers:
    """The writers of a run's files; a test puts others in their place.

    Args:
        say: takes lines for the reader.
    """

    def __init__(self, say: Callable[[str], None] = print):
        self.say = say

    def html(self, plan: Plan, steps: Sequence[Step]) -> None:
        """Write the page of some steps, which run the same notebook."""
        from reecho.report import html

        runs = {plan.label(step): plan.executed(step) for step in steps}
        html.render(runs, plan.html(steps[0]), strip=plan.strip, step=plan.pages.index(tuple(steps)))

    def results(self, plan: Plan) -> None:
        """Gather the rows that the notebooks wrote into one file."""
        from reecho.pipeline import summary

        summary.write(plan, self.say)

    def overview(self, plan: Plan) -> None:
        """Draw the picture of the whole run."""
        from reecho.pipeline import overview

        overview.draw(
            {task: plan.parameters[TASKS[task].notebook][1] for task in plan.drawn},
            plan.faces, plan.places, plan.overview,
        )  # fmt: skip

    def own_picture(self, plan: Plan) -> None:
        """Write the page for a reader's own picture."""
        from reecho import own_picture

        own_picture.write(plan.own_picture, strip=plan.strip)

    def pdf(self, plan: Plan) -> None:
        """Write the book."""
        from reecho.pipeline import book

        if sentence := book.write(plan):
            self.say(sentence)

    def index(self, plan: Plan, older: Collection[Step] = ()) -> None:
        """Write the page that leads to all others, and says which are older than what they are made of."""
        from reecho.pipeline import index

        index.write(plan, older)


def render_alone(notebook: Path, say: Callable[[str], None] = print) -> tuple[Path, Path]:
    """Render one executed notebook to HTML and PDF beside it; its first heading is the title.

    Raises:
        ReechoError: no such file, not a notebook, or one that was not run.
    """
    from reecho.report import html, pdf
    from reecho.report.executed import read, title

    executed = read(notebook)
    if not any(cell.get("outputs") for cell in executed.cells):
        raise ReechoError(f"{notebook} has no outputs; run it first, with `papermill {notebook.name} out.ipynb` or in JupyterLab.")
    pages = notebook.with_suffix(".html"), notebook.with_suffix(".pdf")
    html.render(notebook, pages[0])
    if sentence := pdf.render([notebook], pages[1], title=title(executed, notebook.stem)):
        say(sentence)
    return pages

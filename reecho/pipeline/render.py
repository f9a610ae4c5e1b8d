"""From executed notebooks to HTML, PDF, index and results.json: what is said on each, and by whom it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reecho import context, provenance, results
from reecho.errors import ReechoError
from reecho.pipeline.execute import read_record
from reecho.tasks import LEARNT, TASKS

if TYPE_CHECKING:
    from reecho.pipeline.plan import Plan

TITLE = "reecho"
SUBTITLE = "Faces through a variational autoencoder: reconstructed, denoised, mixed, coloured, measured"
OWN_PICTURE = "Denoised and coloured in your browser; it does not leave your machine."
LINKS = (
    ("Your own picture", "own_picture.html", OWN_PICTURE),
    ("PDF", "../reecho.pdf"),
    ("results.json", "../results.json"),
)
OVERVIEW = "Rows of eight people whom no network saw in training: target, reconstructed, noisy, denoised, grey, coloured"


class Renderers:
    """The renderers of `reecho.report`, imported when first needed; a test puts others in their place."""

    def html(self, executed: Path, out: Path, strip: list[tuple[str, str]], step: int) -> None:
        from reecho.report import html

        html.render(executed, out, strip=strip, step=step)

    def pdf(self, plan: Plan) -> None:
        """Write the book."""
        from reecho.report import pdf

        cover = pdf.Cover(TITLE, SUBTITLE, *results.read_run(plan.summary), (plan.overview, OVERVIEW))
        pdf.render([plan.executed(step) for step in plan.steps], plan.book, cover, titles=[step.title for step in plan.steps])

    def overview(self, plan: Plan) -> None:
        """Draw the picture of the whole run."""
        from reecho.pipeline import overview

        overview.draw(
            {task: plan.parameters[TASKS[task].notebook][1] for task in LEARNT if TASKS[task].stages},
            plan.faces, plan.places, plan.overview,
        )  # fmt: skip

    def own_picture(self, plan: Plan) -> None:
        """Write the page for a reader's own picture."""
        from reecho import own_picture

        own_picture.write(plan.own_picture, strip=[(step.title, f"{step.name}.html") for step in plan.steps])

    def index(self, plan: Plan) -> None:
        """Write the page that leads to all others."""
        from reecho.report import html

        header, rows = results.read_run(plan.summary)
        entries = [(step.title, f"{step.name}.html", step.question, plan.executed(step)) for step in plan.steps]
        html.index(plan.index, header, rows, entries, title=TITLE, links=LINKS)


def header(plan: Plan) -> dict[str, Any]:
    """What results.json says before its rows: preset, dataset, a warning, provenance, minutes, each notebook's parameters."""
    settings, faces = plan.parameters[plan.steps[0].name][1], plan.faces
    dataset = {"name": faces.name, "pictures": len(faces.names), "people": len(np.unique(faces.people))}
    return {
        "preset": settings.preset,
        "dataset": dataset | {"digest": faces.digest, "size": settings.size},
        "banner": faces.banner,
        "provenance": provenance.gather(),
        "minutes": minutes(plan),
        "parameters": {step.name: plan.parameters[step.name][1].shown() for step in plan.steps},
    }


def minutes(plan: Plan) -> dict[str, Any]:
    """Wall-clock and processor minutes of the notebooks and of the trainings of all networks that they use.

    A network's training counts once, whichever run and step it was done in: what a notebook spent on training is taken off its
    own minutes. The records of some networks, such as those that came with reecho 0.1, do not tell their processor minutes; how
    many these are stands in "without_processor".
    """
    own = [read_record(plan.executed(step)).get("minutes", {}) for step in plan.steps]
    notes = [
        json.loads(note.read_text(encoding="utf-8"))
        for step in plan.steps
        for note in sorted(context.notes_of(plan.folder, step.name).glob("*.json"))
    ]
    networks = {note["key"]: note for note in notes}.values()
    processor = [note["processor_minutes"] for note in networks if note["processor_minutes"] is not None]
    trainings = {
        "networks": len(networks),
        "wall": round(sum(note["minutes"] for note in networks), 2),
        "processor": round(sum(processor), 2),
        "without_processor": len(networks) - len(processor),
    }
    inside = [context.Spent(*note["here"]) for note in notes]
    notebooks = {
        kind: round(max(0.0, sum(part.get(kind, 0.0) for part in own) - sum(getattr(spent, kind) for spent in inside)), 2)
        for kind in context.Spent._fields
    }
    return {"total": round(notebooks["wall"] + trainings["wall"], 2), "notebooks": notebooks, "trainings": trainings}


def write_results(plan: Plan) -> None:
    """Gather the rows that the notebooks wrote into one file."""
    rows = [row for path in plan.results().values() for row in results.read(path)]
    results.write_json(plan.summary, results.merge(rows, header(plan)))


def shipped_files() -> list[Path]:
    """The trained networks in the package."""
    from reecho import shipped

    return shipped.files()


def render_alone(notebook: Path) -> tuple[Path, Path]:
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
    pdf.render([notebook], pages[1], title=title(executed, notebook.stem))
    return pages

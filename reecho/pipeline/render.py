"""From executed notebooks to HTML, PDF, index and results.json: what is said on each, and by whom it is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from reecho import provenance, results
from reecho.errors import ReechoError
from reecho.pipeline.execute import read_record
from reecho.tasks import LEARNT, TASKS

if TYPE_CHECKING:
    from reecho.pipeline.plan import Run

TITLE = "reecho"
SUBTITLE = "Faces through a variational autoencoder: reconstructed, denoised, mixed, coloured, measured"
OWN_PICTURE = "Denoised and coloured in your browser; it does not leave your machine."
PATHS = ("lfw", "copies_to")  # where something lies on a disk is nobody's business and makes no difference
OVERVIEW = "Rows of eight people whom no network saw in training: target, reconstructed, noisy, denoised, grey, coloured"


class Renderers:
    """The renderers of `reecho.report`, imported when first needed; a test puts others in their place."""

    def html(self, executed: Path, out: Path, strip: list[tuple[str, str]], step: int) -> None:
        from reecho.report import html

        html.render(executed, out, strip=strip, step=step)

    def pdf(self, run: Run, out: Path) -> None:
        from reecho.report import pdf

        content, _, _, drawn, _ = run.ends()
        cover = pdf.Cover(TITLE, SUBTITLE, *results.read_run(content), (drawn, OVERVIEW))
        pdf.render([run.executed(step) for step in run.steps], out, cover, titles=[step.title for step in run.steps])

    def overview(self, run: Run, out: Path) -> None:
        from reecho.pipeline import overview

        overview.draw({task: run.parameters[TASKS[task].notebook][1] for task in LEARNT}, run.faces, out)

    def own_picture(self, run: Run, out: Path) -> None:
        from reecho import own_picture

        own_picture.write(out, strip=[(step.title, f"{step.name}.html") for step in run.steps])

    def index(self, run: Run, out: Path) -> None:
        from reecho.report import html

        header, rows = results.read_run(run.ends()[0])
        entries = [(step.title, f"{step.name}.html", step.question, run.executed(step)) for step in run.steps]
        links = [
            ("Your own picture", "own_picture.html", OWN_PICTURE),
            ("PDF", "../reecho.pdf"),
            ("results.json", "../results.json"),
        ]
        html.index(out, header, rows, entries, title=TITLE, links=links)


def header(run: Run) -> dict[str, Any]:
    """What results.json says before its rows: preset, dataset, a warning, provenance, minutes, each notebook's parameters."""
    settings = run.parameters[run.steps[0].name][1]
    faces = run.faces
    dataset = {"name": faces.name, "pictures": len(faces.names), "people": len(np.unique(faces.people))}
    dataset |= {"digest": faces.digest, "size": settings.size}
    minutes = sum(read_record(run.executed(step)).get("minutes", 0.0) for step in run.steps)
    minutes += sum(network["provenance"]["minutes"] for network in networks_of(run) if network["trained_before"])
    parameters = {
        step.name: {name: value for name, value in run.parameters[step.name][1].as_dict().items() if name not in PATHS}
        for step in run.steps
    }
    told = {"preset": settings.preset, "dataset": dataset, "banner": faces.banner, "provenance": provenance.gather()}
    return told | {"minutes": {"total": round(minutes, 2)}, "parameters": parameters}


def networks_of(run: Run) -> list[dict[str, Any]]:
    """The records of the trained networks that the run's notebooks name; "trained_before" says that the run only loaded it."""
    told = "".join(run.executed(step).read_text(encoding="utf-8") for step in run.steps)
    notes = sorted((run.folder / "networks").glob("*.json"))
    return [json.loads(note.read_text(encoding="utf-8")) for note in notes if note.stem in told]


def write_results(run: Run, out: Path) -> None:
    """Gather the rows that the notebooks wrote into one file."""
    rows = [row for path in run.results().values() for row in results.read(path)]
    results.write_json(out, results.merge(rows, header(run)))


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

"""A run that is to be made, as a value: its steps, their parameters, and the files that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reecho import context
from reecho.context import Places
from reecho.pipeline.steps import OPENS, Step
from reecho.settings import Settings
from reecho.tasks import TASKS


@dataclass(frozen=True)
class Plan:
    """A run that is to be made.

    Args:
        places: the machine's folders.
        folder: where the run lies, absolute.
        sources: the notebooks' folder.
        steps: those to run, in order.
        parameters: for each step's name what to inject, and the effective settings.
        faces: what all steps work on.
        notes: sentences on what the run goes without.
    """

    places: Places
    folder: Path
    sources: Path
    steps: tuple[Step, ...]
    parameters: dict[str, tuple[dict[str, Any], Settings]]
    faces: Any
    notes: tuple[str, ...] = ()

    @property
    def pages(self) -> list[tuple[Step, ...]]:
        """The steps of each page, in the order in which they are read: those that run the same notebook share one."""
        notebooks = sorted(dict.fromkeys(step.notebook for step in self.steps), key=lambda notebook: notebook != OPENS)
        return [tuple(step for step in self.steps if step.notebook == notebook) for notebook in notebooks]

    @property
    def strip(self) -> list[tuple[str, str]]:
        """(title, file) of each page, for the navigation."""
        return [(steps[0].page, self.html(steps[0]).name) for steps in self.pages]

    def label(self, step: Step) -> str:
        """What a reader chooses a step by among those of its page: its task, and its size where that is what differs."""
        size = self.parameters[step.name][1].size
        shown = f"{size}×{size}"
        if "task" not in step.fixed:
            return shown
        return f"{step.fixed['task']}, {shown}" if "size" in step.fixed else str(step.fixed["task"])

    @property
    def drawn(self) -> list[str]:
        """The tasks that the picture of the whole run shows."""
        notebooks = {step.notebook for step in self.steps}
        return [name for name, task in TASKS.items() if task.stages and task.notebook in notebooks]

    def executed(self, step: Step) -> Path:
        """The executed notebook of a step."""
        return self.folder / "notebooks" / f"{step.name}.ipynb"

    def html(self, step: Step) -> Path:
        """The page that shows a step."""
        return self.folder / "html" / f"{step.notebook}.html"

    def results(self) -> dict[str, Path]:
        """Step → the file of its rows, for the steps that write some."""
        return {step.name: context.results_of(self.folder, step.results) for step in self.steps if step.results}

    @property
    def summary(self) -> Path:
        """The file of all rows."""
        return self.folder / "results.json"

    @property
    def book(self) -> Path:
        """All reports as one PDF."""
        return self.folder / "reecho.pdf"

    @property
    def index(self) -> Path:
        """The page that leads to all others."""
        return self.folder / "html" / "index.html"

    @property
    def overview(self) -> Path:
        """The picture of the whole run."""
        return self.folder / "overview.png"

    @property
    def own_picture(self) -> Path:
        """The page for a reader's own picture."""
        return self.folder / "html" / "own_picture.html"

    def files(self) -> list[Path]:
        """Every file of a finished run."""
        faces = (path.with_suffix(".npz") for path in self.results().values())  # for `reecho compare`
        whole = (self.summary, self.book, self.index, self.overview, self.own_picture)
        return [*map(self.executed, self.steps), *dict.fromkeys(map(self.html, self.steps)), *filter(Path.is_file, faces), *whole]

"""Finished runs on disk: which folder a word means, whether it can be compared, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from nbformat import NotebookNode

from reecho import results
from reecho.context import Places
from reecho.errors import ReechoError
from reecho.methods import Method
from reecho.pipeline.finished import is_finished
from reecho.pipeline.publish import finished_runs
from reecho.pipeline.steps import notebook_of
from reecho.report.executed import read
from reecho.results import Row
from reecho.settings import ROOT
from reecho.tasks import TASKS

PUBLISHED = ROOT / "reports"
_RECORDS = "done.json"  # lies in a run's own folder from its first step on, and not in a published one


@dataclass(frozen=True)
class FinishedRun:
    """A run that went through.

    Args:
        letter: "A" or "B", what the page calls it.
        name: of its folder.
        folder: where it lies.
        header: what results.json says before its rows.
        rows: task → rows.
    """

    letter: str
    name: str
    folder: Path
    header: dict[str, Any]
    rows: dict[str, list[Row]]

    @property
    def dataset(self) -> dict[str, Any]:
        return self.header.get("dataset", {})

    @cached_property
    def notebooks(self) -> dict[str, NotebookNode]:
        """The executed notebooks by the names of their steps, in order; a published run has none."""
        return {path.stem: read(path) for path in sorted((self.folder / "notebooks").glob("[0-9]*.ipynb"))}

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """The effective parameters of each notebook, by the names of their steps, in order."""
        return self.header["parameters"]

    @property
    def banners(self) -> list[str]:
        """The warnings that its pages bear: these are not the faces that were asked for."""
        return [banner] if (banner := self.header.get("banner")) else []

    @property
    def size(self) -> int:
        """Width and height of its faces, pixels."""
        return self.dataset["size"]

    def steps(self, task: str) -> list[str]:
        """The names of the notebooks that measure a task."""
        return [step for step in self.parameters if notebook_of(step) == TASKS[task].notebook]

    def faces(self, step: str, task: str) -> dict[Method | str, np.ndarray] | None:
        """What the eight people became in a step that measures a task, see `results.read_faces`; None where it stored none."""
        path = self.folder / "results" / f"{step}.npz"
        return results.read_faces(path, task) if path.is_file() else None


def pair(first: str | Path, second: str | Path, places: Places) -> tuple[FinishedRun, FinishedRun]:
    """Two runs that can be compared.

    Args:
        first, second: the name of a run in `build/`, or a folder of a finished run; "reports" is the published one.
        places: the machine's folders.

    Raises:
        ReechoError: one of them is not there, did not go through or has no results, or both are the same.
    """
    folders = _folder(first, places), _folder(second, places)
    if folders[0].resolve() == folders[1].resolve():
        raise ReechoError(f"{first} and {second} are the same run; name two runs. There are: {_names(places)}.")
    a, b = (_open(letter, folder, places) for letter, folder in zip("AB", folders, strict=True))
    if a.header == b.header:
        raise ReechoError(
            f"{first} and {second} are the same run, one a copy of the other; name two runs. There are: {_names(places)}."
        )
    return a, b


def _names(places: Places) -> str:
    """The runs that can be compared, in words."""
    published = ["reports (the published one)"] if (PUBLISHED / "results.json").is_file() else []
    return ", ".join([*finished_runs(places), *published]) or "none, `reecho report` makes one"


def _folder(run: str | Path, places: Places) -> Path:
    """The folder that a word means: first a run's name, then a path."""
    candidates = [places.build / run, Path(run).expanduser(), *([PUBLISHED] if str(run).rstrip("/\\") == PUBLISHED.name else [])]
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise ReechoError(f"There is no run {str(run)!r}, neither by this name nor as a folder. There are: {_names(places)}.")


def _open(letter: str, folder: Path, places: Places) -> FinishedRun:
    name = folder.resolve().name
    if not is_finished(folder) and ((folder / _RECORDS).is_file() or (folder / "failed").is_dir()):
        raise ReechoError(
            f"The run {name!r} did not go through to its end; `reecho report --name {name}` with the run's parameters finishes it."
        )
    path = folder / "results.json"
    if not path.is_file():
        raise ReechoError(f"{name!r} is not a finished run: it holds no results.json. There are: {_names(places)}.")
    header, rows = results.read_run(path)
    if not isinstance(header.get("parameters"), dict):
        raise ReechoError(f"results.json of {name!r} has no parameters, as an older reecho wrote it; run its report again.")
    if not any(rows.values()):
        raise ReechoError(f"The run {name!r} has no results to compare; run its report again.")
    return FinishedRun(letter, name, folder, header, rows)

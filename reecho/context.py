"""A run as a value: which folders, which run, which step, with which settings; here alone the environment is read."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from reecho import results
from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.results import Row
from reecho.settings import NOTEBOOKS, ROOT, Settings, resolve

BY_HAND = "by-hand"  # the run of notebooks that a person executes
NETWORKS = "networks"  # the folder of trained networks in the build folder, and that of their notes in a run's folder
BENCHMARK = "benchmark"  # the folder of the last benchmark in the build folder, of the published one in reports/
DESCRIPTION = "run.json"  # in a run's folder: its steps
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_DATA, _BUILD, _LFW, _RUN, _STEP = "REECHO_DATA", "REECHO_BUILD", "REECHO_LFW", "REECHO_RUN", "REECHO_STEP"


@dataclass(frozen=True)
class Places:
    """Folders of a machine.

    Args:
        data: where faces are prepared; absolute.
        build: where runs and trained networks are written; absolute.
        lfw: an archive or folder of LFW, or None.
    """

    data: Path = ROOT / "data"
    build: Path = ROOT / "build"
    lfw: str | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Places:
        """The folders that REECHO_DATA, REECHO_BUILD and REECHO_LFW name, or the standard ones."""
        data = Path(environment.get(_DATA) or ROOT / "data").absolute()
        build = Path(environment.get(_BUILD) or ROOT / "build").absolute()
        lfw = environment.get(_LFW)
        return cls(data, build, os.path.abspath(Path(lfw).expanduser()) if lfw else None)

    @property
    def networks(self) -> Path:
        """Where trained networks lie."""
        return self.build / NETWORKS

    def run_folder(self, name: str) -> Path:
        """Where a run of this name lies.

        Raises:
            ReechoError: the name cannot be that of a run.
        """
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", name) or name in (NETWORKS, BENCHMARK):
            raise ReechoError(
                f"{name!r} cannot name a run: use letters, digits, dots, dashes and underscores, and neither {NETWORKS} nor "
                f"{BENCHMARK}."
            )
        return self.build / name

    def of_faces(self, settings: Settings) -> dict[str, Any]:
        """The arguments of `reecho.data.load` for the faces of some settings."""
        return {**settings.faces, "lfw": settings.lfw or self.lfw, "folder": self.data}


class Spent(NamedTuple):
    """Minutes that something took.

    Args:
        wall: by the clock.
        processor: of all cores.
    """

    wall: float = 0.0
    processor: float = 0.0


NOTHING = Spent()


@dataclass(frozen=True)
class Run:
    """One step of a run, as its notebook sees it.

    Args:
        places: the machine's folders.
        folder: of the run, absolute.
        step: name of the step, which is the notebook's name unless the run executes that notebook more than once.
        settings: of the notebook.
    """

    places: Places
    folder: Path
    step: str
    settings: Settings

    @property
    def faces(self) -> dict[str, Any]:
        """The arguments of `reecho.data.load`."""
        return self.places.of_faces(self.settings)

    @property
    def results_file(self) -> Path:
        """Where the step writes its rows."""
        return results_of(self.folder, self.step)

    def rows(self) -> list[Row]:
        """The rows that the steps of this run have written, in their order.

        Raises:
            ReechoError: none has written any yet.
        """
        description = self.folder / DESCRIPTION
        if description.is_file():
            steps = json.loads(description.read_text(encoding="utf-8"))["steps"]
            files = [results_of(self.folder, step) for step in steps]
        else:
            files = sorted((self.folder / "results").glob("*.json"))
        rows = [row for file in files if file.is_file() for row in results.rows_in(file)]
        if not rows:
            raise ReechoError(
                "No notebook of this run has written results yet; run those of the tasks, such as 04_denoising, first."
            )
        return rows

    def note_network(self, key: str, record: Mapping[str, Any], here: Spent = NOTHING) -> None:
        """Leave word of a network that the step uses, so that its training counts once among the run's minutes.

        Args:
            key: of the network in the store.
            record: what the store says of it; "provenance" has its minutes of training.
            here: minutes of its training inside this step, none where it was loaded.
        """
        note = notes_of(self.folder, self.step) / f"{key}.json"
        before = json.loads(note.read_text(encoding="utf-8"))["here"] if note.is_file() else NOTHING
        provenance = record.get("provenance", {})
        content = {
            "key": key,
            "minutes": provenance.get("minutes", 0.0),
            "processor_minutes": provenance.get("processor_minutes"),
            "here": [max(pair) for pair in zip(here, before, strict=True)],
        }
        with written_aside(note) as aside:
            aside.write_text(json.dumps(content, indent=1), encoding="utf-8")


def results_of(folder: Path, step: str) -> Path:
    """The file of a step's rows in a run's folder."""
    return folder / "results" / f"{step}.json"


def notes_of(folder: Path, step: str) -> Path:
    """The folder of a step's notes on the networks that it uses."""
    return folder / NETWORKS / step


def environment_of(places: Places, folder: Path, step: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a kernel that executes a step: that of the parent, what `begin` reads, and one thread for linear algebra.

    Several kernels run at once; with a thread a core each, linear algebra took four times as long. One thread also gives the same
    bits on machines with more or fewer cores.
    """
    own = {_DATA: str(places.data), _BUILD: str(places.build), _RUN: str(folder), _STEP: step}
    return {**environment, **_ONE_THREAD, **own, **({_LFW: places.lfw} if places.lfw else {})}


def begin(notebook: str, variables: dict[str, Any]) -> Run:
    """The first call of a notebook: its settings from its own variables, `globals()`, and the run that it belongs to.

    papermill puts parameters into a cell of its own and only warns of names that the notebook does not know; here they are an
    error. A notebook that a person runs belongs to the run "by-hand".

    Args:
        notebook: a key of NOTEBOOKS.
        variables: the notebook's variables; the sources of its cells so far are among them, as IPython keeps them.

    Returns:
        The run, with the checked, effective settings.
    """
    values = {name: variables[name] for name in NOTEBOOKS[notebook] if name in variables}
    for source in variables.get("In", ()):
        if source.startswith("# Parameters"):
            nodes = [node for node in ast.parse(source).body if isinstance(node, ast.Assign)]
            assigned = [target.id for node in nodes for target in node.targets if isinstance(target, ast.Name)]
            values |= {name: variables[name] for name in assigned}
    places = Places.of(os.environ)
    folder, step = os.environ.get(_RUN), os.environ.get(_STEP) or notebook
    step = step if step.startswith(notebook) else notebook
    return Run(places, Path(folder) if folder else places.build / BY_HAND, step, resolve(notebook, values))

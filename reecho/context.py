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

from reecho import memory, results
from reecho.computed import Computed
from reecho.errors import ReechoError, must_be_text
from reecho.files import written_aside
from reecho.once import Once
from reecho.results import Row
from reecho.settings import BASE, NOTEBOOKS, Settings, resolve

BY_HAND = "by-hand"  # the run of notebooks that a person executes
NETWORKS = "networks"  # the folder of trained networks in the build folder, and that of their notes in a run's folder
COMPUTED = "computed"  # the folder of arrays that are computed once, in the build folder
BENCHMARK = "benchmark"  # the folder of the last benchmark in the build folder, of the published one in reports/
_TAKEN = (NETWORKS, COMPUTED, BENCHMARK)
LUCK, POINTS = "luck", "points.json"  # the sweep whose points the summary shows; what each sweep measured, in its folder
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

    data: Path = BASE / "data"
    build: Path = BASE / "build"
    lfw: str | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Places:
        """The folders that REECHO_DATA, REECHO_BUILD and REECHO_LFW name, or the standard ones.

        Raises:
            ReechoError: the name of one is no text.
        """
        data = Path(environment.get(_DATA) or BASE / "data").absolute()
        build = Path(environment.get(_BUILD) or BASE / "build").absolute()
        lfw = environment.get(_LFW)
        for name, path in ((_DATA, data), (_BUILD, build), (_LFW, lfw or "")):
            must_be_text(name, str(path))
        return cls(data, build, os.path.abspath(Path(lfw).expanduser()) if lfw else None)

    def variables(self) -> dict[str, str]:
        """The environment from which `of` makes the same folders."""
        return {_DATA: str(self.data), _BUILD: str(self.build), **({_LFW: self.lfw} if self.lfw else {})}

    @property
    def networks(self) -> Path:
        """Where trained networks lie."""
        return self.build / NETWORKS

    @property
    def computed(self) -> Path:
        """Where arrays lie that several notebooks or trainings need."""
        return self.build / COMPUTED

    @property
    def luck(self) -> Path:
        """What the sweep named luck measured."""
        return self.build / LUCK / POINTS

    @property
    def once(self) -> Once:
        """What computes such arrays, or gives those that were computed before."""
        return Computed(self.computed)

    def run_folder(self, name: str) -> Path:
        """Where a run of this name lies.

        Raises:
            ReechoError: the name cannot be that of a run.
        """
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", name) or name in _TAKEN:
            raise ReechoError(
                f"{name!r} cannot name a run: use letters, digits, dots, dashes and underscores, and none of {', '.join(_TAKEN)}."
            )
        return self.build / name

    def of_faces(self, settings: Settings) -> dict[str, Any]:
        """The arguments of `reecho.data.load` for the faces of some settings."""
        return {**settings.faces, "lfw": settings.lfw or self.lfw, "folder": self.data, "once": self.once}


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
    def once(self) -> Once:
        """What computes arrays that other cells, notebooks or trainings need too, or gives those that were computed before."""
        return self.places.once

    @property
    def results_file(self) -> Path:
        """Where the step writes its rows."""
        return results_of(self.folder, self.step)

    def rows(self) -> list[Row]:
        """The rows that the steps of this run have written, in their order.

        Raises:
            ReechoError: none has written any yet.
        """
        description = self._description()
        if description is None:
            files = sorted((self.folder / "results").glob("*.json"))
        else:
            files = [results_of(self.folder, step) for step in description["steps"]]
        rows = [row for file in files if file.is_file() for row in results.rows_in(file)]
        if not rows:
            raise ReechoError(
                "No notebook of this run has written results yet; run those of the tasks, such as 04_denoising, first."
            )
        return rows

    def notes(self) -> list[str]:
        """Sentences on what this run goes without, such as colours where the pictures are grey."""
        description = self._description()
        return description["notes"] if description else []

    def _description(self) -> dict[str, list[str]] | None:
        """What `reecho report` says of the run; None of a run that a person makes by hand."""
        path = self.folder / DESCRIPTION
        if not path.is_file():
            return None
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return {"steps": [*map(str, content["steps"])], "notes": [*map(str, content.get("notes", ()))]}
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise ReechoError(f"{path} is damaged; `reecho report` writes it anew at its start.") from error

    def note_network(self, key: str, record: Mapping[str, Any], here: Spent = NOTHING) -> None:
        """Leave word of a network that the step uses, so that its training counts once among the run's minutes.

        Args:
            key: of the network in the store.
            record: what the store says of it; "provenance" has its minutes of training.
            here: minutes of its training inside this step, none where it was loaded.
        """
        note = notes_of(self.folder, self.step) / f"{key}.json"
        before = read_note(note)
        provenance = record.get("provenance", {})
        content = {
            "key": key,
            "minutes": provenance.get("minutes", 0.0),
            "processor_minutes": provenance.get("processor_minutes"),
            "here": [max(pair) for pair in zip(here, before["here"] if before else NOTHING, strict=True)],
        }
        with written_aside(note) as aside:
            aside.write_text(json.dumps(content, indent=1), encoding="utf-8")


def results_of(folder: Path, step: str) -> Path:
    """The file of a step's rows in a run's folder."""
    return folder / "results" / f"{step}.json"


def notes_of(folder: Path, step: str) -> Path:
    """The folder of a step's notes on the networks that it uses."""
    return folder / NETWORKS / step


def read_note(note: Path) -> dict[str, Any] | None:
    """What `Run.note_network` wrote into a file; None where it is not there or is damaged."""
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
        key, here = str(content["key"]), Spent(*map(float, content["here"]))
        processor = content["processor_minutes"]
        return {
            "key": key, "minutes": float(content["minutes"]), "here": here,
            "processor_minutes": None if processor is None else float(processor),
        }  # fmt: skip
    except (OSError, ValueError, LookupError, TypeError):
        return None


def environment_of(places: Places, folder: Path, step: str, environment: Mapping[str, str], size: int) -> dict[str, str]:
    """The environment of a kernel that executes a step: that of the parent, what `begin` reads, and one thread for linear algebra.

    For faces of a large `size` in pixels TensorFlow is told to be sparing with memory.

    Several kernels run at once; with a thread a core each, linear algebra took four times as long. One thread also gives the same
    bits on machines with more or fewer cores.
    """
    return {**environment, **_ONE_THREAD, **memory.variables(size), **places.variables(), _RUN: str(folder), _STEP: step}


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
    memory.large_arrays_go_back()
    places = Places.of(os.environ)
    folder, step = os.environ.get(_RUN), os.environ.get(_STEP) or notebook
    step = step if step.startswith(notebook) else notebook
    return Run(places, Path(folder) if folder else places.build / BY_HAND, step, resolve(notebook, values))

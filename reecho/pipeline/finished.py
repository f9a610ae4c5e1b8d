"""The files of a finished run, and whether all that it depends on is still as it was, told from times and sizes alone."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from importlib import util
from pathlib import Path
from typing import Any

from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.pipeline.plan import Plan

FINISHED = "finished.json"  # not there while a run is at work
_PACKAGE = Path(__file__).parents[1]


def is_finished(folder: Path) -> bool:
    """Whether the run in a folder went through to its end."""
    return (folder / FINISHED).is_file()


def files_of(folder: Path) -> list[str]:
    """The files of a finished run, relative to its folder, without those that only later steps of it read.

    Raises:
        ReechoError: what was written down at its end is damaged.
    """
    try:
        files = _content(folder)["files"]
        if not all(isinstance(name, str) for name in files):
            raise TypeError("no names")
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ReechoError(
            f"{folder / FINISHED} is damaged; `reecho report --name {folder.name}` with the run's parameters writes it anew."
        ) from error
    return list(files)


def write(plan: Plan, tasks: int) -> None:
    """Write down that a run is finished, with how many tasks."""
    content = {
        "files": [_relative(plan, path) for path in plan.files()], "tasks": tasks, "depends_on": _depends_on(plan),
        "written": _states(plan, _written(plan)),
    }  # fmt: skip
    with written_aside(plan.folder / FINISHED) as aside:
        aside.write_text(json.dumps(content, indent=1), encoding="utf-8")


def up_to_date(plan: Plan) -> int:
    """How many tasks a run has if it is finished and nothing changed since; 0 where something did, or may have.

    A file that was touched and not changed counts as changed here; `dodo` then looks at what it says.
    """
    if not is_finished(plan.folder):
        return 0
    try:
        content = _content(plan.folder)
        same = content["depends_on"] == _depends_on(plan) and content["written"] == _states(plan, _written(plan))
        return int(content["tasks"]) if same else 0
    except (OSError, ValueError, LookupError, TypeError):  # damaged, or of another version
        return 0


def _content(folder: Path) -> dict[str, Any]:
    content = json.loads((folder / FINISHED).read_text(encoding="utf-8"))
    return {"files": content} if isinstance(content, list) else content  # a list: of a run made by reecho 0.2.0


def _written(plan: Plan) -> list[Path]:
    return [*plan.files(), *plan.results().values()]


def _relative(plan: Plan, path: Path) -> str:
    return path.relative_to(plan.folder).as_posix()


def _states(plan: Plan, files: Iterable[Path]) -> dict[str, list[int]]:
    """For each file time of change and size."""
    return {_relative(plan, path): _state(path) for path in files}


def _state(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_mtime_ns, status.st_size]


def _depends_on(plan: Plan) -> str:
    """Sources, settings, faces and libraries of a run, as hex digits."""
    own = sorted(path for path in _PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc")
    notebooks = sorted({plan.sources / f"{step.notebook}.ipynb" for step in plan.steps})
    numpy = util.find_spec("numpy")  # beside it lie the libraries; the folder changes with each that is installed
    libraries = Path(numpy.origin).parents[1] if numpy and numpy.origin else _PACKAGE
    content = [
        [[str(path), *_state(path)] for path in (*own, *notebooks)], sys.version, _state(libraries), plan.faces.digest,
        [[step.name, step.title, step.question, plan.parameters[step.name][1].as_dict()] for step in plan.steps],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()

"""Measure one subject in a process of its own: python -P -m reecho.benchmark.child, the request as JSON on its standard input.

The request names the subject and the file that takes what was measured. That file says, too, in a sentence, why a subject could not
be measured.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from reecho.benchmark.rounds import Task
from reecho.benchmark.subjects import SUBJECTS
from reecho.context import Places
from reecho.errors import one_line
from reecho.terminal import as_a_command


def main() -> int:
    """Measure what the request asks for; exit code 0 also where the sentence of a failure was written."""
    request = json.load(sys.stdin)
    as_a_command()
    try:
        content = measured(request["module"], request["one_core"], _task(request))
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # the other subjects go on, and the page says why
        content = {"failure": in_a_sentence(error)}
    Path(request["file"]).write_text(json.dumps(content), encoding="utf-8")
    return 0


def request_of(name: str, task: Task, file: Path) -> dict[str, Any]:
    """What `main` reads, as plain values."""
    subject, places = SUBJECTS[name], task.places
    return {
        "module": subject.module, "one_core": subject.one_core, "file": str(file), "quick": task.quick, "folder": str(task.folder),
        "places": [str(places.data), str(places.build), places.lfw],
    }  # fmt: skip


def _task(request: dict[str, Any]) -> Task:
    data, build, lfw = request["places"]
    return Task(request["quick"], Places(Path(data), Path(build), lfw), Path(request["folder"]))


def measured(module: str, one_core: bool, task: Task) -> dict[str, Any]:
    """What the module of a subject measures, as plain values; on one core where that is asked for and the system can."""
    notes = []
    if one_core:
        notes = [_on_one_core()]
    result = import_module(module).measure(task)
    rows = [row.plain() for row in result.rows]
    return {"rows": rows, "titles": dict(result.titles), "notes": [*notes, *result.notes], "failure": None}


def in_a_sentence(error: Exception) -> str:
    """What went wrong, in one line."""
    text = one_line(" ".join(str(error).split()))[:300].rstrip(".")
    return f"{type(error).__name__}: {text}" if type(error).__module__ == "builtins" else text or type(error).__name__


def _on_one_core() -> str:
    if not hasattr(os, "sched_setaffinity"):
        return "This system keeps no process to one core; both generators were limited to one thread instead."
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return "Both generators were kept to the same one core."


if __name__ == "__main__":
    sys.exit(main())

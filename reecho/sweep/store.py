"""The points of a sweep on disk: a file each, written when it ends, so that the same command goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reecho import results
from reecho.dependencies import Sources
from reecho.pipeline.dodo import depends_on
from reecho.results import Row
from reecho.settings import notebooks_dir
from reecho.sweep.grid import Point

_SCHEMA = 1


@dataclass(frozen=True)
class Outcome:
    """What came of a point.

    Args:
        rows: what its notebooks measured; none where it failed.
        failed: the sentence that says why, None where it did not fail.
        seconds: that it took on its worker, trainings of shared networks not among them.
    """

    rows: tuple[Row, ...] = ()
    failed: str | None = None
    seconds: float = 0.0


def stamp(point: Point, digests: Sequence[str], code: Sources) -> str:
    """What a point's numbers depend on, as hex digits: its notebooks, their code, parameters and faces, versions of libraries."""
    depends = [
        depends_on(code, notebooks_dir() / f"{step.notebook}.ipynb", step, point.settings(step), digest)
        for step, digest in zip(point.steps, digests, strict=True)
    ]
    return hashlib.sha256(json.dumps(depends, sort_keys=True, default=list).encode()).hexdigest()


def write(folder: Path, point: Point, stamp: str, outcome: Outcome) -> None:
    """Keep what came of a point, whole or not at all."""
    content = {
        "schema": _SCHEMA, "swept": dict(point.swept), "steps": [step.name for step in point.steps], "stamp": stamp,
        "seconds": outcome.seconds, "failed": outcome.failed, "rows": [row.as_dict() for row in outcome.rows],
    }  # fmt: skip
    results.write_json(_file(folder, point), content)


def read(folder: Path, point: Point, stamp: str) -> Outcome | None:
    """What came of a point, None where it has not been run, or with other faces, code or libraries."""
    try:
        content: Mapping[str, Any] = json.loads(_file(folder, point).read_text(encoding="utf-8"))
        if content["schema"] != _SCHEMA or content["stamp"] != stamp:
            return None
        return Outcome(tuple(map(Row.from_dict, content["rows"])), content["failed"], content["seconds"])
    except (OSError, ValueError, LookupError, TypeError):  # damaged: it only costs time
        return None


def _file(folder: Path, point: Point) -> Path:
    return folder / "points" / f"{point.key}.json"

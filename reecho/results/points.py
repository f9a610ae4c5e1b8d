"""What a sweep measured, in one file: the rows of each of its points."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reecho.results.files import write_json
from reecho.results.row import Row

_SCHEMA = 1


@dataclass(frozen=True)
class Points:
    """The points of a sweep that went through.

    Args:
        preset: of its notebooks.
        commit: of the code that measured them.
        faces: name of the data.
        pictures, people: how many, in all parts of the split.
        rows: (swept parameter → value, what was measured) of each point.
    """

    preset: str
    commit: str
    faces: str
    pictures: int
    people: int
    rows: tuple[tuple[Mapping[str, Any], tuple[Row, ...]], ...]


def write_points(path: Path, points: Points) -> None:
    """Write them as JSON, whole or not at all."""
    rows = [{"swept": dict(swept), "rows": [row.as_dict() for row in some]} for swept, some in points.rows]
    about = {name: getattr(points, name) for name in ("preset", "commit", "faces", "pictures", "people")}
    write_json(path, {"schema": _SCHEMA, **about, "points": rows})


def read_points(path: Path) -> Points | None:
    """What `write_points` wrote; None where it is not there, is damaged, or is of another version."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != _SCHEMA:
            return None
        rows = tuple((dict(point["swept"]), tuple(map(Row.from_dict, point["rows"]))) for point in content["points"])
        about = {name: str(content[name]) for name in ("preset", "commit", "faces")}
        return Points(**about, pictures=int(content["pictures"]), people=int(content["people"]), rows=rows)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None

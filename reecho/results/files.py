"""The files that rows are kept in: one of each notebook, and results.json of a whole run."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from reecho import titles
from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.methods import Method
from reecho.results import first_version
from reecho.results.row import Row, plain
from reecho.tasks import TASKS

SCHEMA = 2  # the number in the files; reecho 0.1 wrote none
TARGET, INPUT = "target", "input"  # what stands beside methods in a file of faces


def write(path: Path | str, rows: Iterable[Row], faces: Mapping[Method | str, np.ndarray] | None = None) -> None:
    """Write rows as JSON, whole or not at all, and beside them what a few faces became, so that runs can be compared.

    Args:
        path: the JSON file.
        rows: from `score_all` or `score_all_new_faces`.
        faces: TARGET, INPUT and methods → float32 (n, H, W, 3) in [0, 1]; see `faces_file`.
    """
    write_json(path, {"schema": SCHEMA, "rows": [row.as_dict() for row in rows]})
    if faces:
        levels = np.round(255 * np.clip(np.stack(list(faces.values())), 0, 1)).astype("uint8")  # (methods, n, H, W, 3)
        names = [key.identifier if isinstance(key, Method) else key for key in faces]
        with written_aside(faces_file(path)) as aside:
            np.savez_compressed(aside, names=np.array(names), faces=levels)


def faces_file(path: Path | str) -> Path:
    """Where the faces that belong to a file of rows lie: `results/04_denoising.npz` for `results/04_denoising.json`."""
    return Path(path).with_suffix(".npz")


def read_faces(path: Path | str, task: str) -> dict[Method | str, np.ndarray]:
    """The faces that `write` stored.

    Args:
        path: from `faces_file`.
        task: whose outputs they are; reecho 0.1 gave one name to different networks of different tasks.

    Returns:
        TARGET, INPUT and methods → float32 (n, H, W, 3), steps of 1/255.

    Raises:
        ReechoError: the file is there and cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            faces = stored["faces"].astype("float32") / 255
            names = stored["names"].tolist()
        return {_key(name, task): pictures for name, pictures in zip(names, faces, strict=True)}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, ReechoError) as error:
        raise ReechoError(f"{path} cannot be read as faces ({error}). Remove it and run the report again.") from error


def _key(name: str, task: str) -> Method | str:
    """What a name in a file of faces stands for; an identifier is JSON, the names of 0.1 are not."""
    if name in (TARGET, INPUT):
        return name
    return Method.from_identifier(name) if name.startswith("{") else first_version.method_of(name, task)


def read(path: Path | str) -> list[Row]:
    """Read rows that `write` wrote.

    Raises:
        ReechoError: no such file, or it does not hold rows.
    """
    content = _content(path)
    if "rows" not in content:
        raise ReechoError(f"{path} holds no rows. Remove it and run the report again.")
    return _rows(content["rows"], path)


def rows_in(path: Path | str) -> list[Row]:
    """The rows of a file that a notebook wrote; none where it wrote something else, as notebook 07 does."""
    return read(path) if "rows" in _content(path) else []


def merge(rows: Iterable[Row], header: Mapping[str, Any]) -> dict[str, Any]:
    """The content of results.json: its schema, what the run was, and the rows of each task.

    Args:
        rows: of all notebooks, in their order; of several rows of one task, size and method the last one is taken.
        header: preset, dataset, provenance, minutes, parameters.

    Returns:
        Plain values, as `schema` describes them.
    """
    latest = {(row.task, row.size, row.method): row for row in rows}.values()
    by_task = {task: [row.as_dict() for row in latest if row.task == task] for task in TASKS}
    return plain({"schema": SCHEMA, **header, "tasks": {task: some for task, some in by_task.items() if some}})


def read_run(path: Path | str) -> tuple[dict[str, Any], dict[str, list[Row]]]:
    """Read results.json, also one that reecho 0.1 wrote.

    Args:
        path: the file.

    Returns:
        (the header: all but the rows, in the form of `schema`; task → rows, in the order of TASKS).

    Raises:
        ReechoError: no such file, it is not results.json, or a newer version wrote it.
    """
    content = _content(path)
    if "tasks" not in content:
        raise ReechoError(f"{path} holds no results of a run. Run the report again.")
    by_task = {task: _rows(content["tasks"][task], path) for task in TASKS if task in content["tasks"]}
    return {key: value for key, value in content.items() if key != "tasks"}, by_task


def schema() -> dict[str, Any]:
    """The JSON Schema of results.json."""
    return json.loads(resources.files("reecho.results").joinpath("schema.json").read_text(encoding="utf-8"))


def write_json(path: Path | str, value: Any) -> None:
    """Write plain values as JSON that any reader takes (no NaN), whole or not at all."""
    text = json.dumps(plain(value), indent=1, ensure_ascii=False, allow_nan=False)
    with written_aside(path) as aside:
        aside.write_text(text + "\n", encoding="utf-8")


def _content(path: Path | str) -> dict[str, Any]:
    """What a file of ours holds, in today's form."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        version = content.get("schema", 1)
    except (OSError, ValueError, AttributeError) as error:
        raise ReechoError(f"{path} cannot be read as results ({error}). Remove it and run the report again.") from error
    if version == 1 and "tasks" in content:
        return first_version.upgraded(content, path)
    if version == 1:
        return content
    if version != SCHEMA:
        raise ReechoError(f"{path} has the schema {version}, and this version of reecho reads {SCHEMA}; use a newer reecho.")
    return content


def _rows(values: Iterable[Mapping[str, Any]], path: Path | str) -> list[Row]:
    try:
        rows = [Row.from_dict(row) for row in values]
        unknown = [row.task for row in rows if row.task not in TASKS]
        for row in rows:
            titles.of(row.method)  # an error where this version has no such method
    except (KeyError, TypeError, ValueError, AttributeError, ReechoError) as error:
        raise ReechoError(f"{path} holds a row that cannot be read ({error!r}). Remove it and run the report again.") from error
    if unknown:
        raise ReechoError(f"{path} holds rows of the task {unknown[0]!r}, which there is not. Remove it and run the report again.")
    return rows

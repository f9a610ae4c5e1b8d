"""The rows of results.json: one shape for every method and task."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from reecho import metrics
from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.timing import Timed

TASKS = ("reconstruction", "denoising", "generation", "colourisation")
_DIGITS = 6  # significant ones kept in files


class Column(NamedTuple):
    """A column of a table of rows.

    Args:
        key: of the row; where a row has `key + "_ci95"` as well, that is its 95 % interval, [low, high].
        heading: with the unit.
        digits: after the point.
        better: "higher", "lower", or None where neither is (compare with the targets' own value).
    """

    key: str
    heading: str
    digits: int
    better: str | None


_PICTURES = (Column("n", "n", 0, None), Column("psnr_db", "PSNR (dB)", 2, "higher"), Column("ssim", "SSIM", 3, "higher"))
_PLACES = (
    Column("psnr_face_db", "PSNR face (dB)", 2, "higher"),
    Column("psnr_background_db", "PSNR background (dB)", 2, "higher"),
)
_COLOUR = (
    Column("delta_e00", "ΔE00", 2, "lower"),
    Column("chroma_r2", "chroma R²", 3, "higher"),
    Column("colourfulness", "colourfulness", 1, None),
)
_TIME = (Column("ms_picture", "ms a picture", 2, None),)  # wall clock; fitting and training are not in it
_SEEDS = (Column("seeds_sd_db", "PSNR over seeds, ± (dB)", 2, None),)
_RATE = (Column("rate_nats", "rate (nats)", 0, None),)
_NEW_FACES = (
    Column("n", "n", 0, None),
    Column("kid_pca64", "KID PCA-64 (×10³)", 1, "lower"),
    Column("kid_hog", "KID HOG (×10³)", 0, "lower"),
    Column("hog_precision", "precision", 2, "higher"),
    Column("hog_recall", "recall", 3, "higher"),
    Column("kid_random_conv", "KID random conv (×10³)", 0, "lower"),
    Column("log10_power", "log10 power, 12–15 cycles", 2, None),
    Column("contrast", "contrast", 3, None),
)
_COLUMNS = {
    "reconstruction": _PICTURES + _RATE + _TIME,
    "denoising": _PICTURES + _TIME,
    "generation": _NEW_FACES,
    "colourisation": _PICTURES + _PLACES + _COLOUR + _TIME,
}


def columns(task: str, rows: Iterable[Mapping[str, Any]] = ()) -> tuple[Column, ...]:
    """The columns of a task's table, in order; the method's name stands before them.

    Args:
        task: one of TASKS.
        rows: those of the table; where one of them was trained from several seeds, their spread has a column.

    Example:
        >>> [column.heading for column in columns("denoising")]
        ['n', 'PSNR (dB)', 'SSIM', 'ms a picture']
    """
    return _COLUMNS[_known(task)] + (_SEEDS if any("seeds_sd_db" in row for row in rows) else ())


def score(
    task: str,
    method: str,
    outputs: np.ndarray,
    targets: np.ndarray,
    people: np.ndarray,
    ours: bool = False,
    mean_chroma: np.ndarray | None = None,
    **extra: Any,
) -> dict[str, Any]:
    """One row: what a method got on a task.

    Args:
        task: "reconstruction", "denoising" or "colourisation".
        method: its name, as tables and results.json show it.
        outputs, targets: float32 (n, H, W, 3); outputs are clipped to [0, 1].
        people: (n,), who is shown: the intervals draw people, not pictures.
        ours: whether it is one of the project's networks.
        mean_chroma: float32 (H, W, 2), the train faces' own, for chroma R² (colourisation alone).
        **extra: passed through, such as rate_nats, weights, train_seconds or size; None is left out.

    Returns:
        method, ours, n, psnr_db (dB) and ssim; for colourisation psnr_face_db and psnr_background_db (dB, see
        `metrics.psnr_by_place`), delta_e00, colourfulness and chroma_r2 as well; for each its 95 % interval, [low, high], under the
        key with "_ci95" behind it; then the extras.
    """
    if _known(task) == "generation":
        raise ReechoError("New faces have no targets; score them with results.score_new_faces.")
    values = {"psnr_db": metrics.psnr(outputs, targets), "ssim": metrics.ssim(outputs, targets)}
    if task == "colourisation":
        values |= dict(zip(("psnr_face_db", "psnr_background_db"), metrics.psnr_by_place(outputs, targets), strict=True))
        values |= {"delta_e00": metrics.delta_e00(outputs, targets), "colourfulness": metrics.colourfulness(outputs)}
    row = {"method": method, "ours": bool(ours), "n": len(targets)}
    low, high = metrics.bootstrap_interval(np.stack(list(values.values()), axis=1), people)
    for index, (key, each) in enumerate(values.items()):
        row |= {key: each.mean(), f"{key}_ci95": [low[index], high[index]]}
    if task == "colourisation" and mean_chroma is not None:
        error, reference = metrics.chroma_sums(outputs, targets, mean_chroma)
        low, high = metrics.bootstrap_interval(error, people, weights=np.maximum(reference, 1e-12))
        row |= {"chroma_r2": 1 - error.sum() / max(reference.sum(), 1e-12), "chroma_r2_ci95": [1 - high, 1 - low]}
    return plain(row | _given(extra))


def score_all(
    task: str,
    outputs: Mapping[str, np.ndarray],
    targets: np.ndarray,
    people: np.ndarray,
    ours: Collection[str] = (),
    mean_chroma: np.ndarray | None = None,
    extras: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[dict[str, Any]]:
    """The rows of several methods on the same pictures.

    Args:
        task, targets, people, mean_chroma: as for `score`.
        outputs: name of a method → its outputs; where it is a `timing.Timed`, the rows of the methods that it ran have ms_picture,
            wall-clock milliseconds a picture on all cores of the machine, fitting and training not counted.
        ours: names of those that are the project's networks.
        extras: name → further entries of its row.

    Returns:
        One row a method, in the order of `outputs`.
    """
    times = outputs.milliseconds if isinstance(outputs, Timed) else {}
    more = {name: {"ms_picture": times.get(name)} | dict((extras or {}).get(name, {})) for name in outputs}
    return [score(task, name, made, targets, people, name in ours, mean_chroma, **more[name]) for name, made in outputs.items()]


def score_new_faces(
    method: str,
    generated: np.ndarray | metrics.Description,
    real: np.ndarray | metrics.Description,
    ruler: metrics.FaceRuler,
    ours: bool = False,
    **extra: Any,
) -> dict[str, Any]:
    """One row of the task "generation": the five numbers of a set of new faces.

    Args:
        method: its name.
        generated: float32 (n, H, W, 3) in [0, 1].
        real: held-out real faces, (m, H, W, 3), or `ruler.describe` of them where many sets are measured.
        ruler: fitted on the train faces.
        ours: whether the faces come from one of the project's networks.
        **extra: passed through; None is left out.

    Returns:
        method, ours, n and what `FaceRuler.measure` returns.
    """
    new = generated if isinstance(generated, metrics.Description) else ruler.describe(generated)
    return plain({"method": method, "ours": bool(ours), "n": len(new.hog)} | ruler.measure(new, real) | _given(extra))


def score_all_new_faces(
    sets: Mapping[str, np.ndarray], real: np.ndarray, ruler: metrics.FaceRuler, ours: Collection[str] = ()
) -> list[dict[str, Any]]:
    """The rows of several sets of new faces, measured against the same real ones."""
    described = ruler.describe(real)
    return [score_new_faces(name, made, described, ruler, name in ours) for name, made in sets.items()]


def write(path: Path | str, task: str, rows: Iterable[Mapping[str, Any]], faces: Mapping[str, np.ndarray] | None = None) -> None:
    """Write a task's rows as JSON, whole or not at all, and beside them what a few faces became, so that runs can be compared.

    Args:
        path: the JSON file.
        task: one of TASKS.
        rows: from `score_all` or `score_all_new_faces`.
        faces: "target", "input" and the names of methods → float32 (n, H, W, 3) in [0, 1]; see `faces_file`.
    """
    write_json(path, {"task": _known(task), "rows": list(rows)})
    if faces:
        kept = np.round(255 * np.clip(np.stack(list(faces.values())), 0, 1)).astype("uint8")  # (methods, n, H, W, 3)
        with written_aside(faces_file(path)) as aside:
            np.savez_compressed(aside, names=np.array(list(faces)), faces=kept)


def faces_file(path: Path | str) -> Path:
    """Where the faces that belong to a file of rows lie: `results/04_denoising.npz` for `results/04_denoising.json`."""
    return Path(path).with_suffix(".npz")


def read_faces(path: Path | str) -> dict[str, np.ndarray]:
    """What `write` kept of the faces: "target", "input" and the names of methods → float32 (n, H, W, 3), steps of 1/255.

    Raises:
        ReechoError: the file is there and cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as found:
            return dict(zip(found["names"].tolist(), found["faces"].astype("float32") / 255, strict=True))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ReechoError(f"{path} cannot be read as faces ({error}). Remove it and run the report again.") from error


def read(path: Path | str) -> tuple[str, list[dict[str, Any]]]:
    """Read what `write` wrote: the task and its rows.

    Raises:
        ReechoError: no such file, or it does not hold rows.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        task, rows = found["task"], found["rows"]
        methods = [row["method"] for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReechoError(f"{path} cannot be read as results ({error}). Remove it and run the report again.") from error
    if task not in TASKS or not all(isinstance(method, str) for method in methods):
        raise ReechoError(f"{path} does not hold rows of a task that is known. Remove it and run the report again.")
    return task, rows


def of_run(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of all notebooks of a run.

    Args:
        folder: the run's.

    Returns:
        Task → rows, in the order of TASKS.

    Raises:
        ReechoError: no notebook has written any yet.
    """
    paths = sorted((folder / "results").glob("*.json"))
    paths = [path for path in paths if "task" in json.loads(path.read_text(encoding="utf-8"))]  # the faults are told otherwise
    if not paths:
        raise ReechoError("No notebook has written results here yet; run those of the tasks (03 to 06) first.")
    return merge(paths, {})["tasks"]


def merge(paths: Iterable[Path | str], header: Mapping[str, Any]) -> dict[str, Any]:
    """The content of results.json: what the run was, and each task's rows.

    Args:
        paths: files that `write` wrote; those of one task are joined, a method's later row of one size replacing the earlier.
        header: preset, dataset, provenance, minutes.

    Returns:
        The header and "tasks": task → rows, in the order of the notebooks.
    """
    found: dict[str, dict[tuple, dict]] = {task: {} for task in TASKS}
    for path in paths:
        task, rows = read(path)
        for row in rows:
            found[task][row["method"], row.get("size")] = row
    return plain({**header, "tasks": {task: list(rows.values()) for task, rows in found.items() if rows}})


def write_json(path: Path | str, value: Any) -> None:
    """Write plain values as JSON that any reader takes (no NaN), whole or not at all."""
    text = json.dumps(plain(value), indent=1, ensure_ascii=False, allow_nan=False)
    with written_aside(path) as aside:
        aside.write_text(text + "\n", encoding="utf-8")


def plain(value: Any) -> Any:
    """The value in JSON's own types: floats to six digits, no number (NaN, infinite) as None, arrays and tuples as lists.

    Example:
        >>> plain({"psnr_db": np.float32(20.123456789), "interval": (float("nan"), 1)})
        {'psnr_db': 20.1235, 'interval': [None, 1]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return float(f"{round(value, 8):.{_DIGITS}g}") if math.isfinite(value) else None  # rounding errors become 0
    return str(value) if isinstance(value, Path) else value


def _given(extra: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in extra.items() if value is not None}


def _known(task: str) -> str:
    if task not in TASKS:
        raise ReechoError(f"There is no task {task!r}; choose one of {', '.join(TASKS)}.")
    return task

"""How rows are measured: outputs against targets, and sets of new faces against real ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from reecho import metrics, tasks
from reecho.errors import ReechoError
from reecho.methods import Method
from reecho.results.row import ABOVE, Row, present
from reecho.timing import Timed

_INTERVALS = ("_ci95", "_jackknife95")  # endings of the keys under which measures of new faces give intervals


def score(
    task: str,
    method: Method,
    outputs: np.ndarray,
    targets: np.ndarray,
    people: np.ndarray,
    mean_chroma: np.ndarray | None = None,
    **further: float | None,
) -> Row:
    """One row: what is measured of a method's outputs on a task.

    Args:
        task: one that has targets, such as "denoising".
        method: whose outputs they are.
        outputs, targets: float32 (n, H, W, 3); outputs are clipped to [0, 1].
        people: (n,), who is shown: the intervals draw people, not pictures.
        mean_chroma: float32 (H, W, 2), the train faces' own, for chroma R² (tasks in colour alone).
        **further: numbers of the row, such as rate_nats, weights or train_seconds; None and NaN are left out.

    Returns:
        A row with psnr_db (dB) and ssim; for a task in colour psnr_face_db and psnr_background_db (dB, see
        `metrics.psnr_by_place`), delta_e00, colourfulness and chroma_r2 as well; an interval for each; then the further numbers.

    Raises:
        ReechoError: the task has no targets.
    """
    if not tasks.of(task).is_learnt:
        raise ReechoError(f"The task {task} has no targets to compare with; score sets of new faces with scoring.score_new_faces.")
    values = {"psnr_db": metrics.psnr(outputs, targets), "ssim": metrics.ssim(outputs, targets)}
    if tasks.of(task).in_colour:
        values |= dict(zip(("psnr_face_db", "psnr_background_db"), metrics.psnr_by_place(outputs, targets), strict=True))
        values |= {"delta_e00": metrics.delta_e00(outputs, targets), "colourfulness": metrics.colourfulness(outputs)}
    low, high = metrics.bootstrap_interval(np.stack(list(values.values()), axis=1), people)
    numbers = {key: float(value.mean()) for key, value in values.items()}
    intervals = {key: (float(low[place]), float(high[place])) for place, key in enumerate(values)}
    if tasks.of(task).in_colour and mean_chroma is not None:
        error, reference = metrics.chroma_sums(outputs, targets, mean_chroma)
        low, high = metrics.bootstrap_interval(error, people, weights=np.maximum(reference, 1e-12))
        numbers["chroma_r2"] = float(1 - error.sum() / max(reference.sum(), 1e-12))
        intervals["chroma_r2"] = float(1 - high), float(1 - low)
    return Row(task, targets.shape[1], method, len(targets), numbers | present(further), intervals)


def score_all(
    task: str,
    outputs: Mapping[Method, np.ndarray],
    targets: np.ndarray,
    people: np.ndarray,
    mean_chroma: np.ndarray | None = None,
    further: Mapping[Method, Mapping[str, float | None]] | None = None,
) -> list[Row]:
    """The rows of several methods on the same pictures.

    Args:
        task, targets, people, mean_chroma: as for `score`.
        outputs: method → its outputs; where it is a `timing.Timed`, the rows of the methods that it ran have ms_picture,
            wall-clock milliseconds a picture on all cores of the machine, fitting and training not counted.
        further: method → further numbers of its row.

    Returns:
        One row a method, in the order of `outputs`. Where methods have no rate, a network's row has above_simple_db, its PSNR less
        that of the best method without a network, picture by picture, with the interval of this difference.
    """
    times = outputs.milliseconds if isinstance(outputs, Timed) else {}
    numbers = {method: {"ms_picture": times.get(method), **(further or {}).get(method, {})} for method in outputs}
    rows = [score(task, method, pictures, targets, people, mean_chroma, **numbers[method]) for method, pictures in outputs.items()]
    simple = [row for row in rows if row.method.kind == "baseline"]
    if tasks.of(task).has_rate or not simple:
        return rows
    best = max(simple, key=lambda row: row["psnr_db"]).method
    of_best = metrics.psnr(outputs[best], targets)
    return [_above(row, metrics.psnr(outputs[row.method], targets) - of_best, people) for row in rows]


def _above(row: Row, differences: np.ndarray, people: np.ndarray) -> Row:
    """The row; that of a network with the mean of its differences from the best simple method."""
    if not row.method.is_network:
        return row
    mean, interval = metrics.paired(differences, people)
    return replace(row, numbers={**row.numbers, ABOVE: mean}, intervals={**row.intervals, ABOVE: interval})


def score_new_faces(
    method: Method,
    generated: np.ndarray | metrics.Description,
    real: np.ndarray | metrics.Description,
    ruler: metrics.FaceRuler,
    size: int,
) -> Row:
    """One row of the task "generation": how far a set of new faces is from real ones.

    Args:
        method: how the set was made.
        generated: float32 (n, H, W, 3) in [0, 1].
        real: held-out real faces, (m, H, W, 3), or `ruler.describe` of them where many sets are measured.
        ruler: fitted on the train faces.
        size: width and height of the faces, pixels.

    Returns:
        A row with the numbers and intervals that `FaceRuler.measure` gives.
    """
    new = generated if isinstance(generated, metrics.Description) else ruler.describe(generated)
    numbers, intervals = _parted(ruler.measure(new, real))
    return Row("generation", size, method, len(new.hog), numbers, intervals)


def score_all_new_faces(sets: Mapping[Method, np.ndarray], real: np.ndarray, ruler: metrics.FaceRuler) -> list[Row]:
    """The rows of several sets of new faces, measured against the same real ones; with blur_px, how soft each set is.

    blur_px is the blur that takes as much fine detail off the real faces, pixels; see `reecho.metrics.BlurScale`.
    """
    described, scale = ruler.describe(real), metrics.BlurScale(real)
    rows = [score_new_faces(method, faces, described, ruler, faces.shape[1]) for method, faces in sets.items()]
    return [row.with_numbers(blur_px=scale.of(row["log10_power"])) for row in rows]


def _parted(measured: Mapping[str, Any]) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Numbers and intervals of a measure that gives both under keys of one mapping; an interval that is not there is left out."""
    numbers: dict[str, float] = {}
    intervals: dict[str, tuple[float, float]] = {}
    for key, value in measured.items():
        ending = next((ending for ending in _INTERVALS if key.endswith(ending)), None)
        if ending is None:
            numbers[key] = float(value)
        elif np.isfinite(value).all():  # too few faces have no interval
            low, high = value
            intervals[key.removesuffix(ending)] = float(low), float(high)
    return numbers, intervals

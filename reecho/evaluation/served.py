"""Whose faces come out worse: errors in the lowest and the highest third of what can be measured on the true picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from reecho import attributes, metrics
from reecho.evaluation.phrases import of_all
from reecho.metrics.groups import difference, thirds
from reecho.metrics.sharpness import detail

_MEASURES = {"psnr_db": ("dB", "higher", "{:.2f} dB"), "delta_e00": ("ΔE00", "lower", "ΔE00 {:.2f}")}


def traits(targets: np.ndarray) -> dict[str, np.ndarray]:
    """What is measured on each true picture: name → float64 (n,).

    Brightness and warmth are those of the face, contrast that of the whole picture. The difference between the halves of a
    face is large where light comes from one side or the head is turned. Sharpness is detail apart from contrast.

    Args:
        targets: float array (n, H, W, 3) in [0, 1].
    """
    values = dict(zip(attributes.NAMES, attributes.measure(targets).T, strict=True))
    return {
        "brightness of the face": values["brightness"],
        "warmth of the face": values["warmth"],
        "contrast": values["contrast"],
        "difference of the face's halves": np.abs(values["light from the left"]),
        "sharpness": detail(targets),
    }


def served(outputs: np.ndarray, targets: np.ndarray, people: np.ndarray, measure: str = "psnr_db") -> list[dict[str, Any]]:
    """For each trait the error in its lowest and in its highest third of pictures, for a table with `served_columns`.

    Args:
        outputs, targets: float32 (n, H, W, 3), n at least 3.
        people: (n,), who is shown; the interval draws people.
        measure: "psnr_db" or "delta_e00".

    Returns:
        A row a trait: "trait", "low" and "high" (means of the two thirds), "difference" (high less low) and its 95 % interval,
        "difference_ci95".
    """
    errors = {"psnr_db": metrics.psnr, "delta_e00": metrics.delta_e00}[measure](outputs, targets)
    rows = []
    for name, values in traits(targets).items():
        low, high = thirds(values)
        mean, interval = difference(errors, people, low, high)
        row = {"trait": name, "low": float(errors[low].mean()), "high": float(errors[high].mean())}
        rows.append(row | {"difference": mean, "difference_ci95": list(interval)})
    return rows


def served_columns(measure: str = "psnr_db") -> list[dict[str, Any]]:
    """The columns of the table of `served`."""
    unit = _MEASURES[measure][0]
    return [
        {"key": "trait", "heading": "measured on the true picture"},
        {"key": "low", "heading": f"lowest third ({unit})", "digits": 2},
        {"key": "high", "heading": f"highest third ({unit})", "digits": 2},
        {"key": "difference", "heading": f"highest less lowest ({unit})", "digits": 2},
    ]


def served_in_words(rows: Sequence[dict[str, Any]], measure: str = "psnr_db") -> str:
    """The largest difference between thirds, and how many are larger than chance explains.

    Args:
        rows: from `served`.
        measure: as there.
    """
    _, better, gap = _MEASURES[measure]
    most = max(rows, key=lambda row: abs(row["difference"]))
    low, high = most["difference_ci95"]
    sure = sum(row["difference_ci95"][0] > 0 or row["difference_ci95"][1] < 0 for row in rows)
    are = {1: "is"}.get(sure, "are")
    count = of_all(sure, len(rows))
    text = f"{count[0].upper()}{count[1:]} differences {are} larger than chance explains: the 95 % interval does not contain 0."
    if low <= 0 <= high:
        return text
    worse = "highest" if (most["difference"] < 0) == (better == "higher") else "lowest"
    near, far = sorted((abs(low), abs(high)))
    return (
        f"{text} The largest is that by {most['trait']}: faces in the {worse} third come out worse by "
        f"{gap.format(abs(most['difference']))} (95 % interval {near:.2f} to {far:.2f})."
    )

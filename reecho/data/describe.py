"""What notebook 01 tells of the faces: parts of the split, sharpness of small pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from reecho.data.faces import Faces
from reecho.data.split import PARTS

SPLIT_COLUMNS = (
    {"key": "part", "heading": "Part"},
    {"key": "people", "heading": "People", "digits": 0},
    {"key": "pictures", "heading": "Pictures", "digits": 0},
    {"key": "each", "heading": "Pictures a person", "digits": 2},
    {"key": "grey", "heading": "Grey pictures", "digits": 0},
)


def split_rows(faces: Faces) -> list[dict[str, Any]]:
    """People and pictures of each part, for a table with SPLIT_COLUMNS; "left out" has a row where there is any."""
    rows = []
    for part in (*PARTS, "left out"):
        indices = faces.indices(part)
        people = len(np.unique(faces.people[indices]))
        if people:
            grey = int(faces.grey[indices].sum())
            rows.append({"part": part, "people": people, "pictures": len(indices), "each": len(indices) / people, "grey": grey})
    return rows


def gradient_energy(pictures: np.ndarray) -> float:
    """Mean squared difference of neighbouring pixels, intensity²: edges and fine patterns, true or not.

    Args:
        pictures: float array (n, H, W, 3) in [0, 1].

    Example:
        >>> gradient_energy(np.ones((1, 4, 4, 3)))
        0.0
    """
    return float(np.mean(np.diff(pictures, axis=1) ** 2) + np.mean(np.diff(pictures, axis=2) ** 2))

"""Facts of a set of faces: parts of the split, pictures of each person, sharpness of small pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from reecho.data.faces import Faces
from reecho.data.split import PARTS
from reecho.datasets import LFW
from reecho.escaping import escape

_FEW = 5  # names of files that were left out, shown

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


def counts_in_words(faces: Faces) -> str:
    """How many pictures are grey, and which files could not be read."""
    names = [escape(name) for name, _ in faces.skipped[:_FEW]]
    names += [f"{len(faces.skipped) - _FEW} more"] * (len(faces.skipped) > _FEW)
    unread = (
        f"{len(faces.skipped)} files could not be read and were left out: {', '.join(names)}." if names else "All could be read."
    )
    return f"{int(faces.grey.sum())} of the {len(faces):,} pictures are grey. {unread}"


def split_in_words(faces: Faces) -> str:
    """How the pictures are divided by person: which ones networks learn from, which decide choices, which ones are measured."""
    train, validation, test = ({row["part"]: row for row in split_rows(faces)}[part] for part in PARTS)
    return (
        f"The data are {escape(faces.title)}. People are divided, not pictures, so that nobody is in two parts: networks learn "
        f"from {train['pictures']:,} pictures of **{train['people']:,} train people**, choices are made on "
        f"{validation['pictures']:,} pictures of **{validation['people']:,} validation people**, and results are measured on "
        f"{test['pictures']:,} pictures of **{test['people']:,} test people**."
    )


def division_in_words(faces: Faces) -> str:
    """What the division by person is worth: how many test pictures would show a person of train if pictures were divided.

    Source: a person's other k − 1 pictures, each in train with the chance p, are all elsewhere with the chance (1 − p)^(k − 1).
    """
    of_person = np.unique(faces.people, return_inverse=True, return_counts=True)
    others = of_person[2][of_person[1]] - 1
    share = len(faces.indices("train")) / len(faces)
    met = 100 * float(np.mean(1 - (1 - share) ** others))
    tested = len(faces.indices("test"))
    return (
        f"None of the {tested:,} test pictures shows a person whom a network has seen in training. If pictures were divided at "
        f"random, with the same share of train pictures, about {met:.0f} % of the test pictures would show such a person, and a "
        "score would in part say how well a network remembers people."
    )


def missing_in_words(faces: Faces) -> str:
    """Who is not in the data; "" for other faces than LFW's, whose makers say it."""
    if faces.name != LFW:
        return ""
    return (
        "Who is *not* in LFW matters too. Its makers warn that it holds few women, few people over eighty, no babies, and few "
        "people of many ethnicities. A number that is measured on it says nothing about people who are not in it."
    )


def pictures_of_people(faces: Faces) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of pictures, ascending, and how many people have that many; two int arrays."""
    return np.unique(np.unique(faces.people, return_counts=True)[1], return_counts=True)


def gradient_energy(pictures: np.ndarray) -> float:
    """Mean squared difference of neighbouring pixels, intensity²: edges and fine patterns, true or not.

    Args:
        pictures: float array (n, H, W, 3) in [0, 1].

    Example:
        >>> gradient_energy(np.ones((1, 4, 4, 3)))
        0.0
    """
    return float(np.mean(np.diff(pictures, axis=1) ** 2) + np.mean(np.diff(pictures, axis=2) ** 2))

"""Who is in train, validation and test: always whole people, by official lists or by a stable hash of the name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from reecho.errors import ReechoError

PARTS = ("train", "validation", "test")
TEST_SHARE = 0.28  # of the people, about what LFW's official split has
FEWEST = {"train": 2, "validation": 2, "test": 8}  # people; every figure shows eight held-out people


@dataclass(frozen=True)
class Official:
    """What those who made a set of faces say of its split.

    Args:
        parts: person → "train" or "test"; people who are not in it are divided by the hash of their name.
        left_out: "Person/Person_0001" of pictures that belong to no part.
    """

    parts: Mapping[str, str]
    left_out: frozenset[str] = frozenset()


def position(name: str, salt: str = "") -> float:
    """A number in [0, 1) that depends on a name alone, on every machine.

    Example:
        >>> position("Ada_Lovelace") == position("Ada_Lovelace") != position("Ada_Lovelace", "another")
        True
    """
    return int.from_bytes(hashlib.sha256(f"{salt}:{name}".encode()).digest()[:6], "big") / 2**48


def parts_of_people(
    names: list[str], official: Official | None = None, split_seed: int | None = None, validation_share: float = 0.1
) -> dict[str, str]:
    """Which part each person is in.

    Args:
        names: the people, each once.
        official: what those who made the set say, if they say anything.
        split_seed: draws another split, also of the people in the official lists; None keeps the official one.
        validation_share: share of the train people who validate.

    Returns:
        "train", "validation" or "test" by name.

    Raises:
        ReechoError: there are too few people to split.
    """
    lists = official.parts if official and split_seed is None else {}
    salt = "" if split_seed is None else str(split_seed)
    free = sorted((name for name in names if name not in lists), key=lambda name: position(name, salt))
    tested = {name for name in names if lists.get(name) == "test"}
    tested |= {name for rank, name in enumerate(free) if position(name, salt) < TEST_SHARE or len(tested) + rank < FEWEST["test"]}
    rest = sorted(set(names) - tested, key=lambda name: position(name, "validation" + salt))
    wanted = sum(position(name, "validation" + salt) < validation_share for name in rest)
    validating = set(rest[: max(wanted, FEWEST["validation"])])
    parts = {name: "test" if name in tested else "validation" if name in validating else "train" for name in names}
    check(list(parts.values()))
    return parts


def check(parts: list[str]) -> None:
    """Raise ReechoError unless every part has as many people as it needs; `parts` has one entry a person."""
    for part, fewest in FEWEST.items():
        if parts.count(part) < fewest:
            raise ReechoError(
                f"There are too few people to split: {len(parts)} people leave {parts.count(part)} for {part}, "
                f"which needs {fewest}. Use pictures of at least {sum(FEWEST.values())} people, better of a few hundred."
            )


def assign(
    names: list[str], official: Official | None = None, split_seed: int | None = None, validation_share: float = 0.1
) -> np.ndarray:
    """Which part each picture is in.

    Args:
        names: "Person/Person_0001" of each picture.
        official, split_seed, validation_share: as for `parts_of_people`.

    Returns:
        str (N,): "train", "validation", "test", or "left out".
    """
    people = [name.rpartition("/")[0] for name in names]
    parts = parts_of_people(sorted(set(people)), official, split_seed, validation_share)
    left_out = official.left_out if official else frozenset()
    return np.array(["left out" if name in left_out else parts[person] for name, person in zip(names, people, strict=True)])


def subset(names: list[str], part: np.ndarray, count: int) -> np.ndarray:
    """At most `count` pictures, shared out among the parts as in the whole, of whole people where they fit.

    Args:
        names: "Person/Person_0001" of each picture, sorted.
        part: str (N,), the part of each.
        count: how many pictures at most.

    Returns:
        int array, sorted: indices of the pictures; every part keeps the people that it needs.

    Raises:
        ReechoError: `count` is too small for that.
    """
    fewest = sum(FEWEST.values())
    if count < fewest:
        raise ReechoError(f"pictures={count} is too few: a split by person needs at least {fewest} pictures, better some hundreds.")
    inside = {name_of_part: np.flatnonzero(part == name_of_part) for name_of_part in PARTS}
    total = sum(map(len, inside.values()))
    if count >= total:
        return np.sort(np.concatenate(list(inside.values())))
    quota = {
        name_of_part: max(FEWEST[name_of_part], int(count * len(inside[name_of_part]) / total))
        for name_of_part in ("test", "validation")
    }
    quota["train"] = count - quota["test"] - quota["validation"]
    if quota["train"] < FEWEST["train"]:  # the smallest sets: give each part its minimum, train the rest
        quota = FEWEST | {"train": count - FEWEST["test"] - FEWEST["validation"]}
    chosen = [_people_that_fit(names, inside[name_of_part], quota[name_of_part], FEWEST[name_of_part]) for name_of_part in PARTS]
    return np.sort(np.concatenate(chosen))


def whole_people(names: list[str], indices: np.ndarray, most: int) -> np.ndarray:
    """At most `most` of some pictures, of whole people where they fit: int array, ascending.

    Args:
        names: "Person/Person_0001" of each picture.
        indices: int array, the pictures to choose from.
        most: how many, at least one for each person that a part needs.
    """
    return np.sort(_people_that_fit(names, indices, most, max(FEWEST.values())))


def _people_that_fit(names: list[str], indices: np.ndarray, quota: int, fewest: int) -> np.ndarray:
    """Whole people in a fixed order, as far as they fit; of people too large for the part's share only some pictures."""
    pictures: dict[str, list[int]] = {}
    for index in indices:
        pictures.setdefault(names[index].rpartition("/")[0], []).append(index)
    most = quota // min(fewest, len(pictures))  # more of one person would leave too few for the others
    chosen: list[int] = []
    # the large ones come last: most sets have enough others
    for person in sorted(pictures, key=lambda name: (len(pictures[name]) > most, position(name, "subset"))):
        mine = pictures[person][:most]
        if len(chosen) + len(mine) <= quota:
            chosen += mine
    return np.array(chosen, dtype=int)

"""Prepared pictures: every picture's frame in one memory-mapped file, with an index; a folder for each source and crop."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from reecho.data.sources import Remote
from reecho.data.split import Official

_FORMAT = 1  # raise it when what is prepared changes
HEADER = 128  # bytes before the pixels in a .npy file
CROPS, INDEX, FACTORS = "crops.npy", "index.json", "factors.npz"  # in a prepared folder
FOLDER = "folder"  # the kind of a person's own pictures


class Factors(Mapping[str, np.ndarray]):
    """What is known of synthetic pictures, arrays by name, read from their file one by one where they are asked for.

    Args:
        path: of the file.
        rows: int (n,), the pictures that are meant; None means all.
    """

    def __init__(self, path: Path, rows: np.ndarray | None = None) -> None:
        self.path, self.rows = path, rows

    def __getitem__(self, name: str) -> np.ndarray:
        with np.load(self.path, allow_pickle=False) as stored:
            return stored[name] if self.rows is None else stored[name][self.rows]

    def __iter__(self) -> Iterator[str]:
        with np.load(self.path, allow_pickle=False) as stored:
            return iter(stored.files)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def of(self, rows: np.ndarray) -> Factors:
        """Those of some of the pictures, int (n,)."""
        return Factors(self.path, rows if self.rows is None else self.rows[rows])


@dataclass(frozen=True)
class Prepared:
    """Prepared pictures in order of their names.

    Args:
        folder: where they lie.
        kind: a key of `reecho.datasets.DATASETS`, or "folder".
        label: the source's name.
        crops: uint8 (N, S, S, 3), memory-mapped.
        names: "Person/Person_0001" of each.
        hashes: of each picture's pixels, 32 hex digits.
        grey: bool (N,), whether a picture has no colour.
        skipped: (file, why) of pictures that did not decode.
        factors: what is known of synthetic pictures, arrays (N, ...) by name.
        official: the set's own split, if it has one.
    """

    folder: Path
    kind: str
    label: str
    crops: np.ndarray
    names: list[str]
    hashes: list[str]
    grey: np.ndarray
    skipped: list[tuple[str, str]]
    factors: Mapping[str, np.ndarray] = field(default_factory=dict)
    official: Official | None = None


@dataclass(frozen=True)
class Wanted:
    """Which pictures of a source are asked for.

    Args:
        folder: the data folder.
        crop: pixels of 250 cut off each side.
        lfw: an archive or folder of LFW, or None.
        remote: the download of LFW.
        split_seed, validation_share: as `reecho.data.split.assign` takes them.
        pictures: at most so many; None or 0 takes all. A source that can may prepare only those.
    """

    folder: Path
    crop: int
    lfw: str | Path | None
    remote: Remote
    split_seed: int | None
    pictures: int | None
    validation_share: float

    @property
    def store(self) -> Path:
        """The folder of all prepared folders."""
        return self.folder / "prepared"


def folder_name(kind: str, identity: list, crop: int) -> str:
    """The name of a prepared folder: it changes with the source and the crop, not with size or split."""
    text = json.dumps([_FORMAT, kind, identity, crop])
    return f"{kind}-crop{crop}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def load_prepared(folder: Path) -> Prepared | None:
    """The prepared pictures of a folder, or None if there are none or they are not whole."""
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        side, count = index["side"], len(index["names"])
        if (folder / CROPS).stat().st_size != HEADER + count * side * side * 3:
            return None
        crops = np.load(folder / CROPS, mmap_mode="r")
        factors = Factors(folder / FACTORS) if (folder / FACTORS).is_file() else {}
        return Prepared(
            folder, index["kind"], index["label"], crops, index["names"], index["hashes"], np.array(index["grey"], bool),
            [(member, why) for member, why in index["skipped"]], factors,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return None


def found_whole(store: Path, kind: str, crop: int, count: int) -> Prepared | None:
    """Prepared pictures whose source is no longer at hand, if there are `count` of them; the newest where there are several."""
    folders = sorted(store.glob(f"{kind}-crop{crop}-*"), key=lambda folder: folder.stat().st_mtime, reverse=True)
    stored = filter(None, map(load_prepared, folders))
    return next((prepared for prepared in stored if len(prepared.names) + len(prepared.skipped) == count), None)

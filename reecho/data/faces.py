"""Faces with their people and parts, behind one object; where they come from is decided once, in `load`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from reecho.data import sources, split, synthetic
from reecho.data.archive import Folder
from reecho.data.prepare import Prepared, found_whole, prepare
from reecho.data.resize import shrink
from reecho.errors import ReechoError
from reecho.settings import ROOT

LFW_PICTURES, LFW_PEOPLE = 13_233, 5_749


@dataclass(frozen=True, eq=False)
class Faces:
    """Faces, who they show, and which part of the split they are in.

    Args:
        name: "lfw", "synthetic" or the folder's name.
        title: the same for people.
        banner: what must be said aloud, or None: these are not the faces that were wanted.
        crops: uint8 (N, S, S, 3), memory-mapped where all pictures are used; S is 250 - 2 crop.
        names: "Person/Person_0001" of each picture, sorted.
        people: int (N,), a number for each person.
        part: str (N,), "train", "validation", "test" or "left out".
        grey: bool (N,), pictures without colour.
        digest: sha256 in hex of pixels, names and split.
        size: width and height in pixels of what `pictures` gives.
        skipped: (file, why) of pictures that did not decode.
        factors: what is known of synthetic faces, arrays (N, ...) by name; empty otherwise.
    """

    name: str
    title: str
    banner: str | None
    crops: np.ndarray
    names: list[str]
    people: np.ndarray
    part: np.ndarray
    grey: np.ndarray
    digest: str
    size: int
    skipped: list[tuple[str, str]]
    factors: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.names)

    def indices(self, part: str) -> np.ndarray:
        """The pictures of a part ("train", "validation", "test" or "left out"), int array, ascending."""
        if part not in (*split.PARTS, "left out"):
            raise ReechoError(f"There is no part {part!r} of the faces; there are {', '.join(split.PARTS)} and left out.")
        return np.flatnonzero(self.part == part)

    def pictures(self, part: str | np.ndarray, size: int | None = None) -> np.ndarray:
        """Pictures as every module takes them.

        Args:
            part: a part's name or int indices.
            size: width and height in pixels; None takes `self.size`.

        Returns:
            float32 (n, size, size, 3) in [0, 1], averaged by area.
        """
        return shrink(self.crops, size or self.size, self._indices(part))

    def people_of(self, part: str | np.ndarray) -> np.ndarray:
        """The person of each picture of a part or of int indices, int (n,)."""
        return self.people[self._indices(part)]

    def eight(self) -> np.ndarray:
        """The eight held-out people of every figure: indices of eight test pictures in colour of eight people, from dark to light.

        The first pictures of the test people are ordered by the brightness of the face and cut into eight parts; of each part
        the picture counts whose name has the smallest hash. So the choice is fixed, varied and not made by eye.
        """
        test = self.indices("test")
        coloured = test[~self.grey[test]] if len(np.unique(self.people_of(test[~self.grey[test]]))) >= 8 else test
        _, first = np.unique(self.people[coloured], return_index=True)
        candidates = coloured[first]
        middle = slice(self.crops.shape[1] // 3, 2 * self.crops.shape[1] // 3, 4)
        brightness = [self.crops[index, middle, middle].mean() for index in candidates]
        ordered = candidates[np.argsort(brightness, kind="stable")]
        chosen = [min(each, key=lambda index: split.position(self.names[index], "eight")) for each in np.array_split(ordered, 8)]
        return np.array(chosen)

    def positions_of_eight(self, part: str | np.ndarray) -> np.ndarray:
        """Where the eight stand among the pictures of a part or of int indices, int (8,)."""
        indices = list(self._indices(part))
        return np.array([indices.index(index) for index in self.eight()])

    def _indices(self, part: str | np.ndarray) -> np.ndarray:
        return self.indices(part) if isinstance(part, str) else np.asarray(part)


def load(
    dataset: str = "auto", lfw: str | Path | None = None, crop: int = 60, size: int = 32, split_seed: int | None = None,
    pictures: int | None = None, validation_share: float = 0.1, folder: Path | None = None,
    remote: sources.Remote = sources.OFFICIAL,
) -> Faces:  # fmt: skip
    """The faces of a dataset; decoded at the first call, memory-mapped afterwards.

    Args:
        dataset: "lfw"; "synthetic"; a folder of pictures (one subfolder a person, or flat); or "auto": LFW if it can be had,
            else synthetic faces and a banner that says so.
        lfw: an archive or folder of LFW; without it, what lies in `folder`, else the download.
        crop: pixels of 250 cut off each side.
        size: width and height of a face in pixels.
        split_seed: draws another split by person; None takes the official one of LFW, or the hash of the names.
        pictures: at most so many; None or 0 takes all.
        validation_share: share of the train people who validate.
        folder: where faces are put and prepared; None takes `data/` in the project.
        remote: the download.

    Raises:
        ReechoError: the dataset cannot be had or read, or has too few people.
    """
    folder = Path(folder) if folder else ROOT / "data"
    store, banner = folder / "prepared", None
    if dataset == "synthetic":
        prepared = _synthetic(crop, store, split_seed, pictures, validation_share)
    elif dataset in ("auto", "lfw"):
        try:
            prepared = _lfw(lfw, crop, folder, remote)
        except sources.Unreachable as error:
            if dataset == "lfw":
                raise ReechoError(f"LFW cannot be had: {error}. Name an archive by lfw= or put lfw.tgz into {folder}.") from error
            banner = (
                f"These are SYNTHETIC faces, drawn by a program, not photographs: {error}. "
                f"For real faces name an LFW archive (--lfw PATH or REECHO_LFW) or put lfw.tgz into {folder}."
            )
            prepared = _synthetic(crop, store, split_seed, pictures, validation_share)
    else:
        path = Path(dataset).expanduser()
        if not path.is_dir():
            raise ReechoError(f"dataset={dataset!r} is neither auto, lfw or synthetic nor a folder of pictures. Check the path.")
        prepared = prepare(Folder(path.resolve()), "folder", crop, store)
    return _faces(prepared, banner, size, split_seed, pictures, validation_share)


def _lfw(lfw: str | Path | None, crop: int, folder: Path, remote: sources.Remote) -> Prepared:
    source = sources.named(lfw) or sources.put_there(folder)
    if source:
        return prepare(source, "lfw", crop, folder / "prepared")
    return found_whole(folder / "prepared", "lfw", crop, LFW_PICTURES) or prepare(
        sources.download(folder, remote), "lfw", crop, folder / "prepared"
    )


def _synthetic(crop: int, store: Path, split_seed: int | None, pictures: int | None, validation_share: float) -> Prepared:
    if not pictures or pictures >= synthetic.PICTURES:
        return synthetic.prepare_synthetic(crop, store)
    names = synthetic.all_names()  # who is chosen is known before anything is drawn
    part = split.assign(names, False, split_seed, validation_share)
    return synthetic.prepare_synthetic(crop, store, split.subset(names, part, pictures))


def _faces(
    prepared: Prepared, banner: str | None, size: int, split_seed: int | None, pictures: int | None, validation_share: float
) -> Faces:
    part = split.assign(prepared.names, prepared.kind == "lfw", split_seed, validation_share)
    names, crops = np.array(prepared.names), prepared.crops
    chosen = split.subset(prepared.names, part, pictures) if pictures and pictures < len(names) else np.arange(len(names))
    if len(chosen) < len(names):
        crops = crops[chosen]  # into memory: a subset is small
    names, part = names[chosen].tolist(), part[chosen]
    people = np.unique([name.rpartition("/")[0] for name in names], return_inverse=True)[1]
    digest = hashlib.sha256()
    for name, index, each in zip(names, chosen, part, strict=True):
        digest.update(f"{name} {prepared.hashes[index]} {each}\n".encode())
    factors = {key: values[chosen] for key, values in prepared.factors.items()}
    return Faces(
        prepared.label if prepared.kind == "folder" else prepared.kind, _title(prepared, len(names), people.max() + 1), banner,
        crops, names, people, part, prepared.grey[chosen], digest.hexdigest(), size, prepared.skipped, factors,
    )  # fmt: skip


def _title(prepared: Prepared, pictures: int, people: int) -> str:
    kind = {"lfw": "Labeled Faces in the Wild", "synthetic": "Synthetic faces"}.get(prepared.kind, f"Pictures of {prepared.label}")
    whole = {"lfw": LFW_PICTURES, "synthetic": synthetic.PICTURES}.get(prepared.kind, len(prepared.names))
    part = "" if pictures + len(prepared.skipped) == whole else "a part, "
    return f"{kind} ({part}{pictures:,} pictures of {people:,} people)"

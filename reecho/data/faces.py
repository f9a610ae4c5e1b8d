"""Faces with their people and parts, behind one object; where they come from is decided once, in `load`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

from reecho.data import sources, split
from reecho.data.archive import Folder
from reecho.data.decoding import prepare_source
from reecho.data.prepare import FOLDER, Factors, Prepared, Wanted
from reecho.data.resize import averaged, fits, shrink
from reecho.data.small import FORMAT, shrunk_on_disk
from reecho.datasets import AUTO, CHOICES, DATASETS, LFW, SYNTHETIC
from reecho.errors import ReechoError
from reecho.once import Once, directly
from reecho.settings import BASE
from reecho.streams import MOST, Pictures, Stream

MEASURED = 5000  # pictures of validation and of test people that results are measured on, at most
MEASURED_BYTES = 100_000_000  # that these may fill, so that the outputs of twenty methods fit into memory: 2,034 of 64×64 pixels
_FEW = 64  # pictures that are averaged as quickly as they are read from a store


@dataclass(frozen=True, eq=False)
class Faces:
    """Faces, who they show, and which part of the split they are in.

    Args:
        name: a key of `reecho.datasets.DATASETS`, or the folder's name.
        title: the same for people.
        banner: what must be said aloud, or None: these are not the faces that were wanted.
        crops: uint8 (N, S, S, 3), S is 250 - 2 crop; memory-mapped, or an array where few pictures of a source are used.
        names: "Person/Person_0001" of each picture, sorted.
        people: int (N,), a number for each person.
        part: str (N,), "train", "validation", "test" or "left out".
        grey: bool (N,), pictures without colour.
        digest: sha256 in hex of pixels, names and split.
        size: width and height in pixels of what `pictures` gives.
        skipped: (file, why) of pictures that did not decode.
        factors: what is known of synthetic faces, arrays (N, ...) by name; empty otherwise.
        prepared: the pictures of the whole source.
        rows: int (N,), which of them these are.
        once: averages pictures down, or gives those that were averaged before.
    """

    name: str
    title: str
    banner: str | None
    crops: Pictures
    names: list[str]
    people: np.ndarray
    part: np.ndarray
    grey: np.ndarray
    digest: str
    size: int
    skipped: list[tuple[str, str]]
    factors: Mapping[str, np.ndarray]
    prepared: Prepared
    rows: np.ndarray
    once: Once = directly

    def __len__(self) -> int:
        return len(self.names)

    def indices(self, part: str) -> np.ndarray:
        """The pictures of a part ("train", "validation", "test" or "left out"), int array, ascending."""
        if part not in (*split.PARTS, "left out"):
            raise ReechoError(f"There is no part {part!r} of the faces; there are {', '.join(split.PARTS)} and left out.")
        return np.flatnonzero(self.part == part)

    def measured(self, part: str, most: int | None = None) -> np.ndarray:
        """The pictures of a part that results are measured on, int array, ascending: all, or those of whole people, at most `most`,
        without a number MEASURED, of large faces as many as fill MEASURED_BYTES. The eight are always among those of the test part.

        Further pictures would make a result's interval narrower and nothing else, and cost time and memory for every method.
        """
        most = most or min(MEASURED, MEASURED_BYTES // (12 * self.size**2))
        some = self._whole_people(part, most)
        return np.union1d(some, self.eight()) if part == "test" and most < min(MEASURED, len(self.indices(part))) else some

    def _whole_people(self, part: str, most: int) -> np.ndarray:
        indices = self.indices(part)
        return indices if len(indices) <= most else split.whole_people(self.names, indices, most)

    def pictures(self, part: str | np.ndarray, size: int | None = None) -> np.ndarray:
        """Pictures as every module takes them.

        Args:
            part: a part's name or int indices.
            size: width and height in pixels; None takes `self.size`.

        Returns:
            float32 (n, size, size, 3) in [0, 1], averaged by area.
        """
        indices, size = self._indices(part), size or self.size
        if len(indices) < _FEW:
            return shrink(self.crops, size, indices)
        return self.once(averaged, self, indices, size)[0]

    def stream(self, part: str | np.ndarray) -> Pictures:
        """The same as `pictures` gives, at `size`; where they would fill more than `reecho.streams.MOST` bytes, read from a file.

        The file has all pictures of the source at this size, 12 kB each at 32 × 32, and is written where it is first needed.
        """
        indices = self._indices(part)
        return self.pictures(indices) if fits(len(indices), self.size) else self.on_disk(indices)

    def on_disk(self, indices: np.ndarray) -> Stream:
        """Pictures of these indices as `pictures` gives them, at `size`, streamed from the file however few they are."""
        path = self.prepared.folder / f"{self.prepared.kind}-{self.size}x{self.size}.npy"
        small = shrunk_on_disk(self.prepared.crops, self.size, path)
        digest = hashlib.sha256(f"{self.digest} {self.size} {FORMAT} ".encode() + np.asarray(indices, "<i8").tobytes())
        return Stream.of(small, self.rows[indices], digest.hexdigest())

    def people_of(self, part: str | np.ndarray) -> np.ndarray:
        """The person of each picture of a part or of int indices, int (n,)."""
        return self.people[self._indices(part)]

    @property
    def has_colour(self) -> bool:
        """Whether every part has enough people in colour for the tasks that are about colour."""
        coloured = {part: np.unique(self.people[(self.part == part) & ~self.grey]) for part in split.PARTS}
        return all(len(coloured[part]) >= fewest for part, fewest in split.FEWEST.items())

    def eight(self) -> np.ndarray:
        """The eight held-out people of every figure: indices of eight test pictures in colour of eight people, from dark to light.

        The first pictures of the test people (those whom results are measured on at 32×32) are ordered by the brightness of the
        face and cut into eight parts; of each part the picture counts whose name has the smallest hash. So the choice is fixed,
        varied and not made by eye.
        """
        test = self._whole_people("test", MEASURED)
        coloured = test[~self.grey[test]] if len(np.unique(self.people_of(test[~self.grey[test]]))) >= 8 else test
        _, first = np.unique(self.people[coloured], return_index=True)
        candidates = coloured[first]
        middle = slice(self.crops.shape[1] // 3, 2 * self.crops.shape[1] // 3, 4)
        brightness = [self.crops[index][middle, middle].mean() for index in candidates]
        ordered = candidates[np.argsort(brightness, kind="stable")]
        chosen = [min(group, key=lambda index: split.position(self.names[index], "eight")) for group in np.array_split(ordered, 8)]
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
    remote: sources.Remote = sources.OFFICIAL, once: Once = directly,
) -> Faces:  # fmt: skip
    """The faces of a dataset; decoded at the first call, memory-mapped afterwards.

    Args:
        dataset: a key of `reecho.datasets.DATASETS`; a folder of pictures (one subfolder a person, or flat); or "auto": LFW if
            it can be had, else synthetic faces and a banner that says so.
        lfw: an archive or folder of LFW; without it, what lies in `folder`, else the download.
        crop: pixels of 250 cut off each side.
        size: width and height of a face in pixels.
        split_seed: draws another split by person; None takes the official one of LFW, or the hash of the names.
        pictures: at most so many; None or 0 takes all.
        validation_share: share of the train people who validate.
        folder: where faces are put and prepared; None takes `data/` in the project.
        remote: the download.
        once: averages pictures down, or gives those that were averaged before.

    Raises:
        ReechoError: the dataset cannot be had or read, or has too few people.
    """
    folder = Path(folder) if folder else BASE / "data"
    wanted = Wanted(folder, crop, lfw, remote, split_seed, pictures, validation_share)
    if dataset in DATASETS or dataset == AUTO:
        prepared, banner = _registered(dataset, wanted)
    else:
        path = Path(dataset).expanduser()
        if not path.is_dir():
            names = f"{', '.join(CHOICES[:-1])} or {CHOICES[-1]}"
            raise ReechoError(f"dataset={dataset!r} is neither {names} nor a folder of pictures. Check the path.")
        prepared, banner = prepare_source(Folder(path.resolve()), FOLDER, crop, wanted.store), None
    return _faces(prepared, banner, size, split_seed, pictures, validation_share, once)


def _registered(dataset: str, wanted: Wanted) -> tuple[Prepared, str | None]:
    """The pictures of a registered source, and the banner where others take the place of LFW."""
    try:
        return _prepared(LFW if dataset == AUTO else dataset, wanted), None
    except sources.Unreachable as error:
        if dataset != AUTO:
            raise ReechoError(f"{DATASETS[dataset].title} cannot be had: {error}. {error.remedy}") from error
        return _prepared(SYNTHETIC, wanted), (
            f"These are SYNTHETIC faces, drawn by a program, not photographs: {error}. "
            f"For real faces fetch {wanted.remote.url} in a browser and name the file by --lfw or REECHO_LFW."
        )


def _prepared(dataset: str, wanted: Wanted) -> Prepared:
    return import_module(DATASETS[dataset].module).prepare(wanted)


def _faces(
    prepared: Prepared, banner: str | None, size: int, split_seed: int | None, pictures: int | None, validation_share: float,
    once: Once,
) -> Faces:  # fmt: skip
    dataset = DATASETS.get(prepared.kind)  # None for a folder
    part = split.assign(prepared.names, prepared.official, split_seed, validation_share)
    names = np.array(prepared.names)
    crops: Pictures = prepared.crops
    chosen = split.subset(prepared.names, part, pictures) if pictures and pictures < len(names) else np.arange(len(names))
    if len(chosen) < len(names):
        few = len(chosen) * crops[0].nbytes <= MOST
        crops = crops[chosen] if few else Stream.of(prepared.crops, chosen)
    names, part = names[chosen].tolist(), part[chosen]
    people = np.unique([name.rpartition("/")[0] for name in names], return_inverse=True)[1]
    digest = hashlib.sha256()
    for name, index, part_of_picture in zip(names, chosen, part, strict=True):
        digest.update(f"{name} {prepared.hashes[index]} {part_of_picture}\n".encode())
    factors = prepared.factors.of(chosen) if isinstance(prepared.factors, Factors) else prepared.factors
    return Faces(
        prepared.kind if dataset else prepared.label, _title(prepared, len(names), people.max() + 1), banner,
        crops, names, people, part, prepared.grey[chosen], digest.hexdigest(), size, prepared.skipped, factors,
        prepared, chosen, once,
    )  # fmt: skip


def _title(prepared: Prepared, pictures: int, people: int) -> str:
    dataset = DATASETS.get(prepared.kind)
    if dataset:
        title, whole = dataset.title, dataset.pictures - len(prepared.skipped)
    else:
        title, whole = f"Pictures of {prepared.label}", len(prepared.names)
    part = "a part, " if pictures < whole else ""  # there are more synthetic ones where more are asked for
    return f"{title} ({part}{pictures:,} pictures of {people:,} people)"

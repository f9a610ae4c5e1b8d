"""Decode once: every picture's frame into one memory-mapped file, with an index; written aside, so whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import numpy as np
from tqdm import tqdm

from reecho.data.archive import Folder, plain
from reecho.data.picture import WIDTH, decode
from reecho.data.sources import Remote, Source
from reecho.data.split import Official
from reecho.errors import ReechoError, one_line
from reecho.files import written_aside

_FORMAT = 1  # raise it when what is prepared changes
_HEADER = 128  # bytes before the pixels in a .npy file
_GREY = 4.0  # mean difference of the largest and smallest channel, of 255: 46 pictures of LFW lie below, the next at 5.4
_SKIPPED_FEW, _SKIPPED_SHARE = 5, 0.01
_AHEAD = 64  # pictures read ahead of their decoding
FOLDER = "folder"  # the kind of a person's own pictures
_NO_PICTURE = "not read: no kind of picture that reecho reads"
_ADDRESS = re.compile(r"<\S+ object at 0x[0-9a-f]+>")
_LFW_NAME = re.compile(r"(?:^|/)(([^/]+)/\2_\d{4,})\.(?:jpe?g|png)$", re.IGNORECASE)


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
    factors: dict[str, np.ndarray] = field(default_factory=dict)
    official: Official | None = None


def is_grey(crop: np.ndarray) -> bool:
    """Whether a picture, uint8 (S, S, 3), has no colour but what compression left."""
    red, green, blue = (crop[..., channel] for channel in range(3))  # a maximum over the last axis takes ten times as long
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return float((most - least).mean(dtype="float64")) < _GREY


def lfw_names(members: Iterable[str]) -> dict[str, str]:
    """Members of LFW's layout, .../Name/Name_0001.jpg, by "Name/Name_0001"; whatever else lies there is no face of LFW's.

    Example:
        >>> lfw_names(["lfw/Ada/Ada_0001.jpg", "lfw/README.jpg"])
        {'Ada/Ada_0001': 'lfw/Ada/Ada_0001.jpg'}
    """
    members_by_name: dict[str, str] = {}
    for member in members:
        match = _LFW_NAME.search(member)
        if match:
            members_by_name.setdefault(match.group(1), member)
    return members_by_name


def folder_names(members: Iterable[str]) -> dict[str, str]:
    """Members of any folder by "person/picture": a person is a subfolder; a picture beside the subfolders is its own person.

    Example:
        >>> folder_names(["ada/1.png", "ada/2.png", "bob.jpg"])
        {'ada/1': 'ada/1.png', 'ada/2': 'ada/2.png', 'bob/bob': 'bob.jpg'}
    """
    paths = {member: PurePosixPath(plain(member)).parts for member in members}
    while paths and len({parts[0] for parts in paths.values()}) == 1 and all(len(parts) > 2 for parts in paths.values()):
        paths = {member: parts[1:] for member, parts in paths.items()}  # a folder around the folders
    members_by_name: dict[str, str] = {}
    for member, parts in paths.items():
        stem = "-".join((*parts[1:-1], PurePosixPath(parts[-1]).stem))
        name = f"{parts[0] if len(parts) > 1 else stem}/{stem}"
        if name in members_by_name:  # ada.jpg beside ada.png
            name += PurePosixPath(parts[-1]).suffix
        number = 2
        while name in members_by_name:  # two names of one normal form
            name, number = f"{name.removesuffix(f' {number - 1}')} {number}", number + 1
        members_by_name[name] = member
    return members_by_name


def _why(error: Exception) -> str:
    """An error in words, without the address in memory that Pillow gives of what it read."""
    return f"{type(error).__name__}: {_ADDRESS.sub('it', str(error))}"[:200]


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


def prepare_source(
    source: Source, kind: str, crop: int, store: Path, names_in: Callable[[Iterable[str]], dict[str, str]] | None = None,
    wanted: str = "pictures",
) -> Prepared:  # fmt: skip
    """Load a source's prepared pictures, or decode and keep them.

    Args:
        source: a folder or an archive.
        kind: a key of `reecho.datasets.DATASETS`, or "folder".
        crop: pixels of 250 cut off each side.
        store: the folder of all prepared folders.
        names_in: members of the source → name of each picture, its member; None takes every picture, see `folder_names`.
        wanted: what `names_in` looks for, in words.

    Raises:
        ReechoError: a damaged source, no pictures, too many that do not decode, or a full disk.
    """
    folder = store / folder_name(kind, source.identity(), crop)
    prepared = load_prepared(folder)
    if prepared:
        return prepared
    names = (names_in or folder_names)(source.members())
    if not names:
        raise ReechoError(f"{source.path} holds no {wanted}. Check the path.")
    order = {member: row for row, member in enumerate(names[name] for name in sorted(names))}
    decoded = _decoded(source, order, crop)
    others = source.others() if kind == FOLDER and isinstance(source, Folder) else []
    return write(folder, kind, plain(source.path.name), sorted(names), crop, decoded, left_out=others)


def folder_name(kind: str, identity: list, crop: int) -> str:
    """The name of a prepared folder: it changes with the source and the crop, not with size or split."""
    text = json.dumps([_FORMAT, kind, identity, crop])
    return f"{kind}-crop{crop}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _decoded(source: Source, order: dict[str, int], crop: int) -> Iterator[tuple[int, str, np.ndarray | Exception]]:
    """Row, file and pixels (or the error) of each picture, decoded in parallel and read a little ahead, in any order."""
    waiting: deque[tuple[str, Future[np.ndarray]]] = deque()

    def give() -> tuple[int, str, np.ndarray | Exception]:
        member, future = waiting.popleft()
        try:
            return order[member], member, future.result()
        except Exception as error:  # Pillow raises errors of many kinds for damaged pictures
            return order[member], member, error

    seen = set()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for member, data in source.read(list(order)):
            if member in seen:
                continue  # an archive may hold a name twice
            seen.add(member)
            if isinstance(data, bytes):
                waiting.append((member, pool.submit(decode, data, crop)))
            else:
                yield order[member], member, data
            if len(waiting) >= _AHEAD:
                yield give()
        while waiting:
            yield give()
    for member in order.keys() - seen:
        yield order[member], member, OSError("it vanished while it was read")


class _AlreadyThere(Exception):
    """Another process was faster."""


def write(
    folder: Path, kind: str, label: str, names: list[str], crop: int, pictures: Iterable[tuple[int, str, np.ndarray | Exception]],
    factors: dict[str, np.ndarray] | None = None, left_out: Iterable[str] = (),
) -> Prepared:  # fmt: skip
    """Write a prepared folder aside and rename it.

    Args:
        folder: where it shall lie.
        kind, label: of the source.
        names: of all pictures, sorted.
        crop: pixels of 250 cut off each side.
        pictures: (row, file, uint8 (S, S, 3) or the error that stood in the way), in any order.
        factors: arrays (N, ...) by name.
        left_out: files that were not tried, since they are no pictures that reecho reads.
    """
    side = WIDTH - 2 * crop
    hashes, grey, failed = [""] * len(names), [False] * len(names), {}
    try:
        with written_aside(folder) as aside:
            aside.mkdir()
            # written, not memory-mapped: on a full disk a mapping kills the process
            with open(aside / "crops.npy", "w+b") as file:
                bar = tqdm(pictures, f"Preparing {one_line(label)}", len(names), unit=" pictures", leave=False, mininterval=1)
                for row, member, crop_or_error in bar:
                    if isinstance(crop_or_error, Exception):
                        failed[row] = (plain(member), _why(crop_or_error))
                        continue
                    file.seek(_HEADER + row * side * side * 3)
                    file.write(crop_or_error.tobytes())
                    hashes[row], grey[row] = hashlib.sha256(crop_or_error).hexdigest()[:32], is_grey(crop_or_error)
                _check_failures(label, failed, len(names))
                rows = [row for row in range(len(names)) if row not in failed]
                _close_gaps(file, rows, side)
            index = {
                "kind": kind, "label": label, "side": side, "names": [names[row] for row in rows],
                "hashes": [hashes[row] for row in rows], "grey": [bool(grey[row]) for row in rows],
                "skipped": [*(failed[row] for row in sorted(failed)), *((plain(name), _NO_PICTURE) for name in left_out)],
                "factors": {name: np.round(np.asarray(values)[rows], 6).tolist() for name, values in (factors or {}).items()},
            }  # fmt: skip
            (aside / "index.json").write_text(json.dumps(index), encoding="utf-8")
            if load_prepared(folder):
                raise _AlreadyThere
    except _AlreadyThere:
        pass
    prepared = load_prepared(folder)
    if prepared is None:
        raise ReechoError(f"{folder} was removed while the pictures were prepared. Run the same command again.")
    return prepared


def _check_failures(label: str, failed: dict[int, tuple[str, str]], count: int) -> None:
    if len(failed) > max(_SKIPPED_FEW, _SKIPPED_SHARE * count) or len(failed) == count:
        shown = "; ".join(f"{member} ({why})" for member, why in list(failed.values())[:3])
        raise ReechoError(f"{len(failed)} of {count} pictures of {label} do not decode, such as {shown}. Get them again.")


def _close_gaps(file: BinaryIO, rows: list[int], side: int) -> None:
    """Move pictures up over those that did not decode, and write the header."""
    size = side * side * 3
    for place, row in enumerate(rows):
        if place != row:
            file.seek(_HEADER + row * size)
            pixels = file.read(size)
            file.seek(_HEADER + place * size)
            file.write(pixels)
    file.truncate(_HEADER + len(rows) * size)
    file.seek(0)
    description = {"descr": "|u1", "fortran_order": False, "shape": (len(rows), side, side, 3)}
    np.lib.format.write_array_header_1_0(file, description)


def load_prepared(folder: Path) -> Prepared | None:
    """The prepared pictures of a folder, or None if there are none or they are not whole."""
    try:
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        side, count = index["side"], len(index["names"])
        if (folder / "crops.npy").stat().st_size != _HEADER + count * side * side * 3:
            return None
        crops = np.load(folder / "crops.npy", mmap_mode="r")
        factors = {name: np.array(values) for name, values in index["factors"].items()}
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

"""Write a prepared folder: aside, then renamed, so that it is there whole or not at all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from tqdm import tqdm

from reecho.data.archive import plain
from reecho.data.picture import WIDTH
from reecho.data.prepare import CROPS, FACTORS, HEADER, INDEX, Prepared, load_prepared
from reecho.errors import ReechoError, one_line
from reecho.files import written_aside

_GREY = 4.0  # mean difference of the largest and smallest channel, of 255: 46 pictures of LFW lie below, the next at 5.4
_SKIPPED_FEW, _SKIPPED_SHARE = 5, 0.01
_ADDRESS = re.compile(r"<\S+ object at 0x[0-9a-f]+>")


class Pixels(NamedTuple):
    """What the index says of pictures whose pixels are in the file.

    Args:
        hashes: of each picture's pixels, 32 hex digits.
        grey: whether each has no colour.
    """

    hashes: list[str]
    grey: list[bool]


class Filled(NamedTuple):
    """A file of pixels after everything was tried: what it holds, and row → (file, why) of pictures that did not decode."""

    pixels: Pixels
    failed: dict[int, tuple[str, str]]


def is_grey(crop: np.ndarray) -> bool:
    """Whether a picture, uint8 (S, S, 3), has no colour but what compression left."""
    red, green, blue = (crop[..., channel] for channel in range(3))  # a maximum over the last axis takes ten times as long
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return float((most - least).mean(dtype="float64")) < _GREY


def put(file: BinaryIO, first: int, crops: Iterable[np.ndarray]) -> Pixels:
    """Write pictures, uint8 (S, S, 3) each, to their places in the file, from row `first` on."""
    hashes, grey = [], []
    for row, crop in enumerate(crops, first):
        file.seek(HEADER + row * crop.nbytes)
        file.write(crop.tobytes())
        hashes.append(hashlib.sha256(crop.data).hexdigest()[:32])
        grey.append(is_grey(crop))
    return Pixels(hashes, grey)


def progress(steps: Iterable | None, label: str, count: int) -> tqdm:
    """A line that counts pictures as they are prepared: those of an iterable, or without one as it is told."""
    return tqdm(steps, f"Preparing {one_line(label)}", count, unit=" pictures", leave=False, mininterval=1)


def one_by_one(path: Path, pictures: Iterable[tuple[int, str, np.ndarray | Exception]], count: int, label: str) -> Filled:
    """Fill a file with pictures that come one by one.

    Args:
        path: of the file.
        pictures: (row, file, uint8 (S, S, 3) or the error that stood in the way), in any order.
        count: of pictures.
        label: the source's name.
    """
    hashes, grey, failed = [""] * count, [False] * count, {}
    # written, not memory-mapped: on a full disk a mapping kills the process
    with open(path, "r+b") as file:
        for row, member, crop_or_error in progress(pictures, label, count):
            if isinstance(crop_or_error, Exception):
                failed[row] = (plain(member), _why(crop_or_error))
                continue
            (hashes[row],), (grey[row],) = put(file, row, [crop_or_error])
    return Filled(Pixels(hashes, grey), failed)


def _why(error: Exception) -> str:
    """An error in words, without the address in memory that Pillow gives of what it read."""
    return f"{type(error).__name__}: {_ADDRESS.sub('it', str(error))}"[:200]


class _AlreadyThere(Exception):
    """Another process was faster."""


def write(
    folder: Path, kind: str, label: str, names: list[str], crop: int, fill: Callable[[Path], Filled],
    factors: Mapping[str, np.ndarray] | None = None, skipped: Iterable[tuple[str, str]] = (),
) -> Prepared:  # fmt: skip
    """Write a prepared folder aside and rename it.

    Args:
        folder: where it shall lie.
        kind, label: of the source.
        names: of all pictures, sorted.
        crop: pixels of 250 cut off each side.
        fill: puts every picture's pixels into its row of the file of that path, which is there and empty; see `put`.
        factors: arrays (N, ...) by name.
        skipped: (file, why) of files that were not tried.

    Raises:
        ReechoError: too many pictures failed, or the disk is full.
    """
    side = WIDTH - 2 * crop
    try:
        with written_aside(folder) as aside:
            aside.mkdir()
            (aside / CROPS).touch()
            pixels, failed = fill(aside / CROPS)
            _check_failures(label, failed, len(names))
            rows = [row for row in range(len(names)) if row not in failed]
            with open(aside / CROPS, "r+b") as file:
                _close_gaps(file, rows, side)
            if factors:
                rounded: dict[str, Any] = {name: np.round(np.asarray(values)[rows], 6) for name, values in factors.items()}
                np.savez(aside / FACTORS, **rounded)
            index = {
                "kind": kind, "label": label, "side": side, "names": [names[row] for row in rows],
                "hashes": [pixels.hashes[row] for row in rows], "grey": [bool(pixels.grey[row]) for row in rows],
                "skipped": [*(failed[row] for row in sorted(failed)), *skipped],
            }  # fmt: skip
            (aside / INDEX).write_text(json.dumps(index), encoding="utf-8")
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
            file.seek(HEADER + row * size)
            pixels = file.read(size)
            file.seek(HEADER + place * size)
            file.write(pixels)
    file.truncate(HEADER + len(rows) * size)
    file.seek(0)
    description = {"descr": "|u1", "fortran_order": False, "shape": (len(rows), side, side, 3)}
    np.lib.format.write_array_header_1_0(file, description)

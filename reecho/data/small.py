"""Small pictures in a file: large sets are averaged down once, not again by each notebook that goes through them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reecho.data.resize import shrink
from reecho.errors import ReechoError
from reecho.files import one_at_a_time, written_aside
from reecho.streams import Pictures

FORMAT = 1  # of the files; raise it when `shrink` gives other numbers
_CHUNK = 1024  # pictures at a time


def shrunk_on_disk(crops: Pictures, size: int, path: Path) -> np.ndarray:
    """All pictures averaged down, in a file that is written once.

    Args:
        crops: uint8 (N, S, S, 3), usually memory-mapped.
        size: width and height of the result in pixels.
        path: of the file; a mark of its format is added to the name.

    Returns:
        float32 (N, size, size, 3) in [0, 1], memory-mapped.

    Raises:
        ReechoError: the disk is full.
    """
    path, shape = path.with_stem(f"{path.stem}-{FORMAT}"), (len(crops), size, size, 3)
    if (there := _mapped(path, shape)) is not None:
        return there
    with one_at_a_time(path.with_suffix(".lock"), lambda: print("Another process makes the pictures small; waiting for it.")):
        if (there := _mapped(path, shape)) is not None:
            return there
        with written_aside(path) as aside, open(aside, "wb") as file:  # not memory-mapped: a full disk would kill the process
            np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
            for first in range(0, len(crops), _CHUNK):
                file.write(shrink(crops, size, np.arange(first, min(first + _CHUNK, len(crops)))).astype("<f4").data)
        small = _mapped(path, shape)
    if small is None:
        raise ReechoError(f"{path} was removed while it was written. Run the same command again.")
    return small


def _mapped(path: Path, shape: tuple[int, ...]) -> np.ndarray | None:
    """A file of small pictures, or None where there is none that is whole."""
    try:
        small = np.load(path, mmap_mode="r")
    except (OSError, ValueError):
        return None
    return small if small.shape == shape and small.dtype == np.float32 else None

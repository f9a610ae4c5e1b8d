"""The store of arrays that several cells, notebooks or trainings need: each computed once, by one process.

joblib's Memory knows neither a function's imports nor what its libraries compute with, and two processes compute the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from reecho.dependencies import Sources
from reecho.errors import ReechoError
from reecho.files import one_at_a_time, remove, written_aside
from reecho.once import Arrays, in_order
from reecho.provenance import versions

LIMIT = 2**30  # bytes; what was not used for longest goes first
_DIGITS = 16  # of a key
_in_use: dict[Path, tuple[weakref.ref[np.ndarray], ...]] = {}  # what this process has read or computed


@dataclass(frozen=True)
class Computed:
    """A `reecho.once.Once` with a folder of arrays, which several processes may use at once.

    Args:
        folder: of the store; it is made where it is not there.
        say: takes a sentence where stored arrays are damaged or cannot be stored.
        limit: bytes that the folder may hold; larger arrays are computed wherever they are needed.
    """

    folder: Path
    say: Callable[[str], None] = print
    limit: int = LIMIT

    def __call__(self, compute: Callable[..., Arrays], *arguments: Any, code: tuple[str, ...] = ()) -> Arrays:
        """The arrays of a function: from the store where they lie there, else computed and stored, while other processes wait.

        While a process uses them it is given the same arrays again, so that no one may write into them.
        """
        path = self.folder / f"{compute.__name__.strip('_')}-{key(compute, arguments, code)}.npz"
        if (stored := _used(path) or self._read(path)) is not None:
            return stored
        with one_at_a_time(path.with_suffix(".lock"), lambda: None):
            if (stored := self._read(path)) is not None:
                return stored
            arrays = in_order(compute(*arguments))
            self._write(path, arrays)
        return _shared(path, arrays)

    def _read(self, path: Path) -> Arrays | None:
        if not path.is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as stored:
                arrays = tuple(stored[f"a{place}"] for place in range(int(stored["count"])))
            os.utime(path)  # the order in which arrays go
        except MemoryError:
            raise
        except FileNotFoundError:  # another process made room for others
            return None
        except Exception:  # zipfile and numpy raise many kinds for a damaged file
            self.say(f"The stored arrays {path.name} are damaged; they are computed anew.")
            with contextlib.suppress(OSError):
                remove(path)
            return None
        return _shared(path, arrays)

    def _write(self, path: Path, arrays: Arrays) -> None:
        if sum(array.nbytes for array in arrays) > self.limit // 2:  # it would push out nearly everything else
            return
        try:
            with written_aside(path) as aside:
                named: dict[str, Any] = {f"a{place}": array for place, array in enumerate(arrays)}
                np.savez(aside, count=len(arrays), **named)
            self._make_room()
        except (ReechoError, OSError) as error:  # the arrays are there, only not for others
            self.say(f"{error} What was to be stored there is computed wherever it is needed.")

    def _make_room(self) -> None:
        """Remove what was not used for longest until the folder is within its limit, and locks that a killed process left."""
        states = []
        for path in self.folder.glob("*.npz"):
            with contextlib.suppress(OSError):
                states.append((path.stat().st_mtime_ns, path.stat().st_size, path))
                path.with_suffix(".lock").unlink(missing_ok=True)  # nobody computes what is there
        size = sum(bytes_of for _, bytes_of, _ in states)
        for _, bytes_of, path in sorted(states):
            if size <= self.limit:
                return
            with contextlib.suppress(OSError):
                remove(path)
            size -= bytes_of


def _used(path: Path) -> Arrays | None:
    """The arrays of a path, if all of them are in use."""
    arrays = tuple(array for reference in _in_use.get(path, ()) if (array := reference()) is not None)
    return arrays if arrays and len(arrays) == len(_in_use[path]) else None


def _shared(path: Path, arrays: Arrays) -> Arrays:
    for array in arrays:
        array.flags.writeable = False
    _in_use[path] = tuple(map(weakref.ref, arrays))
    return arrays


def key(compute: Callable[..., Arrays], arguments: tuple[Any, ...], code: tuple[str, ...] = ()) -> str:
    """What arrays depend on, as hex digits: the function's code with all that it imports, its arguments, and what computes.

    Versions of libraries, the processor and the threads of linear algebra count, since they decide the last bits.
    """
    modules = (compute.__module__, *code)
    values = [_sources().digest(modules), compute.__qualname__, [_content(value) for value in arguments], versions(), _algebra()]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:_DIGITS]


@cache
def _sources() -> Sources:
    return Sources()


def _content(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        content = np.ascontiguousarray(value).reshape(-1).view("uint8")
        return [value.dtype.str, value.shape, hashlib.sha256(content.data).hexdigest()]
    return getattr(value, "digest", value)


def _algebra() -> list[list[Any]]:
    from threadpoolctl import threadpool_info  # not at the start of every command

    facts = ("internal_api", "version", "architecture", "num_threads")
    return sorted([str(library.get(fact)) for fact in facts] for library in threadpool_info() if library["user_api"] == "blas")

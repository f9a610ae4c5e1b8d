"""The store of trained networks: a folder each, named by its key; loaded if it is there, else trained, by one process."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from reecho import memory, network_files
from reecho.dependencies import Sources
from reecho.files import one_at_a_time, remove, written_aside

Result = TypeVar("Result")
_DIGITS = 12  # of a key
_OWNER = "owner"  # the file that says which process trains, and on which machine
_TRIES, _PAUSE = 20, 0.05  # to read it, seconds between


class Same(NamedTuple):
    """Code that gives the same numbers as a plain module's but for the rounding of sums, as tests see to.

    On the processor where both were compared they were equal bit for bit.

    Args:
        plain: full name of that module; it imports what the other one imports, and the other one may take parts from it.
        code: of the other one, SHA-256; one that was changed since then counts itself.
    """

    plain: str
    code: str


SAME = {  # module → whose code keys name in its place, so that what was trained before it became faster is found
    "reecho.augment": Same("reecho.plain_augment", "4ff7a4a62bddbfd2489733fbee28b9913c414bdf2b607697739b6a35874df136"),
}


class Keyed(Sources):
    """The package's modules with the code that keys of networks name."""

    def code(self, module: str) -> str:
        """What a module says to Python, and the files beside it; that of the plain module for those in SAME."""
        return super().code(SAME[module].plain if self._is_same(module) else module)

    def closure(self, modules: Iterable[str], without: Collection[str] = ()) -> set[str]:
        """The modules themselves and all that they lead to; a plain module is named once, in the other one's place."""
        reached = super().closure(modules, without)
        return reached - {SAME[module].plain for module in reached if self._is_same(module)}

    def _is_same(self, module: str) -> bool:
        return module in SAME and hashlib.sha256(super().code(module).encode()).hexdigest() == SAME[module].code


@cache
def _sources() -> Sources:
    return Keyed()


def key(modules: Collection[str], values: Mapping[str, Any]) -> str:
    """What a network's numbers depend on, as hex digits.

    Args:
        modules: those that make the numbers; the code that their imports lead to counts, without docstrings and comments.
        values: plain values: parameters, digest of the faces, recipe.

    The versions of libraries do not count: a release of one of them must not discard hours of training. They lie in the record.
    """
    text = json.dumps([_sources().digest(modules), values], sort_keys=True, default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def load_or_train(folder: Path, train: Callable[[Path], Result], say: Callable[[str], None]) -> Result | None:
    """See to it that a network lies in its folder; a damaged one counts as none.

    Two processes that want the same network at once: one trains it, the other waits. The lock is the operating system's, so that
    it ends with its owner, however that ends.

    Args:
        folder: of the network.
        train: trains and saves it; is given the path of the checkpoint.
        say: takes lines of progress.

    Returns:
        What `train` returned, None where it was not called.
    """
    if is_there(folder):
        return None
    with _locked(folder, say):
        if is_there(folder):
            return None
        if folder.exists():
            say(f"The network in {folder.name} is damaged; it is trained anew.")
        with memory.of_training():
            result = train(_beside(folder) / "checkpoint.npz")
        remove(_beside(folder))
    return result


def take_over(folder: Path, arrived: Path, say: Callable[[str], None]) -> bool:
    """Put a whole network that lies elsewhere on the same disk into its folder, unless one is there.

    Args:
        folder: of the network in the store.
        arrived: the folder to move.
        say: takes a line where another process trains this network, and is waited for.

    Returns:
        Whether it was moved.
    """
    if is_there(folder):
        return False
    with _locked(folder, say):
        if is_there(folder):
            return False
        with written_aside(folder) as aside:
            os.replace(arrived, aside)
    return True


def is_there(folder: Path) -> bool:
    """Whether a whole network lies in a folder; a damaged one counts as none."""
    return network_files.is_whole(folder)


def _beside(folder: Path) -> Path:
    """The folder of a network's training: its checkpoint, and the process that is at work."""
    return folder.with_name(f"{folder.name}.training")


@contextlib.contextmanager
def _locked(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    owner = _beside(folder) / _OWNER

    def waiting() -> None:
        say(f"Process {_process(owner)} is training this network; waiting for it.")

    with one_at_a_time(folder.with_name(f"{folder.name}.lock"), waiting):
        try:
            owner.parent.mkdir(exist_ok=True)
            owner.write_text(f"{os.getpid()} on {platform.node()}", encoding="utf-8")
            yield
        finally:
            if is_there(folder):
                remove(owner.parent)
            else:
                owner.unlink(missing_ok=True)


def _process(owner: Path) -> str:
    """The process that holds a lock, and its machine; it writes both right after it has the lock."""
    for _ in range(_TRIES):
        with contextlib.suppress(OSError):
            if number := owner.read_text(encoding="utf-8"):
                return number
        time.sleep(_PAUSE)
    return "of an unknown number"

"""The store of trained networks: a folder each, named by its key; loaded if it is there, else trained, by one process."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from reecho import network_files
from reecho.dependencies import Sources
from reecho.files import remove

_DIGITS = 12  # of a key


@cache
def _sources() -> Sources:
    return Sources()


def key(modules: Collection[str], values: Mapping[str, Any]) -> str:
    """What a network's numbers depend on, as hex digits.

    Args:
        modules: those that make the numbers; the code that their imports lead to counts, without docstrings and comments.
        values: plain values: parameters, digest of the faces, recipe.

    The versions of libraries do not count: a release of one of them must not discard hours of training. They lie in the record.
    """
    text = json.dumps([_sources().digest(modules), values], sort_keys=True, default=list)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def load_or_train(folder: Path, train: Callable[[Path], None], say: Callable[[str], None]) -> bool:
    """See to it that a network lies in its folder.

    Two processes that want the same network at once: one trains it, the other waits. The lock is the operating system's, so that
    it ends with its owner, however that ends.

    Args:
        folder: of the network.
        train: trains and saves it; is given the path of the checkpoint.
        say: takes lines of progress.

    Returns:
        Whether it was trained by this call.
    """
    if is_there(folder):
        return False
    with _locked(folder, say):
        if is_there(folder):
            return False
        train(_beside(folder) / "checkpoint.npz")
        remove(_beside(folder))
    return True


def is_there(folder: Path) -> bool:
    """Whether a whole network lies in a folder; a damaged one counts as none."""
    return network_files.is_whole(folder)


def records(networks: Path) -> Iterator[dict[str, Any]]:
    """The records of all networks of a store that can be read."""
    for path in sorted(networks.glob(f"*/{network_files.RECORD}")):
        with contextlib.suppress(OSError, ValueError):
            record = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(record, dict):
                yield record


def _beside(folder: Path) -> Path:
    """The folder of a network's training: its checkpoint, and the process that is at work."""
    return folder.with_name(f"{folder.name}.training")


@contextlib.contextmanager
def _locked(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock, owner = FileLock(folder.with_name(f"{folder.name}.lock")), _beside(folder) / "owner"
    try:
        lock.acquire(blocking=False)
    except Timeout:
        process = owner.read_text(encoding="utf-8") if owner.is_file() else "unknown"
        say(f"Process {process} is training this network; waiting for it.")
        lock.acquire()
    try:
        owner.parent.mkdir(exist_ok=True)
        owner.write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        if is_there(folder):
            remove(owner.parent)
        with contextlib.suppress(OSError):  # Windows removes no file that another process waits for
            os.remove(lock.lock_file)
        lock.release()

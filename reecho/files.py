"""Write aside, then rename: a file or folder is there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from reecho.errors import ReechoError

_NO_ENTRY = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)  # the last two: a file is in the way of a folder
_ASIDE = re.compile(r"\.(\d+)-[0-9a-f]{8}\.aside")


def remove(path: Path) -> None:
    """Remove a file or a folder; nothing there is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def written_aside(path: Path | str) -> Iterator[Path]:
    """Give a path beside `path` to write a file or a folder to, and rename it to `path` when the block ends well.

    Args:
        path: where the finished file or folder shall lie; what lies there already is replaced.

    Yields:
        A path in the same folder, with the same suffix, that does not exist yet.

    Raises:
        ReechoError: the disk is full, the folder cannot be written to, or the block may not read or write a file elsewhere; the
            sentence names that file. Whatever ends the block, nothing half-written stays.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with written_aside(folder / "a.txt") as aside:
        ...     _ = aside.write_text("whole")
        >>> [p.name for p in folder.iterdir()]
        ['a.txt']
    """
    path = Path(path)
    aside = _aside(path.parent, path.suffix)
    try:
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield aside
            if path.is_dir():  # a folder cannot be renamed over a full one
                remove(path)
            os.replace(aside, path)
    finally:
        with contextlib.suppress(OSError):  # the first error counts
            remove(aside)


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what an operating system says of a full disk or of missing permissions into a sentence.

    Args:
        path: what the block writes.

    Raises:
        ReechoError: the disk is full, its folder cannot be written to, or another file may not be read or written, which is named.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ReechoError(
                f"The disk is full: {path} was not written. Free some space and run the same command again."
            ) from error
        if error.errno in _NO_ENTRY:
            if _is_about(error, path.parent):
                sentence = f"{path.parent} cannot be written to. Choose another folder or change its permissions."
            else:
                sentence = f"{error.filename} may not be read or written. Change its permissions."
            raise ReechoError(sentence) from error
        raise


@contextlib.contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """Give a folder inside `folder` for the time of the block; one that a killed process left is removed by `sweep`."""
    aside = _aside(folder)
    aside.mkdir(parents=True)
    try:
        yield aside
    finally:
        remove(aside)


def _aside(folder: Path, suffix: str = "") -> Path:
    return folder / f".{os.getpid()}-{uuid.uuid4().hex[:8]}.aside{suffix}"  # as short for a long name


@contextlib.contextmanager
def one_at_a_time(lock: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Let one process after another into the block; the lock is the operating system's, so that it ends with its owner.

    Args:
        lock: a file that is there while somebody is inside.
        waiting: called before this process waits for another one.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(lock)
    try:
        held.acquire(blocking=False)
    except Timeout:
        waiting()
        held.acquire()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows removes no file that another process waits for
            os.remove(held.lock_file)  # while it is held: who waits for a file that is gone takes the next one
        held.release()


def must_be_writable(folder: Path, named_by: str = "REECHO_BUILD") -> None:
    """Look whether a folder, which need not be there yet, can be made and written to; nothing is made.

    Args:
        folder: the folder.
        named_by: the variable or option by which another one can be named.

    Raises:
        ReechoError: it cannot.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ReechoError(f"{folder} cannot be written to. Change its permissions, or name another folder by {named_by}.")


def sweep(folder: Path) -> None:
    """Remove what killed processes left aside in a folder and those below it; what a living one writes stays."""
    for parent, folders, files in os.walk(folder):
        for name in [name for name in (*folders, *files) if (match := _ASIDE.match(name)) and not psutil.pid_exists(int(match[1]))]:
            remove(Path(parent) / name)


def _is_about(error: OSError, folder: Path) -> bool:
    """Whether an error concerns a folder, what lies in it, or a folder above that had to be made; so if it names no file."""
    if not isinstance(error.filename, str | os.PathLike):
        return True
    path, folder = Path(error.filename).absolute(), folder.absolute()
    return path.is_relative_to(folder) or folder.is_relative_to(path)

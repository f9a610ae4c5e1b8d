"""Decode a source's pictures once: several at a time, read a little ahead; afterwards the prepared ones are loaded."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import numpy as np

from reecho.data.archive import Folder, plain
from reecho.data.picture import decode
from reecho.data.prepare import FOLDER, Prepared, folder_name, load_prepared
from reecho.data.sources import Source
from reecho.data.writing import one_by_one, write
from reecho.errors import ReechoError

_AHEAD = 64  # pictures read ahead of their decoding
_NO_PICTURE = "not read: no kind of picture that reecho reads"
_LFW_NAME = re.compile(r"(?:^|/)(([^/]+)/\2_\d{4,})\.(?:jpe?g|png)$", re.IGNORECASE)


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
    label, count = plain(source.path.name), len(names)
    others = source.others() if kind == FOLDER and isinstance(source, Folder) else []
    return write(
        folder, kind, label, sorted(names), crop, lambda file: one_by_one(file, _decoded(source, order, crop), count, label),
        skipped=[(plain(name), _NO_PICTURE) for name in others],
    )  # fmt: skip


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

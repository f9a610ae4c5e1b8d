"""Trained networks as one archive: a ZIP file that is checked to its last byte before any network of it enters a store."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath
from typing import IO, Any

from reecho import network_files, store
from reecho.datasets import CHOICES
from reecho.errors import ReechoError
from reecho.files import explained, scratch

CONTENTS = "networks.json"  # in the archive: each network's files, with size and digest
_FORMAT = "networks of reecho, 1"
_FILES = (network_files.WEIGHTS, network_files.PARAMETERS, network_files.HISTORY, network_files.RECORD)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}-[a-z][a-z0-9_]{0,40}-[0-9a-f]{12}")  # of a network's folder
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # of every entry, so that the same networks are the same bytes
_CHUNK = 2**20
_LARGEST_CONTENTS = 16_000_000  # bytes; a network takes about 500
_OTHER = "a folder"  # in the place of the name of a person's own folder of faces


def is_name(name: str) -> bool:
    """Whether a folder of that name in the store can hold a network; beside them lie locks and checkpoints."""
    return _NAME.fullmatch(name) is not None


def write(target: Path | IO[bytes], folders: Iterable[Path]) -> None:
    """Write networks as one archive, uncompressed, since weights hardly shrink.

    No path and no name of a machine, a person or a folder of faces travels; a record holds none but that of the faces' folder.

    Args:
        target: the file to write, or its path.
        folders: of the networks in the store.
    """
    contents: dict[str, dict[str, list[Any]]] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for folder in sorted(folders):
            contents[folder.name] = {}
            for name in filter(lambda name: (folder / name).is_file(), _FILES):
                entry = _entry(f"{folder.name}/{name}")
                with _opened(folder / name) as file, archive.open(entry, "w", force_zip64=True) as packed:
                    contents[folder.name][name] = _copy(file, packed)
        with archive.open(_entry(CONTENTS), "w") as packed:
            packed.write(json.dumps({"format": _FORMAT, "networks": contents}, sort_keys=True).encode())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.external_attr = 0o644 << 16
    return entry


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """A file of a network as it travels."""
    with path.open("rb") as file:
        yield io.BytesIO(_without_names(file.read())) if path.name == network_files.RECORD else file


def _without_names(record: bytes) -> bytes:
    """A record without the name of a person's own folder of faces and without paths; any other is left to the last byte."""
    content = json.loads(record)

    def shown(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: shown(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [shown(inner) for inner in value]
        return PurePath(value.replace("\\", "/")).name if isinstance(value, str) and _is_path(value) else value

    plain = shown(content)
    for part, key in (("faces", "name"), ("settings", "dataset")):
        if isinstance(plain.get(part, {}).get(key), str) and plain[part][key] not in CHOICES:
            plain[part][key] = _OTHER
    return record if plain == content else json.dumps(plain, indent=1, sort_keys=True).encode()


def _is_path(text: str) -> bool:
    return text.startswith(("/", "~", "\\")) or re.match(r"[A-Za-z]:[\\/]", text) is not None


def _copy(source: IO[bytes], target: IO[bytes]) -> list[Any]:
    """Copy a file; its size in bytes and its digest in hex."""
    size, digest = 0, hashlib.sha256()
    while chunk := source.read(_CHUNK):
        target.write(chunk)
        digest.update(chunk)
        size += len(chunk)
    return [size, digest.hexdigest()]


def read_into(networks: Path, source: Path | IO[bytes], say: Callable[[str], None]) -> tuple[list[str], list[str]]:
    """Put the networks of an archive into a store; those that are there stay as they are.

    All that is to come in is written aside and checked before the first network gets its place.

    Args:
        networks: the store's folder.
        source: the archive or its path.
        say: takes a line where another process is at work on one of the networks, and is waited for.

    Returns:
        The names of the networks that came in, and of those that were there.

    Raises:
        ReechoError: no archive of networks, a damaged one, or one with something in it that `write` does not write; nothing came
            in then. The disk is full or the store cannot be written to.
    """
    what = str(source) if isinstance(source, Path) else "What arrived"
    try:
        with explained(networks), zipfile.ZipFile(source) as archive:
            contents = _contents(archive, what)
            there = [name for name in contents if store.is_there(networks / name)]
            with scratch(networks) as aside:
                arriving = [name for name in contents if name not in there]
                for name in arriving:
                    _unpack(archive, name, contents[name], aside / name, what)
                came = [name for name in arriving if store.take_over(networks / name, aside / name, say)]
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, ValueError) as error:
        raise ReechoError(
            f"{what} is no whole archive of networks ({error}); copy it again, or write it anew by `reecho export`."
        ) from error
    return came, [name for name in contents if name not in came]


def _contents(archive: zipfile.ZipFile, what: str) -> dict[str, dict[str, list[Any]]]:
    """What an archive says that it holds, once its entries are exactly these."""

    def foreign(why: str) -> ReechoError:
        return ReechoError(f"{what} is no archive of networks as `reecho export` writes it: {why}. Nothing of it was taken.")

    entries = {entry.filename: entry for entry in archive.infolist()}
    if len(entries) != len(archive.infolist()):
        raise foreign("two of its entries have one name")
    if CONTENTS not in entries:
        raise foreign(f"it lacks {CONTENTS}")
    if any(entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1 for entry in entries.values()):
        raise foreign("it is compressed or encrypted")
    packed = sum(entry.file_size for entry in entries.values())
    if packed > _length(archive) or entries[CONTENTS].file_size > _LARGEST_CONTENTS:  # entries that lie over each other
        raise foreign("its entries claim more bytes than it has")
    try:
        content = json.loads(archive.read(CONTENTS))
        if content["format"] != _FORMAT:
            raise foreign("it was written by another version of reecho, which uses another format")
        networks = {str(name): dict(files) for name, files in content["networks"].items()}
        listed = {f"{name}/{file}": (int(size), str(digest)) for name, files in networks.items()
                  for file, (size, digest) in files.items()}  # fmt: skip
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise foreign(f"its {CONTENTS} cannot be read") from error
    if any(not is_name(name) or not set(files) <= set(_FILES) for name, files in networks.items()):
        raise foreign("it holds names that no network and no file of a network has")
    if set(entries) - {CONTENTS} != set(listed):
        raise foreign(f"its entries are not those of its {CONTENTS}")
    return networks


def _length(archive: zipfile.ZipFile) -> int:
    """Bytes of the whole archive."""
    file = archive.fp
    if file is None:
        return 0
    at = file.tell()
    length = file.seek(0, 2)
    file.seek(at)
    return length


def _unpack(archive: zipfile.ZipFile, name: str, files: dict[str, list[Any]], folder: Path, what: str) -> None:
    """Write a network's files to a new folder and look whether they are those that were packed, and a network."""
    folder.mkdir()
    for file, expected in files.items():
        with archive.open(f"{name}/{file}") as packed, (folder / file).open("xb") as unpacked:
            if _copy(packed, unpacked) != expected:
                raise ReechoError(f"{what} is damaged at {name}/{file}; copy it again. Nothing of it was taken.")
    try:
        network_files.check(folder)
    except ReechoError as error:
        sentence = str(error).replace(f"{folder}/", f"{name}/").replace(str(folder), name)
        raise ReechoError(f"{what} holds something in {name} that is no network: {sentence} Nothing of it was taken.") from error

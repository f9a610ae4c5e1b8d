"""Which pictures are read and where what is made of them goes; what an earlier call made is kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reecho.data.archive import SUFFIXES, Folder, plain
from reecho.errors import ReechoError, one_line

_LEDGER = ".reecho-apply.jsonl"  # in the folder of the outputs
_LONGEST_NAME = 255  # bytes, of a file's name on the usual file systems


def pictures_in(source: Path, out: Path) -> tuple[list[Path], list[Path]]:
    """The picture itself, or those in a folder and its subfolders, without what lies in `out`; and the files that are none.

    Raises:
        ReechoError: nothing there, or a folder without pictures.
    """
    if source.is_file():
        return [source], []
    if not source.is_dir():
        raise ReechoError(f"{source} is not there; give a picture or a folder of pictures.")
    folder = Folder(source)
    own = out.resolve() if out.resolve() != source.resolve() else None  # outputs of an earlier call lie there
    pictures, others = (
        [source / name for name in names if own not in (source / name).resolve().parents]
        for names in (folder.members(), folder.others())
    )
    if not pictures:
        raise ReechoError(f"{source} holds no pictures; reecho reads {', '.join(suffix[1:] for suffix in SUFFIXES)}.")
    return pictures, others


def targets_for(
    pictures: list[Path], source: Path, out: Path, endings_of: Callable[[Path], tuple[str, ...]]
) -> list[tuple[Path, ...]]:
    """Where each picture's outputs go: the same place below `out`, their names with an ending; never onto a picture that is read.

    Args:
        pictures: the files.
        source: the folder in which they lie, or the one file.
        out: the folder of the outputs.
        endings_of: the endings of the names of a picture's outputs, such as ("-denoising.png",).

    Raises:
        ReechoError: an output would overwrite one of the pictures.
    """
    above = source if source.is_dir() else source.parent
    taken: set[Path] = set()
    targets: list[tuple[Path, ...]] = []
    for picture in pictures:
        place, endings = (out / picture.relative_to(above)).parent, endings_of(picture)
        own = tuple(place / _short(picture.stem, ending) for ending in endings)
        if taken & set(own):  # face.bmp and face.png
            own = tuple(place / _short(picture.name, ending) for ending in endings)
        taken |= set(own)
        targets.append(own)
    read = {picture.resolve() for picture in pictures}
    for target in taken:
        if target.resolve() in read:
            raise ReechoError(f"{target} is one of the pictures to read and would be overwritten. Give another folder with --out.")
    return targets


class Ledger:
    """What earlier calls made in a folder of outputs, and from what; a line in a hidden file for each picture.

    Contents are compared, not times: an output counts as made if it is, to the byte, what was written for these bytes of a photo
    with these settings, so that damaged and outdated ones are made again, and a copied folder goes on as well.

    Args:
        out: the folder of the outputs.
        settings: all that the outputs depend on beside the photo, plain values.
    """

    def __init__(self, out: Path, settings: Mapping[str, Any]):
        self._out, self._file = out, out / _LEDGER
        self._settings = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode()).hexdigest()
        self._lines: dict[str, dict[str, Any]] = {}
        self._outputs: set[str] = set()
        with contextlib.suppress(OSError):
            for line in self._file.read_text(encoding="utf-8", errors="replace").splitlines():
                with contextlib.suppress(ValueError, TypeError, LookupError):  # one that was cut by a full disk
                    line_read = json.loads(line)
                    self._lines[line_read["outputs"][0]] = line_read
                    self._outputs |= set(line_read["outputs"])

    def has(self, photo: Path, targets: tuple[Path, ...]) -> bool:
        """Whether a photo's outputs are there, whole, made from it as it is now, with the same settings."""
        line = self._lines.get(self._names(targets)[0])
        if not line or line.get("settings") != self._settings or not all(target.is_file() for target in targets):
            return False
        return line.get("photo") == _digest(photo) and line.get("contents") == [_digest(target) for target in targets]

    def wrote(self, picture: Path) -> bool:
        """Whether a picture in the folder of the outputs is one of them."""
        with contextlib.suppress(ValueError):
            return plain(picture.relative_to(self._out).as_posix()) in self._outputs
        return False

    def note(self, photo: Path, targets: tuple[Path, ...]) -> None:
        """Note that a photo's outputs are there."""
        line = {
            "outputs": self._names(targets), "photo": _digest(photo), "settings": self._settings,
            "contents": [_digest(target) for target in targets],
        }  # fmt: skip
        with self._file.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps(line) + "\n")  # the line before may have been cut

    def _names(self, targets: tuple[Path, ...]) -> list[str]:
        return [plain(target.relative_to(self._out).as_posix()) for target in targets]


def _digest(path: Path) -> str | None:
    """Of a file's bytes, as hex digits; None where it may not be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def in_short(files: list[Path]) -> str:
    """The first five names, and how many more there are."""
    shown = ", ".join(one_line(plain(str(file))) for file in files[:5])
    return shown if len(files) <= 5 else f"{shown} and {len(files) - 5} more"


def _short(name: str, ending: str) -> str:
    """A name with an ending; one that no file system takes is cut, with a digest of the whole in place of the rest."""
    if len(os.fsencode(name + ending)) <= _LONGEST_NAME:
        return name + ending
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    while len(os.fsencode(f"{name}-{digest}{ending}")) > _LONGEST_NAME:
        name = name[:-1]
    return f"{name}-{digest}{ending}"

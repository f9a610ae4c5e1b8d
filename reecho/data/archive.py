"""Pictures in a folder or straight out of an archive, which is read as a stream and trusted in nothing."""

from __future__ import annotations

import abc
import bz2
import contextlib
import gzip
import io
import lzma
import os
import re
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from reecho.errors import ReechoError

SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".bmp", ".dib", ".gif", ".webp", ".avif", ".jp2", ".tif", ".tiff",
    ".tga", ".ppm", ".pgm", ".pbm", ".pnm",
)  # fmt: skip
MEMBER_LIMIT = 64 * 2**20  # bytes of one picture
_TIMES, _SLACK = 10, 64 * 2**20  # unpacked, an archive of pictures is hardly larger than packed
_BYTES_A_MEMBER, _FEW_MEMBERS = 64, 1000
_TAR_END = 1024  # a tar ends with two blocks of zeros
_BROKEN: tuple[type[Exception], ...] = (
    tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error,
    OSError, EOFError, ValueError, RuntimeError,  # gzip, bz2 and zipfile raise these, too
)  # fmt: skip


def is_picture(name: str) -> bool:
    """Whether a file's name is a picture's, hidden files and the shadows that macOS adds to zip files left aside."""
    parts = name.split("/")
    return name.lower().endswith(SUFFIXES) and not parts[-1].startswith(".") and "__MACOSX" not in parts


def plain(name: str) -> str:
    """A file's name in one normal form, with U+FFFD for bytes that are no text, so that it is the same on every system."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace"))


@dataclass(frozen=True)
class Folder:
    """A folder of pictures on disk."""

    path: Path

    def identity(self) -> list:
        """What tells this source from another: its name, and names, sizes and times of all its pictures."""
        return [self.path.name, [[name, entry.stat().st_size, entry.stat().st_mtime_ns] for name, entry in self._walk()]]

    def members(self) -> list[str]:
        """The pictures' names relative to the folder, with forward slashes, sorted."""
        return [name for name, _ in self._walk()]

    def read(self, wanted: Collection[str]) -> Iterator[tuple[str, bytes | OSError]]:
        """The bytes of each wanted picture, or why it could not be read."""
        for name in wanted:
            try:
                too_large = (self.path / name).stat().st_size > MEMBER_LIMIT
                yield name, OSError("file too large") if too_large else (self.path / name).read_bytes()
            except OSError as error:
                yield name, error

    def _walk(self) -> list[tuple[str, os.DirEntry]]:
        return sorted((pair for pair in self._files() if _is_read(*pair)), key=lambda pair: pair[0])

    def others(self) -> list[str]:
        """The names of what is no picture that reecho reads: other files, links to nothing, folders that it may not read.

        Hidden files are left aside.
        """
        return sorted(name for name, entry in self._files() if not _is_read(name, entry) and not entry.name.startswith("."))

    def _files(self) -> Iterator[tuple[str, os.DirEntry]]:
        """All but the folders that are walked through; links are followed, though never in a circle."""
        folders: list[tuple[str, str, frozenset[tuple[int, int]]]] = [("", str(self.path), frozenset())]
        while folders:
            prefix, folder, above = folders.pop()
            status = os.stat(folder)
            here = (status.st_dev, status.st_ino)
            if here in above:
                continue
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir() and os.access(entry.path, os.R_OK | os.X_OK):
                        folders.append((f"{prefix}{entry.name}/", entry.path, above | {here}))
                    else:
                        yield prefix + entry.name, entry


def _is_read(name: str, entry: os.DirEntry) -> bool:
    return is_picture(name) and entry.is_file()


class _Archive(abc.ABC):
    """What tar and zip archives have in common: every member is looked at before one is used, and errors become one sentence."""

    def __init__(self, path: Path):
        self.path = path
        self.size = path.stat().st_size

    def identity(self) -> list:
        """What tells this archive from another: its name, size and time."""
        return [self.path.name, self.size, self.path.stat().st_mtime_ns]

    def members(self) -> list[str]:
        """The pictures' names, sorted, after a look at every member.

        Raises:
            ReechoError: the archive is damaged, or holds what no archive of pictures holds.
        """
        with self._explained():
            return sorted(self._scan())

    def read(self, wanted: Collection[str]) -> Iterator[tuple[str, bytes | OSError]]:
        """Name and bytes of each wanted picture, in the archive's order."""
        with self._explained():
            yield from self._read(set(wanted))

    @abc.abstractmethod
    def _scan(self) -> list[str]:
        """The pictures' names."""

    @abc.abstractmethod
    def _read(self, wanted: set[str]) -> Iterator[tuple[str, bytes | OSError]]:
        """Name and bytes of each wanted picture."""

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except _BROKEN as error:
            why = str(error) or type(error).__name__
            raise ReechoError(f"{self.path.name} is truncated or damaged ({why}). Remove it and get it again.") from error

    def _check(self, name: str, size: int, count: int, total: int, plain: bool) -> None:
        """Raise ReechoError if a member cannot belong to an archive of pictures."""
        why = None
        parts = name.replace("\\", "/").split("/")
        if ".." in parts or name.startswith(("/", "\\")) or re.match(r"^[A-Za-z]:", name) or "\0" in name:
            why = f"a path that leads out of its folder ({name[:80]!r})"
        elif not plain:
            why = f"a link, device or encrypted file ({name[:80]!r})"
        elif is_picture(name) and size > MEMBER_LIMIT:
            why = f"a picture of {size / 2**20:,.0f} MiB ({name[:80]!r})"
        elif total > _TIMES * self.size + _SLACK or count > self.size / _BYTES_A_MEMBER + _FEW_MEMBERS:
            why = f"far more than {self.size / 2**20:,.1f} MiB of pictures can hold (a bomb)"
        if why:
            raise ReechoError(f"{self.path.name} holds {why}, so nothing of it is used. Get it from a source that you trust.")


class ZipArchive(_Archive):
    """A .zip file."""

    def _scan(self) -> list[str]:
        names, total = [], 0
        with zipfile.ZipFile(self.path) as archive:
            for count, info in enumerate(archive.infolist(), 1):
                total += info.file_size
                mode = stat.S_IFMT(info.external_attr >> 16)
                plain = mode in (0, stat.S_IFREG, stat.S_IFDIR) and not info.flag_bits & 1
                self._check(info.orig_filename, info.file_size, count, total, plain)
                if not info.is_dir() and is_picture(info.filename):
                    names.append(info.filename)
        return names

    def _read(self, wanted: set[str]) -> Iterator[tuple[str, bytes | OSError]]:
        with zipfile.ZipFile(self.path) as archive:
            for info in archive.infolist():
                if info.filename in wanted:
                    try:
                        yield info.filename, archive.read(info)
                    except _BROKEN as error:  # one member's checksum: the others may be whole
                        yield info.filename, OSError(str(error))


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than `limit` bytes: a bomb cannot fill the memory, whatever its headers say."""

    def __init__(self, stream: IO[bytes], limit: int, name: str):
        self.stream, self.left, self.name = stream, limit, name

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(min(size, self.left + 1) if size >= 0 else self.left + 1)
        self.left -= len(data)
        if self.left < 0:
            raise ReechoError(f"{self.name} unpacks to far more than pictures can fill (a bomb), so nothing of it is used.")
        return data


class TarArchive(_Archive):
    """A .tar file, plain or compressed (.tgz, .tar.gz, .tar.bz2, .tar.xz), read from front to back."""

    def __init__(self, path: Path, opener: Callable[..., Any]):
        super().__init__(path)
        self._opener = opener

    def _scan(self) -> list[str]:
        names, total = [], 0
        with self._opener(self.path, "rb") as stream, self._tar(stream) as tar:
            for count, member in enumerate(tar, 1):
                total += member.size
                self._check(member.name, member.size, count, total, member.isreg() or member.isdir())
                if member.isreg() and is_picture(member.name):
                    names.append(member.name)
                tar.members = []  # type: ignore[attr-defined] # forget: a million headers are memory too
            end = tar.fileobj.read(tarfile.BLOCKSIZE)
            while block := tar.fileobj.read(2**16):
                end += block
                if end.strip(b"\0"):
                    raise tarfile.ReadError("a member's header is broken")
                end = end[-_TAR_END:]
            if end.strip(b"\0") or not end:
                raise tarfile.ReadError("its end is missing")
        return names

    def _read(self, wanted: set[str]) -> Iterator[tuple[str, bytes | OSError]]:
        with self._opener(self.path, "rb") as stream, self._tar(stream) as tar:
            for member in tar:
                if member.name in wanted and member.isreg() and member.size <= MEMBER_LIMIT and (file := tar.extractfile(member)):
                    yield member.name, file.read()
                tar.members = []  # type: ignore[attr-defined]

    def _tar(self, stream: IO[bytes]) -> tarfile.TarFile:
        bounded = _Bounded(stream, _TIMES * self.size + 2 * _SLACK, self.path.name)
        return tarfile.open(fileobj=bounded, mode="r|", bufsize=2**18)


def open_source(path: Path) -> Folder | ZipArchive | TarArchive:
    """A folder or an archive, told by its content, whatever its name.

    Args:
        path: a folder, or a .tgz, .tar.gz, .tar, .tar.bz2, .tar.xz or .zip file.

    Raises:
        ReechoError: nothing is there, or it is no archive.
    """
    if path.is_dir():
        return Folder(path)
    if not path.is_file():
        raise ReechoError(f"There is no file or folder {path}. Check the path.")
    with open(path, "rb") as file:
        head = file.read(512)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ZipArchive(path)
    for magic, opener in ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open)):
        if head.startswith(magic):
            return TarArchive(path, opener)
    if head[257:262] == b"ustar":
        return TarArchive(path, open)
    raise ReechoError(f"{path} is not an archive (.tgz, .tar.gz or .zip) but something else. Give the LFW archive or a folder.")

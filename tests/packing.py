"""Small archives in LFW's layout, made of coloured squares, for the tests of the data."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int = 0, size: tuple[int, int] = (250, 250), kind: str = "JPEG", mode: str = "RGB") -> bytes:
    """A picture of a few coloured fields, encoded."""
    small = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), "uint8")
    file = io.BytesIO()
    Image.fromarray(small).resize(size, Image.Resampling.NEAREST).convert(mode).save(file, kind)
    return file.getvalue()


def lfw_like(people: int = 14, each: int = 2, top: str = "lfw/") -> dict[str, bytes]:
    """Members of an archive in LFW's layout: people with so many pictures each."""
    names = [f"Person_{chr(65 + number // 26)}{chr(65 + number % 26)}" for number in range(people)]
    return {
        f"{top}{name}/{name}_{i + 1:04d}.jpg": picture(number * each + i) for number, name in enumerate(names) for i in range(each)
    }


def tar(path: Path, members: dict[str, bytes], mode: str = "w:gz", extra: tuple[tarfile.TarInfo, ...] = ()) -> Path:
    """A tar archive, with `extra` headers without content."""
    with tarfile.open(path, mode) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in extra:
            archive.addfile(info)
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    """A zip archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def unpacked(folder: Path, members: dict[str, bytes]) -> Path:
    """The members as files in a folder."""
    for name, data in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder

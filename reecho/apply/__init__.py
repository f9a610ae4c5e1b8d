"""Trained networks on a person's own pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from PIL import Image
from tqdm import tqdm

from reecho.apply.choice import Wishes, way_for
from reecho.apply.colourisation import WHAT_IT_KNOWS, Colourings, Colours
from reecho.apply.denoising import Denoising
from reecho.apply.folder import Ledger, in_short, pictures_in, targets_for
from reecho.apply.frames import face_box, frame
from reecho.apply.small import Small
from reecho.data.archive import plain
from reecho.data.picture import opened
from reecho.errors import ReechoError, one_line
from reecho.files import sweep

__all__ = [
    "WHAT_IT_KNOWS", "Applied", "Colourings", "Colours", "Denoising", "Small", "Wishes", "apply", "face_box", "frame",
    "pictures_in", "way_for",
]  # fmt: skip


class Way(Protocol):
    """What is done to each picture."""

    @property
    def settings(self) -> Mapping[str, Any]: ...
    def endings(self, picture: Path) -> tuple[str, ...]: ...
    def read(self, opened: Image.Image) -> Any: ...
    def pixels(self, content: Any) -> int: ...
    def write(self, content: Any, targets: tuple[Path, ...], advance: Callable[[int], Any]) -> str: ...


@dataclass(frozen=True)
class Applied:
    """What a call of `apply` did.

    Args:
        written: the files that it wrote.
        pictures: of how many pictures.
        earlier: how many pictures had their outputs from an earlier call.
    """

    written: list[Path]
    pictures: int
    earlier: int


def _content(way: Way, picture: Path) -> Any:
    """What is read of a picture; as a function, so that what was opened does not stay in memory."""
    with opened(picture) as file:
        return way.read(file)


def apply(way: Way, source: Path, out: Path, say: Callable[[str], None] = print) -> Applied:
    """Put pictures through a trained network and write what comes out; what an earlier call wrote of the same is kept.

    Args:
        way: what is done to each picture: `Small`, `Denoising`, `Colours` or `Colourings`.
        source: a picture or a folder of pictures.
        out: folder for the outputs.
        say: takes a line for each picture of which there is something to say, such as that it cannot be read, and one that names
            the files that are no pictures.

    Returns:
        Which files were written; each is there whole or not at all, whatever ends the call.

    Raises:
        ReechoError: no picture is there or can be read, or one would be overwritten.
    """
    ledger = Ledger(out, way.settings)
    pictures, others = pictures_in(source, out)
    pictures = [picture for picture in pictures if not ledger.wrote(picture)] or pictures  # where `out` is the folder itself
    targets = targets_for(pictures, source, out, way.endings)
    if others:
        say(f"Left out, since reecho reads no pictures of their kind: {len(others)} ({in_short(others)}).")
    if out.is_dir():
        sweep(out)
    written: list[Path] = []
    done = earlier = 0
    if isinstance(way, Colours):
        say(WHAT_IT_KNOWS)
    for number, (picture, own) in enumerate(zip(pictures, targets, strict=True), 1):  # one at a time: photos fill the memory
        name = one_line(plain(str(picture)))
        if ledger.has(picture, own):
            earlier += 1
            continue
        try:
            content = _content(way, picture)
        except MemoryError:
            raise
        except Exception as error:  # Pillow raises errors of many kinds for damaged pictures
            say(f"{name} cannot be read as a picture and is skipped ({type(error).__name__}).")
            continue
        label = f"{number} of {len(pictures)}" if len(pictures) > 1 else one_line(plain(picture.name))[:40]
        with tqdm(None, label, way.pixels(content), unit=" pixels", unit_scale=True, leave=False, mininterval=0.5, delay=1) as bar:
            words = way.write(content, own, bar.update)
        del content
        ledger.note(picture, own)
        written += own
        done += 1
        if words:
            say(f"{name}: {words}.")
    if not written and not earlier:
        raise ReechoError(
            f"None of {len(pictures)} files can be read as a picture, so nothing was written. Save them as PNG or JPEG."
        )
    return Applied(written, done, earlier)

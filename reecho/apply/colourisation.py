"""A grey photo in colour, at its own size: one colouring, or several to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from reecho.apply.frames import face_box, frame
from reecho.apply.laying import Chroma, lay
from reecho.apply.photo import KINDS, Photo, kind_of, read
from reecho.colour import chroma, luma
from reecho.files import written_aside
from reecho.palette import FIXED, LIGHT
from reecho.tasks import make_inputs

_THUMBNAIL, _GAP, _COLUMNS = 360, 12, 3  # of the contact sheet: pixels, pixels, pictures in a row
WHAT_IT_KNOWS = (
    "Colours are guesses for one face in the middle of the picture, as LFW has it; reecho does not look for faces. Where there is "
    "no face, or several, or one elsewhere, colours are wrong or missing: cut one face out, with as much around it as in LFW, "
    "or add --whole where the face fills the picture."
)


@dataclass(frozen=True)
class Colours:
    """Lays the colours that a network gives a face on a photo's own brightness.

    Args:
        reproduce: a colouriser's: grey faces (1, size, size, 3) → the faces in colour.
        size: width and height of the faces that it takes, pixels.
        crop: pixels of 250 that the face frame leaves off each side of the centre square.
        whole: the face fills the picture: the network sees the whole centre square.
        face: only what the network sees, in the photo's own pixels.
        kind: of file that is written; None: the photo's own, or PNG.
        network: what tells the network from others.
    """

    reproduce: Callable[[np.ndarray], np.ndarray]
    size: int
    crop: int = 60
    whole: bool = False
    face: bool = False
    kind: str | None = None
    network: str = ""

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that outputs depend on beside the photo."""
        names = ("size", "crop", "whole", "face", "kind", "network")
        return {"task": "colourisation"} | {name: getattr(self, name) for name in names}

    def endings(self, picture: Path) -> tuple[str, ...]:
        """Of the names of a photo's outputs."""
        return (f"-colourisation{KINDS[kind_of(picture, self.kind)]}",)

    def read(self, opened: Image.Image) -> tuple[Photo, np.ndarray]:
        """The photo in three colours of sRGB, and the grey face that the network sees, float32 (1, size, size, 3)."""
        photo = read(opened).in_colour()
        return photo, make_inputs("colourisation", frame(photo.picture, self.size, self.crop, self.whole)[None])

    def pixels(self, content: tuple[Photo, np.ndarray]) -> int:
        """How many pixels `write` tells of."""
        return content[0].picture.width * content[0].picture.height

    def write(self, content: tuple[Photo, np.ndarray], targets: tuple[Path, ...], advance: Callable[[int], Any]) -> str:
        """Colour the photo where it lies in memory and write it; nothing is to be said of it."""
        photo, grey = content
        coloured = lay(photo, photo, _chroma(self.reproduce(grey)[0], grey), self.crop, self.whole, advance)
        _save(coloured, targets[0], self)
        return ""


@dataclass(frozen=True, kw_only=True)
class Colourings(Colours):
    """Several colourings of a photo, each a file, and a contact sheet with their numbers to choose from.

    Args:
        several: a colour VAE's: grey faces (B, size, size, 3) and a count → colourings (count, B, size, size, 3).
        count: how many.
    """

    several: Callable[[np.ndarray, int], np.ndarray]
    count: int = 6

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that outputs depend on beside the photo."""
        return {**super().settings, "count": self.count}

    def endings(self, picture: Path) -> tuple[str, ...]:
        """Of the names of a photo's outputs: the contact sheet, then the colourings."""
        suffix = KINDS[kind_of(picture, self.kind)]
        return ("-colourings.png", *(f"-colouring-{number}{suffix}" for number in range(1, self.count + 1)))

    def pixels(self, content: tuple[Photo, np.ndarray]) -> int:
        """How many pixels `write` tells of."""
        return self.count * super().pixels(content)

    def write(self, content: tuple[Photo, np.ndarray], targets: tuple[Path, ...], advance: Callable[[int], Any]) -> str:
        """Write the colourings, and the contact sheet at last."""
        photo, grey = content
        work, thumbnails = photo.cut((0, 0, *photo.picture.size)), []
        for output, target in zip(self.several(grey, self.count), targets[1:], strict=True):
            coloured = lay(photo, work, _chroma(output[0], grey), self.crop, self.whole, advance)
            _save(coloured, target, self)
            shown = _part(coloured, self).picture.convert("RGB")
            shown.thumbnail((_THUMBNAIL, _THUMBNAIL))
            thumbnails.append(shown)
        with written_aside(targets[0]) as aside:
            contact_sheet(thumbnails).save(aside)
        return f"choose among {self.count} colourings in {targets[0].name}"


def contact_sheet(pictures: list[Image.Image]) -> Image.Image:
    """Pictures of one size in rows, the number of each below it."""
    width, height = pictures[0].size
    font = ImageFont.load_default(18)
    across, down = width + _GAP, height + 24 + _GAP
    columns = min(_COLUMNS, len(pictures))
    sheet = Image.new("RGB", (columns * across + _GAP, -(-len(pictures) // columns) * down + _GAP), FIXED["sheet"])
    draw = ImageDraw.Draw(sheet)
    for number, picture in enumerate(pictures):
        left, top = _GAP + number % columns * across, _GAP + number // columns * down
        sheet.paste(picture, (left, top))
        draw.text((left + width / 2, top + height + 2), str(number + 1), LIGHT["ink"], font, "ma")
    return sheet


def _chroma(output: np.ndarray, grey: np.ndarray) -> Chroma:
    return Chroma(chroma(output), luma(grey)[0, ..., 0])


def _part(photo: Photo, way: Colours) -> Photo:
    return photo.cut(face_box(photo.picture.size, way.crop, way.whole)) if way.face else photo


def _save(photo: Photo, target: Path, way: Colours) -> None:
    with written_aside(target) as aside:
        _part(photo, way).save(aside, kind_of(target))

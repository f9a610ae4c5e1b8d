"""A photo of any size without its noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from reecho.apply.frames import face_box
from reecho.apply.photo import KINDS, Photo, kind_of, read
from reecho.files import written_aside
from reecho.tiles import Denoiser, bands, mean_sigma


@dataclass(frozen=True)
class Denoising:
    """Takes the noise off a photo, in its own size, colours and depth, and tells how much there was.

    The values are denoised as they stand in the file, and its colour profile goes with them, so that no colour is lost on the way
    to sRGB and back; profiles of photos have tone curves much like that of sRGB, which the network learnt.

    Args:
        model: of a photo denoiser.
        strength: how much of the noise is taken off, 0 to 2, see `reecho.tiles.denoised`.
        face: only the face frame, as LFW crops it, in the photo's own pixels.
        crop: pixels of 250 that it leaves off each side.
        sigma: noise to add first, in intensity units of [0, 1].
        seed: of that noise, which is the same for all photos.
        kind: of file that is written; None: the photo's own, or PNG.
        network: what tells the network from others.
        ensemble: average over turned and mirrored copies, see `reecho.tiles.denoised`.
        similar: filter similar patches together afterwards, see `reecho.similar.refined`.
    """

    model: Denoiser
    strength: float = 1.0
    face: bool = False
    crop: int = 60
    sigma: float = 0.0
    seed: int = 0
    kind: str | None = None
    network: str = ""
    ensemble: bool = False
    similar: bool = False

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that outputs depend on beside the photo."""
        names = ("strength", "face", "crop", "sigma", "seed", "kind", "network", "ensemble", "similar")
        return {"task": "denoising"} | {name: getattr(self, name) for name in names}

    def endings(self, picture: Path) -> tuple[str, ...]:
        """Of the names of a photo's outputs."""
        return (f"-denoising{KINDS[kind_of(picture, self.kind)]}",)

    def read(self, opened: Image.Image) -> Photo:
        """The photo, or its face frame."""
        photo = read(opened)
        return photo.cut(face_box(photo.picture.size, self.crop)) if self.face else photo

    def pixels(self, photo: Photo) -> int:
        """How many pixels `write` tells of."""
        return photo.picture.width * photo.picture.height

    def write(self, photo: Photo, targets: tuple[Path, ...], advance: Callable[[int], Any]) -> str:
        """Denoise the photo where it lies in memory, write it, and say how much noise it had."""
        width, height = photo.picture.size
        rng = np.random.default_rng(self.seed)

        def rows(first: int, last: int) -> np.ndarray:
            values = photo.rows(first, last)
            if not self.sigma:
                return values
            clean = values.astype("float32") / 255 if values.dtype == np.uint8 else values
            return clean + np.float32(self.sigma) * rng.standard_normal(values.shape, dtype="float32")

        levels = []
        for band in bands(self.model, rows, height, width, self.strength, self.ensemble, self.similar, advance):
            photo.put(band.top, band.pixels)
            levels.append(band.sigma)
        with written_aside(targets[0]) as aside:
            photo.save(aside, kind_of(targets[0]))
        level = mean_sigma(np.concatenate(levels))
        words = f"noise of σ = {level:.3f} was found, that is {level * 255:.1f} of 255 steps"
        return f"{words}; of its more than 8 bits a colour 8 were kept" if photo.shortened else words

"""Faces at the size that a network learnt: what every network can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from reecho.apply.frames import frame
from reecho.files import written_aside
from reecho.tasks import make_inputs


@dataclass(frozen=True)
class Small:
    """The face frame of a picture, averaged down to the network's size, and what the network makes of it, as PNG.

    Args:
        reproduce: a trained network's: inputs (1, size, size, 3) → outputs of the same shape.
        task: "reconstruction", "denoising" or "colourisation".
        size, crop, whole: the face frame, as in `frame`.
        sigma: for denoising, noise to add first, in intensity units of [0, 1].
        seed: of that noise, which is the same for all pictures.
        network: what tells the network from others.
    """

    reproduce: Callable[[np.ndarray], np.ndarray]
    task: str
    size: int
    crop: int = 60
    whole: bool = False
    sigma: float = 0.0
    seed: int = 0
    network: str = ""
    settings: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        names = ("task", "size", "crop", "whole", "sigma", "seed", "network")
        object.__setattr__(self, "settings", {name: getattr(self, name) for name in names})

    def endings(self, picture: Path) -> tuple[str, ...]:
        """Of the names of a picture's outputs."""
        return (f"-{self.task}.png",)

    def read(self, opened: Image.Image) -> np.ndarray:
        """The face, float32 (1, size, size, 3)."""
        return frame(opened, self.size, self.crop, self.whole)[None]

    def pixels(self, face: np.ndarray) -> int:
        """How many pixels `write` tells of."""
        return self.size**2

    def write(self, face: np.ndarray, targets: tuple[Path, ...], advance: Callable[[int], Any]) -> str:
        """Write the output; nothing is to be said of it."""
        noise = np.random.default_rng(self.seed).standard_normal(face.shape, dtype="float32")
        output = self.reproduce(make_inputs(self.task, face, noise, self.sigma))[0]
        with written_aside(targets[0]) as aside:
            Image.fromarray((np.clip(output, 0, 1) * 255 + 0.5).astype("uint8")).save(aside)
        advance(self.size**2)
        return ""

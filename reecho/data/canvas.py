"""Soft shapes on many pictures at once: distances, covers, and patches of the pictures that a shape lies in."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np

UNIT = 65.0  # pixels
Numbers = float | np.ndarray  # one for all pictures, or one for each picture, (B, 1, 1)


class Canvas:
    """Pictures in work, or a patch of each: float32 pixels (B, 3, h, w) and the head's coordinates u, v (B, h, w)."""

    def __init__(self, factors: dict[str, np.ndarray], u: np.ndarray, v: np.ndarray, pixels: np.ndarray):
        self.factors, self.u, self.v, self.pixels = factors, u, v, pixels

    def __getitem__(self, name: str) -> np.ndarray:
        """A factor, (B, 1, 1), or a colour, (B, 3, 1, 1)."""
        values = self.factors[name]
        return values[:, None, None] if values.ndim == 1 else values[:, :, None, None]

    def oval(self, u0: Numbers, v0: Numbers, a: Numbers, b: Numbers, soft: float = 1 / UNIT) -> np.ndarray:
        """How much of each pixel lies in an ellipse about (u0, v0) of half axes a and b; `soft` is the width of its edge."""
        return inside((self.u - u0), (self.v - v0), a, b, soft)

    def paint(self, cover: np.ndarray, colour: np.ndarray) -> None:
        """Lay a colour over the pictures where `cover`, (B, h, w) in [0, 1], says."""
        step = np.empty_like(cover)  # a colour at a time: fresh memory is what costs most here
        for k in range(3):
            np.subtract(colour[:, k], self.pixels[:, k], out=step)
            step *= cover
            self.pixels[:, k] += step

    def darken(self, cover: np.ndarray) -> None:
        """Multiply the pictures by 1 - cover."""
        self.pixels *= (1 - cover)[:, None]

    @contextlib.contextmanager
    def patch(self, u0: Numbers, v0: Numbers, across: float, down: float, only: np.ndarray | None = None) -> Iterator[Canvas]:
        """A box about (u0, v0) of each picture, `across` and `down` units to either side, which is put back when the block ends.

        Args:
            u0, v0: (B, 1, 1) or a number.
            across, down: half the box, for a head of scale 1; some room for the tilt is added.
            only: indices of the pictures that have what is drawn there; None takes all.
        """
        only = np.arange(len(self.u)) if only is None else only
        side = self.u.shape[-1]
        tilt, scale = self["tilt"], self["scale"]
        x = self["shift_x"] + scale * (np.cos(tilt) * u0 - np.sin(tilt) * v0)
        y = self["shift_y"] + scale * (np.sin(tilt) * u0 + np.cos(tilt) * v0)
        left, width = _visible(x.ravel() * UNIT + side / 2, across, side)
        top, height = _visible(y.ravel() * UNIT + side / 2, down, side)
        boxes = [(i, slice(top[i], top[i] + height), slice(left[i], left[i] + width)) for i in only]
        u, v = (np.stack([plane[place] for place in boxes]) if boxes else plane[:0] for plane in (self.u, self.v))
        box = Canvas(
            {name: values[only] for name, values in self.factors.items()} if len(only) < len(self.u) else self.factors,
            u,
            v,
            np.stack([self.pixels[i, :, rows, columns] for i, rows, columns in boxes]) if boxes else self.pixels[:0],
        )
        yield box
        for (i, rows, columns), pixels in zip(boxes, box.pixels, strict=True):
            self.pixels[i, :, rows, columns] = pixels


def _visible(middle: np.ndarray, half: float, side: int) -> tuple[np.ndarray, int]:
    """First pixel, (B,), and common length of spans about `middle`, as far as they lie in the picture."""
    reach = UNIT * 1.15 * half + 1
    first, last = np.clip(middle - reach, 0, side), np.clip(middle + reach, 0, side)
    length = min(side, int(np.ceil((last - first).max(initial=0))))
    return np.clip(first, 0, side - length).astype(int), length


def inside(u: np.ndarray, v: np.ndarray, a: Numbers, b: Numbers, soft: float) -> np.ndarray:
    """Cover of an ellipse about the origin; u and v are overwritten."""
    across, down = np.float32(a), np.float32(b)  # a float64 among the numbers would double the work
    steep = np.float32(0.5 / soft) * np.minimum(across, down)
    root = np.sqrt(steep)
    u *= root / across
    u *= u
    v *= root / down
    v *= v
    u += v
    return np.clip(np.subtract(steep + np.float32(0.5), u, out=u), 0, 1, out=u)


def below(distance: np.ndarray, soft: float = 1 / UNIT) -> np.ndarray:
    """1 where a distance is positive, 0 where it is negative, with an edge of width `soft`."""
    return np.clip(distance * np.float32(1 / soft) + np.float32(0.5), 0, 1)

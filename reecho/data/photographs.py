"""Photographs that come with scikit-image and scikit-learn: what denoisers of photographs are compared on beside faces."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

SIDE = 288  # pixels of the middle square that is taken of each
TITLES: Mapping[str, str] = MappingProxyType({  # name → title; four of scikit-image, two of scikit-learn
    "astronaut": "astronaut", "chelsea": "cat", "coffee": "coffee", "rocket": "rocket", "china": "temple", "flower": "flower",
})  # fmt: skip


def load() -> tuple[list[str], np.ndarray]:
    """The photographs' names, and the middle SIDE × SIDE pixels of each, uint8 (n, SIDE, SIDE, 3)."""
    from skimage import data
    from sklearn.datasets import load_sample_image

    pictures = {name: getattr(data, name)() for name in ("astronaut", "chelsea", "coffee", "rocket")}
    pictures |= {name: load_sample_image(f"{name}.jpg") for name in ("china", "flower")}
    return list(pictures), np.stack([_middle(picture) for picture in pictures.values()])


def _middle(picture: np.ndarray) -> np.ndarray:
    top, left = ((side - SIDE) // 2 for side in picture.shape[:2])
    return picture[top : top + SIDE, left : left + SIDE]

"""Lessons for networks that take pictures of any size: parts of whole pictures at several scales, under noise of many kinds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from reecho import noise
from reecho.errors import ReechoError
from reecho.pixels import area_matrix
from reecho.streams import Pictures, take
from reecho.training import Lesson

HELD = 512  # parts of validation pictures that each epoch is judged on
_AS_THEY_ARE = 0.45  # share of parts that are not averaged down


def of(crops: Pictures, train: np.ndarray, held: np.ndarray, size: int, batch_size: int, seed: int) -> Lesson:
    """The lesson: each epoch one part of each train picture, drawn anew with its noise, the same for the same seed.

    Args:
        crops: uint8 (N, S, S, 3), all pictures, usually memory-mapped.
        train, held: int arrays, the pictures to learn from and those to validate on.
        size: width and height of a part, pixels.
        batch_size: parts a step, at most; fewer where there are fewer pictures.
        seed: of order, parts and noise; the parts to validate on are always the same.

    Raises:
        ReechoError: no train or no validation pictures, or they are smaller than a part.
    """
    if not len(train) or not len(held):
        raise ReechoError("There are no train or no validation pictures to learn from; use more pictures of more people.")
    if crops.shape[1] < size:
        raise ReechoError(f"Parts of {size} pixels do not fit into pictures of {crops.shape[1]}; lower size, or crop less off.")
    batch = min(batch_size, len(train))
    rng = np.random.default_rng(0)
    held_targets = np.stack([part(picture, size, rng) for picture in take(crops, np.sort(rng.choice(held, min(HELD, len(held)))))])
    held_inputs = np.stack([noise.mixed(clean, rng) for clean in held_targets])

    def drawn(first: int, last: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for epoch in range(first, last):
            order = np.random.default_rng((seed, epoch)).permutation(train)
            for step in range(len(train) // batch):
                own = np.random.default_rng((seed, epoch, step))
                chosen = np.sort(order[step * batch : (step + 1) * batch])  # sorted: a memory map likes it
                clean = np.stack([part(picture, size, own) for picture in take(crops, chosen)])
                yield np.stack([noise.mixed(picture, own) for picture in clean]), clean

    def epochs(first: int, last: int) -> tf.data.Dataset:
        pictures = tf.TensorSpec((batch, size, size, 3), tf.float32)
        return tf.data.Dataset.from_generator(lambda: drawn(first, last), output_signature=(pictures, pictures)).prefetch(4)

    return Lesson(epochs, len(train) // batch, held_inputs, held_targets)


def part(picture: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """A part of a picture at a place and a scale drawn by chance, mirrored every other time.

    Args:
        picture: uint8 (S, S, 3).
        size: width and height of the part, pixels, at most S.
        rng: draws.

    Returns:
        float32 (size, size, 3) in [0, 1]: nearly half of them pixels as they are, the others averaged down from a larger square,
        up to the whole picture, since photographs are sharper than the pictures of LFW, which lost detail and have JPEG's blocks.
    """
    whole = picture.shape[0]
    side = size if rng.random() < _AS_THEY_ARE else round(size * (whole / size) ** rng.random())
    top, left = rng.integers(whole - side + 1, size=2)
    square = picture[top : top + side, left : left + side]
    if rng.random() < 0.5:
        square = square[:, ::-1]
    pixels = square.astype("float32") / np.float32(255)
    if side == size:
        return pixels
    matrix = area_matrix(side, size)
    down = (matrix @ pixels.reshape(side, -1)).reshape(size, side, 3)
    return np.clip(matrix @ down, 0, 1)  # (size, side) @ each row's (side, 3)

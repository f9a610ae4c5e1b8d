"""What the data generator draws, and its way in plain steps; `augment` gives the same faces faster.

Keys of networks name this module's code in the place of that of `augment`, see `store.SAME`: a change here trains all networks
anew. tests/test_augment.py compares the two.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf

from reecho.pixels import area_matrix
from reecho.streams import Pictures, take


@dataclass(frozen=True)
class Ranges:
    """How far the data generator goes; each picture draws its own values, uniformly.

    Args:
        rotation_range: degrees, ± this.
        width_shift_range, height_shift_range: shares of the width and height, ± this.
        shear_range: degrees, ± this, as Keras shears: the vertical axis leans.
        zoom_range: factor of each axis on its own, from 1 - this to 1 + this.
        rescale: factor on the intensities.
        horizontal_flip: mirror every other picture, by chance.
        fill_mode: what newly uncovered pixels show, "nearest", "reflect" or "constant" (black).

    Source: the data generator of section 1.3 of the document, that is Keras' ImageDataGenerator.
    """

    rotation_range: float = 0.0
    width_shift_range: float = 0.0
    height_shift_range: float = 0.0
    shear_range: float = 0.0
    zoom_range: float = 0.0
    rescale: float = 1.0
    horizontal_flip: bool = False
    fill_mode: str = "nearest"

    @classmethod
    def of(cls, settings: Any) -> Ranges:
        """The ranges among the settings of a notebook."""
        return cls(**{name: getattr(settings, name) for name in cls.__dataclass_fields__})

    def one_at_a_time(self) -> dict[str, Ranges]:
        """Each feature that is switched on, alone, by its name."""
        plain = Ranges(fill_mode=self.fill_mode)
        changed = [name for name, value in asdict(self).items() if name != "fill_mode" and value != getattr(plain, name)]
        return {name.removesuffix("_range").replace("_", " "): replace(plain, **{name: getattr(self, name)}) for name in changed}

    def filled(self, fill_mode: str) -> Ranges:
        """The same ranges with another way to fill uncovered pixels."""
        return replace(self, fill_mode=fill_mode)

    @property
    def warps(self) -> bool:
        """Whether pixels move other than by mirroring."""
        return any(value for name, value in asdict(self).items() if name not in ("rescale", "horizontal_flip", "fill_mode"))


def draws(count: int, seed: int, epoch: int) -> tf.Tensor:
    """Uniform numbers for every picture of an epoch, float32 (count, 7) in [0, 1): they depend on seed, epoch and index alone."""
    return tf.random.stateless_uniform((count, 7), seed=(seed, epoch))


def matrices(uniform: tf.Tensor, ranges: Ranges, width: int) -> tf.Tensor:
    """The affine map of each picture, composed once: flip, zoom, shear, rotation, shift.

    Args:
        uniform: float32 (B, 7) in [0, 1), from `draws`.
        ranges: how far each feature goes.
        width: width and height of the picture in pixels.

    Returns:
        float32 (B, 8): rows (a0, a1, a2, b0, b1, b2, 0, 0) that take an output pixel (x, y) to the input pixel
        (a0·x + a1·y + a2, b0·x + b1·y + b2), about the centre of the picture.
    """
    signed = 2.0 * uniform - 1.0  # [-1, 1)
    angle = signed[:, 0] * np.float32(np.deg2rad(ranges.rotation_range))
    shear = signed[:, 1] * np.float32(np.deg2rad(ranges.shear_range))
    zoom_x, zoom_y = 1.0 + signed[:, 2] * ranges.zoom_range, 1.0 + signed[:, 3] * ranges.zoom_range
    shift_x, shift_y = signed[:, 4] * ranges.width_shift_range * width, signed[:, 5] * ranges.height_shift_range * width
    flip = tf.where((uniform[:, 6] < 0.5) & ranges.horizontal_flip, -1.0, 1.0)
    cos, sin = tf.cos(angle), tf.sin(angle)
    # rotation · shear · zoom, the mirror on the input's side
    a0, a1 = flip * cos * zoom_x, flip * (-cos * tf.sin(shear) - sin * tf.cos(shear)) * zoom_y
    b0, b1 = sin * zoom_x, (cos * tf.cos(shear) - sin * tf.sin(shear)) * zoom_y
    centre = (width - 1) / 2
    a2 = centre + flip * shift_x - (a0 + a1) * centre
    b2 = centre + shift_y - (b0 + b1) * centre
    zero = tf.zeros_like(a0)
    return tf.stack([a0, a1, a2, b0, b1, b2, zero, zero], axis=1)


def moved_at(width: int, size: int) -> int:
    """The width at which a picture is moved, pixels, for a result of `size`: twice that, or its own where it has less.

    Averaging by area to twice the size and then to the size is averaging to the size, so that pictures that do not move stay
    what they are; a picture of 130 pixels is moved at 64 in less than half the time.
    """
    return min(width, 2 * size)


def averages(width: int, size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """What averages by area from a crop's width to that at which it is moved, (M, width), and from there to the size."""
    middle = moved_at(width, size)
    return tf.constant(area_matrix(width, middle)), tf.constant(area_matrix(middle, size))


@tf.function(reduce_retracing=True)
def warp(
    crops: tf.Tensor, affine: tf.Tensor, first: tf.Tensor, last: tf.Tensor, fill_mode: str = "nearest", rescale: float = 1.0
) -> tf.Tensor:
    """Resample each picture once, larger than the result, and average its area down.

    Args:
        crops: uint8 (B, S, S, 3).
        affine: float32 (B, 8), from `matrices` at the width of `moved_at`.
        first, last: from `averages`.
        fill_mode: "nearest", "reflect" or "constant".
        rescale: factor on the intensities.

    Returns:
        float32 (B, size, size, 3) in [0, 1]; the identity gives the evaluation picture.
    """
    large = _averaged(tf.cast(crops, tf.float32), first)
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=large, transforms=affine, output_shape=tf.shape(large)[1:3], fill_value=0.0, interpolation="BILINEAR",
        fill_mode=fill_mode.upper(),
    )  # fmt: skip
    return tf.clip_by_value(_averaged(moved, last) * (rescale / 255.0), 0.0, 1.0)


def _averaged(pictures: tf.Tensor, matrix: tf.Tensor) -> tf.Tensor:
    """Pictures (B, S, S, 3) averaged down and across by a matrix (n, S): products of matrices are fast on one core, too."""
    count, side, wanted = tf.shape(pictures)[0], tf.shape(pictures)[1], tf.shape(matrix)[0]
    down = tf.matmul(matrix, tf.reshape(pictures, (count, side, 3 * side)))
    columns = tf.transpose(tf.reshape(down, (count * wanted, side, 3)), (0, 2, 1))
    across = tf.matmul(tf.reshape(columns, (-1, side)), matrix, transpose_b=True)
    return tf.transpose(tf.reshape(across, (count, wanted, 3, wanted)), (0, 1, 3, 2))


def generate(
    crops: np.ndarray, ranges: Ranges, size: int, seed: int = 0, epoch: int = 0, indices: np.ndarray | None = None
) -> np.ndarray:
    """Augmented faces.

    Args:
        crops: uint8 (N, S, S, 3).
        ranges: how far each feature goes.
        size: width and height of the result in pixels.
        seed, epoch: with a picture's index they decide its values.
        indices: int (B,), which pictures; None takes all.

    Returns:
        float32 (B, size, size, 3) in [0, 1].
    """
    indices = np.arange(len(crops)) if indices is None else indices
    width = crops.shape[1]
    affine = matrices(tf.gather(draws(len(crops), seed, epoch), indices), ranges, moved_at(width, size))
    first, last = averages(width, size)
    chunks = [
        warp(crops[indices[i : i + 256]], affine[i : i + 256], first, last, ranges.fill_mode, ranges.rescale)
        for i in range(0, len(indices), 256)
    ]
    return np.concatenate([chunk.numpy() for chunk in chunks])


def batches(
    crops: Pictures, faces: Pictures, indices: np.ndarray, ranges: Ranges, batch_size: int, seed: int, epochs: range
) -> tf.data.Dataset:
    """The input pipeline: batches of augmented faces for some epochs, shuffled, the same for the same seed.

    Args:
        crops: uint8 (N, S, S, 3), usually memory-mapped.
        faces: float32 (len(indices), size, size, 3) in [0, 1], the same pictures unwarped, used where nothing warps.
        indices: int (M,), the pictures of `crops` to draw from.
        ranges: how far the generator goes.
        batch_size: faces a batch; what is left over at an epoch's end waits for the next one's shuffle.
        seed: with epoch and index it decides everything.
        epochs: which epochs, for instance range(4, 20) to go on after the fourth.

    Returns:
        A dataset of (faces float32 (batch_size, size, size, 3), seed int64 (2,) for noise drawn in the same batch).
    """
    size, width, count = faces.shape[1], crops.shape[1], len(indices)
    first, last = averages(width, size)

    def steps() -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        for epoch in epochs:
            order = np.random.default_rng((seed, epoch)).permutation(count)
            uniform = draws(count, seed, epoch).numpy()
            for step in range(count // batch_size):
                rows = np.sort(order[step * batch_size : (step + 1) * batch_size])  # sorted: a memory map likes it
                chosen = take(crops, indices[rows]) if ranges.warps else faces[rows]
                yield chosen, uniform[rows], np.array((seed, epoch * 1_000_000 + step))

    def augmented(chosen: tf.Tensor, uniform: tf.Tensor, noise_seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if ranges.warps:
            affine = matrices(uniform, ranges, moved_at(width, size))
            moved = warp(chosen, affine, first, last, ranges.fill_mode, ranges.rescale)
        else:
            mirrored = (uniform[:, 6] < 0.5) & ranges.horizontal_flip
            moved = tf.where(mirrored[:, None, None, None], chosen[:, :, ::-1], chosen) * ranges.rescale
        return tf.ensure_shape(moved, (batch_size, size, size, 3)), noise_seed

    shape = (batch_size, width, width, 3) if ranges.warps else (batch_size, size, size, 3)
    signature = (
        tf.TensorSpec(shape, tf.uint8 if ranges.warps else tf.float32),
        tf.TensorSpec((batch_size, 7), tf.float32),
        tf.TensorSpec((2,), tf.int64),
    )
    dataset = tf.data.Dataset.from_generator(steps, output_signature=signature)
    return dataset.map(augmented, num_parallel_calls=os.cpu_count() or 1, deterministic=True).prefetch(2)

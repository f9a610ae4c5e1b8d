"""The data generator: one warp a picture, from the larger picture, in compiled code, the same for the same seed."""

from __future__ import annotations

import os
from functools import lru_cache
from math import gcd

import numpy as np
import tensorflow as tf

from reecho.pixels import area_matrix
from reecho.plain_augment import Ranges, draws, matrices, moved_at
from reecho.streams import Pictures, take

__all__ = ["Ranges", "batches", "draws", "generate", "matrices", "moved_at", "warp"]

_AT_ONCE = 16  # pictures of a batch: what lies between two steps of a warp stays in the processor's cache
_SMALL = 85  # pixels of a block with all colours in one product; sums of some more than 300 terms are taken in another order


@tf.function(reduce_retracing=True)
def warp(crops: tf.Tensor, affine: tf.Tensor, width: int, size: int, fill_mode: str = "nearest", rescale: float = 1.0) -> tf.Tensor:
    """Resample each picture once, larger than the result, and average its area down.

    Args:
        crops: uint8 (B, width, width, 3).
        affine: float32 (B, 8), from `matrices` at the width of `moved_at`.
        width, size: width and height of a picture and of the result in pixels.
        fill_mode: "nearest", "reflect" or "constant".
        rescale: factor on the intensities.

    Returns:
        float32 (B, size, size, 3) in [0, 1]; the identity gives the evaluation picture.
    """
    middle = moved_at(width, size)
    large = _averaged(tf.cast(crops, tf.float32), width, middle)
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=large, transforms=affine, output_shape=(middle, middle), fill_value=0.0, interpolation="BILINEAR",
        fill_mode=fill_mode.upper(),
    )  # fmt: skip
    return tf.clip_by_value(_averaged(moved, middle, size) * (rescale / 255.0), 0.0, 1.0)


def _averaged(pictures: tf.Tensor, width: int, size: int) -> tf.Tensor:
    """Pictures (B, width, width, 3) averaged by area to `size`: halved in pairs, else by products of small matrices.

    Where width and size have a common divisor g, `area_matrix` has g times the same block along its diagonal, and zeros: g products
    with the block take 1 / g of the work. A small block has each of its weights once for each colour in the second product, since
    colours lie side by side; a large one would grow too large, and colours are transposed.
    """
    if size == width:
        return pictures
    if 2 * size == width:
        return _halved(_halved(pictures, (2, 1)), (1, 2))
    blocks = gcd(width, size)
    block, part = area_matrix(width // blocks, size // blocks), width // blocks
    down = tf.matmul(block, tf.reshape(pictures, (-1, part, 3 * width)))
    if part <= _SMALL:
        across = tf.matmul(tf.reshape(down, (-1, 3 * part)), np.kron(block, np.eye(3, dtype="float32")).T)
    else:
        columns = tf.transpose(tf.reshape(down, (-1, part, 3)), (0, 2, 1))
        products = tf.matmul(tf.reshape(columns, (-1, part)), block, transpose_b=True)
        across = tf.transpose(tf.reshape(products, (-1, 3, size // blocks)), (0, 2, 1))
    return tf.reshape(across, (-1, size, size, 3))


def _halved(pictures: tf.Tensor, window: tuple[int, int]) -> tf.Tensor:
    """Means of two neighbours each, down or across."""
    return tf.nn.avg_pool2d(pictures, window, window, "VALID")


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
    chunks = [
        warp(crops[indices[i : i + 256]], affine[i : i + 256], width, size, ranges.fill_mode, ranges.rescale)
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
    steps = count // batch_size  # an epoch

    @lru_cache(maxsize=1)
    def drawn(epoch: int) -> tuple[np.ndarray, np.ndarray]:
        return np.random.default_rng((seed, epoch)).permutation(count), draws(count, seed, epoch).numpy()

    def fetched(number: np.int64) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        epoch, step = epochs[number // steps], int(number % steps)
        order, uniform = drawn(epoch)
        rows = np.sort(order[step * batch_size : (step + 1) * batch_size])  # sorted: a memory map likes it
        chosen = take(crops, indices[rows]) if ranges.warps else faces[rows]
        return chosen, uniform[rows], np.array((seed, epoch * 1_000_000 + step))

    def augmented(chosen: tf.Tensor, uniform: tf.Tensor, noise_seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if ranges.warps:
            affine = matrices(uniform, ranges, moved_at(width, size))
            parts = [
                warp(chosen[i : i + _AT_ONCE], affine[i : i + _AT_ONCE], width, size, ranges.fill_mode, ranges.rescale)
                for i in range(0, batch_size, _AT_ONCE)
            ]
            moved = tf.concat(parts, axis=0)
        else:
            mirrored = (uniform[:, 6] < 0.5) & ranges.horizontal_flip
            moved = tf.where(mirrored[:, None, None, None], chosen[:, :, ::-1], chosen) * ranges.rescale
        return tf.ensure_shape(moved, (batch_size, size, size, 3)), noise_seed

    def batch(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """What `fetched` gives, with its shape; `Dataset.from_generator` would take twice as long."""
        side, kind = (width, tf.uint8) if ranges.warps else (size, tf.float32)
        shapes = (batch_size, side, side, 3), (batch_size, 7), (2,)
        values = tf.numpy_function(fetched, [number], (kind, tf.float32, tf.int64))
        return tuple(map(tf.ensure_shape, values, shapes))

    dataset = tf.data.Dataset.range(steps * len(epochs)).map(batch)  # one after another
    return dataset.map(augmented, num_parallel_calls=os.cpu_count() or 1, deterministic=True).prefetch(2)

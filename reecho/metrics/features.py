"""What a picture of a face is described by when whole sets of faces are compared: no downloaded network, all of it fixed."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from reecho.colour import luma
from reecho.pixels import averaged

_CELLS = 8  # a side: cells of 4 × 4 pixels at 32 × 32
_ORIENTATIONS = 8
_WIDTHS, _STRIDES = (32, 64, 128), (1, 2, 2)
_MEAN_TAKEN = 0.2  # share of each filter's mean taken off, or brightness would drown edges
_CHUNK, _VALUES = 250, 249 * 32 * 32  # pictures at a time, and pixels of them


def gradients(pictures: np.ndarray) -> np.ndarray:
    """Histograms of oriented gradients of the luma: structure without colour.

    No normalisation by blocks, since that would hide lost contrast; the square root keeps a few strong edges from deciding.

    Args:
        pictures: float array (n, H, W, 3) in [0, 1], H and W multiples of 8.

    Returns:
        float64 (n, 8 · 8 · 8): rows of cells, columns of cells, orientations of 22.5 degrees.

    Source: after Dalal & Triggs (2005), doi:10.1109/CVPR.2005.177.
    """
    count = len(pictures)
    features = np.empty((count, _CELLS, _CELLS, _ORIENTATIONS))
    for start in range(0, count, _CHUNK):
        tone = luma(pictures[start : start + _CHUNK])[..., 0].astype("float64")
        across, down = np.zeros_like(tone), np.zeros_like(tone)
        across[:, :, 1:-1] = tone[:, :, 2:] - tone[:, :, :-2]
        down[:, 1:-1] = tone[:, 2:] - tone[:, :-2]
        strength = np.hypot(across, down)
        bins = (np.arctan2(down, across) % np.pi / np.pi * _ORIENTATIONS).astype(int) % _ORIENTATIONS
        for orientation in range(_ORIENTATIONS):
            share = np.where(bins == orientation, strength, 0)
            features[start : start + _CHUNK, :, :, orientation] = averaged(share[..., None], _CELLS, _CELLS)[..., 0]
    return np.sqrt(features).reshape(count, -1)


def random_convolutions(pictures: np.ndarray, seed: int = 0) -> np.ndarray:
    """Mean activations of a fixed random network of three convolutions: colour, texture and above all sharpness.

    Args:
        pictures: float array (n, H, W, 3) in [0, 1].
        seed: of the weights; published numbers use 0.

    Returns:
        float64 (n, 32 + 64 + 128): the mean of each channel of each layer.

    Source: that random filters tell pictures apart: Ustyuzhaninov et al. (2017), arXiv:1606.00021.
    """
    rng = np.random.default_rng(seed)
    layers, channels = [], 3
    for width in _WIDTHS:
        weights = rng.standard_normal((3, 3, channels, width)).astype("float32")
        weights -= _MEAN_TAKEN * weights.mean(axis=(0, 1), keepdims=True)
        layers.append((weights * np.sqrt(2 / (9 * channels))).astype("float32"))  # He: activations keep their size
        channels = width
    features = []
    chunk = min(_CHUNK, _VALUES // math.prod(np.shape(pictures)[1:3]) + 1)  # of large pictures fewer, for no more memory
    for start in range(0, len(pictures), chunk):
        maps = (np.asarray(pictures[start : start + chunk], "float32") - 0.5) * 4  # to about unit variance
        means = []
        for weights, stride in zip(layers, _STRIDES, strict=True):
            maps = np.maximum(_convolve(maps, weights, stride), 0)
            means.append(maps.mean(axis=(1, 2), dtype="float64"))
        features.append(np.concatenate(means, axis=1))
    return np.concatenate(features)


def _convolve(maps: np.ndarray, weights: np.ndarray, stride: int) -> np.ndarray:
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    patches = sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::stride, ::stride]  # (n, h, w, channels, 3, 3)
    count, height, width, channels = patches.shape[:4]
    flat = weights.transpose(2, 0, 1, 3).reshape(channels * 9, -1)
    return patches.reshape(count, height, width, channels * 9) @ flat

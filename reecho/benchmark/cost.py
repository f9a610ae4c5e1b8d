"""What a network computes for a picture, from its layers, and how fast this machine multiplies matrices."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from reecho.benchmark.rounds import Work, clocked

SIDE = 2048  # of the matrices
_PRODUCTS = 8  # a turn


def training_gflop(models: Iterable[keras.Model]) -> float:
    """Floating-point operations, 10⁹ a picture, of a step of training: forward, and back to inputs and to weights.

    Args:
        models: those that a picture goes through, the first one first; its first layer passes nothing back to pictures.

    Example:
        >>> dense = keras.Sequential([keras.Input((10,)), keras.layers.Dense(5), keras.layers.Dense(5)])
        >>> round(training_gflop([dense]) * 1e9)
        350
    """
    costs = [cost for model in models for layer in model.layers if (cost := _forward(layer))]
    return (3 * sum(costs) - costs[0]) / 1e9


def _forward(layer: Any) -> int:
    """Operations of a layer for one picture; what is not a product of matrices (batch normalisation, ReLU) is not counted."""
    kernel = getattr(layer, "kernel", None)
    if kernel is None:
        return 0
    shape = layer.input.shape if isinstance(layer, keras.layers.Conv2DTranspose) else layer.output.shape
    return 2 * math.prod(kernel.shape) * math.prod(shape[1:-1])


def matrix_product(name: str) -> Work:
    """A contender, warm: GFLOP a second of TensorFlow's product of two float32 matrices."""
    left, right = (tf.constant(np.random.default_rng(seed).random((SIDE, SIDE), "float32")) for seed in (0, 1))

    def work() -> None:
        for _ in range(_PRODUCTS):
            product = tf.linalg.matmul(left, right)
        product.numpy()

    work()
    return clocked(name, _PRODUCTS * 2 * SIDE**3 / 1e9, work)

"""Training, against plain Keras, the original's way, PyTorch, and what the machine's matrix product would allow."""

from __future__ import annotations

import contextlib
import statistics
from typing import Any

import numpy as np

from reecho.augment import Ranges
from reecho.benchmark import cost, drawn, own_training, plain_keras, torch_training
from reecho.benchmark.rounds import GFLOPS, PICTURES_A_SECOND, SHARE, Measured, Row, Task, Work, absolute, in_turn, ratio
from reecho.benchmark.subjects import (
    KERAS_64,
    KERAS_64_STEPS,
    MATRIX_PRODUCT,
    ORIGINAL_32,
    ORIGINAL_32_STEPS,
    OWN_32,
    OWN_64,
    OWN_64_STILL,
    TORCH_64,
    TORCH_64_FIRST,
    TORCH_64_LAST,
)
from reecho.files import scratch
from reecho.settings import network_parameters

_TITLES = {
    OWN_64: "reecho, batch 64, generator on", OWN_64_STILL: "reecho, batch 64, faces only mirrored",
    OWN_32: "reecho, batch 32, generator on", KERAS_64: "Keras fit, batch 64, the whole call",
    KERAS_64_STEPS: "Keras fit, batch 64, its steps alone", ORIGINAL_32: "the original's way, batch 32, the whole call",
    ORIGINAL_32_STEPS: "the original's way, batch 32, its steps alone", TORCH_64: "PyTorch, batch 64, its faster setting",
    TORCH_64_FIRST: "PyTorch, batch 64, channels first", TORCH_64_LAST: "PyTorch, batch 64, channels last",
    MATRIX_PRODUCT: "matrix product of 2,048², float32",
}  # fmt: skip
_PAIRS = (
    (OWN_64, KERAS_64), (OWN_64, KERAS_64_STEPS), (OWN_64, TORCH_64), (OWN_32, ORIGINAL_32), (OWN_32, ORIGINAL_32_STEPS),
    (OWN_64_STILL, KERAS_64_STEPS), (OWN_64_STILL, TORCH_64),
)  # fmt: skip
_LONGEST = 100.0  # seconds for all rounds
_NOTES = [
    "All train the document's network on drawn faces of 32×32 pixels in float32. reecho's is its own training, epoch by epoch, "
    "with its own batches; an epoch's validation on 8 pictures is inside its time.",
    "Plain Keras gets arrays, and has its own train step. At the end of a call of `fit` it waits at times for tf.data's tuning, "
    "which the whole call counts and the steps alone do not.",
    "The original's way is Keras' `fit` from its ImageDataGenerator, which warps the small picture; reecho warps the large one.",
]


def measure(task: Task) -> Measured:
    """Pictures a second of each contender, and the ratios between them."""
    rounds, count = (2, 256) if task.quick else (5, 768)
    faces = drawn.faces(task, count + own_training.HELD)
    pictures = faces.pictures(own_training.material_of(own_training.settings_of(), faces, count).train)
    settings = own_training.settings_of()
    parameters = network_parameters(settings)
    layers = {name: parameters[name] for name in ("filters", "kernels", "strides", "latent_dim")}
    contenders = [
        own_training.by_epochs(OWN_64, faces, count, 64, True, rounds),
        plain_keras.from_arrays(KERAS_64, KERAS_64_STEPS, pictures, 64),
        own_training.by_epochs(OWN_32, faces, count, 32, True, rounds),
        plain_keras.from_generator(ORIGINAL_32, ORIGINAL_32_STEPS, pictures, 32, Ranges.of(settings)),
        cost.matrix_product(MATRIX_PRODUCT),
    ]
    if not task.quick:
        contenders.append(own_training.by_epochs(OWN_64_STILL, faces, count, 64, False, rounds))
    notes = list(_NOTES)
    with contextlib.ExitStack() as stack:
        others, sentence = _torch(stack, task, pictures, layers)
        values = in_turn([*contenders, *others], rounds, _LONGEST)
    notes.append(sentence)
    settings_of_torch = [name for name in (TORCH_64_LAST, TORCH_64_FIRST) if name in values]
    if settings_of_torch:
        values[TORCH_64] = values[max(settings_of_torch, key=lambda name: statistics.median(values[name]))]
    return Measured(rows_of(values, _gflop()), {name: _TITLES[name] for name in values}, notes)


def _torch(stack: contextlib.ExitStack, task: Task, pictures: np.ndarray, layers: dict[str, Any]) -> tuple[list[Work], str]:
    """PyTorch's contenders, whose processes end with the stack, and a sentence about it."""
    version = torch_training.version()
    if version is None:
        return [], "PyTorch is not installed here, so it was left out."
    folder, formats = stack.enter_context(scratch(task.folder)), {TORCH_64_LAST: True, TORCH_64_FIRST: False}
    try:
        contenders = [
            stack.enter_context(torch_training.contender(name, pictures, 64, channels_last, layers, folder))
            for name, channels_last in formats.items()
            if channels_last or not task.quick
        ]
    except torch_training.Unusable as error:
        return [], f"{error} It was left out."
    return contenders, f"PyTorch {version}, in a process of its own, has fused Adam, and ready-made faces without a generator."


def rows_of(values: dict[str, list[float]], gflop: float) -> list[Row]:
    """The rows of all rounds.

    Args:
        values: identifier → pictures a second in each round, of the matrix product GFLOP a second.
        gflop: what training the network costs a picture, 10⁹ operations.
    """
    products = {MATRIX_PRODUCT: values[MATRIX_PRODUCT]}
    rates = {name: of_name for name, of_name in values.items() if name != MATRIX_PRODUCT}
    rows = [row for pair in _PAIRS for row in ratio(rates, *pair)]
    for name, of_name in rates.items():
        shares = tuple(rate * gflop / limit for rate, limit in zip(of_name, values[MATRIX_PRODUCT], strict=True))
        rows.append(Row(name, SHARE, shares, MATRIX_PRODUCT))
    return [*rows, *absolute({name: of_name for name, of_name in rates.items() if name != TORCH_64}, PICTURES_A_SECOND),
            *absolute(products, GFLOPS)]  # fmt: skip


def _gflop() -> float:
    network = plain_keras.network(32)
    return cost.training_gflop([network.posterior, network.decoder])

"""Denoising a picture: the network that comes with the package against methods without a network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reecho import baselines, methods, titles, trained
from reecho.benchmark import drawn
from reecho.benchmark.rounds import MILLISECONDS, Measured, Row, Task, Work, clocked, in_turn, ratio
from reecho.benchmark.subjects import NETWORK, NETWORK_ALONE
from reecho.inputs import noise_like, noisy
from reecho.methods import Method
from reecho.networks.registry import SHIPPED

_SIGMA = 0.1
_LONGEST = 20.0  # seconds for all rounds
_ALONE = 8  # pictures that go through one by one in a turn
_NOTES = [
    f"Drawn faces of 32×32 pixels under noise of σ = {_SIGMA}; each method has all cores, and a batch of pictures at once, but for "
    "the rows “one by one”. What is learnt from train faces is learnt before.",
    "The sliding DCT is what CBM3D is without its search for similar windows: thresholds on the cosine transform of every window, "
    "in opponent colours.",
]


def measure(task: Task) -> Measured:
    """Pictures a second of each method in a batch and one by one, as milliseconds a picture and as ratios."""
    rounds, count = (3, 64) if task.quick else (7, 256)
    faces = drawn.faces(task, 2 * count).pictures(np.arange(2 * count))
    pictures, learnt = faces[:count], faces[count:]
    inputs = noisy(pictures, noise_like(pictures, 0), _SIGMA)
    network, lmmse = trained.shipped("denoising"), baselines.LMMSE.fit(learnt)
    functions: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        NETWORK: network.reproduce, methods.SLIDING_DCT.name: lambda batch: baselines.sliding_dct(batch, _SIGMA),
        methods.NL_MEANS.name: lambda batch: baselines.nl_means(batch, _SIGMA),
        methods.WAVELET_SPIN.identifier: lambda batch: baselines.wavelet(batch, _SIGMA, 3),
        methods.LMMSE.name: lambda batch: lmmse.denoise(batch, _SIGMA),
    }  # fmt: skip
    shown: dict[str, Method] = {
        methods.SLIDING_DCT.name: methods.SLIDING_DCT, methods.NL_MEANS.name: methods.NL_MEANS,
        methods.WAVELET_SPIN.identifier: methods.WAVELET_SPIN, methods.LMMSE.name: methods.LMMSE,
    }  # fmt: skip
    names = {NETWORK: f"{titles.of(methods.network(SHIPPED['denoising']))}, a network"} | {
        name: titles.of(method) for name, method in shown.items()
    }
    contenders = [_warm(name, function, inputs) for name, function in functions.items()]
    for name in (NETWORK, methods.SLIDING_DCT.name, methods.NL_MEANS.name):
        contenders.append(_one_by_one(alone(name), functions[name], inputs[:_ALONE]))
        names[alone(name)] = f"{names[name]}, one by one"
    in_turn(contenders, 1)  # a network is compiled anew for batches of a second size
    values = in_turn(contenders, rounds, _LONGEST)
    rows = [row for name in shown for row in ratio(values, NETWORK, name)]
    rows += [row for name in shown for row in ratio(values, NETWORK_ALONE, alone(name))]
    rows += [Row(name, MILLISECONDS, tuple(1000 / rate for rate in rates)) for name, rates in values.items()]
    return Measured(rows, names, _NOTES)


def alone(name: str) -> str:
    """The identifier of a method whose pictures go through one by one."""
    return NETWORK_ALONE if name == NETWORK else f"{name}-alone"


def _warm(name: str, function: Callable[[np.ndarray], np.ndarray], inputs: np.ndarray) -> Work:
    function(inputs)
    return clocked(name, len(inputs), lambda: function(inputs))


def _one_by_one(name: str, function: Callable[[np.ndarray], np.ndarray], inputs: np.ndarray) -> Work:
    function(inputs[:1])
    return clocked(name, len(inputs), lambda: [function(inputs[place : place + 1]) for place in range(len(inputs))])

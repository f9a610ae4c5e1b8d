"""The VAE as a page holds it: the principal axes and the network's correction, as 16-bit numbers that compress."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from reecho.batches import predict
from reecho.linear import LinearVAE
from reecho.networks.anchored import AnchoredVAE
from reecho.networks.registry import build
from reecho.own_picture import graph, packing
from reecho.own_picture.page import WASM
from reecho.trained import HELD
from reecho.trained_network import Network

# Bits of the fraction that a 16-bit number keeps; the others are 0, so that they take no room in the page. More of them changed no
# pixel of 200 faces of LFW by more than 1/255.
FINE, ENCODER, DECODER = 10, 2, 5  # of biases; of the kernels of what the network adds
FIRST, LATER = 32, 6  # axes whose numbers keep the whole fraction, and the bits of the others, along which faces vary less
UNUSED = 0.02  # nats: of an axis with less, what the network adds to its linear code is left out
_ADDED = ("mean", "log_variance")  # layers of what the encoder adds to the linear code
_SAME = 1e-6  # of an addition to a code: less is rounding
MOST_NUMBERS = HELD  # of the axes
LARGEST = 3_600_000  # characters of all weights in a page of at most 4 MB


@dataclass(frozen=True)
class Rounded:
    """A VAE whose weights are those that the page has.

    Args:
        mean: float32 (D,), the mean face.
        variances: float32 (k,), λ of each axis, intensity², the largest first.
        axes: float16 (k, D), the principal axes.
        network: the anchored network with rounded weights, None where the page has the linear VAE alone.
        nats: float (k,), the KL of each axis before the rounding, a mean over train faces.
        silent: whether the network's encoder adds the same to the linear code of every face.
    """

    mean: np.ndarray
    variances: np.ndarray
    axes: np.ndarray
    nats: np.ndarray
    network: AnchoredVAE | None = None
    silent: bool = False

    @property
    def values(self) -> int:
        """D, the values of a picture."""
        return self.axes.shape[1]


def shortened(values: np.ndarray, bits: int) -> np.ndarray:
    """Values as 16-bit floats whose fraction has at most so many bits.

    Args:
        values: float array, below 60,000.
        bits: 1 to 10; the relative error is at most 2 ** -(bits + 1).

    Returns:
        float16, the same shape.

    Example:
        >>> shortened(np.array([1.0, 1.24, -3.3]), 2).tolist()
        [1.0, 1.25, -3.5]
    """
    half, lost = np.asarray(values, "float16"), 10 - bits
    if not lost:
        return half
    raised = half.view("uint16").astype("uint32") + (1 << (lost - 1))  # a carry goes into the exponent, which is right
    return (raised >> lost << lost).astype("uint16").view("float16")


def rounded_axes(axes: np.ndarray) -> np.ndarray:
    """Principal axes as the page has them.

    Args:
        axes: float32 (D, k), orthonormal columns, the largest variance first.

    Returns:
        float16 (k, D).
    """
    rows = axes.T
    return np.concatenate([shortened(rows[:FIRST], FINE), shortened(rows[FIRST:], LATER)])


def rounded(mean: np.ndarray, variances: np.ndarray, axes: np.ndarray, coder: Network | LinearVAE, faces: np.ndarray) -> Rounded:
    """The VAE of the page.

    Args:
        mean: float32 (D,).
        variances: float64 (k,), axes: float32 (D, k), as `reecho.components.of_faces` gives them; k may be smaller than the code.
        coder: the trained anchored network that was anchored in these axes, or the linear VAE, which the page then has alone.
        faces: float32 (n, H, W, 3), train faces that say what the network leaves unused.
    """
    nats, rows = coder.rate(faces).mean(axis=0), rounded_axes(axes)
    if missing := len(nats) - len(rows):  # few faces span fewer axes than the code has
        rows, variances = np.pad(rows, ((0, missing), (0, 0))), np.pad(variances, (0, missing))
    shared = np.asarray(mean, "float32"), np.asarray(variances, "float32"), rows, nats
    if not isinstance(coder, Network):
        return Rounded(*shared)
    silent = is_silent(coder.model, faces)
    return Rounded(*shared, _rounded_network(coder, rows, np.zeros_like(nats) if silent else nats), silent)


def is_silent(network: AnchoredVAE, faces: np.ndarray) -> bool:
    """Whether the network's encoder adds the same to the linear code of all these faces, as it does where its last ReLU is 0."""
    encoder, _ = parts(network)
    return all(np.ptp(added, axis=0).max() < _SAME for added in predict(encoder, faces))


def _rounded_network(network: Network, rows: np.ndarray, nats: np.ndarray) -> AnchoredVAE:
    """A copy of the network, its weights rounded and its linear part along the rounded axes."""
    about = network.record["build"]
    copy = build(about["name"], tuple(about["shape"]), about["parameters"])
    for target, source in zip(copy.weights, network.model.weights, strict=True):
        target.assign(source)
    for bits, layers in ((ENCODER, copy.posterior.layers), (DECODER, copy.decoder.layers)):
        for layer in layers:
            if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
                kernel = shortened(np.asarray(layer.kernel), bits)
                if layer.name in _ADDED:
                    kernel[:, nats < UNUSED] = 0
                layer.kernel.assign(kernel)
                if layer.use_bias:
                    layer.bias.assign(shortened(np.asarray(layer.bias), FINE))
    reading, writing = factors(network.model, rows)
    axes = rows.astype("float32")
    copy.coding.learn(matrix=axes.T * reading)
    copy.decoding.learn(matrix=axes * writing[:, None])
    return copy


def factors(network: AnchoredVAE, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the fixed linear code is along the principal axes: z = reading · coordinate, coordinate = writing · z.

    Args:
        network: whose linear part lies along these axes.
        rows: float array (k, D), the axes.

    Returns:
        Two float32 arrays (k,).
    """
    axes = rows.astype("float64")
    squares = np.maximum((axes**2).sum(axis=1), 1e-9)
    reading = np.einsum("dk,kd->k", np.asarray(network.coding.matrix, "float64"), axes) / squares
    writing = np.einsum("kd,kd->k", np.asarray(network.decoding.matrix, "float64"), axes) / squares
    return reading.astype("float32"), writing.astype("float32")


def parts(network: AnchoredVAE) -> list[keras.Model]:
    """What the page computes with its network of convolutions: what the encoder adds to the linear code, and the decoder."""
    encoder, decoder = network.posterior, network.decoder
    shape = tuple(decoder.output.shape[1:])
    base = next(layer for layer in decoder.layers if getattr(layer, "target_shape", None) == shape)
    added = [encoder.get_layer(name).output for name in _ADDED]
    return [keras.Model(encoder.input, added), keras.Model([base.output, decoder.input], decoder.output)]


def packed(vae: Rounded) -> dict[str, Any]:
    """The VAE as JSON can hold it.

    Returns:
        "mean", "variances" as base 64 of float32; "axes": k; "values": D; "text", "count": the 16-bit numbers, the axes first; with
        a network "graphs": encoder and decoder as `own_picture.graph` describes them, their weights behind the axes, the decoder
        alone where the encoder is silent; "reading", "writing", "logVariance" of its linear code; "added": what a silent encoder
        adds to mean and log-variance; "wasm".
    """
    held: dict[str, Any] = {
        "mean": floats(vae.mean), "variances": floats(vae.variances), "axes": len(vae.axes), "values": vae.values,
    }  # fmt: skip
    numbers = vae.axes.ravel()
    if vae.network:
        held["graphs"], weights = graph.read(*parts(vae.network)[vae.silent :])
        if vae.silent:
            held["added"] = [floats(np.asarray(vae.network.posterior.get_layer(name).bias)) for name in _ADDED]
        reading, writing = factors(vae.network, vae.axes)
        spread = np.asarray(vae.network.spread.value)
        held |= {"reading": floats(reading), "writing": floats(writing), "logVariance": floats(spread)}
        held["wasm"] = base64.b64encode(WASM.read_bytes()).decode("ascii")
        numbers = np.concatenate([numbers, weights])
    return held | {"text": packing.pack(numbers), "count": numbers.size}


def floats(values: np.ndarray | Sequence[float]) -> str:
    """Base 64 of values as float32, the low byte first."""
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode("ascii")


def characters(held: Mapping[str, Any]) -> int:
    """How long the weights of `packed` are as text."""
    return len(held["text"])

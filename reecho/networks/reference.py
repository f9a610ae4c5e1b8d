"""The document's network as one of many: its variational autoencoder, or the plain autoencoder without noise and KL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from reecho import initialise, linear
from reecho.inputs import noise_like
from reecho.model import VAE, build_decoder, build_encoder
from reecho.once import Once
from reecho.streams import Pictures


def build(
    shape: tuple, seed: int, variational: bool, filters: tuple, kernels: tuple, strides: tuple, latent_dim: int, loss: str,
    reconstruction_weight: float, initialisation: str = "linear",
) -> VAE:  # fmt: skip
    """An untrained network with random weights, as `build_encoder`, `build_decoder` and `VAE` take their arguments.

    `initialisation` belongs to `start`; it is taken here so that one set of parameters describes the network.
    """
    layers = (filters, kernels, strides, latent_dim)
    encoder = build_encoder(shape, *layers, seed=seed, noise=variational)
    return VAE(encoder, build_decoder(shape, *layers), loss, reconstruction_weight, variational)


def start(network: VAE, inputs: Pictures, targets: Pictures, noise: float, parameters: Mapping[str, Any], once: Once) -> str:
    """Give the network the weights of the best linear VAE, where that is asked for and it is wide enough to carry it.

    See `reecho.networks.registry.start`. The inputs under the task's own noise set the averages of batch normalisation.
    """
    filters, kernels, strides, seed = (parameters[name] for name in ("filters", "kernels", "strides", "seed"))
    if parameters["initialisation"] == "random":
        return "random"
    if not initialise.linear_start_fits(filters, kernels, strides):
        return "random, too narrow for the linear start"
    weight = network.reconstruction_weight if network.variational else np.inf
    best = linear.fit(inputs, targets, noise, parameters["latent_dim"], weight, network.reconstruction, seed, once)
    seen = inputs[: initialise.calibration(network.encoder.input_shape[1])]
    if noise:
        seen = seen + noise * noise_like(seen, seed)
    initialise.start_linear(network, best, seen, kernels, strides, shift=1 + 5 * noise, seed=seed)
    return "linear"

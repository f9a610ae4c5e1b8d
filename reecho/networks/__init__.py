"""The networks that go beyond the reference model, behind the same calls: built from plain arguments, anchored in closed form."""

from __future__ import annotations

import numpy as np

from reecho import linear
from reecho.colour import chroma
from reecho.model import Learner
from reecho.networks.anchored import AnchoredVAE
from reecho.networks.colouriser import Colouriser, ConditionalVAE
from reecho.networks.denoiser import HIGHEST, LOWEST, Denoiser, sigma_at

__all__ = [
    "HIGHEST",
    "LOWEST",
    "AnchoredVAE",
    "Colouriser",
    "ConditionalVAE",
    "Denoiser",
    "anchor",
    "build",
    "is_blind",
    "sigma_at",
]

_BUILDERS = {
    "anchored": lambda shape, **a: AnchoredVAE(shape, a["latent_dim"], a["loss"], a["weight"], True, seed=a["seed"]),
    "anchored_autoencoder": lambda shape, **a: AnchoredVAE(shape, a["latent_dim"], a["loss"], a["weight"], False, seed=a["seed"]),
    "denoiser": lambda shape, **a: Denoiser(shape, a["sigma"], seed=a["seed"]),
    "blind_denoiser": lambda shape, **a: Denoiser(shape, None, seed=a["seed"]),
    "small_denoiser": lambda shape, **a: Denoiser(shape, None, linear=False, widths=(48, 80, 112), seed=a["seed"]),
    "colouriser": lambda shape, **a: Colouriser(shape, seed=a["seed"]),
    "colour_vae": lambda shape, **a: ConditionalVAE(shape, a["weight"], seed=a["seed"]),
}


def is_blind(name: str) -> bool:
    """Whether a network takes faces under any noise from LOWEST to HIGHEST."""
    return name in ("blind_denoiser", "small_denoiser")


def build(name: str, shape: tuple, latent_dim: int, loss: str, weight: float, sigma: float, seed: int) -> Learner:
    """An untrained network.

    Args:
        name: a key of `reecho.parameters.NETWORKS` other than the reference's.
        shape: (height, width, 3) of a face.
        latent_dim, loss, weight: for those with a code, as `reecho.model.VAE` takes them.
        sigma: noise that a denoiser is for, intensity units of [0, 1]; blind ones do without.
        seed: of the initialisation.

    Returns:
        A network that computes next to nothing before `anchor`.
    """
    return _BUILDERS[name](shape, latent_dim=latent_dim, loss=loss, weight=weight, sigma=sigma, seed=seed)


def anchor(network: Learner, inputs: np.ndarray, targets: np.ndarray, noise: float, seed: int = 0) -> str:
    """Give a network what closed form can give it, so that training begins where linear algebra ends.

    Args:
        network: from `build`.
        inputs: float32 (N, H, W, 3), train faces as the task makes them, before noise.
        targets: float32 (N, H, W, 3), the same faces.
        noise: standard deviation of the noise on the inputs.
        seed: of the randomised eigenvectors of large pictures.

    Returns:
        What it starts as, a word for the report.
    """
    if isinstance(network, AnchoredVAE):
        weight = network.reconstruction_weight if network.variational else np.inf
        network.anchor(linear.fit(inputs, targets, noise, network.latent_dim, weight, network.reconstruction, seed))
        return "best linear"
    if isinstance(network, Denoiser):
        if network.linear is None:
            return "noisy input"
        network.linear.learn(targets, seed)
        return "LMMSE"
    network.mean_chroma.learn(chroma(targets).mean(axis=0, dtype="float64"))
    return "mean chroma"

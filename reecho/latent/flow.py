"""A prior that is learnt: a flow from N(0, I) to the codes of faces and back, by a small network that says where codes move."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import keras
import numpy as np
from scipy import linalg

from reecho.batches import predict
from reecho.errors import ReechoError
from reecho.latent import velocity
from reecho.latent.density import FEW_A_COMPONENT, mixture
from reecho.once import Once, directly

AXES = 512  # at most so many are learnt; the others, along which faces differ least, are drawn from a Gaussian each
STEPS = 24  # from noise to code, of two looks at the network each
# How far draws are moved away from the mean code: with 1 decoded draws have less contrast and less variety than real faces. Of
# 1.05, 1.06, 1.075 and 1.09 the first with which recall reaches that of the mixture, on validation people, in each of three draws.
SPREAD = 1.075
_DRAWS = 8192  # whose mean is taken for that of the flow
_FLOOR = 1e-4  # of the largest variance, so that codes without noise have a finite rate and flat axes a deviation
_SOME = 1000  # codes at a time through the network


@dataclass(frozen=True)
class CodeFlow:
    """A learnt prior of codes, d = latent_dim of them an axis; what `fit` returns.

    Args:
        centre: float64 (d,), the mean code.
        deviations: float64 (d,), standard deviation of draws along each axis.
        axes: int (k,), those that the flow moves, by falling rate.
        whiten, colour: float64 (k, k), from the codes' own axes to uncorrelated ones of variance 1, and back.
        shift: float64 (k,), the mean of what the flow makes of N(0, I), which should be 0 and is taken off.
        network: from places (B, k) and angles (B, 1) to velocities (B, k).
    """

    centre: np.ndarray
    deviations: np.ndarray
    axes: np.ndarray
    whiten: np.ndarray
    colour: np.ndarray
    shift: np.ndarray
    network: keras.Model

    @classmethod
    def fit(
        cls, codes: np.ndarray, log_variances: np.ndarray | None, steps: int, seed: int = 0, once: Once = directly,
        most_axes: int = AXES, components: int = 10, leading: int = 32,
    ) -> CodeFlow:  # fmt: skip
        """Learn the prior from the codes of train people.

        Args:
            codes: float32 (N, d), posterior means, N at least 2.
            log_variances: float32 (N, d), the posteriors' log-variances, so that draws are learnt, which the decoder was trained
                on; None of codes without noise.
            steps: of training; 0 gives the mixture of Gaussians from which training starts.
            seed: of initialisation and draws.
            once: computes the network's weights, or gives those that were computed before.
            most_axes: how many axes are learnt, those with the highest rate first.
            components, leading: of that mixture, as for `CodeDensity.fit`; it is fitted to draws.

        Returns:
            The fitted CodeFlow.

        Raises:
            ReechoError: fewer than two codes.

        Source: Lipman et al. (2023), arXiv:2210.02747, section 3 (flow matching); the way along an arc: Albergo & Vanden-Eijnden
        (2023), arXiv:2209.15571, section 2; a prior on the codes of a VAE in a second stage: Dai & Wipf (2019), arXiv:1903.05789,
        section 3, and Vahdat et al. (2021), arXiv:2106.05931.
        """
        if len(codes) < 2:
            raise ReechoError(f"A prior is learnt from at least 2 codes; got {len(codes)}. Take more pictures.")
        centre, signal = codes.mean(axis=0, dtype="float64"), codes.var(axis=0, dtype="float64")
        floor = max(_FLOOR * signal.max(), 1e-12)
        noise = np.zeros_like(signal) if log_variances is None else np.exp(log_variances, dtype="float64").mean(axis=0)
        rate = np.log1p(signal / (noise + floor)) / 2  # nats, of a Gaussian channel
        axes = np.argsort(-rate, kind="stable")[:most_axes]
        means = (codes[:, axes] - centre[axes]).astype("float32")
        spread = np.zeros_like(means) if log_variances is None else np.exp(log_variances[:, axes] / 2)
        covariance = means.T.astype("float64") @ means / len(means) + np.diag(noise[axes] + floor)
        colour = linalg.cholesky(covariance)  # upper: each axis is freed of those before it, so that their order stays
        whiten = linalg.solve_triangular(colour, np.eye(len(axes)))
        importance = (rate[axes] / rate[axes].mean()).astype("float32")
        drawn = means + spread * np.random.default_rng(seed).standard_normal(means.shape, dtype="float32")
        count = max(1, min(components, len(codes) // FEW_A_COMPONENT))
        start = once(_start, drawn @ whiten.astype("float32"), count, min(leading, len(axes)), int(seed))
        weights = once(
            velocity.trained, means, spread.astype("float32"), whiten.astype("float32"), importance, int(steps), int(seed), *start
        )
        (shift,) = once(_shift, int(seed), len(start), *start, *weights)
        network = velocity.with_weights(weights, *start)
        return cls(centre, np.sqrt(signal + noise + floor), axes, whiten, colour, shift, network)

    def draw(self, n: int, seed: int = 0, spread: float = SPREAD) -> np.ndarray:
        """New codes, float32 (n, d), moved away from the mean code by a factor; the same seed draws the same ones."""
        codes = self.codes_of(np.random.default_rng(seed).standard_normal((n, len(self.centre)), dtype="float32"))
        middle = self.centre[self.axes]
        codes[:, self.axes] = middle + spread * (codes[:, self.axes] - middle)
        return codes

    def codes_of(self, noise: np.ndarray) -> np.ndarray:
        """The codes to which values of N(0, I) flow: float (n, d) → float32 (n, d)."""
        codes = self.centre + noise * self.deviations
        moved = _along(self.network, noise[:, self.axes], 0, np.pi / 2)
        codes[:, self.axes] = self.centre[self.axes] + (moved - self.shift) @ self.colour
        return codes.astype("float32")

    def noise_of(self, codes: np.ndarray) -> np.ndarray:
        """The values of N(0, I) that flow to codes, as nearly as the steps allow: float (n, d) → float32 (n, d).

        Draws of posteriors come to values near N(0, I) where the prior fits them; means, which have less variance, do not.
        """
        away = codes - self.centre
        noise = away / self.deviations
        noise[:, self.axes] = _along(self.network, away[:, self.axes] @ self.whiten + self.shift, np.pi / 2, 0)
        return noise.astype("float32")


def _along(network: keras.Model, places: np.ndarray, first: float, last: float) -> np.ndarray:
    """Where a network's velocities lead places (n, k) from one angle to another, by the midpoint rule: float32 (n, k)."""

    def velocity_at(angle: float, where: np.ndarray) -> np.ndarray:
        return predict(network, where, np.full((len(where), 1), angle, "float32"), size=_SOME)

    places = np.asarray(places, "float32")
    for begin, end in pairwise(np.linspace(first, last, STEPS + 1)):
        halfway = places + np.float32((end - begin) / 2) * velocity_at(begin, places)
        places = places + np.float32(end - begin) * velocity_at((begin + end) / 2, halfway)
    return places


def _shift(seed: int, of_start: int, *arrays: np.ndarray) -> tuple[np.ndarray]:
    """Where the mean of N(0, I) comes to along the flow, of the arrays of a `velocity.Start` and of its network's weights."""
    start, weights = arrays[:of_start], arrays[of_start:]
    noise = np.random.default_rng(seed).standard_normal((_DRAWS, start[1].shape[1]), dtype="float32")
    noise -= noise.mean(axis=0)
    return (_along(velocity.with_weights(weights, *start), noise, 0, np.pi / 2).mean(axis=0, dtype="float64"),)


def _start(along: np.ndarray, components: int, leading: int, seed: int) -> tuple[np.ndarray, ...]:
    """The arrays of a `velocity.Start`: the mixture of draws (N, k), each component turned to its own axes in the leading ones."""
    weights, means, deviations, factors = mixture(along, components, leading, seed)
    variances, turns = np.linalg.eigh(factors @ factors.transpose(0, 2, 1))
    variances = np.concatenate([variances, deviations[:, leading:] ** 2], axis=1)
    return tuple(array.astype("float32") for array in (weights, means, variances, turns))

"""A trained network, behind the calls that every network answers to."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from reecho import gaussian
from reecho.batches import BATCH, predict
from reecho.model import Learner
from reecho.once import Once, directly


@dataclass(frozen=True)
class Network:
    """A trained network.

    Args:
        model: with its trained weights.
        history: of its training, lists by column; empty for a network that came with the package.
        record: what made it, see `reecho.network_files`.
        folder: where it lies.
        once: computes codes of pictures, or gives those that were computed before.
    """

    model: Learner
    history: dict[str, list]
    record: dict[str, Any]
    folder: Path
    once: Once = directly

    @property
    def provenance(self) -> dict[str, Any]:
        """What made it: minutes, commit, versions, machine."""
        return self.record.get("provenance", {})

    def cost_of(self, inputs: np.ndarray) -> dict[str, float | None]:
        """What its row of results has beside its quality.

        Args:
            inputs: float32 (B, H, W, 3), over which the rate is averaged.

        Returns:
            "rate_nats" (None without a decoder of codes), "weights", and the seconds of its training: "train_seconds" by the clock,
            "processor_seconds" of all cores (None where its record does not tell).
        """
        rate = float(self.rate(inputs).sum(1).mean()) if self.model.variational and hasattr(self.model, "decoder") else None
        minutes = [self.provenance.get(name) for name in ("minutes", "processor_minutes")]
        wall, processor = (None if spent is None else round(spent * 60) for spent in minutes)
        return {"rate_nats": rate, "weights": self.weights, "train_seconds": wall, "processor_seconds": processor}

    @cached_property
    def digest(self) -> str:
        """Of its weights and of what it is named by, as hex digits."""
        digest = hashlib.sha256(self.folder.name.encode())
        for weight in self.model.weights:
            digest.update(np.ascontiguousarray(weight).tobytes())
        return digest.hexdigest()

    def anew(self) -> Network:
        """The same network, which computes everything when it is asked for it, as under a clock."""
        return replace(self, once=directly)

    @property
    def weights(self) -> int:
        """How many weights it has, those that closed form has fixed included."""
        return sum(math.prod(weight.shape) for weight in self.model.weights)

    def encode(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """z_mean and z_log_var, float32 (B, latent_dim) each, of inputs (B, H, W, 3)."""
        mean, log_variance = self.once(_codes, self, inputs, code=(type(self.model).__module__,))
        return mean, log_variance

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Faces, float32 (B, H, W, 3) in [0, 1], of codes (B, latent_dim)."""
        return predict(self.model.decoder, z, size=_at_once(self.model.decoder.output.shape[1]))

    def reproduce(self, inputs: np.ndarray) -> np.ndarray:
        """Outputs for inputs (B, H, W, 3): where there is a code, its mean decoded; nothing drawn."""
        return predict(self.model.reproduction, inputs, size=_at_once(inputs.shape[1]))

    def reproduce_sampled(self, inputs: np.ndarray, seed: int) -> np.ndarray:
        """Outputs for inputs (B, H, W, 3): one draw of z decoded, as the document does."""
        mean, log_variance = self.encode(inputs)
        noise = np.random.default_rng(seed).standard_normal(mean.shape, dtype="float32")
        return self.decode(gaussian.draw(mean, log_variance, self.model.variational * noise))

    def rate(self, inputs: np.ndarray) -> np.ndarray:
        """The KL of each axis and picture in nats, float32 (B, latent_dim)."""
        return gaussian.kl_per_axis(*self.encode(inputs))


def _codes(network: Network, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, log_variance = predict(network.model.posterior, inputs, size=_at_once(inputs.shape[1]))
    return mean, gaussian.clip_log_variance(log_variance)


def _at_once(width: int) -> int:
    """How many pictures go through a network at a time: of larger ones fewer, so that its layers hold no more than of 32×32."""
    return max(min(BATCH, BATCH * 32**2 // width**2), 1)

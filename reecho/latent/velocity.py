"""The network of a learnt prior: how codes move on the way from noise to a code of a face; what it is and how it is trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from reecho.batches import untuned
from reecho.model import Learner

WIDTH, BLOCKS, SMALL = 256, 2, 64
BATCH = 128  # codes a step
_FIRST_BAND = 8  # axes; each further band doubles their number
_RATE = 1e-3  # Adam's highest
_WARM_UP = 20  # the first of so many parts of the steps, in which the rate rises
_LEAST = 1e-4  # energy, so that its logarithm is finite
_WAVES = 8  # of the angle, from one to as many


@dataclass(frozen=True)
class Start:
    """A mixture of Gaussians whose velocity is known in closed form, from which training starts.

    Args:
        weights: float32 (c,), share of each component, 1 in sum.
        means: float32 (c, k).
        variances: float32 (c, k), along the turned axes.
        turns: float32 (c, m, m), from the first m axes to those along which the component has no correlation; m may be 0.
    """

    weights: np.ndarray
    means: np.ndarray
    variances: np.ndarray
    turns: np.ndarray

    def velocity(self, places: Any, angles: Any) -> Any:
        """The mean velocity at places (B, k) and angles (B, 1), of the arc from N(0, I) to the mixture, (B, k).

        Given its component, a place is Gaussian, and so is what the code and the noise are, given the place.
        """
        cosine, sine, leading = ops.cos(angles)[:, None], ops.sin(angles)[:, None], self.turns.shape[1]
        away = places[:, None] - sine * self.means  # (B, c, k)
        turned = ops.concatenate([ops.einsum("bcm,cmn->bcn", away[..., :leading], self.turns), away[..., leading:]], axis=-1)
        variances = cosine**2 + sine**2 * self.variances
        logarithm = ops.sum(ops.log(variances) + turned**2 / variances, axis=-1) / -2 + np.log(self.weights)
        shares = ops.softmax(logarithm, axis=-1)[..., None]
        moved = cosine * sine * (self.variances - 1) / variances * turned
        back = ops.concatenate([ops.einsum("bcn,cmn->bcm", moved[..., :leading], self.turns), moved[..., leading:]], axis=-1)
        return ops.sum(shares * (cosine * self.means + back), axis=1)


class Velocity(Learner):
    """A network from a place on the way and its angle to the velocity there; before it is trained, a mixture's velocity.

    Args:
        start: the mixture, of k axes in the order of their rate.
        importance: float32 (k,), the weight of each axis in the loss, 1 in the mean.
        width: of each layer.
        blocks: residual blocks.
        seed: of the initialisation.

    The way from noise n to a code z is cos φ · n + sin φ · z for φ from 0 to π/2; its velocity is cos φ · z - sin φ · n. Training
    adds to the mixture's what codes are beside it: residual blocks for what the axes say of each other, and one factor a band of
    axes, read from the energies of all bands, because faces differ in how much detail of all kinds they have.
    """

    def __init__(self, start: Start, importance: np.ndarray, width: int = WIDTH, blocks: int = BLOCKS, seed: int = 0):
        super().__init__(variational=False)
        self.importance = ops.convert_to_tensor(importance, "float32")
        axes, seeds = start.means.shape[1], iter(range(seed, seed + 1000))

        def dense(units: int, **kwargs: Any) -> layers.Dense:
            return layers.Dense(units, kernel_initializer=keras.initializers.GlorotUniform(next(seeds)), **kwargs)

        places, angles = keras.Input((axes,), name="places"), keras.Input((1,), name="angles")
        waves = angles * np.arange(1, _WAVES + 1, dtype="float32")
        waves = layers.Concatenate()([ops.sin(waves), ops.cos(waves)])
        band = _bands(axes)  # (bands, axes)
        energies = ops.log(ops.matmul(ops.square(places), (band / band.sum(axis=1, keepdims=True)).T) + _LEAST)
        seen = dense(SMALL, activation="silu")(layers.Concatenate()([energies, waves]))
        seen = dense(SMALL, activation="silu")(seen)
        factors = ops.matmul(layers.Dense(len(band), kernel_initializer="zeros")(seen), band)

        when = dense(width, activation="silu")(waves)
        hidden = dense(width)(layers.Concatenate()([places, energies]))
        for _ in range(blocks):
            scale, shift = dense(width)(when), dense(width)(when)
            seen = layers.LayerNormalization()(hidden) * (1 + scale) + shift
            hidden += layers.Dense(width, kernel_initializer="zeros")(dense(width, activation="silu")(seen))
        moved = layers.Dense(axes, kernel_initializer="zeros")(layers.LayerNormalization()(hidden))
        moved += factors * places + start.velocity(places, angles)
        self.reproduction = keras.Model([places, angles], moved, name="velocity")

    def losses_of(self, inputs: Any, targets: Any, training: bool) -> dict[str, Any]:
        """The mean squared error of the velocity, axes weighted by their importance."""
        error = ops.mean(ops.square(self.reproduction(inputs, training=training) - targets) * self.importance)
        return {"total_loss": error, "reconstruction_loss": error, "kl_loss": ops.zeros(())}


def _bands(axes: int) -> np.ndarray:
    """Which axes belong to which band, float32 (bands, axes) of 0 and 1: 8 axes, 8, 16, 32 and so on, then those that are left."""
    numbers = np.maximum(np.log2(np.arange(axes) / _FIRST_BAND + 1e-9) + 1, 0).astype(int)
    return (numbers == np.arange(numbers.max() + 1)[:, None]).astype("float32")


def trained(
    means: np.ndarray, deviations: np.ndarray, whiten: np.ndarray, importance: np.ndarray, steps: int, seed: int,
    *start: np.ndarray,
) -> tuple[np.ndarray, ...]:  # fmt: skip
    """The weights of a network that was trained on codes.

    Args:
        means: float32 (N, k), posterior means of train faces less their mean.
        deviations: float32 (N, k), standard deviations of the posteriors; every step draws the codes of its batch anew.
        whiten: float32 (k, k), from codes to axes along which they have variance 1 and no correlation, in the order of the rate.
        importance: as for `Velocity`, of these axes.
        steps: of training; 0 leaves the network as it is built.
        seed: of initialisation and draws.
        start: the arrays of a `Start`, of these axes.

    Returns:
        The arrays that `with_weights` takes, so that `reecho.once` can store them.
    """
    import tensorflow as tf

    network = Velocity(Start(*start), importance, seed=seed)
    if steps:
        warm_up = steps // _WARM_UP
        rate = keras.optimizers.schedules.CosineDecay(
            _RATE / 100, max(steps - warm_up, 1), 0.01, warmup_target=_RATE, warmup_steps=warm_up
        )
        network.compile(optimizer=keras.optimizers.Adam(rate), jit_compile=False)
        codes, angles = tf.TensorSpec((BATCH, means.shape[1])), tf.TensorSpec((BATCH, 1))
        batches = tf.data.Dataset.from_generator(
            lambda: _batches(means, deviations, whiten, steps, seed), output_signature=((codes, angles), codes)
        )
        network.fit(untuned(batches.prefetch(2)), steps_per_epoch=steps, epochs=1, verbose=0, shuffle=False)
    return tuple(network.reproduction.get_weights())


def with_weights(weights: tuple[np.ndarray, ...], *start: np.ndarray) -> keras.Model:
    """The network, from places (B, k) and angles (B, 1) to velocities (B, k), with the weights that `trained` gave."""
    network = Velocity(Start(*start), np.ones(start[1].shape[1], "float32")).reproduction
    network.set_weights(list(weights))
    return network


def _batches(means: np.ndarray, deviations: np.ndarray, whiten: np.ndarray, steps: int, seed: int) -> Iterator[tuple]:
    """((places, angles), velocities) of codes and noise that are drawn anew for each step."""
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        chosen = rng.integers(len(means), size=BATCH)
        drawn = means[chosen] + deviations[chosen] * rng.standard_normal((BATCH, means.shape[1]), dtype="float32")
        codes, noise = drawn @ whiten, rng.standard_normal(drawn.shape, dtype="float32")
        angles = rng.random((BATCH, 1), dtype="float32") * np.float32(np.pi / 2)
        cosine, sine = np.cos(angles), np.sin(angles)
        yield (cosine * noise + sine * codes, angles), cosine * codes - sine * noise

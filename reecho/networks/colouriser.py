"""Colours for a grey face: a network that keeps the luma exactly and draws the chroma alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import layers, ops

from reecho.colour import chroma, differences, luma, shorten
from reecho.model import Learner, in_float32
from reecho.networks.blocks import Constant, Fold, log_error, unet
from reecho.once import Once
from reecho.streams import Pictures, mean

DROPOUT = 0.15
TYPICAL = 0.06  # standard deviation of a face's chroma, which scales what the networks put out


@keras.saving.register_keras_serializable(package="reecho")
class Colouriser(Learner):
    """A grey face → the face in colour: its luma, with the mean chroma plus a U-Net's correction, zero at first.

    Args:
        shape: (height, width, 3) of a face, height and width multiples of 8.
        widths, blocks: of the U-Net.
        dropout: share of channels dropped in training.
        seed: of the initialisation and the dropout.
    """

    def __init__(self, shape: tuple, widths: tuple = (40, 80, 112), blocks: int = 1, dropout: float = DROPOUT, seed: int = 0):
        super().__init__(variational=False)
        grey = keras.Input(shape, name="grey")
        self.mean_chroma = Constant((*shape[:2], 2), name="mean_chroma")
        base = self.mean_chroma(grey)
        seen = [Fold()((luma(grey) - 0.45) / 0.25), Fold()(base / TYPICAL)]
        drawn = Fold(back=True)(unet(layers.Concatenate()(seen), widths, blocks, 8, seed, dropout))
        away = differences(base + TYPICAL * drawn, ops)
        self.differences = keras.Model(grey, away)
        self.reproduction = keras.Model(grey, shorten(luma(grey), away, ops), name="colouriser")

    def losses_of(self, inputs: Any, targets: Any, training: bool) -> dict[str, Any]:
        """The mean squared error of red, green and blue, reported; its logarithm, averaged over pictures, is minimised."""
        outputs = luma(inputs) + in_float32(self.differences(inputs, training=training))[0]
        error = ops.mean(ops.square(outputs - targets))
        return {"total_loss": log_error(outputs, targets), "reconstruction_loss": error, "kl_loss": ops.zeros(())}


def build(shape: tuple, seed: int) -> Colouriser:
    """An untrained colouriser, as `Colouriser` takes its arguments."""
    return Colouriser(shape, seed=seed)


def start(network: Colouriser, inputs: Pictures, targets: Pictures, noise: float, parameters: Mapping[str, Any], once: Once) -> str:
    """Give the network the mean chroma of the targets; see `reecho.networks.registry.start`."""
    network.mean_chroma.learn(mean(targets, chroma))
    return "mean chroma"

"""Networks on their way into a page: every weight comes back bit for bit, and what the page cannot run is refused."""

from __future__ import annotations

import json
import re

import keras
import numpy as np
import pytest

from reecho import trained
from reecho.errors import ReechoError
from reecho.networks.registry import SHIPPED
from reecho.own_picture import graph, packing, page


def test_every_16_bit_number_comes_back_bit_for_bit():
    values = np.arange(65536, dtype="uint16").view("float16")
    values = values[np.isfinite(values)]  # both zeros, and all that are too small for a leading one
    assert packing.unpack(packing.pack(values)).tobytes() == values.tobytes()
    for count in range(1, 9):  # however many bytes are left over
        some = values[-count:]
        assert packing.unpack(packing.pack(some)).tobytes() == some.tobytes()


def test_what_is_packed_can_stand_in_a_page_and_is_a_third_longer_than_its_bytes():
    packed = packing.pack(np.random.default_rng(0).normal(0, 0.05, 50_000).astype("float16"))
    assert re.fullmatch(r"[A-Za-z0-9+/]+=*", packed)
    assert len(packed) < 4 / 3 * 0.93 * 100_000


def test_a_weight_that_is_no_number_or_has_more_bits_is_an_error():
    with pytest.raises(ReechoError, match="no finite number"):
        packing.pack(np.array([1, np.inf], "float16"))
    inputs = keras.Input((4, 4, 1))
    tenth = keras.layers.Conv2D(1, 1, padding="same", kernel_initializer=keras.initializers.Constant(0.1))
    model = keras.Model(inputs, tenth(inputs))
    with pytest.raises(ReechoError, match="more than 16 bits"):
        graph.read(model)


def test_an_operation_that_the_page_does_not_know_is_an_error():
    inputs = keras.Input((4, 4, 1))
    unknown = (
        keras.layers.Conv2D(1, 3), keras.layers.UpSampling2D(interpolation="bilinear"), keras.layers.ReLU(6.0),
        keras.layers.AveragePooling2D(2),
    )  # fmt: skip
    for layer in unknown:
        with pytest.raises(ReechoError, match=f"{type(layer).__name__} .* cannot run in a page"):
            graph.read(keras.Model(inputs, layer(inputs)))


@pytest.mark.slow
@pytest.mark.parametrize("task", SHIPPED)
def test_the_description_holds_every_weight_once(task):
    network = trained.shipped(task)
    described, weights = graph.read(*page.parts(network.model))
    assert weights.size == network.weights and described[0]["inputs"][0] == list(network.model.reproduction.input.shape[1:])
    last = described[-1]
    assert last["steps"][last["outputs"][0] - len(last["inputs"])]["shape"] == list(network.model.reproduction.output.shape[1:])
    json.dumps(described)

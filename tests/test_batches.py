"""Every network takes any number of pictures at a time: a batch of as many pictures as a map is high is none of its own."""

from __future__ import annotations

import numpy as np
import pytest

from reecho.networks.registry import NETWORKS, build
from reecho.settings import network_parameters, resolve

SIZE = 16


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_picture_comes_out_the_same_whatever_else_is_in_its_batch(name):
    settings = resolve("02_training", {"network": name, "task": NETWORKS[name].tasks[0], "size": SIZE, "latent_dim": 8})
    network = build(name, (SIZE, SIZE, 3), network_parameters(settings))
    rng = np.random.default_rng(0)
    for variable in network.trainable_variables:  # what is zero at first hides everything
        variable.assign(np.array(variable) + 0.05 * rng.standard_normal(variable.shape))
    pictures = rng.random((2 * SIZE, SIZE, SIZE, 3), dtype="float32")
    alone = np.concatenate([np.array(network.reproduction(pictures[n : n + 1], training=False)) for n in range(len(pictures))])
    for count in range(1, 2 * SIZE + 1):
        together = np.array(network.reproduction(pictures[:count], training=False))
        assert together.shape == (count, SIZE, SIZE, 3)
        np.testing.assert_allclose(together, alone[:count], atol=1e-4)

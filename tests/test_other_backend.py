"""The networks are written for Keras, not for TensorFlow: each of them learns a step on JAX, and gives there what it gives here."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from reecho.networks.registry import NETWORKS
from reecho.settings import ROOT

STEP = """
import json, os, sys
import reecho
os.environ["KERAS_BACKEND"] = sys.argv[1]  # as `import reecho` sets it for TensorFlow; Keras reads it when it is imported
import keras
import numpy as np
from reecho.networks.registry import NETWORKS, build

values = {"latent_dim": 6, "filters": (4, 8), "kernels": (3, 3), "strides": (1, 2), "loss": "mse", "reconstruction_weight": 1e3,
          "initialisation": "random", "train_sigma": 0.1, "seed": 0}

def step(network, inputs, targets):
    import jax

    inputs, targets = map(keras.ops.convert_to_tensor, (inputs, targets))
    weights, fixed = network.trainable_variables, network.non_trainable_variables

    def loss_of(numbers, others):
        with keras.StatelessScope(state_mapping=[*zip(weights, numbers), *zip(fixed, others)]):
            return network.losses_of(inputs, targets, training=True)["total_loss"]

    start, others = [variable.value for variable in weights], [variable.value for variable in fixed]
    both = jax.jit(jax.value_and_grad(loss_of))
    before, slopes = both(start, others)
    length = sum(float((slope**2).sum()) for slope in slopes) ** 0.5
    after, _ = both([number - 1e-3 * slope / length for number, slope in zip(start, slopes)], others)
    return float(before), float(after)

found = {}
for name in NETWORKS:
    network, rng = build(name, (16, 16, 3), values), np.random.default_rng(0)
    targets = rng.random((8, 16, 16, 3), dtype="float32")
    inputs = np.clip(targets + 0.1 * rng.standard_normal(targets.shape, dtype="float32"), 0, 1)
    for variable in network.trainable_variables:  # the same weights on each backend, and none that is nothing
        variable.assign(0.2 * rng.standard_normal(variable.shape) / np.sqrt(max(variable.shape[0], 4)))
    outputs = np.asarray(network.reproduction.predict_on_batch(inputs))
    found[name] = [float(np.abs(outputs).mean()), *(step(network, inputs, targets) if sys.argv[1] == "jax" else ())]
print(json.dumps(found))
assert sys.argv[1] == "tensorflow" or "tensorflow" not in sys.modules
"""


def on(backend):
    done = subprocess.run([sys.executable, "-c", STEP, backend], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_each_network_learns_a_step_on_jax_and_computes_the_same():
    there, here = on("jax"), on("tensorflow")
    assert set(there) == set(here) == set(NETWORKS)
    for name, (output, before, after) in there.items():
        assert after < before, name
        assert output == pytest.approx(here[name][0], rel=1e-4), name

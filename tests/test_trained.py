"""Which network belongs to which settings, and how long a training may take."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from reecho import network_keys, trained
from reecho.lessons import computing_in
from reecho.networks.registry import NETWORKS
from reecho.tasks import TASKS


@pytest.mark.parametrize(
    "record",
    [
        {"provenance": None},
        {"settings": None},
        {"provenance": {"faces_a_second": "fast"}, "settings": {"size": 32, "network": "reference"}},
        {"provenance": {"faces_a_second": 100.0}, "settings": {"size": "x", "network": "reference"}},
        {"provenance": {"faces_a_second": 100.0}, "settings": {"size": 32, "network": []}},
        {"provenance": {"faces_a_second": -1.0}, "settings": {"size": 32, "network": "reference"}},
    ],
)
def test_a_foreign_record_does_not_change_what_a_training_is_expected_to_take(places, small_settings, small_faces, record):
    settings = small_settings(size=32)
    expected = trained.estimate_minutes(places, settings, small_faces)
    folder = places.networks / "foreign"
    folder.mkdir(parents=True)
    (folder / "network.json").write_text(json.dumps(record))
    assert trained.estimate_minutes(places, settings, small_faces) == expected
    (folder / "network.json").write_text(
        json.dumps({"provenance": {"faces_a_second": 1.0}, "settings": {"size": 32, "network": "reference"}})
    )
    assert trained.estimate_minutes(places, settings, small_faces) > expected


@pytest.mark.slow
@pytest.mark.parametrize(("network", "task"), [("reference", "reconstruction"), ("blind_denoiser", "denoising")])
def test_a_network_learns_in_bfloat16_and_what_comes_of_it_is_float32(places, small_faces, small_settings, network, task):
    """Two epochs of each: validation is as good, to a tenth of a dB, and the stored network computes in float32."""
    reached = {}
    for precision in ("float32", "bfloat16"):
        settings = small_settings(network=network, task=task, size=16, precision=precision, epochs=2, latent_dim=64)
        trained_network = trained.load_or_train(places, settings, small_faces, lambda line: None)
        history = trained_network.history
        reached[precision] = -10 * np.log10(min(history["val_reconstruction_loss"]))
        assert {weight.dtype for weight in trained_network.model.weights} == {"float32"}
        outputs = trained_network.reproduce(np.full((3, 16, 16, 3), 0.5, "float32"))
        assert outputs.dtype == np.float32 and len(np.unique(outputs)) > 300  # of bfloat16 there are fewer
    assert reached["bfloat16"] == pytest.approx(reached["float32"], abs=0.1)
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_has_losses_and_slopes_in_bfloat16_near_those_of_float32(small_settings, name):
    """From the same weights: losses within what eight binary digits leave, and slopes of float32 that point the same way."""
    task = NETWORKS[name].tasks[0]
    settings = small_settings(network=name, task=task, size=16, latent_dim=16)
    faces = np.random.default_rng(0).random((4, 16, 16, 3), dtype="float32")
    noise = np.random.default_rng(1).standard_normal(faces.shape, "float32")
    inputs = np.asarray(TASKS[task].make_inputs(faces, noise, 0.1))
    plain = trained.untrained(settings)
    with computing_in("bfloat16"):
        fast = trained.untrained(settings)
    fast.set_weights(plain.get_weights())
    losses, slopes = zip(*(_losses_and_slopes(network, inputs, faces) for network in (plain, fast)), strict=True)
    assert losses[1] == pytest.approx(losses[0], rel=0.03, abs=1e-3)
    assert slopes[1].dtype == np.float32
    assert slopes[0] @ slopes[1] > 0.95 * np.linalg.norm(slopes[0]) * np.linalg.norm(slopes[1]) > 0


def _losses_and_slopes(network, inputs, targets):
    with tf.GradientTape() as tape:
        losses = network.losses_of(tf.constant(inputs), tf.constant(targets), training=True)
    slopes = tape.gradient(losses["total_loss"], [weight.value for weight in network.trainable_variables])
    return {name: float(loss) for name, loss in losses.items()}, np.concatenate(
        [np.asarray(slope).ravel() for slope in slopes if slope is not None]
    )


def test_the_precision_of_the_steps_is_part_of_what_a_network_is(small_faces, small_settings):
    keys = {network_keys.key(small_settings(precision=precision), small_faces) for precision in ("float32", "bfloat16")}
    assert len(keys) == 2

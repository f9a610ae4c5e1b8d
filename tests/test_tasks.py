"""Inputs: sigma 0 changes nothing, the same arithmetic for arrays and tensors."""

import numpy as np
import pytest

from reecho.errors import ReechoError
from reecho.inputs import noise_like
from reecho.tasks import LEARNT, make_inputs

FACES = np.random.default_rng(0).random((4, 8, 8, 3), dtype="float32")


def test_sigma_0_changes_nothing():
    assert np.array_equal(make_inputs("denoising", FACES, noise_like(FACES, 0), 0.0), FACES)


def test_noise_has_the_asked_standard_deviation_and_is_not_clipped():
    faces = np.zeros((50, 32, 32, 3), "float32")
    noisy = make_inputs("denoising", faces, noise_like(faces, 0), 0.1)
    assert abs(noisy.std() - 0.1) < 0.001 and noisy.min() < 0


def test_a_tensor_gets_the_same_input_as_an_array():
    import tensorflow as tf

    noise = noise_like(FACES, 1)
    for task in LEARNT:
        assert np.allclose(
            make_inputs(task, tf.constant(FACES), tf.constant(noise)).numpy(), make_inputs(task, FACES, noise), atol=1e-6
        )


def test_an_unknown_task_and_denoising_without_noise_are_refused():
    for task in ("sharpening", "denoising"):
        with pytest.raises(ReechoError):
            make_inputs(task, FACES)

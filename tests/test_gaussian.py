"""Gaussians: KL 0 at the prior and half a nat an axis at mean 1, a log-variance within ±10, draws of the right spread."""

import keras
import numpy as np
import pytest

from reecho import gaussian

ZERO = np.zeros((2, 5), "float32")


@pytest.fixture(scope="module")
def posterior():
    """Means and log-variances, some of these beyond the limit."""
    rng = np.random.default_rng(0)
    return rng.standard_normal((7, 5)).astype("float32"), rng.uniform(-14, 3, (7, 5)).astype("float32")


def test_kl_is_0_at_the_prior_and_half_a_nat_an_axis_at_mean_1():
    assert np.allclose(gaussian.kl_per_axis(ZERO, ZERO), 0) and np.allclose(gaussian.kl_per_axis(ZERO + 1, ZERO), 0.5)
    assert np.allclose(gaussian.kl(ZERO, ZERO), 0) and np.allclose(gaussian.kl(ZERO + 1, ZERO), 2.5)
    assert (gaussian.kl(ZERO, ZERO - 3) > 0).all() and (gaussian.kl(ZERO, ZERO + 3) > 0).all()


def test_kl_is_the_integral_that_it_stands_for():
    z = np.linspace(-12, 14, 20_001)
    mean, log_variance = 1.3, np.log(0.4)
    log_density = -0.5 * (z - mean) ** 2 / 0.4 - 0.5 * np.log(2 * np.pi * 0.4)
    integral = (np.exp(log_density) * (log_density + 0.5 * z**2 + 0.5 * np.log(2 * np.pi))).sum() * (z[1] - z[0])
    assert gaussian.kl_per_axis(mean, log_variance) == pytest.approx(integral)


def test_the_log_variance_is_kept_within_10_either_way_and_otherwise_as_it_is():
    given = np.array([-40.0, -10.0, 0.5, 10.0, 90.0], "float32")
    assert gaussian.clip_log_variance(given).tolist() == [-10, -10, 0.5, 10, 10]
    assert gaussian.clip_log_variance(given).dtype == "float32"


def test_draws_have_the_mean_and_the_deviation_and_no_noise_is_the_mean():
    noise = np.random.default_rng(0).standard_normal((20_000, 3), dtype="float32")
    mean, log_variance = np.array([3.0, 0.0, -1.0], "float32"), np.log(np.array([0.25, 1.0, 4.0], "float32"))
    drawn = gaussian.draw(mean, log_variance, noise)
    assert drawn.dtype == "float32"
    assert drawn.mean(axis=0) == pytest.approx(mean, abs=0.05) and drawn.std(axis=0) == pytest.approx([0.5, 1, 2], rel=0.02)
    assert (gaussian.draw(mean, log_variance, 0 * noise) == mean).all()


def test_a_tensor_gets_the_same_numbers_as_an_array(posterior):
    mean, log_variance = posterior
    noise = np.random.default_rng(1).standard_normal(mean.shape, dtype="float32")
    ops, (m, v, e) = keras.ops, (keras.ops.convert_to_tensor(array) for array in (mean, log_variance, noise))
    for of_array, of_tensor in (
        (gaussian.clip_log_variance(log_variance), gaussian.clip_log_variance(v, ops)),
        (gaussian.kl_per_axis(mean, log_variance), gaussian.kl_per_axis(m, v, ops)),
        (gaussian.kl(mean, log_variance), gaussian.kl(m, v, ops)),
        (gaussian.draw(mean, log_variance, noise), gaussian.draw(m, v, e, ops)),
    ):
        assert ops.is_tensor(of_tensor) and of_tensor.numpy() == pytest.approx(of_array, rel=1e-5, abs=1e-6)

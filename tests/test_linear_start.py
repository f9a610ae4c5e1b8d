"""The linear start: the reference network computes the best linear VAE before its first step."""

import numpy as np
import pytest

from reecho import components, initialise, linear
from reecho.inputs import noise_like
from reecho.model import VAE, build_decoder, build_encoder
from reecho.tasks import make_inputs

SHAPE, FILTERS, KERNELS, STRIDES = (16, 16, 3), (32, 64, 64, 64), (3, 3, 3, 3), (1, 2, 2, 1)


@pytest.fixture(scope="module")
def smooth_faces():
    """Pictures with ten known directions of variance, all inside [0.1, 0.9]."""
    rng = np.random.default_rng(0)
    waves = np.stack([np.sin(np.linspace(0, 2 + k, 16 * 16 * 3) + k) for k in range(10)])
    return (0.5 + 0.13 * np.tanh(rng.standard_normal((400, 10)) @ waves)).reshape(-1, *SHAPE).astype("float32")


def started(task, faces, latent_dim=32, sigma=0.0, weight=1e4, variational=True, kernels=KERNELS, strides=STRIDES):
    quiet = make_inputs(task, faces, np.zeros_like(faces), 0.0) if task != "reconstruction" else faces
    best = linear.fit(quiet, faces, sigma, latent_dim, weight if variational else np.inf, "mse")
    encoder = build_encoder(SHAPE, FILTERS, kernels, strides, latent_dim, noise=variational)
    vae = VAE(encoder, build_decoder(SHAPE, FILTERS, kernels, strides, latent_dim), "mse", weight, variational)
    inputs = make_inputs(task, faces, noise_like(faces, 0), sigma)
    initialise.start_linear(vae, best, inputs, kernels, strides, shift=1 + 5 * sigma)
    return vae, best, inputs


@pytest.mark.slow
@pytest.mark.parametrize(("task", "sigma"), [("reconstruction", 0.0), ("denoising", 0.1), ("colourisation", 0.0)])
def test_at_step_0_the_network_is_the_linear_vae_for_every_task(smooth_faces, task, sigma):
    vae, best, inputs = started(task, smooth_faces, sigma=sigma)
    mean, log_variance = vae.posterior.predict(inputs, verbose=0)
    code = (inputs.reshape(len(inputs), -1) - best.input_mean) @ best.encoder
    assert np.allclose(mean, code, atol=2e-3 * np.abs(code).max()) and np.allclose(log_variance, best.log_variance, atol=1e-5)
    decoded = (best.target_mean + code @ best.decoder).reshape(inputs.shape)
    assert np.abs(vae.decoder.predict(mean, verbose=0) - decoded).max() < 0.015  # the logit's straight lines


@pytest.mark.slow
@pytest.mark.parametrize(("kernels", "strides"), [((5, 3, 5, 3), (1, 2, 2, 1)), ((2, 2, 4, 1), (1, 2, 2, 1))])
def test_other_kernels_carry_the_picture_too(smooth_faces, kernels, strides):
    vae, best, inputs = started("reconstruction", smooth_faces, kernels=kernels, strides=strides)
    code = (inputs.reshape(len(inputs), -1) - best.input_mean) @ best.encoder
    outputs = vae.decoder.predict(vae.posterior.predict(inputs, verbose=0)[0], verbose=0)
    assert np.abs(outputs - (best.target_mean + code @ best.decoder).reshape(inputs.shape)).max() < 0.015


def test_the_linear_vae_is_probabilistic_pca_at_the_losses_sigma(smooth_faces):
    best = linear.fit(smooth_faces, smooth_faces, 0.0, 32, 1e4, "mse")
    flat = smooth_faces.reshape(len(smooth_faces), -1)
    variances = np.linalg.eigvalsh(np.cov(flat.T, bias=True))[::-1][:32]
    variance = flat.shape[1] / (2 * 1e4)
    assert np.isclose(best.sigma**2, variance)
    used = variances > variance
    assert 0 < used.sum() < 32
    assert np.allclose(best.log_variance[used], np.log(variance / variances[used]), atol=1e-3) and np.all(
        best.log_variance[~used] == 0
    )


def test_the_autoencoders_start_is_pca(smooth_faces):
    best = linear.fit(smooth_faces, smooth_faces, 0.0, 10, np.inf, "mse")
    flat = smooth_faces.reshape(len(smooth_faces), -1)
    _, _, axes = np.linalg.svd(flat - flat.mean(0), full_matrices=False)
    pca = flat.mean(0) + (flat - flat.mean(0)) @ axes[:10].T @ axes[:10]
    assert np.allclose(best.target_mean + ((flat - best.input_mean) @ best.encoder) @ best.decoder, pca, atol=1e-3)


def test_large_pictures_take_the_randomised_way_to_the_same_axes(smooth_faces, monkeypatch):
    exact = linear.fit(smooth_faces, smooth_faces, 0.0, 10, 1e4, "mse")
    monkeypatch.setattr(components, "LARGEST_EXACT", 1)
    randomised = linear.fit(smooth_faces, smooth_faces, 0.0, 10, 1e4, "mse")
    assert np.allclose(exact.encoder @ exact.decoder, randomised.encoder @ randomised.decoder, atol=1e-3)


def test_a_network_too_narrow_to_carry_the_picture_does_not_fit():
    assert initialise.linear_start_fits(FILTERS, KERNELS, STRIDES)
    assert not initialise.linear_start_fits((32, 64, 40, 64), KERNELS, STRIDES)
    assert not initialise.linear_start_fits(FILTERS, (3, 1, 3, 3), STRIDES)


@pytest.mark.slow
def test_a_further_halving_carries_the_picture_through_192_channels(smooth_faces):
    shape, layers = (32, 32, 3), ((32, 64, 64, 192, 192), (3,) * 5, (1, 2, 2, 2, 1))
    faces = np.repeat(np.repeat(smooth_faces, 2, axis=1), 2, axis=2)
    assert initialise.needed_filters(layers[2]) == [3, 12, 48, 192, 192] and initialise.linear_start_fits(*layers)
    best = linear.fit(faces, faces, 0.0, 32, 1e4, "mse")
    vae = VAE(build_encoder(shape, *layers, 32), build_decoder(shape, *layers, 32), "mse", 1e4)
    initialise.start_linear(vae, best, faces, *layers[1:], shift=1)
    code = (faces.reshape(len(faces), -1) - best.input_mean) @ best.encoder
    outputs = vae.decoder.predict(vae.posterior.predict(faces, verbose=0)[0], verbose=0)
    assert np.abs(outputs - (best.target_mean + code @ best.decoder).reshape(faces.shape)).max() < 0.02


def test_the_averages_are_taken_from_as_many_pixels_whatever_the_size():
    assert [initialise.calibration(size) for size in (16, 32, 64, 128)] == [1024, 1024, 256, 64]


def test_what_is_explained_of_many_values_does_not_need_double_precision():
    """Faces of more values than are solved exactly: the randomised axes explain what the exact ones do."""
    rng = np.random.default_rng(0)
    targets = (0.5 + 0.1 * rng.standard_normal((60, 6)) @ rng.standard_normal((6, 40 * 40 * 3)) / 3).astype("float32")
    targets = targets.reshape(60, 40, 40, 3)
    inputs = targets.mean(-1, keepdims=True).repeat(3, -1)
    *_, variances, axes, _, total = linear.explained(inputs, targets, 0.0, 20, 0)
    assert axes.dtype == np.float32 and variances[6:].max() < 1e-3 * variances[0]
    flat = targets.reshape(60, -1) - targets.reshape(60, -1).mean(0)
    assert np.isclose(total, (flat**2).sum() / 60, rtol=1e-5)
    assert np.isclose(variances[:6].sum(), total, rtol=0.05)  # six directions, and grey tells them apart

"""The networks beyond the reference: they start where linear algebra ends, keep what they promise to keep, and learn."""

import numpy as np
import pytest
from keras import ops

from reecho import linear, network_files, trained
from reecho.baselines import LMMSE, PCA
from reecho.colour import luma
from reecho.inputs import HIGHEST, LOWEST, noise_like, sigma_at
from reecho.metrics import psnr
from reecho.networks.registry import NETWORKS, build, start
from reecho.settings import resolve
from reecho.tasks import make_inputs

NAMES = [name for name in NETWORKS if name not in ("reference", "autoencoder")]
SIGMA = 0.1


@pytest.fixture(scope="module")
def pictures(small_faces):
    return small_faces.pictures("train", 16)


VALUES = {"latent_dim": 12, "loss": "mse", "reconstruction_weight": 1e4, "train_sigma": SIGMA, "seed": 0}
KINDS = {"AnchoredVAE": "anchored", "Denoiser": "denoiser", "Colouriser": "colouriser", "ConditionalVAE": "colour_vae"}


def built(name, latent_dim=12, size=16):
    return build(name, (size, size, 3), VALUES | {"latent_dim": latent_dim})


def start_as(network, inputs, targets, noise):
    """The network with what closed form gives it."""
    return start(KINDS[type(network).__name__], network, inputs, targets, noise, VALUES)


def shaken(network, scale=0.05, seed=0):
    """The network with random numbers on all its trained weights, so that nothing is zero any more."""
    rng = np.random.default_rng(seed)
    for weight in network.trainable_weights:
        weight.assign(np.array(weight) + scale * rng.standard_normal(weight.shape))
    return network


@pytest.mark.slow
@pytest.mark.parametrize(("task", "sigma"), [("reconstruction", 0.0), ("denoising", SIGMA), ("colourisation", 0.0)])
def test_at_step_0_the_anchored_vae_is_the_best_linear_vae(pictures, task, sigma):
    quiet = make_inputs(task, pictures, np.zeros_like(pictures), 0.0)
    best = linear.fit(quiet, pictures, sigma, 12, 1e4, "mse")
    network = built("anchored")
    start_as(network, quiet, pictures, sigma)
    inputs = make_inputs(task, pictures, noise_like(pictures, 1), sigma)
    mean, log_variance = network.posterior.predict(inputs, verbose=0)
    assert np.allclose(mean, best.encode(inputs)[0], atol=1e-4) and np.allclose(log_variance, best.log_variance, atol=1e-6)
    assert np.allclose(network.reproduction.predict(inputs, verbose=0), best.reproduce(inputs), atol=1e-5)


@pytest.mark.slow
def test_at_step_0_the_anchored_autoencoder_is_pca(pictures):
    network = built("anchored_autoencoder")
    start_as(network, pictures, pictures, 0.0)
    pca = PCA.fit(pictures, 12)
    made = network.reproduction.predict(pictures, verbose=0)
    assert np.allclose(made, pca.decode(pca.encode(pictures, 12)), atol=2e-3)
    assert abs(psnr(made, pictures).mean() - psnr(pca.reconstruct(pictures, 12), pictures).mean()) < 0.01


@pytest.mark.slow
def test_at_step_0_the_denoiser_is_the_lmmse_estimate(pictures):
    network = built("denoiser")
    start_as(network, pictures, pictures, SIGMA)
    noisy = make_inputs("denoising", pictures[:40], noise_like(pictures[:40], 1), SIGMA)
    made = np.clip(network.reproduction.predict(noisy, verbose=0), 0, 1)
    assert np.abs(made - LMMSE.fit(pictures).denoise(noisy, SIGMA)).max() < 1e-3


@pytest.mark.parametrize("name", ["blind_denoiser", "small_denoiser"])
def test_a_blind_denoiser_estimates_one_noise_level_a_picture(pictures, name):
    network = built(name)
    start_as(network, pictures, pictures, 0.0)
    levels = network.noise_level(pictures[:5])
    assert levels.shape == (5,) and np.allclose(levels, 0.1, atol=1e-3)  # where it starts


def test_a_blind_denoiser_learns_from_the_ends_of_its_range_oftenest_and_from_little_noise_as_often_as_much():
    drawn = np.asarray(sigma_at(np.linspace(0, 1, 10_001, dtype="float32")))
    assert np.isclose(drawn[0], LOWEST) and np.isclose(drawn[-1], HIGHEST) and (np.diff(drawn) >= 0).all()
    counts, _ = np.histogram(np.log(drawn), 5)
    assert np.allclose(counts, counts[::-1], rtol=0.01) and counts[0] > counts[1] > counts[2]


@pytest.mark.parametrize("name", ["colouriser", "colour_vae"])
def test_the_luma_holds_and_colours_fit_whatever_the_weights(pictures, name):
    network = built(name)
    start_as(network, pictures, pictures, 0.0)
    grey = make_inputs("colourisation", np.concatenate([pictures[:20], np.zeros((1, 16, 16, 3)), np.ones((1, 16, 16, 3))]))
    grey = grey.astype("float32")
    start = network.reproduction.predict(grey, verbose=0)
    made = shaken(network).reproduction.predict(grey, verbose=0)
    assert np.abs(made - start).max() > 0.1  # the weights do something
    assert made.min() >= 0 and made.max() <= 1 and np.abs(luma(made) - luma(grey)).max() < 1e-6


@pytest.mark.parametrize("size", [32, 64, 128])
def test_the_colour_vae_takes_a_batch_of_every_size_that_it_names(size):
    network = built("colour_vae", size=size)
    grey, targets = np.full((2, 3, size, size, 3), 0.5, "float32") * np.float32([[[[[1, 1, 1]]]], [[[[1.2, 1, 0.8]]]]])
    made = np.asarray(network.reproduction(ops.convert_to_tensor(grey)))
    assert made.shape == grey.shape and np.abs(luma(made) - 0.5).max() < 1e-5
    losses = network.losses_of(ops.convert_to_tensor(grey), ops.convert_to_tensor(targets), training=True)
    assert all(np.isfinite(float(value)) for value in losses.values()) and float(losses["reconstruction_loss"]) > 0


@pytest.mark.slow
def test_colourings_drawn_from_the_prior_differ_and_can_be_drawn_again(pictures):
    network = built("colour_vae")
    start_as(network, pictures, pictures, 0.0)
    grey = make_inputs("colourisation", pictures[:3])
    drawn = shaken(network).several(grey, 4, seed=1)
    assert drawn.shape == (4, 3, 16, 16, 3) and drawn.std(axis=0).max() > 0.01
    assert np.array_equal(drawn, network.several(grey, 4, seed=1)) and not np.array_equal(drawn, network.several(grey, 4, seed=2))
    assert np.abs(luma(drawn) - luma(grey)).max() < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_saved_network_comes_back_with_the_same_outputs(pictures, tmp_path, name):
    network = shaken(built(name), 0.01)
    inputs = make_inputs("colourisation", pictures[:4])
    record = {"build": {"name": name, "shape": (16, 16, 3), "parameters": VALUES}}
    network_files.save(tmp_path / "net", network, None, [{"epoch": 0}], record)
    again, _, _ = network_files.load(tmp_path / "net")
    assert np.array_equal(again.reproduction.predict(inputs, verbose=0), network.reproduction.predict(inputs, verbose=0))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_few_epochs_make_it_better_than_its_start(small_faces, places, name):
    asked = {"preset": "smoke", "dataset": "synthetic", "size": 16, "latent_dim": 12, "task": NETWORKS[name].tasks[-1]}
    chosen = resolve("02_training", asked | {"network": name, "epochs": 6, "batch_size": 16})
    said = []
    history = trained.load_or_train(places, chosen, small_faces, said.append).history
    assert history["epoch"][-1] == 6 and min(history["val_total_loss"][1:]) < history["val_total_loss"][0]
    again = trained.load(places, chosen, small_faces)
    inputs = make_inputs("colourisation", small_faces.pictures("test", 16)[:4])
    assert again.reproduce(inputs).shape == (4, 16, 16, 3) and again.weights > 1000

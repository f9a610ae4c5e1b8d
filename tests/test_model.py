"""The reference model: the document's table to the last number, its losses by known answers, its ranges checked."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from reecho.errors import ReechoError
from reecho.model import (
    VAE,
    build_decoder,
    build_encoder,
    check_range,
    reconstruction_loss,
    summary,
    weights_of,
    whole_model,
)
from reecho.own_layers import BatchNormalization, Sampling

DOCUMENT = ((32, 32, 3), (32, 64, 64, 64), (3, 3, 3, 3), (1, 2, 2, 1), 1024)
ENCODER = [  # section 1.6.1 of the document: layer, output shape, weights
    ("encoder_input", "(None, 32, 32, 3)", 0),
    ("encoder_conv_layer_1", "(None, 32, 32, 32)", 896),
    ("encoder_relu_1", "(None, 32, 32, 32)", 0),
    ("encoder_bn_1", "(None, 32, 32, 32)", 128),
    ("encoder_conv_layer_2", "(None, 16, 16, 64)", 18496),
    ("encoder_relu_2", "(None, 16, 16, 64)", 0),
    ("encoder_bn_2", "(None, 16, 16, 64)", 256),
    ("encoder_conv_layer_3", "(None, 8, 8, 64)", 36928),
    ("encoder_relu_3", "(None, 8, 8, 64)", 0),
    ("encoder_bn_3", "(None, 8, 8, 64)", 256),
    ("encoder_conv_layer_4", "(None, 8, 8, 64)", 36928),
    ("encoder_relu_4", "(None, 8, 8, 64)", 0),
    ("encoder_bn_4", "(None, 8, 8, 64)", 256),
    ("flatten_2", "(None, 4096)", 0),
    ("mu", "(None, 1024)", 4195328),
    ("log_variance", "(None, 1024)", 4195328),
    ("encoder_output", "(None, 1024)", 0),
]  # fmt: skip
DECODER = [
    ("decoder_input", "(None, 1024)", 0),
    ("decoder_dense", "(None, 4096)", 4198400),
    ("reshape_2", "(None, 8, 8, 64)", 0),
    ("decoder_conv_transpose_layer_1", "(None, 8, 8, 64)", 36928),
    ("decoder_relu_1", "(None, 8, 8, 64)", 0),
    ("decoder_bn_1", "(None, 8, 8, 64)", 256),
    ("decoder_conv_transpose_layer_2", "(None, 16, 16, 64)", 36928),
    ("decoder_relu_2", "(None, 16, 16, 64)", 0),
    ("decoder_bn_2", "(None, 16, 16, 64)", 256),
    ("decoder_conv_transpose_layer_3", "(None, 32, 32, 64)", 36928),
    ("decoder_relu_3", "(None, 32, 32, 64)", 0),
    ("decoder_bn_3", "(None, 32, 32, 64)", 256),
    ("decoder_conv_transpose_layer_4", "(None, 32, 32, 3)", 1731),
    ("sigmoid_layer", "(None, 32, 32, 3)", 0),
]  # fmt: skip


@pytest.fixture(scope="module")
def document():
    return build_encoder(*DOCUMENT), build_decoder(*DOCUMENT)


def test_the_tables_are_the_documents_to_the_last_number(document):
    for model, table in zip(document, (ENCODER, DECODER), strict=True):
        found = [(row["layer"].split()[0], row["shape"], row["weights"]) for row in summary(model)]
        assert found == table
    assert weights_of(document[0]) == (8_484_352, 448) and weights_of(document[1]) == (4_311_299, 384)


def test_the_whole_has_12796483_weights_832_of_them_not_trainable(document):
    vae = VAE(*document, "mse", 100_000)
    assert weights_of(whole_model(vae)) == (12_795_651, 832) and whole_model(vae).count_params() == 12_796_483


def test_the_sampling_layer_is_named_sampling_and_joins_mu_and_log_variance(document):
    last = summary(document[0])[-1]
    assert last["layer"] == "encoder_output (Sampling)" and last["connected"] == "mu, log_variance"


@pytest.mark.parametrize(
    ("size", "filters", "kernels", "strides", "latent"),
    [(64, (8, 16), (5, 3), (2, 2), 7), (16, (4, 4, 4), (3, 1, 3), (2, 1, 4), 2)],
)
def test_any_shape_filters_kernels_and_strides_come_back_in_the_pictures_shape(size, filters, kernels, strides, latent):
    shape = (size, size, 3)
    vae = VAE(
        build_encoder(shape, filters, kernels, strides, latent), build_decoder(shape, filters, kernels, strides, latent), "mse", 1.0
    )
    outputs = np.asarray(vae(np.random.default_rng(0).random((2, *shape), dtype="float32")))
    assert outputs.shape == (2, *shape) and outputs.min() > 0 and outputs.max() < 1


def test_reconstruction_losses_have_known_values():
    black, dark = np.zeros((2, 4, 4, 3), "float32"), np.full((2, 4, 4, 3), 0.1, "float32")
    assert np.isclose(reconstruction_loss(dark, black, "mse"), 0.01)
    assert np.isclose(reconstruction_loss(dark, black, "rmse"), 0.1, atol=1e-6)
    assert np.isclose(reconstruction_loss(black, black, "rmse"), 1e-6)
    # at its best σ a Gaussian costs log σ + ½ log 2π + ½ a value
    assert np.isclose(reconstruction_loss(dark, black, "calibrated"), 48 * (np.log(0.1) + 0.5 * np.log(2 * np.pi) + 0.5), rtol=2e-2)


def test_sampling_draws_with_the_posteriors_deviation_and_without_noise_is_the_mean():
    mean, log_variance = np.full((20_000, 1), 3.0, "float32"), np.full((20_000, 1), np.log(0.25), "float32")
    drawn = np.asarray(Sampling(seed=0)([mean, log_variance]))
    assert abs(drawn.mean() - 3) < 0.02 and abs(drawn.std() - 0.5) < 0.01
    assert np.array_equal(Sampling(noise=False)([mean, log_variance]), mean)


def test_total_is_weight_times_reconstruction_plus_kl(document):
    vae = VAE(*document, "mse", 100_000)
    faces = np.random.default_rng(0).random((4, 32, 32, 3), dtype="float32")
    losses = {name: float(value) for name, value in vae.losses_of(faces, faces, training=False).items()}
    assert np.isclose(losses["total_loss"], 100_000 * losses["reconstruction_loss"] + losses["kl_loss"], rtol=1e-5)


def test_the_plain_autoencoder_has_no_kl_and_draws_nothing():
    vae = VAE(build_encoder(*DOCUMENT, noise=False), build_decoder(*DOCUMENT), "mse", 100_000, variational=False)
    faces = np.random.default_rng(0).random((2, 32, 32, 3), dtype="float32")
    assert float(vae.losses_of(faces, faces, training=False)["kl_loss"]) == 0
    assert np.array_equal(vae(faces), vae(faces))


def test_faces_outside_the_decoders_range_are_refused():
    check_range(np.array([0.0, 1.0]), "The faces")
    for values in ([-0.5, 0.5], [0, 255], [0, np.nan]):
        with pytest.raises(ReechoError, match="sigmoid"):
            check_range(np.array(values), "The faces")


def test_batch_normalisation_by_one_operation_is_that_of_keras():
    """Outputs, averages and gradients, on activations whose means are far from 0, as those behind a ReLU are."""
    rng = np.random.default_rng(0)
    values = tf.constant(rng.normal(3, 2, (8, 4, 4, 5)), "float32")
    weights = tf.constant(rng.normal(size=(8, 4, 4, 5)), "float32")
    found = []
    for kind in (BatchNormalization, keras.layers.BatchNormalization):
        layer = kind(momentum=0.9)
        layer.build(values.shape)
        layer.set_weights([np.linspace(0.5, 1.5, 5), np.arange(5.0), np.ones(5), np.ones(5)])
        with tf.GradientTape() as tape:
            tape.watch(values)
            outputs = layer(values, training=True)
            loss = tf.reduce_sum(outputs * weights)
        gradients = tape.gradient(loss, [values, *layer.trainable_variables])
        found.append([outputs, *gradients, *layer.get_weights(), layer(values, training=False)])
    for own, theirs in zip(*found, strict=True):
        assert np.asarray(own) == pytest.approx(np.asarray(theirs), rel=1e-4, abs=1e-4)


def test_adam_by_one_operation_is_that_of_keras():
    """Three steps from one start, at a rate that falls: weights, and the moments that a checkpoint keeps."""
    rng = np.random.default_rng(0)
    faces = tf.constant(rng.random((4, 16, 16, 3), dtype="float32"))
    layers = ((16, 16, 3), (4, 6), (3, 3), (1, 2), 5)
    reached = []
    for theirs in (False, True):
        keras.utils.set_random_seed(1)
        vae = VAE(build_encoder(*layers, noise=False), build_decoder(*layers), "mse", 1000.0)
        rate = keras.optimizers.schedules.CosineDecay(1e-3, 10)
        vae.compile(optimizer=keras.optimizers.Adam(rate))
        if theirs:
            vae._update = lambda gradients, weights, vae=vae: vae.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        step = tf.function(functools.partial(vae.train_step, (faces, faces)))
        for _ in range(3):
            step()
        reached.append([np.asarray(variable) for variable in (*vae.weights, *vae.optimizer.variables)])
    for own, keras_own in zip(*reached, strict=True):
        assert own == pytest.approx(keras_own, rel=1e-3, abs=5e-5)  # a weight moves by 1e-3 a step; its sum of slopes is rounded

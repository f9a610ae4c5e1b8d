"""The linear start: weights that make the reference network the best linear VAE before its first step.

A ReLU lets through what is positive, so a convolution of shifted deltas can carry the picture through every layer; a stride
folds the pixels that it skips into channels. The first 3, 12, 48 and 48 of the 32, 64, 64 and 64 filters do so at 32×32, the
others start at random and feed nothing yet. Between the last two layers of the decoder, ReLUs with their knees at several
intensities add up to the logit, which the sigmoid undoes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import keras
import numpy as np

from reecho import gaussian
from reecho.batches import predict
from reecho.linear import LinearVAE
from reecho.model import VAE
from reecho.pixels import fold

KNEES = 10  # ReLUs a colour that make up the logit; the error of the straight lines between them is below 0.01
LOGIT_LIMIT = 0.012  # the logit is followed from here to 1 - here
CALIBRATION = 1024  # faces that the batch normalisations' averages are taken from; of larger faces fewer, see `calibration`


def calibration(size: int) -> int:
    """How many faces of a width in pixels are seen for the averages: as many pixels as 1,024 faces of 32, so that the largest
    layer's output fits into memory."""
    return max(1, CALIBRATION * 32**2 // max(size, 32) ** 2)


def needed_filters(strides: tuple) -> list[int]:
    """The channels that carry a colour picture through each convolution: 3, 12, 48, 48 for strides 1, 2, 2, 1, and 3, 12, 48, 192,
    192 for 1, 2, 2, 2, 1."""
    return [3 * math.prod(strides[: n + 1]) ** 2 for n in range(len(strides))]


def linear_start_fits(filters: tuple, kernels: tuple, strides: tuple) -> bool:
    """Whether a network is wide enough to carry the picture through every layer."""
    wide = all(have >= need for have, need in zip(filters, needed_filters(strides), strict=True))
    seeing = all(kernel >= stride for kernel, stride in zip(kernels, strides, strict=True))
    return wide and seeing and len(filters) > 1 and filters[1] >= KNEES * needed_filters(strides)[0]


def start_linear(
    vae: VAE, linear: LinearVAE, inputs: np.ndarray, kernels: tuple, strides: tuple, shift: float, seed: int = 0
) -> None:
    """Set the weights of `vae` so that it computes what `linear` computes, up to the logit's straight lines.

    Args:
        vae: a freshly built VAE that `linear_start_fits`.
        linear: the linear VAE to start from.
        inputs: float32 (N, H, W, 3), inputs as the task makes them, for the averages of the batch normalisations.
        kernels, strides: those of the encoder.
        shift: added to the picture inside the network, so that noisy values below 0 pass the ReLU too.
        seed: seed of the latent noise in the decoder's averages.
    """
    sample = inputs[: calibration(inputs.shape[1])]
    scale, offset, order = _start_convolutions(vae.encoder, sample, kernels, strides, shift)
    _start_code(vae.encoder, linear, scale, offset - shift, order)
    _start_dense(vae.decoder, linear, order)
    mean, log_variance = (np.asarray(part) for part in predict(vae.posterior, sample))
    noise = np.random.default_rng(seed).standard_normal(mean.shape, dtype="float32")
    _start_transposed(vae.decoder, gaussian.draw(mean, log_variance, vae.variational * noise), kernels, strides)


def _taps(channels: int, kernel: int, stride: int) -> Iterator[tuple[int, int, int, int]]:
    """Where a folding convolution has its ones: (kernel row, kernel column, unfolded channel, folded channel)."""
    first = max(kernel - stride, 0) // 2  # "same" padding puts so many taps before the cell
    for row in range(stride):
        for column in range(stride):
            for channel in range(channels):
                yield first + row, first + column, channel, (row * stride + column) * channels + channel


def _standardise(norm: keras.layers.BatchNormalization, values: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Set a batch normalisation's averages to those of `values` (B, H, W, C), so that channels leave it centred and of unit scale.

    The first len(groups) channels carry the picture; those of one group share an offset, the difference goes into beta.

    Returns:
        (scale, offset), (len(groups),) each: value = output · scale + offset.
    """
    mean, variance = values.mean((0, 1, 2)), values.var((0, 1, 2))
    scale = np.sqrt(variance + norm.epsilon)
    carried = len(groups)
    shared = np.array([mean[:carried][groups == group].mean() for group in groups])
    beta = np.zeros_like(mean)
    beta[:carried] = (mean[:carried] - shared) / scale[:carried]
    norm.set_weights([np.ones_like(mean), beta, mean, variance])
    return scale[:carried], shared


def _start_convolutions(
    encoder: keras.Model, sample: np.ndarray, kernels: tuple, strides: tuple, shift: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Let the convolutions carry the picture; returns the last scale and offset and which pixel value each channel holds."""
    hidden, channels = sample, 3
    scale, offset = np.ones(3), np.full(3, shift)
    order = np.arange(math.prod(sample.shape[1:])).reshape(sample.shape[1:])
    for n, (kernel, stride) in enumerate(zip(kernels, strides, strict=True), 1):
        convolution, norm = encoder.get_layer(f"encoder_conv_layer_{n}"), encoder.get_layer(f"encoder_bn_{n}")
        weights, bias = (np.array(array) for array in convolution.get_weights())
        carried = channels * stride**2
        weights[..., :carried] = 0
        for row, column, source, target in _taps(channels, kernel, stride):
            weights[row, column, source, target] = scale[source]
            bias[target] = offset[source]
        convolution.set_weights([weights, bias])
        active = np.maximum(_through(convolution, hidden), 0)
        scale, offset = _standardise(norm, active, np.arange(carried))
        hidden, channels, order = _through(norm, active), carried, fold(order[None], stride)[0]
    return scale, offset, order


def _start_code(encoder: keras.Model, linear: LinearVAE, scale: np.ndarray, offset: np.ndarray, order: np.ndarray) -> None:
    """mu reads the linear code off the carried channels, log_variance is the linear optimum."""
    height, width, carried = order.shape
    latent_dim = linear.encoder.shape[1]
    mu = encoder.get_layer("mu")
    kernel = np.zeros((height, width, mu.kernel.shape[0] // (height * width), latent_dim), "float32")
    kernel[:, :, :carried] = linear.encoder[order] * scale[:, None]  # (h, w, carried, latent_dim)
    carried_offset = np.broadcast_to(offset, order.shape).ravel()
    bias = (carried_offset - linear.input_mean[order.ravel()]) @ linear.encoder[order.ravel()]
    mu.set_weights([kernel.reshape(-1, latent_dim), bias.astype("float32")])
    encoder.get_layer("log_variance").set_weights(
        [np.zeros((kernel.size // latent_dim, latent_dim), "float32"), linear.log_variance]
    )


def _start_dense(decoder: keras.Model, linear: LinearVAE, order: np.ndarray) -> None:
    """The dense layer lays the decoded picture out as folded channels; the other channels keep their random weights."""
    dense, smallest = decoder.get_layer("decoder_dense"), decoder.get_layer("reshape_2").output.shape[1:]
    kernel, bias = (np.array(array) for array in dense.get_weights())
    kernel, bias = kernel.reshape(-1, *smallest), bias.reshape(smallest)
    kernel[..., : order.shape[2]] = linear.decoder[:, order]
    bias[..., : order.shape[2]] = linear.target_mean[order]
    dense.set_weights([kernel.reshape(len(kernel), -1), bias.ravel()])


def _start_transposed(decoder: keras.Model, codes: np.ndarray, kernels: tuple, strides: tuple) -> None:
    """The transposed convolutions unfold the picture, then the knees and the last layer make its logit."""
    folded = needed_filters(strides)
    hidden = _through(decoder.get_layer("reshape_2"), _through(decoder.get_layer("decoder_dense"), codes))
    scale, offset = np.ones(folded[-1]), np.zeros(folded[-1])
    for n, index in enumerate(range(len(strides) - 1, 0, -1), 1):
        layer, norm = decoder.get_layer(f"decoder_conv_transpose_layer_{n}"), decoder.get_layer(f"decoder_bn_{n}")
        channels = folded[index - 1]
        knees = KNEES if index == 1 else 1
        weights, bias = (np.array(array) for array in layer.get_weights())  # (kernel, kernel, out, in)
        weights[:, :, : channels * knees] = 0
        for row, column, target, source in _taps(channels, kernels[index], strides[index]):
            for knee, position in enumerate(_knees() if knees > 1 else (0.0,)):
                weights[row, column, target * knees + knee, source] = scale[source]
                bias[target * knees + knee] = offset[source] - position
        layer.set_weights([weights, bias])
        active = np.maximum(_through(layer, hidden), 0)
        # channels of one colour share the bias of the next layer, so they must share an offset
        colour = 1 if index == 1 and strides[0] == 1 else strides[index - 1] ** 2
        groups = np.arange(channels * knees) % (channels * knees // colour)
        scale, offset = _standardise(norm, active, groups)
        hidden = _through(norm, active)
    _start_colours(decoder.get_layer(f"decoder_conv_transpose_layer_{len(strides)}"), scale, offset, kernels[0], strides[0])


def _start_colours(layer: keras.layers.Conv2DTranspose, scale: np.ndarray, offset: np.ndarray, kernel: int, stride: int) -> None:
    """Weigh the knees so that they add up to the logit of the intensity."""
    positions = np.append(_knees(), 1.0)
    bounded = np.clip(positions, LOGIT_LIMIT, 1 - LOGIT_LIMIT)
    logits = np.log(bounded / (1 - bounded))
    bends = np.diff(np.diff(logits) / np.diff(positions), prepend=0.0)
    weights, bias = (np.zeros_like(array) for array in layer.get_weights())
    for row, column, colour, source in _taps(3, kernel, stride):
        carried = slice(source * KNEES, (source + 1) * KNEES)
        weights[row, column, colour, carried] = bends * scale[carried]
        bias[colour] = logits[0] + bends @ offset[carried]
    layer.set_weights([weights, bias])


def _knees() -> np.ndarray:
    """Intensities of the knees, in [0, 1), closer together towards black and white, where the logit bends most."""
    return (1 - np.cos(np.pi * np.arange(KNEES) / KNEES)) / 2


def _through(layer: keras.layers.Layer, values: np.ndarray) -> np.ndarray:
    """A layer's output in inference, in chunks that fit into memory."""
    return np.concatenate([np.asarray(layer(values[i : i + 128])) for i in range(0, len(values), 128)])

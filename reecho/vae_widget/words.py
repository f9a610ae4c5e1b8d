"""Sentences of notebook 00 whose numbers code writes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reecho.vae_widget import closed_form

TO_TRY = """\
On the web page the opening figure moves. Left is a face, right what comes back. Between them stands the code, one bar for each
axis. The blue bars stand in water; only what rises above the water is used. Three things to try there:

1. Move α down to 500. The water rises, axes drown and go dark, the face becomes the mean face with a tint. Move α up to 100,000.
2. Press *Draw again* a few times, at a low α and at a high one. What changes from draw to draw is what the code leaves open.
3. Choose another person. The lit axes take other values; the dark ones stay where they are."""


def finding(point: Mapping[str, Any], weight: int, variances: np.ndarray, values: int) -> str:
    """What the code of the best linear VAE costs and gives at one α, and how many axes are active at both ends of the slider.

    Args:
        point: of `baselines.rate_curve` at that α, on held-out faces.
        weight: the α.
        variances: float (k,), λ of the axes.
        values: D.
    """
    nats, count = point["rate_nats"], len(variances)
    ends = closed_form.LOWEST, closed_form.HIGHEST
    used, lowest, highest = (closed_form.active(variances, alpha, values) for alpha in (weight, *ends))
    return (
        f"It gives a face a code of {count} numbers, each with an uncertainty, and decodes the code to a face again. "
        f"At α = {weight:,} the best linear VAE uses **{used} of the {count} axes**; a code holds {nats:.0f} nats "
        f"({nats / math.log(2):.0f} bits) on average, and its mean decodes to {point['psnr_mean_db']:.1f} dB "
        f"(a draw to {point['psnr_sample_db']:.1f} dB). α decides how many axes are used: "
        f"{lowest} at α = {ends[0]:,}, {highest} at α = {ends[1]:,}{', all that this page has' if highest == count else ''}."
    )


def assumption(point: Mapping[str, Any], alpha: int, values: int) -> str:
    """What an α assumes of the error, beside the error that there is.

    Args:
        point: of `baselines.rate_curve` at that α, on held-out faces.
        alpha: the α.
        values: D.
    """
    assumed = closed_form.sigma(alpha, values)
    of_mean, of_draw = (10 ** (-point[key] / 20) for key in ("psnr_mean_db", "psnr_sample_db"))
    return (
        f"α = {alpha:,} assumes σ = {assumed:.3f} of the range [0, 1] for each of the {values:,} values, {255 * assumed:.0f} of "
        f"255 grey levels. By the PSNR on held-out faces, the error that is left is {of_mean:.3f} where the mean of z is decoded "
        f"and {of_draw:.3f} where a draw is, {255 * of_mean:.1f} and {255 * of_draw:.1f} grey levels. The assumed error is "
        f"{assumed / of_mean:.1f} and {assumed / of_draw:.1f} times as large as the real one."
    )


def added(linear: np.ndarray, network: np.ndarray, nats: Sequence[float], weight: int, silent: bool) -> str:
    """What the network adds to the linear VAE at its own α.

    Args:
        linear, network: float (n,), PSNR of the mean of z decoded, dB, of the same held-out faces.
        nats: mean rate of the two, of the same faces.
        weight: the α.
        silent: whether the network's encoder adds the same to the code of every face.
    """
    gain = f"{np.mean(network) - np.mean(linear):+.2f}".replace("-", "−")
    whose = (
        " Its encoder adds the same constants to the linear code of every face, because its last ReLU gives 0 for all of them. So "
        "the decoder makes the difference. The constants say nothing about a face, but they change the rate: one that is added to "
        "a mean of z costs nats, and one that is added to a log-variance makes the code more or less exact."
    )
    return (
        f"At α = {weight:,} the network's mean of z decodes to {np.mean(network):.2f} dB on {len(network):,} held-out pictures at "
        f"{nats[1]:.0f} nats, the linear VAE's to {np.mean(linear):.2f} dB at {nats[0]:.0f} nats: {gain} dB.{whose * silent}"
    )


def rounding(page: np.ndarray, trained: np.ndarray, characters: int) -> str:
    """How far the page's rounded weights change faces.

    Args:
        page, trained: float32 (n, H, W, 3), decoded by the network with rounded weights and with its own.
        characters: of the weights as text.
    """
    largest = 255 * float(np.abs(page - trained).max())
    return (
        f"The page holds {characters / 1e6:.1f} MB of weights as text. With them no value of {len(page)} decoded faces differs "
        f"from TensorFlow's with the trained weights by more than {largest:.2f}/255."
    )


def newness(distances: np.ndarray) -> str:
    """How far new faces are from the train faces most like them.

    Args:
        distances: float (n,), root of the mean squared difference, intensity.
    """
    return (
        f"The nearest train face differs from a drawn one by {np.min(distances):.3f} to {np.max(distances):.3f} (root of the mean "
        "squared difference, of the range [0, 1]); a copy would differ by 0."
    )


def contrast_of_nobody(nobody: Sequence[tuple[float, float]], chosen: Sequence[int], mean_face: tuple[float, float]) -> str:
    """How much contrast and how many edges draws of the prior have at the first and at the last of several α.

    Args:
        nobody: of `closed_form.beside_faces`, for draws of the prior at each α.
        chosen: the α, ascending.
        mean_face: the same of the mean face.
    """
    (contrast, edges), (last_contrast, last_edges) = nobody[0], nobody[-1]
    return (
        f"Measured on {closed_form.DRAWS} draws (first table): at α = {chosen[0]:,} they have {contrast:.0f} % of the contrast and "
        f"{edges:.0f} % of the edges of held-out faces, at α = {chosen[-1]:,} {last_contrast:.0f} % and {last_edges:.0f} %. The "
        f"mean face has {mean_face[0]:.0f} % and {mean_face[1]:.0f} %. Contrast is the standard deviation of the luma; edges are "
        "the mean squared difference of neighbouring pixels."
    )


def conclusion(points: Sequence[Mapping[str, Any]], chosen: Sequence[int], variances: np.ndarray, values: int) -> str:
    """How rate and PSNR grow with α, from the first of several to the last.

    Args:
        points: of `baselines.rate_curve` for the σ of these α.
        chosen: the α.
        variances: float (k,), λ of the axes.
        values: D.
    """
    first, last = points[0], points[-1]
    used = [closed_form.active(variances, alpha, values) for alpha in (chosen[0], chosen[-1])]
    return (
        f"α sets the σ that the decoder is believed to err by, and with it how many axes are worth their nats. From "
        f"α = {chosen[0]:,} to {chosen[-1]:,} the active axes grow from {used[0]} to {used[1]}, the rate from "
        f"{first['rate_nats']:.0f} to {last['rate_nats']:.0f} nats, and the mean of z decoded from "
        f"{first['psnr_mean_db']:.1f} to {last['psnr_mean_db']:.1f} dB. "
        "An axis whose variance is below σ² is dark for every face: its posterior is the prior, and it costs and says nothing."
    )

"""Rate and distortion: what networks have above the best linear VAE at their own rate, and what their axes are worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from reecho import baselines, metrics, titles
from reecho.methods import Method
from reecho.results import Row, by_method

_ACTIVE = 0.01  # variance of an axis' mean over faces from which it counts as active (Burda et al. 2016, section 5.2)
NATS_OF_A_BYTE = 8 * np.log(2)
FORMATS = {"webp": "WebP", "jpeg": "JPEG"}  # picture formats that the plane shows, and their names
CODEC_QUALITIES = (1, 10, 30, 50, 70)  # of the curves
_CODEC_PICTURES = 500  # pictures that the curves of formats are measured on
_ESTIMATES = (("draw", "psnr_sample_db"), ("mean", "psnr_mean_db"))  # estimate, and its entry in a point of the linear curve
GAINS = (
    {"key": "network", "heading": "network"},
    {"key": "rate", "heading": "rate (nats)", "digits": 0},
    {"key": "draw", "heading": "a draw of z, above linear (dB)", "digits": 2},
    {"key": "mean", "heading": "mean of z, above linear (dB)", "digits": 2},
)


class HasCode(Protocol):
    """What has codes: a trained network, or the best linear VAE."""

    def encode(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]: ...
    def rate(self, inputs: np.ndarray) -> np.ndarray: ...


def with_gains(rows: Iterable[Row], curve: Sequence[Mapping[str, float]]) -> list[Row]:
    """The rows; those of networks with a rate also have gain_db, their PSNR above the linear curve at that rate.

    Args:
        rows: of the reconstruction.
        curve: from `baselines.rate_curve`; a draw is compared with its curve of draws, a mean with that of means.
    """
    entry = dict(_ESTIMATES)
    gained = []
    for row in rows:
        if row.method.is_network and row.method.estimate and row.get("rate_nats"):
            linear = baselines.rate_at(curve, row["rate_nats"], entry[row.method.estimate])
            row = row.with_numbers(gain_db=row["psnr_db"] - linear)
        gained.append(row)
    return gained


def code_gains(rows: Iterable[Row], networks: Iterable[Method]) -> list[dict[str, Any]]:
    """For each network its rate and what it has above the linear curve, for a table with GAINS."""
    of = by_method(rows)
    return [
        {
            "network": titles.of(method), "rate": of[method.draw]["rate_nats"], "draw": of[method.draw].get("gain_db"),
            "mean": of[method.mean].get("gain_db"),
        }
        for method in networks
    ]  # fmt: skip


@dataclass(frozen=True)
class Plane:
    """What the rate–distortion plane shows.

    Args:
        curves: name → (rates in nats, PSNR in dB): the linear VAE's draw and mean, and picture formats.
        points: title of a network → [(rate, PSNR) of a draw, (rate, PSNR) of the mean].
        lines: those of `curves` whose points show faces, with these points alone.
        faces: name or title → the pictures at each of its points, (k, H, W, 3).
        scores: name or title → PSNR of each of these pictures, dB, float (k,).
    """

    curves: dict[str, tuple[list[float], list[float]]]
    points: dict[str, list[tuple[float, float]]]
    lines: dict[str, tuple[list[float], list[float]]]
    faces: dict[str, list[np.ndarray]]
    scores: dict[str, list[np.ndarray]]


def planes(
    curve: Sequence[Mapping[str, Any]],
    rows: Iterable[Row],
    networks: Iterable[Method],
    outputs: Mapping[Method, np.ndarray],
    targets: np.ndarray,
    places: Sequence[int],
) -> Plane:
    """Gather the rate–distortion plane.

    Args:
        curve: from `baselines.rate_curve`, with the pictures at `places` decoded.
        rows: of the reconstruction.
        networks: those with a rate.
        outputs: method → outputs, (n, H, W, 3).
        targets: float32 (n, H, W, 3).
        places: which pictures can be looked at on the plane.
    """
    of, places = by_method(rows), list(places)
    names = {"linear, a draw": ("psnr_sample_db", "sample"), "linear, mean": ("psnr_mean_db", "mean")}
    curves = {name: ([p["rate_nats"] for p in curve], [p[key] for p in curve]) for name, (key, _) in names.items()}
    lines = {name: (rates[::2], values[::2]) for name, (rates, values) in curves.items()}
    faces = {name: [point[key] for point in curve[::2]] for name, (_, key) in names.items()}
    for format, name in FORMATS.items():
        saved = baselines.codec_curve(targets[:_CODEC_PICTURES], format, CODEC_QUALITIES)
        curves[name] = lines[name] = [NATS_OF_A_BYTE * p["bytes"] for p in saved], [p["psnr_db"] for p in saved]
        faces[name] = [baselines.through_codec(targets[places], format, quality)[0] for quality in CODEC_QUALITIES]
    points = {}
    for method in networks:
        estimates = (method.draw, method.mean)
        points[titles.of(method)] = [(of[estimate]["rate_nats"], of[estimate]["psnr_db"]) for estimate in estimates]
        faces[titles.of(method)] = [outputs[estimate][places] for estimate in estimates]
    scores = {name: [metrics.psnr(pictures, targets[places]) for pictures in shown] for name, shown in faces.items()}
    return Plane(curves, points, lines, faces, scores)


def best_code(coded: Iterable[Method], rows: Iterable[Row]) -> Method:
    """The network whose mean of z decodes best, by PSNR."""
    of = by_method(rows)
    return max(coded, key=lambda method: of[method.mean]["psnr_db"])


def rate_of_axes(coded: Mapping[Method, HasCode], inputs: np.ndarray) -> dict[Method, np.ndarray]:
    """The mean KL of each axis in nats, float32 (latent_dim,), of networks and of the linear VAE."""
    return {method: network.rate(inputs).mean(0) for method, network in coded.items()}


def active_axes(network: HasCode, inputs: np.ndarray) -> int:
    """How many axes are active: their mean varies over faces by more than 0.01.

    Source: Burda, Grosse & Salakhutdinov (2016), arXiv:1509.00519, section 5.2.
    """
    return int(is_active(network.encode(inputs)[0]).sum())


def is_active(means: np.ndarray) -> np.ndarray:
    """Which axes are active, bool (latent_dim,), by the means of z of many faces, float (n, latent_dim); see `active_axes`."""
    return means.var(0) > _ACTIVE


def axes_by_rate(rates: Mapping[Method, np.ndarray], coded: Mapping[Method, HasCode], inputs: np.ndarray) -> dict[str, tuple]:
    """Lines for a figure: the axes of each network sorted by rate, labelled with how many are active."""
    lines = {}
    for method, rate in rates.items():
        label = f"{titles.of(method)}: {active_axes(coded[method], inputs)} active"
        lines[label] = range(1, len(rate) + 1), np.maximum(np.sort(rate)[::-1], 1e-4)
    return lines

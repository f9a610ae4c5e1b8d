"""Rate and distortion: what networks have above the best linear VAE at their own rate, and what their axes are worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from reecho import baselines, looks, methods, metrics, titles
from reecho.evaluation.held_out import HeldOut
from reecho.methods import Method
from reecho.results import RATE_TOLERANCE, Row, by_method

_ACTIVE = 0.01  # variance of an axis' mean over faces from which it counts as active (Burda et al. 2016, section 5.2)
NATS_OF_A_BYTE = 8 * np.log(2)
FORMATS = {"webp": "WebP", "jpeg": "JPEG"}  # picture formats that the plane shows, and their names
CODEC_QUALITIES = (1, 10, 30, 50, 70)  # of the curves
_CODEC_PICTURES = 500  # pictures that the curves of formats are measured on
_ESTIMATES = {"draw": "draws", "mean": "means"}  # estimate → its entry in a point of the linear curve, one value a picture
GAINS = (
    {"key": "network", "heading": "network"},
    {"key": "rate", "heading": "rate (nats)", "digits": 0},
    {"key": "draw", "heading": "a draw of z, gain (dB)", "digits": 2, "best": "higher"},
    {"key": "mean", "heading": "mean of z, gain (dB)", "digits": 2, "best": "higher"},
)


class HasCode(Protocol):
    """What has codes: a trained network, or the best linear VAE."""

    def encode(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]: ...
    def rate(self, inputs: np.ndarray) -> np.ndarray: ...


def with_gains(
    rows: Iterable[Row], curve: Sequence[Mapping[str, Any]], outputs: Mapping[Method, np.ndarray], held_out: HeldOut
) -> list[Row]:
    """The rows; those of networks with a rate also have gain_db, their PSNR above the best linear VAE of the same rate.

    Args:
        rows: of the reconstruction.
        curve: from `baselines.rate_curve`; a draw is compared with its curve of draws, a mean with that of means.
        outputs: method → (n, H, W, 3); the gain is the mean of the differences picture by picture, with their interval over people.
        held_out: targets and people.
    """
    gained = []
    for row in rows:
        if row.method.is_network and row.method.estimate and row.get("rate_nats"):
            linear = baselines.rate_at(curve, row["rate_nats"], _ESTIMATES[row.method.estimate])
            if np.isfinite(linear).all():  # the curve covers that rate
                differences = metrics.psnr(outputs[row.method], held_out.targets) - linear
                gain, interval = metrics.paired(differences, held_out.people)
                row = replace(row.with_numbers(gain_db=gain), intervals={**row.intervals, "gain_db": interval})
        gained.append(row)
    return gained


def code_gains(rows: Iterable[Row], networks: Iterable[Method]) -> list[dict[str, Any]]:
    """For each network its rate and what it has above the linear curve, for a table with GAINS."""
    of = by_method(rows)
    lines = []
    for method in networks:
        line: dict[str, Any] = {"network": titles.of(method), "rate": of[method.draw]["rate_nats"]}
        for name, estimate in (("draw", method.draw), ("mean", method.mean)):
            line |= {name: of[estimate].get("gain_db"), f"{name}_ci95": of[estimate].interval("gain_db")}
        lines.append(line)
    return lines


def most_telling_first(rows: Iterable[Row]) -> list[Row]:
    """The rows for a table that shows the first ones alone: the linear VAE's mean, then each network once, then all else."""
    rows = list(rows)
    once = [row for row in rows if row.method.is_network and row.method.estimate != "draw"]
    first = [row for row in rows if row.method == methods.LINEAR_VAE.mean] + once
    return first + [row for row in rows if row not in first]


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
    """The code whose mean of z decodes best, by PSNR, of those with at most about the linear VAE's rate, where there is one.

    Codes of higher rates are better for that reason alone; `results.highlights` says up to which rate codes are compared.
    """
    coded, of = list(coded), by_method(rows)
    limit = RATE_TOLERANCE * of[methods.LINEAR_VAE.mean]["rate_nats"]
    return max(
        [method for method in coded if of[method.mean]["rate_nats"] <= limit] or coded,
        key=lambda method: of[method.mean]["psnr_db"],
    )


def rows_of_answer(
    rows: Iterable[Row], coded: Iterable[Method], outputs: Mapping[Method, np.ndarray]
) -> list[tuple[str, np.ndarray]]:
    """What the page opens with: the best linear VAE, the best network of about its rate, and the best network with any rate.

    Args:
        rows: of the reconstruction.
        coded: networks with a rate; where there is none, every network is shown.
        outputs: method → (n, H, W, 3).

    Returns:
        (label with the rate, outputs of the mean of z) of each.
    """
    of, coded = by_method(rows), list(coded)
    chosen = [methods.LINEAR_VAE]
    if coded:
        chosen += [best_code(coded, of.values()), max(coded, key=lambda method: of[method.mean]["psnr_db"])]
        shown = [(method, method.mean) for method in dict.fromkeys(chosen)]
    else:
        shown = [(methods.LINEAR_VAE, methods.LINEAR_VAE.mean), *((m, m) for m in outputs if m.is_network)]
    labels = {method: of[row].get("rate_nats") for method, row in shown}
    return [
        (titles.of(method) + (f" ({labels[method]:,.0f} nats)" if labels[method] else ""), outputs[row]) for method, row in shown
    ]


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


def with_active_axes(rows: Iterable[Row], coded: Mapping[Method, HasCode], inputs: np.ndarray) -> list[Row]:
    """The rows; those of codes also have active_axes, how many of their axes carry information, see `active_axes`."""
    counts = {method: active_axes(network, inputs) for method, network in coded.items()}
    return [row.with_numbers(active_axes=counts.get(row.method.code)) for row in rows]


def axes_by_rate(rates: Mapping[Method, np.ndarray], rows: Iterable[Row]) -> tuple[dict[str, tuple], dict[str, int]]:
    """Lines for a figure: the axes of each code sorted by rate, labelled with how many are active, and the places of the labels."""
    of, own_places = by_method(rows), looks.places(rates)
    lines, places = {}, {}
    for method, rate in rates.items():
        title = titles.of(method)
        label = f"{title}: {of[method.mean]['active_axes']:.0f} active"
        lines[label] = range(1, len(rate) + 1), np.maximum(np.sort(rate)[::-1], 1e-4)
        if title in own_places:
            places[label] = own_places[title]
    return lines, places

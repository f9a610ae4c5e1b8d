"""Denoising at other amounts of noise, and how well networks read the noise off a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reecho import methods, metrics, tasks, titles
from reecho.evaluation.held_out import HeldOut
from reecho.evaluation.phrases import LOST
from reecho.inputs import noise_like
from reecho.methods import LMMSE, NOISY, Method
from reecho.networks.registry import NETWORKS
from reecho.results import Row

if TYPE_CHECKING:
    from reecho.trained import Network

LEVELS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)  # standard deviations of the noise in the sweep, intensity
_REFERENCE = methods.network("reference")
SWEPT = 500  # held-out pictures that the sweep is measured on


def noise_sweep(
    networks: Mapping[Method, Network], lmmse: Callable[[np.ndarray, float], np.ndarray], held_out: HeldOut, seed: int
) -> dict[Method, list[float]]:
    """Mean PSNR by amount of noise, dB, of the noisy input, LMMSE (which is given σ) and each network, at each of LEVELS."""
    targets = held_out.targets[:SWEPT]
    values: dict[Method, list[float]] = {method: [] for method in (NOISY, LMMSE, *networks)}
    for level in LEVELS:
        noisy = held_out.inputs(level, seed, SWEPT)
        for method in values:  # one after another, so that the outputs of one lie in memory
            if method in networks:
                pictures = networks[method].reproduce(noisy)
            else:
                pictures = noisy if method == NOISY else lmmse(noisy, level)
            values[method].append(float(metrics.psnr(pictures, targets).mean()))
            del pictures
    return values


def bottleneck_by_noise(sweep: Mapping[Method, Sequence[float]]) -> str:
    """What a code costs at little noise and at much: the reference network in the sweep; "" where it is not shown.

    Args:
        sweep: from `noise_sweep`.
    """
    if _REFERENCE not in sweep:
        return ""
    ours, linear, noisy = sweep[_REFERENCE], sweep[LMMSE], sweep[NOISY]
    behind = [best - value for best, value in zip(linear, ours, strict=True)]
    without = "less" if ours[0] < noisy[0] else "more"
    text = (
        f"What does a code cost? At σ = {LEVELS[0]:g} the reference network has {ours[0]:.2f} dB, {without} than the noisy input "
        f"itself ({noisy[0]:.2f} dB)"
    )
    if ours[0] < noisy[0]:
        text += f": {LOST}"
    text += f". It is {behind[0]:.2f} dB behind LMMSE there, and {behind[-1]:.2f} dB at σ = {LEVELS[-1]:g}."
    if 0 < behind[-1] < behind[0]:
        text += " The more noise there is, the less detail can be saved anyway, and the less a code costs."
    return text


def faces_by_noise(
    networks: Mapping[Method, Network], lmmse: Callable[[np.ndarray, float], np.ndarray], held_out: HeldOut, seed: int,
    places: Sequence[int], levels: Sequence[float],
) -> dict[Method, list[np.ndarray]]:  # fmt: skip
    """What a few held-out people become at each amount of noise: method → for each level (k, H, W, 3)."""
    targets, noise = held_out.targets[list(places)], noise_like(held_out.targets, seed)[list(places)]
    noisy = [tasks.make_inputs(held_out.task, targets, noise, level) for level in levels]
    faces = {NOISY: noisy, LMMSE: [lmmse(pictures, level) for pictures, level in zip(noisy, levels, strict=True)]}
    return faces | {method: [network.reproduce(pictures) for pictures in noisy] for method, network in networks.items()}


def trained_for_level(networks: Mapping[float, Network], held_out: HeldOut, seed: int) -> dict[float, float]:
    """PSNR of the network that was trained for each level alone: level → dB, for those among LEVELS."""
    targets = held_out.targets[:SWEPT]
    return {
        level: float(metrics.psnr(network.reproduce(held_out.inputs(level, seed, SWEPT)), targets).mean())
        for level, network in networks.items()
        if level in LEVELS
    }


def with_gaps(rows: Iterable[Row], sweep: Mapping[Method, Sequence[float]], own: Mapping[float, float]) -> list[Row]:
    """The rows; those of blind networks also have gap_02_db and its like: their PSNR less that of the network for that σ alone.

    Args:
        rows: of the denoising.
        sweep: from `noise_sweep`.
        own: from `trained_for_level`.
    """
    return [
        row.with_numbers(**{
            f"gap_{100 * level:02.0f}_db": sweep[row.method][LEVELS.index(level)] - value for level, value in own.items()
        }) if row.method in sweep and is_blind(row.method) else row
        for row in rows
    ]  # fmt: skip


def is_blind(method: Method) -> bool:
    """Whether a method is a network that takes faces under noise of any strength."""
    return method.is_network and NETWORKS[method.name].blind


@dataclass(frozen=True)
class BlindReading:
    """How well blind networks read σ off pictures, for a table; `is_there` says whether a blind network is shown."""

    rows: list[dict[str, Any]]
    columns: list[dict[str, Any]]
    is_there: bool

    @classmethod
    def of(
        cls, networks: Mapping[Method, Network], sweep: Mapping[Method, Sequence[float]], own: Mapping[float, float],
        held_out: HeldOut, seed: int,
    ) -> BlindReading:  # fmt: skip
        """Measure it at each of LEVELS.

        Args:
            networks: method → network; those that are not blind are left out.
            sweep, own: from `noise_sweep` and `trained_for_level`.
            held_out, seed: as for `noise_sweep`.
        """
        blind = {method: network for method, network in networks.items() if is_blind(method)}
        rows = []
        for place, level in enumerate(LEVELS):
            noisy = held_out.inputs(level, seed, SWEPT)
            row = {"sigma": level, "own": own.get(level), "lmmse": sweep[LMMSE][place]}
            for method, network in blind.items():
                row[f"{method.identifier} σ"] = float(network.model.noise_level(noisy).mean())
                row[f"{method.identifier} dB"] = sweep[method][place]
            rows.append(row)
        return cls(rows, sweep_columns(blind), bool(blind))


def sweep_columns(blind: Iterable[Method]) -> list[dict[str, Any]]:
    """The columns of the table of blind networks."""
    blind = list(blind)
    columns: list[dict[str, Any]] = [{"key": "sigma", "heading": "σ", "digits": 2}]
    columns += [{"key": f"{m.identifier} σ", "heading": f"{titles.of(m)}: σ read", "digits": 3} for m in blind]
    columns += [{"key": f"{m.identifier} dB", "heading": f"{titles.of(m)} (dB)", "digits": 2} for m in blind]
    columns += [{"key": "lmmse", "heading": "LMMSE, given σ (dB)", "digits": 2}]
    return [*columns, {"key": "own", "heading": "trained for this σ (dB)", "digits": 2}]

"""What each fault does, measured: those that show in the data alone, and those that show in a network that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from reecho import augment, latent, metrics
from reecho.colour import grey
from reecho.data import Faces, gradient_energy
from reecho.faults import original, original_results
from reecho.faults.table import FAULTS, Fault
from reecho.inputs import noise_like

EXPECTED = (
    {"key": "fault", "heading": "Fault"},
    {"key": "did", "heading": "The original"},
    {"key": "expected", "heading": "Expected, and why"},
)
COLUMNS = (
    {"key": "fault", "heading": "Fault"},
    {"key": "measure", "heading": "What is measured"},
    {"key": "predicted", "heading": "Expected"},
    {"key": "measured", "heading": "Measured"},
)
PARTS = ("out of reach", "error within reach", "added by drawing z", "KL", "not told apart")


def in_data(faces: Faces) -> dict[str, float]:
    """The faults that need no network, measured on the original's own test pictures.

    Args:
        faces: all of them; the original split them anew, or as many as it had.

    Returns:
        Key of a fault → value in the unit of its `measure`.
    """
    train, held = original.parts(len(faces))
    sampled, averaged = original.pictures(faces, held), faces.pictures(held)
    targets = sampled - original.SHIFT
    return {
        "scale": original_results.unreachable(targets),
        "shown": 100 * float(np.mean(targets < 0)),
        "accuracy": original_results.accuracy(np.array([1, 0, 0]), targets),
        "split": 100 * float(np.isin(faces.people[held], faces.people[train]).mean()),
        "copies": 100 * twins_in_train(len(train) + len(held)),
        "resize": 100 * (gradient_energy(sampled) / gradient_energy(averaged) - 1),
        "shear": largest_shift(0.2, faces.size),
        "grey": float(np.sqrt(np.mean((original.swapped_grey(sampled) - grey(sampled)) ** 2))),
    }


def twins_in_train(count: int) -> float:
    """The share of test pictures whose copy, or whose original, is in train where each picture has one copy beside it.

    Example:
        >>> 0.85 < twins_in_train(1000) < 0.95
        True
    """
    train, held = original.split(2 * count)
    return float(np.isin(held % count, train % count).mean())


def largest_shift(shear_range: float, size: int) -> float:
    """How far the data generator's shear alone moves the pixel that it moves most.

    Args:
        shear_range: degrees.
        size: width of the picture in pixels.

    Returns:
        Pixels.

    Example:
        >>> round(largest_shift(45.0, 33), 3)  # the top row, 16 pixels from the centre: sideways by sin 45°, down by 1 - cos 45°
        12.246
    """
    uniform = np.full((1, 7), 0.5, "float32")  # of every other feature the middle
    uniform[:, 1] = 1.0
    a0, a1, a2, b0, b1, b2 = np.asarray(augment.matrices(uniform, augment.Ranges(shear_range=shear_range), size))[0, :6]
    x, y = np.meshgrid(np.arange(size), np.arange(size))
    return float(np.hypot(a0 * x + a1 * y + a2 - x, b0 * x + b1 * y + b2 - y).max())


class Outputs(NamedTuple):
    """What a network makes of faces: the mean of z decoded, and a draw of it, float32 (n, H, W, 3) each."""

    mean: np.ndarray
    drawn: np.ndarray

    @classmethod
    def of(cls, network: Any, targets: np.ndarray, seed: int = 0) -> Outputs:
        """The outputs of a trained variational network for faces, float32 (n, H, W, 3); `seed` is that of the draw."""
        return cls(network.reproduce(targets), network.reproduce_sampled(targets, seed))


def in_network(network: Any, targets: np.ndarray, seed: int = 0, outputs: Outputs | None = None) -> dict[str, float]:
    """The faults that show in what is done with a reconstruction network.

    Args:
        network: a trained variational one, such as `reecho.trained.ensure` gives.
        targets: float32 (n, H, W, 3) in [0, 1], held-out faces.
        seed: of the draws and of the pairs.
        outputs: the network's for the targets; None computes them.

    Returns:
        Key of a fault → value in the unit of its `measure`.
    """
    mean, drawn = outputs or Outputs.of(network, targets, seed)
    codes, _ = network.encode(targets)
    first, second = latent.pairs(np.arange(len(codes)), len(codes), seed)
    norm = np.linalg.norm(codes[first] + codes[second], axis=1).mean() / np.linalg.norm(codes, axis=1).mean()
    return {
        "draw": float((metrics.psnr(mean, targets) - metrics.psnr(drawn, targets)).mean()),
        "sum": float(norm),
        "unsaved": float(metrics.colourfulness(network.reproduce(grey(targets))).mean()),
        "formula": -float(network.rate(targets).sum(1).mean()),
    }


def noise_by_heart(network: Any, faces: Faces, seed: int, count: int = 1000) -> float:
    """What a denoising network of the rerun gains on train pictures by noise that it has met in every epoch.

    Args:
        network: the rerun's, trained with `noise_like(…, seed)` on all train pictures of the original's split.
        faces, seed: those of the rerun.
        count: of how many pictures.

    Returns:
        Units of the loss: under fresh noise less under the noise that it knows, the mean of z decoded.
    """
    train = original.pictures(faces, original.parts(len(faces))[0]) - original.SHIFT
    losses = []
    for noise_seed in (seed + 1, seed):
        noisy = train + original.SIGMA * noise_like(train, noise_seed)  # as drawn in the rerun: for all pictures at once
        losses.append(original.WEIGHT * np.mean((network.reproduce(noisy[:count]) - train[:count]) ** 2, dtype="float64"))
    return float(losses[0] - losses[1])


def loss_parts(network: Any, targets: np.ndarray, seed: int = 0, outputs: Outputs | None = None) -> dict[str, float]:
    """What the loss of a reconstruction network is made of.

    Args:
        network: a trained variational one.
        targets: float32 (n, H, W, 3), in the scale that it was trained in.
        seed: of the draw of z.
        outputs: the network's for the targets; None computes them.

    Returns:
        Units of the loss by the names of PARTS: what no output in [0, 1] can avoid; what is left beyond that where the mean of z
        is decoded; what a draw of z adds; KL. They sum to the loss.
    """
    mean, drawn = (
        original.WEIGHT * float(np.mean((pictures - targets) ** 2, dtype="float64"))
        for pictures in outputs or Outputs.of(network, targets, seed)
    )
    floor = original_results.unreachable(targets)
    parts = (floor, mean - floor, drawn - mean, float(network.rate(targets).sum(1).mean()))
    return dict(zip(PARTS, parts, strict=False))


def rows(measured: Mapping[str, float | None]) -> list[dict[str, Any]]:
    """The tables of all faults, with EXPECTED and with COLUMNS.

    Args:
        measured: key of a fault → value; where there is none the table says so.
    """
    rows = []
    for entry in FAULTS:
        value, predicted = measured.get(entry.key), _number(entry.predicted, entry)
        shown = "not in this run" if value is None else _number(value, entry)
        texts = {"fault": entry.name, "predicted": predicted, "expected": f"{predicted}: {entry.why}", "measured": shown}
        rows.append(asdict(entry) | texts)
    return rows


def spoken_of(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows of faults that the page's answer and `words.of_use` name; a page shows them before the others."""
    return [row for row in rows if row["key"] in ("scale", "shown", "accuracy", "shear", "unsaved", "formula")]


def _number(value: float, of: Fault) -> str:
    text = f"{value:,.{of.digits}f}"
    return (text.lstrip("-") if not float(text.replace(",", "")) else text).replace("-", "−") + of.unit

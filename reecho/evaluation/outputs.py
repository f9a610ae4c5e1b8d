"""Outputs of trained networks under the clock, what each network's row says beside its quality, and rows for figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from reecho import metrics, results, scoring, tasks, titles
from reecho.evaluation.held_out import HeldOut
from reecho.methods import Method
from reecho.results import Row
from reecho.timing import Timed

if TYPE_CHECKING:
    from reecho.trained import Network

_WARM = 256  # pictures that go through a network before the clock starts, for it compiles at its first call


def outputs_of(networks: Mapping[Method, Network], inputs: np.ndarray, seed: int | None = None) -> Timed:
    """What networks make of inputs, under the clock.

    Args:
        networks: method → trained network.
        inputs: float32 (n, H, W, 3).
        seed: of the draw of z; None decodes means alone, under the networks' own methods.

    Returns:
        Method → outputs. With a seed, a network with noise on its code has two entries, its mean of z and a draw of z; they come
        first.
    """
    outputs = Timed()
    coded = [method for method, network in networks.items() if seed is not None and network.model.variational]
    for method in coded:
        network = networks[method].anew()  # codes that were stored would take no time
        outputs.run(method.mean, network.reproduce, inputs, warm=_WARM)
        outputs.run(method.draw, network.reproduce_sampled, inputs, seed, warm=_WARM)
    for method in networks:
        if method not in coded:
            outputs.run(method, networks[method].reproduce, inputs, warm=_WARM)
    return outputs


def numbers_of(
    networks: Mapping[Method, Network],
    outputs: Mapping[Method, np.ndarray],
    held_out: HeldOut,
    inputs: np.ndarray,
    other_seeds: Mapping[Method, Sequence[np.ndarray]] | None = None,
) -> dict[Method, dict[str, float | None]]:
    """What a network's rows say beside its quality: rate, weights, seconds of training, spread over seeds.

    Args:
        networks: method → trained network.
        outputs: the outputs that have rows.
        held_out: what they are measured on.
        inputs: float32 (n, H, W, 3), the networks' inputs.
        other_seeds: method → outputs of the same network trained from other seeds, from `trained.of_other_seeds`.

    Returns:
        Method of each output → its further numbers; the spread stands with the mean of z where there are two estimates.
    """
    costs = {method: network.cost_of(inputs) for method, network in networks.items()}
    by_output = {method: method.code.without("luma") for method in outputs}  # with the given luma kept it is the same network
    numbers = {method: dict(costs[network]) for method, network in by_output.items() if network in costs}
    for method, others in (other_seeds or {}).items():
        place = method.mean if method.mean in numbers else method
        numbers[place] |= metrics.over_seeds(outputs[place], others, held_out.targets)
    return numbers


def scored(
    outputs: Mapping[Method, np.ndarray],
    held_out: HeldOut,
    numbers: Mapping[Method, Mapping[str, float | None]],
    mean_chroma: np.ndarray | None = None,
) -> list[Row]:
    """The rows of all outputs of a task; see `scoring.score_all`."""
    return scoring.score_all(held_out.task, outputs, held_out.targets, held_out.people, mean_chroma, numbers)


def columns_with_gain(task: str, rows: Sequence[Row]) -> list[tasks.Column]:
    """The columns of a task's table, with the difference from the best simple method behind the PSNR and without what few need.

    Args:
        task: one whose methods have no rate.
        rows: its rows, whose networks have that difference.
    """
    columns = [column for column in tasks.columns(task, [row.numbers for row in rows]) if column.key not in ("n", "ms_picture")]
    place = next(number for number, column in enumerate(columns) if column.key == "psnr_db") + 1
    return [*columns[:place], tasks.Column(results.ABOVE, "above the best simple (dB)", 2, None), *columns[place:]]


def grid_rows(
    before: Iterable[tuple[str, np.ndarray]],
    outputs: Mapping[Method, np.ndarray],
    places: np.ndarray,
    scores: Mapping[Method, np.ndarray],
) -> list[tuple[str, np.ndarray, np.ndarray | None]]:
    """Rows for `plots.scored_grid`: pictures as they are, then what methods made of them, with a score under each.

    Args:
        before: (label, pictures (k, H, W, 3)) of the rows without scores.
        outputs: method → (n, H, W, 3), the methods to show, in order.
        places: int (k,), which of the n pictures.
        scores: method → float (k,), what stands under each picture.
    """
    rows: list[tuple[str, np.ndarray, np.ndarray | None]] = [(label, pictures, None) for label, pictures in before]
    return rows + [(titles.of(method), outputs[method][places], scores[method]) for method in scores]


def compared(pictures: Iterable[tuple[str, np.ndarray]], targets: np.ndarray) -> list[tuple[str, np.ndarray, np.ndarray | None]]:
    """Rows for `plots.scored_grid`: the targets, then pictures with their PSNR.

    Args:
        pictures: (label, (k, H, W, 3)) of each row.
        targets: float32 (k, H, W, 3).
    """
    return [("target", targets, None), *((label, shown, metrics.psnr(shown, targets)) for label, shown in pictures)]


def with_contrast(pictures: Iterable[tuple[str, np.ndarray]]) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Rows for `plots.scored_grid`: pictures with their contrast."""
    return [(label, shown, metrics.contrast(shown)) for label, shown in pictures]


def contrast_of(walks: np.ndarray) -> np.ndarray:
    """The contrast of each picture: float32 (m, n, H, W, 3) → float64 (m, n)."""
    return np.stack([metrics.contrast(walk) for walk in walks])


def stored_faces(
    held_out: HeldOut, outputs: Mapping[Method, np.ndarray], inputs: np.ndarray | None = None
) -> dict[Method | str, np.ndarray]:
    """What the eight people became, for `results.write`: target, input where it differs, and the outputs.

    Args:
        held_out: the targets.
        outputs: method → (n, H, W, 3), those of networks.
        inputs: float32 (n, H, W, 3), or None where they are the targets.
    """
    eight = held_out.eight
    stored = {results.TARGET: held_out.targets[eight]} | ({} if inputs is None else {results.INPUT: inputs[eight]})
    return stored | {method: outputs[method][eight] for method in outputs}

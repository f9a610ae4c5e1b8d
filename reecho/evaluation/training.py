"""What notebooks show of a training: its history, its files, its curve, a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from reecho.evaluation.phrases import signed
from reecho.methods import Method
from reecho.networks.registry import NETWORKS
from reecho.tasks import TASKS

if TYPE_CHECKING:
    from reecho.data import Faces
    from reecho.trained_network import Network

HISTORY_COLUMNS = (
    {"key": "epoch", "heading": "epoch", "digits": 0},
    {"key": "total_loss", "heading": "train: total", "digits": 1},
    {"key": "reconstruction_loss", "heading": "error", "digits": 5},
    {"key": "kl_loss", "heading": "KL", "digits": 1},
    {"key": "val_total_loss", "heading": "validation: total", "digits": 1, "best": "lower"},
    {"key": "val_reconstruction_loss", "heading": "error", "digits": 5},
    {"key": "val_kl_loss", "heading": "KL", "digits": 1},
    {"key": "seconds", "heading": "s", "digits": 0},
)
_STARTS = {"linear": "the best linear code", "best linear": "the best linear code", "random": "random weights"}
_SMALL = 0.5  # dB
_MOST_OF_IT = "nearly all of the quality comes from the start, which is computed without training."
FILES = ({"key": "file", "heading": "File"}, {"key": "size", "heading": "Size, MB", "digits": 3})


def history_rows(history: Mapping[str, list]) -> list[dict[str, Any]]:
    """The history as rows for a table with HISTORY_COLUMNS."""
    return [dict(zip(history, row, strict=True)) for row in zip(*history.values(), strict=True)]


def saved_files(network: Network) -> list[dict[str, Any]]:
    """The files of a network and their sizes, for a table with FILES."""
    return [{"file": path.name, "size": path.stat().st_size / 1e6} for path in sorted(network.folder.iterdir())]


def learning(networks: Mapping[Method, Network]) -> dict[Method, tuple[list[float], list[float]]]:
    """How networks learnt: minutes of training, and the validation error as -10 log10 of the mean squared error, dB.

    Args:
        networks: from `shown`; those whose history is not there or whose loss is another are left out.

    Returns:
        Method → (minutes, dB), the start included.
    """
    curves = {}
    for method, network in networks.items():
        if network.history and network.record["settings"]["loss"] == "mse":
            minutes = np.cumsum([0.0, *network.history["seconds"][1:]]) / 60
            curves[method] = minutes.tolist(), (-10 * np.log10(network.history["val_reconstruction_loss"])).tolist()
    return curves


def training_in_words(network: Network) -> str:
    """What a training added to its start on validation people, and how long it took."""
    settings, cost, history = network.record["settings"], network.provenance, network.history
    title, best = NETWORKS[settings["network"]].title, cost["best_epoch"]
    begin, end = (_error(network, epoch) for epoch in (0, best))
    what = (
        f"The {title} network for {settings['task']}, started with {_STARTS.get(cost['initialisation'], cost['initialisation'])},"
    )
    if best == 0:
        error = f"has an error of {255 * begin:.1f} of 255 grey levels" if begin is not None else "is used as it starts"
        return (
            f"{what} {error} on validation people. No epoch of {history['epoch'][-1]} has a lower loss there, so the start is used."
        )
    time = f"after {_epochs(best)} ({cost['minutes']:.1f} minutes for all {history['epoch'][-1]})"
    if begin is None or end is None:
        losses = (f"{history['val_total_loss'][epoch]:,.5g}" for epoch in (0, best))
        text = "{what} lowers its loss on validation people from {} to **{}** {time}.".format(*losses, what=what, time=time)
    else:
        change = round(float(20 * np.log10(begin / end)), 2)
        digits = 1 if f"{255 * begin:.1f}" != f"{255 * end:.1f}" else 2
        text = (
            f"{what} has an error of {255 * begin:.{digits}f} of 255 grey levels on validation people before training and "
            f"**{255 * end:.{digits}f}** {time}. Training {'gains' if change >= 0 else 'loses'} {abs(change):.2f} dB"
        )
        if change < 0:
            text += f", but the loss, which also counts the nats of the code, falls by {_fall(history, best):.1f}"
        text += f"; {_MOST_OF_IT}" if _STARTS.get(cost["initialisation"]) == _STARTS["linear"] and change < _SMALL else "."
    if network.model.variational:
        text += f" The code carries {history['val_kl_loss'][best]:.0f} nats a face; these errors are those of a draw of z."
    return text


def history_in_words(network: Network) -> str:
    """Why that epoch's weights are used: its loss, what error and KL added to its fall, and how far the train loss is from it."""
    history, best = network.history, network.provenance["best_epoch"]
    first = history["epoch"][0]
    total, kl = (_as_in_the_table(history[name]) for name in ("val_total_loss", "val_kl_loss"))
    text = (
        f"The weights of epoch {history['epoch'][best]} are used: its loss on validation people is the lowest, {total[best]:,.1f}. "
    )
    if best:
        text = f"{text}Since epoch {first} it fell by {_fall(history, best):,.1f}"
        if network.model.variational:
            of_kl = kl[best] - kl[0]
            text += f": {signed(total[best] - total[0] - of_kl, 1)} by the error and {signed(of_kl, 1)} by the KL"
        text += ". "
    if history["total_loss"][best] is not None:
        above = _as_in_the_table(history["total_loss"])[best] - total[best]
        text += f"The train loss of that epoch is {abs(above):,.1f} {'above' if above >= 0 else 'below'} it."
    return text.strip()


def _fall(history: Mapping[str, list], best: int) -> float:
    """By how much the loss on validation people fell from the first epoch of the history to the best one."""
    losses = _as_in_the_table(history["val_total_loss"])
    return float(losses[0] - losses[best])


def _as_in_the_table(losses: list) -> list:
    """Losses with the digits that the table of the history shows, so that a reader who subtracts finds the same differences."""
    return [None if value is None else round(value, 1) for value in losses]


def error_in_words(network: Network) -> str:
    """The error that the weight of the loss assumes in a pixel value, beside the one that was measured; "" for other losses.

    Source: Rybkin, Daniilidis & Levine (2021), arXiv:2006.13202, section 3: the weight D / (2 σ²) of a Gaussian decoder.
    """
    settings = network.record["settings"]
    weight = network.record["build"]["parameters"].get("reconstruction_weight")
    error = _error(network, network.provenance["best_epoch"])
    if not weight or error is None or not network.model.variational:
        return ""
    values = 3 * settings["size"] ** 2
    assumed = (values / (2 * weight)) ** 0.5
    return (
        f"The weight {weight:,.0f} assumes an error of σ = {assumed:.3f} in each pixel value, that is {255 * assumed:.0f} of 255 "
        f"grey levels. The error of this network on validation people is {error:.3f}, {255 * error:.0f} grey levels. A weight of "
        f"{_rounded(values / (2 * error**2)):,} would assume this error. A larger weight asks for a more exact picture and gives "
        "codes of a higher rate."
    )


def pictures_seen(faces: Faces, task: str) -> tuple[int, int]:
    """How many train and validation pictures a training sees; where colours are learnt, those without colour are left out."""
    parts = faces.indices("train"), faces.measured("validation")
    has_colour = ~faces.grey if TASKS[task].in_colour else np.ones(len(faces), bool)
    train, validation = (int(has_colour[part].sum()) for part in parts)
    return train, validation


def stages(task: str, inputs: np.ndarray, outputs: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Rows of a figure: the task's input, unless it is the target itself, and what the network makes of it.

    Args:
        task: a key of TASKS.
        inputs, outputs: float32 (n, H, W, 3).
    """
    names = TASKS[task].stages or ("input", "output")
    return [(name, pictures) for name, pictures in zip(names, (inputs, outputs), strict=True) if name]


def _error(network: Network, epoch: int) -> float | None:
    """Root of the mean squared error of a pixel value on validation people, intensity; None where the loss is another."""
    value = network.history["val_reconstruction_loss"][epoch]
    return float(value) ** 0.5 if network.record["settings"]["loss"] == "mse" and value is not None else None


def _epochs(count: int) -> str:
    return f"{count} epoch" + "s" * (count != 1)


def _rounded(number: float, digits: int = 2) -> int:
    """A number to so many significant digits.

    Example:
        >>> _rounded(526749.0)
        530000
    """
    return int(float(f"{number:.{digits}g}"))

"""What notebooks show of a training: its history, its files, its curve, a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from reecho.evaluation.held_out import inputs_for
from reecho.methods import Method
from reecho.networks.registry import NETWORKS
from reecho.report.tables import signed
from reecho.tasks import TASKS

if TYPE_CHECKING:
    from reecho.data import Faces
    from reecho.settings import Settings
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
    change = None
    time = f"after {_epochs(best)} ({cost['minutes']:.1f} minutes for all {history['epoch'][-1]})"
    if begin is None or end is None:
        losses = (f"{history['val_total_loss'][epoch]:,.5g}" for epoch in (0, best))
        text = "{what} lowers its loss on validation people from {} to **{}** {time}.".format(*losses, what=what, time=time)
    else:
        change = round(float(20 * np.log10(begin / end)), 2)
        digits = _digits(begin, end)
        text = (
            f"{what} has an error of {255 * begin:.{digits}f} of 255 grey levels on validation people before training and "
            f"**{255 * end:.{digits}f}** {time}. Training {'gains' if change >= 0 else 'loses'} {abs(change):.2f} dB"
        )
        if change < 0:
            text += f", but the loss, which also counts the nats of the code, falls by {_fall(history, best):.1f}"
        text += f"; {_MOST_OF_IT}" if _STARTS.get(cost["initialisation"]) == _STARTS["linear"] and change < _SMALL else "."
    if network.model.variational:
        text += f" {_of_the_code(network, change)} These errors are those of a draw of z."
    return text


def _of_the_code(network: Network, change: float | None) -> str:
    """How many nats the code carries, and where training changed that, what it means for the gain.

    Args:
        network: a variational one.
        change: dB that training gained; None where the loss is another.
    """
    nats, best = network.history["val_kl_loss"], network.provenance["best_epoch"]
    before, after = round(nats[0]), round(nats[best])
    if change is None or change < 0 or before == after or _STARTS.get(network.provenance["initialisation"]) != _STARTS["linear"]:
        return f"The code carries {after:,} nats a face."
    how, gain = ("shorter", "larger") if after < before else ("longer", "smaller")
    where = "; notebook 03 measures it" if network.record["settings"]["task"] == "reconstruction" else ""
    return (
        f"Training also made the code {how}, from {before:,} to {after:,} nats a face, so the gain over a linear VAE of the same "
        f"rate is {gain}{where}."
    )


def training_conclusion(network: Network) -> str:
    """How much of the fall of the loss came early, whether more epochs could help, and which notebook tests the network."""
    settings, history, best = network.record["settings"], network.history, network.provenance["best_epoch"]
    losses, last = history["val_total_loss"], history["epoch"][-1]
    if best == 0:
        text = f"Within {_epochs(last)} training finds nothing better than its start, by the loss on validation people."
    else:
        half = next(epoch for epoch in range(best + 1) if losses[0] - losses[epoch] >= (losses[0] - losses[best]) / 2)
        text = f"Of what training gains in loss on validation people, half is reached after {_epochs(half)} of {last}." * (last > 1)
        if best == last:
            text += " The loss is lowest after the last epoch, so more epochs may still help."
        else:
            text += f" The loss is lowest after {_epochs(best)} and higher afterwards: from there on training does not help."
    name = TASKS[settings["task"]].notebook
    return (
        f"{text.strip()} [Notebook {name[:2]}]({name}.ipynb) compares networks on test people with methods that need no training."
    )


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


def error_of_mean(network: Network, faces: Faces, settings: Settings) -> float | None:
    """Root of the mean squared error of a pixel value on validation people where the mean of z is decoded, intensity.

    Args:
        network: of a task; None comes back for one without noise on its code.
        faces: the faces.
        settings: those of notebook 02.
    """
    if not network.model.variational:
        return None
    validation = faces.measured("validation")
    targets = faces.pictures(validation[~faces.grey[validation]] if TASKS[settings.task].in_colour else validation)
    outputs = network.reproduce(inputs_for(settings, targets))
    return float(np.mean((outputs - targets) ** 2, dtype="float64")) ** 0.5


def assumed_error(network: Network) -> float | None:
    """The error σ that the weight of a network's loss assumes in a pixel value, intensity; None where the loss assumes none.

    Source: Rybkin, Daniilidis & Levine (2021), arXiv:2006.13202, section 3: the weight D / (2 σ²) of a Gaussian decoder.
    """
    settings, weight = network.record["settings"], network.record["build"]["parameters"].get("reconstruction_weight")
    if not weight or settings["loss"] != "mse" or not network.model.variational:
        return None
    return float((3 * settings["size"] ** 2 / (2 * weight)) ** 0.5)


def error_in_words(network: Network, of_mean: float | None = None) -> str:
    """The error that the weight of the loss assumes in a pixel value, beside those that were measured; "" for other losses.

    Args:
        network: a trained one.
        of_mean: from `error_of_mean`.
    """
    best, assumed = network.provenance["best_epoch"], assumed_error(network)
    error, start = _error(network, best), _error(network, 0)
    if assumed is None or error is None:
        return ""
    weight = network.record["build"]["parameters"]["reconstruction_weight"]
    levels = f"{255 * error:.{_digits(start, error)}f}"
    text = (
        f"The weight {weight:,.0f} assumes an error of σ = {assumed:.3f} in each pixel value, that is {255 * assumed:.0f} of 255 "
        f"grey levels. On validation people the error of a draw of z is {error:.3f}, {levels} grey levels"
    )
    if of_mean is None:
        text += f". The assumed error is {assumed / error:.1f} times as large. "
    else:
        text += (
            f", and that of the mean of z {of_mean:.3f}, {255 * of_mean:.1f} grey levels. The assumed error is "
            f"{assumed / error:.1f} and {assumed / of_mean:.1f} times as large. "
        )
    return text + (
        f"A weight of {_rounded(weight * (assumed / error) ** 2):,} would assume the error of a draw. A larger weight asks for a "
        "more exact picture and gives codes of a higher rate."
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


def _digits(before: float | None, after: float) -> int:
    """Digits of an error in grey levels, as many wherever a page names it: two where one does not tell start and end apart.

    Example:
        >>> _digits(0.0542, 0.0541), _digits(0.0612, 0.0602)
        (2, 1)
    """
    return 2 if before is not None and before != after and f"{255 * before:.1f}" == f"{255 * after:.1f}" else 1


def _epochs(count: int) -> str:
    return f"{count} epoch" + "s" * (count != 1)


def _rounded(number: float, digits: int = 2) -> int:
    """A number to so many significant digits.

    Example:
        >>> _rounded(526749.0)
        530000
    """
    return int(float(f"{number:.{digits}g}"))

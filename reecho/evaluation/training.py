"""What notebooks show of a training: its history, its files, its curve, a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from reecho.methods import Method
from reecho.networks.registry import NETWORKS

if TYPE_CHECKING:
    from reecho.trained_network import Network

HISTORY_COLUMNS = (
    {"key": "epoch", "heading": "Epoch", "digits": 0},
    {"key": "total_loss", "heading": "Total, train", "digits": 1},
    {"key": "reconstruction_loss", "heading": "Reconstruction", "digits": 5},
    {"key": "kl_loss", "heading": "KL", "digits": 1},
    {"key": "val_total_loss", "heading": "Total, validation", "digits": 1, "best": "lower"},
    {"key": "val_reconstruction_loss", "heading": "Reconstruction", "digits": 5},
    {"key": "val_kl_loss", "heading": "KL", "digits": 1},
    {"key": "seconds", "heading": "Seconds", "digits": 0},
)
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
    """Where a training started, what it reached and how fast it was."""
    settings, cost, history = network.record["settings"], network.provenance, network.history
    title, best = NETWORKS[settings["network"]].title, cost["best_epoch"]
    text = (
        f"The {title} network for {settings['task']} started ({cost['initialisation']}) at a validation loss of "
        f"{history['val_total_loss'][0]:,.5g} and reached **{history['val_total_loss'][best]:,.5g}** in epoch {best} of "
        f"{history['epoch'][-1]}, in {cost['minutes']:.1f} minutes at {cost['faces_a_second']:.0f} faces a second."
    )
    if network.model.variational:
        text += f" At the end the code has {history['val_kl_loss'][best]:.0f} nats a face on validation people."
    return text

"""What accompanies a training and changes no number: lines of progress, and the file of the checkpoint."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from reecho.files import remove, written_aside
from reecho.training import History


def progress(say: Callable[[str], None], epochs: int) -> Callable[[History], None]:
    """What prints a line after each epoch: losses, seconds, time left.

    Args:
        say: takes the lines.
        epochs: of the whole training.
    """

    def report(history: History) -> None:
        row = history.rows[-1]
        say(f"epoch {row['epoch']:2d} of {epochs}: {_losses(row)}, {row['seconds']:.0f} s{_time_left(history, epochs)}")

    return report


def _losses(row: dict[str, Any]) -> str:
    trained = f"train {row['total_loss']:.5g}, " if row.get("total_loss") is not None else ""
    kl = f" (KL {row['val_kl_loss']:.4g} nats)" if row.get("val_kl_loss") else ""
    return f"{trained}validation {row['val_total_loss']:.5g}{kl}"


def _time_left(history: History, epochs: int) -> str:
    seconds = [row["seconds"] for row in history.rows if row["epoch"]]
    remaining = epochs - history.epoch
    return f", at most {np.mean(seconds) * remaining / 60:.1f} min left" if seconds and remaining else ""


class CheckpointFile:
    """A training's checkpoint in one file, written whole or not at all; a damaged one counts as none.

    Args:
        path: the file.
        say: takes a sentence where a training goes on from the file, or the file is damaged.
    """

    def __init__(self, path: Path, say: Callable[[str], None]):
        self.path, self.say = path, say

    def load(self) -> tuple[dict[str, Any], list[np.ndarray], list[np.ndarray]] | None:
        """The history as a dictionary, all variables, the best epoch's weights; None where there is no readable file."""
        if not self.path.is_file():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as stored:
                history = json.loads(str(stored["history"]))
                epoch = history["rows"][-1]["epoch"] if history["rows"] else 0
                arrays = [[stored[f"{letter}{n}"] for n in range(int(stored[f"{letter}s"]))] for letter in "vb"]
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            self.say(f"The checkpoint {self.path.parent.name} is damaged; the training starts anew.")
            remove(self.path)
            return None
        self.say(f"Going on after epoch {epoch}.")
        return history, *arrays

    def save(self, history: dict[str, Any], variables: list[np.ndarray], best: list[np.ndarray]) -> None:
        """Store these, whole or not at all."""
        arrays: dict[str, Any] = {f"v{n}": value for n, value in enumerate(variables)} | {
            f"b{n}": value for n, value in enumerate(best)
        }
        with written_aside(self.path) as aside:
            np.savez(aside, history=json.dumps(history), vs=len(variables), bs=len(best), **arrays)

"""What accompanies a training and changes no number: lines of progress, what it took, and the file of the checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from reecho.context import Spent
from reecho.files import written_aside
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


def cost(history: History, faces: int) -> dict[str, Any]:
    """What a record says of a training: minutes by the clock and of the processors, speed, start, epochs."""
    spent = spent_on(history.rows)
    trained = sum(row["seconds"] for row in history.rows if row["epoch"])
    return {
        "minutes": spent.wall,
        "processor_minutes": spent.processor,
        "faces_a_second": round(faces * history.epoch / max(trained, 1e-3), 1),
        "initialisation": history.start,
        "epochs": history.epoch,
        "best_epoch": history.best_epoch,
    }


def spent_on(rows: Iterable[Mapping[str, Any]]) -> Spent:
    """The minutes of some rows of a history."""
    seconds = [(row["seconds"], row["processor_seconds"]) for row in rows]
    return Spent(round(sum(wall for wall, _ in seconds) / 60, 2), round(sum(processor for _, processor in seconds) / 60, 2))


class CheckpointFile:
    """A training's checkpoint in one file, written whole or not at all; a damaged one counts as none.

    Args:
        path: the file.
        say: takes a sentence where a training goes on from the file, or the file is damaged.

    Attributes:
        rows_before: rows of the history that an earlier process has left.
    """

    def __init__(self, path: Path, say: Callable[[str], None]):
        self.path, self.say, self.rows_before = path, say, 0

    def load(self, variables: list[tuple], best: list[tuple]) -> tuple[History, list[np.ndarray], list[np.ndarray]] | None:
        """The history, all variables, the best epoch's weights, if there is a readable file with arrays of these shapes."""
        if not self.path.is_file():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as stored:
                history = History(**json.loads(str(stored["history"])))
                arrays = [[stored[f"{letter}{n}"] for n in range(int(stored[f"{letter}s"]))] for letter in "vb"]
            shapes = [[array.shape for array in part] for part in arrays]
            if shapes != [variables, best] or not isinstance(history.rows[-1]["epoch"], int):
                raise ValueError("another network's")
        except MemoryError:
            raise
        except Exception:  # zipfile and numpy raise many kinds for a damaged file, which the next epoch replaces
            self.say(f"The checkpoint in {self.path.parent.name} is damaged; the training starts anew.")
            return None
        self.rows_before = len(history.rows)
        self.say(f"Going on after epoch {history.epoch}.")
        return history, arrays[0], arrays[1]

    def save(self, history: History, variables: list[np.ndarray], best: list[np.ndarray]) -> None:
        """Store these, whole or not at all."""
        arrays: dict[str, Any] = {f"v{n}": value for n, value in enumerate(variables)} | {
            f"b{n}": value for n, value in enumerate(best)
        }
        with written_aside(self.path) as aside:
            np.savez(aside, history=json.dumps(vars(history)), vs=len(variables), bs=len(best), **arrays)

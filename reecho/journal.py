"""What accompanies a training and changes no number: lines of progress, what it took, and the file of the checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
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
    """What a record says of a training: minutes by the clock and of the processors, speed, share outside steps, start, epochs."""
    spent = spent_on(history.rows)
    trained = sum(row["seconds"] for row in history.rows if row["epoch"])
    return {
        "minutes": spent.wall,
        "processor_minutes": spent.processor,
        "faces_a_second": round(faces * history.epoch / max(trained, 1e-3), 1),
        "initialisation": history.start,
        "outside_steps": round(sum(row["outside_seconds"] for row in history.rows if row["epoch"]) / max(trained, 1e-3), 4),
        "epochs": history.epoch,
        "best_epoch": history.best_epoch,
    }


def spent_on(rows: Iterable[Mapping[str, Any]]) -> Spent:
    """The minutes of some rows of a history."""
    seconds = [(row["seconds"], row["processor_seconds"]) for row in rows]
    return Spent(round(sum(wall for wall, _ in seconds) / 60, 2), round(sum(processor for _, processor in seconds) / 60, 2))


class CheckpointFile:
    """A training's checkpoint in one file, written whole or not at all, in a thread of its own; a damaged one counts as none.

    Args:
        path: the file.
        say: takes a sentence where a training goes on from the file, or the file is damaged.

    Attributes:
        rows_before: rows of the history that an earlier process has left.
    """

    def __init__(self, path: Path, say: Callable[[str], None]):
        self.path, self.say, self.rows_before = path, say, 0
        self._writer = ThreadPoolExecutor(1, "checkpoint")
        self._writing: Future[None] | None = None

    def load(self, variables: list[tuple], best: list[tuple]) -> tuple[History, list[np.ndarray], list[np.ndarray]] | None:
        """The history, all variables, the best epoch's weights, if there is a readable file with arrays of these shapes."""
        self.wait()
        if not self.path.is_file():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as stored:
                history = History(**json.loads(str(stored["history"])))
                arrays = [[stored[f"v{n}"] for n in range(int(stored["vs"]))], []]
                for n, place in enumerate(stored["places"]):
                    arrays[1].append(arrays[0][place] if place >= 0 else stored[f"b{n}"])
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
        """Begin to store these, when what was to be stored before is stored; see `reecho.training.Checkpoint`."""
        self.wait()
        self._writing = self._writer.submit(self._write, json.dumps(vars(history)), variables, best)

    def wait(self) -> None:
        """Return when all is stored.

        Raises:
            ReechoError: it could not be, as the disk is full or may not be written to.
        """
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()

    def _write(self, history: str, variables: list[np.ndarray], best: list[np.ndarray]) -> None:
        number = {id(value): n for n, value in enumerate(variables)}
        places = [number.get(id(value), -1) for value in best]  # after the best epoch its weights are among the variables
        arrays: dict[str, Any] = {f"v{n}": value for n, value in enumerate(variables)}
        arrays |= {f"b{n}": value for n, value in enumerate(best) if places[n] < 0}
        with written_aside(self.path) as aside:
            np.savez(aside, history=history, vs=len(variables), places=np.array(places, int), **arrays)

"""PyTorch's training as a contender: in a process of its own, for TensorFlow and PyTorch in one process end each other."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from reecho.benchmark.rounds import Work
from reecho.errors import ReechoError


def version() -> str | None:
    """The version of the PyTorch that is installed, None where there is none."""
    try:
        return metadata.version("torch")
    except metadata.PackageNotFoundError:
        return None


class Unusable(ReechoError):
    """PyTorch is installed and cannot be used."""


@contextlib.contextmanager
def contender(
    name: str, faces: np.ndarray, batch: int, channels_last: bool, layers: Mapping[str, Any], folder: Path
) -> Iterator[Work]:
    """A contender that trains the network on ready-made faces, one epoch a turn; warm. Its process waits while others work.

    Args:
        name: identifier of what it measures, pictures a second.
        faces: float32 (N, H, W, 3) in [0, 1].
        batch: pictures a step.
        channels_last: PyTorch's format of memory, else channels first.
        layers: "filters", "kernels", "strides" and "latent_dim" of the network.
        folder: takes the faces for the other process.

    Raises:
        Unusable: PyTorch cannot be imported or does not train.
    """
    file = folder / "faces.npy"
    np.save(file, faces)
    request = {"faces": str(file), "batch": batch, "channels_last": channels_last, **layers}
    command = [sys.executable, "-P", "-m", "reecho.benchmark.torch_child", json.dumps(request)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        _answer(process)  # the epoch in which all is warmed up

        def turn() -> dict[str, float]:
            return {name: _answer(process)}

        yield turn
    finally:
        process.kill()
        process.communicate()


def _answer(process: subprocess.Popen) -> float:
    """Pictures a second of one epoch."""
    assert process.stdin and process.stdout
    try:
        process.stdin.write("epoch\n")
        process.stdin.flush()
        return float(process.stdout.readline())
    except (OSError, ValueError):
        raise Unusable(f"PyTorch {version()} is installed and does not train here.") from None

"""Trained networks: which one belongs to which settings, loaded or trained, behind the calls that every network answers to."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reecho import storage, training
from reecho.data import Faces
from reecho.files import written_aside
from reecho.model import VAE, weights_of
from reecho.settings import Settings, build_dir, run_dir

_SOURCES = ("model.py", "initialise.py", "linear.py", "augment.py", "tasks.py", "training.py", "data/resize.py")
_FACES_A_SECOND = 150.0  # two cores of a laptop, the reference network at 32×32; replaced by what was measured here


@dataclass(frozen=True)
class Network:
    """A trained network, behind the calls that every network answers to."""

    model: VAE
    history: dict[str, list]
    record: dict[str, Any]
    folder: Path

    @property
    def provenance(self) -> dict[str, Any]:
        """What made it: minutes, commit, versions, machine."""
        return self.record.get("provenance", {})

    def cost_of(self, inputs: np.ndarray) -> dict[str, float]:
        """What its row of results says of its price: mean rate in nats of inputs (B, H, W, 3), weights, seconds of training."""
        rate = float(self.rate(inputs).sum(1).mean()) if self.model.variational else None
        return {"rate_nats": rate, "weights": self.weights, "train_seconds": round(self.provenance["minutes"] * 60)}

    @property
    def weights(self) -> int:
        """How many weights it has."""
        return sum(weights_of(self.model.encoder)) + sum(weights_of(self.model.decoder))

    def encode(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """z_mean and z_log_var, float32 (B, latent_dim) each, of inputs (B, H, W, 3)."""
        mean, log_variance = self.model.posterior.predict(inputs, batch_size=256, verbose=0)
        return mean, np.clip(log_variance, -10, 10)

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Faces, float32 (B, H, W, 3) in [0, 1], of codes (B, latent_dim)."""
        return self.model.decoder.predict(z, batch_size=256, verbose=0)

    def reproduce(self, inputs: np.ndarray) -> np.ndarray:
        """Outputs for inputs (B, H, W, 3): the mean of z decoded, nothing drawn."""
        return self.decode(self.encode(inputs)[0])

    def reproduce_sampled(self, inputs: np.ndarray, seed: int) -> np.ndarray:
        """Outputs for inputs (B, H, W, 3): one draw of z decoded, as the document does."""
        mean, log_variance = self.encode(inputs)
        noise = np.random.default_rng(seed).standard_normal(mean.shape, dtype="float32")
        return self.decode(mean + self.model.variational * np.exp(log_variance / 2) * noise)

    def rate(self, inputs: np.ndarray) -> np.ndarray:
        """The KL of each axis and picture in nats, float32 (B, latent_dim): what the code costs."""
        mean, log_variance = self.encode(inputs)
        return 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance)


def key(settings: Settings, faces: Faces) -> str:
    """What a network depends on, as 12 hex digits: its training parameters, the faces, the sources that make it.

    Comments and docstrings do not count, nor does where the faces came from.
    """
    place = {"preset", "dataset", "lfw", "pictures", "crop", "split_seed"}
    parameters = {name: value for name, value in settings.as_dict().items() if name not in place}
    if settings.task != "denoising":
        del parameters["train_sigma"]
    folder = Path(__file__).parent
    code = [_code(folder / name) for name in _SOURCES]
    text = json.dumps([parameters, faces.digest, code], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _code(path: Path) -> str:
    """A source file's syntax tree without docstrings, so that a reworded comment trains nothing anew."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            body[0].value.value = ""
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def folder_of(settings: Settings, faces: Faces) -> Path:
    """Where the network of these settings lies or will lie."""
    return build_dir() / "networks" / f"{settings.task}-{settings.network}-{key(settings, faces)}"


def is_trained(settings: Settings, faces: Faces) -> bool:
    """Whether the network of these settings is there."""
    return (folder_of(settings, faces) / storage.RECORD).is_file()


def estimate_minutes(settings: Settings, faces: Faces) -> float:
    """How long training will take on this machine, in minutes, by what earlier trainings here took."""
    measured = [
        json.loads(path.read_text())["provenance"]["faces_a_second"]
        for path in (build_dir() / "networks").glob("*/" + storage.RECORD)
    ]
    rate = float(np.median(measured)) if measured else _FACES_A_SECOND * (32 / settings.size) ** 2
    return (len(faces.indices("train")) * settings.epochs / rate + 20) / 60


def ensure(settings: Settings, faces: Faces, say: Callable[[str], None] = print) -> Network:
    """Load the network of these settings, or train and keep it where there is none.

    Args:
        settings: those of notebook 02.
        faces: the faces to train on.
        say: takes lines of progress.

    Returns:
        The trained network.
    """
    folder, there = folder_of(settings, faces), is_trained(settings, faces)
    if not there:
        say(f"No {settings.network} network for {settings.task} has been trained with these settings: training it now, "
            f"about {estimate_minutes(settings, faces):.0f} min on this machine.")  # fmt: skip
        training.fit(settings, faces, folder, say)
    network = load(settings, faces)
    _note(network, there)
    return network


def load(settings: Settings, faces: Faces) -> Network:
    """The trained network of these settings, which must be there."""
    folder = folder_of(settings, faces)
    return Network(*storage.load(folder), folder)


def _note(network: Network, there: bool) -> None:
    """Leave word in the run of a network that it uses, and whether its training is part of the run's own minutes."""
    note = run_dir() / "networks" / f"{network.folder.name}.json"
    if not (there and note.is_file()):
        with written_aside(note) as aside:
            aside.write_text(json.dumps({"trained_before": there, **network.record}, indent=1), encoding="utf-8")


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


def history_rows(history: dict[str, list]) -> list[dict[str, Any]]:
    """The history as rows for a table with HISTORY_COLUMNS."""
    return [dict(zip(history, row, strict=True)) for row in zip(*history.values(), strict=True)]

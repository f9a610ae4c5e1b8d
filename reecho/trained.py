"""Trained networks: which one belongs to which settings, loaded or trained, behind the calls that every network answers to."""

from __future__ import annotations

import ast
import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reecho import gaussian, storage, training
from reecho import shipped as shipping
from reecho.data import Faces
from reecho.files import written_aside
from reecho.model import Learner
from reecho.networks import is_blind
from reecho.settings import Settings, build_dir, run_dir, training_settings

_SOURCES = (
    "model.py", "linear.py", "augment.py", "tasks.py", "training.py", "data/resize.py",
    "colour.py", "gaussian.py", "components.py", "pixels.py",
)  # fmt: skip
_FURTHER = {  # by a part of the network's name: what else makes networks of its kind
    "anchored": ("networks/__init__.py", "networks/anchored.py", "networks/blocks.py"),
    "denoiser": ("networks/__init__.py", "networks/denoiser.py", "networks/blocks.py"),
    "colour": ("networks/__init__.py", "networks/colouriser.py", "networks/blocks.py"),
}
_OF_THE_DOCUMENT = {"filters", "kernels", "strides", "initialisation"}  # no other network asks for them
_WITHOUT_CODE = {"latent_dim", "loss", "reconstruction_weight"}
_UNUSED = {
    "anchored": _OF_THE_DOCUMENT,
    "denoiser": _OF_THE_DOCUMENT | _WITHOUT_CODE,
    "colouriser": _OF_THE_DOCUMENT | _WITHOUT_CODE,
    "colour_vae": _OF_THE_DOCUMENT | {"latent_dim", "loss"},
}
_FACES_A_SECOND = 150.0  # two cores of a laptop, the reference network at 32×32; replaced by what was measured here
VARIANTS = {"calibrated": {"network": "anchored", "loss": "calibrated"}}  # by another loss, under a name of their own


@dataclass(frozen=True)
class Network:
    """A trained network, behind the calls that every network answers to."""

    model: Learner
    history: dict[str, list]
    record: dict[str, Any]
    folder: Path

    @property
    def provenance(self) -> dict[str, Any]:
        """What made it: minutes, commit, versions, machine."""
        return self.record.get("provenance", {})

    def cost_of(self, inputs: np.ndarray) -> dict[str, float]:
        """What its row of results says of its price: mean rate in nats of inputs (B, H, W, 3), weights, seconds of training."""
        rate = float(self.rate(inputs).sum(1).mean()) if self.model.variational and hasattr(self.model, "decoder") else None
        return {"rate_nats": rate, "weights": self.weights, "train_seconds": round(self.provenance["minutes"] * 60)}

    @property
    def weights(self) -> int:
        """How many weights it has, those that closed form has fixed included."""
        return sum(math.prod(weight.shape) for weight in self.model.weights)

    def encode(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """z_mean and z_log_var, float32 (B, latent_dim) each, of inputs (B, H, W, 3)."""
        mean, log_variance = self.model.posterior.predict(inputs, batch_size=256, verbose=0)
        return mean, gaussian.clip_log_variance(log_variance)

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Faces, float32 (B, H, W, 3) in [0, 1], of codes (B, latent_dim)."""
        return self.model.decoder.predict(z, batch_size=256, verbose=0)

    def reproduce(self, inputs: np.ndarray) -> np.ndarray:
        """Outputs for inputs (B, H, W, 3): where there is a code, its mean decoded; nothing drawn."""
        return self.model.reproduction.predict(inputs, batch_size=256, verbose=0)

    def reproduce_sampled(self, inputs: np.ndarray, seed: int) -> np.ndarray:
        """Outputs for inputs (B, H, W, 3): one draw of z decoded, as the document does."""
        mean, log_variance = self.encode(inputs)
        noise = np.random.default_rng(seed).standard_normal(mean.shape, dtype="float32")
        return self.decode(gaussian.draw(mean, log_variance, self.model.variational * noise))

    def rate(self, inputs: np.ndarray) -> np.ndarray:
        """The KL of each axis and picture in nats, float32 (B, latent_dim): what the code costs."""
        return gaussian.kl_per_axis(*self.encode(inputs))


def key(settings: Settings, faces: Faces) -> str:
    """What a network depends on, as 12 hex digits: its training parameters, the faces, the sources that make it.

    Comments and docstrings do not count, nor does where the faces came from, nor a parameter that its kind does not use.
    """
    unused = {"preset", "dataset", "lfw", "pictures", "crop", "split_seed"} | _of_kind(_UNUSED, settings.network, set())
    if settings.task != "denoising" or is_blind(settings.network):
        unused.add("train_sigma")
    parameters = {name: value for name, value in settings.as_dict().items() if name not in unused}
    folder = Path(__file__).parent
    code = [code_of(folder / name) for name in (*_SOURCES, *_of_kind(_FURTHER, settings.network, ("initialise.py",)))]
    text = json.dumps([parameters, faces.digest, code], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _of_kind(by_kind: Mapping[str, Any], network: str, otherwise: Any) -> Any:
    """The entry whose key is a part of a network's name; of the document's networks, `otherwise`."""
    return next((found for kind, found in by_kind.items() if kind in network), otherwise)


def code_of(path: Path) -> str:
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
    measured: dict[str, list[float]] = {"": []}
    for path in (build_dir() / "networks").glob("*/" + storage.RECORD):
        told = json.loads(path.read_text(encoding="utf-8"))
        pixels = (told["settings"]["size"] / settings.size) ** 2
        for name in ("", told["settings"]["network"]):
            measured.setdefault(name, []).append(told["provenance"]["faces_a_second"] * pixels)
    known = measured.get(settings.network) or measured[""]
    rate = float(np.median(known)) if known else _FACES_A_SECOND * (32 / settings.size) ** 2
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


def shipped(task: str) -> Network:
    """The network of a task that came with the package; it has no folder of its own and nothing of its history."""
    model, record = shipping.load(task)
    return Network(model, {}, record, Path(shipping.__file__).parent)


def shown(settings: Settings, task: str, names: Iterable[str], faces: Faces, seed: int | None = None) -> dict[str, Network]:
    """The networks that a notebook shows: loaded, or trained where there is none.

    Args:
        settings: those of a notebook that evaluates; what its `training` changes is changed for each of the networks, and a
            `network` named there takes the place of "reference".
        task: what the networks do.
        names: of the networks, keys of `reecho.parameters.NETWORKS`, or "shipped" for the one that came with the package.
        faces: the faces.
        seed: another than the settings' own.

    Returns:
        Title, as tables show it ("blind denoiser"), → network.
    """
    found, other = {}, {} if seed is None else {"seed": seed}
    for name in names:
        if name == "shipped":
            found[name] = shipped(task)
        else:
            further = {} if name == "reference" else VARIANTS.get(name, {"network": name})
            asked = training_settings(settings, task, **further, **other)
            title = (name if name in VARIANTS else asked.network).replace("_", " ").replace(" vae", " VAE")
            found[title] = ensure(asked, faces)
    return found


def at_weights(settings: Settings, weights: Iterable[int], faces: Faces, seed: int | None = None) -> dict[str, Network]:
    """The anchored network at several reconstruction weights, that is at several rates: title → network."""
    further = {"network": "anchored"} | ({} if seed is None else {"seed": seed})
    asked = {
        f"anchored, weight {weight:,}": training_settings(settings, "reconstruction", **further, reconstruction_weight=weight)
        for weight in sorted(weights)
    }
    return {title: ensure(each, faces) for title, each in asked.items()}


def for_each_sigma(settings: Settings, faces: Faces, levels: Iterable[float]) -> dict[float, Network]:
    """The denoiser trained for each amount of noise alone: σ → network."""
    return {
        level: ensure(training_settings(settings, "denoising", network="denoiser", train_sigma=level), faces) for level in levels
    }


def of_other_seeds(
    settings: Settings, task: str, names: Iterable[str], faces: Faces, inputs: np.ndarray, weights: Iterable[int] = ()
) -> dict[str, list[np.ndarray]]:
    """Outputs of the same networks trained from other seeds, to tell how much of a result is luck.

    Args:
        settings, task, names, faces: as for `shown`; `settings.seeds` says how many trainings there are in all.
        inputs: float32 (n, H, W, 3).
        weights: of anchored networks, as for `at_weights`.

    Returns:
        Title → the outputs of each further seed; nothing where one seed is asked for, nothing for "shipped", and nothing for
        "reference", which starts in closed form and whose place no seed can change by much.
    """
    own = [name for name in names if name not in ("shipped", "reference")]
    found: dict[str, list[np.ndarray]] = defaultdict(list)
    for seed in range(settings.seed + 1, settings.seed + settings.seeds):
        networks = shown(settings, task, own, faces, seed) | at_weights(settings, weights, faces, seed)
        for name, network in networks.items():
            found[name].append(network.reproduce(inputs))
    return found


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


def learning(networks: Mapping[str, Network]) -> dict[str, tuple[list[float], list[float]]]:
    """How networks learnt: minutes of training, and the validation error as -10 log10 of the mean squared error, dB.

    Args:
        networks: from `shown`; those whose history is not there or whose loss is another are left out.

    Returns:
        Title → (minutes, dB), the start included.
    """
    found = {}
    for name, network in networks.items():
        if network.history and network.record["settings"]["loss"] == "mse":
            minutes = np.cumsum([0.0, *network.history["seconds"][1:]]) / 60
            found[name] = minutes.tolist(), (-10 * np.log10(network.history["val_reconstruction_loss"])).tolist()
    return found

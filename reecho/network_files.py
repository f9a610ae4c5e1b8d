"""Trained networks on disk, as the document saves them: `parameters.pkl` and the weights in HDF5; the rest lies beside."""

from __future__ import annotations

import contextlib
import csv
import json
import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py

from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.model import VAE, Learner, whole_model
from reecho.networks.registry import build

WEIGHTS, ORIGINAL_WEIGHTS, PARAMETERS, HISTORY, RECORD = (
    "model.weights.h5", "weights.h5", "parameters.pkl", "history.csv", "network.json",
)  # fmt: skip
BUILD = "build"  # in the record: what `networks.registry.build` takes
_LARGEST_PICKLE = 1_000_000  # bytes; six entries take some hundred


class _PlainUnpickler(pickle.Unpickler):
    """Reads numbers, strings, lists, tuples and dicts, and refuses whatever would have to be imported or called."""

    def find_class(self, module: str, name: str) -> Any:
        raise ReechoError(
            f"The pickle asks for {module}.{name}, that is for code to be run. A parameters.pkl of reecho holds plain numbers, "
            "strings, lists, tuples and dicts and nothing else; do not use this file."
        )

    def persistent_load(self, pid: Any) -> Any:
        raise ReechoError(
            "The pickle refers to something outside itself; a parameters.pkl of reecho does not. Do not use this file."
        )


def read_parameters(path: Path) -> list[Any]:
    """Read a `parameters.pkl` without running anything that it might contain.

    Args:
        path: the file.

    Returns:
        [input_shape, conv_filters, conv_kernels, conv_strides, latent_space_dim, reconstruction_loss_weight].

    Raises:
        ReechoError: no such file, not a pickle, a pickle with code in it, or one that holds something else.
    """
    if not path.is_file():
        raise ReechoError(
            f"{path} is not there; a saved network is a folder with {PARAMETERS} and {WEIGHTS} or {ORIGINAL_WEIGHTS}."
        )
    if path.stat().st_size > _LARGEST_PICKLE:
        raise ReechoError(f"{path} is larger than 1 MB; a parameters.pkl holds six short entries. This is another file.")
    try:
        with path.open("rb") as file:
            content = _PlainUnpickler(file).load()
    except ReechoError as error:
        raise ReechoError(f"{path}: {error}") from None
    except Exception as error:  # a damaged pickle raises almost anything
        raise ReechoError(
            f"{path} is not a readable pickle ({type(error).__name__}). Copy the file again or train the network anew."
        ) from None
    if not _describes_network(content):
        raise ReechoError(
            f"{path} does not hold [input_shape, conv_filters, conv_kernels, conv_strides, latent_space_dim, "
            "reconstruction_loss_weight]. This is not a parameters.pkl of this network."
        )
    return content


def _describes_network(content: Any) -> bool:
    def whole(values: Any, length: int | None = None) -> bool:
        fits = isinstance(values, list | tuple) and 0 < len(values) < 100 and (length is None or len(values) == length)
        return fits and all(type(value) is int and 0 < value <= 4096 for value in values)

    return (
        isinstance(content, list | tuple) and len(content) == 6 and whole(content[0], 3)
        and all(whole(entry) for entry in content[1:4])
        and len({len(entry) for entry in content[1:4]}) == 1 and whole([content[4]]) and isinstance(content[5], int | float)
    )  # fmt: skip


def save(
    folder: Path, network: Learner, parameters: list[Any] | None, history: list[dict[str, Any]], record: dict[str, Any]
) -> None:
    """Write a trained network to a new folder, whole or not at all.

    Args:
        folder: where to; what lies there is replaced.
        network: the trained one.
        parameters: the six entries of the document's `parameters.pkl`, for the document's network; None for any other.
        history: one dict an epoch.
        record: what made it (arguments of `networks.registry.build`, settings, digest, provenance), plain values.
    """
    with written_aside(folder) as aside:
        aside.mkdir()
        if parameters is None:
            network.save_weights(aside / WEIGHTS)
        else:
            with (aside / PARAMETERS).open("wb") as file:
                pickle.dump(parameters, file)
            whole_model(network).save_weights(aside / WEIGHTS)
        with (aside / HISTORY).open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, list(history[-1]), lineterminator="\n")
            table.writeheader()
            table.writerows(history)
        (aside / RECORD).write_text(json.dumps(record, indent=1, sort_keys=True), encoding="utf-8")


def load(folder: Path) -> tuple[Learner, dict[str, list], dict[str, Any]]:
    """Read a trained network, also a folder of the original (`parameters.pkl` and Keras 2 `weights.h5`).

    Args:
        folder: where the network lies.

    Returns:
        (model, history as lists by column, record); the original's folder has no history and an empty record.

    Raises:
        ReechoError: a file is missing, damaged, or does not fit the parameters.
    """
    record, its_build = {}, None
    if (folder / RECORD).is_file():
        record = read_record(folder)
        its_build = record.get(BUILD)
    try:
        model = build(**(its_build or _build_of(read_parameters(folder / PARAMETERS))))
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise ReechoError(f"{folder} describes no network that can be built ({error}); train the network anew.") from error
    whole = whole_model(model) if isinstance(model, VAE) else model
    weights = next((folder / name for name in (WEIGHTS, ORIGINAL_WEIGHTS) if (folder / name).is_file()), None)
    if weights is None:
        raise ReechoError(
            f"{folder} holds neither {WEIGHTS} nor {ORIGINAL_WEIGHTS}; copy the folder whole or train the network anew."
        )
    _refuse_links(weights)
    try:
        with warnings.catch_warnings():  # Keras 3.15 warns of its own lists of layers, which hold no weights
            warnings.filterwarnings("ignore", message="Skipping nested container")
            whole.load_weights(weights)
    except Exception as error:  # h5py and Keras raise many kinds for a damaged or foreign file
        raise ReechoError(
            f"{weights} cannot be read or does not fit what lies beside it ({type(error).__name__}); train the network anew."
        ) from error
    return model, read_history(folder / HISTORY), record


def check(folder: Path) -> None:
    """Look whether a folder that came from elsewhere holds a whole network; no code of it runs, and it is not built.

    Raises:
        ReechoError: something is missing or damaged, or asks for code or for further files.
    """
    if not is_whole(folder):
        raise ReechoError(f"{RECORD}, {HISTORY} or {WEIGHTS} is missing or damaged.")
    _refuse_links(folder / WEIGHTS)
    if (folder / PARAMETERS).is_file():
        read_parameters(folder / PARAMETERS)


def _refuse_links(weights: Path) -> None:
    """Refuse a file of weights that would have HDF5 open further files: links, and arrays whose content lies elsewhere."""

    def foreign(name: str, entry: Any) -> str | None:
        elsewhere = isinstance(entry, h5py.Dataset) and (entry.external or entry.is_virtual)
        return name if elsewhere or isinstance(entry, h5py.ExternalLink) else None

    try:
        with h5py.File(weights) as stored:
            found = stored.visititems_links(foreign) or stored.visititems(foreign)
    except Exception:  # what cannot be read at all is told by who loads it
        return
    if found:
        raise ReechoError(f"{weights} refers at {found} to another file, which no network of reecho does; do not use it.")


def read_record(folder: Path) -> dict[str, Any]:
    """What lies beside a network: a dictionary whose parts are dictionaries.

    Raises:
        ReechoError: it is not there, is damaged, or is something else.
    """
    path = folder / RECORD
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if not all(isinstance(record.get(part, {}), dict) for part in (BUILD, "settings", "faces", "provenance")):
            raise ValueError("its parts are of another kind")
    except (OSError, ValueError, AttributeError) as error:
        raise ReechoError(f"{path} cannot be read ({error}); train the network anew.") from error
    return record


def records(networks: Path) -> Iterator[dict[str, Any]]:
    """The records of all networks in a folder that can be read."""
    for path in sorted(networks.glob(f"*/{RECORD}")):
        with contextlib.suppress(ReechoError):
            yield read_record(path.parent)


def _build_of(parameters: list[Any]) -> dict[str, Any]:
    """What `networks.registry.build` takes for a folder of the original, which has no record."""
    shape, filters, kernels, strides, latent_dim, weight = parameters
    layers = {"filters": filters, "kernels": kernels, "strides": strides, "latent_dim": latent_dim}
    values = {**layers, "loss": "mse", "reconstruction_weight": weight, "initialisation": "random", "seed": 0}
    return {"name": "reference", "shape": shape, "parameters": values}


def is_whole(folder: Path) -> bool:
    """Whether a folder holds a network that can be read: its record, its history to the last epoch, its weights to their end."""
    try:
        record, history = read_record(folder), read_history(folder / HISTORY)
        complete = all(value is not None for name, values in history.items() if name.startswith("val_") for value in values)
        epochs = record.get("provenance", {}).get("epochs", history["epoch"][-1])
        with h5py.File(folder / WEIGHTS):  # fails where the file was cut
            return BUILD in record and complete and history["epoch"][-1] == epochs
    except (ReechoError, OSError, ValueError, LookupError, TypeError, AttributeError, csv.Error):
        return False


def read_history(path: Path) -> dict[str, list]:
    """The history table as lists by column: "epoch" whole numbers, the losses floats or None where there was none."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        return {}
    return {
        name: [(int(row[name]) if name == "epoch" else float(row[name])) if row[name] else None for row in rows] for name in rows[0]
    }

"""The effective settings of a notebook: parameters checked, presets filled in."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Any

from reecho.errors import ReechoError
from reecho.networks.registry import NETWORKS, PRESETS, SHIPPED_CHOICE, VARIANTS, learning, refusal, shipped_sizes
from reecho.parameters import COMMON, LAYERS, NOTEBOOKS, PARAMETERS, TRAINING, Parameter, default, layers
from reecho.tasks import TASKS

__all__ = ["NOTEBOOKS", "PARAMETERS", "PRESETS", "Parameter", "Settings", "default", "resolve"]

PATHS = ("dataset", "lfw", "copies_to")  # parameters that may name a place on a disk
ROOT = Path(__file__).resolve().parent.parent  # the checkout; of an installed package what it lies in
_NOTEBOOKS = ROOT / "notebooks"
BASE = ROOT if _NOTEBOOKS.is_dir() else Path.cwd()  # data/ and build/ lie here where nobody says otherwise


def notebooks_dir() -> Path:
    """Where the reports' sources lie: in the checkout, or where the wheel was installed to.

    Raises:
        ReechoError: they are in neither.
    """
    if _NOTEBOOKS.is_dir():
        return _NOTEBOOKS
    files = (file for installed in metadata.distributions(name="reecho") for file in installed.files or ())
    for path in (Path(str(file.locate())) for file in files if file.suffix == ".ipynb"):
        if path.is_file():
            return path.resolve().parent
    raise ReechoError("The notebooks are not there, neither beside the package nor in what was installed; install reecho again.")


@dataclass(frozen=True)
class Settings:
    """The effective parameters of one notebook, as attributes.

    Args:
        notebook: a key of NOTEBOOKS.
        values: by name.
        changed: the names of those that somebody set.
        notes: sentences on what a preset asks for and these parameters do not allow.
    """

    notebook: str
    values: MappingProxyType
    changed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(name) from None

    def as_dict(self) -> dict[str, Any]:
        """The parameters as a plain dictionary (tuples for lists of numbers)."""
        return {name: dict(value) if isinstance(value, MappingProxyType) else value for name, value in self.values.items()}

    def private(self) -> dict[str, str]:
        """Paths of a person's machine among the values → what is shown in their place, the last part of each.

        Each also stands there as papermill writes it into a cell, where other scripts than Latin and backslashes are escaped.
        """
        paths = [str(self.values[name]) for name in PATHS if self.values.get(name)]
        shown = {path: PurePath(path.replace("\\", "/")).name for path in paths if "/" in path or "\\" in path}
        return shown | {_as_in_a_cell(path): _as_in_a_cell(name) for path, name in shown.items()}

    def shown(self) -> dict[str, Any]:
        """The parameters without paths: for results, pages and what is compared. Where the faces of LFW lie is left out."""
        private = self.private()
        values = {name: value for name, value in self.as_dict().items() if name not in ("lfw", "copies_to")}
        return {name: private.get(value, value) if isinstance(value, str) else value for name, value in values.items()}

    @property
    def faces(self) -> dict[str, Any]:
        """The arguments of `reecho.data.load`."""
        return {name: self.values[name] for name in ("dataset", "lfw", "pictures", "size", "crop", "split_seed")}


def _as_in_a_cell(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii").replace('"', r"\"")


def unknown(name: str, names: tuple[str, ...], where: str) -> ReechoError:
    """The error for a parameter that is not there: the nearest name first, then all of them."""
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return ReechoError(f"There is no parameter {name!r} in {where}.{hint} There are: {', '.join(names)}.")


def resolve(notebook: str, given: dict[str, Any]) -> Settings:
    """Check a notebook's parameters and fill in what the preset decides.

    Args:
        notebook: a key of NOTEBOOKS, such as "04_denoising".
        given: parameters by name; a missing one takes its default, None takes the preset's value where there is one.

    Returns:
        The effective settings.

    Raises:
        ReechoError: an unknown notebook or name, a value of the wrong kind, out of range, or that does not fit another.

    Example:
        >>> resolve("02_training", {"preset": "full", "latent_dim": 64}).epochs
        6
        >>> resolve("04_denoising", {"sigma": 0.2}).changed
        ('sigma',)
    """
    if notebook not in NOTEBOOKS:
        raise ReechoError(f"There is no notebook {notebook!r}. There are: {', '.join(NOTEBOOKS)}.")
    names = NOTEBOOKS[notebook]
    for name in given:
        if name not in names:
            raise unknown(name, names, f"notebook {notebook}")
    preset = PARAMETERS["preset"].check(given.get("preset", "quick"))
    recipe, values, changed, of_preset = {}, {}, [], []
    if "network" in names:
        network = PARAMETERS["network"].check(given.get("network", PARAMETERS["network"].default))
        recipe = NETWORKS[network].recipe_for(preset)
    for name in names:
        parameter, standard = PARAMETERS[name], default(notebook, name)
        value = given.get(name, standard)
        value = parameter.read(value) if isinstance(value, str) else value
        if value is None and name in recipe:
            values[name] = parameter.check(recipe[name])
        elif value is None and parameter.presets:
            values[name] = parameter.presets[preset]
            of_preset.append(name)
        else:
            values[name] = parameter.check(value)
            if values[name] != (parameter.check(standard) if standard is not None else None):
                changed.append(name)
    if "filters" in values:
        standard_layers = layers(values["size"], {})
        values |= layers(values["size"], values)
        changed = [name for name in changed if name not in LAYERS or values[name] != standard_layers[name]]
    unfit = {name: reason for name in of_preset if (reason := _unfit_shipped(name, values[name], values))}
    values |= {name: tuple(entry for entry in values[name] if entry != SHIPPED_CHOICE) for name in unfit}
    notes = [f"The network that comes with reecho {reason}, so that {name} goes without it." for name, reason in unfit.items()]
    settings = Settings(notebook, MappingProxyType(values), tuple(changed), tuple(notes))
    _check_together(settings)
    return settings


def _unfit_shipped(parameter: str, shown: Any, values: Mapping[str, Any]) -> str | None:
    """Why the network of the package does not suit a notebook's faces, where a parameter names it; None where it does."""
    if not isinstance(shown, tuple) or SHIPPED_CHOICE not in shown:
        return None
    size = values["size"]
    task = next(task.name for task in TASKS.values() if task.networks == parameter)
    if size not in (sizes := sorted(shipped_sizes(task), key=lambda width: abs(width - size))):
        return f"takes faces of {' or '.join(map(str, sizes[:2]))} pixels, not of {size}"
    if values["split_seed"] is not None and values["dataset"] in ("auto", "lfw"):
        return f"has learnt from people whom split_seed={values['split_seed']} tests"
    return None


def _check_together(settings: Settings) -> None:
    values = settings.values
    if "network" in values:
        _check_network(values)
    if "filters" in values:
        lengths = {name: len(values[name]) for name in ("filters", "kernels", "strides")}
        if len(set(lengths.values())) > 1:
            raise ReechoError(
                f"filters, kernels and strides must be equally long lists, one entry a convolution; they are {lengths}."
            )
        if values["size"] % math.prod(values["strides"]):
            raise ReechoError(
                f"size={values['size']} must be a multiple of the product of the strides, {math.prod(values['strides'])}."
            )
        if values["loss"] == "calibrated" and values["reconstruction_weight"] is not None:
            raise ReechoError("loss=calibrated needs no reconstruction_weight; leave it out, or choose loss=mse.")
    if values.get("copies", 0) and not values.get("copies_to"):
        raise ReechoError("copies needs copies_to, a new folder to write the augmented copies to.")
    prior_settings(settings)
    for task in networks_shown(settings.notebook) if "training" in values else ():
        parameter = TASKS[task].networks
        for name in values.get(parameter, ("reference",)):
            if name != SHIPPED_CHOICE:
                shown_settings(settings, task, name)
            elif reason := _unfit_shipped(str(parameter), (name,), values):
                raise ReechoError(
                    f"{parameter}=shipped shows the network that comes with reecho, which {reason}; leave shipped out."
                )


def networks_shown(notebook: str) -> tuple[str, ...]:
    """The tasks whose trained networks a notebook shows."""
    by_hand = {"00_vae": ("reconstruction",), "07_faults": ("reconstruction", "colourisation")}
    if notebook in by_hand:
        return by_hand[notebook]
    return tuple(task.network_task for task in TASKS.values() if task.notebook == notebook and task.trains)


def _check_network(values: Mapping[str, Any]) -> None:
    network = NETWORKS[values["network"]]
    if values["task"] not in network.tasks:
        raise ReechoError(
            f"network={network.name} learns {' or '.join(network.tasks)}, not {values['task']}; choose one of "
            f"{', '.join(learning(values['task']))}."
        )
    if sentence := refusal(network.name, values["size"]):
        raise ReechoError(sentence)
    if network.exact_code and values["loss"] == "calibrated":
        raise ReechoError(
            f"loss=calibrated weighs the reconstruction against a KL, which network={network.name} does not have; choose loss=mse."
        )
    if "train_sigma" in network.uses and not values["train_sigma"]:
        raise ReechoError(f"network={network.name} is for noise of one strength, train_sigma, which must be above 0.")


WEIGHTS = MappingProxyType(
    {"mse": 100_000.0, "rmse": 10_000.0, "calibrated": 1.0}
)  # the document's α, its counterpart for RMSE, none


def network_parameters(settings: Settings) -> dict[str, Any]:
    """The values that `networks.registry.build` and `start` take for a training, with no None left among them.

    Args:
        settings: those of notebook 02.

    Returns:
        The parameters that the network uses, and "seed".
    """
    values = {name: settings.values[name] for name in NETWORKS[settings.network].uses}
    if "reconstruction_weight" in values:
        values["reconstruction_weight"] = settings.reconstruction_weight or WEIGHTS[settings.loss]
    return {**values, "seed": settings.seed}


def highest_rate(settings: Settings) -> float:
    """Adam's highest rate for a training: the one that was asked for, or the reference network's own.

    Near the linear optimum gradients are mostly noise, and Adam makes steps of full size out of noise: a short training has
    no time to undo what a high rate spoils first.
    """
    if settings.learning_rate:
        return settings.learning_rate
    if settings.initialisation == "random":
        return 1e-3
    return 3e-5 if settings.epochs < 10 else 1e-4


def training_settings(settings: Settings, task: str, **further: Any) -> Settings:
    """The settings of notebook 02 that make the network which an evaluation shows.

    Args:
        settings: those of a notebook that evaluates; its `training` holds the changed parameters of notebook 02.
        task: the one that the network learns.
        further: parameters of notebook 02 that win over those in `training`; `seed` may be among them.

    Returns:
        Settings of notebook 02 on the same faces.

    Raises:
        ReechoError: a name in `training` that notebook 02 does not have, or an impossible value.
    """
    shared = {name: settings.values[name] for name in COMMON}
    changed = {**settings.values["training"], **further}
    for name in changed:
        if (name in shared and name not in further) or name == "task" or name not in NOTEBOOKS[TRAINING]:
            raise unknown(name, tuple(n for n in NOTEBOOKS[TRAINING] if n not in COMMON and n != "task"), "training")
    return resolve(TRAINING, {**shared, "task": task, **changed})


def shown_settings(settings: Settings, task: str, name: str, **further: Any) -> Settings:
    """The settings of notebook 02 for one of the networks that an evaluation was asked to show.

    Args:
        settings, task, further: as for `training_settings`.
        name: of the network or of a variant, as the notebook's parameter has it; "reference" is the network that `training` names,
            where it names one.

    Returns:
        Settings of notebook 02 on the same faces.
    """
    if name in VARIANTS:
        further = {"network": VARIANTS[name].network, **VARIANTS[name].changed, **further}
    elif name != "reference":
        further = {"network": name, **further}
    return training_settings(settings, task, **further)


def prior_settings(settings: Settings) -> Settings | None:
    """The settings of notebook 02 for the anchored network whose codes the learnt prior learns, None where `prior_weight` is 0.

    Args:
        settings: those of a notebook that evaluates.
    """
    weight = settings.values.get("prior_weight", 0)
    if not weight:
        return None
    changed = {"network": "anchored", "loss": "mse", "reconstruction_weight": weight}  # the weight is of this loss
    return training_settings(settings, "reconstruction", **changed)


def parse(name: str, text: str) -> Any:
    """Read a parameter from the command line, as `-p name=value` gives it.

    Example:
        >>> parse("denoisers", "reference, shipped")
        ('reference', 'shipped')
        >>> parse("filters", "32,64"), parse("sigma", "0.2"), parse("split_seed", "none"), parse("horizontal_flip", "false")
        ((32, 64), 0.2, None, False)
    """
    if name not in PARAMETERS:
        raise unknown(name, tuple(PARAMETERS), "any notebook")
    return PARAMETERS[name].check(text.strip())

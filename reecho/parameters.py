"""Every parameter: its kind, default, unit and range, what each preset makes of it, and which notebook takes it."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from reecho.datasets import CHOICES
from reecho.errors import ReechoError, must_be_text
from reecho.networks.registry import NETWORKS, PRESETS, by_preset, choices
from reecho.tasks import LEARNT


@dataclass(frozen=True)
class Parameter:
    """One parameter: what it may be, what it is if nothing is said, and what it means.

    `kind` is one of "int", "float", "bool", "text", "ints" (a tuple of whole numbers), "texts" (of names) and "dict". Where
    `presets` has values, None (the notebook's default) takes the preset's; where `optional`, None is itself a value.
    """

    name: str
    kind: str
    default: Any
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    presets: MappingProxyType | None = None
    optional: bool = False
    empty: bool = False  # whether a list may have no entry

    def check(self, value: Any) -> Any:
        """Return `value` in this parameter's own type, or raise ReechoError saying what it may be.

        Texts are read as the command line gives them: `reference,denoiser`, `true`, `None`.
        """
        if isinstance(value, str):
            value = self.read(value)
        if value is None and (self.optional or self.presets):
            return None
        try:
            value = _converted(self.kind, value)
        except (TypeError, ValueError):
            raise ReechoError(
                f"{self.name}={value!r} is not {_KINDS[self.kind]}; {self.name} is {self.meaning} ({self.allowed})."
            ) from None
        if self.kind in ("ints", "texts") and not value and not self.empty:
            raise ReechoError(f"{self.name} is an empty list; {self.name} is {self.meaning} ({self.allowed}).")
        for number in value if self.kind == "ints" else (value,) if self.kind in ("int", "float") else ():
            if (
                not math.isfinite(number)
                or (self.low is not None and number < self.low)
                or (self.high is not None and number > self.high)
            ):
                raise ReechoError(f"{self.name}={value!r} is out of range; {self.name} is {self.meaning} ({self.allowed}).")
        for text in value if self.kind == "texts" else (value,):
            if self.kind == "text" and isinstance(text, str):
                must_be_text(self.name, text)
            if self.choices and text not in self.choices:
                raise ReechoError(f"{self.name}={text!r} is not known; choose {self.allowed}.")
        return value

    def read(self, text: str) -> Any:
        """A text of the command line or of papermill as a value, not yet checked."""
        plain = text.strip()
        if plain.lower() == "none" and (self.kind != "text" or self.optional):
            return None
        if self.kind == "text":
            return text
        if self.kind == "texts":
            return [entry.strip() for entry in plain.strip("[]").replace('"', "").replace("'", "").split(",") if entry.strip()]
        source = f"[{plain}]" if self.kind == "ints" and not plain.startswith("[") else plain
        try:
            return json.loads(source.lower() if self.kind == "bool" else source)
        except json.JSONDecodeError:
            return text

    @property
    def allowed(self) -> str:
        """The kind and range in words, such as "a whole number from 1 to 4096"."""
        if self.choices:
            return ("some of " if self.kind == "texts" else "one of ") + ", ".join(self.choices)
        words = _KINDS[self.kind]
        if self.low is not None and self.high is not None:
            words += f" from {self.low:g} to {self.high:g}"
        elif self.low is not None:
            words += f", at least {self.low:g}"
        return words + (" or None" if self.optional else "")


_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "True or False",
    "text": "text",
    "ints": "a list of whole numbers such as 32,64,64,64",
    "texts": "a list of names such as reference,anchored",
    "dict": "a dictionary such as {'latent_dim': 64}",
}


def _converted(kind: str, value: Any) -> Any:
    if kind == "bool":
        if not isinstance(value, bool):
            raise TypeError
        return value
    if isinstance(value, bool):
        raise TypeError
    if kind == "int":
        if not isinstance(value, int) and not (isinstance(value, float) and value.is_integer()):
            raise TypeError
        return int(value)
    if kind == "float":
        if not isinstance(value, int | float):
            raise TypeError
        return float(value)
    if kind == "ints":
        if isinstance(value, str):
            raise TypeError
        return tuple(_converted("int", entry) for entry in value)
    if kind == "texts":
        if isinstance(value, str):
            raise TypeError
        return tuple(_converted("text", entry) for entry in value)
    if kind == "dict":
        return dict(value)
    if not isinstance(value, str | os.PathLike):
        raise TypeError
    return os.fspath(value)


def _table(*parameters: Parameter) -> MappingProxyType:
    return MappingProxyType({p.name: p for p in parameters})


# The reference network's convolutions: the document's, and for faces of LARGE pixels or more, whose width is a multiple of 8, the
# same with one halving more; of its 192 channels each carries a pixel value of a block of 8 × 8 through the linear start.
LAYERS = MappingProxyType({"filters": (32, 64, 64, 64), "kernels": (3, 3, 3, 3), "strides": (1, 2, 2, 1)})
LARGE = 64
_LARGE_LAYERS = MappingProxyType({"filters": (32, 64, 64, 192, 192), "kernels": (3,) * 5, "strides": (1, 2, 2, 2, 1)})


def layers(size: int, chosen: Mapping[str, tuple | None]) -> dict[str, tuple]:
    """Filters, kernels and strides of the reference network's convolutions.

    Args:
        size: width and height of a face, pixels.
        chosen: those that somebody set; None or a missing one is filled in, with as many entries as the others where that is known.

    Example:
        >>> layers(32, {})["strides"], layers(64, {})["strides"], layers(64, {"filters": (8, 8, 8, 8)})["strides"]
        ((1, 2, 2, 1), (1, 2, 2, 2, 1), (1, 2, 2, 1))
    """
    own = {name: value for name, value in chosen.items() if name in LAYERS and value is not None}
    large = size >= LARGE and size % math.prod(_LARGE_LAYERS["strides"]) == 0
    fits = all(len(value) == len(_LARGE_LAYERS[name]) for name, value in own.items())
    return {**(_LARGE_LAYERS if large and fits else LAYERS), **own}


def _by_size(name: str) -> str:
    small, large = (",".join(map(str, which[name])) for which in (LAYERS, _LARGE_LAYERS))
    return f"None: {small}; from {LARGE} pixels on {large}"


PARAMETERS = _table(
    Parameter("preset", "text", "quick", "how much is done: smoke (3 minutes), quick (7 minutes), full (45 minutes), study (hours)",
              choices=PRESETS),
    Parameter("dataset", "text", "auto", f"the faces: {', '.join(CHOICES)}, or a folder of pictures"),
    Parameter("lfw", "text", None, "an archive or folder of Labeled Faces in the Wild", optional=True),
    Parameter("pictures", "int", None, "at most so many pictures; 0 takes all; of drawn faces also more than the set's 4,000",
              "pictures", 0, presets=by_preset(360, 0, 0)),
    Parameter("size", "int", 32, "width and height of a face", "pixels", 16, 128),
    Parameter("crop", "int", 60, "cut off each side of the 250-pixel picture", "pixels", 0, 100),
    Parameter("split_seed", "int", None, "draws another split by person; None keeps the official one", "", 0, optional=True),
    Parameter("seed", "int", 0, "seed of everything random", "", 0, 2**31 - 1),
    # the data generator
    Parameter("rotation_range", "float", 20.0, "rotation, drawn from ± this", "degrees", 0, 180),
    Parameter("width_shift_range", "float", 0.05, "horizontal shift, drawn from ± this", "share of the width", 0, 1),
    Parameter("height_shift_range", "float", 0.05, "vertical shift, drawn from ± this", "share of the height", 0, 1),
    Parameter("shear_range", "float", 10.0, "shear angle, drawn from ± this", "degrees", 0, 80),
    Parameter("zoom_range", "float", 0.2, "zoom of each axis, drawn from 1 ± this", "factor", 0, 0.9),
    Parameter("rescale", "float", 1.0, "factor on the intensities", "factor", 0.01, 1),
    Parameter("horizontal_flip", "bool", True, "mirrors every other picture, by chance"),
    Parameter("fill_mode", "text", "nearest", "what newly uncovered pixels show", choices=("nearest", "reflect", "constant")),
    Parameter("copies", "int", 0, "augmented copies written for each person", "pictures", 0, 1000),
    Parameter("copies_to", "text", None, "new folder for the augmented copies", optional=True),
    # the network and its training
    Parameter("task", "text", "reconstruction", "what the network learns",
              choices=LEARNT),
    Parameter("network", "text", "reference", "the document's VAE, its plain autoencoder (no noise on z, no KL), or one that goes "
              "beyond it", choices=tuple(NETWORKS)),
    Parameter("initialisation", "text", "linear", "weights at the start: the best linear autoencoder, or random (Glorot)",
              choices=("linear", "random")),
    Parameter("loss", "text", "mse", "reconstruction loss; calibrated needs no weight", choices=("mse", "rmse", "calibrated")),
    Parameter("reconstruction_weight", "float", None, "the document's α; None: 100,000 for mse, 10,000 for rmse", "nats",
              1e-3, 1e9, optional=True),
    Parameter("latent_dim", "int", 1024, "axes of the latent space", "axes", 1, 4096),
    Parameter("filters", "ints", None, f"filters of each convolution; {_by_size('filters')}", "", 1, 1024, optional=True),
    Parameter("kernels", "ints", None, f"kernel size of each convolution; {_by_size('kernels')}", "pixels", 1, 11, optional=True),
    Parameter("strides", "ints", None, f"stride of each convolution; {_by_size('strides')}", "pixels", 1, 4, optional=True),
    Parameter("epochs", "int", None, "passes over the train people's faces; None: by network and preset", "", 1, 10000,
              optional=True),
    Parameter("batch_size", "int", 64, "faces a step", "faces", 1, 4096),
    Parameter("learning_rate", "float", None, "Adam's highest rate, warmed up, then lowered along a cosine; None: 0.0001 from the "
              "linear start (0.00003 under 10 epochs), 0.001 from a random one", "", 1e-7, 0.5, optional=True),
    Parameter("patience", "int", 15, "epochs after the best one before training stops", "epochs", 1, 10000),
    Parameter("precision", "text", "float32", "numbers that the steps of training compute with; bfloat16 is faster where the "
              "processor has it", choices=("float32", "bfloat16")),
    Parameter("train_sigma", "float", 0.1, "noise that a denoising network is trained on", "intensity", 0, 1),
    # the evaluations
    Parameter("training", "dict", MappingProxyType({}), "parameters of notebook 02 to change for the network shown here"),
    Parameter("sigma", "float", 0.1, "noise that the trained network is tested on", "intensity", 0, 1),
    Parameter("reconstructors", "texts", None, "networks that are shown", choices=choices("reconstruction"),
              presets=by_preset(("reference", "anchored_autoencoder"), ("reference",),
                               ("reference", "anchored_autoencoder", "calibrated"))),
    Parameter("denoisers", "texts", None, "networks that are shown; shipped is the one that lies in the package",
              choices=choices("denoising"),
              presets=by_preset(("reference", "denoiser", "blind_denoiser"), ("reference", "shipped"),
                               ("reference", "denoiser", "blind_denoiser", "shipped"))),
    Parameter("colourisers", "texts", None, "networks that are shown; shipped is the one that lies in the package",
              choices=choices("colourisation"),
              presets=by_preset(("reference", "colouriser", "colour_vae"), ("reference", "shipped"),
                               ("reference", "colouriser", "colour_vae", "shipped"))),
    Parameter("rates", "ints", None, "reconstruction weights of anchored networks, points of the rate–distortion plane", "nats", 0,
              10**9, presets=by_preset((100_000,), (), (25_000, 100_000, 340_000)), empty=True),
    Parameter("seeds", "int", 1, "seeds that each network but the reference is trained with, for its spread", "seeds", 1, 10),
    Parameter("each_sigma", "bool", None, "also trains a denoiser for each of three further amounts of noise",
              presets=by_preset(False, False, False, True)),
    Parameter("random_start", "bool", None, "also trains a network from random weights, to compare",
              presets=by_preset(False, False, False, True)),
    Parameter("rerun_epochs", "int", None, "epochs of the original trained again as published, for each of its tasks", "",
              0, 20, presets=by_preset(1, 0, 2, 20)),
    Parameter("ladder_epochs", "int", None, "epochs of each network with one fault mended or left; 0: faults are put in "
              "afterwards", "", 0, 100, presets=by_preset(0, 0, 0, 4)),
    Parameter("components", "ints", (16, 32, 64, 128, 256, 512, 1024), "components of the PCA baselines", "", 1, 49152),
    Parameter("pictures_shown", "int", None, "listed test faces that are compared at their own size", "pictures", 2, 200,
              presets=by_preset(4, 8, 20)),
    Parameter("similar_patches", "bool", None, "also filters similar patches together after the ensemble",
              presets=by_preset(False, False, True)),
    Parameter("prior_weight", "int", None, "reconstruction weight of the anchored network whose codes the learnt prior learns; 0: "
              "those of the network that is shown anyway", "nats", 0, 10**9, presets=by_preset(100_000, 0, 150_000)),
    Parameter("prior_steps", "int", None, "steps of training of the learnt prior; 0 leaves it the mixture from which it starts",
              "steps", 0, 100_000, presets=by_preset(20, 400, 1200)),
    Parameter("vae_axes", "int", 256, "axes of the VAE that runs in the page of notebook 00", "axes", 2, 1024),
    Parameter("vae_weight", "int", 25_000, "reconstruction weight α that this VAE learns with", "nats", 500, 100_000),
    Parameter("vae_epochs", "int", None, "passes over the train people's faces of its network", "", 1, 10000,
              presets=by_preset(1, 1, 5)),
    Parameter("samples", "int", None, "faces in each set of new faces", "faces", 16, 20000, presets=by_preset(32, 1000, 2000)),
)  # fmt: skip

TRAINING = "02_training"  # the notebook that trains one network for one task
COMMON = ("preset", "dataset", "lfw", "pictures", "size", "crop", "split_seed", "seed")
_RANGES = (
    "rotation_range",
    "width_shift_range",
    "height_shift_range",
    "shear_range",
    "zoom_range",
    "rescale",
    "horizontal_flip",
    "fill_mode",
)
_NETWORK = ("network", "initialisation", "loss", "reconstruction_weight", "latent_dim", "filters", "kernels", "strides",
            "epochs", "batch_size", "learning_rate", "patience", "precision", "train_sigma")  # fmt: skip

NOTEBOOKS = MappingProxyType({  # notebook → its parameters
    "00_vae": (*COMMON, "vae_axes", "vae_weight", "vae_epochs"),
    "01_data": (*COMMON, *_RANGES, "copies", "copies_to"),
    TRAINING: (*COMMON, "task", *_NETWORK, *_RANGES),
    "03_reconstruction": (*COMMON, "training", "reconstructors", "rates", "random_start", "components", "seeds"),
    "04_denoising": (*COMMON, "training", "sigma", "denoisers", "each_sigma", "seeds"),
    "04_own_size": (*COMMON, "pictures_shown", "similar_patches"),
    "05_generation": (*COMMON, "training", "prior_weight", "prior_steps", "samples"),
    "06_colourisation": (*COMMON, "training", "colourisers", "seeds"),
    "07_faults": (*COMMON, "training", "rerun_epochs", "ladder_epochs"),
    "08_summary": COMMON,
})  # fmt: skip


def default(notebook: str, name: str) -> Any:
    """What a notebook's parameters cell says if nobody changes it (None where the preset or the network decides)."""
    return None if notebook == TRAINING and name in NETWORKS["reference"].recipe else PARAMETERS[name].default

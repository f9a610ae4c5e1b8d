"""The registry of networks: what each is for, how it is trained where nothing else is asked for, and which module builds it.

It needs no TensorFlow; `build` and `start` import the module of one network, and only that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from reecho.errors import ReechoError
from reecho.once import Once, directly
from reecho.tasks import LEARNT

if TYPE_CHECKING:
    from reecho.model import Learner
    from reecho.streams import Pictures

PRESETS = ("smoke", "quick", "full", "study")


def by_preset(smoke: Any, quick: Any, full: Any, study: Any = None) -> MappingProxyType:
    """What each preset makes of a parameter; study does what full does where nothing else is given for it."""
    return MappingProxyType({"smoke": smoke, "quick": quick, "full": full, "study": full if study is None else study})


@dataclass(frozen=True)
class Specification:
    """One kind of network.

    Args:
        name: its key, as parameters name it.
        title: its name for readers.
        tasks: those that it can learn.
        module: the one that has `build` and `start` for it.
        recipe: parameter of notebook 02 → its value where nothing else is asked for; a mapping by preset, or one value.
        fixed: arguments of `build` that make it this network and no other of its module.
        uses: parameters of notebook 02 that `build` takes; its numbers depend on no other one but those of all trainings.
        sizes: widths of faces that it can take, pixels.
        variational: whether it has a code with noise on it, and so a rate.
        exact_code: whether it has a code of exact numbers, which is no match for codes with a rate.
        keeps_luma: whether its outputs have the luma of the input exactly.
        blind: whether it is trained on noise of every strength, so that `train_sigma` says nothing to it.
        any_size: whether it learns from parts of the pictures, as wide as `size`, and takes pictures of any size.
        shipped_for: the task whose trained network in the package is of this kind, else None.
        shipped_sizes: widths of faces, pixels, for each of which one lies in the package; empty: one takes all of `sizes`.
    """

    name: str
    title: str
    tasks: tuple[str, ...]
    module: str
    recipe: Mapping[str, Any]
    fixed: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    uses: tuple[str, ...] = ()
    sizes: tuple[int, ...] = tuple(range(16, 129))
    variational: bool = False
    exact_code: bool = False
    keeps_luma: bool = False
    blind: bool = False
    any_size: bool = False
    shipped_for: str | None = None
    shipped_sizes: tuple[int, ...] = ()

    def recipe_for(self, preset: str) -> dict[str, Any]:
        """What it is trained with under a preset where nothing else is asked for."""
        return {name: value[preset] if isinstance(value, Mapping) else value for name, value in self.recipe.items()}


@dataclass(frozen=True)
class Variant:
    """A network with some parameters changed, which notebooks can show under a name of its own.

    Args:
        network: a key of NETWORKS.
        tasks: those whose notebooks offer it.
        changed: parameters of notebook 02 that differ from the network's own.
    """

    network: str
    tasks: tuple[str, ...]
    changed: Mapping[str, Any]


_EIGHTS = tuple(range(16, 129, 8))  # a U-Net of three levels on folded pixels halves a picture three times
_LAYERS = ("filters", "kernels", "strides", "initialisation")  # the document's convolutions
_CODE = ("latent_dim", "loss", "reconstruction_weight")

# The published run of the original trained on unchanged pictures; flipping is the one change that costs no detail.
_STILL = dict.fromkeys(("rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range"), 0.0)
_GENTLE = {"rotation_range": 10.0, "width_shift_range": 0.03, "height_shift_range": 0.03, "shear_range": 0.0, "zoom_range": 0.08}
_DOCUMENT = {**_STILL, "epochs": by_preset(1, 2, 6), "batch_size": 64}
_ANCHORED = {**_STILL, "epochs": by_preset(1, 2, 5), "batch_size": 32, "learning_rate": 1e-3}
_DENOISER = {**_STILL, "epochs": by_preset(1, 3, 12), "batch_size": 32, "learning_rate": 1.5e-3}
_BLIND = {**_DENOISER, "epochs": by_preset(1, 3, 36)}  # it has ten times the noise to learn
_SMALL = {**_DENOISER, "epochs": by_preset(1, 3, 24)}
_PHOTOS = {
    **_STILL,
    "epochs": by_preset(1, 3, 84),
    "batch_size": 32,
    "learning_rate": 1.5e-3,
    "patience": 84,
    "precision": "bfloat16",
}
_COLOURISER = {**_GENTLE, "epochs": by_preset(1, 4, 16), "batch_size": 32, "learning_rate": 1.5e-3}
_COLOUR_VAE = {**_COLOURISER, "epochs": by_preset(1, 4, 10), "reconstruction_weight": 3e4}


def _fixed(**arguments: Any) -> MappingProxyType:
    return MappingProxyType(arguments)


NETWORKS: Mapping[str, Specification] = MappingProxyType({
    spec.name: spec
    for spec in (
        Specification("reference", "reference", LEARNT, "reecho.networks.reference", _DOCUMENT, _fixed(variational=True),
                      _LAYERS + _CODE, variational=True),
        Specification("autoencoder", "autoencoder", LEARNT, "reecho.networks.reference", _DOCUMENT, _fixed(variational=False),
                      _LAYERS + _CODE, exact_code=True),
        Specification("anchored", "anchored", LEARNT, "reecho.networks.anchored", _ANCHORED, _fixed(variational=True),
                      _CODE, _EIGHTS, variational=True),
        Specification("anchored_autoencoder", "anchored autoencoder", LEARNT, "reecho.networks.anchored", _ANCHORED,
                      _fixed(variational=False), _CODE, _EIGHTS, exact_code=True),
        Specification("denoiser", "denoiser", ("denoising",), "reecho.networks.denoiser", _DENOISER, uses=("train_sigma",),
                      sizes=_EIGHTS),
        Specification("blind_denoiser", "blind denoiser", ("denoising",), "reecho.networks.denoiser", _BLIND, sizes=_EIGHTS,
                      blind=True),
        Specification("small_denoiser", "small denoiser", ("denoising",), "reecho.networks.denoiser", _SMALL,
                      _fixed(linear=False, widths=(48, 80, 112)), sizes=_EIGHTS, blind=True),
        Specification("photo_denoiser", "photo denoiser", ("denoising",), "reecho.networks.photo_denoiser", _PHOTOS, sizes=_EIGHTS,
                      blind=True, any_size=True, shipped_for="denoising"),
        Specification("colouriser", "colouriser", ("colourisation",), "reecho.networks.colouriser", _COLOURISER, sizes=_EIGHTS,
                      keeps_luma=True, shipped_for="colourisation", shipped_sizes=(32, 64)),
        Specification("colour_vae", "colour VAE", ("colourisation",), "reecho.networks.colour_vae", _COLOUR_VAE,
                      uses=("reconstruction_weight",), sizes=(16, 32, 64, 128), variational=True, keeps_luma=True),
    )
})  # fmt: skip

VARIANTS: Mapping[str, Variant] = MappingProxyType({
    "calibrated": Variant("anchored", ("reconstruction",), MappingProxyType({"loss": "calibrated"})),
})  # fmt: skip
SHIPPED_CHOICE = "shipped"  # how notebooks ask for the network in the package
SHIPPED: Mapping[str, str] = MappingProxyType({  # task → the network that comes with the package
    spec.shipped_for: spec.name for spec in NETWORKS.values() if spec.shipped_for
})  # fmt: skip


def shipped_sizes(task: str) -> tuple[int, ...]:
    """The widths of faces that the networks take which come with the package for a task, pixels."""
    spec = NETWORKS[SHIPPED[task]]
    return spec.shipped_sizes or spec.sizes


def learning(task: str) -> tuple[str, ...]:
    """The names of the networks that can learn a task."""
    return tuple(name for name, spec in NETWORKS.items() if task in spec.tasks)


def choices(task: str) -> tuple[str, ...]:
    """Everything that a notebook of a task can show: networks, variants of them, and "shipped" where one comes with the package."""
    variants = tuple(name for name, variant in VARIANTS.items() if task in variant.tasks)
    return learning(task) + variants + ((SHIPPED_CHOICE,) if task in SHIPPED else ())


def refusal(name: str, size: int) -> str | None:
    """A sentence that says why a network cannot take faces of a size, or None where it can."""
    sizes = NETWORKS[name].sizes
    if size in sizes:
        return None
    near = sorted(sizes, key=lambda width: abs(width - size))[:2]
    return f"network={name} cannot take faces of size={size} pixels; the nearest sizes that it takes are {near[0]} and {near[1]}."


def build(name: str, shape: tuple[int, ...], parameters: Mapping[str, Any]) -> Learner:
    """An untrained network.

    Args:
        name: a key of NETWORKS.
        shape: (height, width, 3) of a face.
        parameters: values of the parameters that it `uses`, and "seed", of its initialisation; others are not looked at.

    Returns:
        A network that computes next to nothing before `start`.

    Raises:
        ReechoError: no such network, or it cannot take faces of that size.
    """
    if name not in NETWORKS:
        raise ReechoError(f"There is no network {name!r}; choose one of {', '.join(NETWORKS)}.")
    if sentence := refusal(name, shape[0]):
        raise ReechoError(sentence)
    spec = NETWORKS[name]
    used = {parameter: parameters[parameter] for parameter in spec.uses}
    return import_module(spec.module).build(tuple(shape), seed=parameters["seed"], **spec.fixed, **used)


def start(
    name: str, network: Learner, inputs: Pictures, targets: Pictures, noise: float, parameters: Mapping[str, Any],
    once: Once = directly,
) -> str:  # fmt: skip
    """Give a network what closed form can give it, so that training begins where linear algebra ends.

    Args:
        name: of the network.
        network: from `build`.
        inputs: float32 (N, H, W, 3), train faces as the task makes them, before noise; `targets` itself where they
            are equal.
        targets: float32 (N, H, W, 3), the same faces, clean.
        noise: standard deviation of the noise that the task adds to the inputs, intensity.
        parameters: as for `build`.
        once: computes what closed form needs of the faces, or gives what was computed before.

    Returns:
        What it starts as, in a word or two for the report.
    """
    return import_module(NETWORKS[name].module).start(network, inputs, targets, noise, parameters, once)

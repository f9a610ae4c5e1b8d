"""The names that readers see, made from the identity of methods: the one place where such names are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from string import Formatter
from typing import TypeVar

from reecho.errors import ReechoError
from reecho.methods import Method
from reecho.networks.registry import NETWORKS

T = TypeVar("T")

_TITLES = {  # name of a method without a network → its title, with the settings of its variant in braces
    "mean_face": "mean face",
    "pca": "PCA, k = {k}",
    "linear_vae": "linear VAE",
    "webp": "WebP, quality {quality}",
    "jpeg": "JPEG, quality {quality}",
    "noisy": "noisy input",
    "wavelet": "wavelet",
    "total_variation": "total variation",
    "nl_means": "NL-means",
    "sliding_dct": "sliding DCT",
    "selective_median": "selective median",
    "cbm3d": "CBM3D (cited)",
    "lmmse": "LMMSE, whole picture",
    "grey": "grey",
    "mean_chroma": "mean chroma per pixel",
    "ridge": "ridge, luma to chroma",
    "neighbours": "nearest neighbours, k = {k}",
    "true_chroma": "oracle: true chroma, {blocks} × {blocks} blocks",
    "real": "real, other people",
    "blurred": "real, blurred {pixels:g} px",
    "pixel_mean": "pixel mean of two reals",
    "gaussian_pixels": "Gaussian in pixels",
    "gaussian_pca": "Gaussian PCA-{axes}, temperature {temperature}",
}
_ESTIMATES = {"mean": "mean of z", "draw": "a draw of z"}
_SETTINGS = {  # what a setting of a variant adds to a title
    "spins": "cycle spin",
    "weight": "weight {:,}",
    "sigma": "σ = {:g}",
    "loss": "{} loss",
    "initialisation": "{} start",
    "luma": "{} luma kept",
    "origin": "{}",
    "ensemble": "ensemble of {}",
    "similar": "similar patches",
}
_NEW_FACES = {  # the setting "faces", how new faces were made from codes; {0}: the plural of the estimate, {1}: the estimate
    "prior": "samples of N(0, I)",
    "gaussian": "samples of a Gaussian",
    "mixture": "samples of the mixture",
    "mixture_without_noise": "mixture, no noise",
    "mixture_cool": "mixture, temperature 0.7",
    "mixture_textured": "samples of the mixture, with texture",
    "learnt": "samples of the learnt prior",
    "learnt_textured": "samples of the learnt prior, with texture",
    "sum": "sum of two {0}",
    "average": "mean of two {0}",
    "variance_keeping": "variance-keeping mix of {0}",
    "through_prior": "mix of {0} through the learnt prior",
    "spherical": "spherical middle of {0}",
    "reconstruction": "reconstructions, {1}",
}


def of(method: Method) -> str:
    """The title of a method.

    Raises:
        ReechoError: it has no title, or lacks a setting that its title says.

    Example:
        >>> from reecho.methods import network, pca
        >>> of(pca(64)), of(network("anchored", weight=25_000).draw), of(network("reference", luma="given"))
        ('PCA, k = 64', 'anchored, weight 25,000, a draw of z', 'reference, given luma kept')
    """
    settings = dict(method.variant)
    if "faces" in settings:
        return f"{of(method.without('faces').code)}, {of_new_faces(method)}"
    template = _template(method)
    if template is None:
        raise ReechoError(f"The {method.kind} {method.name} has no title; a baseline gets one in reecho/titles.py.")
    inside = {field for _, field, _, _ in Formatter().parse(template) if field}
    if missing := inside - set(settings):
        raise ReechoError(f"The title of {method.name} says {', '.join(sorted(missing))}, which {method.identifier} does not have.")
    parts = [template.format(**settings)]
    parts += [_SETTINGS.get(name, f"{name} {{}}").format(value) for name, value in settings.items() if name not in inside]
    parts += [f"seed {method.seed}"] if method.seed is not None else []
    return ", ".join(parts + ([_ESTIMATES[method.estimate]] if method.estimate else []))


def _template(method: Method) -> str | None:
    """The title before its settings are filled in, None where there is none."""
    if method.is_network:
        return NETWORKS[method.name].title if method.name in NETWORKS else None
    return _TITLES.get(method.name)


def of_new_faces(method: Method) -> str:
    """How a set of new faces was made, without the network's name.

    Raises:
        ReechoError: the method's setting "faces" is none of those that have a title.

    Example:
        >>> from reecho.methods import network
        >>> of_new_faces(network("reference", faces="sum").draw)
        'sum of two draws'
    """
    faces = str(method.setting("faces"))
    if faces not in _NEW_FACES:
        raise ReechoError(f"New faces of the kind {faces!r} have no title; write one in reecho/titles.py.")
    plural = f"{method.estimate}s" if method.estimate else ""
    alone = _ESTIMATES["mean"] if method.estimate == "mean" else "a draw"
    return _NEW_FACES[faces].format(plural, alone)


def named(values: Mapping[Method, T] | Iterable[tuple[Method, T]]) -> dict[str, T]:
    """The same values by title, in the same order, for a figure."""
    pairs = values.items() if isinstance(values, Mapping) else values
    return {of(method): value for method, value in pairs}

"""Results that reecho 0.1 wrote: its rows had display names alone; here these names become identities of methods.

Nothing else in the package reads a display name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from reecho import methods
from reecho.errors import ReechoError
from reecho.methods import SHIPPED, Estimate, Method

_NAMES: dict[str, Method] = {
    "mean face": methods.MEAN_FACE,
    "linear VAE": methods.LINEAR_VAE,
    "noisy input": methods.NOISY,
    "wavelet": methods.WAVELET,
    "wavelet, cycle spin": methods.WAVELET_SPIN,
    "total variation": methods.TOTAL_VARIATION,
    "NL-means": methods.NL_MEANS,
    "sliding DCT": methods.SLIDING_DCT,
    "LMMSE, whole picture": methods.LMMSE,
    "grey": methods.GREY,
    "mean chroma per pixel": methods.MEAN_CHROMA,
    "ridge, luma to chroma": methods.RIDGE,
    "real, other people": methods.REAL,
    "real, blurred 0.5 px": methods.baseline("blurred", pixels=0.5),
    "real, blurred 1 px": methods.baseline("blurred", pixels=1.0),
    "pixel mean of two reals": methods.PIXEL_MEAN,
    "Gaussian in pixels": methods.baseline("gaussian_pixels"),
    "Gaussian PCA-64, temperature 0.7": methods.baseline("gaussian_pca", axes=64, temperature=0.7),
    "calibrated": methods.network("anchored", loss="calibrated"),
    "reference from random weights": methods.network("reference", initialisation="random"),
    "reference": methods.network("reference"),
    "autoencoder": methods.network("autoencoder"),
    "anchored": methods.network("anchored"),
    "anchored autoencoder": methods.network("anchored_autoencoder"),
    "denoiser": methods.network("denoiser"),
    "blind denoiser": methods.network("blind_denoiser"),
    "small denoiser": methods.network("small_denoiser"),
    "colouriser": methods.network("colouriser"),
    "colour VAE": methods.network("colour_vae"),
}
_SHIPPED = {  # task → the network of the package, which 0.1 called "shipped" in every task
    "denoising": methods.network("small_denoiser", origin=SHIPPED),
    "colourisation": methods.network("colouriser", origin=SHIPPED),
}
_PATTERNS = (  # of a whole name, and the settings that it says
    (r"PCA, k = (?P<k>\d+)", methods.baseline("pca")),
    (r"nearest neighbours, k = (?P<k>\d+)", methods.baseline("neighbours")),
    (r"oracle: true chroma, (?P<blocks>\d+) × \d+ blocks", methods.oracle("true_chroma")),
    (r"anchored, weight (?P<weight>[\d,]+)", methods.network("anchored")),
)
_CODECS = {"WebP": "webp", "JPEG": "jpeg"}  # 0.1 named a file by its bytes and always wrote these two qualities, the smaller first
_QUALITIES = (1, 30)
_NEW_FACES: dict[str, tuple[str, Estimate | None]] = {
    "samples of N(0, I)": ("prior", None),
    "samples of a Gaussian": ("gaussian", None),
    "samples of the mixture": ("mixture", None),
    "mixture, no noise": ("mixture_without_noise", None),
    "mixture, temperature 0.7": ("mixture_cool", None),
    "sum of two means": ("sum", "mean"),
    "sum of two draws": ("sum", "draw"),
    "mean of two means": ("average", "mean"),
    "mean of two draws": ("average", "draw"),
    "variance-keeping mix of means": ("variance_keeping", "mean"),
    "variance-keeping mix of draws": ("variance_keeping", "draw"),
    "spherical middle of draws": ("spherical", "draw"),
    "reconstructions, mean of z": ("reconstruction", "mean"),
    "reconstructions, a draw": ("reconstruction", "draw"),
}
_ESTIMATES: dict[str, Estimate] = {", mean of z": "mean", ", a draw of z": "draw"}
_ENDINGS = ("_ci95", "_jackknife95")
_NO_NUMBERS = ("method", "ours", "n", "size", "psnr_seeds_db")


def method_of(name: str, task: str) -> Method:
    """The identity of a method.

    Args:
        name: the one that 0.1 wrote in its row, a picture format with its quality.
        task: of the row.

    Raises:
        ReechoError: 0.1 had no such name.
    """
    if task == "generation" and ", " in name:
        network, _, faces = name.partition(", ")
        if faces in _NEW_FACES and network in _NAMES:
            how, estimate = _NEW_FACES[faces]
            return Method("network", _NAMES[network].name, (("faces", how),), estimate)
    if name == "shipped" and task in _SHIPPED:
        return _SHIPPED[task]
    if name.endswith(", given luma kept"):
        return method_of(name.removesuffix(", given luma kept"), task).varied(luma="given")
    for ending, estimate in _ESTIMATES.items():
        if name.endswith(ending):
            base = method_of(name.removesuffix(ending), task)
            return base.mean if estimate == "mean" else base.draw
    if name in _NAMES:
        return _NAMES[name]
    if match := re.fullmatch(r"(WebP|JPEG), quality (\d+)", name):
        return methods.codec(_CODECS[match[1]], int(match[2]))
    for pattern, base in _PATTERNS:
        if match := re.fullmatch(pattern, name):
            return base.varied(**{key: int(value.replace(",", "")) for key, value in match.groupdict().items()})
    raise ReechoError(f"reecho 0.1 had no method named {name!r}")


def upgraded(content: Mapping[str, Any], path: Path | str) -> dict[str, Any]:
    """The content of a results.json of 0.1 in the form of schema 2.

    Args:
        content: of the file, as it was written.
        path: of the file, for the error.

    Raises:
        ReechoError: it was not one.
    """
    try:
        size = content["dataset"]["size"]
        tasks = {task: [_row(row, task, size) for row in _with_qualities(rows)] for task, rows in content["tasks"].items()}
    except (KeyError, TypeError, AttributeError, ValueError, ReechoError) as error:
        raise ReechoError(f"{path} cannot be read as results ({error!r}). Remove it and run the report again.") from error
    minutes = {"minutes": {"total": content["minutes"]}} if "minutes" in content else {}
    return {**content, "schema": 2, **minutes, "tasks": tasks}


def _with_qualities(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The rows; those of picture formats are named by their quality in place of their bytes."""
    qualities = {name: iter(_QUALITIES) for name in _CODECS}
    for row in rows:
        match = re.fullmatch(r"(WebP|JPEG), \d+ bytes", row["method"])
        yield {**row, "method": f"{match[1]}, quality {next(qualities[match[1]], None)}"} if match else row


def _row(row: Mapping[str, Any], task: str, size: int) -> dict[str, Any]:
    numbers, intervals = {}, {}
    for key, value in row.items():
        ending = next((ending for ending in _ENDINGS if key.endswith(ending)), None)
        if ending:
            intervals[key.removesuffix(ending)] = value
        elif key not in _NO_NUMBERS:
            numbers[key] = value
    return {
        "task": task, "size": row.get("size") or size, **method_of(row["method"], task).as_dict(), "title": row["method"],
        "n": row["n"], "numbers": numbers, "intervals": intervals,
    }  # fmt: skip

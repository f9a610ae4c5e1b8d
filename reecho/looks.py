"""The place of each method in the order of colours and marks: the same method looks the same in every figure and at every size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from reecho import titles
from reecho.methods import GREY, LINEAR_VAE, LMMSE, MEAN_CHROMA, NOISY, RIDGE, Method, baseline, network

# A figure shows methods of the first line and of one other line; within these, places differ.
# There are 7 colours and 8 marks in turn, so that no two places below 56 look alike, and those whose difference is no multiple of 7
# differ in colour.
_LINES: tuple[dict[int, Method], ...] = (
    {
        0: network("reference"), 1: network("anchored", weight=100_000), 2: network("anchored", weight=25_000),
        3: network("anchored", weight=340_000), 4: network("anchored", loss="calibrated"),
        5: network("reference", initialisation="random"), 6: network("autoencoder"), 7: network("anchored_autoencoder"),
        8: LINEAR_VAE,
    },
    {
        15: network("denoiser"), 9: network("blind_denoiser"), 10: network("photo_denoiser", origin="shipped"),
        11: LMMSE, 12: NOISY, 13: network("small_denoiser"), 14: network("photo_denoiser"),
    },
    {
        15: network("colouriser"), 9: network("colour_vae"), 10: network("colouriser", origin="shipped"),
        11: network("reference", luma="given"), 12: RIDGE, 13: MEAN_CHROMA, 14: baseline("neighbours", k=20),
        16: baseline("neighbours", k=1), 17: GREY,
    },
)  # fmt: skip
_PLACES = MappingProxyType({method: place for line in _LINES for place, method in line.items()})


def places(methods: Iterable[Method]) -> dict[str, int]:
    """The place of those methods that have one, by title; of a code and its estimates the same.

    Args:
        methods: of a figure. One with parameters that the published runs do not have, or whose place another one before it has, is
            left out, and takes the figure's first free place.

    Example:
        >>> places([network("reference").draw, network("reference").mean, network("reference", weight=7)])
        {'reference, a draw of z': 0}
    """
    places: dict[int, str] = {}
    for method in methods:
        place = _PLACES.get(replace(method, estimate=None, seed=None))
        if place is not None:
            places.setdefault(place, titles.of(method))
    return {title: place for place, title in places.items()}

"""Labeled Faces in the Wild: from the path that was named, the data folder, what was prepared before, or the download."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

from reecho.data import sources
from reecho.data.decoding import lfw_names, prepare_source
from reecho.data.prepare import Prepared, Wanted, found_whole
from reecho.data.split import Official
from reecho.datasets import DATASETS, LFW

_NAMES = ("lfw", "lfw-funneled", "lfw_funneled", "lfw-deepfunneled", "lfw_deepfunneled", "lfw-dataset")
# The same photographs stand in train under another name: Raul_Ibanez_0001 and Emmy_Rossum_0001.
_TWICE = frozenset({"Carlos_Beltran/Carlos_Beltran_0001", "Eva_Amurri/Eva_Amurri_0001"})


@cache
def official() -> Official:
    """The official lists of LFW, View 1: "train" (4,038) or "test" (1,711) for each of its people.

    Source: peopleDevTrain.txt and peopleDevTest.txt of Huang et al., Labeled Faces in the Wild, 2007, as shipped in
    lfw_view1.txt: a name a line, those of the test list marked by a star.

    Example:
        >>> sorted(official().parts.values()).count("test"), len(official().parts)
        (1711, 5749)
    """
    text = resources.files("reecho.data").joinpath("lfw_view1.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return Official({line.removesuffix(" *"): "test" if line.endswith(" *") else "train" for line in lines}, _TWICE)


def prepare(wanted: Wanted) -> Prepared:
    """The prepared pictures, see `reecho.datasets`.

    Raises:
        Unreachable: the download cannot be had at the moment.
        ReechoError: a source that was named is not there or damaged.
    """
    return replace(_pictures(wanted), official=official())


def at_hand(folder: Path, named: str | Path | None) -> sources.Source | None:
    """The archive or folder that was named, or that lies in the data folder; None where neither is there.

    Raises:
        ReechoError: what was named is not there.
    """
    return sources.named(named) or sources.put_there(folder, _NAMES)


def _pictures(wanted: Wanted) -> Prepared:
    source = at_hand(wanted.folder, wanted.lfw)
    if source is None:
        before = found_whole(wanted.store, LFW, wanted.crop, DATASETS[LFW].pictures)
        if before:
            return before
        source = sources.download(wanted.folder, wanted.remote)
    layout = "pictures named as LFW's are (Name/Name_0001.jpg)"
    return prepare_source(source, LFW, wanted.crop, wanted.store, lfw_names, layout)

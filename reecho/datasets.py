"""The registry of data sources: what each is called, and what prepares it; a folder of pictures needs no entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

AUTO, LFW, SYNTHETIC = "auto", "lfw", "synthetic"  # AUTO: LFW if it can be had, else synthetic faces


@dataclass(frozen=True)
class Dataset:
    """One source of faces.

    Args:
        name: its key, as the parameter `dataset` names it.
        title: its name for readers.
        module: the one that has `prepare` for it: a `reecho.data.prepare.Wanted` → `Prepared`, with the set's own split if it
            has one.
        pictures: how many the whole set has.
    """

    name: str
    title: str
    module: str
    pictures: int


DATASETS: Mapping[str, Dataset] = MappingProxyType({
    dataset.name: dataset
    for dataset in (
        Dataset(LFW, "Labeled Faces in the Wild", "reecho.data.lfw", 13_233),
        Dataset(SYNTHETIC, "Synthetic faces", "reecho.data.synthetic", 4_000),
    )
})  # fmt: skip
CHOICES = (AUTO, *DATASETS)  # what the parameter `dataset` may be, but for a folder


def title_of(name: str) -> str:
    """The name for readers: that of the registry, or that of the folder."""
    return DATASETS[name].title if name in DATASETS else name

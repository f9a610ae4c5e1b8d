"""Labeled Faces in the Wild: from the path that was named, the data folder, what was prepared before, or the download."""

from __future__ import annotations

from reecho.data import sources
from reecho.data.prepare import Prepared, Wanted, found_whole, lfw_names, prepare_source
from reecho.datasets import DATASETS, LFW


def prepare(wanted: Wanted) -> Prepared:
    """The prepared pictures, see `reecho.datasets`.

    Raises:
        Unreachable: the download cannot be had at the moment.
        ReechoError: a source that was named is not there or damaged.
    """
    source = sources.named(wanted.lfw) or sources.put_there(wanted.folder)
    if source is None:
        before = found_whole(wanted.store, LFW, wanted.crop, DATASETS[LFW].pictures)
        if before:
            return before
        source = sources.download(wanted.folder, wanted.remote)
    layout = "pictures named as LFW's are (Name/Name_0001.jpg)"
    return prepare_source(source, LFW, wanted.crop, wanted.store, lfw_names, layout)

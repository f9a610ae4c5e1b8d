"""A few pictures of a set of faces whole, at LFW's 250 × 250 pixels, beside the faces that are cut out of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from reecho.data import lfw, synthetic
from reecho.data.archive import Folder
from reecho.data.decoding import folder_names, lfw_names, prepare_source
from reecho.data.faces import Faces
from reecho.data.sources import Source
from reecho.datasets import LFW, SYNTHETIC
from reecho.settings import BASE


def whole_pictures(
    faces: Faces, indices: np.ndarray, dataset: str, named: str | Path | None = None, folder: str | Path | None = None
) -> np.ndarray | None:
    """Pictures as they were before anything was cut off them.

    Args:
        faces: from `load`.
        indices: int (n,), which of them.
        dataset, named, folder: as `load` was given them, there named is `lfw`.

    Returns:
        uint8 (n, 250, 250, 3); None where the archive or folder that they come from is no longer at hand.
    """
    if faces.name == SYNTHETIC:
        factors = {name: np.asarray(faces.factors[name])[indices] for name in faces.factors}
        return np.stack(list(synthetic.draw_all(factors, crop=0)))
    store = Path(folder) if folder else BASE / "data"
    is_lfw = faces.name == LFW
    folder_of_pictures = Path(dataset).expanduser().resolve()
    source: Source | None = None
    if is_lfw:
        source = lfw.at_hand(store, named)
    elif folder_of_pictures.is_dir():
        source = Folder(folder_of_pictures)
    if source is None:
        return None
    names = [faces.names[index] for index in indices]

    def wanted(members: Iterable[str]) -> dict[str, str]:
        members_by_name = (lfw_names if is_lfw else folder_names)(members)
        return {name: members_by_name[name] for name in names if name in members_by_name}

    few = store / "prepared" / f"some-{hashlib.sha256(chr(10).join(names).encode()).hexdigest()[:12]}"
    prepared = prepare_source(source, faces.prepared.kind, 0, few, wanted)
    place = {name: row for row, name in enumerate(prepared.names)}
    return np.stack([prepared.crops[place[name]] for name in names]) if all(name in place for name in names) else None

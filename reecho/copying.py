"""Augmented copies of faces on disk, as the document makes them, in a folder of their own that keeps the split."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from reecho.augment import Ranges, generate
from reecho.data import Faces
from reecho.errors import ReechoError
from reecho.files import written_aside


def write(faces: Faces, ranges: Ranges, copies: int, folder: Path | str, seed: int = 0) -> int:
    """Write augmented copies of each person's pictures as PNG files, one subfolder a part and person.

    Args:
        faces: the faces to copy; a person's pictures take turns.
        ranges: how far the generator goes.
        copies: copies a person.
        folder: a new folder; copies never lie beside originals, and a person's copies lie in that person's part.
        seed: decides every copy.

    Returns:
        How many files were written.

    Raises:
        ReechoError: the folder is there already.
    """
    folder = Path(folder).expanduser()
    if folder.exists():
        raise ReechoError(f"{folder} is there already; name a new folder in copies_to, so that no copy lies beside an original.")
    width = faces.crops.shape[1]
    with written_aside(folder) as aside:
        for part in ("train", "validation", "test"):
            members = faces.indices(part)
            _, first = np.unique(faces.people[members], return_index=True)
            for copy in range(copies):
                of_person = [np.flatnonzero(faces.people == faces.people[members[start]]) for start in first]
                chosen = np.array([own[copy % len(own)] for own in of_person])
                for start in range(0, len(chosen), 256):
                    some = chosen[start : start + 256]
                    pictures = generate(faces.crops[some], ranges, width, seed, epoch=copy * len(faces.crops) + start)
                    for index, picture in zip(some, pictures, strict=True):
                        target = aside / part / f"{faces.names[index]}_copy_{copy:03d}.png"
                        target.parent.mkdir(parents=True, exist_ok=True)
                        Image.fromarray(np.rint(picture * 255).astype("uint8")).save(target)
    return copies * len({*faces.people[np.isin(faces.part, ("train", "validation", "test"))]})

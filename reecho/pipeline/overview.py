"""One picture of the whole run: the same eight people through the best networks of each task."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from reecho import tasks
from reecho.context import Places
from reecho.data import Faces, whole_pictures
from reecho.data.picture import WIDTH
from reecho.files import written_aside
from reecho.networks.registry import NETWORKS, SHIPPED, SHIPPED_CHOICE
from reecho.settings import Settings, shown_settings, training_settings
from reecho.tasks import TASKS


def draw(settings: Mapping[str, Settings], faces: Faces, places: Places, out: Path) -> None:
    """Draw target, reconstruction, noisy, denoised, grey and coloured of the eight held-out people, as PNG.

    Where the pictures that the faces were cut out of are at hand, all but the reconstruction is drawn at their own size, as
    `reecho apply` does it: denoised by the network of the package; coloured by the run's network, its colours laid on the
    brightness of the picture.

    Args:
        settings: task → those of the notebook that evaluates it; they name the trained networks, which must be there.
        faces: the run's faces.
        places: the machine's folders.
        out: the file to write.
    """
    from reecho import plots

    eight = faces.eight()
    source = places.of_faces(next(iter(settings.values())))
    whole = whole_pictures(faces, eight, source["dataset"], source["lfw"], source["folder"])
    targets = faces.pictures(eight)
    rows = [("target", targets if whole is None else _face(whole, source["crop"]))]
    for task, chosen in settings.items():
        before, after = TASKS[task].stages or (None, task)
        if whole is not None and task == "denoising":
            seen, outputs = _denoised(_face(whole, chosen.crop), chosen)
        else:
            seen, outputs = _reproduced(task, targets, chosen, faces, places)
        if whole is not None and task == "colourisation":
            seen, outputs = (_face(pictures, chosen.crop) for pictures in (whole, laid_on(whole, seen, outputs, chosen.crop)))
            seen = tasks.make_inputs(task, seen)
        rows += [(before, seen)] if before else []
        rows.append((after, outputs))
    with written_aside(out) as aside:
        aside.write_bytes(plots.to_png(plots.picture_grid(rows)))


def _reproduced(task: str, targets: np.ndarray, chosen: Settings, faces: Faces, places: Places) -> tuple[np.ndarray, np.ndarray]:
    """A task's inputs of some faces, and what the run's network makes of them."""
    from reecho import trained

    name = drawn(task, chosen)
    if name == SHIPPED_CHOICE:
        network = trained.shipped(task, chosen.size)
    else:
        network = trained.load_or_train(places, shown_settings(chosen, task, name), faces)
    seen = _inputs(task, targets, chosen)
    return seen, network.reproduce(seen)


def _denoised(pictures: np.ndarray, chosen: Settings) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of any size under noise, and what the network of the package makes of them."""
    from reecho import tiles, trained

    network, seen = trained.shipped("denoising"), _inputs("denoising", pictures, chosen)
    return seen, np.stack([tiles.denoised(network.model, picture)[0] for picture in seen])


def laid_on(whole: np.ndarray, grey: np.ndarray, coloured: np.ndarray, crop: int) -> np.ndarray:
    """The colours of small faces, float32 (n, S, S, 3), on the brightness of whole pictures, uint8 (n, 250, 250, 3)."""
    from reecho.apply.laying import Chroma, lay
    from reecho.apply.photo import Photo
    from reecho.colour import chroma, luma

    pictures = []
    for pixels, tone, colours in zip(whole, luma(grey)[..., 0], chroma(coloured), strict=True):
        photo = Photo(Image.fromarray(pixels))
        pictures.append(np.asarray(lay(photo, photo, Chroma(colours, tone), crop, whole=False).picture))
    return np.stack(pictures)


def _inputs(task: str, pictures: np.ndarray, chosen: Settings) -> Any:
    from reecho import inputs

    return tasks.make_inputs(task, pictures, inputs.noise_like(pictures, chosen.seed), training_settings(chosen, task).train_sigma)


def _face(whole: np.ndarray, crop: int) -> np.ndarray:
    return whole[:, crop : WIDTH - crop, crop : WIDTH - crop].astype("float32") / np.float32(255)


def drawn(task: str, settings: Settings) -> str:
    """The network of a task that the picture shows, by its name among the settings.

    The reference stands for tasks whose networks all have a code; else the first network that is made for the task alone.
    """
    parameter = TASKS[task].networks
    shown = settings.values[parameter] if parameter else ("reference",)
    own = [name for name in shown if _is_made_for(name, task)]
    return own[0] if own else shown[0]


def _is_made_for(name: str, task: str) -> bool:
    name = SHIPPED[task] if name == SHIPPED_CHOICE else name
    return name in NETWORKS and NETWORKS[name].tasks == (task,)

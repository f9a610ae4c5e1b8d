"""One picture of the whole run: the same eight people through the best networks of each task."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reecho.files import written_aside
from reecho.settings import Settings

_BEST = {  # of those that a run shows, the first one is drawn
    "reconstruction": ("reference",),
    "denoising": ("denoiser", "blind_denoiser", "shipped", "reference"),
    "colourisation": ("colouriser", "shipped", "reference"),
}
_ROWS = {"reconstruction": (None, "reconstructed"), "denoising": ("noisy", "denoised"), "colourisation": ("grey", "coloured")}


def draw(settings: Mapping[str, Settings], faces: Any, out: Path) -> None:
    """Draw target, reconstruction, noisy, denoised, grey and coloured of the eight held-out people, as PNG.

    Args:
        settings: task → those of the notebook that evaluates it; they name the trained networks, which must be there.
        faces: the run's faces.
        out: the file to write.
    """
    from reecho import plots, tasks, trained
    from reecho.settings import training_settings

    targets = faces.pictures(faces.eight())
    rows = [("target", targets)]
    for task, (before, after) in _ROWS.items():
        name = best(task, settings[task])
        (network,) = trained.shown(settings[task], task, [name], faces).values()
        sigma = training_settings(settings[task], task).train_sigma
        inputs = tasks.make_inputs(task, targets, tasks.noise_like(targets, settings[task].seed), sigma)
        rows += [(before, inputs)] if before else []
        rows.append((after, network.reproduce(inputs)))
    with written_aside(out) as aside:
        aside.write_bytes(plots.to_png(plots.picture_grid(rows)))


def best(task: str, settings: Settings) -> str:
    """The network of a task that the overview draws, by its name among the settings."""
    named = {"denoising": "denoisers", "colourisation": "colourisers"}.get(task)
    shown = settings.values[named] if named else ("reference",)
    return next((name for name in _BEST[task] if name in shown), shown[0])

"""One picture of the whole run: the same eight people through all trained networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reecho.files import written_aside
from reecho.settings import Settings


def draw(settings: Settings, faces: Any, out: Path) -> None:
    """Draw target, reconstruction, noisy, denoised, grey and coloured of the eight held-out people, as PNG.

    Args:
        settings: of a notebook that evaluates; they name the trained networks, which must be there.
        faces: the run's faces.
        out: the file to write.
    """
    from reecho import plots, tasks, trained
    from reecho.settings import training_settings

    targets = faces.pictures(faces.eight())
    rows = [("target", targets)]
    for task, before, after in (
        ("reconstruction", None, "reconstructed"),
        ("denoising", "noisy", "denoised"),
        ("colourisation", "grey", "coloured"),
    ):
        chosen = training_settings(settings, task)
        inputs = tasks.make_inputs(task, targets, tasks.noise_like(targets, settings.seed), chosen.train_sigma)
        rows += [(before, inputs)] if before else []
        rows.append((after, trained.load(chosen, faces).reproduce(inputs)))
    with written_aside(out) as aside:
        aside.write_bytes(plots.to_png(plots.picture_grid(rows)))

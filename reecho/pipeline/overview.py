"""One picture of the whole run: the same eight people through the best networks of each task."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reecho.context import Places
from reecho.files import written_aside
from reecho.networks.registry import NETWORKS, SHIPPED, SHIPPED_CHOICE
from reecho.settings import Settings, shown_settings, training_settings
from reecho.tasks import TASKS


def draw(settings: Mapping[str, Settings], faces: Any, places: Places, out: Path) -> None:
    """Draw target, reconstruction, noisy, denoised, grey and coloured of the eight held-out people, as PNG.

    Args:
        settings: task → those of the notebook that evaluates it; they name the trained networks, which must be there.
        faces: the run's faces.
        places: the machine's folders.
        out: the file to write.
    """
    from reecho import inputs, plots, tasks, trained

    targets = faces.pictures(faces.eight())
    rows = [("target", targets)]
    for task, chosen in settings.items():
        before, after = TASKS[task].stages or (None, task)
        name = drawn(task, chosen)
        if name == SHIPPED_CHOICE:
            network = trained.shipped(task)
        else:
            network = trained.load_or_train(places, shown_settings(chosen, task, name), faces)
        sigma = training_settings(chosen, task).train_sigma
        seen = tasks.make_inputs(task, targets, inputs.noise_like(targets, chosen.seed), sigma)
        rows += [(before, seen)] if before else []
        rows.append((after, network.reproduce(seen)))
    with written_aside(out) as aside:
        aside.write_bytes(plots.to_png(plots.picture_grid(rows)))


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

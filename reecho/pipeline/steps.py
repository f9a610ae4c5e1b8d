"""The steps of a run: one executed notebook each, and the parameters that each one is given."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reecho.datasets import CHOICES
from reecho.errors import ReechoError
from reecho.parameters import TRAINING as _TRAINING
from reecho.settings import NOTEBOOKS, PARAMETERS, PATHS, Settings, networks_shown, resolve, unknown
from reecho.tasks import LEARNT, TASKS, Task


@dataclass(frozen=True)
class Step:
    """One executed notebook of a run.

    Args:
        name: of the executed notebook and its HTML, without suffix.
        title: for the reports' navigation.
        question: what it asks, for the index.
        notebook: which source, a key of NOTEBOOKS.
        fixed: parameters that make this step what it is.
        needs: names of the steps whose trained networks it shows.
        results: the file that it writes under the run's `results/`, without suffix, if any.
        presets: those that run it; empty for all.
        by_preset: preset → further parameters that this step is given under it.
        gathers: whether it shows the rows of all others.
    """

    name: str
    title: str
    question: str
    notebook: str
    fixed: MappingProxyType = field(default_factory=lambda: MappingProxyType({}))
    needs: tuple[str, ...] = ()
    results: str | None = None
    presets: tuple[str, ...] = ()
    by_preset: MappingProxyType = field(default_factory=lambda: MappingProxyType({}))
    gathers: bool = False

    def given(self, preset: str) -> dict[str, Any]:
        """The parameters that make this step what it is under a preset."""
        return {**self.fixed, **self.by_preset.get(preset, {})}

    @property
    def page(self) -> str:
        """The title of the page that shows this step, alone or beside other runs of its notebook."""
        return _PAGES.get(self.notebook, self.title)

    @property
    def learnt(self) -> tuple[str, ...]:
        """The tasks whose trained networks it shows."""
        return (self.fixed["task"],) if "task" in self.fixed else networks_shown(self.notebook)


def _training(task: str) -> Step:
    question = f"What is the network for {task}, what does its loss ask for, where does it start?"
    return Step(f"{_TRAINING}_{task}", f"Training: {task}", question, _TRAINING, MappingProxyType({"task": task}))


def _evaluation(task: Task) -> Step:
    needs = (f"{_TRAINING}_{task.network_task}",) if task.trains else ()
    presets = () if task.trains else ("full", "study")  # at quick the time goes to what a run trains
    return Step(task.notebook, task.title, task.question, task.notebook, needs=needs, results=task.notebook, presets=presets)


# a picture has four times the pixels: an epoch teaches more and takes longer, and a quarter of the pictures fills a batch
_SIZE = 64
_LARGE = MappingProxyType({
    "size": _SIZE, "denoisers": ("denoiser",), "seeds": 1, "each_sigma": False,
    "training": MappingProxyType({"epochs": 10, "batch_size": 16}),
})  # fmt: skip
_LONGER = MappingProxyType({"study": {"training": MappingProxyType({"epochs": 24, "batch_size": 16})}})
# task → what its notebook is given for faces of that size under the preset study, so that a night suffices
_OWN: dict[str, dict[str, Any]] = {
    "reconstruction": {"reconstructors": ("reference",), "rates": (100_000, 340_000), "random_start": False, "seeds": 1,
                       "components": (64, 256, 1024)},
    "generation": {"samples": 1000},
    "colourisation": {"colourisers": ("reference", "colouriser", "colour_vae"), "seeds": 1},
}  # fmt: skip
_QUESTIONS = {
    "reconstruction": "What comes back of four times as many pixels from as many axes, against PCA and the best linear VAE?",
    "generation": "Are new faces of four times as many pixels faces?",
    "colourisation": "Which colours can be told from brightness where there is four times as much of it?",
}  # fmt: skip


def _large_training(task: str) -> Step:
    question = f"What is the network for {task} where a face has {_SIZE}×{_SIZE} pixels, one halving more?"
    fixed = MappingProxyType({"task": task, "size": _SIZE})
    return Step(f"{_TRAINING}_{task}_{_SIZE}", f"Training: {task} at {_SIZE}×{_SIZE}", question, _TRAINING, fixed,
                presets=("study",))  # fmt: skip


def _large_evaluation(task: Task) -> Step:
    name = f"{task.notebook}_{_SIZE}"
    needs = (f"{_TRAINING}_{task.network_task}_{_SIZE}",)
    fixed = MappingProxyType({"size": _SIZE, **_OWN[task.name]})
    return Step(name, f"{task.title} at {_SIZE}×{_SIZE}", _QUESTIONS[task.name], task.notebook, fixed, needs, name, ("study",))


OPENS = "07_faults"  # the notebook whose page is read first: the story of the original, which all others answer
_PAGES = {_TRAINING: "Training"} | {task.notebook: task.title for task in TASKS.values()}  # notebook → its page's title

STEPS = (
    Step("00_vae", "A VAE in one picture", "What does a variational autoencoder do to a face, and what does a code cost?",
         "00_vae"),
    Step("01_data", "Faces", "Who is in the data, who may be learnt from, what does the data generator do?", "01_data"),
    *map(_training, LEARNT),
    *map(_large_training, ("reconstruction", "colourisation")),
    *map(_evaluation, TASKS.values()),
    _large_evaluation(TASKS["reconstruction"]),
    Step("04_denoising_64", "Denoising at 64×64", "How much noise comes off faces of four times as many pixels?", "04_denoising",
         _LARGE, results="04_denoising_64", presets=("full", "study"), by_preset=_LONGER),
    *map(_large_evaluation, (TASKS["generation"], TASKS["colourisation"])),
    Step("07_faults", "Faults", "What was wrong in the original, what did each fault do, and how near does a rerun of it come?",
         "07_faults", needs=(f"{_TRAINING}_reconstruction",)),
    Step("08_summary", "Summary", "Every task, every method, every target: what is reached and what is missed?", "08_summary",
         gathers=True),
)  # fmt: skip


def notebook_of(step: str) -> str | None:
    """The notebook that a step of that name executes; None where there is no such step (any longer)."""
    return next((candidate.notebook for candidate in STEPS if candidate.name == step), None)


def of_preset(steps: tuple[Step, ...], preset: str, only: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """The steps that a preset runs, and those that are named in full."""
    return tuple(step for step in steps if not step.presets or preset in step.presets or step.name in only)


def select(steps: tuple[Step, ...], only: tuple[str, ...]) -> tuple[Step, ...]:
    """The steps whose names begin so, and those that they need; all where `only` is empty.

    Example:
        >>> [step.name for step in select(STEPS, ("04",))]
        ['02_training_denoising', '04_denoising', '04_own_size', '04_denoising_64']
    """
    chosen = {step.name for step in steps if not only or step.name.startswith(only)}
    missing = [start for start in only if not any(name.startswith(start) for name in chosen)]
    if missing:
        raise ReechoError(f"No notebook's name begins with {missing[0]!r}. There are: {', '.join(step.name for step in steps)}.")
    needed = {name for step in steps if step.name in chosen for name in step.needs}
    return tuple(step for step in steps if step.name in chosen | needed)


def without_colour(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps that grey pictures are enough for."""
    return tuple(step for step in steps if not any(TASKS[task].in_colour for task in step.learnt))


def absolute(parameters: dict[str, Any]) -> dict[str, Any]:
    """The same parameters, paths among them made absolute, for a notebook's kernel works in another folder."""
    paths = {name: parameters[name] for name in PATHS if parameters.get(name)}
    if paths.get("dataset") in CHOICES:
        del paths["dataset"]
    return {**parameters, **{name: os.path.abspath(Path(path).expanduser()) for name, path in paths.items()}}


def distribute(steps: tuple[Step, ...], parameters: dict[str, Any]) -> dict[str, tuple[dict[str, Any], Settings]]:
    """Give each step the parameters that concern it, checked before anything runs.

    A parameter goes to every notebook that has it. Those of notebook 02 go to the notebooks that show a trained network as
    well, inside `training`, so that they show the network that was asked for; entries of `training` go to notebook 02.

    Args:
        steps: those of this run.
        parameters: by name, as the user set them.

    Returns:
        For each step's name the parameters to inject and the effective settings.

    Raises:
        ReechoError: a name that none of the notebooks has, or an impossible value.

    Example:
        >>> of = distribute(STEPS, {"sigma": 0.2, "train_sigma": 0.15})
        >>> of["04_denoising"][0]
        {'sigma': 0.2, 'training': {'train_sigma': 0.15}}
        >>> of["02_training_denoising"][0]
        {'train_sigma': 0.15, 'task': 'denoising'}
    """
    inner = parameters.get("training") or {}
    if "task" in parameters or "task" in inner:
        raise ReechoError(
            "A report runs all tasks, so task cannot be set; --only 04 reports on one, `reecho train TASK` trains one."
        )
    values = {name: value for name, value in {**parameters, **inner}.items() if name != "training"}
    allowed = {name for step in steps for name in (*NOTEBOOKS[step.notebook], *_passed_on(step.notebook))}
    for name in values:
        if name not in allowed:
            raise unknown(name, tuple(sorted(allowed - {"task", "training"})), "the notebooks of this run")
    distributed = {}
    for step in steps:
        given = step.given(values.get("preset", PARAMETERS["preset"].default))
        own = {name: value for name, value in values.items() if name in NOTEBOOKS[step.notebook]} | given
        training = {name: value for name, value in values.items() if name in _passed_on(step.notebook)}
        if training or "training" in given:
            own["training"] = {**given.get("training", {}), **training}
        distributed[step.name] = own, resolve(step.notebook, own)
    return distributed


def _passed_on(notebook: str) -> tuple[str, ...]:
    """The parameters of notebook 02 that a notebook takes inside `training`."""
    if "training" not in NOTEBOOKS[notebook]:
        return ()
    return tuple(name for name in NOTEBOOKS[_TRAINING] if name not in NOTEBOOKS[notebook] and name != "task")

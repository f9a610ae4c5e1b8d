"""results.json: the rows of all notebooks, and what the run was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from reecho import context, provenance, results
from reecho.networks.registry import SHIPPED_CHOICE
from reecho.pipeline.execute import read_record
from reecho.pipeline.plan import Plan


def header(plan: Plan, say: Callable[[str], None] = print) -> dict[str, Any]:
    """What results.json says before its rows: preset, dataset, a warning, provenance, minutes, each notebook's parameters."""
    settings, faces = plan.parameters[plan.steps[0].name][1], plan.faces
    dataset = {"name": faces.name, "pictures": len(faces.names), "people": len(np.unique(faces.people))}
    return {
        "preset": settings.preset,
        "dataset": dataset | {"digest": faces.digest, "size": settings.size},
        "banner": faces.banner,
        "notes": list(plan.notes),
        "provenance": provenance.gather(),
        "minutes": minutes(plan, say),
        "memory_gib": max(read_record(plan.executed(step)).get("memory_gib", 0.0) for step in plan.steps),
        "parameters": {step.name: plan.parameters[step.name][1].shown() for step in plan.steps},
    }


def minutes(plan: Plan, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Wall-clock and processor minutes of the notebooks and of the trainings of all networks that they use.

    The networks of the package were trained once, for everybody, and no run trains them: theirs stand apart and are not in the
    total. A network's training counts once, whichever run and step it was done in: what a notebook spent on training is taken off
    its own minutes. The records of some networks, such as those that came with reecho 0.1, do not tell their processor minutes;
    how many these are stands in "without_processor".
    """
    own = [read_record(plan.executed(step)).get("minutes", {}) for step in plan.steps]
    files = [note for step in plan.steps for note in sorted(context.notes_of(plan.folder, step.name).glob("*.json"))]
    read = {file: context.read_note(file) for file in files}
    for file in (file for file, note in read.items() if note is None):
        say(f"{file} is damaged, so the minutes of the run are without those of that network's training.")
    notes = [note for note in read.values() if note]
    networks = {note["key"]: note for note in notes}
    packaged = {key for key in networks if key.startswith(SHIPPED_CHOICE)}
    trainings = _of_trainings([note for key, note in networks.items() if key not in packaged])
    inside = [note["here"] for note in notes]
    notebooks = {
        kind: round(max(0.0, sum(part.get(kind, 0.0) for part in own) - sum(getattr(spent, kind) for spent in inside)), 2)
        for kind in context.Spent._fields
    }
    return {
        "total": round(notebooks["wall"] + trainings["wall"], 2),
        "notebooks": notebooks,
        "trainings": trainings,
        "packaged": _of_trainings([networks[key] for key in packaged]),
    }


def _of_trainings(notes: Collection[Mapping[str, Any]]) -> dict[str, Any]:
    processor = [note["processor_minutes"] for note in notes if note["processor_minutes"] is not None]
    return {
        "networks": len(notes),
        "wall": round(sum(note["minutes"] for note in notes), 2),
        "processor": round(sum(processor), 2),
        "without_processor": len(notes) - len(processor),
    }


def write(plan: Plan, say: Callable[[str], None] = print) -> None:
    """Gather the rows that the notebooks wrote into one file; `say` takes a sentence where something is left out."""
    rows = [row for path in plan.results().values() for row in results.read(path)]
    results.write_json(plan.summary, results.merge(rows, header(plan, say)))

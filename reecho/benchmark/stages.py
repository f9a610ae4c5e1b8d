"""The stages of a report: seconds, processor seconds and the most memory of each notebook, of the pages and of the book."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from reecho import context, pipeline, results
from reecho.benchmark.rounds import GIB, PROCESSOR_SECONDS, SECONDS, TRAINING_SECONDS, Measured, Row, Task
from reecho.context import Places
from reecho.datasets import SYNTHETIC
from reecho.files import scratch
from reecho.pipeline.execute import most_memory, read_record
from reecho.pipeline.finished import FINISHED
from reecho.pipeline.publish import finished_runs
from reecho.pipeline.steps import STEPS
from reecho.report import html, pdf

PAGES, BOOK = "pages", "book"
_TITLES = {PAGES: "HTML pages", BOOK: "PDF, the book"}


def measure(task: Task) -> Measured:
    """The stages of the last finished run; without one those of a report at preset smoke, which the quick one leaves out."""
    folder = last_finished(task.places)
    if folder:
        return of_run(folder)
    if task.quick:
        return Measured([], {}, ["There is no finished run whose stages could be read, and the quick benchmark makes none."])
    with scratch(task.folder) as build:
        made = pipeline.report(
            {"preset": "smoke", "dataset": SYNTHETIC}, jobs=1, say=lambda line: None, places=Places(task.places.data, build)
        )
        return of_run(made)


def last_finished(places: Places) -> Path | None:
    """The folder of the run that was finished last, None where there is none."""
    folders = [places.run_folder(name) for name in finished_runs(places)]
    return max(folders, key=lambda folder: (folder / FINISHED).stat().st_mtime, default=None)


def of_run(folder: Path) -> Measured:
    """The stages of a finished run: what its notebooks recorded, and its pages and its book made once more beside it."""
    header, _ = results.read_run(folder / "results.json")
    titles = {step.name: step.title for step in STEPS} | _TITLES
    rows: list[Row] = []
    notebooks = [path for step in STEPS if (path := folder / "notebooks" / f"{step.name}.ipynb").is_file()]
    for path in notebooks:
        rows += of_notebook(path.stem, read_record(path), _training_seconds(folder, path.stem))
    with scratch(folder) as aside:
        rows += _measured(PAGES, lambda: _pages(notebooks, aside))
        rows += _measured(BOOK, lambda: pdf.render(notebooks, aside / "book.pdf", title="book"))
    return Measured(rows, {name: titles[name] for name in dict.fromkeys(row.what for row in rows)}, _notes(folder, header))


def _pages(notebooks: list[Path], folder: Path) -> None:
    for path in notebooks:
        html.render(path, folder / f"{path.stem}.html")


def of_notebook(name: str, record: dict[str, Any], training: float) -> list[Row]:
    """The rows of a notebook: what its record tells, and the seconds in it that went into training."""
    minutes = record.get("minutes", {})
    values = {
        SECONDS: 60 * minutes.get("wall", 0.0), PROCESSOR_SECONDS: 60 * minutes.get("processor", 0.0),
        TRAINING_SECONDS: training, GIB: record.get("memory_gib", 0.0),
    }  # fmt: skip
    return [Row(name, unit, (float(value),)) for unit, value in values.items() if value]


def _training_seconds(folder: Path, step: str) -> float:
    """Seconds by the clock that a step spent on training; networks that were there already took none."""
    notes = sorted(context.notes_of(folder, step).glob("*.json"))
    return 60 * sum(json.loads(note.read_text(encoding="utf-8"))["here"][0] for note in notes)


def _measured(name: str, work: Callable[[], Any]) -> list[Row]:
    """What a piece of work in this process took; the memory is the most that the process has held so far."""
    process = psutil.Process()
    before, start = _processor(process), time.perf_counter()
    work()
    seconds, processor = time.perf_counter() - start, _processor(process) - before
    memory = most_memory(process) / 2**30
    return [Row(name, unit, (value,)) for unit, value in ((SECONDS, seconds), (PROCESSOR_SECONDS, processor), (GIB, memory))]


def _processor(process: psutil.Process) -> float:
    times = process.cpu_times()
    return sum(getattr(times, name, 0.0) for name in ("user", "system", "children_user", "children_system"))


def _notes(folder: Path, header: dict[str, Any]) -> list[str]:
    dataset, day = header["dataset"], datetime.fromtimestamp((folder / FINISHED).stat().st_mtime).date()
    return [
        f"Of a report at preset {header['preset']} on {dataset['pictures']:,} pictures (dataset: {dataset['name']}), finished on "
        f"{day}. The notebooks say what they took; the pages and the book were made once more.",
        "One round alone: a report is too long for several. Where notebooks ran side by side, the seconds of one include its "
        "waiting for cores; a network that was trained before took no time here.",
    ]

"""The whole benchmark: each subject in a process of its own, one after another, then the file and the page."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from reecho.benchmark import page, record
from reecho.benchmark.child import request_of
from reecho.benchmark.record import Record, Result
from reecho.benchmark.rounds import Task
from reecho.benchmark.subjects import SUBJECTS
from reecho.context import BENCHMARK, Places
from reecho.files import must_be_writable, scratch, sweep, written_aside

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
_LONGEST = 1200.0  # seconds after which a subject counts as hanging
_PATIENCE = 20.0  # seconds in which a process that is told to end must have ended
Measure = Callable[[str, Task, Path, Mapping[str, str]], int]


def benchmark(
    places: Places, environment: Mapping[str, str], quick: bool = False, only: Sequence[str] = (), out: Path | None = None,
    say: Callable[[str], None] = print, *, measure: Measure | None = None,
) -> Path:  # fmt: skip
    """Measure, and write benchmark.json and a page; files that lie there are replaced, others stay.

    A subject that fails, or whose process ends, is written down with the reason, and the others go on.

    Args:
        places: the machine's folders.
        environment: of this process.
        quick: whether it takes about a minute, else about five.
        only: keys of SUBJECTS; empty for all.
        out: folder to write to; None: `build/benchmark`.
        say: takes lines of progress.
        measure: runs one subject's process and returns its exit code; for tests.

    Returns:
        The page.

    Raises:
        ReechoError: the folder cannot be written to.
    """
    out = out or places.build / BENCHMARK
    must_be_writable(out)
    header = record.header(quick)
    if header["busy"] > header["cores"] / 4:
        say(f"Other programs keep {header['busy']} of {header['cores']} cores busy; figures are worth more on a quiet machine.")
    names, results = [name for name in SUBJECTS if not only or name in only], []
    sweep(out)
    with scratch(out) as folder:
        task = Task(quick, places, folder)
        for number, name in enumerate(names, 1):
            say(f"[{number}/{len(names)}] {SUBJECTS[name].title}")
            results.append(_measured(name, task, folder / f"{name}.json", environment, header["cores"], measure or _in_a_process))
            if results[-1].failure:
                say(f"      could not be measured: {results[-1].failure}")
    measured = Record(header, results)
    for path, text in ((out / record.FILE, measured.text()), (out / record.PAGE, page.text(measured))):
        with written_aside(path) as aside:
            aside.write_text(text, encoding="utf-8", newline="\n")
    return out / record.PAGE


def _measured(name: str, task: Task, file: Path, environment: Mapping[str, str], cores: int, measure: Measure) -> Result:
    threads = 1 if SUBJECTS[name].one_core else cores  # equal for all contenders, whichever library they use
    own = {**environment, **dict.fromkeys(_THREADS, str(threads)), "TQDM_DISABLE": "1"}
    start = time.perf_counter()
    code = measure(name, task, file, own)
    seconds = round(time.perf_counter() - start, 1)
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = {"failure": _why(code)}
    rows = [{**row, "at": row.get("at", {})} for row in content.get("rows", [])]
    return Result.of({
        "name": name, "seconds": seconds, "failure": content["failure"], "notes": content.get("notes", []),
        "titles": content.get("titles", {}), "rows": rows,
    })  # fmt: skip


def _why(code: int) -> str:
    if code == _TOO_LONG:
        return f"it did not end within {_LONGEST / 60:.0f} minutes"
    if code in (130, -2, -15):
        return "it was interrupted"
    if code < 0:
        return f"its process was ended by signal {-code}, most often because memory ran out"
    return f"its process ended with exit code {code}"


_TOO_LONG = 124  # as the command `timeout` says it


def _in_a_process(name: str, task: Task, file: Path, environment: Mapping[str, str]) -> int:
    command = [sys.executable, "-P", "-m", "reecho.benchmark.child"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=dict(environment), text=True)
    try:
        process.communicate(json.dumps(request_of(name, task, file)), timeout=_LONGEST)
        return process.returncode
    except subprocess.TimeoutExpired:
        return _TOO_LONG
    finally:
        _end(process)


def _end(process: subprocess.Popen) -> None:
    """End a process, and whatever it started, where it still runs."""
    if process.poll() is not None:
        return
    with contextlib.suppress(psutil.Error):
        below = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
        for left in (*below, psutil.Process(process.pid)):
            with contextlib.suppress(psutil.Error):
                left.kill()
    process.wait()

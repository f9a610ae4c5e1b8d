"""Run one notebook through papermill: strict about its cells, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.pipeline.progress import Progress

METADATA = "reecho"  # the key in a notebook's metadata where the effective parameters and what made it are kept


@contextlib.contextmanager
def environment(**changes: str) -> Iterator[None]:
    """Set environment variables for the processes started inside, and put back what was there."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def execute(source: Path, target: Path, parameters: dict[str, Any], record: dict[str, Any], label: str, failed: Path) -> float:
    """Run a notebook and write the executed one.

    Args:
        source: the notebook.
        target: where the executed notebook goes; it appears only if every cell completed.
        parameters: to inject; lists may be tuples.
        record: plain values kept in the executed notebook's metadata: effective parameters, what made it.
        label: what the progress line says.
        failed: folder that takes the notebook as far as it came, if it fails.

    Returns:
        Minutes that it took.

    Raises:
        ReechoError: a cell stopped, with the sentence of the ReechoError inside it if it was one.
    """
    notebook = nbformat.read(source, as_version=4)
    headings = _headings(notebook)
    progress = Progress(label, len(notebook.cells) + bool(parameters))
    outcome = "stopped"

    def began(cell: NotebookNode, cell_index: int) -> None:
        if cell.cell_type == "code" and "skip-execution" not in cell.metadata.get("tags", []):
            progress.cell(cell_index, headings.get(cell.get("id"), ""))

    try:
        with written_aside(target) as aside:
            try:
                executed = papermill.execute_notebook(
                    str(source), str(aside), parameters=_literal(parameters), kernel_name="python3", language="python",
                    progress_bar=False, cwd=str(source.parent), on_cell_start=began, stdout_file=progress, stderr_file=progress,
                    extra_arguments=["--IPKernelApp.log_level=50"],
                )  # fmt: skip
                _check_completed(executed, source.stem)
            except (PapermillExecutionError, DeadKernelError, ReechoError) as error:
                raise _in_one_sentence(error, target.stem, headings, aside, failed) from error
            minutes = executed.metadata.papermill.duration / 60
            _tidy(executed, source, target, {**record, "minutes": round(minutes, 3)})
            nbformat.write(executed, aside)
        outcome = "done"
    finally:
        progress.close(outcome)
    (failed / target.name).unlink(missing_ok=True)
    return minutes


def _literal(value: Any) -> Any:
    """A value that papermill writes as Python says it; of a tuple it would write the text."""
    if isinstance(value, Mapping):
        return {name: _literal(each) for name, each in value.items()}
    return [_literal(each) for each in value] if isinstance(value, tuple | list) else value


def read_record(path: Path) -> dict[str, Any]:
    """What `execute` recorded in an executed notebook."""
    return dict(nbformat.read(path, as_version=4).metadata.get(METADATA, {}))


def _headings(notebook: NotebookNode) -> dict[str, str]:
    """For each cell's id the heading that it stands under."""
    found, heading = {}, ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            titles = [line.lstrip("#").strip() for line in cell.source.splitlines() if line.startswith("#")]
            heading = titles[-1] if titles else heading
        found[cell.get("id")] = heading
    return found


def _check_completed(notebook: NotebookNode, name: str) -> None:
    """A `sys.exit(0)` in a cell ends a notebook without an error; papermill marks the cells after it as completed all the same."""
    for number, cell in enumerate(notebook.cells, 1):
        runs = cell.cell_type == "code" and cell.source.strip() and "skip-execution" not in cell.metadata.get("tags", [])
        if runs and (cell.metadata.papermill.status != "completed" or cell.execution_count is None):
            raise ReechoError(f"{name} ended before its last cell: cell {number} did not complete.")


def _in_one_sentence(error: Exception, name: str, headings: dict[str, str], aside: Path, failed: Path) -> ReechoError:
    """Turn what ended a notebook into a sentence; what is no ReechoError itself leaves the notebook behind to be read."""
    if getattr(error, "ename", None) == "ReechoError":
        return ReechoError(error.evalue)
    kept = ""
    with contextlib.suppress(OSError):  # a full disk must not hide the first error
        failed.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(aside, failed / f"{name}.ipynb")
        kept = f" {failed / name}.ipynb shows how far it came."
    if isinstance(error, DeadKernelError):
        return ReechoError(f"{name} stopped: its Python process ended by itself, most often because memory ran out.{kept}")
    if isinstance(error, PapermillExecutionError):
        if "No space left on device" in error.evalue:
            return ReechoError(f"{name} stopped because the disk is full. Free some space and run the same command again.")
        return ReechoError(f"{name} stopped in cell {error.exec_count}: {error.ename}: {error.evalue.rstrip('.')}.{kept}")
    return ReechoError(f"{error}{kept}")


def _tidy(notebook: NotebookNode, source: Path, target: Path, record: dict[str, Any]) -> None:
    """Record what was effective, and leave no path of this machine behind: not in the metadata, nor in libraries' warnings."""
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    notebook.metadata[METADATA] = record
    notebook.metadata.papermill.update(input_path=source.name, output_path=target.name)

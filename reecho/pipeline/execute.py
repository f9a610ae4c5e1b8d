"""Run one notebook through papermill: strict about its cells, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import nbformat
import papermill
import psutil
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from reecho.errors import ReechoError
from reecho.files import scratch, written_aside
from reecho.pipeline.progress import Progress

_START = 300  # seconds in which a kernel must answer; on a machine with much else to do, importing what it needs took over 60
_PATIENCE = 20.0  # seconds in which notebooks that are stopped must have ended
METADATA = "reecho"  # the key in a notebook's metadata where the effective parameters and what made it are kept


class _AtWork:
    """The notebooks that this process executes, each in a thread of its own, so that all can be stopped."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.kernels: dict[int, int | None] = {}  # of each execution, by a number of its own, the kernel's process
        self.stopping = False

    @contextlib.contextmanager
    def execution(self) -> Iterator[int]:
        with self.changed:
            number = max(self.kernels, default=0) + 1
            self.kernels[number] = None
        try:
            yield number
        finally:
            with self.changed:
                del self.kernels[number]
                self.changed.notify_all()

    def stop(self) -> None:
        """Kill all kernels and wait until nothing half-written is left of their notebooks."""
        end = time.monotonic() + _PATIENCE
        with self.changed:
            self.stopping = True
            while self.kernels and time.monotonic() < end:
                for process in self.kernels.values():
                    with contextlib.suppress(psutil.Error):
                        if process is not None:
                            psutil.Process(process).kill()
                self.changed.wait(0.5)
            self.stopping = False


_at_work = _AtWork()
stop_all = _at_work.stop


@dataclass
class _Usage:
    """Processor seconds and most memory of a kernel, filled in when it is shut down."""

    seconds: float = 0.0
    memory: int = 0  # bytes; 0 where the system does not tell


def _kernel_manager(
    environment: Mapping[str, str], usage: _Usage, folder: Path, place: Path, cwd: Path, number: int
) -> type[AsyncKernelManager]:
    """A kernel that is the interpreter which runs reecho, whatever kernels Jupyter knows, in an environment of its own.

    What others have set for IPython does not reach it. Its files lie in `folder`, and in `place` how it is talked to: by sockets of
    the file system where that is another one, for whose long names there is no room in a run's folder.
    """
    own = {name: value for name, value in environment.items() if name != "PYTHONSTARTUP"} | {"IPYTHONDIR": str(folder)}

    class OwnKernel(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.connection_file, self.transport = str(place / "kernel.json"), "tcp" if place == folder else "ipc"

        @property
        def kernel_spec(self) -> KernelSpec:
            argv = [sys.executable, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]  # the base declares what it wraps
            await super().start_kernel(**{**options, "env": own, "cwd": str(cwd)})
            _at_work.kernels[number] = getattr(self.provisioner, "pid", None)

        async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:  # type: ignore[override]
            with contextlib.suppress(psutil.Error, AttributeError):  # a kernel that died has no times left
                process = psutil.Process(getattr(self.provisioner, "pid", None))
                times, usage.memory = process.cpu_times(), most_memory(process)
                usage.seconds = sum(getattr(times, name, 0.0) for name in ("user", "system", "children_user", "children_system"))
            await super().shutdown_kernel(now=now, restart=restart)

    return OwnKernel


def most_memory(process: psutil.Process) -> int:
    """The most memory, bytes, that a process has held so far: Windows and Linux keep it, macOS tells what is held now."""
    status = Path(f"/proc/{process.pid}/status")
    if status.is_file() and (match := re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii", errors="replace"))):
        return int(match[1]) * 1024
    held = process.memory_info()
    return int(getattr(held, "peak_wset", held.rss))


@contextlib.contextmanager
def _place(folder: Path) -> Iterator[Path]:
    """The folder itself, or a short one for sockets where this machine does not reach itself over the network."""
    if os.name == "nt" or _loopback_answers():
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="reecho-", ignore_cleanup_errors=True) as name:
            yield Path(name)


def _loopback_answers() -> bool:
    """Whether this machine reaches itself at 127.0.0.1, as kernels are talked to; a sandbox may forbid that."""
    with socket.socket() as listening, socket.socket() as asking:
        try:
            listening.bind(("127.0.0.1", 0))
            listening.listen(1)
            asking.settimeout(2)
            asking.connect(listening.getsockname())
        except OSError:
            return False
    return True


def execute(
    source: Path, target: Path, parameters: dict[str, Any], record: dict[str, Any], label: str, failed: Path,
    environment: Mapping[str, str], private: Mapping[str, str] | None = None, stream: TextIO | None = None,
) -> None:  # fmt: skip
    """Run a notebook and write the executed one; its metadata have `record` and the wall-clock and processor minutes.

    Args:
        source: the notebook.
        target: where the executed notebook goes; it appears only if every cell completed.
        parameters: to inject; lists may be tuples.
        record: plain values kept in the executed notebook's metadata: effective parameters, what made it.
        label: what the progress line says.
        failed: folder that takes the notebook as far as it came, if it fails.
        environment: of the kernel, but for a person's own IPython profile and PYTHONSTARTUP; this process's own stays as it is.
        private: texts that may not stand in the executed notebook, such as paths, → what stands in their place.
        stream: where progress is shown; None: standard error.

    Raises:
        ReechoError: a cell stopped, with the sentence of the ReechoError inside it if it was one.
    """
    notebook = nbformat.read(source, as_version=4)
    headings = _headings(notebook)
    progress, usage = Progress(label, len(notebook.cells) + bool(parameters), stream), _Usage()
    outcome = "stopped"

    def began(cell: NotebookNode, cell_index: int) -> None:
        if cell.cell_type == "code" and "skip-execution" not in cell.metadata.get("tags", []):
            progress.cell(cell_index, headings.get(str(cell.get("id")), ""))

    try:
        with (
            _at_work.execution() as number,
            written_aside(target) as aside,
            scratch(target.parent) as folder,
            _place(folder) as place,
        ):
            try:
                manager = _kernel_manager(environment, usage, folder, place, source.parent, number)
                executed = papermill.execute_notebook(
                    str(source), str(aside), parameters=_literal(parameters), kernel_name="python3", language="python",
                    progress_bar=False, start_timeout=_START, on_cell_start=began, stdout_file=progress, stderr_file=progress,
                    extra_arguments=["--IPKernelApp.log_level=50"], kernel_manager_class=manager,
                )  # fmt: skip
                _check_completed(executed, source.stem)
            except (PapermillExecutionError, DeadKernelError, ReechoError, RuntimeError) as error:
                if _at_work.stopping or getattr(error, "ename", None) == "KeyboardInterrupt":
                    raise KeyboardInterrupt from error
                raise _in_one_sentence(error, target.stem, headings, aside, failed) from error
            minutes = {"wall": round(executed.metadata.papermill.duration / 60, 3), "processor": round(usage.seconds / 60, 3)}
            spent = {"minutes": minutes, "memory_gib": round(usage.memory / 2**30, 2)}
            executed = _tidy(executed, source, target, {**record, **spent}, private or {})
            nbformat.write(executed, aside)
        outcome = "done"
    finally:
        progress.close(outcome)
    (failed / target.name).unlink(missing_ok=True)


def _literal(value: Any) -> Any:
    """A value that papermill writes as Python says it; of a tuple it would write the text."""
    if isinstance(value, Mapping):
        return {name: _literal(entry) for name, entry in value.items()}
    return [_literal(entry) for entry in value] if isinstance(value, tuple | list) else value


def read_record(path: Path) -> dict[str, Any]:
    """What `execute` recorded in an executed notebook."""
    return dict(nbformat.read(path, as_version=4).metadata.get(METADATA, {}))


def _headings(notebook: NotebookNode) -> dict[str, str]:
    """For each cell's id the heading that it stands under."""
    headings, heading = {}, ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            titles = [line.lstrip("#").strip() for line in cell.source.splitlines() if line.startswith("#")]
            heading = titles[-1] if titles else heading
        headings[str(cell.get("id"))] = heading
    return headings


def _check_completed(notebook: NotebookNode, name: str) -> None:
    """A `sys.exit(0)` in a cell ends a notebook without an error; papermill marks the cells after it as completed all the same."""
    for number, cell in enumerate(notebook.cells, 1):
        runs = cell.cell_type == "code" and cell.source.strip() and "skip-execution" not in cell.metadata.get("tags", [])
        if runs and (cell.metadata.papermill.status != "completed" or cell.execution_count is None):
            raise ReechoError(f"{name} ended before its last cell: cell {number} did not complete.")


def _in_one_sentence(error: Exception, name: str, headings: dict[str, str], aside: Path, failed: Path) -> ReechoError:
    """Turn what ended a notebook into a sentence; what is no ReechoError itself leaves the notebook behind to be read."""
    if getattr(error, "ename", None) == "ReechoError":
        return ReechoError(getattr(error, "evalue", ""))
    left = ""
    with contextlib.suppress(OSError):  # a full disk must not hide the first error
        failed.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(aside, failed / f"{name}.ipynb")
        left = f" {failed / name}.ipynb shows how far it came."
    if isinstance(error, DeadKernelError):
        return ReechoError(f"{name} stopped: its Python process ended by itself, most often because memory ran out.{left}")
    if type(error) is RuntimeError and "respond" in str(error):
        return ReechoError(
            f"The Python process of {name} did not answer for {_START / 60:.0f} minutes. It is reached over this machine's own "
            "address, 127.0.0.1; look whether a firewall or a sandbox forbids that, or other work keeps the machine busy."
        )
    if isinstance(error, PapermillExecutionError):
        if "No space left on device" in error.evalue:
            return ReechoError(f"{name} stopped because the disk is full. Free some space and run the same command again.")
        return ReechoError(f"{name} stopped in cell {error.exec_count}: {error.ename}: {error.evalue.rstrip('.')}.{left}")
    return ReechoError(f"{error}{left}")


def _tidy(notebook: NotebookNode, source: Path, target: Path, record: dict[str, Any], private: Mapping[str, str]) -> NotebookNode:
    """Record what was effective, and leave no path of this machine behind: not in the metadata, nor in libraries' warnings."""
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    notebook.metadata[METADATA] = record
    notebook.metadata.papermill.update(input_path=source.name, output_path=target.name)
    return nbformat.from_dict(_replaced(notebook, private))


def _replaced(value: Any, private: Mapping[str, str]) -> Any:
    """A value of JSON with the private texts replaced wherever they stand."""
    if isinstance(value, str):
        for text, shown in private.items():
            value = value.replace(text, shown)
        return value
    if isinstance(value, Mapping):
        return {name: _replaced(entry, private) for name, entry in value.items()}
    return [_replaced(entry, private) for entry in value] if isinstance(value, list) else value

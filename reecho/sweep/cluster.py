"""The machines that a sweep runs on: a cluster of this machine's own or one that is there, and whether its workers agree."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from distributed import Client, LocalCluster, Worker, WorkerPlugin
from distributed.scheduler import KilledWorker

from reecho.context import Places
from reecho.errors import ReechoError
from reecho.sweep import work
from reecho.sweep.work import Seen

_ANSWER, _FIRST, _CLOSE = 10, 60, 20  # seconds until a scheduler answers, a first worker is there, a cluster has closed
_MEMORY = "2GiB"  # of a worker, beside its kernels: networks on their way; what is more goes to the disk


class _InTheBackground(WorkerPlugin):
    """A worker of this machine's own cluster leaves the terminal, and Ctrl-C in it, to the process that sweeps.

    Args:
        log: the file that takes what the worker and its libraries print.
    """

    name = "reecho-in-the-background"

    def __init__(self, log: Path):
        self.log = log

    def setup(self, worker: Worker) -> None:
        with self.log.open("ab") as file:
            for stream in (1, 2):
                os.dup2(file.fileno(), stream)
        with contextlib.suppress(ValueError):  # outside the main thread
            signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def connected(scheduler: str | None, jobs: int, places: Places, log: Path) -> Iterator[Client]:
    """A client of the cluster; whatever ends the block, no kernel goes on, and a cluster of our own is closed.

    Args:
        scheduler: address of a cluster that is there; None for one of this machine's own.
        jobs: workers of the latter, a process each with one thread.
        places: the folders of the latter's workers.
        log: the file that takes what they print.

    Raises:
        ReechoError: the scheduler does not answer, or no worker comes.
    """
    logger = logging.getLogger("distributed")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # what it says of workers that come and go is said by us
    with contextlib.ExitStack() as stack:
        stack.callback(logger.setLevel, level)
        address: Any = scheduler
        if scheduler is None:
            cluster = LocalCluster(
                n_workers=jobs, threads_per_worker=1, processes=True, memory_limit=_MEMORY, dashboard_address=None,
                worker_dashboard_address=None, silence_logs=logging.CRITICAL, env=places.variables(),
            )  # fmt: skip
            stack.callback(cluster.close, timeout=_CLOSE)
            address = cluster
        try:
            client = Client(address, timeout=_ANSWER)
        except (OSError, ValueError, TimeoutError) as error:
            raise ReechoError(
                f"No scheduler answers at {scheduler} ({type(error).__name__}). Start one there with `dask scheduler`, or leave "
                "--scheduler out to use this machine."
            ) from error
        stack.callback(client.close, timeout=_CLOSE)
        try:
            client.wait_for_workers(1, timeout=_FIRST)
        except TimeoutError:
            raise ReechoError(
                f"The scheduler at {scheduler or 'this machine'} has no worker after {_FIRST} s. Start some with `dask worker "
                f"{scheduler or 'ADDRESS'} --nthreads 1`."
            ) from None
        if scheduler is None:
            log.unlink(missing_ok=True)
            log.parent.mkdir(parents=True, exist_ok=True)
            client.register_plugin(_InTheBackground(log))
        try:
            yield client
        except BaseException:
            with contextlib.suppress(Exception):
                client.run(work.stop, on_error="ignore")
            raise


def look(client: Client, faces: list[tuple[str, dict[str, Any]]], say: Callable[[str], None]) -> list[Seen]:
    """What the workers have for each of some notebooks' settings; all must have the same.

    Args:
        client: from `connected`.
        faces: (notebook, parameters) of each.
        say: takes what does not hinder.

    Raises:
        ReechoError: a worker lacks the package or the faces, or has others.
    """
    answers: dict[str, Any] = client.run(work.look, faces, on_error="return")
    first: list[Seen] | None = None
    for address, seen in sorted(answers.items()):
        if isinstance(seen, ReechoError):
            raise ReechoError(f"The worker at {address} cannot begin: {seen}")
        if isinstance(seen, BaseException):
            raise ReechoError(
                f"The worker at {address} cannot run reecho ({type(seen).__name__}: {seen}). Install there what is here, with the "
                "same lock, and start its worker from that environment."
            )
        if seen[0].code != work.code():
            raise ReechoError(f"The worker at {address} has another reecho than this machine; install the same one on both.")
        first = first or seen
        if [one.digest for one in seen] != [one.digest for one in first]:
            raise ReechoError(
                f"The workers do not have the same faces: the one at {address} has {_in_words(seen[0])}, another one has "
                f"{_in_words(first[0])}. Name the same for all, by REECHO_LFW on each machine or by --dataset."
            )
        if seen[0].versions != first[0].versions:
            others = {name for name, version in seen[0].versions.items() if first[0].versions.get(name) != version}
            say(f"The worker at {address} has other versions of {', '.join(sorted(others))}; numbers may differ by them.")
    if first is None:
        raise ReechoError("All workers are gone; start them again, then run the same command.")
    if several := [address for address, threads in client.nthreads().items() if threads > 1]:
        say(f"Some workers have several threads ({several[0]}); each runs a notebook that takes 3 GB. `--nthreads 1` is enough.")
    return first


def _in_words(seen: Seen) -> str:
    return f"{seen.pictures:,} pictures of {seen.title} (digest {seen.digest[:12]})"


def in_a_sentence(error: BaseException) -> str:
    """What ended a task, for people."""
    if isinstance(error, ReechoError):
        return str(error)
    if isinstance(error, KilledWorker):
        return "Its worker ended every time that it was tried, most often because memory ran out; give it fewer workers."
    return str(ReechoError(f"{type(error).__name__}: {error}"))

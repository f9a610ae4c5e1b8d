"""What a command needs of its terminal: text in any code page, an orderly end, no chatter of TensorFlow, CUDA and XLA."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator

# such as "I0000 00:00:1795776639.855041 10288 device_compiler.h:196] …" and "2026-11-27 10:51:26.023179: E external/…:51] …"
_CHATTER = re.compile(
    r"WARNING: All log messages before absl|[IWE]\d{4} [\d:.]+ +\d+ \S+:\d+\]|\d{4}-\d\d-\d\d [\d:.]+: [IWE] \S+:\d+\]"
)
_WAIT = 1.0  # seconds that a child may take to let go of the stream


def as_a_command() -> None:
    """Let this process write any text, and end as after Ctrl-C when it is told to end, so that nothing half-written stays."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a Windows code page, or LANG=C, has no α
            stream.reconfigure(errors="replace")
    for name in ("SIGTERM", "SIGHUP"):
        with contextlib.suppress(AttributeError, ValueError):  # not on Windows; not outside the main thread
            number = getattr(signal, name)
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup sets it, so that a run outlives its terminal
                signal.signal(number, signal.default_int_handler)


@contextlib.contextmanager
def without_chatter() -> Iterator[None]:
    """Inside the block what C++ code of this process and its children write to file descriptor 2 is looked through line by line.

    Python's own `sys.stderr` writes to the terminal itself, so that progress moves there. Where somebody has put another stream in
    its place, as test runners do, nothing is changed.
    """
    if sys.stderr is not sys.__stderr__ or not isinstance(sys.stderr, io.TextIOWrapper):
        yield
        return
    python, terminal = sys.stderr, os.dup(2)
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    sys.stderr = open(os.dup(terminal), "w", encoding=python.encoding, errors="replace", buffering=1, newline=None)  # noqa: SIM115
    thread = threading.Thread(target=_pass_on, args=(reading, terminal), daemon=True)
    thread.start()
    try:
        yield
    finally:
        sys.stderr.close()
        sys.stderr = python
        os.dup2(terminal, 2)  # the last writer of this process lets go of the pipe
        thread.join(_WAIT)


def is_chatter(line: str) -> bool:
    """Whether a line is one that TensorFlow, CUDA or XLA writes about itself."""
    return _CHATTER.match(line) is not None


def _pass_on(reading: int, terminal: int) -> None:
    with open(reading, "rb") as lines, contextlib.suppress(OSError):
        for line in lines:
            if not is_chatter(line.decode(errors="replace")):
                os.write(terminal, line)

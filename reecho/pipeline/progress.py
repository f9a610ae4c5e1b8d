"""What the terminal shows of a running notebook: one moving line each, or whole lines where the output is a file or pipe."""

from __future__ import annotations

import re
import sys
import time
from typing import TextIO

from tqdm import tqdm

from reecho.terminal import is_chatter

_SILENCE = 10.0  # seconds between two lines of a cell's own output in a file


class Progress:
    """The progress of one notebook; it also takes what the cells print, and shows the last line of it.

    Args:
        label: what runs, such as "[3/8] 02_training_denoising".
        cells: how many cells there are.
        stream: where to show it; None: standard error.
    """

    def __init__(self, label: str, cells: int, stream: TextIO | None = None):
        self.label, self.cells, self.stream = label, cells, stream or sys.stderr
        self.began, self.said, self.heading = time.monotonic(), time.monotonic(), ""
        self.name = label.rpartition("] ")[2]  # several notebooks may run at once
        self.bar = None
        if self.stream.isatty():
            layout = "{desc:<32} {bar:16} {n_fmt:>3}/{total_fmt} cells {elapsed}{postfix}"
            self.bar = tqdm(total=cells, desc=label, file=self.stream, bar_format=layout, dynamic_ncols=True, leave=False)
        else:
            self._line(label)

    def cell(self, index: int, heading: str) -> None:
        """A code cell begins: its index from 0 and the heading that it stands under."""
        self.heading = heading
        if self.bar is not None:
            self.bar.n = index
            self.bar.set_postfix_str(heading)
        else:
            self._line(f"  {self.name} cell {index + 1}/{self.cells}  {heading}")

    def write(self, text: str) -> None:
        """Take what a cell printed."""
        lines = [line.strip() for line in re.split(r"[\r\n]+", text) if line.strip() and not is_chatter(line.strip())]
        if not lines:
            return
        if self.bar is not None:
            self.bar.set_postfix_str(f"{self.heading} | {lines[-1]}")
        elif time.monotonic() - self.said > _SILENCE:
            self._line(f"  {self.name} | {lines[-1]}")

    def flush(self) -> None:
        """Nothing is kept back; papermill calls this after every write."""

    def close(self, outcome: str) -> None:
        """The notebook ended: say how."""
        if self.bar is not None:
            self.bar.close()
        minutes, seconds = divmod(round(time.monotonic() - self.began), 60)
        self._line(f"{self.label}: {outcome} after {minutes} min {seconds:02d} s")

    def _line(self, text: str) -> None:
        self.said = time.monotonic()
        if self.stream.isatty():
            tqdm.write(text, file=self.stream)  # above the moving lines of other notebooks
        else:
            print(text, file=self.stream, flush=True)

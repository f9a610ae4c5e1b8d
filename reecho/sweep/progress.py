"""What the terminal shows of a sweep: one moving line with the time left, or a line a point where the output is a file or pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

from tqdm import tqdm


class Progress:
    """Counts what is done, and says how long the rest takes.

    Args:
        networks, points: how many there are to train and to run.
        stream: where to show it; None: standard error.
    """

    def __init__(self, networks: int, points: int, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic):
        self.stream, self.clock = stream or sys.stderr, clock
        self.left = {"network": networks, "point": points}
        self.seconds: dict[str, list[float]] = {"network": [], "point": []}
        self.total, self.failed, self.workers = networks + points, 0, 1
        self.ends: float | None = None
        self.bar = None
        if self.stream.isatty():
            layout = "{desc} {bar:16} {n_fmt}/{total_fmt} {elapsed}{postfix}"
            self.bar = tqdm(total=self.total, desc="sweep", file=self.stream, bar_format=layout, dynamic_ncols=True, leave=False)

    def done(self, kind: str, title: str, seconds: float | None, failed: str | None = None) -> None:
        """A network was trained or a point was run.

        Args:
            kind: "network" or "point".
            title: of it.
            seconds: that it took, None where nobody knows.
            failed: the sentence that says why it failed.
        """
        self.left[kind] -= 1
        self.failed += failed is not None
        if seconds is not None:
            self.seconds[kind].append(seconds)
        self._estimate()
        outcome = f"failed: {failed.rstrip('.')}" if failed else "done" if seconds is None else f"{seconds:.0f} s"
        count = self.total - sum(self.left.values())
        if self.bar is None:
            print(f"[{count}/{self.total}] {kind} {title}: {outcome}{self._rest()}", file=self.stream, flush=True)
        elif failed:
            tqdm.write(f"{kind} {title}: {outcome}", file=self.stream)
        self.tick(self.workers)

    def tick(self, workers: int) -> None:
        """Show the present state: how many workers there are, and the time that passes."""
        if workers != self.workers:
            self.workers = workers
            self._estimate()
        if self.bar is not None:
            self.bar.n = self.total - sum(self.left.values())
            self.bar.set_postfix_str(f"{self.workers} workers{self._rest()}" + (f", {self.failed} failed" if self.failed else ""))

    def say(self, text: str) -> None:
        """A line of its own."""
        if self.bar is None:
            print(text, file=self.stream, flush=True)
        else:
            tqdm.write(text, file=self.stream)

    def close(self) -> None:
        """Nothing moves any longer."""
        if self.bar is not None:
            self.bar.close()

    def _estimate(self) -> None:
        """The moment when all is done: what is left at the mean time of its kind, side by side on all workers."""
        unknown = [kind for kind, count in self.left.items() if count and not self.seconds[kind]]
        if unknown or not self.workers:
            self.ends = None
            return
        means = {kind: sum(taken) / len(taken) for kind, taken in self.seconds.items() if taken}
        self.ends = self.clock() + sum(count * means.get(kind, 0.0) for kind, count in self.left.items()) / self.workers

    def _rest(self) -> str:
        if not self.workers:
            return ", waiting for a worker"
        if self.ends is None or not any(self.left.values()):
            return ""
        minutes, seconds = divmod(round(max(0.0, self.ends - self.clock())), 60)
        return f", about {minutes} min {seconds:02d} s left"

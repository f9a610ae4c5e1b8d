"""benchmark.json: what was measured, on which machine, with which versions; written and read."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from reecho import provenance
from reecho.benchmark.rounds import Row
from reecho.benchmark.subjects import SUBJECTS
from reecho.errors import ReechoError

FILE, PAGE = "benchmark.json", "benchmark.html"
_SCHEMA = 1


@dataclass(frozen=True)
class Result:
    """One subject as it stands in benchmark.json.

    Args:
        name: a key of SUBJECTS.
        seconds: that its process took, start and warm-up included.
        failure: why it could not be measured, None where it was.
        notes: sentences on how it was measured.
        titles: identifier → name for readers.
        rows: what was measured.
    """

    name: str
    seconds: float
    failure: str | None
    notes: list[str]
    titles: dict[str, str]
    rows: list[Row]

    def plain(self) -> dict[str, Any]:
        """The result as plain values."""
        return {**vars(self), "rows": [row.plain() for row in self.rows]}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Result:
        """The result that `plain` made."""
        return cls(**{**plain, "rows": [Row.of(row) for row in plain["rows"]]})


@dataclass(frozen=True)
class Record:
    """All of benchmark.json.

    Args:
        header: "quick", "date", "processor", "cores", "memory_gib", "system", "busy" (cores at work for others before the start),
            "versions" and "commit".
        results: a subject each, those that were asked for.
    """

    header: dict[str, Any]
    results: list[Result]

    @property
    def left_out(self) -> list[str]:
        """The subjects that nobody asked for."""
        return [name for name in SUBJECTS if name not in {result.name for result in self.results}]

    def text(self) -> str:
        """The file's text."""
        content = {"schema": _SCHEMA, **self.header, "subjects": [result.plain() for result in self.results]}
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> Record:
    """The record in a file.

    Raises:
        ReechoError: there is none, or it is damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        results = [Result.of(plain) for plain in content.pop("subjects")]
        if content.pop("schema") != _SCHEMA:
            raise ValueError
    except FileNotFoundError:
        raise ReechoError(f"There is no {path}; `reecho benchmark` measures and writes it.") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ReechoError(f"{path} is damaged or of another version; `reecho benchmark` writes it anew.") from None
    return Record(content, results)


def header(quick: bool) -> dict[str, Any]:
    """What is said of the machine and of this moment, before anything is measured; it takes a second."""
    machine = provenance.machine()
    return {
        "quick": quick, "date": datetime.now().date().isoformat(), "processor": processor(), "cores": cores(),
        "memory_gib": machine.get("memory_gib"), "system": machine["system"],
        "busy": round(psutil.cpu_percent(interval=1.0) / 100 * (os.cpu_count() or 1), 1), "versions": provenance.versions(),
        "commit": provenance.commit(),
    }  # fmt: skip


def processor() -> str:
    """The processor's model, as the system names it."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name" and value.strip():
                return value.strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

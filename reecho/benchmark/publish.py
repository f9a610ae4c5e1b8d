"""Copy the benchmark into `reports/benchmark`, and its table into README.md."""

from __future__ import annotations

import shutil
from pathlib import Path

from reecho.benchmark import record, words
from reecho.context import BENCHMARK, Places
from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.pipeline import readme
from reecho.pipeline.publish import check_size
from reecho.settings import ROOT

BEGIN, END = "<!-- benchmark: written by `reecho publish --benchmark` from reports/benchmark -->", "<!-- end of benchmark -->"


def publish(places: Places, out: Path | None = None) -> Path:
    """Copy the last benchmark of `build/benchmark`; the one that was published before goes, the published run stays.

    Args:
        places: the machine's folders.
        out: the folder of all that is published; None: `reports/`, and README.md's table is written anew.

    Returns:
        The folder with the published benchmark.

    Raises:
        ReechoError: there is none; it is a quick one or lacks subjects; with it, more than 30 MB would be published.
    """
    out = out or ROOT / "reports"
    source, target = places.build / BENCHMARK, out / BENCHMARK
    measured = record.read(source / record.FILE)
    if measured.header["quick"]:
        raise ReechoError("The last benchmark is a quick one, of few rounds; `reecho benchmark` makes one that can be published.")
    if measured.left_out:
        raise ReechoError(
            f"The last benchmark lacks {', '.join(measured.left_out)}; `reecho benchmark` without --only measures all of it."
        )
    files = [source / name for name in (record.FILE, record.PAGE)]
    if missing := [file for file in files if not file.is_file()]:
        raise ReechoError(f"{missing[0]} is gone; `reecho benchmark` writes it anew.")
    others = [path for path in out.rglob("*") if path.is_file() and not path.is_relative_to(target)]
    check_size("The benchmark with the published run", [*files, *others])
    with written_aside(target) as aside:
        aside.mkdir()
        for file in files:
            shutil.copyfile(file, aside / file.name)
    if out == ROOT / "reports":
        readme.put(ROOT / "README.md", BEGIN, END, words.readme_table(measured))
    return target

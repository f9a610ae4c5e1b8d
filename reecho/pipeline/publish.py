"""Copy a finished run into `reports/`, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from reecho.context import BENCHMARK, Places
from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.pipeline import readme
from reecho.pipeline.finished import FINISHED, files_of, is_finished
from reecho.settings import ROOT

LARGEST = 30_000_000  # bytes of all that lies in reports/, which is kept in git


def publish(name: str = "full", out: Path | None = None, places: Places | None = None) -> Path:
    """Copy the HTML, PDF and results of a finished run; what was published before goes, but for the benchmark.

    The executed notebooks stay where they are: they hold every figure once more. README.md's table of results is written anew
    from it.

    Args:
        name: of the run.
        out: where to; None: `reports/`.
        places: the machine's folders; None: the standard ones.

    Returns:
        The folder with the published run.

    Raises:
        ReechoError: no such run, an unfinished one, or more than 30 MB with the published benchmark.
    """
    places, out = places or Places(), out or ROOT / "reports"
    folder = places.run_folder(name)
    if not is_finished(folder):
        there = "there is no run of this name" if not folder.is_dir() else "it did not go through to its end"
        raise ReechoError(
            f"The run {name!r} cannot be published: {there}. Finished runs: {', '.join(finished_runs(places)) or 'none'}. "
            f"`reecho report --name {name}` with the run's parameters finishes it."
        )
    files = [folder / entry for entry in files_of(folder) if not entry.startswith("notebooks/")]
    missing = [file for file in files if not file.is_file()]
    if missing:
        raise ReechoError(
            f"The run {name!r} cannot be published: {missing[0]} is gone. `reecho report --name {name}` with the run's parameters "
            "makes it again."
        )
    kept = sorted(path for path in (out / BENCHMARK).rglob("*") if path.is_file())
    check_size(f"The run {name!r}" + " with the published benchmark" * bool(kept), [*files, *kept])
    with written_aside(out) as aside:
        for file, relative in [(file, file.relative_to(folder)) for file in files] + [
            (file, file.relative_to(out)) for file in kept
        ]:
            target = aside / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    if out == ROOT / "reports":
        readme.update(ROOT / "README.md", out / "results.json")
    return out


def check_size(what: str, files: Sequence[Path]) -> None:
    """Look whether files are few bytes enough to be published.

    Args:
        what: they are, for the sentence.
        files: all that would lie in reports/.

    Raises:
        ReechoError: they are not; the sentence names the largest.
    """
    sizes = {file: file.stat().st_size for file in files}
    total = sum(sizes.values())
    if total > LARGEST:
        largest = sorted(sizes, key=sizes.__getitem__, reverse=True)[:3]
        sentence = ", ".join(f"{file.name} {sizes[file] / 1e6:.1f} MB" for file in largest)
        raise ReechoError(
            f"{what} takes {total / 1e6:.1f} MB, and at most {LARGEST / 1e6:.0f} MB are published. Make its figures smaller; the "
            f"largest files are {sentence}."
        )


def finished_runs(places: Places) -> list[str]:
    """The names of the runs that can be published."""
    return sorted(path.parent.name for path in places.build.glob(f"*/{FINISHED}"))

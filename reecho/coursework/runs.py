"""Executed notebooks for the slides: which run they come from, and a lecture's notebook in it."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from reecho.context import Places
from reecho.errors import ReechoError
from reecho.report.executed import read
from reecho.settings import NOTEBOOKS


def folder(places: Places, run: str | None = None) -> Path | None:
    """The folder of the run whose figures are shown.

    Args:
        places: the machine's folders.
        run: a folder, or a run's name in `build/`; None: the run with figures for the most lectures, and of several the newest.

    Returns:
        None where no run was asked for and none is there. A published run has no executed notebooks, so it is never taken.

    Raises:
        ReechoError: the run that was asked for has no executed notebook.
    """
    if run is None:
        candidates = [path for path in places.build.glob("*") if _stems(path)] if places.build.is_dir() else []
        return max(candidates, key=lambda path: (len(_stems(path)), _newest(path)), default=None)
    for path in (Path(run).expanduser(), places.build / run):
        if _stems(path):
            return path
    raise ReechoError(
        f"{run} holds no executed notebooks; name a run's folder, such as build/full (a published run keeps no notebooks)."
    )


def executed(run: Path | None, stem: str) -> NotebookNode | None:
    """A notebook as a run executed it, None where the run has none; of one that runs once a task that for reconstruction.

    Args:
        run: the run's folder, or None.
        stem: the notebook's name without suffix.
    """
    path = _executed(run, stem) if run else None
    return read(path) if path else None


def _executed(run: Path, stem: str) -> Path | None:
    candidates = [run / "notebooks" / f"{name}.ipynb" for name in (stem, f"{stem}_reconstruction")]
    candidates += sorted((run / "notebooks").glob(f"{stem}_*.ipynb"))
    return next((path for path in candidates if path.is_file()), None)


def _stems(run: Path) -> list[str]:
    return [stem for stem in NOTEBOOKS if _executed(run, stem)]


def _newest(run: Path) -> float:
    return max(path.stat().st_mtime for path in (run / "notebooks").glob("*.ipynb"))

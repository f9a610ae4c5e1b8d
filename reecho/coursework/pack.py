"""The pack of a course: a folder with notebooks, slides, a plan, a project, and in the teacher's part solutions and a rubric."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from reecho.context import Places
from reecho.coursework import minutes as duration
from reecho.coursework import runs, slides
from reecho.coursework.exercises import points, students, teachers, with_parameters
from reecho.coursework.lectures import Lecture, lecture
from reecho.coursework.paths import PATHS, table
from reecho.coursework.rubric import rubric
from reecho.data.split import FEWEST
from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.report import html
from reecho.report.head import policy, stylesheet
from reecho.settings import NOTEBOOKS, notebooks_dir


def write(
    folder: Path, parameters: Mapping[str, Any] | None = None, run: str | None = None, places: Places | None = None
) -> list[Path]:
    """Write the pack of a course.

    Args:
        folder: a new or an empty one; it gets `students/`, `teacher/`, `slides/`, the plan, the project and `README.md`.
        parameters: by name; they are written into the notebooks that have them.
        run: the run whose figures the slides show, a folder or a name in `build/`; None: see `runs.folder`.
        places: the machine's folders; None: the standard ones.

    Returns:
        The notebooks written, the students' version of each before the teacher's.

    Raises:
        ReechoError: the folder holds something or is the current one, a parameter's value is impossible, a notebook or the lecture
            on it is missing, or the run has no executed notebooks.
    """
    folder = Path(folder).absolute()
    if folder.exists() and (not folder.is_dir() or folder.samefile(Path.cwd()) or any(folder.iterdir())):
        raise ReechoError(f"{folder} is there already, not empty or in use; name a new folder for the coursework.")
    notebooks = {stem: _notebook(stem, parameters or {}) for stem in NOTEBOOKS}
    lectures = {stem: lecture(stem) for stem in notebooks}
    shown = runs.folder(places or Places(), run)
    pairs = [(stem, who) for stem in notebooks for who in _VERSIONS]
    versions = {f"{who}/{stem}.ipynb": _VERSIONS[who](notebooks[stem]) for stem, who in pairs}
    with written_aside(folder) as aside:
        for name, notebook in versions.items():
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, aside / name)
        for name, text in _texts(lectures, notebooks, shown).items():
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            (aside / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in versions]


_VERSIONS = {"students": students, "teacher": teachers}


def _notebook(stem: str, parameters: Mapping[str, Any]) -> NotebookNode:
    source = notebooks_dir() / f"{stem}.ipynb"
    if not source.is_file():
        raise ReechoError(f"{source} is not there; get it from the repository again.")
    return with_parameters(nbformat.read(source, as_version=4), stem, parameters)


def _texts(lectures: Mapping[str, Lecture], notebooks: Mapping[str, NotebookNode], run: Path | None) -> dict[str, str]:
    """All files of the pack that are no notebooks: name → text. Each document is there to change, and as a page to read."""
    pages, minutes, numbers = {}, {}, {}
    for stem, notebook in notebooks.items():
        executed = runs.executed(run, stem)
        minutes[stem] = duration.of(notebook, executed)
        held = slides.of(lectures[stem], notebook, executed, minutes[stem])
        numbers[stem] = len(held)
        pages[f"slides/{stem}.html"] = slides.page(stem, held, slides.banners(executed))
    course = _filled(
        "course.md", origin=_origin(minutes, run), minutes=_minutes_table(lectures, minutes, numbers), stated=duration.STATED,
        lectures="\n\n".join(map(_outline, lectures.values())),
        **{f"path {weeks}": table(path, minutes) for weeks, path in PATHS.items()},
    )  # fmt: skip
    documents = {
        "README": _filled("README.md", table=_points_table(notebooks), fewest=str(slides.FEWEST), most=str(slides.MOST)),
        "course": course,
        "project": _filled("project.md", fewest=str(sum(FEWEST.values()))), "teacher/rubric": rubric(lectures, notebooks),
    }  # fmt: skip
    return pages | {f"{name}.md": text for name, text in documents.items()} | _as_pages(documents)


def _filled(name: str, **parts: str) -> str:
    """A text of `templates/` with each `{{name}}` in it replaced."""
    text = (slides.TEMPLATES / name).read_text(encoding="utf-8")
    for part, content in parts.items():
        text = text.replace("{{" + part + "}}", content)
    return text


def _points_table(notebooks: Mapping[str, NotebookNode]) -> str:
    lines = ["| notebook | points | by tests | by hand |", "| --- | --- | --- | --- |"]
    for stem, notebook in notebooks.items():
        tested, read = points(notebook)
        lines.append(f"| `{stem}` | {tested + read} | {tested} | {read} |")
    return "\n".join(lines)


def _minutes_table(
    lectures: Mapping[str, Lecture], minutes: Mapping[str, duration.Minutes], numbers: Mapping[str, int]
) -> str:  # fmt: skip
    lines = [
        "| page | lecture | words | figures | tables | reading | exercises | slides |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for stem, took in minutes.items():
        link = f"[{numbers[stem]}\u00a0slides](slides/{stem}.html)"
        counts = f"{took.words:,} | {took.figures} | {took.tables} | {took.reading} min | {took.working} min"
        lines.append(f"| `{stem}` | {lectures[stem].title} | {counts} | {link} |")
    reading, working = (sum(getattr(took, kind) for took in minutes.values()) for kind in ("reading", "working"))
    return "\n".join([*lines, f"| in all |  |  |  |  | {reading} min | {working} min |  |"])


def _outline(words: Lecture) -> str:
    return f"### {words.stem}: {words.title}\n\nGoals:\n\n{words.goals}\n\nKnow before:\n\n{words.prerequisites}"


def _origin(minutes: Mapping[str, duration.Minutes], run: Path | None) -> str:
    """Where figures and counts come from, a sentence."""
    measured = sum(took.measured for took in minutes.values())
    if not run or not measured:
        return "No run was there when this pack was made: words are those of the notebooks' text, figures the calls in their code."
    counted = f"The figures of the slides and the counts below are those of the run `{run.name}`"
    rest = ", ".join(f"`{stem}`" for stem, took in minutes.items() if not took.measured)
    return counted + (f"; not in that run, and counted from the notebook's text and code: {rest}." if rest else ".")


def _as_pages(documents: Mapping[str, str]) -> dict[str, str]:
    """Documents as pages: name → HTML."""
    *bodies, _ = html.markdown_to_html([*documents.values(), ""])
    shown = [slides.scrolling(body) for body in bodies]
    return {
        f"{name}.html": html.filled(
            "document.html.j2", slides.TEMPLATES, css=stylesheet(body), policy=policy(), title=_title(text), body=body
        )
        for (name, text), body in zip(documents.items(), shown, strict=True)
    }


def _title(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")

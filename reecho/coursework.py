"""Exercises for a class: each notebook in a version for students and one for the teacher.

The exercises lie in the notebooks, solved, in cells with nbgrader's metadata and two tags that keep a run from executing them and
a page from showing them; so a report shows the questions alone, and whoever runs a notebook by hand runs solutions that pass.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from reecho.errors import ReechoError
from reecho.files import written_aside
from reecho.settings import NOTEBOOKS, notebooks_dir, resolve

SKIPPED, HIDDEN = "skip-execution", "remove-cell"  # nbclient does not run the one, our pages do not show the other
CODE_STUB, TEXT_STUB = "# YOUR CODE HERE\nraise NotImplementedError()", "YOUR ANSWER HERE"  # nbgrader's own
_SOLUTION = re.compile(r"^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION$", re.MULTILINE | re.DOTALL)
_HIDDEN_TESTS = re.compile(r"\n?^[ \t]*### BEGIN HIDDEN TESTS\n.*?^[ \t]*### END HIDDEN TESTS$", re.MULTILINE | re.DOTALL)
_README = """# reecho: exercises

| notebook | points | by tests | by hand |
| --- | --- | --- | --- |
{table}

`students/` holds the notebooks to hand out, without solutions; their tests fail until a solution is there. `teacher/` holds the
same with the solutions, with tests that students do not see, and with an example of a good answer to each open question.

**What is needed.** The package reecho in the environment that Jupyter runs in: `python3 run.py lab` in a clone makes it. Then the
notebooks run anywhere: `cd students`, `jupyter lab`. The exercises need nothing of the report above them: students may go to
"Exercises" and run from there. Nothing is trained; each cell takes seconds.

**With nbgrader**, installed in the same environment, for an assignment `ps1`:

1. Copy the notebook of the lecture from `teacher/` to your course's `source/ps1/`.
2. `nbgrader generate_assignment ps1`, `nbgrader release_assignment ps1`: nbgrader makes its own version for students of it, the
   same as that in `students/`.
3. Run one of the notebooks once on the machine that grades, so that the faces lie ready: nbgrader stops a cell after 30 seconds.
4. `nbgrader collect ps1`, `nbgrader autograde ps1`: only the exercises run, the report above them is marked to be skipped. The
   open question is graded by hand, in `nbgrader formgrader`. A submission in which a student has copied a whole exercise cell is
   dropped by nbgrader, since two cells then have one `grade_id`: ask for the copy to be deleted, or for new cells to be used.

**By hand.** Give out `students/`. To grade, run a student's exercises and look which test cells end without an error; the points
of each cell stand in its metadata. Tests that students do not see stand in the same cells of `teacher/`.
"""


def write(folder: Path, parameters: Mapping[str, Any] | None = None) -> list[Path]:
    """Write both versions of every notebook, and a README that says how to hand them out.

    Args:
        folder: a new or an empty one; it gets `students/`, `teacher/` and `README.md`.
        parameters: by name; they are written into the notebooks that have them.

    Returns:
        The notebooks written, the students' version of each before the teacher's.

    Raises:
        ReechoError: the folder holds something or is the current one, a parameter's value is impossible, or a notebook is missing.
    """
    folder = Path(folder).absolute()
    if folder.exists() and (not folder.is_dir() or folder.samefile(Path.cwd()) or any(folder.iterdir())):
        raise ReechoError(f"{folder} is there already, not empty or in use; name a new folder for the coursework.")
    notebooks: dict[str, NotebookNode] = {}
    rows = []
    for stem in NOTEBOOKS:
        source = notebooks_dir() / f"{stem}.ipynb"
        if not source.is_file():
            raise ReechoError(f"{source} is not there; get it from the repository again.")
        notebook = with_parameters(nbformat.read(source, as_version=4), stem, parameters or {})
        notebooks |= {f"students/{source.name}": students(notebook), f"teacher/{source.name}": teachers(notebook)}
        tested, read = points(notebook)
        rows.append(f"| `{stem}` | {tested + read} | {tested} | {read} |")
    with written_aside(folder) as aside:
        for name, notebook in notebooks.items():
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, aside / name)
        (aside / "README.md").write_text(_README.format(table="\n".join(rows)), encoding="utf-8", newline="\n")
    return [folder / name for name in notebooks]


def with_parameters(notebook: NotebookNode, stem: str, parameters: Mapping[str, Any]) -> NotebookNode:
    """A notebook with a cell that sets those of the parameters which it has, as papermill would put it there."""
    own = {name: value for name, value in parameters.items() if name in NOTEBOOKS[stem]}
    resolve(stem, own)
    notebook = copy.deepcopy(notebook)
    if own:
        lines = "\n".join(f"{name} = {value!r}" for name, value in own.items())
        cell = new_code_cell(f"# Parameters\n{lines}", id=f"{stem[:2]}-given", metadata={"tags": ["injected-parameters"]})
        (place,) = (number for number, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", ()))
        notebook.cells.insert(place + 1, cell)
    return notebook


def teachers(notebook: NotebookNode) -> NotebookNode:
    """The teacher's version of a notebook from `notebooks/`: exercises that run and show, a report that is read and not run.

    The report's code keeps its place, tagged so that nbgrader skips it (JupyterLab does not); what follows the exercises, the
    provenance of a run, is left out.
    """
    version, last = copy.deepcopy(notebook), max(number for number, cell in enumerate(notebook.cells) if is_exercise(cell))
    version.cells = [cell for number, cell in enumerate(version.cells) if number <= last or cell.cell_type == "markdown"]
    for cell in version.cells:
        tags = [tag for tag in cell.metadata.pop("tags", ()) if tag not in (SKIPPED, HIDDEN)]
        if is_exercise(cell):
            cell.metadata.pop("jupyter", None)  # folded in notebooks/
        elif cell.cell_type == "code" and not {"parameters", "injected-parameters"} & set(tags):
            tags.append(SKIPPED)
        if tags:
            cell.metadata["tags"] = tags
    return version


def students(notebook: NotebookNode) -> NotebookNode:
    """The students' version of a notebook from `notebooks/`: as nbgrader makes it of the teacher's.

    Solutions give way to stubs, hidden tests are gone, texts and tests cannot be edited, nor any cell of an exercise be deleted.
    """
    version = teachers(notebook)
    for cell in filter(is_exercise, version.cells):
        about = cell.metadata.nbgrader
        if about.solution:
            cell.source = without_solution(cell.source) if cell.cell_type == "code" else TEXT_STUB
        elif about.grade:
            cell.source = _HIDDEN_TESTS.sub("", cell.source)
        cell.metadata["deletable"] = False
        if about.locked:
            cell.metadata["editable"] = False
    return version


def without_solution(source: str) -> str:
    """A solution cell's source with nbgrader's stub in place of each solution.

    Example:
        >>> print(without_solution("def one():\\n    ### BEGIN SOLUTION\\n    return 1\\n    ### END SOLUTION"))
        def one():
            # YOUR CODE HERE
            raise NotImplementedError()
    """
    return _SOLUTION.sub(lambda match: "\n".join(match[1] + line for line in CODE_STUB.splitlines()), source)


def points(notebook: NotebookNode) -> tuple[int, int]:
    """The points of a notebook's exercises: what tests give, and what is given by hand."""
    graded = [cell.metadata.nbgrader for cell in filter(is_exercise, notebook.cells) if cell.metadata.nbgrader.grade]
    tested, read = (sum(about.points for about in graded if about.solution == by_hand) for by_hand in (False, True))
    return tested, read


def is_exercise(cell: NotebookNode) -> bool:
    """Whether a cell belongs to an exercise, that is, has nbgrader's metadata."""
    return "nbgrader" in cell.metadata

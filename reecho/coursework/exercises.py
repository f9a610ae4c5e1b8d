"""Exercises of a notebook in a version for students and one for the teacher.

The exercises lie in the notebooks, solved, in cells with nbgrader's metadata and two tags that keep a run from executing them and
a page from showing them; so a report shows the questions alone, and whoever runs a notebook by hand runs solutions that pass.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from reecho.settings import NOTEBOOKS, resolve

SKIPPED, HIDDEN = "skip-execution", "remove-cell"  # nbclient does not run the one, our pages do not show the other
CODE_STUB, TEXT_STUB = "# YOUR CODE HERE\nraise NotImplementedError()", "YOUR ANSWER HERE"  # nbgrader's own
_SOLUTION = re.compile(r"^([ \t]*)### BEGIN SOLUTION\n.*?^[ \t]*### END SOLUTION$", re.MULTILINE | re.DOTALL)
_HIDDEN_TESTS = re.compile(r"\n?^[ \t]*### BEGIN HIDDEN TESTS\n.*?^[ \t]*### END HIDDEN TESTS$", re.MULTILINE | re.DOTALL)


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
    version, last = copy.deepcopy(notebook), _last_exercise(notebook)
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


def open_question(notebook: NotebookNode) -> tuple[NotebookNode, NotebookNode] | None:
    """The question of a notebook that is graded by hand, its cell and the cell of its good answer; None where there is none."""
    texts: dict[str, NotebookNode] = {}
    for cell in filter(is_exercise, notebook.cells):
        number = cell.metadata.nbgrader.grade_id.rpartition("-")[0]
        if cell.cell_type == "markdown" and cell.metadata.nbgrader.solution:
            return texts[number], cell
        texts.setdefault(number, cell)
    return None


def headings(notebook: NotebookNode) -> list[tuple[str, int]]:
    """The exercises of a notebook: what each is called, and its points."""
    pattern = re.compile(r"^### Exercise \d+: (.+) \((\d+) points?\)$", re.MULTILINE)
    texts = (cell.source for cell in filter(is_exercise, notebook.cells) if cell.cell_type == "markdown")
    return [(title, int(number)) for text in texts for title, number in pattern.findall(text)]


def _last_exercise(notebook: NotebookNode) -> int:
    """The place of the last cell of an exercise; of a notebook without exercises that of its last cell."""
    return max((number for number, cell in enumerate(notebook.cells) if is_exercise(cell)), default=len(notebook.cells) - 1)

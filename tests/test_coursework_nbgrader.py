"""nbgrader's whole round on the pack: generate, release, submit, collect, autograde, feedback; and a student who copied a cell."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from reecho import coursework
from reecho.context import Places

STEM, ASSIGNMENT = "01_data", "ps1"
POINTS = {"right": 7.0, "half": 3.0, "wrong": 0.0}
ROUND = """
import json, pathlib, sys
from traitlets.config import Config
from nbgrader.apps import NbGraderAPI
from nbgrader.exchange.default import ExchangeCollect, ExchangeFetchAssignment, ExchangeSubmit

step, root = sys.argv[1:]
config = Config()
config.CourseDirectory.update(root=f"{root}/course", course_id="vae", assignment_id="ps1")
config.Exchange.update(root=f"{root}/exchange", assignment_dir=f"{root}/student")
api = NbGraderAPI(config=config)
answers = {}

def through_exchange(kind):
    kind(coursedir=api.coursedir, authenticator=api.authenticator, config=config).start()

if step == "release":
    answers["all"] = api.generate_assignment("all")
    answers["generate"], answers["release"] = api.generate_assignment("ps1"), api.release_assignment("ps1")
    if answers["release"]["success"]:
        through_exchange(ExchangeFetchAssignment)
elif step == "round":
    through_exchange(ExchangeSubmit)
    through_exchange(ExchangeCollect)
if step != "release":
    for name in sorted(path.name for path in pathlib.Path(root, "course", "submitted").iterdir()):
        answers[name] = {"autograde": api.autograde("ps1", name)} if step == "round" else {}
        answers[name]["feedback"] = api.generate_feedback("ps1", name)
        with api.gradebook as book:
            answers[name]["score"] = book.find_submission("ps1", name).score
print("ANSWERS" + json.dumps(answers))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="nbgrader's exchange of assignments does not exist on Windows"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A course with its exchange, the pack beside it, and a student who fetched the assignment."""
    root = tmp_path_factory.mktemp("nbgrader")
    coursework.write(root / "pack", {"preset": "smoke", "dataset": "synthetic"}, places=Places(build=root / "none"))
    shutil.copytree(root / "pack" / "teacher", root / "course" / "source" / "all", ignore=shutil.ignore_patterns("rubric*"))
    for folder in ("course/source/ps1", "exchange", "student"):
        (root / folder).mkdir(parents=True)
    (root / "exchange").chmod(0o777)
    shutil.copy(root / "pack" / "teacher" / f"{STEM}.ipynb", root / "course" / "source" / ASSIGNMENT)
    answers = nbgrader("release", root)
    assert all(answer["success"] for answer in answers.values()), answers
    shutil.copy(root / "student" / ASSIGNMENT / f"{STEM}.ipynb", root / "fetched.ipynb")
    return root


def nbgrader(step: str, root) -> dict:
    """One step of the round in a process of its own, whose folders and settings are those of the test alone."""
    done = subprocess.run(
        [sys.executable, "-c", ROUND, step, str(root)], capture_output=True, text=True, env=environment(root), cwd=root
    )
    assert "ANSWERS" in done.stdout, done.stderr[-3000:]
    return json.loads(done.stdout.rpartition("ANSWERS")[2])


def environment(root) -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader starts alembic by its name
    own = {"REECHO_DATA": str(root / "data"), "REECHO_BUILD": str(root / "build"), "HOME": str(root), "PATH": path}
    return dict(os.environ) | own


def fetched(root):
    return nbformat.read(root / "fetched.ipynb", as_version=4)


def solutions(root):
    solved = nbformat.read(root / "pack" / "teacher" / f"{STEM}.ipynb", as_version=4)
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in solved.cells if coursework.is_exercise(cell)}


def answered(root, who: str):
    """The fetched notebook as a student fills it in: all right, the first exercise alone right, or all wrong."""
    notebook, solved = fetched(root), solutions(root)
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if not about.get("solution"):
            continue
        if who == "right" or (who in ("half", "copied") and about.grade_id == f"{STEM[:2]}-e1-solution"):
            cell.source = solved[about.grade_id]
        elif about.cell_type == "markdown":
            cell.source = "I do not know."
        elif about.grade_id.endswith("e1-solution"):
            cell.source = "both = expected = 0.9"
        else:
            cell.source = cell.source.replace("# YOUR CODE HERE\n    raise NotImplementedError()", "return -1.0")
    return notebook


def submit(root, who: str, notebook) -> None:
    folder = root / "course" / "submitted" / who / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{STEM}.ipynb")


def test_nbgrader_makes_the_students_versions_that_the_pack_holds(root):
    for path in (root / "pack" / "students").iterdir():
        ours, theirs = (
            nbformat.read(folder / path.name, as_version=4).cells for folder in (path.parent, root / "course/release/all")
        )
        assert [cell.source for cell in theirs] == [cell.source for cell in ours], path.name
    assert [cell.source for cell in fetched(root).cells] == [
        cell.source for cell in nbformat.read(root / "pack" / "students" / f"{STEM}.ipynb", as_version=4).cells
    ]


def test_the_whole_round_gives_the_points_that_answers_deserve(root):
    nbformat.write(answered(root, "right"), root / "student" / ASSIGNMENT / f"{STEM}.ipynb")
    for who in ("half", "wrong"):
        submit(root, who, answered(root, who))
    graded = nbgrader("round", root)  # "right" goes through the exchange, under the name of whoever runs this
    assert all(answer[step]["success"] for answer in graded.values() for step in ("autograde", "feedback")), graded
    scores = {who: answer["score"] for who, answer in graded.items()}
    assert {who: scores.pop(who) for who in ("half", "wrong")} == {"half": POINTS["half"], "wrong": POINTS["wrong"]}
    assert list(scores.values()) == [POINTS["right"]]
    for who in graded:
        page = (root / "course" / "feedback" / who / ASSIGNMENT / f"{STEM}.html").read_text(encoding="utf-8")
        assert f"{STEM[:2]}-e2" in page or "Exercise 2" in page
    shutil.rmtree(root / "course" / "submitted")


def test_a_copied_cell_stops_nbgrader_and_the_readmes_way_out_mends_it(root):
    """What the pack's README says of it: the sentences that nbgrader prints, and the script that makes an ordinary cell of it."""
    notebook = answered(root, "copied")
    place = next(number for number, cell in enumerate(notebook.cells) if cell.get("id") == f"{STEM[:2]}-e1-solution")
    copied = copy.deepcopy(notebook.cells[place])
    copied.id = "a-copy"
    notebook.cells[place].source = "# my answer is below"
    notebook.cells.insert(place + 1, copied)
    submit(root, "copied", notebook)
    submit(root, "zoe", answered(root, "half"))  # later in the alphabet
    done, graded = autograde_all(root)
    assert done.returncode != 0 and graded == []
    readme = (root / "pack" / "README.md").read_text(encoding="utf-8")
    said = " ".join((done.stdout + done.stderr).split())
    for sentence in re.findall(r"`([^`]*(?:exists multiple times|old version)[^`]*)`", " ".join(readme.split())):
        assert sentence in said
    (script,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    mended = subprocess.run([sys.executable, "-c", script], cwd=root / "course", capture_output=True, text=True, check=True)
    assert mended.stdout.splitlines() == [f"submitted/copied/ps1/{STEM}.ipynb: an earlier 01-e1-solution is an ordinary cell now"]
    done, graded = autograde_all(root)
    assert done.returncode == 0 and graded == ["copied", "zoe"], done.stderr[-3000:]
    feedback = nbgrader("feedback", root)
    assert {who: answer["score"] for who, answer in feedback.items()} == {"copied": POINTS["half"], "zoe": POINTS["half"]}


def autograde_all(root):
    """`nbgrader autograde ps1` for everybody: how it ended, and whose work is graded."""
    shutil.rmtree(root / "course" / "autograded", ignore_errors=True)
    settings = [f"--CourseDirectory.root={root / 'course'}", "--course=vae"]
    command = [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT, *settings]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(root), cwd=root / "course")
    return done, sorted(path.name for path in (root / "course").glob("autograded/*"))

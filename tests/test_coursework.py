"""Coursework: exercises that nbgrader takes, solutions that pass, stubs that fail, pages and runs without either."""

from __future__ import annotations

import ast
import copy
import json
import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from reecho import coursework
from reecho.__main__ import main
from reecho.context import Places
from reecho.dependencies import cells_of
from reecho.errors import ReechoError
from reecho.pipeline.execute import execute
from reecho.report import html, pdf
from reecho.settings import NOTEBOOKS, notebooks_dir

STEMS = tuple(NOTEBOOKS)
SMALL = {"preset": "smoke", "dataset": "synthetic"}
NO_RUN = Places(build=Path("no-such-folder").absolute())
PAGES = {f"{name}.{kind}" for name in ("README", "course", "project", "teacher/rubric") for kind in ("md", "html")}
PAGES |= {f"slides/{stem}.html" for stem in STEMS}
TYPES = {"schema_version": int, "grade": bool, "solution": bool, "locked": bool, "task": bool, "grade_id": str, "cell_type": str}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The coursework for small synthetic faces, and a folder where these are kept."""
    folder = tmp_path_factory.mktemp("class")
    coursework.write(folder / "coursework", SMALL, places=NO_RUN)
    return folder / "coursework", folder / "data"


def source_of(stem):
    return nbformat.read(notebooks_dir() / f"{stem}.ipynb", as_version=4)


def exercises(notebook):
    return [cell for cell in notebook.cells if coursework.is_exercise(cell)]


def graded_code(notebook):
    return [cell for cell in exercises(notebook) if cell.cell_type == "code" and cell.metadata.nbgrader.grade]


def check_metadata(notebook):
    """What nbgrader's schema of version 3 and its validator ask of a notebook."""
    ids = [cell.metadata.nbgrader.grade_id for cell in exercises(notebook)]
    assert len(set(ids)) == len(ids)
    for cell in exercises(notebook):
        about = cell.metadata.nbgrader
        assert set(about) - {"points"} == set(TYPES)
        assert all(type(about[name]) is kind for name, kind in TYPES.items())
        assert about.schema_version == 3 and about.cell_type == cell.cell_type and not about.task
        assert re.fullmatch(r"[a-zA-Z0-9_\-]+", about.grade_id)
        assert about.grade or about.solution or about.locked
        assert ("points" in about) == about.grade and (not about.grade or about.points > 0)
        assert about.locked == (not about.solution)
        if cell.cell_type == "markdown":
            assert about.grade == about.solution


@pytest.mark.parametrize("stem", STEMS)
def test_the_metadata_are_as_nbgrader_wants_them(stem, written):
    check_metadata(source_of(stem))
    for version in ("students", "teacher"):
        notebook = nbformat.read(written[0] / version / f"{stem}.ipynb", as_version=4)
        nbformat.validate(notebook)
        check_metadata(notebook)


@pytest.mark.parametrize("stem", STEMS)
def test_every_exercise_has_a_text_a_solution_and_tests_and_its_points_stand_in_its_heading(stem):
    found = {}
    for cell in exercises(source_of(stem)):
        number, part = re.fullmatch(stem[:2] + r"-e(\d)-(\w+)(?:-\d)?", cell.id).groups()
        assert cell.metadata.nbgrader.grade_id == cell.id
        found.setdefault(number, {}).setdefault(part, []).append(cell)
    assert list(found) == ["0", "1", "2", "3"] and list(found.pop("0")) == ["setup"]
    by_hand = found.pop("3")
    assert list(by_hand) == ["text", "answer"]
    for parts in (*found.values(), by_hand):
        assert list(parts) in (["text", "solution", "test"], ["text", "answer"])
        (stated,) = re.findall(r"^### Exercise \d: .* \((\d+) points\)$", parts["text"][0].source, re.MULTILINE)
        assert int(stated) == sum(cell.metadata.nbgrader.points for cell in parts.get("test", parts.get("answer")))
    assert coursework.points(source_of(stem)) == (7, 3)


@pytest.mark.parametrize("stem", STEMS)
def test_solutions_and_tests_stand_between_nbgraders_marks(stem):
    for cell in exercises(source_of(stem)):
        about, source = cell.metadata.nbgrader, cell.source
        for what, here in (("SOLUTION", about.solution and cell.cell_type == "code"), ("HIDDEN TESTS", about.grade)):
            marks = re.findall(rf"### (BEGIN|END) {what}$", source, re.MULTILINE)
            assert marks == ["BEGIN", "END"] * (len(marks) // 2) and (not marks or here)
        if cell.cell_type == "code" and about.solution:
            assert "### BEGIN SOLUTION" in source
        if cell.cell_type == "code" and about.grade:
            assert re.match(r"(?s).*assert .*### BEGIN HIDDEN TESTS\n.*assert .*### END HIDDEN TESTS$", source)


@pytest.mark.parametrize("stem", STEMS)
def test_nothing_of_a_solution_or_a_hidden_test_is_left_for_students(stem, written):
    path = written[0] / "students" / f"{stem}.ipynb"
    theirs = {cell.id: cell for cell in exercises(nbformat.read(path, as_version=4))}
    text = "\n".join(line.strip() for cell in theirs.values() for line in cell.source.splitlines())
    assert "SOLUTION" not in text and "HIDDEN" not in text
    for cell in exercises(source_of(stem)):
        hidden = re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)\s*### END", cell.source, re.DOTALL)
        if cell.cell_type == "markdown" and cell.metadata.nbgrader.solution:
            hidden = [cell.source]
            assert theirs[cell.id].source == "YOUR ANSWER HERE"
        for line in "\n".join(hidden).splitlines():
            assert len(line.strip()) < 12 or line.endswith("(") or line.strip() not in text
        if cell.metadata.nbgrader.solution and cell.cell_type == "code":
            assert theirs[cell.id].source.count("raise NotImplementedError()") == len(hidden) > 0
    assert all(cell.metadata.deletable is False for cell in theirs.values())


@pytest.mark.slow
@pytest.mark.parametrize("stem", STEMS)
def test_solutions_pass_their_tests_and_stubs_fail_them(stem, written, monkeypatch):
    folder, data = written
    monkeypatch.setenv("REECHO_DATA", str(data))
    theirs, solved = (nbformat.read(folder / who / f"{stem}.ipynb", as_version=4) for who in ("students", "teacher"))
    answers = exercises(copy.deepcopy(solved))[1:]  # in the same kernel, after the students'; the setup has run
    for cell in answers:
        cell.id += "-solved"
    theirs.cells += answers
    where = {"metadata": {"path": folder}}
    NotebookClient(theirs, timeout=300, allow_errors=True, kernel_name="python3", resources=where).execute()
    for cell in theirs.cells:
        errors = [output.evalue for output in cell.get("outputs", ()) if output.output_type == "error"]
        if coursework.is_exercise(cell) and cell.id.endswith("-solved"):
            assert not errors, cell.id
        elif cell in graded_code(theirs):
            assert errors, cell.id
        elif not coursework.is_exercise(cell):  # as nbgrader does: the report is there to be read, its parameters alone are run
            ran = cell.cell_type == "code" and cell.execution_count is not None
            assert ran == bool({"parameters", "injected-parameters"} & set(cell.metadata.get("tags", ())))
            assert not errors
    assert not [out for cell in answers if cell in graded_code(theirs) for out in cell.outputs if out.get("name") == "stderr"]


@pytest.mark.slow
def test_a_run_executes_no_exercise_and_a_page_shows_the_questions_alone(tmp_path):
    """One of the notebooks with its report cut down, through the pipeline's own executor and both writers."""
    notebook = source_of("05_generation")
    kept = [cell for cell in notebook.cells if coursework.is_exercise(cell) or cell.source.startswith(("# ", "## Exercises"))]
    notebook.cells = [*kept, nbformat.v4.new_code_cell("print('end of report', 'spread' in globals())")]
    nbformat.write(notebook, tmp_path / "small.ipynb")
    execute(tmp_path / "small.ipynb", tmp_path / "executed.ipynb", {}, {}, "small", tmp_path / "failed", os.environ)
    html.render(tmp_path / "executed.ipynb", tmp_path / "page.html")
    page = re.sub(r"<[^>]+>", "", (tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "end of report False" in page
    for number in (1, 2, 3):
        assert f"Exercise {number}: " in page
    for secret in ("BEGIN SOLUTION", "HIDDEN TESTS", "codes_of", "arcsin", "Recall pays", "assert "):
        assert secret not in page
    pdf.render([tmp_path / "executed.ipynb"], tmp_path / "book.pdf", "t")
    assert b"pdfuaid" in (tmp_path / "book.pdf").read_bytes()


@pytest.mark.parametrize("stem", STEMS)
def test_exercises_take_no_name_from_the_parameters_or_from_what_follows_them(stem):
    """So that "Run all" in notebooks/ ends well, and a second run of their setup reads the same settings."""
    cells, taken, needed = source_of(stem).cells, set(), set(NOTEBOOKS[stem])
    last = max(number for number, cell in enumerate(cells) if coursework.is_exercise(cell))
    for number, cell in enumerate(cells):
        if cell.cell_type == "code" and (number > last or coursework.is_exercise(cell)):
            names = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)]
            if number > last:
                needed |= {name.id for name in names} - {"run", "chosen", "faces"}
            else:
                taken |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
    assert not taken & needed


@pytest.mark.parametrize("stem", STEMS)
def test_in_the_source_notebooks_exercise_code_is_folded_skipped_and_not_shown(stem):
    for cell in exercises(source_of(stem)):
        shown = cell.cell_type == "markdown" and not cell.metadata.nbgrader.solution
        assert set(cell.metadata.get("tags", ())) == (set() if shown else {coursework.SKIPPED, coursework.HIDDEN})
        assert cell.metadata.get("jupyter", {}).get("source_hidden", False) is not shown


def test_another_solution_makes_no_report_run_again(tmp_path):
    notebook = source_of("02_training")
    nbformat.write(notebook, tmp_path / "one.ipynb")
    next(cell for cell in notebook.cells if cell.id == "02-e2-solution").source += "\n# another"
    nbformat.write(notebook, tmp_path / "two.ipynb")
    assert cells_of(tmp_path / "one.ipynb") == cells_of(tmp_path / "two.ipynb")
    next(cell for cell in notebook.cells if cell.id == "02-e2-text").source += " And?"
    nbformat.write(notebook, tmp_path / "two.ipynb")
    assert cells_of(tmp_path / "one.ipynb") != cells_of(tmp_path / "two.ipynb")


def test_the_folder_is_whole_and_parameters_go_to_the_notebooks_that_have_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REECHO_BUILD", str(tmp_path / "none"))
    assert main(["coursework", "class", "-p", "sigma=0.2"]) == 0
    names = {f"{who}/{stem}.ipynb" for who in ("students", "teacher") for stem in STEMS} | PAGES
    found = {path.relative_to(tmp_path / "class").as_posix() for path in (tmp_path / "class").rglob("*") if path.is_file()}
    assert found == names and [path.name for path in tmp_path.iterdir()] == ["class"]
    teacher = sorted((tmp_path / "class" / "teacher").glob("*.ipynb"))
    given = [path.stem for path in teacher if "sigma = 0.2" in path.read_text("utf-8")]
    assert given == ["04_denoising"]
    readme = (tmp_path / "class" / "README.md").read_text(encoding="utf-8")
    assert "| `03_reconstruction` | 10 | 7 | 3 |" in readme and "nbgrader generate_assignment" in readme
    assert "A student copies a whole exercise cell" in readme


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "mine.txt").write_text("mine")
    with pytest.raises(ReechoError, match="name a new folder"):
        coursework.write(tmp_path / "class", places=NO_RUN)
    with pytest.raises(ReechoError, match="name a new folder"):
        coursework.write(tmp_path / "class" / "mine.txt", places=NO_RUN)
    (tmp_path / "class" / "mine.txt").unlink()
    with pytest.raises(ReechoError, match="out of range"):
        coursework.write(tmp_path / "class", {"sigma": 7.0})
    assert list((tmp_path / "class").iterdir()) == []
    coursework.write(tmp_path / "class", places=NO_RUN)  # an empty folder will do
    assert len(list((tmp_path / "class" / "students").iterdir())) == len(STEMS)
    monkeypatch.chdir(tmp_path / "class" / "students")
    with pytest.raises(ReechoError, match="name a new folder"):
        coursework.write(".", places=NO_RUN)


def test_a_disk_that_fills_leaves_nothing(tmp_path, monkeypatch):
    def full(notebook, path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(nbformat, "write", full)
    with pytest.raises(ReechoError, match="The disk is full"):
        coursework.write(tmp_path / "class", places=NO_RUN)
    assert list(tmp_path.iterdir()) == []


def test_notebooks_written_name_no_path_of_this_machine(written):
    for path in written[0].rglob("*"):
        if path.is_file():
            assert str(notebooks_dir().parent) not in path.read_text(encoding="utf-8")
            assert path.suffix != ".ipynb" or json.loads(path.read_text(encoding="utf-8"))["nbformat_minor"] == 5

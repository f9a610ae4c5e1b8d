"""The house rules: who imports whom, the README's tree, TensorFlow only where it is needed, how notebooks are stored."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from reecho.settings import NOTEBOOKS, PARAMETERS, ROOT, default

PACKAGE = ROOT / "reecho"
BY_ALL = {"errors", "files", "provenance", "settings"}
MAY_IMPORT = {
    "errors": set(),
    "files": {"errors"},
    "parameters": {"errors"},
    "settings": {"errors", "parameters"},
    "provenance": {"settings"},
    "colour": set(),
    "pixels": set(),
    "components": set(),
    "gaussian": set(),
    "data": {"pixels"},
    "augment": {"data", "pixels"},
    "tasks": {"colour"},
    "model": {"gaussian"},
    "linear": {"components", "gaussian"},
    "initialise": {"gaussian", "linear", "model", "pixels"},
    "networks": {"colour", "components", "gaussian", "linear", "model", "pixels"},
    "shipped": {"model", "networks"},
    "storage": {"model", "networks"},
    "targets": set(),
    "training": {"augment", "data", "initialise", "linear", "model", "networks", "storage", "tasks"},
    "trained": {"data", "gaussian", "model", "networks", "shipped", "storage", "training"},
    "attributes": {"colour", "pixels"},
    "latent": {"components", "gaussian"},
    "timing": set(),
    "baselines": {"colour", "components", "gaussian", "metrics", "pixels", "timing"},
    "metrics": {"colour", "pixels"},
    "results": {"metrics", "timing"},
    "plots": set(),
    "report": {"plots", "results"},
    "apply": {"colour", "data", "tasks"},
    "coursework": set(),
    "compare": {"metrics", "pipeline", "plots", "report", "results"},
    "own_picture": {"data", "model", "networks", "report", "shipped", "tasks"},
    "faults": {"augment", "colour", "data", "initialise", "latent", "linear", "metrics", "model", "storage", "tasks", "trained"},
}
IMPORT_ALL = {"pipeline", "__main__"}
WITHOUT_TENSORFLOW = (
    "data", "metrics", "baselines", "report", "plots", "latent", "attributes", "results", "targets", "settings", "pipeline",
    "apply", "tasks", "colour", "pixels", "components", "gaussian", "linear", "coursework", "compare", "__main__",
)  # fmt: skip


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports_of(path: Path) -> set[str]:
    """The modules of reecho that a source file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("reecho.").split(".")[0] for alias in node.names if alias.name.startswith("reecho.")}
        elif isinstance(node, ast.ImportFrom) and node.module == "reecho":
            found |= {alias.name for alias in node.names if not alias.name.startswith("__")}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reecho."):
            found.add(node.module.split(".")[1])
    return found


SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
MODULES = sorted({module_of(path) for path in SOURCES})
STORED = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_modules_import_no_more_of_each_other_than_the_line_needs(path):
    module = module_of(path)
    if module in IMPORT_ALL:
        return
    allowed = MAY_IMPORT[module] | ({module} if module in BY_ALL else BY_ALL | {module})
    assert imports_of(path) <= allowed


def test_the_readme_and_the_package_name_every_module():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = re.search(r"├── reecho/.*?\n((?:│ .*\n)+)", readme).group(1)
    shown = {name.removesuffix(".py").rstrip("/") for name in re.findall(r"^│   [├└]── (\S+)", tree, re.MULTILINE)}
    assert shown == set(MODULES)
    stored = set(re.findall(r"[├└]── (\d\d_\w+\.ipynb)", readme))
    assert stored == {path.name for path in STORED} == {f"{stem}.ipynb" for stem in NOTEBOOKS}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_source_files_are_one_idea_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 320


def test_tensorflow_is_imported_only_by_what_needs_it():
    script = f"import importlib, sys\nfor name in {WITHOUT_TENSORFLOW}: importlib.import_module('reecho.' + name)\n"
    script += "print(','.join({'tensorflow', 'keras'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_ruff_has_nothing_to_say():
    done = subprocess.run([sys.executable, "-m", "ruff", "check", "--quiet", "."], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout


def code_lines(source: str) -> int:
    return sum(bool(line.strip()) for line in source.splitlines())


@pytest.fixture(params=STORED, ids=lambda path: path.stem)
def stored(request):
    notebook = nbformat.read(request.param, as_version=4)
    nbformat.validate(notebook)
    return request.param.stem, notebook


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_a_notebook_is_stored_without_outputs(stored):
    cells = code_cells(stored[1])
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)
    assert all("papermill" not in cell.metadata and "execution" not in cell.metadata for cell in cells)


def test_a_notebooks_parameters_are_literals_and_those_of_the_settings(stored):
    stem, notebook = stored
    cells = [cell for cell in code_cells(notebook) if "parameters" in cell.metadata.get("tags", [])]
    assert len(cells) == 1
    found = {}
    for statement in ast.parse(cells[0].source).body:
        assert isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name)
        found[statement.targets[0].id] = ast.literal_eval(statement.value)
    assert tuple(found) == NOTEBOOKS[stem]
    for name, value in found.items():
        wanted = default(stem, name)
        assert value == wanted or PARAMETERS[name].check(value) == PARAMETERS[name].check(wanted), name


def test_a_notebook_has_one_title_and_it_comes_first(stored):
    lines = [line for cell in stored[1].cells if cell.cell_type == "markdown" for line in cell.source.splitlines()]
    assert [line for line in lines if line.startswith("# ")] == [stored[1].cells[0].source.splitlines()[0]]


def test_a_notebooks_code_is_thin_and_explained(stored):
    others = [
        cell.source
        for cell in code_cells(stored[1])
        if "parameters" not in cell.metadata.get("tags", []) and "nbgrader" not in cell.metadata
    ]
    lengths = [code_lines(source) for source in others]
    assert max(lengths) <= 15 and statistics.median(lengths) <= 6
    for source in others:
        assert not any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(ast.parse(source)))
    words = sum(len(cell.source.split()) for cell in stored[1].cells if cell.cell_type == "markdown")
    assert words >= 4 * sum(lengths)


def test_an_exercise_is_as_short_and_only_its_solution_defines_a_function(stored):
    for cell in code_cells(stored[1]):
        if "nbgrader" in cell.metadata:
            assert code_lines(cell.source) <= 15
            defined = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
            assert not defined or (cell.metadata.nbgrader.solution and all(isinstance(node, ast.FunctionDef) for node in defined))


def test_a_notebook_does_not_say_that_it_is_easy(stored):
    text = "\n".join(cell.source for cell in stored[1].cells if cell.cell_type == "markdown")
    assert not re.findall(r"\b(simply|just|obviously)\b", text, re.IGNORECASE)

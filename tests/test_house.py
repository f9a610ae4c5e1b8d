"""The house rules: who imports whom, the README's tree, TensorFlow only where it is needed."""

from __future__ import annotations

import ast
import re
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
    "palette": set(),
    "plots": {"palette", "results"},
    "report": {"context", "palette", "plots", "results"},
    "apply": {"colour", "data", "tasks"},
    "coursework": set(),
    "compare": {"metrics", "pipeline", "plots", "report", "results"},
    "own_picture": {"data", "inputs", "model", "networks", "report", "shipped", "tasks"},
    "faults": {"augment", "colour", "data", "initialise", "latent", "linear", "metrics", "model", "storage", "tasks", "trained"},
}
IMPORT_ALL = {"pipeline", "__main__"}
WITHOUT_TENSORFLOW = (
    "data", "metrics", "baselines", "report", "plots", "palette", "latent", "attributes", "results", "targets", "settings",
    "pipeline", "apply", "tasks", "colour", "pixels", "components", "gaussian", "linear", "coursework", "compare", "__main__",
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


@pytest.mark.slow
def test_tensorflow_is_imported_only_by_what_needs_it():
    script = f"import importlib, sys\nfor name in {WITHOUT_TENSORFLOW}: importlib.import_module('reecho.' + name)\n"
    script += "print(','.join({'tensorflow', 'keras'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_a_notebooks_parameters_are_those_of_the_settings(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if "parameters" in cell.metadata.get("tags", [])]
    stored = {statement.targets[0].id: ast.literal_eval(statement.value) for statement in ast.parse(cells[0].source).body}
    assert tuple(stored) == NOTEBOOKS[path.stem]
    for name, value in stored.items():
        expected = default(path.stem, name)
        assert value == expected or PARAMETERS[name].check(value) == PARAMETERS[name].check(expected), name

"""The house rules: who imports whom, the README's tree, TensorFlow only where it is needed."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from reecho import dependencies
from reecho.settings import NOTEBOOKS, PARAMETERS, ROOT, default

PACKAGE = ROOT / "reecho"
LAYERS = [  # a module may import those above its own line and no others
    tuple(re.findall(r"`(\w+)`", line.partition(":")[2]))
    for line in re.findall(r"^\d+\. .*(?:\n {3,}.*)*", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.MULTILINE)
]
WITHOUT_TENSORFLOW = (
    "__main__", "apply", "attributes", "baselines", "benchmark.publish", "benchmark.run",
    "colour", "compare", "components", "context", "coursework", "data", "datasets",
    "dependencies", "evaluation", "gaussian", "inputs", "latent", "linear", "methods", "metrics", "networks.registry", "palette",
    "parameters", "pipeline", "pixels", "plots", "report", "results", "scoring", "settings", "sweep.run", "sweep.work",
    "targets", "tasks", "titles",
)  # fmt: skip


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports_of(path: Path) -> set[str]:
    """The modules of reecho that a source file imports, also inside functions."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {
                alias.name.removeprefix("reecho.").split(".")[0] for alias in node.names if alias.name.startswith("reecho.")
            }
        elif isinstance(node, ast.ImportFrom) and node.module == "reecho":
            imported |= {alias.name for alias in node.names if not alias.name.startswith("__")}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reecho."):
            imported.add(node.module.split(".")[1])
    return imported


SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
MODULES = sorted({module_of(path) for path in SOURCES})
STORED = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_every_module_stands_in_one_layer():
    assert sorted(module for layer in LAYERS for module in layer) == MODULES


def test_no_circle_of_imports_also_within_a_folder():
    """Files, not layers: those inside functions and for type checkers count as well."""
    sources = dependencies.Sources()
    imports = {module: _files_imported(sources, module) for module in sources.modules()}
    graphlib.TopologicalSorter(imports).prepare()  # raises a CycleError that names them


def _files_imported(sources: dependencies.Sources, module: str) -> set[str]:
    path, imported = sources.path(module), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            imported |= {name if sources.path(name) else node.module for name in inner}
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    return {name for name in imported - {module} if sources.path(name)}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_modules_import_only_what_stands_in_a_layer_above(path):
    module, above = module_of(path), set()
    for layer in LAYERS:
        if module in layer:
            break
        above |= set(layer)
    assert imports_of(path) <= above | {module}


def test_the_readme_and_the_package_name_every_module():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = re.search(r"├── reecho/.*?\n((?:│ .*\n)+)", readme).group(1)
    shown = [name.removesuffix(".py").rstrip("/") for name in re.findall(r"^│   [├└]── (\S+)", tree, re.MULTILINE)]
    assert sorted(shown) == MODULES  # each once
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

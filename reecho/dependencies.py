"""What a notebook, page, book or network depends on: the code that its imports lead to, read from the syntax tree, never imported.

A module's code counts without docstrings, comments, formatting and the annotations of functions, for these change no result.
Imports inside functions count, those for type checkers alone do not. `from reecho import plots` leads only to the modules behind
those names of the package that are used, where its `__init__` does nothing but gather names. A file that lies beside a module and
whose name stands in it as a text, such as a template, counts with the module.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent
_LONGEST_NAME = 80  # characters of a text that may be a file's name
_SKIPPED = "skip-execution"  # the tag of notebook cells that no run executes


@dataclass(frozen=True)
class Import:
    """One name that a module imports.

    Args:
        module: full name of the module it comes from.
        name: what is taken from there; None for the module itself.
        alias: the name that it has in the importing module.
    """

    module: str
    name: str | None
    alias: str


class Sources:
    """The modules of a package, as they are when they are first asked for.

    Args:
        root: the package's folder; its name is the package's.
    """

    def __init__(self, root: Path = PACKAGE):
        self.root, self.package = root, root.name
        self._paths: dict[str, Path | None] = {}
        self._facts: dict[str, Facts] = {}
        self._direct: dict[str, frozenset[str]] = {}
        self._code: dict[str, str] = {}

    def path(self, module: str) -> Path | None:
        """The file of a module of the package, None where there is none."""
        if module not in self._paths:
            parts = module.split(".")
            base = self.root.joinpath(*parts[1:])
            files = (base / "__init__.py", base.with_suffix(".py")) if parts[0] == self.package else ()
            self._paths[module] = next((path for path in files if path.is_file()), None)
        return self._paths[module]

    def facts(self, module: str) -> Facts:
        """What is read off a module of the package; nothing where there is no such module."""
        if module not in self._facts:
            path = self.path(module)
            self._facts[module] = _facts(*_state(path), module) if path else _NOTHING
        return self._facts[module]

    def modules(self) -> list[str]:
        """The names of all modules."""
        names = []
        for path in sorted(self.root.rglob("*.py")):
            parts = path.relative_to(self.root).with_suffix("").parts
            names.append(".".join((self.package, *(parts[:-1] if parts[-1] == "__init__" else parts))))
        return names

    def direct(self, module: str) -> frozenset[str]:
        """The modules of the package whose code a module uses itself."""
        if module not in self._direct:
            self._direct[module] = frozenset(self._used(self.facts(module)) - {module})
        return self._direct[module]

    def closure(self, modules: Iterable[str], without: Collection[str] = ()) -> set[str]:
        """The modules themselves and all that they lead to.

        Args:
            modules: full names, such as "reecho.training".
            without: modules that are left out, with what only they lead to, since their effect enters in another way.
        """
        reached: set[str] = set()
        waiting = [module for module in modules if module not in without]
        while waiting:
            module = waiting.pop()
            if module not in reached:
                reached.add(module)
                waiting += [used for used in self.direct(module) if used not in without]
        return reached

    def code(self, module: str) -> str:
        """What a module says to Python, and the files beside it that it names."""
        if module not in self._code:
            path = self.path(module)
            if path is None:
                return ""
            named = _named_files(self.facts(module).texts, path.parent)
            files = {file.relative_to(self.root).as_posix(): _digest(file.read_bytes()) for file in named}
            self._code[module] = json.dumps([self.facts(module).code, files], sort_keys=True)
        return self._code[module]

    def digest(self, modules: Iterable[str], without: Collection[str] = ()) -> str:
        """The code of the closure of some modules, as hex digits."""
        text = "\0".join(f"{module}\0{self.code(module)}" for module in sorted(self.closure(modules, without)))
        return _digest(text.encode())

    def libraries(self, modules: Iterable[str], without: Collection[str] = ()) -> dict[str, str]:
        """Versions of the distributions that the closure of some modules imports, Python's own among them."""
        names: set[str] = set()
        for module in self.closure(modules, without):
            names |= {entry.module.split(".")[0] for entry in self.facts(module).imports}
        return versions_of(names - {self.package})

    def of_notebook(self, notebook: Path) -> set[str]:
        """The modules of the package that a notebook's executed cells use."""
        return self._used(_notebook_facts(*_state(notebook)))

    def _used(self, facts: Facts) -> set[str]:
        entries = (entry for entry in facts.imports if entry.module.split(".")[0] == self.package)
        return {target for entry in entries for target in self._target(entry, facts.uses)}

    def _target(self, entry: Import, uses: Mapping[str, set[str] | None]) -> set[str]:
        """The modules behind one imported name."""
        if entry.name is None:
            return {entry.module} if self.path(entry.module) else set()
        inner = f"{entry.module}.{entry.name}"
        if not self.path(inner):
            return self._behind(entry.module, entry.name)
        names = uses.get(entry.alias, set())
        if names is None or not self._gathers(inner):
            return {inner}
        return {target for name in names for target in self._behind(inner, name)}

    def _behind(self, module: str, name: str) -> set[str]:
        """The modules where a name of a module is defined: of one that only gathers names, where it takes it from."""
        inner = f"{module}.{name}"
        if self.path(inner):
            return {inner}
        if not self.path(module):
            return set()
        if self._gathers(module):
            for entry in self.facts(module).imports:
                if entry.alias == name and entry.name and entry.module.split(".")[0] == self.package:
                    return self._behind(entry.module, entry.name)
        return {module}

    def _is_package(self, module: str) -> bool:
        path = self.path(module) if module else None
        return path is not None and path.name == "__init__.py"

    @functools.cache  # noqa: B019 (a handful of objects a process)
    def _gathers(self, module: str) -> bool:
        """Whether a module is an `__init__` of nothing but a docstring, imports and `__all__`."""
        if not self._is_package(module):
            return False
        for node in ast.parse(self.facts(module).code).body:
            if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
                continue
            targets = node.targets if isinstance(node, ast.Assign) else []
            if not (len(targets) == 1 and isinstance(targets[0], ast.Name) and targets[0].id == "__all__"):
                return False
        return True


def versions_of(imported: Iterable[str]) -> dict[str, str]:
    """The versions of the distributions that modules of these top-level names come from; what is not installed is left out."""
    by_import = _distributions()
    names = {name for module in imported for name in by_import.get(module, ())}
    return {"python": ".".join(map(str, sys.version_info[:2]))} | {name: _version(name) for name in sorted(names)}


@functools.cache
def _version(distribution: str) -> str:
    return metadata.version(distribution)


@functools.cache
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def cells_of(notebook: Path) -> str:
    """What a notebook's cells say, as hex digits: sources and tags, without outputs, ids, counts and cells that no run executes."""
    return _cells_of(*_state(notebook))


@functools.lru_cache(maxsize=64)
def _cells_of(path: Path, modified: int, size: int) -> str:
    contents = [(cell["cell_type"], cell["source"], cell["metadata"].get("tags", [])) for cell in _cells(path)]
    return _digest(json.dumps([content for content in contents if _SKIPPED not in content[2]]).encode())


def _cells(path: Path) -> list[dict[str, Any]]:
    """The cells of one of our notebooks, each source as one text; nbformat would take a second to be imported."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _state(path: Path) -> tuple[Path, int, int]:
    """A file and what changes with its content: time of change and size."""
    status = path.stat()
    return path, status.st_mtime_ns, status.st_size


@dataclass(frozen=True)
class Facts:
    """What is read off a syntax tree.

    Args:
        imports: every import but those for type checkers alone.
        uses: name → the attributes that are taken from it, None where it is used in any other way, too.
        code: the source without what changes no result.
        texts: those that may name a file.
    """

    imports: tuple[Import, ...]
    uses: Mapping[str, set[str] | None]
    code: str
    texts: frozenset[str]


_NOTHING = Facts((), {}, "", frozenset())


def _facts_of(tree: ast.Module, module: str, is_package: bool) -> Facts:
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    texts = frozenset(text for text in constants if isinstance(text, str) and 0 < len(text) <= _LONGEST_NAME)
    return Facts(tuple(_imports(tree, module, is_package)), _uses(tree), ast.unparse(_bare(tree)), texts)


@functools.lru_cache(maxsize=1024)
def _facts(path: Path, modified: int, size: int, module: str) -> Facts:
    return _facts_of(ast.parse(path.read_text(encoding="utf-8")), module, path.name == "__init__.py")


@functools.lru_cache(maxsize=64)
def _notebook_facts(path: Path, modified: int, size: int) -> Facts:
    code = (cell for cell in _cells(path) if cell["cell_type"] == "code")
    executed = (cell["source"] for cell in code if _SKIPPED not in cell["metadata"].get("tags", []))
    return _facts_of(ast.parse("\n".join(executed)), "", False)


def _imports(tree: ast.Module, module: str, is_package: bool) -> list[Import]:
    """Every import of a syntax tree but those for type checkers alone."""
    imports = []
    for node in _executed(tree):
        if isinstance(node, ast.Import):
            imports += [Import(alias.name, None, alias.asname or alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                parts = module.split(".")
                parts = parts[: len(parts) - node.level + is_package]
                origin = ".".join([*parts, *([origin] if origin else [])])
            imports += [Import(origin, alias.name, alias.asname or alias.name) for alias in node.names]
    return imports


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree without the bodies of `if TYPE_CHECKING:`."""
    yield node
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        children: Iterable[ast.AST] = node.orelse
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        yield from _executed(child)


def _uses(tree: ast.Module) -> dict[str, set[str] | None]:
    """For each name of a tree the attributes that are taken from it, None where it is used in any other way, too."""
    attributes: dict[str, set[str] | None] = {}
    below = {id(node.value): node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            taken = attributes.setdefault(node.id, set())
            if id(node) not in below:
                attributes[node.id] = None
            elif taken is not None:
                taken.add(below[id(node)])
    return attributes


def _bare(tree: ast.Module) -> ast.Module:
    """The tree without docstrings and without the annotations of functions, neither of which changes a result."""
    bare = ast.parse(ast.unparse(tree))
    for node in ast.walk(bare):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body[:1] = node.body[:1] if ast.get_docstring(node) is None else []
            node.body = node.body or [ast.Pass()]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return bare


def _named_files(texts: Iterable[str], folder: Path) -> Iterator[Path]:
    """The files in a module's folder that a text of the module names, itself or by their folder; no modules among them."""
    there = {path.name for path in folder.iterdir()}
    parted = [Path(text).parts for text in sorted(texts)]
    for path in (folder.joinpath(*parts) for parts in parted if parts and parts[0] in there and ".." not in parts):
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in files if file.is_file() and file.suffix not in (".py", ".pyc"))

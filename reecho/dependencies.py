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

import nbformat

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
    """The modules of a package.

    Args:
        root: the package's folder; its name is the package's.
    """

    def __init__(self, root: Path = PACKAGE):
        self.root, self.package = root, root.name
        self._direct: dict[str, frozenset[str]] = {}
        self._code: dict[str, str] = {}

    def path(self, module: str) -> Path | None:
        """The file of a module of the package, None where there is none."""
        parts = module.split(".")
        if parts[0] != self.package:
            return None
        base = self.root.joinpath(*parts[1:])
        return next((path for path in (base / "__init__.py", base.with_suffix(".py")) if path.is_file()), None)

    def tree(self, module: str) -> ast.Module:
        """The syntax tree of a module of the package; an empty one where there is no such module."""
        path = self.path(module)
        return _tree(path) if path else ast.Module([], [])

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
            self._direct[module] = frozenset(self._used(self.tree(module), module) - {module})
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
                waiting += [other for other in self.direct(module) if other not in without]
        return reached

    def code(self, module: str) -> str:
        """What a module says to Python, and the files beside it that it names."""
        if module not in self._code:
            tree, folder = self.tree(module), (self.path(module) or self.root).parent
            files = {file.relative_to(self.root).as_posix(): _digest(file.read_bytes()) for file in _named_files(tree, folder)}
            self._code[module] = json.dumps([ast.unparse(_bare(tree)), files], sort_keys=True)
        return self._code[module]

    def digest(self, modules: Iterable[str], without: Collection[str] = ()) -> str:
        """The code of the closure of some modules, as hex digits."""
        text = "\0".join(f"{module}\0{self.code(module)}" for module in sorted(self.closure(modules, without)))
        return _digest(text.encode())

    def libraries(self, modules: Iterable[str], without: Collection[str] = ()) -> dict[str, str]:
        """Versions of the distributions that the closure of some modules imports, Python's own among them."""
        names: set[str] = set()
        for module in self.closure(modules, without):
            names |= {found.module.split(".")[0] for found in _imports(self.tree(module), module, self._is_package(module))}
        return versions_of(names - {self.package})

    def of_notebook(self, notebook: Path) -> set[str]:
        """The modules of the package that a notebook's executed cells use."""
        cells = nbformat.read(notebook, as_version=4).cells
        executed = (cell.source for cell in cells if cell.cell_type == "code" and _SKIPPED not in cell.metadata.get("tags", []))
        return self._used(ast.parse("\n".join(executed)), "")

    def _used(self, tree: ast.Module, module: str) -> set[str]:
        used: set[str] = set()
        for entry in _imports(tree, module, self._is_package(module)):
            if entry.module.split(".")[0] != self.package:
                continue
            used |= self._target(entry, tree)
        return used

    def _target(self, entry: Import, tree: ast.Module) -> set[str]:
        """The modules behind one imported name."""
        if entry.name is None:
            return {entry.module} if self.path(entry.module) else set()
        inner = f"{entry.module}.{entry.name}"
        if not self.path(inner):
            return self._behind(entry.module, entry.name)
        names = _attributes(tree, entry.alias)
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
            for entry in _imports(self.tree(module), module, True):
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
        for node in _bare(self.tree(module)).body:
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
    return {"python": ".".join(map(str, sys.version_info[:2]))} | {name: metadata.version(name) for name in sorted(names)}


@functools.cache
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def cells_of(notebook: Path) -> str:
    """What a notebook's cells say, as hex digits: sources and tags, without outputs, ids, counts and cells that no run executes."""
    cells = nbformat.read(notebook, as_version=4).cells
    contents = [(cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in cells]
    return _digest(json.dumps([content for content in contents if _SKIPPED not in content[2]]).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@functools.lru_cache(maxsize=512)
def _parsed(path: Path, modified: int, size: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _tree(path: Path) -> ast.Module:
    status = path.stat()
    return _parsed(path, status.st_mtime_ns, status.st_size)


def _imports(tree: ast.Module, module: str, is_package: bool) -> Iterator[Import]:
    """Every import of a syntax tree but those for type checkers alone."""
    for node in _executed(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, None, alias.asname or alias.name)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                parts = module.split(".")
                parts = parts[: len(parts) - node.level + is_package]
                origin = ".".join([*parts, *([origin] if origin else [])])
            for alias in node.names:
                yield Import(origin, alias.name, alias.asname or alias.name)


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree without the bodies of `if TYPE_CHECKING:`."""
    yield node
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        children: Iterable[ast.AST] = node.orelse
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        yield from _executed(child)


def _attributes(tree: ast.Module, alias: str) -> set[str] | None:
    """The attributes that are taken from a name, None where the name is used in any other way, too."""
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == alias:
            parent = parents[id(node)]
            if not isinstance(parent, ast.Attribute):
                return None
            names.add(parent.attr)
    return names


def _bare(tree: ast.Module) -> ast.Module:
    """The tree with `pass` in place of docstrings and without the annotations of functions, neither of which changes a result."""
    bare = ast.parse(ast.unparse(tree))
    for node in ast.walk(bare):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body[:1] = node.body[:1] if ast.get_docstring(node) is None else [ast.Pass()]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return bare


def _named_files(tree: ast.Module, folder: Path) -> Iterator[Path]:
    """The files in a module's folder that a text of the module names, itself or by their folder; no modules among them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) <= _LONGEST_NAME:
            if not node.value.strip("./ ") or "\0" in node.value or "\n" in node.value:
                continue
            path = folder / node.value
            try:
                files = sorted(path.rglob("*")) if path.is_dir() else [path]
                yield from (file for file in files if file.is_file() and file.suffix not in (".py", ".pyc"))
            except (OSError, ValueError):
                continue

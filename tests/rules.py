"""The rules about notebooks and words that no linter has: python tests/rules.py [--names].

Each violation is printed as `file:line: sentence`; the exit code is 1 where there is one, else 0. `--names` prints how often each
vague name stands in which file, and nothing else.
"""

from __future__ import annotations

import ast
import io
import json
import re
import statistics
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 60  # vague names in package and notebooks, at most; lowered as they go, never raised
VAGUE = ("told", "found", "made", "known", "kept", "asked", "other", "each")
EASY = re.compile(r"\b(?:simply|just|obviously)\b", re.IGNORECASE)
AMERICAN = re.compile(
    r"(?<![\w-])(?:\w*(?:color|gray|center|fiber)\w*|(?:behavi|fav|neighb|hon|flav|harb|lab)or(?:s|ed|ing|able|al|ites?|hood)?|analyz\w+|catalog|dialog|artifact\w*"
    r"|label(?:ed|ing)|model(?:ed|ing)|travel(?:ed|ing)|cancel(?:ed|ing)|defense|offense|[a-z]{2,}iz(?:e|ed|es|er|ers|ing|ations?))(?![\w:=-])"
)
WITH_Z = re.compile(r"(?:|cap|down|over|re|un|under|up)siz\w+|(?:ap)?priz\w+|seiz\w+")  # these are British too
LONGEST_CELL, MIDDLE_CELL = 15, 6  # lines of code
WORDS_A_LINE = 4  # words of text for a line of code, at least
STEPS = "faces → inputs → encode → z → decode → compare → report"
FIRST, LAST = ["Overview", "Setup"], ["Conclusions", "Exercises", "References"]  # headings, in this order
TEMPLATES = (".j2", ".js", ".css", ".typ")


class Violation(NamedTuple):
    """A rule that is broken, and where."""

    line: int
    sentence: str


# Text


def without_code(text: str) -> str:
    """Markdown with its code, formulas, links' targets and titles of works (in italics) blanked; lines stay where they are."""
    blanked = re.compile(r"```.*?```|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$|\]\([^)\n]*\)|(?<!\*)\*[^*\n]+\*(?!\*)", re.DOTALL)
    return blanked.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def easy_violations(content: str, line: int) -> Iterator[Violation]:
    """Words in one line of text that call a thing easy."""
    for match in EASY.finditer(content):
        yield Violation(line, f"“{match.group()}” calls a thing easy; leave the word out.")


def word_violations(text: str, line: int = 1) -> Iterator[Violation]:
    """Words of prose that the style forbids: those that call a thing easy, and American spelling.

    Args:
        text: prose without code.
        line: number of its first line.
    """
    for number, content in enumerate(text.split("\n"), line):
        yield from easy_violations(content, number)
        for match in AMERICAN.finditer(content):
            if not WITH_Z.fullmatch(match.group()):
                yield Violation(
                    number, f"“{match.group()}” is American spelling; write it as in Britain (colour, grey, centre, -ise)."
                )


def python_prose(source: str) -> Iterator[tuple[int, str]]:
    """The first line and text of each comment, docstring and other string of four words or more."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    nodes = list(ast.walk(ast.parse(source)))
    pieces = {id(piece) for node in nodes if isinstance(node, ast.JoinedStr) for piece in node.values}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(piece.value) if isinstance(piece, ast.Constant) else "…" for piece in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pieces:
            text = node.value
        else:
            continue
        if len(text.split()) >= 4:
            yield node.lineno, re.sub(r"``?[^`\n]*``?", "", text)


def names_in(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each use of a vague name as a variable, argument, attribute, function, class or module."""
    for node in ast.walk(ast.parse(source)):
        for field in ("id", "arg", "attr", "name", "asname"):
            name = getattr(node, field, None)
            if isinstance(name, str) and name.strip("_") in VAGUE:
                yield getattr(node, "lineno", 1), name.strip("_")


# Notebooks


def lines_in_file(text: str, cells: list[Any]) -> list[list[int]]:
    """For each cell the numbers of the lines of the file that hold the lines of its source; of an empty cell its best guess."""
    raw, at, numbers = [line.strip().removesuffix(",") for line in text.split("\n")], 0, []
    for cell in cells:
        lines = []
        for line in cell.source.splitlines(keepends=True) or [""]:
            stored = json.dumps(line, ensure_ascii=False)
            at = next((place for place in range(at, len(raw)) if raw[place] == stored), at)
            lines.append(at + 1)
        numbers.append(lines)
    return numbers


def code_lines(source: str) -> int:
    """Lines of code that are not empty."""
    return sum(bool(line.strip()) for line in source.splitlines())


def is_parameters(cell: Any) -> bool:
    """Whether it is the cell that papermill puts parameters after."""
    return "parameters" in cell.metadata.get("tags", [])


def parameters_violations(source: str) -> Iterator[Violation]:
    """What is wrong in a parameters cell; lines are counted from 1 in the cell."""
    for statement in ast.parse(source).body:
        try:
            if not (isinstance(statement, ast.Assign) and [type(target) for target in statement.targets] == [ast.Name]):
                raise ValueError
            ast.literal_eval(statement.value)
        except ValueError:
            yield Violation(statement.lineno, "A parameters cell holds lines of the form `name = literal` and nothing else.")
    for number, line in enumerate(source.splitlines(), 1):
        if "  # " not in line:
            yield Violation(number, "A parameter stands on one line, with a comment that says its unit or choices.")


def definition_violations(cell: Any) -> Iterator[Violation]:
    """Functions and classes where a cell may have none; lines are counted from 1 in the cell."""
    solution = cell.metadata.get("nbgrader", {}).get("solution", False)
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.ClassDef) or (isinstance(node, ast.FunctionDef) and not solution):
            yield Violation(
                node.lineno, f"`{node.name}` is defined in a notebook; move it to the package (only solutions define functions)."
            )


def structure_violations(cells: list[Any], lines: list[list[int]]) -> Iterator[Violation]:
    """What is wrong with the order of title, steps, headings, parameters and the last cell."""
    opening = cells[0].source.splitlines()
    if not opening[0].startswith("# ") or opening[-1].replace("**", "") != STEPS or "**" not in opening[-1]:
        yield Violation(lines[0][0], f"The first cell is a title and the line “{STEPS}” with this notebook's steps in bold.")
    headings = []
    for cell, numbers in zip(cells, lines, strict=True):
        if cell.cell_type == "markdown":
            for line, number in zip(cell.source.splitlines(), numbers, strict=False):
                if line.startswith("# ") and number != lines[0][0]:
                    yield Violation(number, "A notebook has one title; a section begins with ##.")
                if line.startswith("## "):
                    headings.append(line[3:])
    headings[-1:] = [heading.removesuffix(" and provenance") for heading in headings[-1:]]
    if headings[:2] != FIRST or headings[-3:] != LAST:
        yield Violation(lines[0][0], f"The sections begin with {' and '.join(FIRST)} and end with {', '.join(LAST)}.")
    places = [place for place, cell in enumerate(cells) if is_parameters(cell)]
    if places != [2]:
        yield Violation(lines[0][0], "The third cell, and no other, has the tag `parameters`.")
    if cells[-1].cell_type != "code" or not cells[-1].source.startswith("report.provenance("):
        yield Violation(lines[-1][0], "The last cell calls `report.provenance`.")


def cell_violations(cell: Any) -> Iterator[Violation]:
    """What is wrong in a code cell by itself; lines are counted from 1 in the cell."""
    if cell.outputs or cell.execution_count is not None or {"papermill", "execution"} & set(cell.metadata):
        yield Violation(1, "The cell is stored with outputs or marks of a run; `python -m nbstripout --keep-id` takes them off.")
    if is_parameters(cell):
        yield from parameters_violations(cell.source)
        return
    if code_lines(cell.source) > LONGEST_CELL:
        yield Violation(1, f"The cell has {code_lines(cell.source)} lines of code; split it, {LONGEST_CELL} are the most.")
    yield from definition_violations(cell)
    for line, text in python_prose(cell.source):
        yield from word_violations(text, line)


def notebook_violations(text: str) -> Iterator[Violation]:
    """All rules about a notebook.

    Args:
        text: of its file.
    """
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    cells, lines = notebook.cells, lines_in_file(text, notebook.cells)
    if nbformat.writes(notebook) + "\n" != text:
        yield Violation(1, "The file is not in the normal form; read it and write it with nbformat.")
    yield from structure_violations(cells, lines)
    for cell, numbers in zip(cells, lines, strict=True):
        if cell.cell_type == "code":
            inside = cell_violations(cell)
        else:
            inside = word_violations(without_code(cell.source))
        for line, sentence in inside:
            yield Violation(numbers[min(line, len(numbers)) - 1], sentence)
    shown = [
        code_lines(cell.source)
        for cell in cells
        if cell.cell_type == "code" and not is_parameters(cell) and "nbgrader" not in cell.metadata
    ]
    if statistics.median(shown) > MIDDLE_CELL:
        yield Violation(1, f"Half of the code cells have more than {MIDDLE_CELL} lines; move code to the package.")
    words = sum(len(cell.source.split()) for cell in cells if cell.cell_type == "markdown")
    if words < WORDS_A_LINE * sum(shown):
        yield Violation(1, f"{words} words for {sum(shown)} lines of code; there are at least {WORDS_A_LINE} words to a line.")


# The whole tree


def files(root: Path, folder: str, *suffixes: str) -> list[Path]:
    """Files of these suffixes in a folder and below, without caches."""
    return sorted(path for path in (root / folder).rglob("*") if path.suffix in suffixes and "__pycache__" not in path.parts)


def vague_names(root: Path) -> dict[Path, list[tuple[int, str]]]:
    """Each source file of the package, and each notebook, with the lines and names of its vague names."""
    uses = {path: sorted(names_in(path.read_text(encoding="utf-8"))) for path in files(root, "reecho", ".py")}
    for path in files(root, "notebooks", ".ipynb"):
        text = path.read_text(encoding="utf-8")
        cells = nbformat.reads(text, as_version=4).cells
        uses[path] = [
            (numbers[line - 1], name)
            for cell, numbers in zip(cells, lines_in_file(text, cells), strict=True)
            if cell.cell_type == "code"
            for line, name in sorted(names_in(cell.source))
        ]
    return uses


def violations(root: Path) -> Iterator[tuple[Path, Violation]]:
    """All violations in a checkout, file by file."""
    for path in files(root, "notebooks", ".ipynb"):
        yield from ((path, violation) for violation in notebook_violations(path.read_text(encoding="utf-8")))
    for path in [*root.glob("*.md"), *files(root, "data", ".md"), *files(root, "reecho", ".md")]:
        yield from ((path, violation) for violation in word_violations(without_code(path.read_text(encoding="utf-8"))))
    for path in [root / "run.py", *files(root, "reecho", ".py")]:
        for line, text in python_prose(path.read_text(encoding="utf-8")):
            yield from ((path, violation) for violation in word_violations(text, line))
    for path in files(root, "reecho", *TEMPLATES):
        for number, content in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            yield from ((path, violation) for violation in easy_violations(content, number))
    places = [(path, line, name) for path, uses in vague_names(root).items() for line, name in uses]
    if len(places) > LIMIT:
        for path, line, name in places:
            yield (
                path,
                Violation(
                    line,
                    f"`{name}` does not say what it is; {len(places)} vague names stand in package and notebooks, {LIMIT} may.",
                ),
            )


def print_names(root: Path) -> None:
    """The number of vague names by file and by name."""
    total: Counter[str] = Counter()
    for path, uses in vague_names(root).items():
        counts = Counter(name for _, name in uses)
        total += counts
        if counts:
            print(f"{path.relative_to(root).as_posix()}: {', '.join(f'{name} {count}' for name, count in counts.most_common())}")
    print(f"in all {total.total()}: {', '.join(f'{name} {count}' for name, count in total.most_common())}")


def main(arguments: list[str]) -> int:
    """Print the violations of the checkout and return the exit code."""
    if arguments == ["--names"]:
        print_names(ROOT)
        return 0
    count = 0
    for count, (path, (line, sentence)) in enumerate(violations(ROOT), 1):  # noqa: B007
        print(f"{path.relative_to(ROOT).as_posix()}:{line}: {sentence}")
    print(
        f"{count} violations of the rules about notebooks and words." if count else "The rules about notebooks and words are kept."
    )
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

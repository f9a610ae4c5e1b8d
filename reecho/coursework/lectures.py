"""What a person wrote for the lecture on a notebook: goals, ideas, questions about figures, examples of answers.

Each lecture is a file of `lectures/`, Markdown with fixed headings, so that a teacher can change it without reading code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from reecho.errors import ReechoError

FOLDER = Path(__file__).parent / "lectures"
_SECTIONS = ("Goals", "Prerequisites", "Ideas", "Figures", "Summary", "Half answer", "Empty answer", "Points")
_FIGURE = re.compile(r"- ([\w-]+?)(?:/(\d+))?: (.+)")


@dataclass(frozen=True)
class Idea:
    """One slide of words.

    Args:
        title: its heading.
        text: Markdown, a list of two to four sentences.
        note: for the speaker.
    """

    title: str
    text: str
    note: str


@dataclass(frozen=True)
class Question:
    """What a class is asked about a figure.

    Args:
        cell: the id of the notebook's cell that shows the figure.
        number: which figure of that cell, from 0.
        text: the question.
    """

    cell: str
    number: int
    text: str


@dataclass(frozen=True)
class Lecture:
    """The lecture on a notebook.

    Args:
        stem: the notebook's name without suffix.
        title: of the lecture.
        goals, prerequisites, summary: Markdown lists.
        ideas: slides of words, in order.
        questions: about figures, in order; none: the first figures of the run are shown.
        half, empty: answers to the open question that get half of the points, and none.
        given: the points of the half answer, one number a criterion.
        criteria: of the open question, one point each.
    """

    stem: str
    title: str
    goals: str
    prerequisites: str
    ideas: tuple[Idea, ...]
    questions: tuple[Question, ...]
    summary: str
    half: str
    given: tuple[float, ...]
    empty: str
    criteria: tuple[str, ...]


def lecture(stem: str, folder: Path = FOLDER) -> Lecture:
    """The lecture on a notebook.

    Args:
        stem: the notebook's name without suffix.
        folder: where the lectures lie.

    Raises:
        ReechoError: nobody wrote it, or a heading is missing or unknown.
    """
    path = folder / f"{stem}.md"
    if not path.is_file():
        raise ReechoError(f"There is no lecture on {stem}; write one in {path.name} beside the others, with the same headings.")
    title, *parts = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = {head.strip(): body.strip() for head, _, body in (part.partition("\n") for part in parts)}
    if tuple(text) != _SECTIONS:
        raise ReechoError(f"The headings of {path.name} are {', '.join(text)}; they must be {', '.join(_SECTIONS)}.")
    half, _, given = text["Half answer"].partition("\n\nPoints: ")
    return Lecture(
        stem, title.strip().removeprefix("# "), text["Goals"], text["Prerequisites"], tuple(map(_idea, _cut(text["Ideas"]))),
        tuple(_question(path.name, line) for line in text["Figures"].splitlines()), text["Summary"], half,
        tuple(map(float, given.split(", "))), text["Empty answer"],
        tuple(line.removeprefix("- ") for line in text["Points"].splitlines()),
    )  # fmt: skip


def _cut(text: str) -> list[str]:
    return re.split(r"^### ", text, flags=re.MULTILINE)[1:]


def _idea(part: str) -> Idea:
    title, _, body = part.partition("\n")
    text, _, note = body.partition("\n> ")
    return Idea(title.strip(), text.strip(), note.replace("\n> ", " ").strip())


def _question(name: str, line: str) -> Question:
    match = _FIGURE.fullmatch(line)
    if not match:
        raise ReechoError(f"{name} has the line {line!r} under Figures; write `- CELL-ID: question`.")
    return Question(match[1], int(match[2] or 1) - 1, match[3])

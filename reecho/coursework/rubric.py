"""How open questions are graded: for each one the points, and examples of a full, a half and an empty answer."""

from __future__ import annotations

from collections.abc import Mapping

from nbformat import NotebookNode

from reecho.coursework.exercises import open_question
from reecho.coursework.lectures import Lecture

_BEGIN = """# Rubric for the open questions

For teachers. The last exercise of each notebook is an open question, graded by hand. Each line under "Points" gives one point.
The examples show where the limits are: a full answer, an answer that gets half of the points, and one that gets none although it
has words and a confident tone. Other good answers exist: give a point for each line that is met, in whatever words and in whatever
order. Take no point off for mistakes in English.

nbgrader asks for these points in `nbgrader formgrader`, under "Manual grading". It takes half points.
"""


def rubric(lectures: Mapping[str, Lecture], notebooks: Mapping[str, NotebookNode]) -> str:
    """The rubric as Markdown.

    Args:
        lectures: notebook's name → the words for it.
        notebooks: notebook's name → from `notebooks/`.
    """
    parts = [_BEGIN]
    for stem, lecture in lectures.items():
        if (both := open_question(notebooks[stem])) is None:
            continue
        question, answer = both
        points = answer.metadata.nbgrader.points
        heading, _, text = question.source.partition("\n")
        criteria = "\n".join(f"- 1 point: {line}" for line in lecture.criteria)
        parts.append(f"## {stem}, {heading.lstrip('# ')}\n\n**The question.** {text.strip()}\n\n**Points**\n\n{criteria}\n")
        by_line = ", ".join(f"{given:g}" for given in lecture.given)
        for name, example, why in (
            (f"Full answer ({points} of {points} points)", answer.source, "Every line is met."),
            (f"Half answer ({sum(lecture.given):g} of {points} points)", lecture.half, f"Points line by line: {by_line}."),
            (f"Empty answer (0 of {points} points)", lecture.empty, _EMPTY),
        ):
            parts.append(f"### {name}\n\n{_quoted(example)}\n\n{why}\n")
    return "\n".join(parts)


_EMPTY = "Each sentence could stand under many questions. None of the lines is met."


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())

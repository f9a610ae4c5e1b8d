"""A course on the notebooks: exercises with solutions, slides, minutes, paths, a rubric and a project of one's own."""

from reecho.coursework.exercises import (
    CODE_STUB,
    HIDDEN,
    SKIPPED,
    TEXT_STUB,
    is_exercise,
    points,
    students,
    teachers,
    with_parameters,
    without_solution,
)  # fmt: skip
from reecho.coursework.pack import write

__all__ = [
    "CODE_STUB", "HIDDEN", "SKIPPED", "TEXT_STUB", "is_exercise", "points", "students", "teachers", "with_parameters",
    "without_solution", "write",
]  # fmt: skip

"""Slides of a lecture as one HTML file, from the words of `lectures/` and the figures and findings of an executed notebook."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat import NotebookNode

from reecho.coursework.exercises import headings
from reecho.coursework.lectures import Lecture, Question
from reecho.coursework.minutes import MINUTES_A_POINT, Minutes
from reecho.report import html
from reecho.report.assembly import opening_of
from reecho.report.charts import for_print, with_pictures
from reecho.report.executed import Piece, pieces
from reecho.report.head import policy, stylesheet

TEMPLATES = Path(__file__).parent / "templates"
FEWEST, MOST = 8, 12  # slides of a lecture
_MANY_WORDS = 65  # on one slide
_FIRST_FIGURES = 2  # of a run, where no question names any
_PART = re.compile(r"\*\*(Question|Method|Needs)\.\*\*\s*(.+?)(?=\s*\*\*(?:Method|Needs|Time)\.\*\*|\Z)", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÄÖÜ“\"])")
_WORK_ENDS = re.compile(r"(?<=\d{4}\.)\s+|(?<=jackknife\)\.)\s+")
_WHAT = "Figure {}: what do you see?"
_NONE = "This notebook has no exercises."
_NO_RUN = "No run was there when this pack was made, so the figures of this lecture are missing; `reecho report` makes a run."
_HOW = """Write down what you expect, then run it. Tests say at once whether an answer is right; the open question is read by a
person.\n\n"""
_NO_FIGURE = "*The run of this pack has no such figure; it is on the notebook's page.*"


@dataclass(frozen=True)
class Slide:
    """One slide.

    Args:
        title: its heading.
        text: Markdown.
        note: what the speaker may say, Markdown.
        figure: what it shows, if anything.
    """

    title: str
    text: str
    note: str
    figure: Piece | None = None

    @property
    def tall(self) -> bool:
        """Whether its figure is so high that it has more room beside the words than below them."""
        return self.figure is not None and bool(self.figure.width) and (self.figure.height or 0) > 0.8 * (self.figure.width or 0)

    @property
    def dense(self) -> bool:
        """Whether it has so many words, as lists of works have, that letters must be smaller."""
        return len(self.text.split()) > _MANY_WORDS


def of(lecture: Lecture, notebook: NotebookNode, executed: NotebookNode | None, minutes: Minutes) -> list[Slide]:
    """The slides of a lecture.

    Args:
        lecture: the words for it.
        notebook: from `notebooks/`.
        executed: the same after a run; None: slides without figures, and a sentence that says so.
        minutes: of the notebook.
    """
    parts = dict(_PART.findall(next(cell.source for cell in notebook.cells if "## Overview" in cell.source)))
    begins = f"After this lecture you can:\n\n{lecture.goals}" + ("" if executed else f"\n\n*{_NO_RUN}*")
    time = f"Reading the notebook's page takes {minutes.reading} minutes; the exercises take about {minutes.working} (an estimate)."
    slides = [
        Slide(lecture.title, begins, f"{time} What the class should know before:\n\n{lecture.prerequisites}"),
        Slide("The question", question_of(notebook), f"How the notebook answers it: {parts['Method']}"),
        *(Slide(idea.title, idea.text, idea.note) for idea in lecture.ideas),
        *(_figure_slide(question, notebook, executed) for question in lecture.questions or _questions(executed)),
    ]
    opening = executed and opening_of([piece for cell in executed.cells for piece in pieces(cell)])
    if opening:
        note = "These sentences were written by the notebook's code from the numbers of this run. Ask which of them surprises."
        slides.append(Slide("What was measured", _as_list(opening.sentences), note))
    return [*slides, *_last(lecture, notebook)]


def question_of(notebook: NotebookNode) -> str:
    """What a notebook asks, as its `report.answer` says it; "" where it has no answer."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and "report.answer(" in cell.source:
            for node in ast.walk(ast.parse(cell.source)):
                if (
                    isinstance(node, ast.Call)
                    and ast.unparse(node.func) == "report.answer"
                    and isinstance(node.args[0], ast.Constant)
                ):
                    return str(node.args[0].value)
    return ""


def page(name: str, slides: Sequence[Slide], banners: Iterable[str] = ()) -> str:
    """The HTML of a lecture's slides; it asks for no other file.

    Args:
        name: of the notebook.
        slides: in order.
        banners: warnings of the run, such as that its faces are drawn.
    """
    shown = [text for slide in slides for text in (slide.text, slide.note)]
    *bodies, _ = html.markdown_to_html([*shown, ""])
    css, script = ((TEMPLATES / f"slides.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return html.filled(
        "slides.html.j2", TEMPLATES, css=stylesheet("".join(bodies), css), policy=policy([script]), script=script,
        title=f"{slides[0].title}: slides", stem=name, banners=sorted(set(banners)),
        slides=list(zip(slides, bodies[::2], bodies[1::2], strict=True)),
    )  # fmt: skip


def banners(executed: NotebookNode | None) -> list[str]:
    """The warnings that an executed notebook bears."""
    return [piece.text for cell in (executed.cells if executed else ()) for piece in pieces(cell) if piece.kind == "banner"]


def figures(executed: NotebookNode | None) -> dict[str, list[Piece]]:
    """The figures of an executed notebook: cell's id → its figures, for cells that have any."""
    shown = {cell.id: [piece for piece in pieces(cell) if piece.kind == "figure"] for cell in (executed.cells if executed else ())}
    return {name: drawn for name, drawn in shown.items() if drawn}


def first_sentence(text: str) -> str:
    """The first sentence of a caption.

    Example:
        >>> first_sentence("PSNR in dB, e.g. 27.5. Higher is better.")
        'PSNR in dB, e.g. 27.5.'
    """
    return _SENTENCE.split(" ".join(text.split()))[0]


def _questions(executed: NotebookNode | None) -> list[Question]:
    """The first figures of a run; nobody wrote a question about them, so the class is asked what it sees."""
    return [Question(cell, 0, _WHAT.format(number)) for number, cell in enumerate(list(figures(executed))[:_FIRST_FIGURES], 1)]


def _text_before(notebook: NotebookNode, cell: str) -> str:
    """The text that stands in a notebook before a cell, without headings."""
    place = next((number for number, candidate in enumerate(notebook.cells) if candidate.id == cell), 0)
    texts = [candidate.source for candidate in notebook.cells[:place] if candidate.cell_type == "markdown"]
    return "\n".join(line for line in (texts or [""])[-1].splitlines() if not line.startswith("#")).strip()


def _figure_slide(question: Question, notebook: NotebookNode, executed: NotebookNode | None) -> Slide:
    """A question above a figure, the caption's first sentence below it; what there is to see stands in the note."""
    said = _text_before(notebook, question.cell)
    before = f"The notebook says before this figure: {said}" if said else ""
    drawn = figures(executed).get(question.cell, [])
    if len(drawn) <= question.number:
        return Slide(question.text, _NO_FIGURE if executed else "", f"Look at the notebook's page together.\n\n{before}")
    piece = drawn[question.number]
    return Slide(question.text, first_sentence(piece.caption), f"To see: {piece.text}\n\n{before}", _lighter(piece))


def _lighter(piece: Piece) -> Piece:
    """A figure whose pictures are JPEG as in the book: lossless ones would take a second of computing each."""
    if piece.media != "image/svg+xml":
        return piece
    return replace(piece, data=with_pictures(piece.data, for_print))


def _last(lecture: Lecture, notebook: NotebookNode) -> list[Slide]:
    """The last slides of each lecture: exercises, summary, reading."""
    exercises = headings(notebook)
    listed = "\n".join(f"1. {title[0].upper()}{title[1:]} ({points} points)" for title, points in exercises)
    time = f"At {MINUTES_A_POINT} minutes a point that is about {MINUTES_A_POINT * sum(points for _, points in exercises)} minutes."
    sources = next((cell.source for cell in notebook.cells if cell.source.startswith("## References")), "").partition("\n")[2]
    works = "\n".join(f"- {work}" for work in _WORK_ENDS.split(sources.strip()) if work)
    return [
        Slide("Exercises", _HOW + listed if listed else _NONE, f"{time} Begin the first one together in class."),
        Slide("Summary", lecture.summary, "Ask for the three sentences before you show them."),
        Slide("To read", works, f"The notebook itself, `{lecture.stem}`, says where each of these is used."),
    ]


def _as_list(text: str) -> str:
    """The sentences of a text as a list."""
    return "\n".join(f"- {sentence}" for sentence in _SENTENCE.split(" ".join(text.split())))


def scrolling(body: str) -> str:
    """HTML whose tables and code scroll inside their place, by keyboard too, so that a page is no wider than a phone."""
    numbers = itertools.count(1)
    region = '<div class="scroll" role="region" aria-label="Table {}" tabindex="0">{}</div>'
    body = re.sub("<table>.*?</table>", lambda match: region.format(next(numbers), match[0]), body, flags=re.DOTALL)
    return body.replace("<pre", '<pre tabindex="0"')

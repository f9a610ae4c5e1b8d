"""How long a notebook takes: reading, measured in words, figures, tables and formulas; working, estimated from points."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from nbformat import NotebookNode

from reecho.coursework.exercises import is_exercise, points
from reecho.report.executed import pieces

WORDS_A_MINUTE = 200
SECONDS = {"figures": 20, "tables": 30, "formulas": 20}  # to look at one
MINUTES_A_POINT = 5
STATED = f"""Reading minutes are counted: the words of a page's text without code, at {WORDS_A_MINUTE} words a minute. To these come
{SECONDS["figures"]} seconds for a figure, {SECONDS["tables"]} for a table and {SECONDS["formulas"]} for a formula on its own line.

Adults read English non-fiction silently at 238 words a minute, as 190 studies together say. People who read English as a second
language are slower (M. Brysbaert, *How many words do we read per minute?*, Journal of Memory and Language 109, 2019,
[doi:10.1016/j.jml.2019.104047](https://doi.org/10.1016/j.jml.2019.104047)). For the second reason {WORDS_A_MINUTE} is
taken here. This is a choice, as are the seconds. Settings, provenance, references and exercises are not counted as reading.

Working minutes are an estimate: {MINUTES_A_POINT} minutes a point of the exercises, reading of the questions included. Nobody has
measured them on a class."""
_WORD = re.compile(r"[^\W_](?:[\w’'.,-]*[^\W_])?")
_NOT_WORDS = re.compile(r"```.*?```|\$\$.*?\$\$|\$[^$\n]*\$|\]\([^)\n]*\)", re.DOTALL)
_FORMULA = re.compile(r"\$\$.*?\$\$", re.DOTALL)
_SHOWN = {  # what in code shows one; each figure has an alt text, whoever shows it
    "figures": (re.compile(r"\breport\.(?:figure|widgets\.\w+)\("), re.compile(r"\balt=")),
    "tables": (re.compile(r"\breport\.table\("),),
}


@dataclass(frozen=True)
class Minutes:
    """What a page holds, and how long it takes.

    Args:
        words: of its text, without code and formulas.
        figures, tables, formulas: how many; formulas on lines of their own.
        points: of its exercises.
        measured: whether an executed page was counted; else the notebook's text and the calls in its code.
    """

    words: int
    figures: int
    tables: int
    formulas: int
    points: int
    measured: bool

    @property
    def reading(self) -> int:
        """Minutes of reading, rounded up."""
        seconds = sum(SECONDS[kind] * getattr(self, kind) for kind in SECONDS)
        return math.ceil(self.words / WORDS_A_MINUTE + seconds / 60)

    @property
    def working(self) -> int:
        """Minutes for the exercises, an estimate."""
        return MINUTES_A_POINT * self.points


def words(markdown: str) -> int:
    """How many words a reader reads in a text, without its blocks of code, formulas and addresses.

    Example:
        >>> words("The **rate** is $R$, 1.5 [nats](https://example.org) a `face`.")
        7
    """
    return len(_WORD.findall(_NOT_WORDS.sub(" ", markdown)))


def of(notebook: NotebookNode, executed: NotebookNode | None = None) -> Minutes:
    """How long a notebook takes.

    Args:
        notebook: from `notebooks/`.
        executed: the same after a run; its captions and the sentences that code wrote are counted as well.
    """
    shown = [cell for cell in (executed or notebook).cells if not is_exercise(cell) and not _is_list(cell)]
    held = [piece for cell in shown for piece in pieces(cell) if not piece.about]
    texts = [piece.text for piece in held if piece.kind == "text"] + [piece.caption for piece in held]
    texts += [f"{piece.answer['question']} {piece.answer['sentences']}" for piece in held if piece.answer]
    if executed:
        count = {kind: sum(piece.kind == kind.removesuffix("s") for piece in held) for kind in _SHOWN}
    else:
        code = "\n".join(piece.text for piece in held if piece.kind == "code")
        count = {kind: max(len(pattern.findall(code)) for pattern in patterns) for kind, patterns in _SHOWN.items()}
    formulas = sum(len(_FORMULA.findall(text)) for text in texts)
    return Minutes(sum(map(words, texts)), **count, formulas=formulas, points=sum(points(notebook)), measured=executed is not None)


def _is_list(cell: NotebookNode) -> bool:
    """Whether a cell is looked up and not read: the list of references."""
    return cell.cell_type == "markdown" and cell.source.startswith("## References")

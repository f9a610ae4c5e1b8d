"""How wide the columns of a table are, where its rows do not fit on lines: as wide as makes the table lowest."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

FITS = 132  # letters that a row of the book has room for, gaps with them, at the smallest size that is still read
_GAP = 3.0  # letters between two columns
_BAR = re.compile(r"(?<!\\)\|")
_MARKS = re.compile(r"`#below\[`\{=typst\}|`[^`]*`\{=typst\}|\*\*|\\(?=\W)")
_INTERVAL = re.compile(r"(?<=\S)\u00a0(\\\[[^|]*?\\\])")


def cells(line: str) -> tuple[str, ...]:
    """The texts of a line of a pipe table.

    Example:
        >>> cells("| a \\\\| b | **c** |")
        ('a \\\\| b', '**c**')
    """
    return tuple(text.strip() for text in _BAR.split(line.strip())[1:-1])


def narrowed(table: str) -> str:
    """A pipe table; where its rows would not fit on lines, with intervals in brackets below their values.

    Example:
        >>> print(narrowed("| a\\u00a0\\\\[1,\\u00a02\\\\] |" + " letters |" * 20))  # doctest: +ELLIPSIS
        | a`#below[`{=typst}\\[1,\u00a02\\]`]`{=typst} | letters |...
    """
    return table if _fits(_lengths(table)) else _INTERVAL.sub(r"`#below[`{=typst}\1`]`{=typst}", table)


def shares(table: str) -> list[float] | None:
    """The share of the whole width for each column of a pipe table, or None where every row fits on a line.

    Starting from each column's longest word, room is given where it saves most lines.

    Example:
        >>> shares("| a | b |"), [round(share, 1) for share in shares("| name | " + "many words " * 30 + "|")]
        (None, [0.1, 0.9])
    """
    texts = [cells(line) for line in table.splitlines() if not re.fullmatch(r"[|:\- ]+", line)]
    columns = [[_lines(row[i]) for row in texts if i < len(row)] for i in range(max(map(len, texts), default=0))]
    if _fits(_lengths(table)):
        return None
    widths = [max(_letters(word) for lines in column for line in lines for word in line.split() or [""]) for column in columns]
    widths = [max(width, 2.0) for width in widths]
    natural = [max(_letters(line) for lines in column for line in lines) for column in columns]
    room = FITS - _GAP * len(columns) - sum(widths)
    while room >= 1 and any(width < most for width, most in zip(widths, natural, strict=True)):
        open_ones = [i for i, width in enumerate(widths) if width < natural[i]]
        step = min(room, 1.0)
        gains = {i: _saved(columns, widths, i) for i in open_ones}
        chosen = max(open_ones, key=lambda i: (gains[i], natural[i] / widths[i]))
        widths[chosen] += step
        room -= step
    whole = [width + _GAP for width in widths]
    return [width / sum(whole) for width in whole]


def _saved(columns: Sequence[Sequence[Sequence[str]]], widths: Sequence[float], wider: int) -> float:
    """Lines of the whole table that are saved for each letter by which a column has to grow until any is."""
    now = _height(columns, widths)
    for grown in range(1, 13):
        saved = now - _height(columns, [width + grown * (i == wider) for i, width in enumerate(widths)])
        if saved:
            return saved / grown
    return 0.0


def _height(columns: Sequence[Sequence[Sequence[str]]], widths: Sequence[float]) -> int:
    rows = zip(*([_broken(lines, width) for lines in column] for column, width in zip(columns, widths, strict=True)), strict=False)
    return sum(map(max, rows))


def _broken(lines: Sequence[str], width: float) -> int:
    """How many lines a cell takes."""
    return sum(max(1, math.ceil(1.04 * _letters(line) / width - 0.04)) for line in lines)


def _lines(cell: str) -> list[str]:
    """A cell's text without marks, a line for a value and one for the interval below it."""
    return _MARKS.sub("", cell.replace("`#below[`{=typst}", "\n")).split("\n")


def _letters(text: str) -> float:
    """How many letters of usual width a text takes; code is wider."""
    return 1.15 * (len(text) - 2) if text.startswith("`") and text.endswith("`") else float(len(text))


def _lengths(table: str) -> list[list[float]]:
    lines = [cells(line) for line in table.splitlines() if not re.fullmatch(r"[|:\- ]+", line)]
    return [[max(map(_letters, _lines(text))) for text in row] for row in lines]


def _fits(lengths: Sequence[Sequence[float]]) -> bool:
    widest = [max(column) for column in zip(*lengths, strict=False)]
    return sum(widest) + _GAP * len(widest) <= FITS

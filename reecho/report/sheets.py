"""Tables on a page: intervals below their values, rows beyond the first six folded, the values as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import quote

SHOWN, FOLDED = 6, 8  # rows that are seen at first; a table of up to so many is shown whole
_INTERVAL = re.compile("\u00a0(\\[[^\\]<]*\\])")  # behind a value, as `tables` writes it
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", re.DOTALL)
_HEAD = re.compile(r"<th( style=\"([^\"]*)\")?>")


def table_for_page(html: str, pinned: Sequence[int] = ()) -> str:
    """A table with its intervals below the values; of a long one the rows that are seen at first: pinned ones, the best, the first.

    Args:
        html: with one `<table>` of pandoc's, or without one.
        pinned: numbers of rows that are seen at first in any case, from 0.
    """
    if "<table" not in html:
        return html
    html = html.replace('<td style="text-align: left;">', "<td>").replace('<td style="text-align: right;">', '<td class="r">')
    html = _INTERVAL.sub(r' <small class="interval">\1</small>', html)
    head, mark, rest = html.partition("<tbody>")
    rows = _ROW.findall(rest)
    head = _with_letters(head, rows).replace('<th style="text-align: right;">', '<th class="r">').replace("text-align: left; ", "")
    html = f"{head}{mark}{rest}"
    if not mark or len(rows) <= FOLDED:
        return html
    best = [number for number, row in enumerate(rows) if "<strong>" in row]
    order = dict.fromkeys([*pinned, *best, *range(len(rows))])
    seen = set(list(order)[: max(SHOWN, len(set(pinned)))])
    numbers = iter(range(len(rows)))
    body = _ROW.sub(lambda row: row[0] if next(numbers) in seen else row[0].replace("<tr>", '<tr class="more">', 1), rest)
    return f"{head}{mark}{body}"


def _with_letters(head: str, rows: Sequence[str]) -> str:
    """The head of a table, in which each column of words says how many letters its longest cell has, for the style sheet."""
    columns = zip(*(_CELL.findall(row) for row in (*_ROW.findall(head)[-1:], *rows)), strict=False)
    longest = iter([max(len(unescape(re.sub("<[^>]+>", "", cell))) for cell in column) for column in columns])

    def counted(cell: re.Match[str]) -> str:
        style, letters = cell[2] or "", next(longest, 0)
        if "right" in style or not letters:
            return cell[0]
        return f'<th style="{f"{style} --letters: {letters}".strip()}">'

    return _HEAD.sub(counted, head)


def csv_of(values: Mapping[str, Any], name: str) -> dict[str, str]:
    """A table's values as a file that the page holds.

    Args:
        values: as `tables.values_of` gives them.
        name: of the file.

    Returns:
        "name" and "href", a URL with the file's content.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(values["head"])
    writer.writerows(["" if value is None else value for value in row] for row in values["rows"])
    return {"name": name, "href": "data:text/csv;charset=utf-8," + quote(buffer.getvalue(), safe=",()/:;")}

"""What differs between two runs: parameters, faces, numbers; as rows of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reecho import tasks, titles
from reecho.compare.runs import FinishedRun
from reecho.methods import Method
from reecho.report.contents import facts_of
from reecho.report.tables import MISSING, escape, number, plain
from reecho.results import Row, highlights
from reecho.settings import PARAMETERS
from reecho.tasks import Column

_TESTED_WITH = ("sigma", "samples", "seed")  # parameters that decide what a number is measured on
ONLY, OTHER_FACES = "only in {}", "other faces"


def facts(a: FinishedRun, b: FinishedRun) -> list[dict[str, str]]:
    """What was run: a row a fact, with "what" and the Markdown texts "A" and "B"."""
    of_runs = [dict(facts_of(run.header)) for run in (a, b)]
    rows = [
        {
            "what": name,
            **{run.letter: escape(facts_of_run.get(name, MISSING)) for run, facts_of_run in zip((a, b), of_runs, strict=True)},
        }
        for name in dict.fromkeys([*of_runs[0], *of_runs[1]])
    ]
    versions = [run.header.get("provenance", {}).get("versions", {}) for run in (a, b)]
    packages = [name for name in dict.fromkeys([*versions[0], *versions[1]]) if versions[0].get(name) != versions[1].get(name)]
    if packages:
        texts = [", ".join(f"{name} {of_run.get(name, MISSING)}" for name in packages) for of_run in versions]
        rows.append({"what": "versions that differ", a.letter: escape(texts[0]), b.letter: escape(texts[1])})
    return rows


def faces_differ(a: FinishedRun, b: FinishedRun) -> tuple[list[str], bool]:
    """Whether the runs worked on the same faces.

    Returns:
        (a sentence for each thing that differs, whether the pictures and their split are the same). Where only the size differs,
        the pictures are the same and no number has a partner.
    """
    said = []
    digests = [run.dataset.get("digest") for run in (a, b)]
    split, crop = (_of_faces(a, b, name) for name in ("split_seed", "crop"))
    if split[0] != split[1]:
        said.append(f"The split by person is another one: split_seed is {split[0]} in A and {split[1]} in B.")
    if crop[0] != crop[1]:
        said.append(f"The pictures are cut otherwise: {crop[0]} pixels off each side in A and {crop[1]} in B.")
    if not all(digests):
        said.append("One of the runs does not record which faces it worked on.")
    elif digests[0] != digests[1] and split[0] == split[1]:
        said.append(f"The pictures are not the same: {_pictures(a)} in A, {_pictures(b)} in B.")
    same = not said
    sizes = [run.dataset.get("size") for run in (a, b)]
    if sizes[0] != sizes[1]:
        said.append(f"The faces are {sizes[0]}×{sizes[0]} pixels in A and {sizes[1]}×{sizes[1]} in B.")
    return said, same


def parameters(a: FinishedRun, b: FinishedRun) -> list[dict[str, str]]:
    """The effective parameters that differ, those of every notebook first.

    Returns:
        Rows of Markdown texts: "notebooks", "name", "A", "B", "meaning".
    """
    differing: dict[tuple[str, str, str], list[str]] = {}
    taken: dict[str, list[str]] = {}
    for step in (step for step in a.parameters if step in b.parameters):
        values = a.parameters[step], b.parameters[step]
        for name in dict.fromkeys([*values[0], *values[1]]):
            taken.setdefault(name, []).append(step)
            first, second = (_value(name, step_values) for step_values in values)
            if values[0].get(name, MISSING) != values[1].get(name, MISSING):
                differing.setdefault((name, first, second), []).append(step)
    rows = []
    for (name, first, second), steps in differing.items():
        everywhere = steps == taken[name] and len(steps) > 1
        where = f"all {len(steps)} that take it" if everywhere else ", ".join(f"`{step}`" for step in steps)
        parameter = PARAMETERS.get(name)
        meaning = ", ".join(filter(None, (parameter.meaning, parameter.unit))) if parameter else "no longer known"
        rows.append(
            (not everywhere, {"notebooks": where, "name": f"`{name}`", "A": first, "B": second, "meaning": escape(meaning)})
        )
    return [row for _, row in sorted(rows, key=lambda entry: entry[0])]


def only_in_one(a: FinishedRun, b: FinishedRun) -> list[str]:
    """A sentence for each run that has notebooks which the other one lacks, and for each whose figures cannot be had."""
    lacking = [(run.letter, [name for name in run.parameters if name not in second.parameters]) for run, second in ((a, b), (b, a))]
    said = [f"Only {letter} has {', '.join(f'`{name}`' for name in names)}." for letter, names in lacking if names]
    published = [run.letter for run in (a, b) if not run.notebooks]
    return said + [
        f"{letter} is a published run, without executed notebooks: curves of training and new faces cannot be set beside it."
        for letter in published
    ]


def measured_on(a: FinishedRun, b: FinishedRun, task: str) -> list[str]:
    """A sentence for each parameter that makes the same method's number in the two runs another question."""
    said = []
    for step in (step for step in a.steps(task) if step in b.parameters):
        for name in _TESTED_WITH:
            values = [run.parameters[step].get(name) for run in (a, b)]
            if values[0] != values[1]:
                said.append(
                    f"`{step}` was measured with {name} = {values[0]} in A and {values[1]} in B: a difference tells of that, too."
                )
    return said


def measures(a: FinishedRun, b: FinishedRun, task: str) -> tuple[list[Column], list[Column]]:
    """What a task is measured by: (what is shown at once, what is folded away); each is there in a row of either run."""
    rows = [row for run in (a, b) for row in run.rows.get(task, [])]
    measured = [
        column
        for column in tasks.columns(task, [row.numbers for row in rows])
        if column.key != "n" and any(row.get(column.key) is not None for row in rows)
    ]
    first = [column for column in measured if column.key in tasks.of(task).rank]
    return first, [column for column in measured if column not in first]


def numbers(rows_a: Sequence[Row], rows_b: Sequence[Row], column: Column, same: bool) -> list[dict[str, str]]:
    """Every method of either run by one measure.

    Args:
        rows_a, rows_b: of one task.
        column: the measure.
        same: whether both runs worked on the same faces; if not, nothing is subtracted.

    Returns:
        Rows of Markdown texts: "method", "A" and "B" (number and 95 % interval, the better one bold), "difference" (B less A) and
        "intervals": "overlap", "apart", "equal", "no interval", "only in A", "only in B" or "other faces".
    """
    by_key = [{(row.method, row.size): row for row in rows if row.get(column.key) is not None} for rows in (rows_a, rows_b)]
    keys: list[tuple[Method, int]] = list(dict.fromkeys([*by_key[0], *by_key[1]]))
    several_sizes = len({size for _, size in keys}) > 1
    lines = []
    for method, size in keys:
        pair = [rows.get((method, size)) for rows in by_key]
        title = escape(titles.of(method) + (f", {size}×{size} pixels" if several_sizes else ""))
        lines.append({"method": title, **_compared(pair, column, same)})
    return lines


def in_short(a: FinishedRun, b: FinishedRun, same: bool) -> list[dict[str, str]]:
    """The best network of each run by PSNR, a row a task; its texts are those of `numbers`, with "network" in the cells."""
    rows = []
    for task in tasks.LEARNT:
        best = [highlights(task, run.rows.get(task, []), run.size).get("network") for run in (a, b)]
        if not any(best):
            continue
        cells = _compared(best, tasks.of(task).column("psnr_db"), same and len({row and row.size for row in best}) == 1)
        for letter, row in zip("AB", best, strict=True):
            cells[letter] += f" {escape(row.title)}" if row else ""
        rows.append({"task": task, **cells})
    return rows


def _compared(pair: Sequence[Row | None], column: Column, same: bool) -> dict[str, str]:
    first, second = pair
    texts = [_text(row, column) for row in pair]
    cells = {letter: escape(text) for letter, text in zip("AB", texts, strict=True)}
    if first is None or second is None:
        return {**cells, "difference": MISSING, "intervals": ONLY.format("A" if second is None else "B")}
    if not same:
        return {**cells, "difference": MISSING, "intervals": OTHER_FACES}
    values = [number(row[column.key], column.digits) for row in (first, second)]
    difference = number(second[column.key] - first[column.key], column.digits)
    if not difference.startswith("−") and float(difference.replace(",", "")):
        difference = f"+{difference}"
    if column.better and values[0] != values[1]:
        place = int((second[column.key] > first[column.key]) == (column.better == "higher"))
        letter, value = "AB"[place], values[place]
        cells[letter] = f"**{value}**" + escape(texts[place][len(value) :])
    word = "equal" if texts[0] == texts[1] else _overlap(first.interval(column.key), second.interval(column.key))
    return {**cells, "difference": difference, "intervals": word}


def _text(row: Row | None, column: Column) -> str:
    """A row's number with its interval."""
    if row is None:
        return MISSING
    value, interval = number(row[column.key], column.digits), row.interval(column.key)
    if interval is None:
        return value
    low, high = (number(bound, column.digits) for bound in interval)
    return f"{value} [{low},\u00a0{high}]"


def _overlap(first: tuple[float, float] | None, second: tuple[float, float] | None) -> str:
    if first is None or second is None:
        return "no interval"
    return "overlap" if first[0] <= second[1] and second[0] <= first[1] else "apart"


def _value(name: str, values: Mapping[str, Any]) -> str:
    if name not in values:
        return "not there"
    kind = PARAMETERS[name].kind if name in PARAMETERS else "dict" if isinstance(values[name], dict) else "text"
    text = plain(kind, values[name]) if not isinstance(values[name], list) else ", ".join(map(str, values[name]))
    return escape(text) or "none"


def _of_faces(a: FinishedRun, b: FinishedRun, name: str) -> list[Any]:
    """A parameter of the faces, the same in all notebooks of a run."""
    return [next((values[name] for values in run.parameters.values() if name in values), None) for run in (a, b)]


def _pictures(run: FinishedRun) -> str:
    dataset = run.dataset
    pictures = f"{dataset.get('pictures', 0):,} pictures of {dataset.get('people', 0):,} people"
    return f"{pictures} ({dataset.get('name', 'unknown')}, digest {dataset['digest'][:12]})"

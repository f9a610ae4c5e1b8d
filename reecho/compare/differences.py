"""What differs between two runs: parameters, faces, numbers; as rows of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reecho import results
from reecho.compare.runs import FinishedRun
from reecho.report.contents import best_of, facts_of
from reecho.report.tables import MISSING, escape, number, plain
from reecho.settings import PARAMETERS

_INTERVALS = ("_ci95", "_jackknife95")
_FIRST = {
    "reconstruction": ("psnr_db",), "denoising": ("psnr_db",), "generation": ("kid_hog", "kid_pca64"),
    "colourisation": ("psnr_db", "delta_e00"),
}  # fmt: skip
_TESTED_WITH = ("sigma", "samples", "seed")  # parameters that decide what a number is measured on
ONLY, OTHER_FACES = "only in {}", "other faces"


def facts(a: FinishedRun, b: FinishedRun) -> list[dict[str, str]]:
    """What was run: a row a fact, with "what" and the Markdown texts "A" and "B"."""
    told = [dict(facts_of(run.header)) for run in (a, b)]
    names = list(dict.fromkeys(name for each in told for name in each))
    found = [
        {"what": name, **{run.letter: escape(each.get(name, MISSING)) for run, each in zip((a, b), told, strict=True)}}
        for name in names
    ]
    versions = [run.header.get("provenance", {}).get("versions", {}) for run in (a, b)]
    packages = [name for name in dict.fromkeys([*versions[0], *versions[1]]) if versions[0].get(name) != versions[1].get(name)]
    if packages:
        texts = [", ".join(f"{name} {each.get(name, MISSING)}" for name in packages) for each in versions]
        found.append({"what": "versions that differ", a.letter: escape(texts[0]), b.letter: escape(texts[1])})
    return found


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
    found: dict[tuple[str, str, str], list[str]] = {}
    taken: dict[str, list[str]] = {}
    for step in (step for step in a.parameters if step in b.parameters):
        values = a.parameters[step], b.parameters[step]
        for name in dict.fromkeys([*values[0], *values[1]]):
            taken.setdefault(name, []).append(step)
            texts = tuple(_value(name, each) for each in values)
            if values[0].get(name, MISSING) != values[1].get(name, MISSING):
                found.setdefault((name, *texts), []).append(step)
    rows = []
    for (name, first, second), steps in found.items():
        everywhere = steps == taken[name] and len(steps) > 1
        where = f"all {len(steps)} that take it" if everywhere else ", ".join(f"`{step}`" for step in steps)
        parameter = PARAMETERS.get(name)
        meaning = ", ".join(filter(None, (parameter.meaning, parameter.unit))) if parameter else "no longer known"
        rows.append(
            {"notebooks": where, "name": f"`{name}`", "A": first, "B": second, "meaning": escape(meaning), "_all": everywhere}
        )
    return sorted(rows, key=lambda row: not row.pop("_all"))


def only_in_one(a: FinishedRun, b: FinishedRun) -> list[str]:
    """A sentence for each run that has notebooks which the other one lacks, and for each whose figures cannot be had."""
    lacking = [(run.letter, [name for name in run.parameters if name not in other.parameters]) for run, other in ((a, b), (b, a))]
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


def measures(a: FinishedRun, b: FinishedRun, task: str) -> tuple[list[results.Column], list[results.Column]]:
    """What a task is measured by: (what is shown at once, what is folded away); each is there in a row of either run."""
    rows = a.rows(task) + b.rows(task)
    there = [
        column
        for column in results.columns(task, rows)
        if column.key != "n" and any(row.get(column.key) is not None for row in rows)
    ]
    first = [column for column in there if column.key in _FIRST[task]]
    return first, [column for column in there if column not in first]


def numbers(
    rows_a: Sequence[Mapping[str, Any]], rows_b: Sequence[Mapping[str, Any]], column: results.Column, same: bool
) -> list[dict[str, str]]:
    """Every method of either run by one measure.

    Args:
        rows_a, rows_b: of one task, with "size".
        column: the measure.
        same: whether both runs worked on the same faces; if not, nothing is subtracted.

    Returns:
        Rows of Markdown texts: "method", "A" and "B" (number and 95 % interval, the better one bold), "difference" (B less A) and
        "intervals": "overlap", "apart", "equal", "no interval", "only in A", "only in B" or "other faces".
    """
    by = [{(row["method"], row.get("size")): row for row in rows if row.get(column.key) is not None} for rows in (rows_a, rows_b)]
    keys = list(dict.fromkeys([*by[0], *by[1]]))
    several = len({size for _, size in keys}) > 1
    found = []
    for key in keys:
        pair = [each.get(key) for each in by]
        method = escape(key[0] + (f", {key[1]}×{key[1]} pixels" if several else ""))
        found.append({"method": method, **_compared(pair, column, same)})
    return found


def in_short(a: FinishedRun, b: FinishedRun, same: bool) -> list[dict[str, str]]:
    """The best network of each run by PSNR, a row a task; its texts are those of `numbers`, with "network" in the cells."""
    rows = []
    for task in results.TASKS:
        best = [best_of(run.rows(task), run.dataset.get("size")).get("ours") for run in (a, b)]
        if not any(best):
            continue
        column = next(column for column in results.columns(task) if column.key == "psnr_db")
        row = _compared(best, column, same and len({each and each.get("size") for each in best}) == 1)
        for letter, each in zip("AB", best, strict=True):
            row[letter] += f" {escape(each['method'])}" if each else ""
        rows.append({"task": task, **row})
    return rows


def _compared(pair: Sequence[Mapping[str, Any] | None], column: results.Column, same: bool) -> dict[str, str]:
    texts = [MISSING if row is None else number(row[column.key], column.digits) for row in pair]
    bounds = [_interval(row, column.key) for row in pair]
    told = [
        text if each is None else f"{text} [{number(each[0], column.digits)},\u00a0{number(each[1], column.digits)}]"
        for text, each in zip(texts, bounds, strict=True)
    ]
    cells, difference, word = [escape(text) for text in told], MISSING, ONLY
    if None in pair:
        word = ONLY.format("A" if pair[1] is None else "B")
    elif not same:
        word = OTHER_FACES
    else:
        values = [row[column.key] for row in pair]
        difference = number(values[1] - values[0], column.digits)
        difference = difference if difference.startswith("−") or not float(difference.replace(",", "")) else f"+{difference}"
        word = _word(told, bounds)
        if column.better and texts[0] != texts[1]:
            better = int((values[1] > values[0]) == (column.better == "higher"))
            cells[better] = f"**{texts[better]}**" + escape(told[better][len(texts[better]) :])
    return {"A": cells[0], "B": cells[1], "difference": difference, "intervals": word}


def _word(told: Sequence[str], bounds: Sequence[tuple[float, float] | None]) -> str:
    if told[0] == told[1]:
        return "equal"
    if None in bounds:
        return "no interval"
    return "overlap" if bounds[0][0] <= bounds[1][1] and bounds[1][0] <= bounds[0][1] else "apart"


def _interval(row: Mapping[str, Any] | None, key: str) -> tuple[float, float] | None:
    found = next((row[key + end] for end in _INTERVALS if row.get(key + end)), None) if row else None
    return None if found is None or None in found else tuple(found)


def _value(name: str, values: Mapping[str, Any]) -> str:
    if name not in values:
        return "not there"
    kind = PARAMETERS[name].kind if name in PARAMETERS else "dict" if isinstance(values[name], dict) else "text"
    text = plain(kind, values[name]) if not isinstance(values[name], list) else ", ".join(map(str, values[name]))
    return escape(text) or "none"


def _of_faces(a: FinishedRun, b: FinishedRun, name: str) -> list[Any]:
    """A parameter of the faces, the same in all notebooks of a run."""
    return [next((each[name] for each in run.parameters.values() if name in each), None) for run in (a, b)]


def _pictures(run: FinishedRun) -> str:
    told = run.dataset
    pictures = f"{told.get('pictures', 0):,} pictures of {told.get('people', 0):,} people"
    return f"{pictures} ({told.get('name', 'unknown')}, digest {told['digest'][:12]})"

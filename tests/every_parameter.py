"""Every parameter of every notebook at its ends, and pairs of them: python tests/every_parameter.py FOLDER [--jobs N] [--sample N].

First each pair of values is resolved, which must end in settings or in a sentence that names a parameter. Then rows of values that
hold each possible pair (allpairspy) are executed, notebook by notebook, on a few synthetic faces at smoke: a row must end with
numbers that are numbers. FOLDER keeps what was done; the same command goes on there. Some hours on two cores. The exit code
is 1 where anything failed.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from allpairspy import AllPairs

from reecho.errors import ReechoError
from reecho.networks.registry import NETWORKS
from reecho.parameters import NOTEBOOKS, PARAMETERS, TRAINING
from reecho.settings import notebooks_dir, resolve

ENDS: dict[str, tuple] = {  # where the ends of a range say too little, or cost hours
    "dataset": ("synthetic",), "lfw": (None,), "preset": ("smoke",), "copies_to": (None,), "copies": (0,),
    "pictures": (24, 80), "size": (16, 17, 20, 24, 32, 40, 64), "crop": (0, 60, 100),
    "split_seed": (None, 0, 7), "seed": (0, 2**31 - 1),
    "epochs": (1,), "batch_size": (1, 7, 4096), "patience": (1, 15), "latent_dim": (1, 16, 4096),
    "filters": ((4,), (4, 8, 8, 8), (1, 1)), "kernels": ((3,), (3, 3, 3, 3), (1, 11)),
    "strides": ((2,), (1, 2, 2, 1), (4, 4), (1, 1)),
    "components": ((1,), (49152,), (16, 32, 1024)), "rates": ((), (1,), (1000, 10**9)), "samples": (16, 300), "seeds": (1, 2),
    "prior_weight": (0, 1000, 10**9), "prior_steps": (0, 5), "rerun_epochs": (0, 1), "ladder_epochs": (0, 1),
    "training": ({}, {"latent_dim": 8}, {"epochs": 1, "batch_size": 5}, {"network": "anchored"}, {"network": "autoencoder"}),
}  # fmt: skip
FAR = {  # ends that are resolved and not executed
    "size": (128,), "epochs": (10000,), "patience": (10000,), "copies": (1000,), "samples": (20000,), "seeds": (10,),
    "prior_steps": (100_000,), "pictures": (0,), "rerun_epochs": (20,), "ladder_epochs": (100,), "batch_size": (4096,),
    "preset": ("quick", "full", "study"),
}  # fmt: skip
DIVERGED = "learning_rate"  # in the sentence that ends such a training
LIMIT = 900  # seconds a row may take
SUMMARY, SUMMED = "08_summary", ("03_reconstruction", "04_denoising", "05_generation", "06_colourisation")  # whose rows it shows


def values_of(name: str, notebook: str = "") -> tuple:
    """The values of a parameter that are executed."""
    parameter = PARAMETERS[name]
    if name == "size" and notebook in SUMMED:  # larger ones cost minutes and are trained in 02
        return (16, 24, 32)
    if name in ENDS:
        return ENDS[name]
    if parameter.kind == "texts":
        return (*((choice,) for choice in parameter.choices), parameter.choices[::-1])
    if parameter.choices:
        return parameter.choices
    if parameter.kind == "bool":
        return (True, False)
    ends = [end for end in (parameter.low, parameter.default, parameter.high) if end is not None]
    ends = [int(end) if parameter.kind == "int" else float(end) for end in ends]
    return tuple(dict.fromkeys(ends)) + ((None,) if parameter.optional else ())


def refusal(notebook: str, values: dict[str, Any]) -> str | None:
    """The sentence that refuses some values, None where they are taken."""
    try:
        resolve(notebook, {"preset": "smoke", "dataset": "synthetic", **values})
    except ReechoError as error:
        return str(error)
    return None


def resolved_pairs() -> tuple[int, int, list[dict[str, Any]]]:
    """How many pairs were resolved, how many of them were refused, and those that ended in anything else."""
    tried, refused, failures = 0, 0, []
    for notebook, names in NOTEBOOKS.items():
        whole = {name: (*values_of(name), *FAR.get(name, ())) for name in names}
        for first, second in itertools.combinations(names, 2):
            for a, b in itertools.product(whole[first], whole[second]):
                tried += 1
                try:
                    sentence = refusal(notebook, {first: a, second: b})
                except Exception as error:
                    failures.append({"notebook": notebook, "values": {first: a, second: b}, "error": repr(error)})
                    continue
                if sentence is not None:
                    refused += 1
                    if not any(name in sentence for name in PARAMETERS):
                        failures.append({"notebook": notebook, "values": {first: a, second: b}, "error": f"names none: {sentence}"})
    return tried, refused, failures


def rows_of(notebook: str) -> list[dict[str, Any]]:
    """Rows of values that are taken, in which each pair of values stands that can."""
    names = [name for name in NOTEBOOKS[notebook] if len(values_of(name, notebook)) > 1]
    rows = []
    if notebook == TRAINING:  # a network's own parameters, network by network: a row of any two would mostly be refused
        rows += [{"network": name, "task": task} for name, spec in NETWORKS.items() for task in spec.tasks]

    def taken(row: list) -> bool:
        return refusal(notebook, dict(zip(names, row, strict=False))) is None

    if names:
        rows += [
            dict(zip(names, row, strict=True))
            for row in AllPairs([list(values_of(name, notebook)) for name in names], filter_func=taken)
        ]
    return rows or [{}]


def execute(notebook: str, values: dict[str, Any]) -> None:
    """Execute a notebook's cells in this process, as papermill would, and look at the numbers that it writes."""
    given = {"preset": "smoke", "dataset": "synthetic", "pictures": 80, **values}
    if notebook == TRAINING:
        given = {"latent_dim": 16, "epochs": 1, **given}
    source = "# Parameters\n" + "\n".join(f"{name} = {value!r}" for name, value in given.items() if name in NOTEBOOKS[notebook])
    variables: dict[str, Any] = {"__name__": "__main__", "In": [source]}
    for cell in nbformat.read(notebooks_dir() / f"{notebook}.ipynb", as_version=4).cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code" and "skip-execution" not in tags:
            try:
                exec(compile(cell.source, f"<{cell.id}>", "exec"), variables)
            except ReechoError as error:
                if DIVERGED in str(error):  # one sentence, at a loss that is no number
                    return
                raise
            if "parameters" in tags:
                exec(source, variables)
    file = variables["run"].results_file
    rows = json.loads(file.read_text(encoding="utf-8")).get("rows", []) if file.is_file() else []
    for row in rows:  # what is no number is not written
        assert row["task"] == "generation" or -30 < row["numbers"]["psnr_db"] < 200 or row["kind"] in ("oracle", "input"), row


def in_a_process(folder: Path, notebook: str, values: dict[str, Any]) -> dict[str, Any]:
    """Execute a row in a process of its own, in a run of its own; networks and faces are shared."""
    began = time.time()
    point = json.dumps([notebook, values])
    gathered = notebook == SUMMARY or (notebook in SUMMED and not values)
    name = SUMMARY if gathered else hashlib.sha256(point.encode()).hexdigest()[:12]
    environment = {
        **os.environ, "REECHO_DATA": str(folder / "data"), "REECHO_BUILD": str(folder / "build"), "TF_CPP_MIN_LOG_LEVEL": "3",
        "REECHO_RUN": str(folder / "runs" / name), "REECHO_STEP": notebook, "MPLBACKEND": "agg",
    }  # fmt: skip
    command = [sys.executable, __file__, str(folder), "--row", point]
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=LIMIT)
        error = "" if done.returncode == 0 else "\n".join(done.stderr.strip().splitlines()[-6:])
    except subprocess.TimeoutExpired:
        error = f"not done in {LIMIT} s"
    return {"notebook": notebook, "values": values, "seconds": round(time.time() - began, 1), "error": error}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, default=0, help="so many rows a notebook, chosen by chance; 0: all")
    parser.add_argument("--only", default="", help="notebooks whose names begin so")
    parser.add_argument("--row", help="for itself: a row to execute")
    arguments = parser.parse_args()
    if arguments.row:
        notebook, values = json.loads(arguments.row)
        execute(notebook, {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
        return 0
    folder = arguments.folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    tried, refused, failures = resolved_pairs()
    print(f"{tried:,} pairs of values resolved: {refused:,} refused, {len(failures)} failed", flush=True)
    for failure in failures[:20]:
        print("  ", failure, flush=True)
    log = folder / "rows.jsonl"
    before = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.is_file() else []
    done = {json.dumps([row["notebook"], row["values"]]) for row in before if not row["error"]}
    rows = []
    for notebook in NOTEBOOKS:
        if notebook.startswith(arguments.only):
            of_notebook = rows_of(notebook)
            if arguments.sample and len(of_notebook) > arguments.sample:
                of_notebook = random.Random(0).sample(of_notebook, arguments.sample)
            rows += [(notebook, row) for row in of_notebook]
    if any(notebook == SUMMARY for notebook, _ in rows):
        rows = [*((notebook, {}) for notebook in SUMMED), *rows]
    left = [row for row in rows if json.dumps(row[0:2]) not in done and json.dumps(list(row)) not in done]
    print(f"{len(rows)} rows to execute, {len(rows) - len(left)} of them done before", flush=True)
    bad = len(failures)
    with ThreadPoolExecutor(arguments.jobs) as pool, log.open("a", encoding="utf-8") as file:
        for outcome in pool.map(lambda row: in_a_process(folder, *row), left):
            file.write(json.dumps(outcome) + "\n")
            file.flush()
            if outcome["error"]:
                bad += 1
                print(f"FAILED {outcome['notebook']} {outcome['values']}\n{outcome['error']}\n", flush=True)
    print(f"{len(rows)} rows executed, {bad} failures", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())

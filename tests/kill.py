"""Runs killed at random moments and made again: python tests/kill.py FOLDER [--runs 100] [--kills 1] [options of report].

Each run is fresh, in a build folder of its own; its whole process group is killed, by SIGKILL and SIGINT in turn, and the same
command is given again: killed once more where a run has several kills, else to the end. What comes out must equal an
uninterrupted run in every number but times, and nothing may be left: no process, no file written aside, no folder of a training.
FOLDER keeps what was done; the same command goes on there, so that a hundred runs can be spread over several evenings. The exit
code is 1 where any run failed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import psutil

REPORT = ("report", "--preset", "smoke", "--dataset", "synthetic", "--name", "run")
TIMES = ("ms_picture", "train_seconds", "processor_seconds")
PATIENCE = 20.0  # seconds in which the processes of a killed group must be gone
LIMIT = 1800  # seconds for a run


def command(options: list[str]) -> list[str]:
    """The command of a run."""
    return [sys.executable, "-P", "-m", "reecho", *REPORT, *options]


def environment(folder: Path) -> dict[str, str]:
    """That of a run whose build and data folders are new."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("REECHO_")}
    return own | {"REECHO_BUILD": str(folder / "build"), "REECHO_DATA": str(folder / "data")}


def whole(folder: Path, options: list[str]) -> str:
    """Run to the end; what stands in its way, "" where nothing does."""
    done = subprocess.run(command(options), capture_output=True, text=True, env=environment(folder), timeout=LIMIT)
    return "" if done.returncode == 0 else f"exit code {done.returncode}: {done.stderr[-600:]}"


def numbers(folder: Path) -> dict[str, Any]:
    """Every row that a run wrote, without times, what else its notebooks measured, and the weights of every network."""
    rows: dict[str, Any] = {}
    for file in sorted((folder / "build" / "run" / "results").glob("*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        if "rows" not in content:  # that of 07, in which there are no times
            rows[file.stem] = content
        for row in content.get("rows", ()):
            row["numbers"] = {name: value for name, value in row["numbers"].items() if name not in TIMES}
            rows[f"{file.stem} {row['size']} {row['title']}"] = row
    for network in sorted((folder / "build" / "networks").glob("*/model.weights.h5")):
        rows[network.parent.name] = bits_of(network)
    return rows


def bits_of(file: Path) -> str:
    """The bits of a network's weights, as hex digits."""
    digest = hashlib.sha256()
    with h5py.File(file) as stored:
        names: list[str] = []
        stored.visititems(lambda name, entry: names.append(name) if isinstance(entry, h5py.Dataset) else None)
        for name in sorted(names):
            digest.update(name.encode() + stored[name][()].tobytes())
    return digest.hexdigest()


def left_behind(folder: Path) -> list[str]:
    """Files and folders that should have gone."""
    build = folder / "build"
    hidden = list(build.rglob(".*"))
    training = [path for ending in ("training", "lock") for path in (build / "networks").glob(f"*.{ending}")]
    return [str(path.relative_to(folder)) for path in (*hidden, *training)]


def processes_of(folder: Path) -> list[psutil.Process]:
    """The processes whose environment names the folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("REECHO_BUILD") == str(folder / "build") and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def attempt(folder: Path, number: int, kills: int, seconds: float, options: list[str], expected: dict[str, Any]) -> dict[str, Any]:
    """Kill a fresh run `kills` times, each at a random moment, make it to the end, and look at what came out.

    Args:
        folder: of the run.
        number: of the run, which decides its moments and signals.
        kills: how often it is killed.
        seconds: that an uninterrupted run takes. A single kill falls anywhere in it; of several, each falls within such a time
            from the last start that the run is killed all the way to its end.
        options: of the command.
        expected: what an uninterrupted run has, from `numbers`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    moments, problems, killed = random.Random(number), [], []
    for kind in [(signal.SIGKILL, signal.SIGINT)[(number + count) % 2] for count in range(kills)]:
        after = moments.uniform(0, min(1, 3 / kills) * seconds)
        killed.append({"signal": kind.name, "after": round(after, 1), "ended": killed_after(after, kind, folder, options)})
        deadline = time.monotonic() + PATIENCE
        while (orphans := processes_of(folder)) and time.monotonic() < deadline:
            time.sleep(0.2)
        if orphans:
            problems.append(f"processes that stay: {[process.name() for process in orphans]}")
            for process in orphans:
                process.kill()
    if problem := whole(folder, options):
        problems.append(problem)
    else:
        now = numbers(folder)
        differing = [name for name in {**expected, **now} if expected.get(name) != now.get(name)]
        problems += [f"other numbers: {differing[:5]}"] if differing else []
    if left := left_behind(folder):
        problems.append(f"left behind: {left[:5]}")
    if not problems:
        shutil.rmtree(folder)
    return {"run": number, "killed": killed, "problems": problems}


def killed_after(seconds: float, kind: signal.Signals, folder: Path, options: list[str]) -> int:
    """The exit code of a run whose process group is killed after so many seconds; 0 where it has ended before."""
    run = subprocess.Popen(
        command(options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(folder), start_new_session=True
    )
    try:
        run.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, kind)
    return run.wait(LIMIT)


def kill(folder: Path, runs: int, options: list[str], kills: int = 1, jobs: int = 1) -> list[dict[str, Any]]:
    """The outcome of each run, `jobs` of them at once; those that an earlier call has recorded are not made again."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it, and so would the runs
    folder.mkdir(parents=True, exist_ok=True)
    record, log, how = folder / "uninterrupted.json", folder / "runs.jsonl", {"options": options, "kills": kills}
    if not record.is_file():
        began = time.monotonic()
        shutil.rmtree(folder / "uninterrupted", ignore_errors=True)
        if problem := whole(folder / "uninterrupted", options):
            raise SystemExit(f"the uninterrupted run failed: {problem}")
        content = {"seconds": time.monotonic() - began, "how": how, "numbers": numbers(folder / "uninterrupted")}
        record.write_text(json.dumps(content), encoding="utf-8")
    content = json.loads(record.read_text(encoding="utf-8"))
    if content["how"] != how:
        raise SystemExit(f"{folder} was begun with {content['how']}; give another folder")
    outcomes = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.is_file() else []
    left = sorted({*range(runs)} - {outcome["run"] for outcome in outcomes})

    def outcome_of(number: int) -> dict[str, Any]:
        return attempt(folder / f"run-{number}", number, kills, content["seconds"], options, content["numbers"])

    with ThreadPoolExecutor(jobs) as pool, log.open("a", encoding="utf-8") as file:
        for outcome in pool.map(outcome_of, left):
            outcomes.append(outcome)
            file.write(json.dumps(outcome) + "\n")
            file.flush()
            print(outcome, flush=True)
    return outcomes


def main() -> int:
    """Kill, and say how often something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--kills", type=int, default=1, help="of each run")
    parser.add_argument("--at-once", type=int, default=1, help="so many runs at once")
    arguments, options = parser.parse_known_args()
    outcomes = kill(arguments.folder.absolute(), arguments.runs, options, arguments.kills, arguments.at_once)
    bad = [outcome for outcome in outcomes if outcome["problems"]]
    ended = Counter(moment["signal"] for outcome in outcomes for moment in outcome["killed"] if moment["ended"])
    print(f"{len(outcomes)} runs, killed {ended.total()} times ({dict(ended)}), {len(bad)} failures")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())

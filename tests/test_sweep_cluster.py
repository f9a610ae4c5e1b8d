"""A sweep on a real scheduler with two workers in processes of their own, one of which is killed in the middle."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from test_pipeline import ROW, write_notebook

from reecho import network_keys
from reecho.context import Places
from reecho.settings import ROOT
from reecho.sweep import grid, work
from reecho.sweep.networks import networks_of

LONG = 900.0  # seconds until a busy machine must have come to a place
TRAINS = """\
from reecho import context, data, trained
run = context.begin("02_training", globals())
with open({log!r}, "a") as file:
    print("training", file=file)
network = trained.one(run, run.settings.task, data.load(**run.faces))"""
MEASURES = """\
import json, os, pathlib, time
from concurrent.futures import ThreadPoolExecutor
log, build = pathlib.Path({log!r}), pathlib.Path(os.environ["REECHO_BUILD"])
with open(log, "a") as file:
    print(build.name, sigma, file=file)
while not log.with_name("killed").exists() and (sigma == 0.4 or len(set(log.read_text().split()) & {{"a", "b"}}) < 2):
    time.sleep(0.1)  # both workers are at work when one of them is killed, at the point of 0.4
if sigma == 0.3 and not log.with_name("mended").exists():
    raise ValueError("no such noise")
row = json.loads('{row}')
row["numbers"]["psnr_db"], row["n"] = 100 * sigma, len(list(build.glob("networks/*/network.json")))
results = pathlib.Path(os.environ["REECHO_RUN"], "results")
results.mkdir()
_ = (results / "04_denoising.json").write_text(json.dumps({{"schema": 2, "rows": [row]}}))"""
NARROW = {
    "pictures": 40, "size": 16, "filters": 8, "kernels": 3, "strides": 2, "latent_dim": 8, "epochs": 1, "initialisation": "random",
    "denoisers": "reference",
}  # fmt: skip


@pytest.fixture
def house(tmp_path):
    """The package beside tiny notebooks, as a checkout has them."""
    log = str(tmp_path / "log")
    shutil.copytree(ROOT / "reecho", tmp_path / "house" / "reecho", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "notebooks", tmp_path / "house" / "notebooks")
    parameters = 'preset = "quick"'
    write_notebook(tmp_path / "house" / "notebooks" / "02_training.ipynb", TRAINS.format(log=log), parameters=parameters)
    measures = MEASURES.format(log=log, row=json.dumps(ROW.as_dict()))
    write_notebook(tmp_path / "house" / "notebooks" / "04_denoising.ipynb", measures, parameters=parameters)
    return tmp_path / "house"


@contextlib.contextmanager
def at_work(house: Path, *command: str, name: str):
    """A process with folders of its own: no disk is shared, but for the log that the test reads."""
    own = {"REECHO_BUILD": str(house.parent / name), "REECHO_DATA": str(house.parent / f"data-{name}"), "PYTHONPATH": str(house)}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("REECHO_")} | own
    with (
        (house.parent / f"{name}.txt").open("a") as output,
        subprocess.Popen(
            [sys.executable, "-P", "-m", *command], env=environment, cwd=house.parent, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def wait_for(condition, what: str, folder: Path):
    end = time.monotonic() + LONG
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"{what} did not come; " + "\n".join(file.read_text() for file in folder.glob("*.txt")))
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kills a process")
def test_a_killed_workers_points_run_again_and_the_same_command_goes_on(house):
    folder, log = house.parent, house.parent / "log"
    log.touch()
    file, quiet = folder / "scheduler.json", ("--no-dashboard", "--host", "127.0.0.1")
    with contextlib.ExitStack() as stack:
        scheduler = ("distributed.cli.dask_scheduler", "--port", "0", "--scheduler-file", str(file), *quiet)
        stack.enter_context(at_work(house, *scheduler, name="scheduler"))
        wait_for(file.is_file, "the scheduler", folder)
        worker = ("distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-nanny", *quiet)
        workers = {
            name: stack.enter_context(at_work(house, *worker, "--local-directory", str(folder / f"tmp-{name}"), name=name))
            for name in "ab"
        }
        for name in "ab":
            wait_for(lambda name=name: "Registered to" in (folder / f"{name}.txt").read_text(), f"worker {name}", folder)
        options = [word for pair in NARROW.items() for word in ("-p", "=".join(map(str, pair)))]
        command = ("reecho", "sweep", "--preset", "smoke", "--dataset", "synthetic", "--only", "04", "-p", "sigma=0.1,0.2,0.3,0.4")
        command = (*command, *options, "--scheduler", json.loads(file.read_text())["address"])

        with at_work(house, *command, name="first") as first:
            others = [f"point sigma = {sigma}: " for sigma in (0.1, 0.2, 0.3)]
            said = folder / "first.txt"
            wait_for(lambda: " 0.4\n" in log.read_text() and all(map(said.read_text().__contains__, others)), "0.4 alone", folder)
            assert {"a", "b"} <= set(log.read_text().split())
            killed = next(line.split()[0] for line in log.read_text().splitlines() if line.endswith(" 0.4"))
            workers[killed].send_signal(signal.SIGKILL)
            (folder / "killed").touch()
            assert first.wait(LONG) == 1, (folder / "first.txt").read_text()
        said = (folder / "first.txt").read_text()
        assert "is gone; what it was at runs again" in said and "Points that failed: 1" in said and "Traceback" not in said
        assert "point sigma = 0.3: failed: 04_denoising stopped in cell" in said and "no such noise" in said
        points = [json.loads(path.read_text()) for path in (folder / "first" / "sweep" / "points").iterdir()]
        measured = {point["swept"]["sigma"]: point for point in points}
        assert {sigma: point["rows"][0]["numbers"]["psnr_db"] for sigma, point in measured.items() if point["rows"]} == {
            0.1: 10, 0.2: 20, 0.4: 40,
        }  # fmt: skip
        assert [sigma for sigma, point in measured.items() if point["failed"]] == [0.3]
        assert all(point["rows"][0]["n"] == 1 for point in points if point["rows"])  # the network was there, whoever trained it
        assert log.read_text().split().count("training") == 1 and not (folder / "first" / "networks").exists()
        begun = Counter(line.split()[1] for line in log.read_text().splitlines() if " " in line)
        assert begun == {"0.1": 1, "0.2": 1, "0.3": 1, "0.4": 2}
        page = folder / "first" / "sweep" / "sweep.html"
        assert "1 of 4 points failed" in page.read_text(encoding="utf-8")

        (folder / "mended").touch()
        before = Counter(log.read_text().splitlines())
        with at_work(house, *command, name="first") as second:
            assert second.wait(LONG) == 0, (folder / "first.txt").read_text()
        again = Counter(log.read_text().splitlines()) - before
        assert [line.split()[1] for line in again] == ["0.3"]
        assert "3 of 4 points are done already" in (folder / "first.txt").read_text()
        assert "points failed" not in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_point_trains_nothing_when_its_networks_have_travelled(tmp_path, monkeypatch):
    """With the notebooks that there are: the networks that a sweep trains ahead are those that they ask for."""
    pairs = ["=".join(map(str, pair)) for pair in NARROW.items()]
    point = grid.points(["sigma=0.1,0.2", *pairs], {"preset": "smoke", "dataset": "synthetic"}, ("04",))[0]
    (step,) = point.steps
    share = work.Share(step.name, step.notebook, point.parameters[step.name][0])
    with ThreadPoolExecutor(1) as pool:  # in this thread a browser's loop may be at work
        (seen,) = pool.submit(asyncio.run, work.look([(share.notebook, share.parameters)])).result()
    (training,) = networks_of(point.settings(step))
    folder = network_keys.folder_of(Places(), training, seen).name

    content = work.train(training.as_dict(), folder, seen.digest, seen.code, "sweep")
    assert work.train(training.as_dict(), folder, seen.digest, seen.code, "sweep")[0] == content[0]  # it lies in the store
    monkeypatch.setenv("REECHO_BUILD", str(tmp_path / "elsewhere"))
    measured = work.measure([share], [folder], [content], [seen.digest], seen.code, "sweep", point.key)
    stored = [path for path in (tmp_path / "elsewhere" / "networks").iterdir() if path.is_dir()]
    assert [path.name for path in stored] == [folder]
    record = (tmp_path / "build" / "networks" / folder / "network.json").read_bytes()
    assert (stored[0] / "network.json").read_bytes() == record  # with the time of its one training
    assert {"network", "baseline", "input"} <= {row["kind"] for row in measured.rows} and measured.seconds > 0
    assert [path.name for path in (tmp_path / "elsewhere" / "sweep").iterdir()] == []

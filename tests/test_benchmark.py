"""The benchmark: turns and their ratios on given times, its file, what fails. No time is judged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from reecho.__main__ import main
from reecho.benchmark import record, rounds, run
from reecho.benchmark.own_training import Stepwise
from reecho.benchmark.record import Record, Result
from reecho.benchmark.rounds import Row
from reecho.benchmark.subjects import KERAS_64, MATRIX_PRODUCT, OWN_64, SUBJECTS
from reecho.errors import ReechoError
from reecho.settings import ROOT

HEADER = {
    "quick": False, "date": "2026-01-02", "processor": "Some <processor>", "cores": 2, "memory_gib": 8, "system": "Linux",
    "busy": 0.1, "versions": {"python": "3.11.0"}, "commit": "abc",
}  # fmt: skip
TITLES = {OWN_64: "ours", KERAS_64: "Keras", MATRIX_PRODUCT: "matrix product", "prepare": "prepare"}
ROWS = {
    "training": [
        Row(OWN_64, rounds.TIMES, (1.1, 1.5, 1.2), KERAS_64), Row(OWN_64, rounds.SHARE, (0.4, 0.5, 0.45), MATRIX_PRODUCT),
        Row(OWN_64, rounds.PICTURES_A_SECOND, (300.0, 310.0, 290.0)),
        Row(KERAS_64, rounds.PICTURES_A_SECOND, (200.0, 250.0, 220.0)),
        Row(MATRIX_PRODUCT, rounds.GFLOPS, (200.0, 210.0, 190.0)),
    ],
    "stages": [Row(OWN_64, unit, (value,)) for unit, value in ((rounds.SECONDS, 61.5), (rounds.PROCESSOR_SECONDS, 80.0))],
    "growth": [
        *(Row("prepare", rounds.SECONDS, (0.1 * n,), at={"pictures": n, "size": 32}) for n in (1, 2, 4)),
        *(Row("prepare", rounds.SECONDS, (0.2 * s,), at={"pictures": 1, "size": s}) for s in (64, 128)),
        Row("prepare", rounds.EXPONENT, (1.0, 1.1), at={"over": "pictures"}),
    ],
}  # fmt: skip


def measured(**failures: str) -> Record:
    """A record of all subjects; those that are named failed, with this sentence."""
    results = []
    for name in SUBJECTS:
        failure = failures.get(name)
        rows = [] if failure else ROWS.get(name, [])
        results.append(Result(name, 12.5, failure, [] if failure else ["PyTorch is *not* installed."], TITLES, rows))
    return Record(dict(HEADER), results)


def published_from(places, content: Record) -> None:
    """Leave a benchmark where `publish` looks for it."""
    folder = places.build / "benchmark"
    folder.mkdir(parents=True)
    (folder / record.FILE).write_text(content.text(), encoding="utf-8")
    (folder / record.PAGE).write_text("page", encoding="utf-8")


def test_each_round_begins_with_the_next_contender_and_ratios_are_taken_within_rounds():
    order = []

    def contender(name, *rates):
        left = iter(rates)
        return lambda: (order.append(name), {name: next(left)})[1]

    values = rounds.in_turn([contender("a", 300.0, 150.0, 90.0), contender("b", 100.0, 100.0, 60.0)], 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    row = rounds.ratio(values, "a", "b")[0]
    assert row.rounds == (3.0, 1.5, 1.5) and row.range == (1.5, 1.5, 3.0)  # not the ratio of the medians, 1.5, alone
    assert len(rounds.in_turn([lambda: {"a": 1.0}], 5, seconds=-1.0)["a"]) == 2  # a slow machine makes two rounds all the same
    assert rounds.ratio(values, "a", "torch") == []  # who was left out has no ratio


def test_a_row_survives_the_file():
    row = Row("a", rounds.SECONDS, (0.25, 1 / 3), at={"pictures": 64, "size": 32})
    again = Row.of(json.loads(json.dumps(row.plain())))
    assert again == Row("a", rounds.SECONDS, (0.25, 0.333333), at={"pictures": 64, "size": 32})
    assert {"min", "median", "max", "rounds", "unit", "what", "against"} <= set(row.plain())


def test_a_function_in_a_thread_goes_on_for_one_turn_at_a_time_and_hands_its_error_over():
    done = []

    def work(pause):
        for number in range(2):
            done.append(number)
            pause(number)
        raise ReechoError("over")

    stepwise = Stepwise(work)
    assert done == [] and stepwise.turn() == 0 and done == [0] and stepwise.turn() == 1
    with pytest.raises(ReechoError, match="over"):
        stepwise.turn()


def test_the_share_of_the_matrix_product_follows_from_the_cost_of_the_layers():
    from reecho.benchmark import plain_keras, training
    from reecho.benchmark.cost import training_gflop

    network = plain_keras.network(32)
    gflop = training_gflop([network.posterior, network.decoder])
    # of each layer 2 · weights of its kernel · places that it stands at; three times, but for the gradient of the pictures
    forward = 2 * (27 * 32 * 1024 + 9 * 64 * (32 * 256 + 64 * (64 + 64 + 64 + 64 + 256) + 3 * 1024) + 3 * 4096 * 1024)
    assert gflop == pytest.approx((3 * forward - 2 * 27 * 32 * 1024) / 1e9)
    rows = training.rows_of({OWN_64: [300.0, 200.0], MATRIX_PRODUCT: [150.0, 200.0]}, 0.25)
    assert [(row.what, row.rounds) for row in rows if row.unit == rounds.SHARE] == [(OWN_64, (0.5, 0.25))]


def test_growth_is_the_slope_on_logarithmic_axes():
    from reecho.benchmark.growth import rows_of

    seconds = {("score", n, 32): (0.1 * n, 0.1 * n**2) for n in (10, 20, 40)} | {("score", 10, 64): (4.0, 10.0)}
    exponents = {row.at["over"]: row.rounds for row in rows_of(seconds) if row.unit == rounds.EXPONENT}
    assert exponents["pictures"] == pytest.approx((1.0, 2.0)) and exponents["size"] == pytest.approx((2.0, 0.0), abs=1e-9)


def test_a_notebooks_stage_is_what_its_record_tells():
    from reecho.benchmark.stages import of_notebook

    rows = of_notebook("01_data", {"minutes": {"wall": 0.5, "processor": 1.0}, "memory_gib": 1.5}, 0.0)
    assert [(row.unit, row.median) for row in rows] == [("s", 30.0), ("processor s", 60.0), ("GiB", 1.5)]


@pytest.mark.slow
def test_the_stages_of_the_run_that_was_finished_last_are_read_and_its_pages_and_book_made_beside_it(tmp_path, places):
    from reecho.benchmark.stages import measure

    folder = places.build / "mine"
    for name in ("notebooks", "networks/01_data"):
        (folder / name).mkdir(parents=True)
    shutil.copyfile(ROOT / "reports" / "results.json", folder / "results.json")
    published = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    output = new_output("stream", text="done")
    notebook = new_notebook(cells=[new_markdown_cell("# Faces"), new_code_cell("1", outputs=[output], execution_count=1)])
    notebook.metadata["reecho"] = {"minutes": {"wall": 2.0, "processor": 3.0}, "memory_gib": 1.25}
    nbformat.write(notebook, folder / "notebooks" / "01_data.ipynb")
    (folder / "networks" / "01_data" / "k.json").write_text(json.dumps({"here": [0.5, 0.9]}))
    (folder / "finished.json").write_text("{}")
    content = measure(rounds.Task(True, places, tmp_path))
    values = {(row.what, row.unit): row.median for row in content.rows}
    expected = {rounds.SECONDS: 120.0, rounds.PROCESSOR_SECONDS: 180.0, rounds.TRAINING_SECONDS: 30.0, rounds.GIB: 1.25}
    assert {unit: values["01_data", unit] for unit in expected} == expected
    assert {what for what, _ in values} == {"01_data", "pages", "book"} and min(values.values()) > 0
    assert content.titles["01_data"] == "Faces" and f"preset {published['preset']}" in content.notes[0]
    assert sorted(path.name for path in folder.iterdir()) == ["finished.json", "networks", "notebooks", "results.json"]


def test_a_subject_that_fails_or_dies_is_named_and_the_others_go_on(tmp_path, places):
    def measure(name, task, file, environment):
        assert environment["OMP_NUM_THREADS"] == environment["TF_NUM_INTRAOP_THREADS"] and not task.quick
        if name == "denoising":
            return -9
        if name == "stages":
            file.write_text(json.dumps({"failure": "the disk is <full>"}))
        else:
            rows = [row.plain() for row in ROWS.get(name, [])]
            file.write_text(json.dumps({"rows": rows, "titles": TITLES, "notes": [], "failure": None}))
        return 0

    lines = []
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("stays")
    written = run.benchmark(places, os.environ, out=tmp_path / "out", say=lines.append, measure=measure)
    content = record.read(tmp_path / "out" / record.FILE)
    failures = {result.name: result.failure for result in content.results if result.failure}
    assert list(failures) == ["denoising", "stages"] and "signal 9" in failures["denoising"]
    assert content.results[0].rows == ROWS["training"] and content.left_out == []
    text = written.read_text(encoding="utf-8")
    assert (
        "Denoising a picture could not be measured: its process was ended by signal 9" in text
        and "the disk is &lt;full&gt;" in text
    )
    assert any("could not be measured" in line for line in lines)
    assert {"processor", "cores", "date", "versions", "commit"} <= set(content.header)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [record.PAGE, record.FILE, "mine.txt"]


def test_an_interrupted_benchmark_leaves_the_earlier_one_as_it_was(tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "_in_a_process", interrupted)
    (tmp_path / record.FILE).write_text("earlier")
    assert main(["benchmark", "--out", str(tmp_path)]) == 130 and "nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [record.FILE]
    assert (tmp_path / record.FILE).read_text() == "earlier"


def test_the_child_measures_one_subject_and_puts_a_failure_into_a_sentence(tmp_path, places, monkeypatch):
    from reecho.benchmark import child

    request = child.request_of("stages", rounds.Task(True, places, tmp_path), tmp_path / "stages.json")
    monkeypatch.setattr("json.load", lambda stream: request)
    monkeypatch.setattr(child, "as_a_command", lambda: None)
    assert child.main() == 0
    content = json.loads((tmp_path / "stages.json").read_text())
    assert content["failure"] is None and content["rows"] == [] and "There is no finished run" in content["notes"][0]
    monkeypatch.setattr(child, "measured", lambda *_: 1 / 0)
    assert child.main() == 0
    assert json.loads((tmp_path / "stages.json").read_text()) == {"failure": "ZeroDivisionError: division by zero"}


def test_the_command_refuses_a_subject_that_is_not_there_and_a_run_cannot_take_the_benchmarks_name(capsys, places):
    assert main(["benchmark", "--only", "speed"]) == 2 and "training" in capsys.readouterr().err
    with pytest.raises(ReechoError, match="cannot name a run"):
        places.run_folder("benchmark")


@pytest.mark.slow
def test_reechos_own_training_takes_an_epoch_a_turn_and_plain_keras_trains_the_same_network(small_faces):
    from reecho.benchmark import own_training, plain_keras

    turn = own_training.by_epochs("own", small_faces, 64, 32, True, 1)
    assert turn()["own"] > 0
    pictures = small_faces.pictures(np.arange(64))
    ranges = own_training.Ranges.of(own_training.settings_of())
    network = plain_keras.network(32)
    assert network.posterior.count_params() + network.decoder.count_params() == 12_796_483
    values = plain_keras.from_generator("whole", "steps", pictures, 32, ranges)()
    assert 0 < values["whole"] <= values["steps"]  # the steps are a part of the call
    made = next(plain_keras.image_data_generator(ranges).flow(pictures, batch_size=8, seed=0))
    assert made.shape == (8, 32, 32, 3) and made.min() >= 0 and made.max() <= 1


def test_pytorchs_network_is_the_documents():
    """Where PyTorch is not installed nothing is measured of it, and the page says so."""
    from reecho.benchmark import torch_training

    if torch_training.version() is None:
        pytest.skip("PyTorch is not installed.")
    script = (
        "import numpy as np, torch\nfrom reecho.benchmark import torch_child\n"
        "layers = ((32, 64, 64, 64), (3, 3, 3, 3), (1, 2, 2, 1), 1024)\n"
        "parts = torch_child.network(torch, 32, *layers)\n"
        "print(sum(weight.numel() for part in (parts[0], parts[1], *parts[2]) for weight in part.parameters()))\n"
        "epoch = torch_child.training_of(np.full((8, 16, 16, 3), .7, 'float32'), 4, True, (8, 8), (3, 3), (1, 2), 4)\n"
        "print(epoch() > [epoch() for _ in range(60)][-1])\n"
    )
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, text=True)  # TensorFlow may be in this process
    assert done.stdout.split() == ["12795651", "True"], done.stderr

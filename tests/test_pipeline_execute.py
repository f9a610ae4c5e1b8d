"""One executed notebook: its parameters, its outputs, its progress, its minutes."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import nbformat
import pytest
from test_pipeline import write_notebook

from reecho import context
from reecho.context import Run, Spent
from reecho.pipeline import summary
from reecho.pipeline.execute import execute
from reecho.pipeline.progress import Progress
from reecho.settings import resolve


def test_minutes_count_each_training_once_and_what_a_record_does_not_tell_is_said(tmp_path, places, monkeypatch):
    """Two notebooks of 10 minutes by the clock and 16 of the processors; the first one trains a for 4 and 7 of them."""
    runs = [Run(places, tmp_path / "run", step, resolve("08_summary", {})) for step in ("first", "second")]
    trained = {"minutes": 4.0, "processor_minutes": 7.0}
    runs[0].note_network("a", {"provenance": trained}, Spent(4.0, 7.0))
    runs[0].note_network("a", {"provenance": trained})  # and loads it later
    runs[1].note_network("a", {"provenance": trained})
    runs[1].note_network("b", {"provenance": {"minutes": 30.0, "processor_minutes": 50.0}})  # trained in another run
    runs[1].note_network("shipped-denoising", {"provenance": {"minutes": 9.0}})
    monkeypatch.setattr(summary, "read_record", lambda path: {"minutes": {"wall": 10.0, "processor": 16.0}})
    steps = [SimpleNamespace(name=run.step) for run in runs]
    damaged = context.notes_of(tmp_path / "run", steps[0].name) / "c.json"
    damaged.write_text("{")
    said = []
    plan = SimpleNamespace(steps=steps, folder=tmp_path / "run", executed=lambda step: step.name)
    spent = summary.minutes(plan, said.append)
    assert [line.split(" is damaged")[0] for line in said] == [str(damaged)]
    assert spent == {
        "total": 50.0,
        "notebooks": {"wall": 16.0, "processor": 25.0},
        "trainings": {"networks": 2, "wall": 34.0, "processor": 57.0, "without_processor": 0},
        "packaged": {"networks": 1, "wall": 9.0, "processor": 0, "without_processor": 1},
    }


def test_progress_on_a_terminal_is_one_moving_line(tmp_path):
    class Terminal:
        text = ""

        def isatty(self):
            return True

        def write(self, text):
            self.text += text

        def flush(self):
            pass

    progress = Progress("[1/1] 02_training", 9, Terminal())
    progress.cell(3, "Train")
    progress.write("epoch 1\repoch 2: 3 min left\n")
    progress.close("done")
    assert "Train | epoch 2: 3 min left" in progress.stream.text
    assert progress.stream.text.count("\n") == 1 and progress.stream.text.endswith("02_training: done after 0 min 00 s\n")


def test_tensorflows_own_log_is_not_taken_for_progress(capsys):
    progress = Progress("[1/1] tiny", 1, stream=sys.stderr)
    progress.said = -100.0
    progress.write("I0000 00:00:1795464646.559438    4921 device_compiler.h:196] Compiled cluster using XLA!\n")
    progress.write("2026-11-23 21:01:32.120379: E external/local_xla/xla/stream_executor/cuda/cuda_platform.cc:51] failed call\n")
    assert "|" not in capsys.readouterr().err
    progress.write("epoch  1 of 3: validation 500\n")
    assert "| epoch  1 of 3" in capsys.readouterr().err


@pytest.mark.slow
def test_an_executed_notebook_keeps_what_it_printed_but_no_librarys_warnings(tmp_path):
    source = tmp_path / "noisy.ipynb"
    write_notebook(source, "import sys\nprint('kept')\nprint(sys.prefix, file=sys.stderr)")
    execute(source, tmp_path / "out.ipynb", {}, {}, "noisy", tmp_path / "failed", os.environ)
    outputs = [output for cell in nbformat.read(tmp_path / "out.ipynb", 4).cells for output in cell.get("outputs", ())]
    assert [output.name for output in outputs if output.output_type == "stream"] == ["stdout"]


@pytest.mark.slow
def test_lists_reach_a_notebook_as_lists_however_they_were_given(tmp_path):
    source = write_notebook(tmp_path / "lists.ipynb", "print(denoisers, training)")
    given = {"denoisers": ("denoiser",), "training": {"filters": (8, 16), "epochs": 2}}
    execute(source, tmp_path / "out.ipynb", given, {}, "lists", tmp_path / "failed", os.environ)
    (printed,) = [output.text for cell in nbformat.read(tmp_path / "out.ipynb", 4).cells for output in cell.get("outputs", ())]
    assert printed == "['denoiser'] {'filters': [8, 16], 'epochs': 2}\n"

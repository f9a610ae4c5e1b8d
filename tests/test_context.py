"""A run as a value: folders from an environment that is handed in, a kernel's own environment, the rows of a run's own steps."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reecho import context, results
from reecho.context import BY_HAND, Places, Run, Spent, begin, environment_of
from reecho.errors import ReechoError
from reecho.methods import NOISY, network
from reecho.results import Row
from reecho.settings import ROOT, resolve


def test_places_are_those_of_the_environment_or_the_standard_ones(tmp_path):
    assert Places.of({}) == Places(ROOT / "data", ROOT / "build", None)
    places = Places.of({"REECHO_DATA": str(tmp_path / "d"), "REECHO_BUILD": str(tmp_path / "b"), "REECHO_LFW": "~/lfw.tgz"})
    assert (places.data, places.build) == (tmp_path / "d", tmp_path / "b")
    assert places.lfw == str(Path("~/lfw.tgz").expanduser())


@pytest.mark.parametrize("name", ["REECHO_DATA", "REECHO_BUILD", "REECHO_LFW"])
def test_a_folder_whose_name_is_no_text_is_refused(name):
    with pytest.raises(ReechoError, match=f"{name}=.* no text"):
        Places.of({name: "/data/Zo\udceb"})


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "networks", "a" * 80])
def test_a_name_that_cannot_be_a_runs_is_refused(places, name):
    with pytest.raises(ReechoError, match="cannot name a run"):
        places.run_folder(name)


def test_a_kernels_environment_says_its_step_and_the_parents_stays(places, tmp_path):
    parent = {"PATH": "p", "REECHO_STEP": "of another"}
    own = environment_of(places, tmp_path / "run", "04_denoising_64", parent, 64)
    assert own["PATH"] == "p" and own["REECHO_STEP"] == "04_denoising_64" and own["REECHO_RUN"] == str(tmp_path / "run")
    assert parent == {"PATH": "p", "REECHO_STEP": "of another"}
    assert Places.of(own) == places
    small = environment_of(places, tmp_path / "run", "04_denoising", parent, 32)
    assert own.keys() - small.keys() == {"TF_ONEDNN_USE_SYSTEM_ALLOCATOR"}


def test_a_notebook_in_jupyterlab_belongs_to_the_run_by_hand(places):
    before = dict(os.environ)
    run = begin("04_denoising", {"preset": "smoke", "sigma": 0.2, "other": 1})
    assert run.folder == places.build / BY_HAND and run.step == "04_denoising" and run.settings.sigma == 0.2
    assert dict(os.environ) == before


def test_a_notebook_of_a_run_has_its_step_and_a_second_one_in_the_same_kernel_its_own(places, monkeypatch):
    for name, value in environment_of(places, places.build / "mine", "04_denoising_64", {}, 64).items():
        monkeypatch.setenv(name, value)
    run = begin("04_denoising", {"preset": "smoke"})
    assert (run.folder, run.step) == (places.build / "mine", "04_denoising_64")
    assert run.results_file == places.build / "mine" / "results" / "04_denoising_64.json"
    assert begin("03_reconstruction", {"preset": "smoke"}).step == "03_reconstruction"


def test_a_parameter_that_the_notebook_does_not_know_stops_it():
    with pytest.raises(ReechoError, match="sigmma"):
        begin("04_denoising", {"preset": "smoke", "sigmma": 0.2, "In": ["", "# Parameters\nsigmma = 0.2"]})


def test_rows_are_those_of_the_runs_own_steps_and_not_of_an_earlier_run_of_that_name(step):
    run = step("08_summary")
    with pytest.raises(ReechoError, match="No notebook of this run has written results"):
        run.rows()
    ours, old = (Row("denoising", 32, method, 9, {"psnr_db": 20.0}) for method in (network("reference"), NOISY))
    results.write(context.results_of(run.folder, "04_denoising"), [ours])
    results.write(context.results_of(run.folder, "04_denoising_64"), [old])
    assert run.rows() == [ours, old]  # a run by hand has no list of its steps
    (run.folder / context.DESCRIPTION).write_text('{"steps": ["04_denoising", "08_summary"]}', encoding="utf-8")
    assert run.rows() == [ours]


def test_a_network_that_a_step_loads_again_keeps_the_minutes_that_it_was_trained_for(places, tmp_path):
    run = Run(places, tmp_path / "run", "04_denoising", resolve("04_denoising", {}))
    record = {"provenance": {"minutes": 4.0, "processor_minutes": 7.0}}
    run.note_network("a", record, Spent(4.0, 7.0))
    run.note_network("a", record)
    (note,) = context.notes_of(run.folder, run.step).iterdir()
    assert '"here": [\n  4.0,\n  7.0\n ]' in note.read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"here": 3}'])
def test_a_damaged_note_of_a_network_counts_as_none(places, content):
    run = Run(places, places.build / "run", "04_denoising", resolve("04_denoising", {"preset": "smoke"}))
    note = context.notes_of(run.folder, run.step) / "a.json"
    note.parent.mkdir(parents=True)
    note.write_text(content)
    assert context.read_note(note) is None
    run.note_network("a", {"provenance": {"minutes": 4.0}}, Spent(1.0, 2.0))
    assert context.read_note(note) == {"key": "a", "minutes": 4.0, "processor_minutes": None, "here": Spent(1.0, 2.0)}


@pytest.mark.parametrize("content", ["", "[1]", "{}", '{"steps": 3}'])
def test_a_damaged_description_of_a_run_is_said(places, content):
    run = Run(places, places.build / "run", "08_summary", resolve("08_summary", {"preset": "smoke"}))
    run.folder.mkdir(parents=True)
    (run.folder / context.DESCRIPTION).write_text(content)
    with pytest.raises(ReechoError, match=r"run\.json is damaged; `reecho report` writes it anew"):
        run.rows()


def test_a_run_says_what_it_goes_without(places):
    run = Run(places, places.build / "run", "08_summary", resolve("08_summary", {"preset": "smoke"}))
    assert run.notes() == []
    run.folder.mkdir(parents=True)
    (run.folder / context.DESCRIPTION).write_text('{"steps": [], "notes": ["Without colours."]}')
    assert run.notes() == ["Without colours."]

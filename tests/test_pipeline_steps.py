"""Which steps a preset runs, what each is given, and what the summary waits for."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from reecho import pipeline, plots
from reecho.colour import chroma, luma
from reecho.context import Places
from reecho.errors import ReechoError
from reecho.pipeline.dodo import tasks_of
from reecho.pipeline.overview import draw, drawn, laid_on
from reecho.pipeline.plan import Plan
from reecho.pipeline.render import Renderers
from reecho.pipeline.steps import STEPS, absolute, distribute, of_preset, select, without_colour
from reecho.settings import NOTEBOOKS, PRESETS, network_parameters, notebooks_dir, resolve, shown_settings

LARGE = "04_denoising_64"


def names(steps):
    return [step.name for step in steps]


def test_only_long_presets_run_the_large_faces():
    assert LARGE not in names(of_preset(STEPS, "quick")) and LARGE not in names(of_preset(STEPS, "smoke"))
    assert LARGE in names(of_preset(STEPS, "full")) and LARGE in names(of_preset(STEPS, "study"))
    assert LARGE not in names(select(of_preset(STEPS, "quick", ("04",)), ("04",)))
    assert LARGE in names(of_preset(STEPS, "quick", (LARGE,)))  # asked for by its full name


def test_the_large_faces_take_their_own_recipe_and_the_users_word_over_it():
    given = distribute(of_preset(STEPS, "full"), {"preset": "full", "train_sigma": 0.2, "size": 32})
    own, settings = given[LARGE]
    assert settings.size == 64 and settings.denoisers == ("denoiser",)
    assert own["training"] == {"epochs": 10, "batch_size": 16, "train_sigma": 0.2}
    assert distribute(STEPS, {"epochs": 3})[LARGE][0]["training"] == {"epochs": 3, "batch_size": 16}
    assert given["04_denoising"][0]["training"] == {"train_sigma": 0.2}


def test_study_reports_every_task_at_64_by_64_and_the_others_do_not():
    names_64 = {preset: [name for name in names(of_preset(STEPS, preset)) if name.endswith("_64")] for preset in PRESETS}
    assert names_64["smoke"] == names_64["quick"] == [] and names_64["full"] == [LARGE]
    assert {step.notebook for step in STEPS if step.name in names_64["study"] and step.results} == {
        "03_reconstruction", "04_denoising", "05_generation", "06_colourisation",
    }  # fmt: skip
    given = distribute(of_preset(STEPS, "study"), {"preset": "study"})
    assert {given[name][1].size for name in names_64["study"]} == {64}
    assert (
        given[LARGE][1].training["epochs"] > distribute(of_preset(STEPS, "full"), {"preset": "full"})[LARGE][1].training["epochs"]
    )
    titles = [step.title for step in STEPS]
    assert len(set(titles)) == len(titles) and all("64×64" in step.title for step in STEPS if step.name.endswith("_64"))


def test_a_page_of_large_faces_shows_the_network_that_the_training_of_large_faces_made():
    given = distribute(of_preset(STEPS, "study"), {"preset": "study", "latent_dim": 64})
    for step in (step for step in STEPS if step.name.endswith("_64") and step.needs):
        task = step.learnt[0]
        trained = given[f"02_training_{task}_64"][1]
        shown = shown_settings(given[step.name][1], task, "reference")
        assert network_parameters(shown) == network_parameters(trained) and shown.latent_dim == 64
        assert (shown.epochs, shown.batch_size, shown.size) == (trained.epochs, trained.batch_size, 64)
        assert len(shown.strides) == 5


def test_the_summary_waits_for_the_rows_of_all_others(tmp_path, places):
    steps = of_preset(STEPS, "quick")
    faces = SimpleNamespace(
        names=["a"], people=np.array([0]), digest="d", title="Faces", banner=None, name="synthetic", has_colour=True
    )
    plan = Plan(places, tmp_path, notebooks_dir(), steps, distribute(steps, {}), faces)
    tasks = {task.name: task for task in tasks_of(plan, Renderers(), whole=True)}
    waits = {str(path) for path in plan.results().values()}
    assert len(waits) == 4 and waits <= set(tasks["notebook 08_summary"].file_dep)
    assert not waits & set(tasks["notebook 03_reconstruction"].file_dep)

    def depends() -> dict[str, dict]:
        return {task.name: task.uptodate[0][0].config for task in tasks_of(plan, Renderers(), whole=True)}

    before = depends()
    places.luck.parent.mkdir(parents=True)
    places.luck.write_text("{}", encoding="utf-8")  # a sweep, which the summary shows as well
    assert [name for name, values in depends().items() if values != before[name]] == ["notebook 08_summary"]


def test_the_overview_draws_the_best_network_that_a_run_shows():
    full, quick = (resolve("04_denoising", {"preset": preset}) for preset in ("full", "quick"))
    assert drawn("denoising", full) == "denoiser" and drawn("denoising", quick) == "shipped"
    assert drawn("denoising", resolve("04_denoising", {"denoisers": ["anchored"]})) == "anchored"
    assert drawn("reconstruction", resolve("03_reconstruction", {})) == "reference"


def test_the_overview_shows_pictures_at_their_own_size_where_they_are_at_hand(small_faces, tmp_path, monkeypatch):
    drawn_rows = []
    grid = plots.picture_grid
    monkeypatch.setattr(plots, "picture_grid", lambda rows: drawn_rows.append(rows) or grid(rows))
    settings = {"denoising": resolve("04_denoising", {"preset": "quick", "dataset": "synthetic"})}
    places, out = Places(data=tmp_path, build=tmp_path), tmp_path / "overview.png"
    draw(settings, small_faces, places, out)
    monkeypatch.setattr("reecho.pipeline.overview.whole_pictures", lambda *given: None)
    draw(settings, small_faces, places, out)
    assert [[(label, pictures.shape[1]) for label, pictures in rows] for rows in drawn_rows] == [
        [("target", size), ("noisy", size), ("denoised", size)] for size in (130, 32)
    ]
    assert out.stat().st_size > 1000


def test_colours_are_laid_on_the_brightness_of_the_whole_picture():
    whole = np.random.default_rng(0).integers(60, 190, (1, 250, 250, 3)).astype("uint8")
    faces = np.full((1, 32, 32, 3), (0.6, 0.5, 0.4), "float32")
    laid = laid_on(whole, np.repeat(luma(faces), 3, axis=-1), faces, 60)
    assert np.abs(luma(laid / 255) - luma(whole / 255)).max() < 1 / 255
    assert np.abs(chroma(laid[:, 60:190, 60:190] / 255) - chroma(faces)[0, 0, 0]).max() < 2 / 255


def test_parameters_reach_the_notebooks_that_have_them():
    found = distribute(
        STEPS, {"preset": "smoke", "sigma": 0.2, "train_sigma": 0.3, "rotation_range": 5.0, "training": {"latent_dim": 8}}
    )
    assert found["04_denoising"][0] == {
        "preset": "smoke", "sigma": 0.2, "training": {"train_sigma": 0.3, "rotation_range": 5.0, "latent_dim": 8}
    }  # fmt: skip
    assert found["02_training_colourisation"][0] == {
        "preset": "smoke", "train_sigma": 0.3, "rotation_range": 5.0, "latent_dim": 8, "task": "colourisation"
    }  # fmt: skip
    assert found["01_data"][0] == {"preset": "smoke", "rotation_range": 5.0}
    assert found["05_generation"][1].samples == 32


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"sigmas": 0.1}, "no parameter 'sigmas'.*Did you mean sigma.*There are"),
        ({"sigma": -1.0}, "out of range"),
        ({"task": "denoising"}, "runs all tasks"),
        ({"training": {"sigma": 0.1, "nonsense": 1}}, "no parameter 'nonsense'"),
        ({"filters": (8, 8)}, "equally long"),
    ],
)
def test_a_wrong_parameter_stops_before_anything_runs(given, sentence):
    with pytest.raises(ReechoError, match=sentence):
        pipeline.report(given, load=lambda **_: pytest.fail("the faces were loaded"))


def test_a_parameter_of_other_notebooks_is_refused():
    with pytest.raises(ReechoError, match="no parameter 'samples' in the notebooks of this run"):
        distribute(select(STEPS, ("04",)), {"samples": 100})


def test_steps_are_the_notebooks_in_order():
    assert list(dict.fromkeys(step.notebook for step in STEPS)) == list(NOTEBOOKS)
    names = [step.name for step in STEPS]
    assert all(names.index(needed) < names.index(step.name) for step in STEPS for needed in step.needs)
    with pytest.raises(ReechoError, match="begins with '99'"):
        select(STEPS, ("99",))


def test_paths_are_made_absolute_and_names_are_not():
    given = absolute({"lfw": "a.tgz", "dataset": "auto", "sigma": 0.1})
    assert Path(given["lfw"]).is_absolute() and given["dataset"] == "auto"
    assert Path(absolute({"dataset": "pictures"})["dataset"]).is_absolute()


@pytest.mark.parametrize("name", ["networks", "../x", "", ".hidden", "a/b"])
def test_a_run_stays_in_its_folder(name, places):
    with pytest.raises(ReechoError, match="cannot name a run"):
        places.run_folder(name)


def test_grey_pictures_are_enough_for_all_that_needs_no_colours():
    left = [step.name for step in without_colour(of_preset(STEPS, "quick"))]
    assert "04_denoising" in left and "08_summary" in left
    assert not {"02_training_colourisation", "06_colourisation", "07_faults"} & set(left)


def test_a_run_with_nothing_to_do_waits_for_no_library_that_is_slow_to_import():
    script = "import sys, reecho.pipeline.run, reecho.data, reecho.__main__; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    slow = {"papermill", "nbformat", "nbclient", "doit", "tensorflow", "keras", "matplotlib", "skimage"}
    assert not slow & set(done.stdout.split())


@pytest.mark.parametrize("preset", ["smoke", "quick", "full", "study"])
def test_a_network_of_one_task_can_be_asked_for_where_the_run_is_of_that_task(preset):
    given = {"preset": preset, "network": "denoiser"}
    steps = select(of_preset(STEPS, preset, ("04",)), ("04",))
    found = distribute(steps, given)
    assert found["02_training_denoising"][1].network == "denoiser"
    for step in steps[1:]:
        if "training" in NOTEBOOKS[step.notebook]:
            assert shown_settings(found[step.name][1], "denoising", "reference").network == "denoiser"
    with pytest.raises(ReechoError, match="network=denoiser learns denoising, not reconstruction"):
        distribute(of_preset(STEPS, preset), given)


def test_networks_of_the_reconstruction_are_shown_in_the_order_that_was_asked_for():
    given = distribute(STEPS, {"reconstructors": ("anchored_autoencoder", "reference")})
    assert given["03_reconstruction"][1].reconstructors == ("anchored_autoencoder", "reference")

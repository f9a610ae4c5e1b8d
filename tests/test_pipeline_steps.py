"""Which steps a preset runs, what each is given, and what the summary waits for."""

from types import SimpleNamespace

import numpy as np

from reecho.pipeline.overview import best
from reecho.pipeline.plan import Run, plan
from reecho.pipeline.render import Renderers
from reecho.pipeline.steps import STEPS, distribute, of_preset, select
from reecho.settings import notebooks_dir, resolve

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


def test_the_summary_waits_for_the_rows_of_all_others(tmp_path):
    steps = of_preset(STEPS, "quick")
    faces = SimpleNamespace(names=["a"], people=np.array([0]), digest="d", title="Faces", banner=None, name="synthetic")
    run = Run(tmp_path, notebooks_dir(), steps, distribute(steps, {}), faces, Renderers())
    tasks = {task.name: task for task in plan(run, whole=True)}
    waits = {str(path) for path in run.results().values()}
    assert len(waits) == 4 and waits <= set(tasks["notebook 08_summary"].file_dep)
    assert not waits & set(tasks["notebook 03_reconstruction"].file_dep)


def test_the_overview_draws_the_best_network_that_a_run_shows():
    full, quick = (resolve("04_denoising", {"preset": preset}) for preset in ("full", "quick"))
    assert best("denoising", full) == "denoiser" and best("denoising", quick) == "shipped"
    assert best("denoising", resolve("04_denoising", {"denoisers": ["anchored"]})) == "anchored"
    assert best("reconstruction", resolve("03_reconstruction", {})) == "reference"

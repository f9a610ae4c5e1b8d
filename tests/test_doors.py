"""The doors of README's table: a baseline, a network, a data source and a task, each added through its files and no others.

The additions are made in a copy of the project, which then makes a smoke report of them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from PIL import Image

from reecho.settings import ROOT

pytestmark = pytest.mark.slow

# file → (text that is there, what stands in its place); None: the file is new
BASELINE = {
    "reecho/baselines/reconstruction.py": (
        "    for k in sorted(axes):\n        if k <= len(pca.axes):\n",
        '    outputs.run(methods.baseline("half_way"), lambda given: (given + pca.mean) / 2, faces)\n'
        "    for k in sorted(axes):\n        if k <= len(pca.axes):\n",
    ),
    "reecho/titles.py": (
        '    "pca": "PCA, k = {k}",\n',
        '    "pca": "PCA, k = {k}",\n    "half_way": "half-way to the mean face",\n',
    ),
}
NETWORK = {
    "reecho/networks/one_layer.py": (
        None,
        '''"""One convolution."""

import keras
from keras import layers, ops

from reecho.model import Learner


@keras.saving.register_keras_serializable(package="reecho")
class OneLayer(Learner):
    """Inputs → one convolution of them."""

    def __init__(self, shape, seed=0):
        super().__init__(variational=False)
        given = keras.Input(shape)
        drawn = layers.Conv2D(3, 3, padding="same", kernel_initializer=keras.initializers.GlorotUniform(seed))(given)
        self.reproduction = keras.Model(given, drawn)

    def losses_of(self, inputs, targets, training):
        error = ops.mean(ops.square(self.reproduction(inputs, training=training) - targets))
        return {"total_loss": error, "reconstruction_loss": error, "kl_loss": ops.zeros(())}


def build(shape, seed):
    return OneLayer(shape, seed)


def start(network, inputs, targets, noise, parameters, once):
    return "random"
''',
    ),
    "reecho/networks/registry.py": (
        '        Specification("denoiser", ',
        '        Specification("one_layer", "one layer", LEARNT, "reecho.networks.one_layer", _DENOISER),\n'
        '        Specification("denoiser", ',
    ),
}
DATA_SOURCE = {
    "reecho/data/upside_down.py": (
        None,
        '''"""Synthetic faces on their heads."""

from dataclasses import replace

from reecho.data import synthetic


def prepare(wanted):
    upright = synthetic.prepare(wanted)
    return replace(upright, kind="upside_down", crops=upright.crops[:, ::-1])
''',
    ),
    "reecho/datasets.py": (
        "        Dataset(SYNTHETIC,",
        '        Dataset("upside_down", "Faces upside down", "reecho.data.upside_down", 4_000),\n        Dataset(SYNTHETIC,',
    ),
}
TASK = {
    "reecho/inputs.py": (
        "def in_grey(",
        'def mirrored(faces: Any, noise: Any, sigma: Any) -> Any:\n    """Faces, left and right exchanged."""\n'
        "    return faces[:, :, ::-1]\n\n\ndef in_grey(",
    ),
    "reecho/tasks.py": (
        "TASKS = _by_name(\n",
        'TASKS = _by_name(\n    Task(\n        "unmirroring", "Unmirroring", "Which side was which?", "09_unmirroring",\n'
        '        _PICTURES + _TIME, ("psnr_db",),\n'
        '        methods.MEAN_FACE, inputs=inputs.mirrored, networks="unmirrorers", stages=("mirrored", "unmirrored"),\n    ),\n',
    ),
    "reecho/parameters.py": (
        '    "08_summary": COMMON,\n',
        '    "08_summary": COMMON,\n    "09_unmirroring": (*COMMON, "training", "unmirrorers"),\n',
        '    Parameter("rates", ',
        '    Parameter("unmirrorers", "texts", None, "networks that are shown", choices=choices("unmirroring"),\n'
        '              presets=by_preset(("reference", "one_layer"), ("reference",), ("reference",))),\n    Parameter("rates", ',
    ),
    "notebooks/09_unmirroring.ipynb": (None, "written by `_notebook`"),
}
DOORS = {"baseline": (BASELINE, 2), "network": (NETWORK, 2), "data source": (DATA_SOURCE, 2), "task": (TASK, 4)}
PARAMETERS_CELL = """preset = "quick"
dataset = "auto"
lfw = None
pictures = None
size = 32
crop = 60
split_seed = None
seed = 0
training = {}
unmirrorers = None"""
CODE = (
    """from reecho import baselines, context, data, evaluation, report, results, tasks, trained
run = context.begin("09_unmirroring", globals())
report.settings_table(run.settings)""",
    """faces = data.load(**run.faces)
report.banner(faces)
held_out = evaluation.HeldOut.of(faces, "unmirroring")
given = held_out.inputs()
networks = trained.shown(run, "unmirroring", run.settings.unmirrorers, faces)
outputs = evaluation.outputs_of(networks, given)
outputs |= baselines.reconstructions(held_out.train, held_out.targets, [4])
rows = evaluation.scored(outputs, held_out, evaluation.numbers_of(networks, outputs, held_out, given))
results.write(run.results_file, rows)
report.table(rows, tasks.columns("unmirroring"), held_out.caption("Unmirroring"))
report.provenance(run, faces, list(networks.values()))""",
)


def _notebook():
    cells = [new_markdown_cell("# Unmirroring\n\nfaces → inputs"), new_markdown_cell("## Overview")]
    cells.append(new_code_cell(PARAMETERS_CELL, metadata={"tags": ["parameters"]}))
    return new_notebook(cells=[*cells, *map(new_code_cell, CODE)])


# a whole report, book and index included, of the steps that show something new
REPORT = """
import os
from reecho import pipeline
from reecho.context import Places
names = ("02_training_reconstruction", "02_training_unmirroring", "03_reconstruction", "09_unmirroring", "08_summary")
steps = tuple(step for step in pipeline.STEPS if step.name in names)
assert len(steps) == len(names)
own = {"preset": "smoke", "dataset": "upside_down", "pictures": 160, "components": (4, 8), "rates": ()}
own["reconstructors"] = ("reference", "one_layer")
pipeline.report(own, "doors", places=Places.of(os.environ), steps=steps)
"""


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """A copy of the project with all four additions, and the folder of its smoke report."""
    root = tmp_path_factory.mktemp("copy")
    for folder in ("reecho", "notebooks"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    for changes, _ in DOORS.values():
        for name, before_and_after in changes.items():
            path = root / name
            if name.endswith(".ipynb"):
                nbformat.write(_notebook(), path)
            elif before_and_after[0] is None:
                assert not path.exists()
                path.write_text(before_and_after[1], encoding="utf-8")
            else:
                text = path.read_text(encoding="utf-8")
                for before, after in zip(before_and_after[::2], before_and_after[1::2], strict=True):
                    assert text.count(before) == 1, (name, before)
                    text = text.replace(before, after)
                path.write_text(text, encoding="utf-8")
    folders = {"REECHO_BUILD": str(root / "build"), "REECHO_DATA": str(root / "data"), "PYTHONPATH": str(root)}
    environment = {name: value for name, value in os.environ.items() if name != "REECHO_LFW"} | folders
    done = subprocess.run([sys.executable, "-c", REPORT], capture_output=True, text=True, cwd=root, env=environment)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    readme = "from reecho import results\nfrom reecho.pipeline import readme\n"
    readme += "print(readme.table(*results.read_run('build/doors/results.json')))"
    table = subprocess.run([sys.executable, "-c", readme], capture_output=True, text=True, cwd=root, env=environment)
    (root / "build" / "doors" / "readme.md").write_text(table.stdout + table.stderr, encoding="utf-8")
    return root / "build" / "doors"


def _rows(extended, step):
    """Name → row as plain JSON: this process does not know the methods of the copy."""
    content = json.loads((extended / "results" / f"{step}.json").read_text(encoding="utf-8"))
    return {row["name"]: row for row in content["rows"]}


@pytest.mark.parametrize("what", DOORS)
def test_no_door_has_more_files_than_the_readme_says(what):
    changes, most = DOORS[what]
    assert len(changes) <= most
    table = (ROOT / "README.md").read_text(encoding="utf-8")
    (line,) = [line for line in table.splitlines() if line.startswith(f"| a {what} |")]
    assert line.split("|")[2].strip() == str(most)
    folders = [f"`{name.rpartition('/')[0]}/`" for name in changes]
    assert all(f"`{name}`" in line or folder in line for name, folder in zip(changes, folders, strict=True))


def test_the_baseline_and_the_network_have_rows_with_their_titles(extended):
    rows = _rows(extended, "03_reconstruction")
    assert rows["half_way"]["title"] == "half-way to the mean face" and rows["half_way"]["kind"] == "baseline"
    assert rows["one_layer"]["title"] == "one layer" and rows["one_layer"]["kind"] == "network"
    assert rows["half_way"]["numbers"]["psnr_db"] > rows["mean_face"]["numbers"]["psnr_db"]
    page = (extended / "html" / "03_reconstruction.html").read_text(encoding="utf-8")
    assert "half-way to the mean face" in page and "one layer" in page


def test_the_task_has_its_training_its_page_and_its_rows(extended):
    assert (extended / "html" / "02_training.html").is_file()
    page = (extended / "html" / "09_unmirroring.html").read_text(encoding="utf-8")
    assert "Unmirroring" in page and "one layer" in page and "half-way to the mean face" in page
    rows = _rows(extended, "09_unmirroring")
    assert {row["task"] for row in rows.values()} == {"unmirroring"}
    assert {"reference", "one_layer", "mean_face"} <= set(rows)


def test_the_task_is_in_everything_that_shows_all_tasks(extended):
    for name, words in {
        "html/08_summary.html": "Unmirroring, 32×32",
        "html/index.html": "unmirroring",
        "readme.md": "| unmirroring |",
    }.items():
        assert words in (extended / name).read_text(encoding="utf-8"), name
    width, height = Image.open(extended / "overview.png").size
    assert height / width > 4 * 0.1  # target, the rows of the reconstruction, and unmirrored of mirrored


def test_the_data_source_is_named_on_the_pages(extended):
    page = (extended / "html" / "09_unmirroring.html").read_text(encoding="utf-8")
    assert "Faces upside down" in page

"""What notebooks call: bundles with their metadata, tables, and the demand for captions and alt text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from reecho import plots, report, settings, tasks
from reecho.errors import ReechoError
from reecho.report import display as module
from reecho.report.tables import pipe_table

ROWS = [
    {"method": "noisy", "psnr_db": 20.27, "psnr_db_ci95": [20.2, 20.3], "delta_e00": 9.0},
    {"method": "LM|MSE", "psnr_db": 27.61, "psnr_db_ci95": [27.4, 27.8]},
    {"method": "reference", "psnr_db": 25.9, "psnr_db_ci95": [25.7, 26.0], "delta_e00": 7.0, "weights": 12796483},
]
COLUMNS = [
    {"key": "method", "heading": "method", "digits": None, "best": None, "interval": None},
    {"key": "psnr_db", "heading": "PSNR in dB", "digits": 1, "best": "higher", "interval": "psnr_db_ci95"},
    {"key": "delta_e00", "heading": "ΔE00", "digits": 2, "best": "lower", "interval": None},
    {"key": "weights", "heading": "weights", "digits": 0, "best": None, "interval": None},
]


@pytest.fixture
def shown(monkeypatch):
    """Everything that was displayed: (data, metadata) in order."""
    found = []
    monkeypatch.setattr(module, "display", lambda data, raw, metadata: found.append((data, metadata)))
    return found


def grid():
    return plots.picture_grid([("target", np.zeros((8, 8, 8, 3)))])


def test_figure_carries_caption_and_alt_and_shows_its_caption_in_jupyterlab(shown):
    report.figure(grid(), "Eight faces, $x$.", "All are  black.")
    (picture, about), (caption, kind) = shown
    assert "image-rendering" in picture["image/svg+xml"] and picture["image/png"].startswith(b"\x89PNG")
    assert about["reecho"] | {"width": 680} == about["reecho"]
    assert (about["reecho"]["kind"], about["reecho"]["caption"], about["reecho"]["alt"]) == (
        "figure",
        "Eight faces, $x$.",
        "All are black.",
    )
    assert caption["text/markdown"] == "Eight faces, $x$."
    assert kind["reecho"]["kind"] == "caption"


def test_curves_are_kept_as_svg(shown):
    report.figure(plots.lines({"a": ([1, 2], [3, 4])}, "x", "y"), "A line.", "It rises.")
    assert shown[0][0]["image/svg+xml"].startswith("<svg")


@pytest.mark.parametrize(("caption", "alt", "missing"), [("", "alt", "caption"), ("caption", " ", "alt"), ("caption", None, "alt")])
def test_figure_without_caption_or_alt_is_an_error(shown, caption, alt, missing):
    with pytest.raises(ReechoError, match=f"needs {missing}"):
        report.figure(grid(), caption, alt)
    assert not shown


def test_table_has_best_in_bold_by_direction_and_a_dash_for_nothing():
    head, _, *lines = pipe_table(ROWS, COLUMNS).replace("\u00a0", " ").split("\n")
    assert head == "| method | PSNR in dB | ΔE00 | weights |"
    assert lines[0] == "| noisy | 20.3 \\[20.2, 20.3\\] | 9.00 | – |"
    assert lines[1] == "| LM\\|MSE | **27.6** \\[27.4, 27.8\\] | – | – |"
    assert lines[2] == "| reference | 25.9 \\[25.7, 26.0\\] | **7.00** | 12,796,483 |"


def test_what_is_equal_to_the_shown_digits_is_equally_good():
    rows = [{"a": 1.01}, {"a": 1.04}, {"a": 0.9}]
    assert pipe_table(rows, [{"key": "a", "heading": "a", "digits": 1, "best": "higher"}]).count("**1.0**") == 2


@pytest.mark.parametrize("task", tasks.TASKS)
def test_columns_of_results_are_understood(task):
    columns = tasks.columns(task)
    rows = [{"method": name, **{column.key: 1.0 + i for column in columns}} for i, name in enumerate("ab")]
    rows[1][f"{columns[1].key}_ci95"] = [1.5, 2.5]
    head, _, *lines = pipe_table(rows, columns).split("\n")
    assert head.startswith("| method | n | ")
    assert sum(line.count("**") for line in lines) == 2 * sum(column.better is not None for column in columns)
    assert "\\[1.5" in lines[1]


def test_an_oracle_is_not_the_best():
    rows = [{"method": "knows", "a": 3.0, "oracle": True}, {"method": "guess", "a": 2.0}, {"method": "worse", "a": 1.0}]
    table = pipe_table(rows, [{"key": "a", "heading": "a", "digits": 1, "best": "higher"}])
    assert "**2.0**" in table and "**3.0**" not in table


def test_a_single_value_is_not_the_best():
    assert "**" not in pipe_table([{"a": 1.0}], [{"key": "a", "heading": "a", "digits": 1, "best": "higher"}])


def test_table_without_caption_or_rows_is_an_error(shown):
    with pytest.raises(ReechoError, match="caption"):
        report.table(ROWS, COLUMNS, "")
    with pytest.raises(ReechoError, match="no rows"):
        report.table([], COLUMNS, "A caption.")


def test_settings_table_marks_what_was_changed_and_hides_folders(shown):
    report.settings_table(settings.resolve("04_denoising", {"sigma": 0.2, "lfw": "/home/somebody/lfw.tgz"}))
    text = shown[1][0]["text/markdown"]
    assert "| `sigma` | **0.2** (default: 0.1) | intensity |" in text
    assert "lfw.tgz" in text
    assert "somebody" not in text
    assert "(preset quick)" in text


def test_banner_speaks_only_where_there_is_one(shown):
    report.banner(SimpleNamespace(banner=None))
    assert not shown
    report.banner(SimpleNamespace(banner="Not real <faces>."))
    (data, about), = shown  # fmt: skip
    assert "Not real &lt;faces&gt;." in data["text/html"]
    assert about["reecho"] == {"kind": "banner", "text": "Not real <faces>."}


def test_provenance_names_data_commit_versions_and_minutes(shown, step):
    faces = SimpleNamespace(title="Drawn faces", names=["a", "b"], people=np.array([0, 1]), digest="ab" * 32)
    network = SimpleNamespace(provenance={"epochs": 20, "minutes": 12.5}, folder=Path("denoising-reference-0123456789ab"))
    report.provenance(step(), faces, [network])
    text = shown[1][0]["text/markdown"]
    for part in ("2 pictures of 2 people", "`abababababababab`", "numpy", "cores", "20 epochs, 12.5 min"):
        assert part in text


def test_notebooks_load_neither_tensorflow_nor_a_renderer():
    code = "import sys, reecho.report, reecho.plots; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=settings.ROOT)
    assert not {"tensorflow", "keras", "nbconvert", "pypandoc", "typst"} & set(found.stdout.split())

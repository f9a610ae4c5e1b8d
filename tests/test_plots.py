"""Figures: sizes, sharp face pixels, one look whatever the session's settings are, clear errors."""

from __future__ import annotations

import io

import matplotlib
import numpy as np
import pytest
from PIL import Image

from reecho import plots
from reecho.errors import ReechoError


def faces(count=8, size=32, seed=0):
    return np.random.default_rng(seed).random((count, size, size, 3), dtype="float32")


def history(epochs=4):
    falling = [1 / (1 + epoch) for epoch in range(epochs)]
    train = {"epoch": list(range(epochs)), "reconstruction_loss": [None, *falling[1:]], "kl_loss": [None, *falling[1:]]}
    return train | {"val_reconstruction_loss": falling, "val_kl_loss": falling}


FIGURES = {
    "grid": lambda: plots.picture_grid([("target", faces()), ("output", faces())], [None, ["20.0 dB"] * 8], list("abcdefgh")),
    "gallery": lambda: plots.gallery(faces(20), 8),
    "differences": lambda: plots.difference_grid([("ours", faces() - 0.5)]),
    "curves": lambda: plots.curves(history(), kept=2),
    "lines": lambda: plots.lines({"PCA": ([1, 2, 4], [20, 22, 25])}, "rate in nats", "PSNR in dB", {"ours": (2, 23)}, log_x=True),
    "bars": lambda: plots.bars_with_intervals([{"method": "ours", "ours": True, "psnr_db": 25.0, "psnr_db_ci95": [24, 26]}]),
    "histogram": lambda: plots.histogram({"a": np.arange(9.0), "b": np.arange(5.0)}, "PSNR in dB"),
    "scatter": lambda: plots.scatter({"a": (np.arange(400.0), np.arange(400.0))}, "x", "y", equal=True),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_seven_inches_wide_and_the_same_each_time(name):
    first, second = FIGURES[name](), FIGURES[name]()
    assert first.get_figwidth() == pytest.approx(7)
    assert plots.is_raster(first) == (name in ("grid", "gallery", "differences"))
    save = plots.to_png if plots.is_raster(first) else plots.to_svg
    assert save(first) == save(second)


def test_a_face_pixel_is_a_whole_number_of_dots():
    pictures = np.zeros((8, 32, 32, 3))
    pictures[:, ::2, ::2] = 1  # single white pixels
    drawn = np.asarray(Image.open(io.BytesIO(plots.to_png(plots.picture_grid([("", pictures)])))))[..., 0]
    row = drawn[next(i for i, line in enumerate(drawn) if (line > 128).mean() < 0.7)]
    steps = np.flatnonzero(np.diff(row[: row.size // 8 - 8] > 128))
    assert len(set(np.diff(steps))) == 1


def test_png_shows_the_faces_colours_to_a_step_of_sixty_three():
    pictures = np.full((8, 32, 32, 3), [0.9, 0.5, 0.1])
    drawn = np.asarray(Image.open(io.BytesIO(plots.to_png(plots.picture_grid([("", pictures)])))))
    assert np.abs(drawn[40, 40] / 255 - [0.9, 0.5, 0.1]).max() < 0.5 / 63 + 1 / 255


def test_drawing_leaves_the_sessions_settings_alone():
    before = dict(matplotlib.rcParams)
    figures = [draw() for draw in FIGURES.values()]
    plots.to_svg(figures[3])
    assert dict(matplotlib.rcParams) == before


def test_a_loss_that_is_zero_throughout_has_no_axes():
    flat = history() | {"kl_loss": [None, 0, 0, 0], "val_kl_loss": [0, 0, 0, 0]}
    assert [axes.get_title(loc="left") for axes in plots.curves(flat).axes] == ["Reconstruction loss"]


def test_one_epoch_can_be_drawn():
    assert len(plots.curves({"epoch": [0], "val_reconstruction_loss": [1.0], "val_kl_loss": [2.0]}).axes) == 2


def test_row_lengths_and_sizes_may_differ():
    figure = plots.picture_grid([("32", faces(8, 32)), ("64", faces(5, 64)), ("grey", faces(8)[..., 0])])
    assert len(figure.axes[0].images) == 8 + 5 + 8


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: plots.picture_grid([]), "no pictures"),
        (lambda: plots.picture_grid([("a", np.zeros((2, 2)))]), "shape"),
        (lambda: plots.picture_grid([("a", faces())], under=[["1"]]), "one text a picture"),
        (lambda: plots.curves({}), "no epoch"),
        (lambda: plots.bars_with_intervals([{"method": "a"}]), "psnr_db"),
        (lambda: plots.histogram({"a": np.array([np.nan])}, "PSNR"), "no values"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw, says):
    with pytest.raises(ReechoError, match=says):
        draw()


def test_missing_values_leave_gaps_in_bars_not_rows():
    figure = plots.bars_with_intervals([{"method": "a", "psnr_db": 20.0}, {"method": "b", "psnr_db": None}])
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a"]

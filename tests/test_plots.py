"""Figures: sizes, sharp face pixels, one look whatever the session's settings are, clear errors."""

from __future__ import annotations

import base64
import io
import os
import re
import subprocess
import sys
from itertools import combinations

import matplotlib
import numpy as np
import pytest
from PIL import Image
from vision import seen

from reecho import plots
from reecho.errors import ReechoError
from reecho.methods import Method
from reecho.plots import parts, style
from reecho.results import Row
from reecho.settings import ROOT


def faces(count=8, size=32, seed=0):
    return np.random.default_rng(seed).random((count, size, size, 3), dtype="float32")


def history(epochs=4):
    falling = [1 / (1 + epoch) for epoch in range(epochs)]
    train = {"epoch": list(range(epochs)), "reconstruction_loss": [None, *falling[1:]], "kl_loss": [None, *falling[1:]]}
    return train | {"val_reconstruction_loss": falling, "val_kl_loss": falling}


def row(name, psnr=None, kind="network"):
    numbers = {} if psnr is None else {"psnr_db": psnr}
    return Row("denoising", 32, Method(kind, name), 9, numbers, {key: (value - 1, value + 1) for key, value in numbers.items()})


FIGURES = {
    "grid": lambda: plots.picture_grid([("target", faces()), ("output", faces())], [None, ["20.0 dB"] * 8], list("abcdefgh")),
    "gallery": lambda: plots.gallery(faces(20), 8),
    "differences": lambda: plots.difference_grid([("ours", faces() - 0.5)]),
    "curves": lambda: plots.curves(history(), best_epoch=2),
    "lines": lambda: plots.lines({"PCA": ([1, 2, 4], [20, 22, 25])}, "rate in nats", "PSNR in dB", {"ours": (2, 23)}, log_x=True),
    "bars": lambda: plots.bars_with_intervals([row("reference", 25.0)]),
    "histogram": lambda: plots.histogram({"a": np.arange(9.0), "b": np.arange(5.0)}, "PSNR in dB"),
    "scatter": lambda: plots.scatter({"a": (np.arange(400.0), np.arange(400.0))}, "x", "y", equal=True),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_fills_the_width_and_is_the_same_each_time(name):
    first, second = FIGURES[name](), FIGURES[name]()
    grid = name in ("grid", "gallery", "differences")
    assert 5.4 < first.get_figwidth() < 7 if grid else first.get_figwidth() == pytest.approx(7)
    assert not plots.is_raster(first)
    assert plots.to_svg(first) == plots.to_svg(second)
    assert plots.to_png(first) == plots.to_png(second)


def test_a_face_pixel_is_a_whole_number_of_dots():
    pictures = np.zeros((8, 32, 32, 3))
    pictures[:, ::2, ::2] = 1  # single white pixels
    drawn = np.asarray(Image.open(io.BytesIO(plots.to_png(plots.picture_grid([("", pictures)])))))[..., 0]
    row = drawn[next(i for i, line in enumerate(drawn) if (line > 128).mean() < 0.7)]
    steps = np.flatnonzero(np.diff(row[: row.size // 8 - 8] > 128))
    assert len(set(np.diff(steps))) == 1


def embedded(svg):
    """The pictures that lie in an SVG, each with what one of its pixels is wide, in points."""
    found = re.findall(r'<image transform="(?:matrix|scale)\(([\d.]+)[^>]*xlink:href="data:image/png;base64,([^"]+)"', svg)
    return [(np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))), float(scale)) for scale, data in found]


@pytest.mark.parametrize(("count", "size", "dots"), [(8, 32, 2), (5, 32, 3), (8, 64, 1), (3, 48, 2)])
def test_a_face_pixel_is_a_whole_number_of_a_screens_dots(count, size, dots):
    (picture, scale), *_ = embedded(plots.to_svg(plots.picture_grid([("target", faces(count, size))])))
    assert scale * 96 / 72 == pytest.approx(dots, abs=1e-4)
    gap = round(0.03 * 96 / dots)
    assert picture.shape == (size, count * (size + gap) - gap, 4)
    assert (picture[..., 3] == 0).sum() == (count - 1) * gap * size


@pytest.mark.parametrize("sizes", [(130, 32), (32, 130), (64, 100), (250, 32)])
def test_rows_of_large_and_small_faces_stand_below_each_other(sizes):
    (first, wide), (second, narrow) = embedded(plots.to_svg(plots.picture_grid([("", faces(8, size)) for size in sizes])))
    assert first.shape[1] * wide == pytest.approx(second.shape[1] * narrow, abs=0.05)
    shown = [picture[0, :, 3].astype(int) for picture in (first, second)]
    starts = [(np.flatnonzero(np.diff(row) > 0) + 1) * scale for row, scale in zip(shown, (wide, narrow), strict=True)]
    assert len(starts[0]) == 7 and np.abs(starts[0] - starts[1]).max() < 0.3  # points of 504


def test_svg_holds_the_faces_pixel_by_pixel_to_a_step_of_sixty_three():
    shown = faces(8)
    ((picture, _),) = embedded(plots.to_svg(plots.picture_grid([("", shown)])))
    assert np.abs(picture[:, :32, :3] / 255 - shown[0]).max() < 0.5 / 63 + 1 / 255


def test_a_small_svg_has_all_that_matplotlibs_own_has():
    figure, whole = FIGURES["lines"](), io.StringIO()
    with matplotlib.rc_context(style.STYLE):
        figure.savefig(whole, format="svg", dpi=150)
    small = plots.to_svg(figure)
    assert len(small) < 0.65 * len(whole.getvalue())
    assert small.count("<use") == whole.getvalue().count("<use")
    for reference in set(re.findall(r'href="#(?!DejaVu)([^"]+)"', small)):  # the space between words draws nothing
        assert small.count(f'id="{reference}"') == 1


def test_an_svg_is_the_same_whatever_the_order_of_sets():
    code = (
        "from reecho import plots; print(plots.to_svg(plots.lines({n: ([1, 2], [i, 9]) for i, n in enumerate('abc')}, 'x', 'y')))"
    )
    drawn = set()
    for seed in "12":
        environment = os.environ | {"PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT, env=environment)
        drawn.add(done.stdout)
    assert len(drawn) == 1 and drawn.pop().startswith(b"<svg")


def test_a_readers_own_picture_that_is_resampled_becomes_png():
    figure = matplotlib.figure.Figure()
    figure.subplots().imshow(faces(1)[0])
    assert plots.is_raster(figure)


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
    first, second, third = (image.get_extent() for image in figure.axes[0].images)
    assert first == pytest.approx((*third[:2], third[2] - third[3] + first[3], first[3]))
    assert second[1] - second[0] == pytest.approx((first[1] - first[0]) * 5 / 8, rel=0.01)
    assert second[2] - second[3] == pytest.approx(first[2] - first[3])


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (lambda: plots.picture_grid([]), "no pictures"),
        (lambda: plots.picture_grid([("a", np.zeros((2, 2)))]), "shape"),
        (lambda: plots.picture_grid([("a", faces())], under=[["1"]]), "one text a picture"),
        (lambda: plots.curves({}), "no epoch"),
        (lambda: plots.bars_with_intervals([row("reference")]), "psnr_db"),
        (lambda: plots.histogram({"a": np.array([np.nan])}, "PSNR"), "no values"),
    ],
)
def test_what_cannot_be_drawn_is_said(draw, says):
    with pytest.raises(ReechoError, match=says):
        draw()


def test_missing_values_leave_gaps_in_bars_not_rows():
    figure = plots.bars_with_intervals([row("reference", 20.0), row("denoiser")])
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == [row("reference").title]


GREY_APART = 10  # of L*, in print without colour


def look(artist):
    """What tells a line or an outline from others without its colour."""
    dashes = getattr(artist, "_unscaled_dash_pattern", None) or artist.get_linestyle()
    return getattr(artist, "get_marker", lambda: None)(), str(dashes)


SEVERAL = {
    "lines": lambda: plots.lines({name: ([1, 2, 4], [i, 22, 25]) for i, name in enumerate("abcdefgh")}, "x", "y"),
    "points": lambda: plots.lines({}, "x", "y", points={name: (i, i) for i, name in enumerate("abcdefgh")}),
    "plane": lambda: plots.rate_plane({"linear": ([1, 2], [1, 2])}, {name: [(i + 1, i)] for i, name in enumerate("abcdefgh")}),
    "histogram": lambda: plots.histogram({name: np.arange(9.0) + i for i, name in enumerate("abcdefgh")}, "PSNR in dB"),
    "scatter": lambda: plots.scatter({name: (np.arange(9.0), np.arange(9.0)) for name in "abcdefgh"}, "x", "y"),
    "panels": lambda: plots.panels({"loss": {"task": {name: ([1, 2, 3, 4], [1, 2, 3, 4]) for name in "abcdefgh"}}}, "epoch"),
    "bars": lambda: plots.bars_with_intervals([row("reference", 25.0), row("lmmse", 24.0, "baseline")]),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_without_colour_a_mark_or_dashes_tell_series_apart(name):
    axes = SEVERAL[name]().axes[0]
    drawn = [line for line in axes.lines if len(line.get_xdata()) and line.get_marker() not in ("None", None)]
    drawn = [line for line in drawn if name != "plane" or line.get_color() != style.OTHERS]
    if name == "histogram":
        drawn = [patch for patch in axes.patches if not patch.get_fill()]
    assert len(drawn) == (2 if name == "bars" else 8)
    for a, b in combinations(drawn, 2):
        colours = [each.get_edgecolor() if name == "histogram" else each.get_color() for each in (a, b)]
        assert look(a) != look(b) or abs(seen(colours[0])[0] - seen(colours[1])[0]) >= GREY_APART, (a, b)


def test_a_series_keeps_its_colour_and_mark_whatever_stands_beside_it():
    places = {"c": 0, "a": 9}
    for labels in ("abc", "ca", "dcba"):
        looks = style.looks(labels, places)
        assert looks["a"] == (style.ORDER[2], style.MARKS[1]) and looks["c"] == (style.ORDER[0], style.MARKS[0])
        assert len(set(looks.values())) == len(labels)
    drawn = {
        "lines": plots.lines({name: ([1, 2], [1, 2]) for name in "bac"}, "x", "y", places=places),
        "points": plots.lines({}, "x", "y", points=dict.fromkeys("bac", (1, 2)), places=places),
        "plane": plots.rate_plane({}, {name: [(1, 2)] for name in "bac"}, places=places),
        "panels": plots.over_parameter({"": {name: [(1, 2, None)] for name in "bac"}}, "x", "y", ["1"], places=places),
    }
    for figure in drawn.values():
        marks = [(line.get_color(), line.get_marker()) for line in figure.axes[0].lines]
        assert marks == [style.looks("bac", places)[name] for name in "bac"]


def label_boxes(figure):
    figure.draw_without_rendering()
    return {text.get_text(): text.get_window_extent() for text in figure.axes[0].texts}


def test_labels_of_a_plane_cover_no_line_and_no_other_label():
    rates = np.geomspace(95, 2080, 10)
    curves = {
        "linear, a draw": (rates, [21.8, 23.1, 24.3, 25.3, 26.3, 27.4, 28.5, 29.4, 30.9, 31.7]),
        "linear, mean": (rates, [23.1, 24.6, 26, 27, 28.2, 29.4, 30.4, 31.4, 32.1, 32.2]),
        "WebP": ([1250, 1750, 2450, 3100, 3800], [25.8, 28, 30.3, 32.1, 33.6]),
        "JPEG": ([1960, 2820, 4200, 5200, 6300], [19.8, 25.8, 30, 31.9, 33.6]),
    }
    figure = plots.rate_plane(curves, {"reference": [(254, 24.5), (254, 26.2)]}, (254, "α"))
    boxes = [box for text, box in label_boxes(figure).items() if text in curves]
    assert len(boxes) == 4 and not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    for line in curves.values():
        x, y = figure.axes[0].transData.transform(np.column_stack(line)).T
        places = np.column_stack([np.interp(np.linspace(0, 1, 500), np.linspace(0, 1, len(x)), each) for each in (x, y)])
        assert not any(box.contains(*place) for box in boxes for place in places)
    legend = figure.axes[0].get_legend()
    assert legend.get_frame_on() and legend.get_frame().get_alpha() == 1  # lines do not cross its names


def test_long_names_of_rows_stand_above_them_and_leave_the_width_to_the_points():
    name = "Pictures at their own size, 128×128\nCBM3D (cited) → photo denoiser, ensemble of 8, similar patches"
    for figure in (plots.dumbbells({name: (33.0, 33.4, "+0.42 dB")}, "dB"), plots.dots_of_groups({name: [[1.2, 1.3]]}, "dB")):
        figure.draw_without_rendering()
        axes = figure.axes[0]
        assert axes.get_position().x0 < 0.1 and not any(label.get_text() for label in axes.get_yticklabels())
        texts = {text.get_text(): text for text in axes.texts}
        above = texts[name.replace("\n", ": ")].get_window_extent()
        assert above.x1 <= figure.bbox.x1 and above.y0 > axes.transData.transform((0, 0))[1]


def test_the_two_ends_of_a_ladder_have_marks_of_their_own():
    assert len({end[4] for end in parts._ENDS}) == 2


def test_a_series_of_many_points_has_few_marks():
    many = {name: (np.arange(1, 1025), np.linspace(i, 0, 1024)) for i, name in enumerate("ab")}
    assert len(plots.to_svg(plots.lines(many, "axes", "KL, nats", log_x=True))) < 90_000


def test_a_logarithmic_axis_has_plain_numbers():
    series = {"a": ([1, 2, 4], [0.2, 3.0, 40.0])}
    ranges = plots.ranges({"s": {"a": (0.3, 0.5, 2.0), "b": (20.0, 30.0, 40.0)}}, str, log=True)
    history = {"epoch": [1, 2], "reconstruction_loss": [40.0, 1.0], "val_reconstruction_loss": [50.0, 1.0]}
    for figure in (plots.lines(series, "x", "y", log_y=True), ranges, plots.curves(history)):
        figure.draw_without_rendering()
        axes = figure.axes[0]
        axis = axes.xaxis if axes.get_xscale() == "log" else axes.yaxis
        labels = [label.get_text() for label in axis.get_ticklabels(which="both")]
        assert "1" in labels and not any("$" in label for label in labels)

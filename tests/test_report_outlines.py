"""Figures in fewer bytes: what outlines and shared faces must keep."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image

from reecho import plots
from reecho.plots.style import in_levels
from reecho.report import charts, outlines, shared
from reecho.report.sprites import pack

FACES = np.random.default_rng(0).random((6, 32, 32, 3))


def a_grid() -> str:
    return plots.to_svg(plots.picture_grid([("a row", FACES[:4]), ("a row again", FACES[1:5])], [["0.25"] * 4, ["0.35"] * 4]))


def test_a_figure_takes_fewer_bytes_and_everything_it_refers_to_is_there_once():
    svg = a_grid()
    small = outlines.smaller(svg)
    assert len(re.sub('base64,[^"]+', "", small)) < 0.7 * len(re.sub('base64,[^"]+', "", svg))
    for name in set(re.findall(r'href="#([^"]+)"', small)):
        assert small.count(f'id="{name}"') == 1


def test_an_outline_ends_where_it_began_and_errors_do_not_add_up():
    steps = outlines._in_steps("m7 7" + "l7 7" * 100)
    x, y = (sum(int(number) for number in re.findall(r"-?\d+", steps)[place::2]) for place in (0, 1))
    assert abs(x - 707 / 16) <= 0.5 and abs(y + 707 / 16) <= 0.5


def test_what_matplotlib_did_not_write_stays():
    own = '<svg viewBox="0 0 4 4"><path d="M0 0L4 4" style="stroke:red"/></svg>'
    assert outlines.smaller(own) == own


def test_a_widget_takes_the_faces_of_its_still_from_there():
    sheet, places = pack(FACES[[5, 0, 1, 2]])
    widget = shared.without_those_of({"sheet": sheet, "places": places.tolist()}, a_grid().encode())
    held = widget["sheet"]
    assert held["count"] == 1 and len(held["shared"]) == 3 and widget["places"] == [0, 1, 2, 3]
    strips = re.findall('base64,([^"]+)', a_grid())
    for face, (strip, left, top) in zip(FACES[:3], held["shared"], strict=True):
        pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(strips[strip - 1]))).convert("RGB"))
        assert np.array_equal(pixels[top : top + 32, left : left + 32], in_levels(face))


def test_small_faces_lose_at_most_three_grey_levels_even_where_they_are_noise():
    buffer = io.BytesIO()
    noise = in_levels(np.concatenate(list(FACES), axis=1))
    Image.fromarray(noise).save(buffer, "png")
    data, media = charts.small_faces(buffer.getvalue())
    lost = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), "float64") - noise
    assert media == "image/webp" and 0 < np.sqrt(np.mean(lost**2)) <= 3 and abs(lost).max() <= 8
    assert len(data) < 0.9 * len(charts.lighter(buffer.getvalue())[0])

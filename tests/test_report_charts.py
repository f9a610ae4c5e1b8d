"""SVG figures on their way into a page, the book and the index: fewer bytes, the same picture."""

from __future__ import annotations

import base64
import io
import json
import re
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image

from reecho import palette, plots
from reecho.report import charts, html, sprites
from reecho.report.executed import Piece

FACES = np.random.default_rng(0).random((8, 32, 32, 3))


@pytest.fixture(scope="module")
def grid():
    under = [[f"{number}.0 dB" for number in range(8)]] * 6
    return plots.to_svg(plots.picture_grid([(f"row {n}", FACES[:, ::-1] if n % 2 else FACES) for n in range(6)], under)).encode()


def pictures(svg: bytes) -> list[Image.Image]:
    found = re.findall(rb"data:image/(\w+);base64,([A-Za-z0-9+/=\s]+)", svg)
    return [Image.open(io.BytesIO(base64.b64decode(data))) for _, data in found]


@pytest.mark.slow
def test_the_url_of_a_grid_has_every_pixel_and_is_smaller_than_base_64(grid):
    url = charts.source(palette.themed(grid.decode()).encode())
    assert '"' not in url and "<" not in url and "#" not in url
    assert len(url) < len(base64.b64encode(grid))
    kept = pictures(unquote(url.split(",", 1)[1]).encode())
    assert [picture.format for picture in kept] == ["WEBP"] * 6
    for mine, theirs in zip(pictures(grid), kept, strict=True):
        a, b = (np.asarray(picture.convert("RGBA")) for picture in (mine, theirs))
        assert (a[..., 3] == b[..., 3]).all() and (a[a[..., 3] > 0] == b[a[..., 3] > 0]).all()


def test_the_book_has_rows_of_faces_as_jpeg_on_white_that_differ_by_little(grid):
    printed = pictures(charts.with_pictures(grid, charts.for_print))
    assert [picture.format for picture in printed] == ["JPEG"] * 6
    pixels, gap = np.asarray(printed[0]).astype(int), np.asarray(pictures(grid)[0])[..., 3] == 0
    assert pixels[gap].min() > 225
    smooth = np.asarray(Image.fromarray(np.full((16, 16, 3), 120, "uint8")).convert("RGBA"))
    buffer = io.BytesIO()
    Image.fromarray(smooth).save(buffer, "png")
    data, media = charts.for_print(buffer.getvalue())
    assert media == "image/jpeg" and abs(np.asarray(Image.open(io.BytesIO(data))).astype(int) - 120).max() <= 1


def test_what_is_partly_transparent_stays_as_it_is():
    buffer = io.BytesIO()
    Image.new("RGBA", (4, 4), (9, 9, 9, 100)).save(buffer, "png")
    for convert in (charts.for_print, charts.for_a_card):
        assert convert(buffer.getvalue()) == (buffer.getvalue(), "image/png")


def test_the_card_of_a_grid_shows_its_first_rows_without_their_names(grid):
    top, share = charts.top_of(grid, 0.4)
    assert share == pytest.approx(0.4)
    assert 3 <= len(pictures(top)) < 6
    left, above, width, height = (float(each) for each in re.search(rb'viewBox="([^"]+)"', top)[1].split())
    assert left > 20 and above == 0 and height == pytest.approx(0.4 * width, rel=1e-3)
    small = charts.with_pictures(top, charts.for_a_card)
    assert len(small) < 0.7 * len(top)
    for reference in set(re.findall(rb'href="#(?!DejaVu)([^"]+)"', small)):  # the space between words draws nothing
        assert small.count(b'id="' + reference + b'"') == 1


def test_a_grid_says_how_much_of_it_the_names_of_its_rows_take(grid):
    assert 0.05 < charts.names_share(grid) < 0.15
    assert charts.names_share(plots.to_svg(plots.gallery(FACES)).encode()) == pytest.approx(0, abs=0.01)
    assert charts.names_share(plots.to_svg(plots.lines({"a": ([1, 2], [3, 4])}, "x", "y")).encode()) == 0


def row_of_faces(height):
    """A row of eight soft pictures with some noise, as PNG."""
    rng, across = np.random.default_rng(0), np.linspace(0, 6, 8 * height)
    soft = 127 + 80 * np.sin(across)[None, :, None] * np.cos(np.linspace(0, 3, height))[:, None, None]
    buffer = io.BytesIO()
    Image.fromarray((soft + rng.normal(0, 4, (height, 8 * height, 3))).clip(0, 255).astype("uint8")).save(buffer, "png")
    return buffer.getvalue()


def test_rows_of_large_faces_take_fewer_bytes_and_those_of_small_ones_keep_every_pixel():
    sizes = {}
    for height in (32, 64):
        png = row_of_faces(height)
        svg = f'<svg><image href="data:image/png;base64,{base64.b64encode(png).decode()}"/></svg>'
        page = unquote(html.image(Piece("figure", "faces", data=svg.encode(), media="image/svg+xml")))
        data = base64.b64decode(re.search("data:image/webp;base64,([A-Za-z0-9+/=]+)", page).group(1))
        before, after = (np.asarray(Image.open(io.BytesIO(file)).convert("RGB"), "float64") for file in (png, data))
        sizes[height] = len(data) / len(png), np.sqrt(np.mean((after - before) ** 2))
    assert sizes[32][1] == 0 and 0 < sizes[64][1] < 4 and sizes[64][0] < 0.6


def test_a_noisy_row_of_large_faces_keeps_its_noise():
    rng, buffer = np.random.default_rng(0), io.BytesIO()
    noisy = (127 + rng.normal(0, 26, (64, 512, 3))).clip(0, 255).astype("uint8")  # σ = .1
    Image.fromarray(noisy).save(buffer, "png")
    data, media = charts.large_faces(buffer.getvalue())
    assert media == "image/webp" and len(data) < len(buffer.getvalue())
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data)).convert("RGB")), noisy)


def test_sheets_of_large_faces_of_a_widget_take_fewer_bytes_too():
    rows = {size: np.asarray(Image.open(io.BytesIO(row_of_faces(size)))) / 510 for size in (32, 64)}  # half as strong
    sheets = {size: sprites.pack(np.stack(np.split(row, 8, axis=1)))[0] for size, row in rows.items()}
    given = json.loads(html._data({"widget": "sliders", "sheets": [sheets[32], sheets[64]]}))["sheets"]
    assert given[0] == sheets[32] and len(given[1]["data"]) < len(sheets[64]["data"])
    assert {**given[1], "data": ""} == {**sheets[64], "data": ""}

"""The page's own arithmetic in JavaScript, which cannot be shared, gives what colour and pixels give."""

from __future__ import annotations

from importlib import resources

import numpy as np
import pytest

from reecho.colour import LUMA, chroma, fit_gamut, grey, luma
from reecho.pixels import area_matrix, fold, unfold

TEMPLATES = resources.files("reecho.own_picture").joinpath("templates")


@pytest.fixture(scope="module")
def computed(browser):
    """A function that computes a JavaScript expression of `given` after the page's scripts."""
    window = browser.chromium.new_page()
    scripts = "\n".join(TEMPLATES.joinpath(name).read_text(encoding="utf-8") for name in ("picture.js", "network.js"))
    yield lambda expression, given=None: window.evaluate(f"given => {{ {scripts}\n return {expression}; }}", given)
    window.close()


@pytest.fixture(scope="module")
def faces():
    return np.random.default_rng(0).random((1, 8, 8, 3), "float32")


def test_luma_and_grey_are_those_of_colour(computed, faces):
    assert computed("LUMA") == list(LUMA)
    flat = faces.ravel().tolist()
    lumas = computed("given.filter((_, n) => n % 3 === 0).map((_, n) => lumaOf(given, 3 * n))", flat)
    assert np.reshape(lumas, (1, 8, 8, 1)) == pytest.approx(luma(faces), abs=1e-6)
    greys = computed("Array.from(greyOf(Float32Array.from(given)))", flat)
    assert np.reshape(greys, faces.shape) == pytest.approx(grey(faces), abs=1e-6)


def test_colours_put_on_a_picture_fit_the_gamut_as_those_of_colour(computed, faces):
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (8, 8, 4), "uint8")
    pixels[0, 0, :3], pixels[0, 1, :3] = 0, 255  # black and white have room for no colour
    expression = "Array.from(inColour(Uint8ClampedArray.from(given.pixels), 8, Float32Array.from(given.output), 8))"
    colours = computed(expression, {"pixels": pixels.ravel().tolist(), "output": faces.ravel().tolist()})
    expected = fit_gamut(luma(pixels[None, ..., :3] / 255), chroma(faces))[0]
    assert np.abs(np.reshape(colours, (8, 8, 4))[..., :3] - 255 * expected).max() <= 0.51


@pytest.mark.parametrize(("n_in", "n_out"), [(130, 32), (250, 64), (96, 32), (7, 7), (50, 48)])
def test_averages_by_area_are_those_of_pixels(computed, n_in, n_out):
    matrix = np.zeros((n_out, n_in))
    for row, share in zip(matrix, computed(f"areas({n_in}, {n_out})"), strict=True):
        row[share["low"] : share["low"] + len(share["weights"])] = share["weights"]
    assert matrix == pytest.approx(area_matrix(n_in, n_out), abs=1e-6)


@pytest.mark.parametrize("block", [2, 4])
def test_folding_is_that_of_pixels(computed, block):
    pictures = np.arange(8 * 12 * 3).reshape(1, 8, 12, 3)
    folded = fold(pictures, block)
    for back, given, expected in ((False, pictures, folded), (True, folded, unfold(folded, block))):
        expression = f"Array.from(fold({{data: given, shape: {list(given.shape[1:])}}}, "
        expression += f"{{block: {block}, back: {str(back).lower()}, shape: {list(expected.shape[1:])}}}))"
        assert computed(expression, given.ravel().tolist()) == expected.ravel().tolist()

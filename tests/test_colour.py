"""Colour: luma of the primaries, grey of grey, chroma there and back, a gamut that keeps the luma; arrays and tensors alike."""

import ast

import keras
import numpy as np
import pytest
from skimage.color import rgb2ycbcr

from reecho.colour import CHROMA, LUMA, chroma, differences, fit_gamut, grey, luma, shorten, with_chroma
from reecho.settings import ROOT

PRIMARIES = np.eye(3, dtype="float32").reshape(1, 1, 3, 3)


@pytest.fixture(scope="module")
def faces():
    return np.random.default_rng(0).random((6, 8, 8, 3), "float32")


@pytest.fixture(scope="module")
def wild():
    """Luma, with black and white among it, and chroma of which much lies outside the gamut."""
    rng = np.random.default_rng(1)
    tone, colours = rng.random((6, 8, 8, 1), "float32"), rng.uniform(-1, 1, (6, 8, 8, 2)).astype("float32")
    tone[0, 0, :2] = [[0.0], [1.0]]
    return tone, colours


def test_luma_of_the_primaries_is_their_weight_and_that_of_white_is_1():
    assert luma(PRIMARIES).ravel() == pytest.approx(LUMA)
    assert luma(PRIMARIES, LUMA[::-1]).ravel() == pytest.approx(LUMA[::-1])
    assert luma(np.ones((1, 2, 2, 3))) == pytest.approx(1)


def test_the_chroma_of_a_primary_reaches_its_end_of_the_range():
    assert pytest.approx([2 * (1 - LUMA[2]), 2 * (1 - LUMA[0])]) == CHROMA
    red, green, blue = chroma(PRIMARIES)[0, 0]
    assert red[1] == pytest.approx(0.5) and blue[0] == pytest.approx(0.5)
    assert green == pytest.approx([-LUMA[1] / CHROMA[0], -LUMA[1] / CHROMA[1]])


def test_luma_and_chroma_are_scikit_images_on_their_8_bit_scale(faces):
    scaled = rgb2ycbcr(faces)  # 16 to 235, and 16 to 240
    assert luma(faces) == pytest.approx((scaled[..., :1] - 16) / 219, abs=1e-4)
    assert chroma(faces) == pytest.approx((scaled[..., 1:] - 128) / 224, abs=1e-4)


def test_grey_of_grey_is_itself_and_has_no_chroma(faces):
    plain = grey(faces)
    assert plain.shape == faces.shape and plain.dtype == "float32"
    assert grey(plain) == pytest.approx(plain, abs=1e-6) and np.abs(chroma(plain)).max() < 1e-6


def test_luma_with_chroma_is_the_face_and_differences_weigh_nothing(faces, wild):
    assert with_chroma(luma(faces), chroma(faces)) == pytest.approx(faces, abs=1e-6)
    assert np.abs(luma(differences(wild[1]))).max() < 1e-6
    assert chroma(differences(wild[1])) == pytest.approx(wild[1], abs=1e-6)


def test_colours_that_no_screen_shows_are_shortened_and_the_luma_holds(wild):
    tone, colours = wild
    shown = fit_gamut(tone, colours)
    assert shown.dtype == "float32" and shown.min() >= 0 and shown.max() <= 1
    assert np.abs(luma(shown) - tone).max() < 1e-6
    assert np.abs(luma(np.clip(with_chroma(tone, colours), 0, 1)) - tone).max() > 0.1  # what clipping does to it
    share = (chroma(shown) * colours).sum(-1) / (colours**2).sum(-1)
    assert chroma(shown) == pytest.approx(share[..., None] * colours, abs=1e-5)  # the same hue, paler
    assert share.min() >= -1e-6 and share.max() <= 1 + 1e-5
    assert share[0, 0, :2] == pytest.approx([0, 0], abs=1e-6)  # black and white have room for no colour


def test_colours_that_fit_stay_as_they_are_and_luma_outside_is_clipped(faces):
    assert fit_gamut(luma(faces), chroma(faces)) == pytest.approx(faces, abs=1e-6)
    outside = np.array([-0.2, 1.3], "float32").reshape(2, 1, 1, 1)
    assert fit_gamut(outside, np.full((2, 1, 1, 2), 0.1)).ravel() == pytest.approx([0, 0, 0, 1, 1, 1])


def test_a_tensor_gets_the_same_colours_as_an_array(faces, wild):
    ops, tensor = keras.ops, keras.ops.convert_to_tensor
    tone, colours = wild
    away = differences(colours)
    for of_array, of_tensor in (
        (luma(faces), luma(tensor(faces))),
        (grey(faces), grey(tensor(faces))),
        (chroma(faces), chroma(tensor(faces), ops)),
        (away, differences(tensor(colours), ops)),
        (shorten(tone, away), shorten(tensor(tone), tensor(away), ops)),
    ):
        assert ops.is_tensor(of_tensor) and np.abs(of_array - of_tensor.numpy()).max() < 1e-6


def test_colours_change_nothing_of_what_they_are_given(faces, wild):
    before = [array.copy() for array in (faces, *wild)]
    grey(faces)
    chroma(faces)
    fit_gamut(*wild)
    assert all((array == old).all() for array, old in zip((faces, *wild), before, strict=True))


def test_the_numbers_of_bt601_stand_in_one_module_alone():
    trees = {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "reecho").rglob("*.py")}
    numbers = {name: {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)} for name, tree in trees.items()}
    assert {name for name, values in numbers.items() if values & {*LUMA, *CHROMA}} == {"colour.py"}

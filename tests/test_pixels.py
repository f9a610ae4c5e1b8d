"""Pixels: averages by area are exact, folding and unfolding lose nothing; arrays and tensors alike."""

import keras
import numpy as np
import pytest

from reecho.pixels import area_matrix, averaged, fold, unfold


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).random((3, 12, 8, 5), "float32")


@pytest.mark.parametrize(("n_in", "n_out"), [(130, 32), (130, 64), (250, 32), (7, 7), (5, 12)])
def test_every_pixel_counts_by_the_area_that_it_covers(n_in, n_out):
    matrix = area_matrix(n_in, n_out)
    assert matrix.shape == (n_out, n_in) and matrix.dtype == np.float32
    assert matrix.sum(1) == pytest.approx(np.ones(n_out), abs=1e-6)
    assert matrix.sum(0) == pytest.approx(np.full(n_in, n_out / n_in), abs=1e-5)


def test_halving_is_the_mean_of_two_by_two_pixels_and_the_same_size_changes_nothing(pictures):
    expected = pictures.reshape(3, 6, 2, 4, 2, 5).mean(axis=(2, 4))
    assert averaged(pictures, 6, 4) == pytest.approx(expected, abs=1e-6)
    assert (averaged(pictures, 12, 8) == pictures).all() and averaged(pictures, 6, 4).dtype == "float32"


def test_averages_keep_the_mean_at_any_size_and_repeat_pixels_where_they_enlarge(pictures):
    assert averaged(pictures, 5, 7).mean(axis=(1, 2)) == pytest.approx(pictures.mean(axis=(1, 2)), abs=1e-6)
    assert averaged(pictures, 24, 24) == pytest.approx(pictures.repeat(2, axis=1).repeat(3, axis=2), abs=1e-6)


def test_a_block_of_pixels_becomes_the_channels_of_one():
    numbered = np.arange(16).reshape(1, 4, 4, 1)
    assert fold(numbered, 2)[0, :, :, :].tolist() == [[[0, 1, 4, 5], [2, 3, 6, 7]], [[8, 9, 12, 13], [10, 11, 14, 15]]]
    coloured = np.stack([numbered[..., 0], -numbered[..., 0]], axis=-1)
    assert fold(coloured, 2)[0, 0, 0].tolist() == [0, 0, 1, -1, 4, -4, 5, -5]  # row, column, channel


@pytest.mark.parametrize("block", [1, 2, 4])
def test_unfolding_gives_back_what_was_folded(pictures, block):
    folded = fold(pictures, block)
    assert folded.shape == (3, 12 // block, 8 // block, 5 * block**2)
    assert (unfold(folded, block) == pictures).all()


def test_a_tensor_is_folded_as_an_array(pictures):
    ops = keras.ops
    folded = fold(ops.convert_to_tensor(pictures), 2, ops)
    assert ops.is_tensor(folded) and (folded.numpy() == fold(pictures, 2)).all()
    assert (unfold(folded, 2, ops).numpy() == pictures).all()

"""Similar patches filtered together: repeated texture comes back, noise of other kinds is left to the network."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from reecho import noise, similar
from reecho.metrics import psnr


def repeated(height=96, width=104):
    """A texture that repeats every 12 pixels, float32 (height, width, 3) in [.2, .8]."""
    part = np.random.default_rng(0).random((12, 12, 3), "float32")
    return 0.2 + 0.6 * np.tile(part, (-(-height // 12), -(-width // 12), 1))[:height, :width]


def blurred(picture):
    return ndimage.gaussian_filter(picture, (0.7, 0.7, 0))


def everywhere(picture, sigma):
    return np.full(picture.shape[:2], sigma, "float32")


def test_a_texture_that_repeats_comes_back():
    clean = repeated()
    noisy = noise.gaussian(clean, np.random.default_rng(1), 0.1)
    denoised = blurred(clean)  # what a network leaves that takes texture for noise
    output = similar.refined(noisy, denoised, everywhere(clean, 0.1))
    assert output.dtype == np.float32 and output.shape == clean.shape
    before, after = psnr(np.stack([denoised, output]), np.stack([clean, clean]))
    assert after > before + 2


def test_a_patch_s_group_begins_with_itself_and_holds_its_repetitions():
    clean = repeated()
    places = similar._alike(clean[..., 0])
    assert places.shape[1] == similar.ALIKE and all(len(set(group)) == similar.ALIKE for group in places)
    rows, columns = np.divmod(places, clean.shape[1])
    assert rows.max() == clean.shape[0] - similar.PATCH and columns.max() == clean.shape[1] - similar.PATCH
    assert (np.diff(np.unique(rows[:, 0])) <= similar.STEP).all() and rows[0, 0] == columns[0, 0] == 0
    middle = np.flatnonzero((rows[:, 0] == 40) & (columns[:, 0] == 40))[0]
    again = {(down, across) for down in (-12, 0, 12) for across in (-12, 0, 12)}
    assert set(zip(rows[middle, :9] - 40, columns[middle, :9] - 40, strict=True)) == again
    assert np.abs(rows - rows[:, :1]).max() <= similar.REACH and np.abs(columns - columns[:, :1]).max() <= similar.REACH


def test_what_has_no_noise_stays():
    clean = repeated()
    assert np.allclose(similar.refined(clean, clean, everywhere(clean, 0.002)), clean, atol=1e-4)


def white(rng):
    return noise.gaussian(np.full((160, 160, 3), 0.5, "float32"), rng, 0.1)


def salted(rng):
    return noise.salt_and_pepper(np.full((160, 160, 3), 0.5, "float32"), rng, 0.05)


def from_jpeg(rng):
    return noise.jpeg(np.full((160, 160, 3), 0.5, "float32"), rng, 0.1)


def from_a_camera(rng):
    return noise.demosaiced(np.full((160, 160, 3), 0.5, "float32"), rng, 0.1)


@pytest.mark.parametrize(("noisy", "share"), [(white, 1), (salted, 0), (from_jpeg, 0), (from_a_camera, 0)])
def test_it_counts_where_the_noise_is_white_and_gaussian(noisy, share):
    picture = noisy(np.random.default_rng(2))
    assert np.allclose(similar.whiteness(picture - 0.5), share, atol=0.02)
    denoised = picture - (picture - 0.5) * np.float32(0.9)
    output = similar.refined(picture, denoised, everywhere(picture, 0.1))
    assert np.array_equal(output, denoised) == (share == 0)


@pytest.mark.parametrize("shape", [(9, 40), (14, 14), (23, 31)])
def test_a_small_picture_goes_through(shape):
    picture = np.random.default_rng(3).random((*shape, 3), "float32")
    output = similar.refined(picture, blurred(picture), everywhere(picture, 0.1))
    assert output.shape == picture.shape and np.isfinite(output).all()


@pytest.mark.parametrize("colours", [1, 3])
def test_a_picture_is_the_mean_over_the_conditional_means_of_its_groups(colours):
    rng = np.random.default_rng(4)
    clean = blurred(rng.random((31, 37, 3), "float32"))
    noisy = noise.gaussian(clean, rng, 0.1)[..., :colours]
    guide, sigma = clean[..., :colours], rng.uniform(0.05, 0.15, clean.shape[:2]).astype("float32")
    alike = similar._alike(clean[..., 0])
    total, counts = np.zeros(noisy.shape), np.zeros(noisy.shape)
    for group in alike:
        squares = [
            np.s_[row : row + similar.PATCH, column : column + similar.PATCH]
            for row, column in zip(*divmod(group, 37), strict=True)
        ]
        seen, expected = (np.stack([picture[at].ravel() for at in squares]).astype("float64") for picture in (noisy, guide))
        covariance = np.cov(expected, rowvar=False, bias=True)
        gain = covariance @ np.linalg.inv(covariance + sigma.ravel()[group[0]] ** 2 * np.eye(len(covariance)))
        for at, patch in zip(squares, expected.mean(0) + (seen - expected.mean(0)) @ gain.T, strict=True):
            total[at] += patch.reshape(similar.PATCH, similar.PATCH, colours)
            counts[at] += 1
    assert np.allclose(similar._filtered(noisy, guide, sigma, alike), total / counts, atol=1e-4)


def test_the_parts_in_which_it_is_computed_change_nothing(monkeypatch):
    clean = blurred(np.random.default_rng(6).random((90, 75, 3), "float32"))
    noisy, sigma = noise.gaussian(clean, np.random.default_rng(7), 0.1), everywhere(clean, 0.1)
    alike = similar._alike(clean[..., 0])
    filtered = similar._filtered(noisy, clean, sigma, alike)
    monkeypatch.setattr(similar, "_STRIP", 5)
    monkeypatch.setattr(similar, "_CHUNK", 7)
    assert np.array_equal(similar._alike(clean[..., 0]), alike)
    assert np.allclose(similar._filtered(noisy, clean, sigma, alike), filtered, atol=1e-5)


def test_a_grey_photo_is_filtered_as_one_colour():
    clean = np.repeat(repeated()[..., :1], 3, -1)
    noisy = clean + 0.1 * np.random.default_rng(8).standard_normal((*clean.shape[:2], 1), dtype="float32")
    denoised = blurred(clean) * np.array(
        [0.99, 1, 1.01], "float32"
    )  # what a network makes of three equal colours is not quite grey
    output = similar.refined(noisy, denoised, everywhere(clean, 0.1))
    change = output - denoised
    assert np.allclose(change, change[..., :1], atol=1e-6)
    before, after = psnr(np.stack([denoised, output]), np.stack([clean, clean]))
    assert after > before + 2
    assert np.allclose(similar.whiteness((noisy - clean)[..., :1]), 1, atol=0.02)

"""Threes for every measure of a picture: perfect, useless, halfway; and known answers."""

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from reecho import metrics
from reecho.baselines import mean_chroma
from reecho.colour import fit_gamut, grey, luma
from reecho.errors import ReechoError


@pytest.fixture(scope="module")
def faces():
    rng = np.random.default_rng(0)
    coarse = rng.random((12, 4, 4, 3)).repeat(4, axis=1).repeat(4, axis=2)
    return np.clip(0.2 + 0.6 * coarse + 0.02 * rng.standard_normal((12, 16, 16, 3)), 0, 1).astype("float32")


@pytest.fixture(scope="module")
def three(faces):
    """Perfect, halfway and useless outputs for the faces."""
    useless = 1 - faces
    return faces, (faces + useless) / 2, useless


def test_psnr_of_an_mse_of_a_hundredth_is_20_db():
    assert metrics.psnr(np.full((2, 4, 4, 3), 0.6), np.full((2, 4, 4, 3), 0.5)) == pytest.approx([20, 20])


def test_psnr_clips_outputs_and_is_finite_for_a_perfect_one():
    targets = np.ones((1, 4, 4, 3))
    assert metrics.psnr(targets + 5, targets) == pytest.approx([100])


def test_psnr_agrees_with_a_known_share_of_wrong_pixels():
    outputs, targets = np.zeros((1, 10, 10, 3)), np.zeros((1, 10, 10, 3))
    outputs[0, 0, 0] = 1  # one pixel in a hundred
    assert metrics.psnr(outputs, targets) == pytest.approx([20])


@pytest.mark.parametrize(("metric", "best"), [(metrics.psnr, 100), (metrics.ssim, 1), (lambda a, b: -metrics.delta_e00(a, b), 0)])
def test_perfect_beats_halfway_beats_useless(metric, best, faces, three):
    perfect, halfway, useless = (metric(outputs, faces) for outputs in three)
    assert perfect == pytest.approx(np.full(len(faces), best), abs=1e-5)
    assert (perfect > halfway).all() and (halfway > useless).all()


def test_ssim_in_one_call_is_that_of_each_picture_alone(faces):
    outputs = np.clip(faces + 0.1 * np.random.default_rng(1).standard_normal(faces.shape), 0, 1)
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "channel_axis": -1, "data_range": 1.0}
    alone = [structural_similarity(a, b.astype("float64"), **settings) for a, b in zip(outputs, faces, strict=True)]
    assert metrics.ssim(outputs, faces) == pytest.approx(alone, abs=1e-6)


def test_delta_e00_of_black_and_white_is_100():
    assert metrics.delta_e00(np.zeros((1, 4, 4, 3)), np.ones((1, 4, 4, 3))) == pytest.approx([100], abs=1e-3)


def test_colourfulness_is_nothing_for_grey_half_for_half_the_colour(faces):
    plain, full = grey(faces), metrics.colourfulness(faces)
    assert metrics.colourfulness(plain) == pytest.approx(np.zeros(len(faces)), abs=1e-3)
    assert metrics.colourfulness((plain + faces) / 2) == pytest.approx(full / 2, rel=1e-3)


def test_colourfulness_of_flat_red_is_known():
    red = np.zeros((1, 4, 4, 3))
    red[..., 0] = 1
    assert metrics.colourfulness(red) == pytest.approx([0.3 * np.hypot(255, 127.5)])


def test_contrast_is_nothing_for_a_flat_picture_and_a_half_for_black_and_white():
    halves = np.zeros((1, 4, 4, 3))
    halves[:, :2] = 1
    assert metrics.contrast(np.full((1, 4, 4, 3), 0.3)) == pytest.approx([0], abs=1e-6)
    assert metrics.contrast(halves) == pytest.approx([0.5])


def test_chroma_r2_is_one_for_the_target_nothing_for_the_mean_and_less_for_grey(faces):
    mean = mean_chroma(faces)
    plain = fit_gamut(luma(faces), np.broadcast_to(mean, (*faces.shape[:3], 2)))
    assert metrics.chroma_r2(faces, faces, mean) == pytest.approx(1)
    assert metrics.chroma_r2(plain, faces, mean) == pytest.approx(0, abs=1e-6)
    assert 0 < metrics.chroma_r2((faces + plain) / 2, faces, mean) < 1
    assert metrics.chroma_r2(grey(faces), faces, mean) < 0


def test_face_and_background_are_measured_apart():
    targets = np.zeros((2, 8, 8, 3), "float32")
    outputs = targets + 0.1
    outputs[:, 2:6, 2:6] = 0.01
    face, background = metrics.psnr_by_place(outputs, targets)
    assert face == pytest.approx([40, 40], abs=1e-4) and background == pytest.approx([20, 20], abs=1e-4)


def test_worst_are_the_lowest_psnr_or_the_highest_difference():
    values = np.array([3.0, 1.0, 2.0])
    assert metrics.worst(values, 2).tolist() == [1, 2]
    assert metrics.worst(values, 2, better="lower").tolist() == [0, 2]


def test_pictures_that_do_not_match_are_refused(faces):
    for outputs, targets in ((faces[:3], faces[:2]), (faces[:0], faces[:0]), (faces[0], faces[0])):
        with pytest.raises(ReechoError, match="same shape"):
            metrics.psnr(outputs, targets)
    with pytest.raises(ReechoError, match="too small"):
        metrics.ssim(faces[:, :8, :8], faces[:, :8, :8])


def test_metrics_change_nothing_of_what_they_are_given(faces):
    before = faces.copy()
    for metric in (metrics.psnr, metrics.ssim, metrics.delta_e00):
        metric(faces, faces)
    metrics.colourfulness(faces)
    metrics.contrast(faces)
    assert (faces == before).all()

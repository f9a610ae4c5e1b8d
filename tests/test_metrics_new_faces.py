"""The six numbers of new faces: near their best for real faces, worse the worse a set is, each blind where it says so."""

import numpy as np
import pytest
from scipy import stats
from scipy.ndimage import gaussian_filter

from reecho import methods, metrics
from reecho.baselines import blurred, rulers
from reecho.errors import ReechoError
from reecho.metrics import new_faces
from reecho.metrics.features import gradients, random_convolutions

BLURRED = [methods.baseline("blurred", pixels=pixels) for pixels in (0.5, 1.0)]


@pytest.fixture(scope="module")
def faces():
    """Smooth pictures with some fine grain, 600 of 32 × 32, as different from each other as faces are."""
    rng = np.random.default_rng(0)
    smooth = gaussian_filter(rng.standard_normal((600, 32, 32, 3)), (0, 4, 4, 0)) * 6
    return np.clip(0.5 + 0.15 * smooth + 0.05 * rng.standard_normal((600, 32, 32, 1)), 0, 1).astype("float32")


@pytest.fixture(scope="module")
def ruler(faces):
    return metrics.FaceRuler(faces[:300])


@pytest.fixture(scope="module")
def numbers(faces, ruler):
    """Method → the numbers of its set, measured against the second half of the faces."""
    real = ruler.describe(faces[300:])
    return {method: ruler.measure(made, real) for method, made in rulers(faces[:300], 300).items()}


def test_kid_is_about_nothing_for_one_distribution_and_known_for_a_shift():
    rng = np.random.default_rng(0)
    one, other = rng.standard_normal((2, 1500, 4))
    assert abs(metrics.kid(one, other)) < 15
    # with points all at 0 against points all at 2 (d = 1): 1 + (2 · 2 + 1)³ - 2 · 1
    assert metrics.kid(np.zeros((5, 1)), np.full((5, 1), 2.0)) == pytest.approx(124e3)


def test_kid_is_worse_the_further_two_sets_are_apart():
    one, other = np.random.default_rng(0).standard_normal((2, 500, 8))
    near, halfway, far = (metrics.kid(one + shift, other) for shift in (0, 0.5, 1))
    assert near < halfway < far


def test_the_interval_of_kid_holds_its_truth_and_shrinks_with_more_faces():
    one, other = np.random.default_rng(0).standard_normal((2, 900, 8))
    many, others = np.random.default_rng(1).standard_normal((2, 3000, 8))
    truth = metrics.kid(many + 0.3, others)
    widths = []
    for count in (100, 900):
        low, high = metrics.kid_interval(one[:count] + 0.3, other[:count])
        assert low < truth < high
        assert (low + high) / 2 == pytest.approx(metrics.kid(one[:count] + 0.3, other[:count]))
        widths.append(high - low)
    assert widths[1] < 0.6 * widths[0]


def test_the_interval_is_that_of_kids_with_a_block_left_out():
    one, other = np.random.default_rng(0).standard_normal((2, 12, 2))
    left = [metrics.kid(np.delete(one, [i, i + 1], 0), np.delete(other, [i, i + 1], 0)) for i in range(0, 12, 2)]
    low, high = metrics.kid_interval(one, other, blocks=6)
    assert high - low == pytest.approx(2 * stats.t.ppf(0.975, 5) * np.sqrt(5 / 6 * np.sum((left - np.mean(left)) ** 2)))


def test_pictures_of_one_person_side_by_side_widen_the_interval():
    rng = np.random.default_rng(0)
    people, real = rng.standard_normal((60, 8)), rng.standard_normal((600, 8))
    alike = np.repeat(people, 10, axis=0) + 0.1 * rng.standard_normal((600, 8))
    low, high = metrics.kid_interval(alike + 0.5, real)
    lower, higher = metrics.kid_interval(rng.permutation(alike) + 0.5, real)
    assert high - low > 1.5 * (higher - lower)


def test_too_few_faces_have_no_interval():
    assert np.isnan(metrics.kid_interval(np.eye(5), np.eye(5))).all()
    assert np.isfinite(metrics.kid_interval(np.eye(6), np.eye(6))).all()


def test_precision_and_recall_tell_a_dropped_mode_from_a_wrong_one():
    rng = np.random.default_rng(0)
    two_modes = np.concatenate([rng.standard_normal((200, 2)), rng.standard_normal((200, 2)) + 50])
    dropped, wrong = rng.standard_normal((200, 2)), rng.standard_normal((200, 2)) - 50
    assert metrics.precision_recall(two_modes, two_modes) == (1, 1)
    precision, recall = metrics.precision_recall(dropped, two_modes)
    assert precision > 0.9 and 0.35 < recall <= 0.5
    assert metrics.precision_recall(wrong, two_modes) == (0, 0)


def test_half_the_contrast_is_a_quarter_of_the_power(faces):
    assert metrics.log10_power(faces / 2) - metrics.log10_power(faces) == pytest.approx(np.log10(0.25), abs=1e-3)


def test_power_of_a_wave_is_seen_in_its_ring_alone():
    across = np.arange(32) / 32
    fine, coarse = (np.broadcast_to(0.5 + 0.2 * np.sin(2 * np.pi * f * across)[:, None], (1, 32, 32, 3)) for f in (13, 4))
    assert metrics.log10_power(fine) - metrics.log10_power(coarse) > 4
    cycles, ratio = metrics.spectrum(fine, coarse)
    assert cycles[np.argmax(ratio)] == 13 and cycles[np.argmin(ratio)] == 4


@pytest.mark.parametrize("pixels", [0.0, 0.5, 0.6, 1.0])
def test_the_scale_of_blurs_reads_the_blur_that_was_put_in(faces, pixels):
    scale = metrics.BlurScale(faces)
    lost = metrics.log10_power(gaussian_filter(faces, (0, pixels, pixels, 0))) - metrics.log10_power(faces)
    assert scale.of(lost) == pytest.approx(pixels, abs=0.05)
    assert scale.of(0.5) == 0  # sharper than real faces, or noisy


def test_pictures_too_small_for_fine_detail_have_no_blur():
    assert metrics.BlurScale(np.random.default_rng(0).random((4, 16, 16, 3))).of(-1.0) == 0


def test_features_see_what_they_are_meant_to_see(faces):
    some = faces[:20]
    assert gradients(some).shape == (20, 512) and random_convolutions(some).shape == (20, 224)
    assert gradients(some[..., [0, 0, 0]]) == pytest.approx(gradients(some[..., [0, 0, 0]] * 0.5 + 0.2) * 2**0.5, abs=1e-3)
    assert (gradients(np.full((1, 32, 32, 3), 0.7)) == 0).all()
    assert np.abs(random_convolutions(some) - random_convolutions(some[..., ::-1])).max() > 0.01
    assert (random_convolutions(some) == random_convolutions(some)).all()


@pytest.mark.slow
def test_real_faces_of_other_people_are_the_best_of_the_rulers(numbers):
    real = numbers[methods.REAL]
    assert abs(real["log10_power"]) < 0.1
    worse = [method for method in numbers if method.name in ("pixel_mean", "gaussian_pca") or method == BLURRED[-1]]
    assert len(worse) == 3
    for method in worse:
        assert all(numbers[method][key] > real[key] for key in ("kid_pca64", "kid_hog", "kid_random_conv")), method


@pytest.mark.slow
def test_more_blur_is_worse_on_sharpness_and_spectrum(numbers):
    rows = [numbers[method] for method in (methods.REAL, *BLURRED)]
    for key, sign in (("kid_random_conv", 1), ("kid_hog", 1), ("log10_power", -1), ("contrast", -1)):
        assert sign * rows[0][key] < sign * rows[1][key] < sign * rows[2][key]


def test_faces_measured_against_themselves_are_found_all_real(faces, ruler):
    found = ruler.measure(faces[300:], faces[300:])
    assert found["hog_precision"] == found["hog_recall"] == 1
    assert found["log10_power"] == 0 and found["kid_hog"] <= 0


def test_describing_once_changes_no_number(faces, ruler):
    made, real = blurred(faces[:50], 1), faces[300:350]
    assert ruler.measure(made, real) == ruler.measure(ruler.describe(made), ruler.describe(real))


def test_a_train_face_is_nearest_to_itself_and_a_new_one_is_not(faces):
    indices, distances = metrics.nearest(faces[[7, 3, 3]], faces[:300])
    assert indices.tolist() == [7, 3, 3] and distances == pytest.approx(np.zeros(3), abs=1e-3)
    assert (metrics.nearest_rmse(faces[300:305], faces[:300]) > 0.05).all()
    assert metrics.nearest_rmse(np.zeros((1, 8, 8, 3)), np.full((4, 8, 8, 3), 0.25)) == pytest.approx([0.25])


def test_too_few_faces_and_odd_sizes_are_refused(faces, ruler):
    for wrong in (faces[:2], faces[:10, :30]):
        with pytest.raises(ReechoError, match="at least 3 train faces"):
            metrics.FaceRuler(wrong)
    with pytest.raises(ReechoError, match="too few"):
        ruler.describe(faces[:3])


def test_each_kernel_is_computed_once(faces, monkeypatch):
    pairs = []
    cubic = new_faces._cubic
    monkeypatch.setattr(new_faces, "_cubic", lambda one, other: pairs.append(one is other) or cubic(one, other))
    ruler = metrics.FaceRuler(faces[:40])
    real = ruler.describe(faces[40:80])
    for first in (80, 100, 120):
        measured = ruler.measure(faces[first : first + 20], real)
    assert (
        len(pairs) == 3 + 3 * 3 * 2
    )  # of each kind of features: within the real ones; of each set within it, and to the real ones
    described = ruler.describe(faces[120:140])
    assert measured["kid_hog"] == new_faces.kid(described.hog, real.hog)
    assert measured["kid_hog_jackknife95"] == new_faces.kid_interval(described.hog, real.hog)


def test_a_feature_that_few_faces_have_alike_does_not_rule_the_distance():
    features = np.random.default_rng(0).normal(0, [1.0, 2.0, 3.0, 0.0], (50, 4))
    scale = new_faces._scale(features)
    assert scale[:3] == pytest.approx(features.std(axis=0)[:3]) and scale[3] == pytest.approx(
        1e-3 * np.median(features.std(axis=0))
    )
    assert (new_faces._scale(np.zeros((5, 2))) > 0).all()

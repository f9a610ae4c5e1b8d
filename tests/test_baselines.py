"""Baselines: known answers where there are any, and the order that theory demands."""

import numpy as np
import pytest
from scipy import fft
from scipy.ndimage import gaussian_filter
from skimage.restoration import denoise_tv_chambolle, denoise_wavelet

from reecho import baselines, colour, inputs, methods, metrics, tasks
from reecho.errors import ReechoError


@pytest.fixture(scope="module")
def faces():
    rng = np.random.default_rng(0)
    smooth = gaussian_filter(rng.standard_normal((400, 16, 16, 3)), (0, 3, 3, 0)) * 5
    light = smooth.mean(axis=-1, keepdims=True)  # what the colours share, so that luma tells something of chroma
    return np.clip([0.6, 0.5, 0.4] + 0.1 * smooth + light * [0.2, 0.1, 0.05], 0, 1).astype("float32")


@pytest.fixture(scope="module")
def train(faces):
    return faces[:300]


@pytest.fixture(scope="module")
def held_out(faces):
    return faces[300:]


@pytest.fixture(scope="module")
def noisy(held_out):
    return tasks.make_inputs("denoising", held_out, inputs.noise_like(held_out, 0), 0.1)


def mean_psnr(outputs, targets):
    return metrics.psnr(outputs, targets).mean()


def test_the_mean_face_of_black_and_white_is_grey():
    assert (baselines.mean_face(np.stack([np.zeros((4, 4, 3)), np.ones((4, 4, 3))])) == 0.5).all()


def test_more_components_are_nearer_and_all_of_them_are_exact(train):
    pca = baselines.PCA.fit(train)
    errors = [np.square(pca.reconstruct(train, k) - train).sum() / len(train) for k in (2, 8, 32)]
    assert errors[0] > errors[1] > errors[2]
    assert pca.reconstruct(train, len(pca.axes)) == pytest.approx(train, abs=2e-3)


def test_what_pca_loses_is_the_variance_of_the_axes_left_out(train):
    pca, everything = baselines.PCA.fit(train, 20), baselines.PCA.fit(train)
    error = np.square(pca.decode(pca.encode(train, 20)) - train).sum() / len(train)
    assert error == pytest.approx(pca.left, rel=1e-3)
    assert error == pytest.approx(everything.variances[20:].sum(), rel=1e-3)


@pytest.mark.parametrize("count", [100, 300])
@pytest.mark.parametrize("k_max", [4, 60])
def test_pca_is_that_of_the_singular_values_whichever_way_it_was_found(faces, count, k_max):
    small = faces[:count, ::2, ::2]  # 192 values: more than 100 faces, fewer than 300
    pca = baselines.PCA.fit(small, k_max)
    _, singular, axes = np.linalg.svd((small - small.mean(axis=0)).reshape(count, -1).astype("float64"), full_matrices=False)
    assert pca.variances == pytest.approx(singular[:k_max] ** 2 / count, rel=1e-3)
    assert np.abs((pca.axes[:4] * axes[:4]).sum(axis=1)) == pytest.approx(np.ones(4), abs=1e-3)
    assert pca.axes @ pca.axes.T == pytest.approx(np.eye(k_max), abs=1e-3)


def test_pca_refuses_components_that_it_has_not(train):
    pca = baselines.PCA.fit(train, 5)
    for k in (0, 6):
        with pytest.raises(ReechoError, match="choose k from 1 to 5"):
            pca.reconstruct(train, k)
    with pytest.raises(ReechoError, match="two faces"):
        baselines.PCA.fit(train[:1])


def test_reconstructions_leave_out_what_the_faces_do_not_span(train, held_out):
    back = baselines.reconstructions(train[:20], held_out, (4, 8, 1024))
    assert list(back) == [methods.MEAN_FACE, methods.pca(4), methods.pca(8)]
    assert all(outputs.shape == held_out.shape and outputs.min() >= 0 and outputs.max() <= 1 for outputs in back.values())
    scores = [mean_psnr(outputs, held_out) for outputs in back.values()]
    assert scores == sorted(scores)


def test_wavelet_in_batches_is_scikit_images_of_each_picture(noisy):
    settings = {
        "wavelet": "db2",
        "method": "BayesShrink",
        "sigma": 0.1,
        "channel_axis": -1,
        "convert2ycbcr": True,
        "rescale_sigma": True,
    }
    alone = np.clip([denoise_wavelet(picture, **settings) for picture in noisy[:6]], 0, 1)
    assert baselines.wavelet(noisy[:6], 0.1) == pytest.approx(alone, abs=0.02)
    assert np.abs(baselines.wavelet(noisy[:6], 0.1) - alone).mean() < 1e-3


def test_total_variation_is_scikit_images_and_stronger_for_more_noise(noisy):
    made = baselines.total_variation(noisy[:4], 0.1)
    assert made[1] == pytest.approx(np.clip(denoise_tv_chambolle(noisy[1], 0.06, channel_axis=-1), 0, 1))
    assert np.abs(np.diff(baselines.total_variation(noisy[:4], 0.3), axis=1)).sum() < np.abs(np.diff(made, axis=1)).sum()


def test_sliding_dct_is_the_mean_over_the_windows_of_each_pixel(noisy):
    """One picture, window by window, in the plainest way."""
    mixing = fft.dct(np.eye(3), norm="ortho", axis=0)
    padded = np.pad(noisy[0] @ mixing.T, ((3, 3), (3, 3), (0, 0)), mode="symmetric")
    total, weights = np.zeros_like(padded), np.zeros_like(padded)
    for row in range(padded.shape[0] - 3):
        for column in range(padded.shape[1] - 3):
            place = (slice(row, row + 4), slice(column, column + 4))
            found = fft.dctn(padded[place], axes=(0, 1), norm="ortho")
            found[1:][np.abs(found[1:]) < 0.27] = 0
            found[0, 1:][np.abs(found[0, 1:]) < 0.27] = 0
            kept = np.maximum((found != 0).sum(axis=(0, 1)), 1)
            total[place] += fft.idctn(found, axes=(0, 1), norm="ortho") / kept
            weights[place] += 1 / kept
    expected = np.clip((total / weights)[3:-3, 3:-3] @ mixing, 0, 1)
    assert baselines.sliding_dct(noisy[:2], 0.1, window=4)[0] == pytest.approx(expected, abs=1e-5)


def test_sliding_dct_keeps_a_flat_picture_and_does_not_mind_where_a_chunk_ends(noisy):
    flat = np.full((1, 16, 16, 3), 0.3, "float32")
    assert baselines.sliding_dct(flat, 0.1) == pytest.approx(flat, abs=1e-6)
    many = np.concatenate([noisy] * 3)  # more than go into one chunk
    assert (baselines.sliding_dct(many, 0.1)[-len(noisy) :] == baselines.sliding_dct(noisy, 0.1)).all()


def test_every_denoiser_beats_its_input_and_the_linear_estimate_beats_all(train, held_out, noisy):
    outputs = baselines.denoisings(train, noisy, 0.1, components=40)
    scores = {method: mean_psnr(pictures, held_out) for method, pictures in outputs.items()}
    assert next(iter(scores)) == methods.NOISY
    assert all(score > scores[methods.NOISY] for method, score in scores.items() if method != methods.NOISY)
    assert scores[methods.WAVELET_SPIN] > scores[methods.WAVELET]
    assert max(scores, key=scores.get) == methods.LMMSE


def test_without_noise_denoising_changes_nothing(train, held_out):
    for denoised in (
        baselines.wavelet(held_out, 0, shifts=1),
        baselines.nl_means(held_out, 0),
        baselines.total_variation(held_out, 0),
        baselines.sliding_dct(held_out, 0),
        baselines.LMMSE.fit(train).denoise(held_out, 0),
    ):
        assert denoised == pytest.approx(held_out, abs=1e-4)


def test_lmmse_gives_the_mean_face_where_all_is_noise(train, noisy):
    found = baselines.LMMSE.fit(train).denoise(noisy, 1000.0)
    assert found == pytest.approx(np.broadcast_to(baselines.mean_face(train), noisy.shape), abs=1e-2)


def test_lmmse_is_wieners_filter_in_principal_components_for_few_faces_and_many(faces):
    for train, noisy in ((faces[:300, ::2, ::2], faces[300:, ::2, ::2]), (faces[:100, ::2, ::2], faces[300:, ::2, ::2])):
        pca = baselines.PCA.fit(train)
        shrunk = pca.encode(noisy, len(pca.axes)) * (pca.variances / (pca.variances + 0.01))
        expected = np.clip(pca.decode(shrunk.astype("float32")), 0, 1)
        assert baselines.LMMSE.fit(train).denoise(noisy, 0.1) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("count", [40, 900])  # fewer faces than values, and more
def test_lmmse_gives_the_same_bits_however_often_it_is_asked(count):
    rng = np.random.default_rng(0)
    whole, seen = baselines.LMMSE.fit(rng.random((count, 16, 16, 3), "float32")), rng.random((600, 16, 16, 3), "float32")
    before = whole.matrix.copy()
    first = whole.denoise(seen, 0.1)
    assert np.array_equal(whole.matrix, before) and np.array_equal(before, before.T)
    assert np.array_equal(whole.denoise(seen, 0.1), first)


def test_colourings_keep_the_luma_and_fall_into_order(train, held_out):
    colourings = baselines.colourings(train, tasks.make_inputs("colourisation", held_out), penalty=1.0)
    scores = {method: mean_psnr(outputs, held_out) for method, outputs in colourings.items()}
    order = sorted(scores, key=scores.get)
    assert order[0] == methods.GREY and order[-1] == methods.RIDGE
    assert scores[methods.baseline("neighbours", k=1)] < scores[methods.baseline("neighbours", k=20)]
    for outputs in colourings.values():
        assert outputs.dtype == "float32" and outputs.min() >= 0 and outputs.max() <= 1
        assert np.abs(colour.luma(outputs) - colour.luma(held_out)).max() < 1e-6


def test_a_train_face_is_its_own_nearest_neighbour_and_all_neighbours_are_the_mean(train, held_out):
    neighbours = baselines.Neighbours.fit(train)
    assert neighbours.colour(colour.grey(train[:9]), 1) == pytest.approx(train[:9], abs=1e-5)
    plain = baselines.colourings(train, colour.grey(held_out))[methods.MEAN_CHROMA]
    assert neighbours.colour(colour.grey(held_out), len(train)) == pytest.approx(plain, abs=1e-4)
    for k in (0, len(train) + 1):
        with pytest.raises(ReechoError, match="300 train faces"):
            neighbours.colour(colour.grey(held_out), k)


def test_oracles_stand_apart_and_are_the_truth_where_a_block_is_a_pixel(train, held_out):
    colourings = baselines.colourings(train[:5], colour.grey(held_out), targets=held_out)
    neighbours, *oracles = list(colourings)[-3:]
    assert neighbours == methods.baseline("neighbours", k=5)
    assert oracles == [methods.Method("oracle", "true_chroma", (("blocks", blocks),)) for blocks in (2, 4)]
    assert not set(colourings.milliseconds) & {methods.GREY, *oracles}
    assert baselines.true_chroma_in_blocks(held_out, 16) == pytest.approx(held_out, abs=1e-5)
    one = colour.chroma(baselines.true_chroma_in_blocks(held_out * 0.2 + 0.4, 1))  # pale enough that nothing leaves [0, 1]
    mean = colour.chroma(held_out * 0.2 + 0.4).mean(axis=(1, 2), keepdims=True)
    assert one == pytest.approx(np.broadcast_to(mean, one.shape), abs=1e-5)


def test_every_method_that_works_on_a_picture_is_timed(train, held_out, noisy):
    denoised = baselines.denoisings(train, noisy, 0.1, components=8)
    assert set(denoised) - set(denoised.milliseconds) == {methods.NOISY}
    back = baselines.reconstructions(train, held_out, (4, 8))
    assert set(back) - set(back.milliseconds) == {methods.MEAN_FACE}
    assert all(each > 0 for each in (denoised | back).milliseconds.values())


def test_ridge_with_an_endless_penalty_is_the_mean_chroma(train, held_out):
    plain = baselines.colourings(train, colour.grey(held_out))[methods.MEAN_CHROMA]
    assert baselines.Ridge.fit(train, 1e9).colour(colour.grey(held_out)) == pytest.approx(plain, abs=1e-4)


def test_the_pixel_mean_of_a_face_with_itself_is_itself(held_out):
    assert baselines.pixel_mean(held_out, held_out) == pytest.approx(held_out)
    assert (baselines.pixel_mean(held_out * 0, held_out * 0 + 1) == 0.5).all()


def test_no_blur_changes_nothing_and_blur_stays_within_a_picture():
    one_white = np.zeros((2, 8, 8, 3))
    one_white[0] = 1
    assert (baselines.blurred(one_white, 0) == one_white).all()
    assert baselines.blurred(one_white, 2.0) == pytest.approx(one_white)


def test_gaussians_have_the_faces_mean_and_spread(train):
    drawn = baselines.gaussian_pixels(train, 2000)
    assert drawn.mean(axis=0) == pytest.approx(train.mean(axis=0), abs=0.03)
    assert drawn.std() == pytest.approx(train.std(), rel=0.05)
    tame = baselines.gaussian_pca(train, 2000, temperature=0.5) - baselines.mean_face(train)
    assert tame.std() == pytest.approx(0.5 * (train - baselines.mean_face(train)).std(), rel=0.1)


def test_rulers_are_faces_and_the_same_for_the_same_seed(train):
    sets = baselines.rulers(train, 50, seed=3)
    assert len(sets) == 6
    assert all(made.shape == (50, *train.shape[1:]) and made.min() >= 0 and made.max() <= 1 for made in sets.values())
    assert all(
        (made == again).all() for made, again in zip(sets.values(), baselines.rulers(train, 50, seed=3).values(), strict=True)
    )
    assert len(baselines.rulers(train[:10], 50)[methods.REAL]) == 10


def test_baselines_change_nothing_of_what_they_are_given(train, held_out, noisy):
    before = [each.copy() for each in (train, held_out, noisy)]
    baselines.reconstructions(train, held_out, (4,))
    baselines.denoisings(train, noisy, 0.1, 4)
    baselines.colourings(train, colour.grey(held_out))
    baselines.rulers(train, 10)
    assert all((each == old).all() for each, old in zip((train, held_out, noisy), before, strict=True))

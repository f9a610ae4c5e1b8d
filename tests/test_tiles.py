"""Tiles: any size goes through, no seam is seen, nothing is removed at strength 0, the noise is found."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from reecho import tiles
from reecho.errors import ReechoError


@pytest.fixture(scope="module")
def network():
    """A photo denoiser with weights by chance, which changes every pixel by what lies around it."""
    import keras

    from reecho.networks import photo_denoiser

    assert tiles.MULTIPLE == photo_denoiser.MULTIPLE
    keras.utils.set_random_seed(0)
    model = photo_denoiser.build((64, 64, 3), seed=0)
    rng = np.random.default_rng(0)
    model.set_weights([w if w.any() else 0.05 * rng.standard_normal(w.shape).astype("float32") for w in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def shipped():
    from reecho import trained

    model = trained.shipped("denoising").model
    if not hasattr(model, "removal"):
        pytest.skip("The denoiser that comes with reecho takes faces of one size.")
    return model


def waves(height, width):
    down, across = np.mgrid[:height, :width]
    return np.stack([0.5 + 0.3 * np.sin(down / 9 + c) * np.cos(across / 7 - c) for c in range(3)], axis=-1).astype("float32")


def whole(network, picture, strength=1.0, window=10_000, **wishes):
    parts = list(tiles.bands(network, lambda a, b: picture[a:b], *picture.shape[:2], strength, window=window, **wishes))
    assert [part.top for part in parts] == [0, *itertools.accumulate(len(part.pixels) for part in parts)][:-1]
    return np.concatenate([part.pixels for part in parts]), np.concatenate([part.sigma for part in parts])


@pytest.mark.parametrize(("height", "width"), [(64, 64), (53, 90)])
def test_an_ensemble_is_the_mean_over_copies_and_turns_with_the_picture(network, height, width):
    picture = waves(height, width) + 0.1 * np.random.default_rng(3).standard_normal((height, width, 3), dtype="float32")
    pixels, sigma = tiles.denoised(network, picture, ensemble=True)
    alone, _ = tiles.denoised(network, picture)
    assert pixels.shape == picture.shape and np.abs(pixels - alone).max() > 1 / 255
    if height % 8 == width % 8 == 0:  # else the picture is continued further at one end than at the other
        turned, turned_sigma = tiles.denoised(network, np.rot90(picture[:, ::-1]), ensemble=True)
        assert np.allclose(np.rot90(turned, -1)[:, ::-1], pixels, atol=1e-4)
        assert np.allclose(np.rot90(turned_sigma, -1)[:, ::-1], sigma, rtol=1e-3)


@pytest.mark.parametrize("window", [192, 256])
def test_tiles_give_what_the_whole_picture_gives(network, window):
    rng = np.random.default_rng(1)
    picture = waves(300, 421) + 0.1 * rng.standard_normal((300, 421, 3), dtype="float32")
    once, level = whole(network, picture)
    parts, level_of_parts = whole(network, picture, window=window)
    assert np.abs(once - picture).max() > 5 / 255  # it does something
    assert np.abs(parts - once).max() < 0.5 / 255
    assert level.shape == level_of_parts.shape == (38, 53) and np.allclose(level, level_of_parts, rtol=1e-3)


@pytest.mark.slow
def test_tiles_of_the_network_that_comes_with_reecho_show_no_seam(shipped):
    rng = np.random.default_rng(1)
    for sigma in (0.02, 0.1, 0.3):
        picture = waves(330, 500) + sigma * rng.standard_normal((330, 500, 3), dtype="float32")
        assert np.abs(whole(shipped, picture, window=256)[0] - whole(shipped, picture)[0]).max() < 0.5 / 255


def test_similar_patches_are_filtered_in_tiles_without_seams(shipped):
    picture = waves(260, 300) + 0.1 * np.random.default_rng(5).standard_normal((260, 300, 3), dtype="float32")
    once, parts = (whole(shipped, picture, window=window, similar=True)[0] for window in (10_000, 256))
    assert np.abs(once - whole(shipped, picture)[0]).max() > 2 / 255
    assert np.abs(once - parts).max() < 1 / 255


def test_inside_a_picture_tiles_give_what_the_network_gives(network):
    picture = waves(256, 256)
    directly = network.reproduction.predict_on_batch(picture[None])[0]
    assert np.abs(whole(network, picture, window=192)[0] - directly)[112:144, 112:144].max() < 0.5 / 255


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (7, 5), (8, 8), (250, 130), (10, 700)])
def test_any_size_goes_through(network, shape):
    picture = (255 * waves(*shape)).astype("uint8")
    output, sigma = tiles.denoised(network, picture)
    assert output.shape == (*shape, 3) and output.dtype == np.float32 and np.isfinite(output).all()
    assert sigma.shape == (-(-shape[0] // 8), -(-shape[1] // 8)) and (sigma > 0).all()


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("shape", [(1, 1), (7, 7), (13, 13), (9, 14), (10, 700)])
def test_similar_patches_of_a_picture_of_any_size_are_filtered(shipped, shape):
    noisy = waves(*shape) + 0.1 * np.random.default_rng(4).standard_normal((*shape, 3), dtype="float32")
    for picture in (noisy, np.repeat(noisy[..., :1], 3, -1), np.ones_like(noisy), (noisy > 0.5).astype("uint8") * 255):
        output, _ = tiles.denoised(shipped, picture, similar=True)
        assert output.shape == picture.shape and np.isfinite(output).all() and -0.2 < output.min() <= output.max() < 1.2


@pytest.mark.slow
def test_a_picture_of_4000_by_10_pixels_goes_through_in_bands(network):
    picture = (255 * waves(4000, 10)).astype("uint8")
    assert whole(network, picture, window=tiles.WINDOW)[0].shape == (4000, 10, 3)


def test_rows_are_asked_for_once_in_order_and_before_they_are_given(network):
    picture, asked, done = waves(400, 60), [], []

    def rows(first, last):
        asked.append((first, last))
        return picture[first:last].copy()

    for band in tiles.bands(network, rows, 400, 60, advance=done.append, window=192):
        assert asked[-1][1] >= band.top + len(band.pixels)
        picture[band.top : band.top + len(band.pixels)] = 0  # written over
    assert asked[0][0] == 0 and asked[-1][1] == 400
    assert all(first[1] == second[0] for first, second in itertools.pairwise(asked))
    assert sum(done) == 400 * 60


def test_strength_0_gives_the_pixels_back_and_a_half_takes_half_of_the_noise(network):
    picture = np.random.default_rng(2).integers(0, 256, (50, 70, 3), dtype="uint8")
    output, sigma = tiles.denoised(network, picture, 0)
    assert (np.floor(output * 255 + 0.5) == picture).all() and sigma.shape == (7, 9)
    changes = [np.abs(tiles.denoised(network, picture, strength)[0] - output).mean() for strength in (0.01, 0.5, 1)]
    assert np.allclose(changes, changes[-1] * np.array([0.01, 0.5, 1]), rtol=0.01)
    nothing, half, all_of_it = (tiles.denoised(network, picture, strength, similar=True)[0] for strength in (0, 0.5, 1))
    assert np.array_equal(nothing, output) and np.allclose(half, (output + all_of_it) / 2, atol=1e-5)


def test_a_strength_above_1_is_a_factor_on_the_noise_that_similar_patches_are_filtered_for(network, monkeypatch):
    sigma = []
    monkeypatch.setattr(tiles, "refined", lambda noisy, denoised, level: sigma.append(level) or denoised)
    for strength in (0.5, 1, 2):
        tiles.denoised(network, waves(30, 50), strength, similar=True)
    assert np.array_equal(sigma[0], sigma[1]) and np.array_equal(sigma[2], 2 * sigma[1])


@pytest.mark.parametrize("sigma", [0.05, 0.1, 0.2])
def test_the_noise_is_found(shipped, sigma):
    noisy = waves(200, 260) + sigma * np.random.default_rng(3).standard_normal((200, 260, 3), dtype="float32")
    output, levels = tiles.denoised(shipped, noisy)
    assert tiles.mean_sigma(levels) == pytest.approx(sigma, rel=0.2)
    assert np.square(output - waves(200, 260)).mean() < 0.1 * sigma**2


def test_what_is_no_picture_or_no_strength_is_refused(network):
    with pytest.raises(ReechoError, match="strength=3 is out of range; allowed are 0 to 2"):
        tiles.denoised(network, waves(9, 9), 3)
    with pytest.raises(ReechoError, match="this array has"):
        tiles.denoised(network, np.zeros((9, 9), "uint8"))

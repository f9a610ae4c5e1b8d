"""Pictures at their own size: kinds of noise, lessons of parts, the network for any size, whole pictures, rows and words."""

from __future__ import annotations

import json

import numpy as np
import pytest

from reecho import baselines, data, methods, noise, patches, results, trained
from reecho.__main__ import main
from reecho.data import photographs
from reecho.errors import ReechoError
from reecho.evaluation import own_size, own_size_words
from reecho.metrics import psnr
from reecho.networks.photo_denoiser import PhotoDenoiser
from reecho.results import Row
from reecho.timing import Timed

GREY = np.full((200, 200, 3), 0.5, "float32")


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize(("sigma", "kind"), [(0.1, "gaussian_10"), (0.05, "gaussian_05"), (0.2, "gaussian_20")])
def test_gaussian_noise_has_its_strength_and_is_not_clipped(sigma, kind):
    noisy = noise.KINDS[kind](np.ones_like(GREY), rng())
    assert (noisy - 1).std() == pytest.approx(sigma, rel=0.01) and noisy.max() > 1 + sigma


@pytest.mark.parametrize("light", [0.04, 0.25, 1.0])
def test_few_photons_make_noise_that_grows_with_light(light):
    noisy = noise.poisson(light * np.ones_like(GREY), rng(), 100.0)
    assert noisy.mean() == pytest.approx(light, rel=0.01) and noisy.std() == pytest.approx((light / 100) ** 0.5, rel=0.02)


def test_salt_and_pepper_replaces_its_share_and_leaves_the_rest():
    noisy = noise.salt_and_pepper(GREY, rng(), 0.05)
    assert (noisy == 0).mean() == pytest.approx(0.025, abs=0.002) and (noisy == 1).mean() == pytest.approx(0.025, abs=0.002)
    assert ((noisy == GREY) | (noisy == 0) | (noisy == 1)).all()
    by_pixel = noise.salt_and_pepper(GREY, rng(), 0.05, by_pixel=True)
    assert (by_pixel == by_pixel[..., :1]).all()


@pytest.mark.parametrize("coloured", [lambda: noise.jpeg(GREY, rng(), 0.05), lambda: noise.demosaiced(GREY, rng(), 0.05)])
def test_coloured_noise_is_alike_in_neighbouring_pixels(coloured):
    away = coloured() - GREY
    assert np.corrcoef(away[:, :-1, 0].ravel(), away[:, 1:, 0].ravel())[0, 1] > 0.2
    assert 0.01 < away.std() < 0.05


def test_mixed_noise_is_the_same_for_the_same_seed_and_of_every_strength():
    drawn = [noise.mixed(GREY[:32, :32], np.random.default_rng(seed)) for seed in range(200)]
    assert np.array_equal(drawn[7], noise.mixed(GREY[:32, :32], np.random.default_rng(7)))
    strengths = np.array([(picture - 0.5).std() for picture in drawn])
    assert strengths.min() < 0.02 and strengths.max() > 0.2 and all(picture.dtype == "float32" for picture in drawn)


def test_parts_are_pixels_as_they_are_or_means_of_larger_squares():
    picture = rng().integers(0, 256, (100, 100, 3), dtype="uint8")
    parts = [patches.part(picture, 32, np.random.default_rng(seed)) for seed in range(60)]
    assert all(part.shape == (32, 32, 3) and part.min() >= 0 and part.max() <= 1 for part in parts)
    sharp = np.array([np.allclose(part * 255, np.round(part * 255), atol=1e-3) for part in parts])
    assert 15 < sharp.sum() < 45
    spread = [part.std() for part in parts]
    assert min(spread) < 0.5 * max(spread)  # of noise, means over more pixels have less


def test_a_lesson_of_parts_is_the_same_for_the_same_seed_and_goes_on_within():
    pictures = rng().integers(0, 256, (12, 40, 40, 3), dtype="uint8")
    lesson = patches.of(pictures, np.arange(8), np.arange(8, 12), 16, 4, 3)
    again = patches.of(pictures, np.arange(8), np.arange(8, 12), 16, 4, 3)
    whole = [np.array(clean) for _, clean in lesson.batches(0, 3)]
    rest = [np.array(clean) for _, clean in again.batches(1, 3)]
    assert lesson.steps == 2 and len(whole) == 6 and np.array_equal(np.stack(whole[2:]), np.stack(rest))
    assert np.array_equal(lesson.held_inputs, again.held_inputs) and lesson.held_inputs.shape[1:] == (16, 16, 3)


def test_parts_that_do_not_fit_and_pictures_that_are_missing_are_said():
    pictures = np.zeros((4, 20, 20, 3), "uint8")
    with pytest.raises(ReechoError, match="Parts of 32 pixels do not fit into pictures of 20"):
        patches.of(pictures, np.arange(2), np.arange(2, 4), 32, 2, 0)
    with pytest.raises(ReechoError, match="no train or no validation"):
        patches.of(pictures, np.arange(4), np.arange(0), 16, 2, 0)


@pytest.mark.parametrize("shape", [(1, 64, 64, 3), (2, 40, 88, 3)])
def test_the_network_takes_pictures_of_any_size_and_changes_nothing_before_it_has_learnt(shape):
    network = PhotoDenoiser((16, 16, 16))
    noisy = rng().random(shape, "float32")
    removed, level = network.whole(noisy)
    assert np.allclose(removed, noisy) and level.shape == (shape[0], shape[1] // 8, shape[2] // 8, 1)
    assert np.allclose(network.noise_level(noisy), 0.1, atol=1e-4)


def test_its_loss_is_lowest_where_picture_and_noise_are_right():
    network = PhotoDenoiser((16, 16, 16))
    clean = np.full((2, 32, 32, 3), 0.5, "float32")
    at_start = network.losses_of(noise.of_kind("gaussian_10", clean, 0), clean, training=False)
    louder = network.losses_of(noise.of_kind("gaussian_20", clean, 0), clean, training=False)
    assert float(louder["total_loss"]) > float(at_start["total_loss"]) > float(network.losses_of(clean, clean, False)["total_loss"])
    assert float(at_start["reconstruction_loss"]) == pytest.approx(0.01, rel=0.05)


def test_the_selective_median_mends_salt_and_pepper_and_nothing_else():
    smooth = np.linspace(0.2, 0.8, 64, dtype="float32")[:, None, None] * np.ones((1, 64, 64, 3), "float32")
    assert np.array_equal(baselines.selective_median(smooth), smooth)
    mended = baselines.selective_median(noise.of_kind("salt_and_pepper", smooth, 0))
    assert psnr(mended, smooth)[0] > 45
    black = np.zeros((1, 8, 8, 3), "float32")
    assert np.array_equal(baselines.selective_median(black), black)  # no value around to take the median of


def test_the_photographs_are_those_that_the_libraries_bring():
    names, pictures = photographs.load()
    assert list(photographs.TITLES) == names and pictures.shape == (6, 288, 288, 3) and pictures.dtype == "uint8"
    assert all(picture.std() > 20 for picture in pictures)


def test_drawn_faces_come_back_whole_and_their_middle_is_the_face(small_faces, tmp_path):
    indices = own_size.listed(small_faces, 3)
    whole = data.whole_pictures(small_faces, indices, "synthetic", None, tmp_path)
    assert whole.shape == (3, 250, 250, 3)
    away = np.abs(whole[:, 60:190, 60:190].astype(int) - np.asarray(small_faces.crops)[indices])
    assert away.mean() < 4 and away.max() < 60  # the same but for the film's grain, which is drawn anew
    assert len(set(small_faces.people[indices])) == 3 and set(small_faces.part[indices]) == {"test"}


def a_folder(folder, people=12):
    from PIL import Image

    for person in range(people):
        (folder / f"p{person:02d}").mkdir(parents=True)
        for picture in range(2):
            pixels = np.random.default_rng((person, picture)).integers(0, 256, (8, 8, 3), dtype="uint8")
            Image.fromarray(pixels).resize((250, 250)).save(folder / f"p{person:02d}" / f"{picture}.png")


def test_a_folder_s_pictures_come_back_whole_and_are_missing_where_it_is_gone(tmp_path):
    a_folder(tmp_path / "own")
    mine = data.load(dataset=str(tmp_path / "own"), folder=tmp_path / "data")
    indices = own_size.listed(mine, 2)
    whole = data.whole_pictures(mine, indices, str(tmp_path / "own"), None, tmp_path / "data")
    assert np.array_equal(whole[:, 60:190, 60:190], np.asarray(mine.crops)[indices])
    sets = own_size.sets(mine, 2, {"dataset": str(tmp_path / "own"), "lfw": None, "folder": tmp_path / "data"})
    assert [pictures.size for pictures in sets] == [128, 250, 288]


def row(method, size=128, **numbers):
    return Row("own_size", size, method, 4, numbers)


def test_the_words_follow_from_the_rows():
    photo = methods.network("photo_denoiser", origin=methods.SHIPPED)
    rows = [
        row(methods.NOISY, psnr_db=20.0), row(methods.SLIDING_DCT, psnr_db=31.0), row(methods.CBM3D, psnr_db=33.0),
        row(photo, psnr_db=33.4, psnr_db_over_classical=0.4, jpeg_db_over_classical=-1.0),
    ]  # fmt: skip
    assert own_size_words.finding(rows) == (
        "PSNR at σ = 0.1 of one network, which is not told σ, and the difference from the best other method, which is told σ: "
        "faces of 128 pixels **33.40 dB**, +0.40 against CBM3D (cited)."
    )
    assert own_size_words.kinds_in_words(rows) == (
        "Faces of 128 pixels: under 1 of 2 kinds of noise the network, in a single pass, is better than the best other method, "
        "namely σ = 0.1 (+0.40 dB); it is worse under σ = 0.1, then JPEG (−1.00 dB)."
    )


def test_a_single_pass_and_the_ensemble_are_told_apart():
    photo = methods.network("photo_denoiser", origin=methods.SHIPPED)
    over = {"psnr_db_over_classical": 0.2, "jpeg_db_over_classical": 2.0, "salt_and_pepper_db_over_classical": -1.9}
    single = [row(methods.SLIDING_DCT, psnr_db=31.0), row(photo, psnr_db=33.3, **over)]
    ensemble = row(photo.varied(ensemble=8), psnr_db=33.5, **{key: value + 2 for key, value in over.items()})
    assert own_size_words.finding([*single, ensemble]).endswith("copies (ensemble) has +2.20 on faces of 128 pixels.")
    words = own_size_words.kinds_in_words([*single, ensemble])
    assert (
        words.endswith("it is worse under 5 % salt and pepper (−1.90 dB; the ensemble: +0.10 dB).") and "JPEG (+2.00 dB)" in words
    )
    both = photo.varied(ensemble=8, similar=32)
    similar = row(both, psnr_db=33.6, psnr_db_over_classical=0.4)
    photographs = [
        row(methods.SLIDING_DCT, 288, psnr_db=31.0), row(photo, 288, psnr_db=30.4),
        row(both, 288, psnr_db=30.8, psnr_db_over_classical=-0.2),
    ]  # fmt: skip
    assert own_size_words.finding([*single, ensemble, similar, *photographs]).endswith(
        "copies (ensemble) has +2.20 on faces of 128 pixels. With similar patches filtered together afterwards it has +0.40 on "
        "faces of 128 pixels and −0.20 on photographs."
    )
    assert "ensemble" not in own_size_words.finding(single) + own_size_words.kinds_in_words(single)


def test_the_words_of_an_ensemble_follow_from_the_rows():
    photo = methods.network("photo_denoiser", origin=methods.SHIPPED)
    rows = [
        row(photo, psnr_db=33.4), row(photo.varied(ensemble=8), psnr_db=33.5), row(methods.CBM3D, psnr_db=33.0),
        row(photo, 288, psnr_db=30.4), row(photo.varied(ensemble=8), 288, psnr_db=30.45),
    ]  # fmt: skip
    assert own_size_words.ensemble_in_words(rows).endswith(
        "this adds +0.05 to +0.10 dB at σ = 0.1: faces of 128 pixels at 33.50 dB (+0.50 dB against CBM3D); photographs at 30.45 dB."
    )
    further = [
        row(photo.varied(ensemble=8, similar=32), psnr_db=33.6),
        row(photo.varied(ensemble=8, similar=32), 288, psnr_db=30.9),
    ]
    assert own_size_words.similar_in_words([*rows, *further]).endswith(
        "To the ensemble this adds +0.10 to +0.45 dB at σ = 0.1: faces of 128 pixels at 33.60 dB (+0.60 dB against CBM3D); "
        "photographs at 30.90 dB."
    )
    assert own_size_words.ensemble_in_words([*rows, *further]) == own_size_words.ensemble_in_words(rows)


@pytest.mark.parametrize(("lead", "reason"), [(-0.3, True), (0.5, False)])
def test_a_smaller_lead_on_photographs_has_a_reason(lead, reason):
    photo = methods.network("photo_denoiser", origin=methods.SHIPPED)
    rows = [row(photo, psnr_db_over_classical=0.4), row(photo, 288, psnr_db_over_classical=lead)]
    words = own_size_words.photographs_in_words(rows)
    assert "+0.40 dB" in words and ("A likely reason" in words) is reason and own_size_words.photographs_in_words(rows[1:]) == ""
    assert own_size.cited()["date"] in own_size_words.cited_in_words() and "was given σ" in own_size_words.cited_in_words()


def test_a_network_is_compared_with_the_best_classical_method_picture_by_picture():
    photo = methods.network("photo_denoiser", origin=methods.SHIPPED)
    targets = np.random.default_rng(0).random((6, 32, 32, 3), dtype="float32")
    outputs = {photo: targets + 0.01, methods.SLIDING_DCT: targets + 0.02, methods.NOISY: targets + 0.1}
    some = own_size.Pictures("faces", list("abcdef"), targets, np.arange(6))
    timed = Timed()
    for method, pictures in outputs.items():
        timed[method] = np.clip(pictures, 0, 1)
    of = {row.method: row for row in own_size.rows_of(some, {"gaussian_10": timed}, seed=0)}
    key = "psnr_db_over_classical"
    assert of[photo][key] == pytest.approx(of[photo]["psnr_db"] - of[methods.SLIDING_DCT]["psnr_db"])
    low, high = of[photo].interval(key)
    wide = of[photo].interval("psnr_db")
    assert low <= of[photo][key] <= high and high - low < wide[1] - wide[0]
    assert of[methods.NOISY].get(key) is None


def test_the_opening_shows_the_middle_of_a_face_and_of_a_photograph():
    photo = methods.network("photo_denoiser", origin=methods.SHIPPED)
    sets = [own_size.Pictures("any", ["cat", "cup"], np.zeros((2, size, size, 3), "float32"), np.arange(2)) for size in (128, 288)]
    outputs = {
        some.size: {"gaussian_10": dict.fromkeys((methods.NOISY, methods.SLIDING_DCT, photo), some.targets + np.float32(0.1))}
        for some in sets
    }
    rows, under, columns = own_size.opening_grid(sets, outputs, photo)
    assert [(label, shown.shape) for label, shown in rows] == [(label, (4, 128, 128, 3)) for label in ("a face", "cat")]
    assert under[0] == ["20.0 dB"] * 3 + [""] and len(columns) == 4
    assert [label for label, _ in own_size.opening_grid(sets[1:], outputs, photo)[0]] == ["cat"]


def test_tables_and_figures_show_parts_and_name_nobody():
    photo = methods.network("photo_denoiser", origin=methods.SHIPPED)
    sets = [
        own_size.Pictures(title, names, np.random.default_rng(size).random((2, size, size, 3), dtype="float32"), np.arange(2))
        for title, names, size in (("faces", ["Ada_L_0001", "Bob_0001"], 128), ("whole", ["Ada_L_0001", "Bob_0001"], 250),
                                   ("photographs", ["cat", "cup"], 288))
    ]  # fmt: skip
    outputs = {some.size: dict.fromkeys((methods.NOISY, methods.SLIDING_DCT, photo), some.targets) for some in sets}
    named = {row["picture"] for row in own_size.smallest_leads(sets, outputs, photo, 6)}
    assert named == {"face 1", "face 2", "cat", "cup"}
    for some in sets:
        rows, under, columns = own_size.grid(some, outputs[some.size], [photo], 1)
        assert [shown.shape for _, shown in rows] == [(2, 128, 128, 3)] and some.size in own_size.PARTS
        assert rows[0][0] == ("cup" if some.size == 288 else "face 2") and columns[-1] == "clean"
        assert under == [["100.0 dB", ""]]
        assert own_size.thumbnails(some, 2).shape == (2, 64, 64, 3) and own_size.middle(some, 1).shape == (1, 128, 128, 3)
    assert np.array_equal(own_size.grid(sets[1], outputs[250], [photo], 1)[0][0][1][0], sets[1].targets[1, :128, :128])


def test_cited_numbers_are_one_a_picture_and_stand_only_beside_the_same_pictures():
    cited = own_size.cited()
    assert {"versions", "date", "pictures"} <= set(cited) and json.dumps(cited["versions"]).count("bm3d") >= 1
    for key, entry in cited["pictures"].items():
        count = 6 if key.split()[1] == "288" else 20
        assert [len(entry[name]) for name in ("psnr_db", "ssim", "seconds")] == [count] * 3
    some = own_size.Pictures("faces", ["a", "b"], np.zeros((2, 128, 128, 3), "float32"), np.arange(2))
    assert some.key("gaussian_10", 0) not in cited["pictures"]
    names, pictures = photographs.load()
    ours = own_size.Pictures("photographs", [photographs.TITLES[name] for name in names], pictures / np.float32(255), np.arange(6))
    assert ours.key("gaussian_10", 0) in cited["pictures"] and ours.key("gaussian_10", 1) not in cited["pictures"]


def test_a_method_s_settings_say_what_its_network_does():
    """Similar patches bring a texture back under white noise; under salt and pepper they leave what the ensemble gave."""
    photo = methods.network("photo_denoiser", origin=methods.SHIPPED)
    ensemble, similar = photo.varied(ensemble=8), photo.varied(ensemble=8, similar=32)
    networks = dict.fromkeys([photo, ensemble, similar], trained.shipped("denoising"))
    texture = np.tile(rng().random((12, 12, 3), "float32"), (8, 8, 1))[None]
    white, salted = (
        own_size.denoised(own_size.Pictures("one", ["a"], clean, np.zeros(1, int)), kind, networks, 0)
        for clean, kind in ((texture, "gaussian_10"), (GREY[None, :96, :96], "salt_and_pepper"))
    )
    assert (white[photo] != white[ensemble]).any() and psnr(white[similar], texture) > psnr(white[ensemble], texture)
    assert (salted[similar] == salted[ensemble]).all()


@pytest.mark.slow
def test_its_notebook_measures_every_set_and_cites_cbm3d_on_the_photographs(places, monkeypatch):
    monkeypatch.setenv("REECHO_BUILD", str(places.build))
    monkeypatch.setenv("REECHO_DATA", str(places.data))
    wanted = ["--preset", "smoke", "--dataset", "synthetic", "--only", "04_own_size", "-p", "pictures_shown=2"]
    assert main(["report", *wanted]) == 0
    rows = results.read(places.build / "smoke" / "results" / "04_own_size.json")
    assert {row.size for row in rows} == {128, 250, 288}
    assert {row.size for row in rows if row.method == methods.CBM3D} == {288}
    assert all(set(own_size.KINDS) <= set(row.numbers) for row in rows if row.method != methods.CBM3D)
    networks = [row for row in rows if row.method.is_network]
    noisy = {row.size: row for row in rows if row.method == methods.NOISY}
    assert len(networks) == 6 and all(row["psnr_db"] > noisy[row.size]["psnr_db"] + 6 for row in networks)

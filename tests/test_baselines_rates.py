"""What a picture is worth at a given rate: the curve is the linear VAE's own, codecs save what they say."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from reecho import baselines, linear, metrics
from reecho.errors import ReechoError


@pytest.fixture(scope="module")
def faces():
    smooth = gaussian_filter(np.random.default_rng(0).standard_normal((500, 12, 12, 3)), (0, 2, 2, 0)) * 2
    return np.clip([0.6, 0.5, 0.4] + 0.5 * smooth, 0, 1).astype("float32")


@pytest.fixture(scope="module")
def curve(faces):
    return baselines.rate_curve(faces[:400], faces[400:], (0.2, 0.1, 0.05, 0.025))


def test_the_curve_is_that_of_the_linear_vae_at_the_same_weight(faces, curve):
    train, held_out, sigma = faces[:400], faces[400:], 0.05
    used = int((baselines.PCA.fit(train).variances > sigma**2).sum())
    network = linear.fit(train, train, 0.0, used, 12 * 12 * 3 / (2 * sigma**2), "mse")  # no axis more: those have faint links
    assert network.sigma == pytest.approx(sigma) and 5 < used < 400
    point = curve[2]
    assert point["sigma"] == sigma
    assert point["rate_nats"] == pytest.approx(network.rate(held_out).sum(1).mean(), rel=1e-3)
    assert point["psnr_mean_db"] == pytest.approx(metrics.psnr(network.reproduce(held_out), held_out).mean(), abs=0.01)
    curves = [baselines.rate_curve(faces[:400], held_out, (sigma,), seed=seed) for seed in range(12)]
    draws = [metrics.psnr(network.reproduce_sampled(held_out, seed), held_out).mean() for seed in range(12)]
    assert np.mean([single[0]["psnr_sample_db"] for single in curves]) == pytest.approx(np.mean(draws), abs=0.05)


def test_a_finer_decoder_costs_more_and_gives_more_and_the_mean_beats_a_draw(curve):
    for key in ("rate_nats", "psnr_sample_db", "psnr_mean_db"):
        values = [point[key] for point in curve]
        assert values == sorted(values) and values[0] < values[-1]
    assert all(point["psnr_mean_db"] > point["psnr_sample_db"] for point in curve)


def test_a_decoder_that_expects_nothing_is_the_mean_face_for_free(faces):
    (point,) = baselines.rate_curve(faces[:400], faces[400:], (5.0,))
    plain = np.broadcast_to(baselines.mean_face(faces[:400]), faces[400:].shape)
    assert point["rate_nats"] == 0
    assert point["psnr_mean_db"] == point["psnr_sample_db"] == pytest.approx(metrics.psnr(plain, faces[400:]).mean(), abs=1e-4)


def test_the_rate_at_a_point_is_the_points_own_and_between_points_lies_between(curve):
    assert baselines.rate_at(curve, curve[1]["rate_nats"]) == pytest.approx(curve[1]["psnr_sample_db"])
    between = baselines.rate_at(curve[::-1], (curve[1]["rate_nats"] + curve[2]["rate_nats"]) / 2, "psnr_mean_db")
    assert curve[1]["psnr_mean_db"] < between < curve[2]["psnr_mean_db"]
    for nats in (curve[0]["rate_nats"] - 1, curve[-1]["rate_nats"] + 1):
        assert np.isnan(baselines.rate_at(curve, nats))
    assert np.isnan(baselines.rate_at(curve[:1], curve[0]["rate_nats"]))


@pytest.mark.parametrize("format", ["jpeg", "webp"])
def test_better_quality_costs_bytes_and_gives_decibels(format, faces):
    points = baselines.codec_curve(faces[:12], format, (5, 50, 95))
    assert [point["quality"] for point in points] == [5, 50, 95]
    for key in ("bytes", "psnr_db"):
        values = [point[key] for point in points]
        assert values == sorted(values) and values[0] < values[-1]
    assert all(20 < point["header_bytes"] < point["bytes"] for point in points)


def test_a_codecs_point_is_what_pillow_saves_and_reads(faces):
    pixels, sizes, back = np.round(faces[:3] * 255).astype("uint8"), [], []
    for picture in pixels:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "jpeg", quality=50, optimize=True)
        sizes.append(len(file.getvalue()))
        back.append(np.asarray(Image.open(file), "float32") / 255)
    (point,) = baselines.codec_curve(faces[:3], "jpeg", (50,))
    assert point["bytes"] == np.mean(sizes) and point["psnr_db"] == pytest.approx(metrics.psnr(np.stack(back), faces[:3]).mean())


def test_a_flat_picture_is_all_header(faces):
    (point,) = baselines.codec_curve(np.full_like(faces[:2], 128 / 255), "webp", (50,))
    assert point["bytes"] == point["header_bytes"] and point["psnr_db"] > 40


def test_another_format_is_refused(faces):
    with pytest.raises(ReechoError, match="choose one of jpeg, webp"):
        baselines.codec_curve(faces[:1], "gif", (50,))

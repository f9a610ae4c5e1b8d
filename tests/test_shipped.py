"""The networks that come with the package: small, of known origin, at work at once."""

import json

import numpy as np
import pytest
from PIL import Image

from reecho import shipped, trained
from reecho.__main__ import main
from reecho.colour import luma
from reecho.errors import ReechoError
from reecho.inputs import noise_like
from reecho.metrics import psnr
from reecho.networks.registry import SHIPPED, build, shipped_sizes
from reecho.settings import ROOT
from reecho.tasks import make_inputs

FOLDER = ROOT / "reecho" / "shipped"


def test_each_is_under_2_mb_and_of_16_bits():
    assert sorted(shipped.names()) == sorted(file.stem for file in FOLDER.glob("*.npz"))
    for file in FOLDER.glob("*.npz"):
        assert file.stat().st_size < 2_000_000
        with np.load(file) as stored:
            assert {stored[name].dtype for name in stored.files} == {np.dtype("float16")}


@pytest.mark.parametrize("name", shipped.names())
def test_the_record_says_where_they_come_from(name):
    told = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert (
        shipped.name_of(told["task"], told["build"]["shape"][0]) == name
        and told["faces"]["name"] == "lfw"
        and len(told["faces"]["digest"]) == 64
    )
    assert told["provenance"]["minutes"] > 0 and told["provenance"]["commit"] and "dirty" not in told["provenance"]["commit"]
    assert 0 < told["largest_difference_of_16_bits"] < 1 / 255


@pytest.fixture(scope="module")
def smooth():
    """Pictures without noise, as a face's skin is: gradients."""
    rng = np.random.default_rng(0)
    slope = np.linspace(-0.5, 0.5, 32)
    a, b, c = rng.uniform(-0.3, 0.3, (3, 20, 1, 1, 3)) + np.array([0, 0, 0.5]).reshape(3, 1, 1, 1, 1)
    return np.clip(a * slope[:, None, None] + b * slope[:, None] + c, 0, 1).astype("float32")


@pytest.mark.parametrize("sigma", [0.1, *(pytest.param(sigma, marks=pytest.mark.slow) for sigma in (0.05, 0.2))])
def test_the_denoiser_reads_the_noise_and_takes_most_of_it_off(smooth, sigma):
    network = trained.shipped("denoising")
    noisy = make_inputs("denoising", smooth, noise_like(smooth, 1), sigma)
    assert network.model.noise_level(noisy).mean() == pytest.approx(sigma, rel=0.25)
    assert psnr(network.reproduce(noisy), smooth).mean() > psnr(noisy, smooth).mean() + 5


@pytest.mark.parametrize("size", shipped_sizes("colourisation"))
def test_the_colourisers_keep_the_luma_and_give_skin_a_colour(smooth, size):
    grey = make_inputs("colourisation", smooth.repeat(size // 32, axis=1).repeat(size // 32, axis=2))
    made = trained.shipped("colourisation", size).reproduce(grey)
    assert np.abs(luma(made) - luma(grey)).max() < 1e-5
    assert (made[..., 0] - made[..., 2]).mean() > 0.02  # warmer than grey


def test_apply_works_at_once_without_faces_or_training(tmp_path, capsys):
    Image.new("RGB", (300, 200), (200, 120, 90)).save(tmp_path / "mine.jpg")
    for task in SHIPPED:
        assert main(["apply", task, str(tmp_path / "mine.jpg"), "--out", str(tmp_path / "out")]) == 0
        with Image.open(tmp_path / "out" / f"mine-{task}.jpg") as result:
            assert result.size == (300, 200)
    assert not (tmp_path / "build").exists() and not (tmp_path / "data").exists()


@pytest.mark.slow
def test_what_is_written_comes_back_rounded_to_16_bits(tmp_path, monkeypatch):
    plain = {"name": "colouriser", "shape": [32, 32, 3], "parameters": {"seed": 0}}
    network = build(**plain)
    faces = np.random.default_rng(0).random((4, 32, 32, 3), "float32")
    difference = shipped.write("colourisation", network, {"build": plain}, faces, tmp_path)
    monkeypatch.setattr(shipped, "_FOLDER", tmp_path)
    again, told = shipped.load("colourisation", 32)
    off = np.abs(again.reproduction.predict(faces, verbose=0) - network.reproduction.predict(faces, verbose=0)).max()
    assert off == pytest.approx(difference, abs=1e-7) and told["build"] == plain


def test_a_task_without_one_and_a_package_that_is_not_whole_are_said(tmp_path, monkeypatch):
    with pytest.raises(ReechoError, match="No network for reconstruction comes with reecho"):
        shipped.load("reconstruction")
    with pytest.raises(ReechoError, match="of faces of 48 pixels comes with reecho; sizes are 32, 64"):
        shipped.load("colourisation", 48)
    monkeypatch.setattr(shipped, "_FOLDER", tmp_path)
    with pytest.raises(ReechoError, match="is missing"):
        shipped.load("denoising")

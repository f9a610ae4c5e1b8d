"""A person's own pictures: any size and mode, framed as LFW's are, never overwritten."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from reecho.__main__ import main
from reecho.apply import Colours, Small, apply, frame, pictures_in
from reecho.colour import luma
from reecho.data.resize import shrink
from reecho.errors import ReechoError


def identity(inputs):
    return inputs


def save(path, mode="RGB", size=(300, 260), colour=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour if colour is not None else 0).save(path)
    return path


def test_an_lfw_picture_is_framed_exactly_as_the_data_are():
    pixels = np.random.default_rng(0).integers(0, 256, (250, 250, 3), dtype="uint8")
    face = frame(Image.fromarray(pixels), 32)
    assert np.array_equal(face, shrink(pixels[None, 60:-60, 60:-60], 32)[0])
    assert np.array_equal(frame(Image.fromarray(pixels), 32, whole=True), shrink(pixels[None], 32)[0])


def test_the_centre_square_of_a_wide_picture_is_taken():
    wide = Image.new("RGB", (900, 300), "red")
    wide.paste("blue", (300, 0, 600, 300))
    assert np.allclose(frame(wide, 16, whole=True)[2:-2, 2:-2], (0, 0, 1), atol=0.01)


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [
        ("L", 128, 128 / 255),
        ("LA", (128, 255), 128 / 255),
        ("RGBA", (0, 0, 0, 0), 1.0),
        ("P", 0, 0.0),
        ("1", 1, 1.0),
        ("CMYK", (0, 0, 0, 0), 1.0),
        ("I;16", 32768, 128 / 255),
        ("I", 65535, 1.0),
        ("F", 0.5, 128 / 255),
    ],
)
@pytest.mark.parametrize("size", [(1, 1), (40, 30), (1200, 700)])
def test_every_mode_and_size_becomes_a_face(mode, colour, seen, size):
    face = frame(Image.new(mode, size, colour), 32)
    assert face.shape == (32, 32, 3) and face.dtype == np.float32
    assert np.allclose(face, seen, atol=1e-6)


def test_a_cameras_rotation_is_applied(tmp_path):
    picture, exif = Image.new("RGB", (250, 250), "black"), Image.Exif()
    picture.paste("white", (0, 0, 250, 125))  # white above, to be turned by 180°
    exif[0x0112] = 3
    picture.save(tmp_path / "turned.png", exif=exif)
    with Image.open(tmp_path / "turned.png") as opened:
        face = frame(opened, 8, whole=True)
    assert face[0].max() == 0 and face[-1].min() == 1


def test_a_folder_keeps_its_shape_and_what_cannot_be_read_is_named(tmp_path):
    source, out, said = tmp_path / "mine", tmp_path / "mine" / "out", []
    save(source / "a.png", colour="white")
    save(source / "a.jpg", colour="white")
    save(source / "inner" / "b.png", "L", (20, 30), 255)
    (source / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (source / "notes.txt").write_text("not a picture")
    before = {path: path.read_bytes() for path in source.rglob("*") if path.is_file()}
    for _ in range(2):  # the second call does not take the first one's outputs for pictures
        applied = apply(Small(identity, "reconstruction", 32), source, out, said.append)
        written = sorted(out.rglob("*.png"))
        assert [path.relative_to(out).as_posix() for path in written] == [
            "a-reconstruction.png", "a.png-reconstruction.png", "inner/b-reconstruction.png"
        ]  # fmt: skip
        assert applied.pictures + applied.earlier == 3
    assert applied.earlier == 3 and applied.written == []
    assert all(path.read_bytes() == content for path, content in before.items())
    assert len(said) == 4 and "1 (" in said[0] and "notes.txt" in said[0] and "broken.jpg cannot be read" in said[1]
    with Image.open(written[0]) as output:
        assert output.size == (32, 32) and output.getextrema() == ((255, 255),) * 3


def test_denoising_adds_noise_only_if_asked(tmp_path):
    source = save(tmp_path / "a.png", colour=(128, 128, 128))
    for sigma in (0.0, 0.05, 0.1):
        (path,) = apply(Small(identity, "denoising", 32, sigma=sigma), source, tmp_path / "out").written
        assert np.asarray(Image.open(path)).std() == pytest.approx(255 * sigma, rel=0.05)


def test_a_colouring_keeps_the_pictures_own_resolution_and_brightness(tmp_path):
    def reddish(inputs):
        return np.clip(inputs + np.array([0.2, -0.1, -0.1], "float32"), 0, 1)

    grey = np.random.default_rng(0).integers(60, 190, (500, 700), dtype="uint8")
    Image.fromarray(grey).save(tmp_path / "old.png")
    (path,) = apply(Colours(reddish, 32, face=True), tmp_path / "old.png", tmp_path / "out").written
    made = np.asarray(Image.open(path)) / 255.0
    own = grey[120:380, 220:480] / 255.0  # the middle 130 of 250 parts
    assert made.shape == (260, 260, 3) and np.abs(luma(made)[..., 0] - own).max() < 2 / 255
    assert (made[..., 0] - made[..., 2]).mean() == pytest.approx(0.3, abs=0.01)
    (path,) = apply(Small(reddish, "colourisation", 32), tmp_path / "old.png", tmp_path / "out").written
    with Image.open(path) as small:
        assert small.size == (32, 32)


def test_no_picture_is_overwritten(tmp_path):
    save(tmp_path / "a.png")
    before = save(tmp_path / "a-denoising.png").read_bytes()
    with pytest.raises(ReechoError, match="would be overwritten"):
        apply(Small(identity, "denoising", 32), tmp_path, tmp_path)
    assert (tmp_path / "a-denoising.png").read_bytes() == before


def test_nothing_to_read_is_an_error(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReechoError, match="holds no pictures"):
        pictures_in(tmp_path / "empty", tmp_path / "out")
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(ReechoError, match="None of 1 files can be read"):
        apply(Small(identity, "denoising", 32), tmp_path / "a.png", tmp_path / "out", lambda line: None)
    assert not (tmp_path / "out").exists()


def test_a_missing_network_is_said_with_the_command_that_trains_it(tmp_path, monkeypatch, capsys):
    import reecho
    from reecho.pipeline import run

    untrained = SimpleNamespace(is_trained=lambda *_: False, estimate_minutes=lambda *_: 3.2)
    monkeypatch.setattr(reecho, "trained", untrained, raising=False)
    monkeypatch.setitem(__import__("sys").modules, "reecho.trained", untrained)
    monkeypatch.setattr(run, "load_faces", lambda *_: SimpleNamespace(banner=None))
    picture = save(tmp_path / "a.png")
    arguments = [
        "apply",
        "colourisation",
        str(picture),
        "--out",
        str(tmp_path / "out"),
        "--preset",
        "smoke",
        "-p",
        "filters=8,8,8,8",
    ]
    assert main(arguments) == 1
    assert "`reecho train colourisation --preset smoke -p filters=8,8,8,8` trains it, about 3 min" in capsys.readouterr().err


def test_pictures_go_through_one_at_a_time_and_are_written_as_they_come(tmp_path):
    for number in range(3):
        Image.new("RGB", (300, 300), (80 * number, 90, 90)).save(tmp_path / f"{number}.png")
    written_before = []

    def reproduce(inputs):
        assert inputs.shape == (1, 32, 32, 3)
        written_before.append(len(list((tmp_path / "out").glob("*.png"))))
        return inputs

    apply(Small(reproduce, "denoising", 32), tmp_path, tmp_path / "out")
    assert written_before == [0, 1, 2]

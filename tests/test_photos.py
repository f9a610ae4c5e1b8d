"""Photos at their own size: every mode, metadata and profile kept, folders that go on, memory that is bounded."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest
from PIL import Image, ImageCms
from test_pictures_of_others import linear_profile

from reecho.__main__ import main
from reecho.apply import Colourings, Colours, Denoising, Wishes, apply
from reecho.apply.laying import Chroma, lay
from reecho.apply.photo import Photo
from reecho.colour import chroma, luma
from reecho.errors import ReechoError
from reecho.pixels import averaged


class Halving:
    """A denoiser that reads σ = .1 everywhere and takes the picture halfway to mid grey."""

    class Reading:
        def predict_on_batch(self, pictures):
            return np.full((1, pictures.shape[1] // 8, pictures.shape[2] // 8, 1), np.log(0.1), "float32")

    class Removal:
        def predict_on_batch(self, inputs):
            return (inputs[0] + np.float32(0.5)) / 2

    reading, removal = Reading(), Removal()


DENOISING = Denoising(Halving())
AS_IT_IS = Denoising(Halving(), 0)


def drawn(mode="RGB", size=(90, 60)):
    values = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 4), dtype="uint8")
    if mode == "I;16":
        return Image.fromarray(values[..., :2].copy().view("uint16")[..., 0])
    return Image.fromarray(values).convert(mode) if mode != "RGB" else Image.fromarray(values[..., :3].copy())


def through(way, picture, tmp_path, name="a.png", **options):
    path = tmp_path / "in" / name
    path.parent.mkdir(exist_ok=True)
    picture.save(path, **options)
    said = []
    (written,) = apply(way, path, tmp_path / "out", said.append).written
    with Image.open(written) as made:
        made.load()
    return made, said


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16"])
def test_strength_0_gives_the_pixels_back_in_the_same_mode(tmp_path, mode):
    picture = drawn(mode)
    made, said = through(AS_IT_IS, picture, tmp_path)
    assert made.mode == mode and (np.asarray(made) == np.asarray(picture)).all()
    assert "noise of σ = 0.100 was found, that is 25.5 of 255 steps" in said[0]


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16"])
def test_transparency_and_depth_are_kept_and_the_rest_is_denoised(tmp_path, mode):
    picture = drawn(mode)
    made, before = np.asarray(through(DENOISING, picture, tmp_path)[0], "float64"), np.asarray(picture, "float64")
    top = 65535 if mode == "I;16" else 255
    if mode in ("LA", "RGBA"):
        assert (made[..., -1] == before[..., -1]).all()
        made, before = made[..., :-1], before[..., :-1]
    assert np.abs(made - (before + top / 2) / 2).max() <= 1


@pytest.mark.parametrize(
    ("mode", "name", "wanted"),
    [("P", "a.png", "RGB"), ("1", "a.png", "L"), ("CMYK", "a.jpg", "RGB"), ("CMYK", "a.tif", "RGB"), ("RGBA", "a.webp", "RGBA"),
     ("L", "a.jpg", "L"), ("RGB", "a.bmp", "RGB"), ("F", "a.tif", "I;16"), ("I", "a.tif", "I;16"), ("YCbCr", "a.tif", "RGB"),
     ("LAB", "a.tif", "RGB"), ("RGB", "a.gif", "RGB"), ("L", "a.jp2", "L")],
)  # fmt: skip
def test_pictures_of_any_kind_go_through(tmp_path, mode, name, wanted):
    picture = drawn("L").convert(mode) if mode in ("F", "I") else drawn("RGB").convert(mode) if mode == "P" else drawn(mode)
    made, _ = through(DENOISING, picture, tmp_path, name)
    assert made.size == (90, 60) and made.mode == wanted
    kind = {".jpg": "JPEG", ".tif": "TIFF", ".webp": "WEBP"}.get(os.path.splitext(name)[1], "PNG")
    assert made.format == kind


def test_a_palette_with_transparency_keeps_it(tmp_path):
    picture = drawn("RGB").quantize(16)
    made, _ = through(AS_IT_IS, picture, tmp_path, transparency=3)
    picture.info["transparency"] = 3
    assert made.mode == "RGBA" and (np.asarray(made) == np.asarray(picture.convert("RGBA"))).all()


def test_more_than_8_bits_a_colour_are_said_to_be_lost(tmp_path):
    import struct
    import zlib

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 4, 2, 16, 2, 0, 0, 0)
    rows = b"".join(b"\0" + bytes(range(24)) for _ in range(2))
    path = tmp_path / "deep.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    said = []
    apply(DENOISING, path, tmp_path / "out", said.append)
    assert "of its more than 8 bits a colour 8 were kept" in said[0]


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_metadata_go_with_the_photo_and_its_turn_is_done(tmp_path, name):
    exif = Image.Exif()
    exif[0x10F], exif[0x112] = "A camera", 6
    own = exif.get_ifd(0x8769)
    own[0xA002], own[0xA003], own[0x829A] = 90, 60, 0.01
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6" xmp:Rating="4"/></x:xmpmeta>'
    options = {"exif": exif.tobytes(), "dpi": (300, 300), "icc_profile": linear_profile()}
    if name in ("a.jpg", "a.webp"):
        options["xmp"] = xmp
    if name == "a.jpg":
        options["quality"] = 95
    made, _ = through(AS_IT_IS, drawn(), tmp_path, name, **options)
    assert made.size == (60, 90)
    entries = made.getexif()
    assert entries[0x10F] == "A camera" and entries.get(0x112, 1) == 1
    inner = entries.get_ifd(0x8769)
    assert (inner[0xA002], inner[0xA003]) == (60, 90) and float(inner[0x829A]) == pytest.approx(0.01)
    assert made.info["icc_profile"] == linear_profile()
    if name != "a.webp":  # which holds no resolution but in EXIF
        assert made.info["dpi"] == pytest.approx((300, 300), rel=1e-3)
    if "xmp" in options:
        assert b"Rating" in made.info["xmp"] and b"Orientation" not in made.info["xmp"]
    if name == "a.png":
        turned = drawn().transpose(Image.Transpose.ROTATE_270)
        assert (np.asarray(made) == np.asarray(turned)).all()  # and the values of the profile's colours stand as they stood


def test_a_cmyk_picture_with_a_profile_becomes_srgb_and_says_so(tmp_path):
    made, _ = through(AS_IT_IS, drawn("CMYK"), tmp_path, "a.tif", icc_profile=b"no profile")
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(made.info["icc_profile"])))


def test_the_format_can_be_chosen_and_one_that_cannot_hold_the_picture_is_refused(tmp_path):
    for kind, form in (("png", "PNG"), ("jpeg", "JPEG"), ("tiff", "TIFF"), ("webp", "WEBP")):
        assert through(Denoising(Halving(), kind=kind), drawn("RGBA"), tmp_path)[0].format == form
    with pytest.raises(ReechoError, match=r"cannot be written as webp.*--format png"):
        through(Denoising(Halving(), kind="webp"), Image.new("L", (17_000, 1)), tmp_path)
    assert not list((tmp_path / "out").glob("*.aside*"))


def test_the_face_frame_is_cut_in_the_photos_own_pixels(tmp_path):
    picture = drawn("RGB", (640, 500))
    made, _ = through(Denoising(Halving(), 0, face=True), picture, tmp_path)
    assert (np.asarray(made) == np.asarray(picture)[120:380, 190:450]).all()


@pytest.mark.parametrize("size", [(1, 1), (4000, 10), (10, 4000), (3, 2)])
def test_any_size_is_denoised_and_coloured(tmp_path, size):
    for way in (DENOISING, Colours(lambda faces: faces, 16), Colours(lambda faces: faces, 64, whole=True)):
        assert through(way, drawn("RGB", size), tmp_path)[0].size == size


def test_a_folder_goes_on_where_it_stopped(tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for number in range(4):
        drawn().rotate(90 * number).save(source / f"{number}.png")
    assert apply(DENOISING, source, out, lambda line: None).pictures == 4
    whole = {path.name: path.read_bytes() for path in out.glob("*.png")}
    (out / "0-denoising.png").write_bytes(whole["0-denoising.png"][:-20])  # damaged
    (out / "1-denoising.png").unlink()
    drawn().save(source / "2.png")  # another photo
    with (out / ".reecho-apply.jsonl").open("a") as file:
        file.write('{"outputs": ["3-den')  # a full disk
    again = apply(DENOISING, source, out, lambda line: None)
    assert sorted(path.name for path in again.written) == ["0-denoising.png", "1-denoising.png", "2-denoising.png"]
    assert again.earlier == 1
    assert all((out / name).read_bytes() == whole[name] for name in ("0-denoising.png", "1-denoising.png", "3-denoising.png"))
    assert apply(DENOISING, source, out, lambda line: None).earlier == 4
    assert apply(Denoising(Halving(), 0.5), source, out, lambda line: None).earlier == 0  # other settings
    assert apply(Denoising(Halving(), 0.5), source, out, lambda line: None).earlier == 4


@pytest.mark.parametrize("mode", ["RGB", "L", "I;16"])
def test_a_photo_is_done_again_with_similar_patches_grey_or_not(tmp_path, mode):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    rng = np.random.default_rng(0)
    noise = np.clip(rng.normal(0.5, 0.1, (60, 90, 3)), 0, 1)  # white and Gaussian, so the filter counts
    values = (255 * noise).astype("uint8") if mode != "I;16" else (65535 * noise[..., 0]).astype("uint16")
    Image.fromarray(values).convert(mode).save(source / "a.png")
    assert apply(DENOISING, source, out, lambda line: None).pictures == 1
    with Image.open(out / "a-denoising.png") as alone:
        alone.load()
    similar = Denoising(Halving(), similar=True)
    assert apply(similar, source, out, lambda line: None).earlier == 0
    with Image.open(out / "a-denoising.png") as both:
        assert both.mode == mode and (np.asarray(both) != np.asarray(alone)).mean() > 0.5
    assert apply(similar, source, out, lambda line: None).earlier == 1


def test_outputs_beside_the_photos_are_not_taken_for_photos(tmp_path):
    drawn().save(tmp_path / "a.png")
    assert apply(DENOISING, tmp_path, tmp_path, lambda line: None).pictures == 1
    drawn("L").save(tmp_path / "b.png")
    again = apply(DENOISING, tmp_path, tmp_path, lambda line: None)
    assert (again.earlier, [path.name for path in again.written]) == (1, ["b-denoising.png"])


def test_an_interrupted_call_leaves_nothing_half_written(tmp_path):
    class Interrupted(Halving):
        class Removal:
            def predict_on_batch(self, inputs):
                raise KeyboardInterrupt

        removal = Removal()

    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    drawn().save(source / "a.png")
    with pytest.raises(KeyboardInterrupt):
        apply(Denoising(Interrupted()), source, out)
    assert not out.exists() or not list(out.iterdir())


def test_colours_are_laid_along_the_edges_of_the_luma():
    """A bright red half and a dark blue one, seen by the network at a twentieth of the size: the border is the photo's."""
    large = np.zeros((320, 320, 3), "float32")
    large[:, :166], large[:, 166:] = (0.9, 0.5, 0.5), (0.1, 0.1, 0.3)
    small = averaged(large[None], 16, 16)[0]
    tone = Photo(Image.fromarray((np.repeat(luma(large), 3, -1) * 255 + 0.5).astype("uint8")))
    bicubic = Photo(tone.picture.copy())
    lay(tone, bicubic, Chroma(chroma(small), np.full((16, 16), 0.5, "float32")), 0, True)  # no edge is known: no slope
    onto = Photo(tone.picture.copy())
    lay(tone, onto, Chroma(chroma(small), luma(small)[..., 0]), 0, True)
    near = slice(146, 186)
    wrong = [np.abs(np.asarray(photo.picture)[40:280, near] / 255.0 - large[40:280, near]).mean() for photo in (bicubic, onto)]
    assert wrong[1] < 0.8 * wrong[0]
    kept = luma(np.asarray(onto.picture, "float32") / 255) - luma(np.asarray(tone.picture, "float32") / 255)
    assert np.abs(kept).max() < 1.01 / 255


def test_a_whole_photo_has_colours_in_the_face_frame_and_none_far_from_it(tmp_path):
    def reddish(faces):
        return np.clip(faces + np.array([0.2, -0.1, -0.1], "float32"), 0, 1)

    made, said = through(Colours(reddish, 32), Image.new("RGB", (700, 500), (120, 120, 120)), tmp_path)
    values = np.asarray(made).astype(int)
    assert (values[130:370, 230:470, 0] - values[130:370, 230:470, 2] > 60).all()
    assert (values[:, 0] == 120).all() and (values[0] == 120).all()
    assert "does not look for faces" in said[0] and "cut one face out" in said[0]


def test_several_colourings_come_with_a_numbered_contact_sheet(tmp_path):
    def several(faces, count):
        return np.stack([np.clip(faces + 0.05 * n * np.array([1, 0, -1], "float32"), 0, 1) for n in range(count)])

    drawn("L", (500, 400)).save(tmp_path / "old.jpg")
    way = Colourings(lambda faces: faces, 32, several=several, count=6)
    applied = apply(way, tmp_path / "old.jpg", tmp_path / "out", lambda line: None)
    names = ["old-colourings.png", *(f"old-colouring-{n}.jpg" for n in range(1, 7))]
    assert [path.name for path in applied.written] == names and applied.pictures == 1
    with Image.open(tmp_path / "out" / "old-colourings.png") as sheet:
        assert sheet.width > 3 * 360 and sheet.height > 2 * 288
    middle = [np.asarray(Image.open(path))[200, 250].astype(int) for path in applied.written[1:]]
    warmth = [pixel[0] - pixel[2] for pixel in middle]
    assert warmth == sorted(warmth) and warmth[-1] > warmth[0] + 50
    assert apply(way, tmp_path / "old.jpg", tmp_path / "out", lambda line: None).earlier == 1


@pytest.mark.parametrize(
    ("task", "wishes", "sentence"),
    [("colourisation", {"strength": 0.5}, "--strength is for denoising"), ("reconstruction", {"sigma": 0.1}, "--sigma is for"),
     ("colourisation", {"ensemble": True}, "--ensemble is for"), ("colourisation", {"similar": True}, "--similar is for"),
     ("denoising", {"colourings": 6}, "--colourings is for colourisation"),
     ("colourisation", {"colourings": 6, "small": True}, "--small writes one output")],
)  # fmt: skip
def test_options_that_mean_nothing_for_a_task_are_refused(task, wishes, sentence):
    with pytest.raises(ReechoError, match=sentence):
        Wishes(**wishes).check(task)


def test_a_strength_that_makes_no_sense_is_refused(tmp_path, capsys):
    drawn().save(tmp_path / "a.png")
    command = ["apply", "denoising", str(tmp_path / "a.png"), "--out", str(tmp_path / "out"), "--strength", "3"]
    assert main(command) == 2 and "0<=x<=2" in capsys.readouterr().err and not (tmp_path / "out").exists()


def test_colourings_without_a_colour_vae_name_the_command_that_trains_it(tmp_path, capsys):
    drawn().save(tmp_path / "a.png")
    command = ["apply", "colourisation", str(tmp_path / "a.png"), "--out", str(tmp_path / "out"), "--colourings", "6"]
    assert main([*command, "--preset", "smoke", "--dataset", "synthetic"]) == 1
    said = capsys.readouterr().err
    assert "`reecho train colourisation --preset smoke --dataset synthetic -p network=colour_vae` trains it" in said
    assert not (tmp_path / "out").exists()

"""Pictures and folders as people have them: odd entries, profiles, links, names in any script, files of other kinds."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from reecho.apply import Small, apply, frame
from reecho.data import load
from reecho.data.decoding import folder_names
from reecho.data.picture import decode, to_rgb, upright
from reecho.errors import ReechoError

AS_IT_IS = Small(lambda inputs: inputs, "denoising", 32)
ODD_ENTRY = (
    b"Exif\0\0II*\0\x08\0\0\0\2\0" + struct.pack("<HHI", 0x112, 3, 1) + b"\6\0\0\0" + struct.pack("<HHII", 0x11B, 10, 1, 38)
    + b"\0" * 4 + struct.pack("<ii", -72, 1)
)  # fmt: skip


def picture(seed=0, size=(90, 60)):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 255, (*size, 3), dtype="uint8"))


def jpeg_with(entry: bytes) -> bytes:
    buffer = io.BytesIO()
    picture().save(buffer, "jpeg")
    data = buffer.getvalue()
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(entry) + 2) + entry + data[2:]


def people(folder: Path, count: int = 14, suffix: str = ".png") -> Path:
    for number in range(count):
        person = folder / f"person {number:02d}"
        person.mkdir(parents=True)
        picture(number).save(person / f"a{suffix}")
    return folder


def test_an_odd_entry_of_the_camera_costs_neither_the_picture_nor_its_turn():
    with Image.open(io.BytesIO(jpeg_with(ODD_ENTRY))) as opened:
        assert opened.size == (60, 90) and upright(opened).size == (90, 60)
    assert decode(jpeg_with(ODD_ENTRY), 60).shape == (130, 130, 3)


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_entries_that_are_none_are_passed_over(kind):
    buffer = io.BytesIO()
    picture().save(buffer, kind, exif=b"garbage garbage")
    assert decode(buffer.getvalue(), 60).shape == (130, 130, 3)
    with Image.open(io.BytesIO(buffer.getvalue())) as opened:
        assert frame(opened, 32).shape == (32, 32, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_turn_is_undone_as_pillow_undoes_it(orientation):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x112] = orientation
    buffer = io.BytesIO()
    picture().save(buffer, "png", exif=exif)
    with Image.open(io.BytesIO(buffer.getvalue())) as opened:
        assert (np.asarray(upright(opened)) == np.asarray(ImageOps.exif_transpose(opened))).all()


def linear_profile() -> bytes:
    """sRGB's primaries with a straight tone curve: the curves of LittleCMS's own sRGB are replaced by γ = 1."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    for number in range(count):
        name, offset, _ = struct.unpack(">4sII", profile[132 + 12 * number : 144 + 12 * number])
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            profile[offset : offset + 12] = b"para\0\0\0\0\0\0\0\0"
            profile[offset + 12 : offset + 16] = struct.pack(">i", 65536)
    return bytes(profile)


def test_a_picture_with_a_profile_is_shown_in_srgb():
    """The linear one still says in its description that it is sRGB: what it does counts."""
    plain = Image.new("RGB", (8, 8), (128, 64, 32))
    plain.info["icc_profile"] = linear_profile()
    assert np.asarray(to_rgb(plain))[0, 0] == pytest.approx([188, 137, 99], abs=2)  # 12.92, 1.055, 2.4: the curve of sRGB
    for kept in (b"no profile", ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()):
        plain.info["icc_profile"] = kept
        assert (np.asarray(to_rgb(plain)) == (128, 64, 32)).all()


def grey_profile(gamma: float) -> bytes:
    """A profile of grey pictures with a curve of a power, in the least that one may have."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"grey\0" + bytes(79 - 5 + 12)
    white = b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061)
    tags, parts, offset = b"", b"", 128 + 4 + 3 * 12
    for name, content in ((b"desc", text), (b"wtpt", white), (b"kTRC", curve)):
        content += bytes(-len(content) % 4)
        tags += name + struct.pack(">II", offset + len(parts), len(content))
        parts += content
    head = struct.pack(">I4sI4s4s4s", offset + len(parts), b"lcms", 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061)
    return head + bytes(128 - len(head)) + struct.pack(">I", 3) + tags + parts


@pytest.mark.parametrize("mode", ["L", "I;16"])
def test_a_grey_picture_with_a_profile_is_shown_in_srgb_whatever_its_bits(mode):
    values = np.full((8, 8), 128, "uint8") if mode == "L" else np.full((8, 8), 128 * 257, "uint16")
    picture = Image.fromarray(values)
    assert picture.mode == mode
    picture.info["icc_profile"] = grey_profile(1.0)
    assert np.asarray(to_rgb(picture))[0, 0] == pytest.approx([188, 188, 188], abs=2)


@pytest.mark.parametrize("suffix", [".jfif", ".jpe", ".avif", ".tga", ".jp2", ".mpo"])
def test_pictures_of_further_kinds_are_read(tmp_path, suffix):
    people(tmp_path / "faces", 14, suffix)
    faces = load(str(tmp_path / "faces"), folder=tmp_path / "data")
    assert len(faces) == 14 and faces.skipped == []


def test_a_set_is_one_of_colours_unless_its_pictures_are_grey(tmp_path):
    folder = people(tmp_path / "faces")
    assert load(str(folder), folder=tmp_path / "data").has_colour
    for path in folder.rglob("*.png"):
        with Image.open(path) as coloured:
            coloured.convert("L").convert("RGB").save(path)  # three channels, and no colour
    faces = load(str(folder), folder=tmp_path / "data")
    assert faces.grey.all() and not faces.has_colour and len(faces.eight()) == 8


def test_what_is_left_out_is_named(tmp_path):
    folder = people(tmp_path / "faces")
    (folder / "person 00" / "b.heic").write_bytes(b"x")
    (folder / "notes.txt").write_text("x")
    (folder / ".hidden").write_text("x")
    faces = load(str(folder), folder=tmp_path / "data")
    assert [name for name, _ in faces.skipped] == ["notes.txt", "person 00/b.heic"]
    assert faces.title.startswith("Pictures of faces (14 pictures")


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_links_are_followed_and_never_in_a_circle(tmp_path):
    people(tmp_path / "real")
    folder = tmp_path / "faces"
    folder.mkdir()
    for person in sorted((tmp_path / "real").iterdir()):
        (folder / person.name).symlink_to(person)
    (folder / "person 00" / "circle").symlink_to(folder)
    faces = load(str(folder), folder=tmp_path / "data")
    assert len(np.unique(faces.people)) >= 14


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_apply_follows_links_once_and_names_what_it_leaves_out(tmp_path):
    people(tmp_path / "real", 2)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "ada").symlink_to(tmp_path / "real" / "person 00")
    (folder / "bob.png").symlink_to(tmp_path / "real" / "person 01" / "a.png")
    (tmp_path / "real" / "person 00" / "circle").symlink_to(folder)
    (folder / "c.heic").write_bytes(b"x")
    (folder / "d.png").symlink_to(tmp_path / "nothing there")
    said: list[str] = []
    written = apply(AS_IT_IS, folder, tmp_path / "out", said.append).written
    made = sorted(path.relative_to(tmp_path / "out").as_posix() for path in written)
    assert made == ["ada/a-denoising.png", "bob-denoising.png"]
    assert len(said) == 1 and "c.heic" in said[0] and "d.png" in said[0] and ": 2 (" in said[0]


def test_a_picture_of_a_telephones_108_megapixels_is_read():
    buffer = io.BytesIO()
    Image.new("1", (12_000, 9_000), 1).save(buffer, "png")  # a bit a pixel: 30 KB
    crop = decode(buffer.getvalue(), 60)
    assert crop.shape == (130, 130, 3) and (crop == 255).all()


def test_names_split_the_same_in_either_normal_form_and_in_no_text():
    names = {form: unicodedata.normalize(form, "Zoë/ä.png") for form in ("NFC", "NFD")}
    assert [*folder_names([names["NFC"]])] == [*folder_names([names["NFD"]])]
    undecodable = os.fsdecode(b"Zo\xeb/a.png")
    (name,) = folder_names([undecodable])
    name.encode("utf-8")
    both = folder_names([names["NFC"], names["NFD"], names["NFC"].replace("png", "jpg")])
    assert len(both) == 3 and set(both.values()) == {names["NFC"], names["NFD"], names["NFC"].replace("png", "jpg")}


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names have one form there")
def test_a_copy_of_a_folder_that_another_system_made_has_the_same_faces_and_the_same_split(tmp_path):
    loaded = []
    for form in ("NFC", "NFD"):
        folder = people(tmp_path / form / "faces")
        for number, person in enumerate(sorted(folder.iterdir())):
            (person / "a.png").rename(person / unicodedata.normalize(form, "ä.png"))
            person.rename(folder / unicodedata.normalize(form, f"Zoë Ünal {number:02d}"))
        loaded.append(load(str(folder), folder=tmp_path / "data" / form))
    first, second = loaded
    assert first.digest == second.digest and first.names == second.names and (first.part == second.part).all()
    assert (first.crops == second.crops).all() and set(first.part) == {"train", "validation", "test"}


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
@pytest.mark.parametrize("damaged", [1, 14])
def test_damaged_pictures_whose_names_are_no_text_are_named(tmp_path, damaged):
    folder = people(tmp_path / "faces")
    for person in sorted(folder.iterdir())[:damaged]:
        Path(os.fsdecode(os.fsencode(person) + b"/Zo\xeb.png")).write_bytes(b"none")
    if damaged == 1:
        ((name, why),) = load(str(folder), folder=tmp_path / "data").skipped
        assert name == "person 00/Zo\ufffd.png" and why.startswith("UnidentifiedImageError") and "0x" not in why
        said: list[str] = []
        assert len(apply(AS_IT_IS, folder, tmp_path / "out", said.append).written) == 14
        (sentence,) = said
    else:
        with pytest.raises(ReechoError, match="14 of 28 pictures of faces do not decode") as refused:
            load(str(folder), folder=tmp_path / "data")
        sentence = str(refused.value)
    assert "person 00/Zo\ufffd.png" in sentence and sentence.encode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_person_whose_name_is_no_text_is_one_of_the_people(tmp_path):
    folder = people(tmp_path / "faces")
    os.rename(folder / "person 00", os.fsencode(folder) + b"/Zo\xeb")
    faces = load(str(folder), folder=tmp_path / "data")
    assert len(faces) == 14 and "Zo\ufffd/a" in faces.names


def test_a_very_long_name_gets_an_output_of_its_own(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a" * 244, "a" * 243 + "b", "short"):
        picture().save(tmp_path / "in" / f"{name}.png")
    written = apply(AS_IT_IS, tmp_path / "in", tmp_path / "out").written
    assert len(written) == len({path.name for path in written}) == 3 and all(path.is_file() for path in written)
    assert max(len(path.name) for path in written) <= 255


def test_one_picture_that_cannot_be_read_costs_no_other(tmp_path):
    (tmp_path / "in").mkdir()
    picture().save(tmp_path / "in" / "whole.png")
    (tmp_path / "in" / "cut.jpg").write_bytes(jpeg_with(ODD_ENTRY)[:300])
    (tmp_path / "in" / "odd.jpg").write_bytes(jpeg_with(ODD_ENTRY))
    said = []
    written = apply(AS_IT_IS, tmp_path / "in", tmp_path / "out", said.append).written
    assert sorted(path.name for path in written) == ["odd-denoising.png", "whole-denoising.png"]
    assert len(said) == 1 and "cut.jpg" in said[0]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="such names are not allowed there")
def test_names_of_folders_and_files_reach_page_book_and_terminal_as_plain_text(tmp_path):
    folder = people(tmp_path / "<script>alert(1)< a|b $x$ <i>_c_ 顔写真 `d` [e](javascript:alert(1)) two\nlines\x1b[31m", 14)
    (folder / "person 00" / "none <b>\x1b[2J.png").write_bytes(b"none")
    own = {"REECHO_BUILD": str(tmp_path / "build"), "REECHO_DATA": str(tmp_path / "data")}
    command = [sys.executable, "-P", "-m", "reecho"]
    wanted = [*command, "report", "--preset", "smoke", "--dataset", str(folder), "--only", "01"]
    done = subprocess.run(wanted, capture_output=True, text=True, env=os.environ | own)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "\x1b[31m" not in done.stdout + done.stderr and "\x1b[2J" not in done.stdout + done.stderr
    page = (tmp_path / "build" / "smoke" / "html" / "01_data.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page and 'href="javascript' not in page and "<i>_c_" not in page and "\x1b" not in page
    assert str(tmp_path) not in page
    assert "&lt;script&gt;alert(1)&lt; a|b $x$ &lt;i&gt;_c_ 顔写真" in page and "none &lt;b&gt;" in page
    executed = tmp_path / "build" / "smoke" / "notebooks" / "01_data.ipynb"
    done = subprocess.run([*command, "render", str(executed)], capture_output=True, text=True, env=os.environ | own)
    assert done.returncode == 0 and "screen readers" not in done.stdout, done.stderr
    assert b"pdfuaid" in executed.with_suffix(".pdf").read_bytes()

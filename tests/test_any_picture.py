"""Any picture and any folder of pictures: pixels or a reason; nothing is dropped in silence, nothing stops with a traceback."""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image, ImageCms, features

from reecho.apply import Small, apply, frame
from reecho.data import load
from reecho.data.picture import decode, opened
from reecho.errors import ReechoError
from reecho.escaping import escape

STABLE = settings(deadline=None, derandomize=True, database=None)  # the same examples every time
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16")
KINDS = {
    "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"), "tiff": MODES[:9] + MODES[10:], "jpeg": ("L", "RGB", "CMYK", "YCbCr"),
    "gif": ("1", "L", "P", "RGB", "RGBA"), "webp": ("RGB", "RGBA"), "bmp": ("1", "L", "P", "RGB", "RGBA"), "ppm": ("1", "L", "RGB"),
    "tga": ("L", "LA", "P", "RGB", "RGBA"), "jpeg2000": ("L", "LA", "RGB", "RGBA"), "mpo": ("RGB",),
} | ({"avif": ("RGB", "RGBA")} if features.check("avif") else {})  # fmt: skip
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def turned(turn: int) -> bytes:
    exif = Image.Exif()
    exif[0x112] = turn
    return exif.tobytes()


ENTRIES = some.one_of(
    some.binary(max_size=60),
    some.integers(0, 9).map(turned),
    some.binary(max_size=40).map(lambda rest: b"Exif\0\0II*\0\x08\0\0\0" + rest),
)
PROFILES = some.sampled_from([b"", b"no profile", SRGB, SRGB[:200], SRGB.replace(b"RGB ", b"GRAY"), SRGB.replace(b"RGB ", b"CMYK")])


@some.composite
def pictures(draw, largest: int = 40):
    """(Its bytes, whether they are as they were written.)"""
    kind = draw(some.sampled_from(sorted(KINDS)))
    mode = draw(some.sampled_from(KINDS[kind]))
    width, height = draw(some.integers(1, largest)), draw(some.integers(1, largest))
    seed, levels = draw(some.integers(0, 99)), draw(some.sampled_from([1, 30, 256]))
    values = np.random.default_rng(seed).integers(0, levels, (height, width, 3))
    shown = Image.fromarray(values.astype("uint8"))
    if mode in ("I", "F", "I;16"):
        values = np.asarray(shown.convert("L"), "float64") * draw(some.sampled_from([1 / 255, 1, 257]))
        shown = Image.fromarray(values.astype({"I": "int32", "F": "float32", "I;16": "uint16"}[mode]))
    elif mode in ("LAB",):
        shown = Image.merge("LAB", shown.split())
    else:
        shown = shown.convert("RGBA").convert(mode) if mode in ("LA", "RGBA") else shown.convert(mode)
    options: dict = {}
    if kind in ("png", "jpeg", "webp", "tiff", "mpo", "avif"):
        if kind in ("png", "jpeg", "webp") and draw(some.booleans()):
            options["exif"] = draw(ENTRIES)
        if profile := draw(PROFILES):
            options["icc_profile"] = profile
    if kind in ("gif", "webp", "png", "tiff", "mpo") and mode in ("RGB", "P", "L") and draw(some.booleans()):
        options |= {"save_all": True, "append_images": [shown.copy()]}
    buffer = io.BytesIO()
    shown.save(buffer, kind, **options)
    content, harm = buffer.getvalue(), draw(some.sampled_from(["none", "none", "cut", "altered", "replaced"]))
    if harm == "cut":
        content = content[: int(draw(some.floats(0, 1)) * len(content))]
    elif harm == "altered":
        place = int(draw(some.floats(0, 0.999)) * len(content))
        content = content[:place] + bytes([draw(some.integers(0, 255))]) + content[place + 1 :]
    elif harm == "replaced":
        content = draw(some.binary(max_size=200))
    return content, harm == "none"


@settings(STABLE, max_examples=400)
@given(pictures())
def test_a_picture_gives_pixels_and_a_damaged_one_pixels_or_an_error(given_picture):
    content, whole = given_picture
    try:
        crop = decode(content, 60)
        with opened(io.BytesIO(content)) as picture:
            face = frame(picture, 16)
    except Exception:
        assert not whole
        return
    assert crop.shape == (130, 130, 3) and crop.dtype == "uint8"
    assert face.shape == (16, 16, 3) and face.dtype == "float32" and 0 <= face.min() <= face.max() <= 1


NAMES = some.text(some.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..") and len(name.encode()) < 200
)
SUFFIX = some.sampled_from([".png", ".JPG", ".tiff", ".webp", ".heic", ".txt", ""])
FILES = some.tuples(
    NAMES, SUFFIX, some.one_of(pictures(largest=12).map(lambda pair: pair[0]), some.sampled_from(["link", "nothing"]))
)


@some.composite
def folders(draw):
    """Person → files; most sets are large enough to be split, and some are of one person or none."""
    people = draw(some.dictionaries(NAMES, some.lists(FILES, max_size=3), max_size=8))
    return people, draw(some.sampled_from([0, 1, 14])), draw(some.booleans())


def _written(folder: Path, people: dict, plain: int, grey: bool) -> None:
    buffer = io.BytesIO()
    for number in range(plain):
        (folder / f"plain {number}").mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(number).integers(0, 255, (20, 20, 1 if grey else 3), "uint8")
        Image.fromarray(np.broadcast_to(noise, (20, 20, 3)).copy()).save(folder / f"plain {number}" / "a.png")
    Image.new("RGB", (9, 9), "red").save(buffer, "png")
    for person, files in people.items():
        try:
            (folder / person).mkdir(parents=True, exist_ok=True)
            for name, suffix, content in files:
                path = folder / person / f"{name}{suffix}"
                if path.exists() or path.is_symlink():
                    continue
                if content == "link":
                    path.symlink_to(folder)
                elif content == "nothing":
                    path.symlink_to(folder / "nothing there")
                else:
                    path.write_bytes(content)
        except (OSError, ValueError):  # a name that this file system does not take
            continue


def _to_be_accounted_for(folder: Path) -> int:
    """Files and links to nothing that are not hidden; a folder is met again behind a link only where that makes no circle."""
    count = 0
    for parent, _, files in os.walk(folder):
        entries = [Path(parent) / name for name in files]
        count += sum(not path.name.startswith(".") for path in entries)
    return count


@settings(STABLE, max_examples=60)
@given(folders())
def test_every_file_of_a_folder_is_a_face_or_named_as_left_out(given_folder):
    people, plain, grey = given_folder
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "faces"
        folder.mkdir()
        _written(folder, people, plain, grey)
        said: list[str] = []
        try:
            faces = load(str(folder), folder=Path(name) / "data")
        except ReechoError as error:
            assert "\n" not in str(error)
        else:
            assert len(faces) + len(faces.skipped) == _to_be_accounted_for(folder)
            for person in faces.names:
                person.encode("utf-8")
                assert "<" not in escape(person).replace("\\<", "")
        try:
            written = apply(Small(lambda inputs: inputs, "denoising", 16), folder, Path(name) / "out", said.append).written
        except ReechoError as error:
            assert "\n" not in str(error)
        else:
            assert not any("\n" in line or "\x1b" in line for line in said)
            assert len(written) == len(set(written)) and all(path.is_file() for path in written)

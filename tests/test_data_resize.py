"""Area averaging has known answers; a picture of any kind comes to LFW's frame."""

from __future__ import annotations

import io

import numpy as np
import pytest
from packing import picture
from PIL import Image

from reecho.data.picture import decode
from reecho.data.resize import sampled_without_area, shrink


def test_halving_is_the_mean_of_four_pixels():
    crops = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), "uint8")
    expected = crops.reshape(3, 4, 2, 4, 2, 3).mean((2, 4)) / 255
    assert shrink(crops, 4) == pytest.approx(expected, abs=1e-6)


def test_shrinking_agrees_with_pillows_box_filter():
    crops = np.random.default_rng(1).integers(0, 256, (2, 130, 130, 3), "uint8")
    boxed = [np.asarray(Image.fromarray(crop).resize((32, 32), Image.Resampling.BOX)) / 255 for crop in crops]
    # Pillow counts border pixels whole or not at all
    assert np.abs(shrink(crops, 32) - boxed).mean() < 0.02


def test_the_same_size_changes_nothing_and_indices_choose():
    crops = np.random.default_rng(2).integers(0, 256, (150, 6, 6, 3), "uint8")
    assert shrink(crops, 6) == pytest.approx(crops / 255, abs=1e-6)
    assert shrink(crops, 4, np.array([149, 3])) == pytest.approx(shrink(crops, 4)[[149, 3]], abs=1e-6)
    assert shrink(crops, 4, np.array([], int)).shape == (0, 4, 4, 3)


def test_white_and_black_stay_what_they_are():
    crops = np.stack([np.full((130, 130, 3), 255, "uint8"), np.zeros((130, 130, 3), "uint8")])
    small = shrink(crops, 32)
    assert small[0].min() > 1 - 1e-6 and small.max() <= 1 and small[1].max() == 0


def test_sampling_without_area_aliases_and_averaging_does_not():
    stripes = np.zeros((1, 130, 130, 3), "uint8")
    stripes[:, :, ::2] = 255
    assert sampled_without_area(stripes, 32).std() > 2 * shrink(stripes, 32).std()
    flat = np.full((1, 130, 130, 3), 51, "uint8")
    assert sampled_without_area(flat, 32) == pytest.approx(0.2, abs=1e-6)


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGB", "JPEG"), ("L", "JPEG"), ("CMYK", "JPEG"), ("P", "PNG"), ("RGBA", "PNG"), ("1", "PNG")]
)
@pytest.mark.parametrize("size", [(250, 250), (20, 30), (900, 400)])
def test_a_picture_of_any_size_and_mode_comes_to_the_frame(mode, kind, size):
    face = decode(picture(0, size, kind, mode), 60)
    assert face.shape == (130, 130, 3) and face.dtype == np.uint8


def test_a_picture_of_lfws_size_is_cut_and_not_resampled():
    pixels = np.random.default_rng(0).integers(0, 256, (250, 250, 3), "uint8")
    assert (decode(encoded(Image.fromarray(pixels)), 60) == pixels[60:190, 60:190]).all()
    assert (decode(encoded(Image.fromarray(pixels)), 0) == pixels).all()


def test_the_centre_square_is_taken():
    wide = Image.new("RGB", (600, 200), "red")
    wide.paste("blue", (200, 0, 400, 200))
    assert decode(encoded(wide), 0)[125, [10, 240]].tolist() == [[0, 0, 255]] * 2


def test_a_cameras_rotation_is_applied():
    upright = Image.new("RGB", (250, 250), "white")
    upright.paste("black", (0, 0, 250, 125))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to the right
    turned = decode(encoded(upright, "JPEG", exif=exif), 0)
    assert turned[125, 20].mean() > 200 and turned[125, 230].mean() < 50


def test_sixteen_bits_and_transparency_are_neither_clipped_nor_black():
    grey = Image.fromarray(np.full((250, 250), 32768, "uint16"))
    assert abs(int(decode(encoded(grey), 60).mean()) - 128) <= 1
    assert decode(encoded(Image.new("RGBA", (250, 250), (0, 0, 0, 0))), 60).min() == 255


def test_a_picture_of_too_many_pixels_is_not_decoded():
    with pytest.raises((ValueError, Image.DecompressionBombError)):
        decode(encoded(Image.new("1", (20_000, 20_000))), 60)

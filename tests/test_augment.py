"""The data generator: the identity is the evaluation picture, seeds decide everything, each feature does what it says."""

import shutil

import numpy as np
import pytest

from reecho import augment, plain_augment, store
from reecho.augment import Ranges, batches, draws, generate, matrices
from reecho.copying import write
from reecho.data.resize import shrink
from reecho.dependencies import PACKAGE, Sources
from reecho.errors import ReechoError

CROPS = np.random.default_rng(0).integers(0, 256, (6, 130, 130, 3), dtype="uint8")
ALL = Ranges(20, 0.05, 0.05, 10, 0.2, 1.0, True)


@pytest.mark.parametrize("size", [32, 64])
def test_the_identity_warp_is_the_evaluation_picture(size):
    assert np.allclose(generate(CROPS, Ranges(), size), shrink(CROPS, size), atol=1e-5)


def test_seed_epoch_and_index_decide_everything():
    first = generate(CROPS, ALL, 32, seed=1, epoch=2)
    assert np.array_equal(first, generate(CROPS, ALL, 32, seed=1, epoch=2))
    assert np.allclose(first[[4, 1]], generate(CROPS, ALL, 32, seed=1, epoch=2, indices=np.array([4, 1])), atol=1e-6)
    for other in ({"seed": 2, "epoch": 2}, {"seed": 1, "epoch": 3}):
        assert np.abs(first - generate(CROPS, ALL, 32, **other)).mean() > 0.01


def test_a_flip_mirrors_exactly():
    flipped = generate(CROPS, Ranges(horizontal_flip=True), 32, seed=0)
    plain, mirrored = shrink(CROPS, 32), shrink(CROPS[:, :, ::-1], 32)
    same = [np.allclose(a, b, atol=1e-5) for a, b in zip(flipped, plain, strict=True)]
    turned = [np.allclose(a, b, atol=1e-5) for a, b in zip(flipped, mirrored, strict=True)]
    assert all(a != b for a, b in zip(same, turned, strict=True)) and any(same) and any(turned)


def test_a_shift_moves_by_its_share_of_the_width():
    affine = matrices(draws(200, 0, 0), Ranges(width_shift_range=0.1), 130).numpy()
    assert np.allclose(affine[:, [0, 4]], 1) and np.abs(affine[:, 2]).max() <= 13 and np.abs(affine[:, 2]).max() > 12
    assert np.allclose(affine[:, 5], 0, atol=1e-4)


def test_a_rotation_keeps_areas_and_the_centre_and_stays_in_range():
    affine = matrices(draws(200, 0, 0), Ranges(rotation_range=30), 130).numpy()
    a0, a1, a2, b0, b1, b2 = affine.T[:6]
    assert np.allclose(a0 * b1 - a1 * b0, 1, atol=1e-5)
    assert np.allclose(a0 * 64.5 + a1 * 64.5 + a2, 64.5, atol=1e-3) and np.allclose(b0 * 64.5 + b1 * 64.5 + b2, 64.5, atol=1e-3)
    assert 29 < np.rad2deg(np.arcsin(np.abs(b0))).max() <= 30.001


def test_new_pixels_are_filled_as_asked():
    white = np.full((1, 130, 130, 3), 255, "uint8")
    far = {"rotation_range": 45.0}
    assert np.allclose(generate(white, Ranges(**far, fill_mode="nearest"), 32), 1)
    assert np.allclose(generate(white, Ranges(**far, fill_mode="reflect"), 32), 1)
    assert generate(white, Ranges(**far, fill_mode="constant"), 32).min() < 0.01


def test_rescale_is_a_factor_on_the_intensities():
    assert np.allclose(generate(CROPS, Ranges(rescale=0.5), 32), 0.5 * shrink(CROPS, 32), atol=1e-5)


@pytest.mark.parametrize("ranges", [Ranges(horizontal_flip=True), ALL])
def test_batches_show_each_face_once_an_epoch_and_go_on_where_they_stopped(ranges):
    crops = np.stack([np.full((130, 130, 3), 40 * i, "uint8") for i in range(6)])
    faces, indices = shrink(crops, 32), np.arange(6)
    whole = [faces.numpy() for faces, _ in batches(crops, faces, indices, ranges, 2, 0, range(2))]
    assert len(whole) == 6 and whole[0].shape == (2, 32, 32, 3)
    levels = sorted(float(face.mean()) for batch in whole[:3] for face in batch)
    assert np.allclose(levels, np.arange(6) * 40 / 255, atol=1e-3)
    resumed = [faces.numpy() for faces, _ in batches(crops, faces, indices, ranges, 2, 0, range(1, 2))]
    assert np.allclose(whole[3:], resumed)


def test_noise_seeds_differ_from_batch_to_batch():
    faces = shrink(CROPS, 32)
    seeds = [tuple(seed.numpy()) for _, seed in batches(CROPS, faces, np.arange(6), Ranges(), 2, 0, range(3))]
    assert len(set(seeds)) == 9


def test_copies_go_to_a_new_folder_by_part_and_never_across_the_split(small_faces, tmp_path):
    count = write(small_faces, ALL, 2, tmp_path / "copies", seed=0)
    files = list((tmp_path / "copies").rglob("*.png"))
    assert len(files) == count == 2 * len(np.unique(small_faces.people))
    for part in ("train", "validation", "test"):
        people = {name.split("/")[0] for name in np.array(small_faces.names)[small_faces.indices(part)]}
        assert {path.name for path in (tmp_path / "copies" / part).iterdir()} == people


def test_copies_are_not_written_into_a_folder_that_is_there(small_faces, tmp_path):
    with pytest.raises(ReechoError, match="new folder"):
        write(small_faces, ALL, 1, tmp_path)


def test_each_feature_stands_alone_in_the_gallery():
    alone = ALL.one_at_a_time()
    assert list(alone) == ["rotation", "width shift", "height shift", "shear", "zoom", "horizontal flip"]
    assert alone["zoom"] == Ranges(zoom_range=0.2) and ALL.filled("constant").fill_mode == "constant"


def assert_same(ours, plain):
    """Equal but for the rounding of sums: in which order they are taken is the processor's affair."""
    assert ours.dtype == plain.dtype and ours.shape == plain.shape and np.abs(ours - plain).max() < 2**-21


@pytest.mark.parametrize("width, size", [(130, 32), (130, 64), (131, 32), (250, 48), (128, 64), (32, 32), (40, 32), (33, 16)])
def test_faces_are_those_of_the_plain_way(width, size):
    crops = np.random.default_rng(1).integers(0, 256, (70, width, width, 3), dtype="uint8")
    for ranges in (ALL, ALL.filled("reflect"), Ranges(zoom_range=0.3, rescale=0.9, fill_mode="constant"), Ranges()):
        assert_same(generate(crops, ranges, size, 1, 2), plain_augment.generate(crops, ranges, size, 1, 2))


@pytest.mark.parametrize("batch", [1, 7, 16, 33, 64])
@pytest.mark.parametrize("ranges", [Ranges(horizontal_flip=True), ALL])
def test_batches_are_those_of_the_plain_way(ranges, batch):
    crops = np.random.default_rng(2).integers(0, 256, (80, 130, 130, 3), dtype="uint8")
    chosen = np.arange(3, 73)
    faces = shrink(crops, 32, chosen)
    ours, plain = (way.batches(crops, faces, chosen, ranges, batch, 5, range(2, 4)) for way in (augment, plain_augment))
    assert ours.element_spec == plain.element_spec
    for (face, seed), (plain_face, plain_seed) in zip(ours, plain, strict=True):
        assert_same(face.numpy(), plain_face.numpy())
        assert np.array_equal(seed, plain_seed)


def test_too_few_faces_for_a_batch_give_none():
    assert not list(batches(CROPS, shrink(CROPS, 32), np.arange(6), ALL, 7, 0, range(3)))


def test_keys_name_the_plain_way_until_the_code_changes(tmp_path):
    """Where the plain code lies in the place of the faster, every module's code is what keys name today."""
    root = tmp_path / "reecho"
    shutil.copytree(PACKAGE, root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "plain_augment.py", root / "augment.py")
    lesson = ["reecho.training", "reecho.lessons"]
    assert store.Keyed().digest(lesson) == Sources(root).digest(lesson) != Sources().digest(lesson)
    changed = (PACKAGE / "augment.py").read_text(encoding="utf-8") + "\n_FURTHER = 1\n"
    (root / "augment.py").write_text(changed, encoding="utf-8")
    assert store.Keyed(root).digest(lesson) == Sources(root).digest(lesson)

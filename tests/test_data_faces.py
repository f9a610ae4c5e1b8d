"""Prepared once, whole or not there; people, parts and pictures agree; nothing depends on how the archive was packed."""

from __future__ import annotations

import errno
import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from packing import lfw_like, picture, tar, unpacked

from reecho.data import load, writing
from reecho.data.archive import TarArchive
from reecho.data.decoding import folder_names, lfw_names
from reecho.data.prepare import found_whole, load_prepared
from reecho.errors import ReechoError

REAL_LFW = os.environ.get("REECHO_LFW")  # before the tests take it away


@pytest.fixture(autouse=True)
def _no_lfw_of_a_person(monkeypatch):
    monkeypatch.delenv("REECHO_LFW", raising=False)


@pytest.fixture
def packed(tmp_path):
    return tar(tmp_path / "lfw.tgz", lfw_like(16, 2))


@pytest.fixture
def faces(tmp_path, packed):
    return load("lfw", lfw=packed, folder=tmp_path / "data")


def test_faces_know_who_they_show(faces):
    assert len(faces) == len(faces.names) == len(faces.crops) == len(faces.people) == len(faces.part) == 32
    assert faces.names == sorted(faces.names) and faces.names[0] == "Person_AA/Person_AA_0001"
    assert faces.people.tolist() == [number // 2 for number in range(32)]
    assert isinstance(faces.crops, np.memmap) and faces.crops.dtype == np.uint8 and faces.crops.shape == (32, 130, 130, 3)
    together = np.concatenate([faces.indices(part) for part in ("train", "validation", "test")])
    assert sorted(together) == list(range(32))
    assert (faces.people_of("test") == faces.people[faces.indices("test")]).all()


def test_pictures_lie_between_0_and_1_at_any_size(faces):
    small, large = faces.pictures("test"), faces.pictures(faces.indices("test")[:3], 64)
    assert small.shape == (len(faces.indices("test")), 32, 32, 3) and small.dtype == np.float32
    assert large.shape == (3, 64, 64, 3) and 0 <= large.min() <= large.max() <= 1
    assert small.mean() == pytest.approx(faces.crops[faces.indices("test")].mean() / 255, abs=1e-4)


def test_an_unknown_part_is_an_error(faces):
    with pytest.raises(ReechoError, match="no part 'training'"):
        faces.indices("training")


def test_the_eight_are_eight_held_out_people_and_always_the_same(faces, tmp_path, packed):
    eight = faces.eight()
    assert len(set(faces.people_of(eight))) == 8 and set(faces.part[eight]) == {"test"}
    assert (eight == load("lfw", lfw=packed, folder=tmp_path / "data", size=64).eight()).all()
    held_out = faces.indices("test")
    assert (held_out[faces.positions_of_eight(held_out)] == eight).all()
    assert (faces.positions_of_eight("test") == faces.positions_of_eight(held_out)).all()


def test_a_second_load_decodes_nothing(tmp_path, packed, monkeypatch):
    first = load("lfw", lfw=packed, folder=tmp_path / "data")
    monkeypatch.setattr(TarArchive, "members", lambda self: pytest.fail("the archive was read again"))
    again = load("lfw", lfw=packed, folder=tmp_path / "data", size=16, split_seed=4)
    assert (again.crops == first.crops).all() and again.digest != first.digest


def test_another_crop_is_prepared_beside(tmp_path, packed):
    faces = load("lfw", lfw=packed, folder=tmp_path / "data", crop=25)
    load("lfw", lfw=packed, folder=tmp_path / "data", crop=60)
    assert faces.crops.shape == (32, 200, 200, 3)
    assert len(list((tmp_path / "data" / "prepared").iterdir())) == 2


def test_a_changed_archive_is_prepared_anew(tmp_path, packed):
    first = load("lfw", lfw=packed, folder=tmp_path / "data")
    tar(packed, lfw_like(17, 2))
    assert len(load("lfw", lfw=packed, folder=tmp_path / "data")) == 34 != len(first)


def test_the_digest_changes_with_pixels_names_and_split(tmp_path):
    def digest(members, **changed):
        source = unpacked(tmp_path / f"source{len(list(tmp_path.iterdir()))}", members)
        return load("lfw", lfw=source, folder=tmp_path / "data", **changed).digest

    members = lfw_like(16, 2)
    repainted = members | {"lfw/Person_AA/Person_AA_0001.jpg": picture(99)}
    renamed = {name.replace("Person_AB", "Person_ZZ"): data for name, data in members.items()}
    digests = [digest(members), digest(repainted), digest(renamed), digest(members, split_seed=1)]
    assert len(set(digests)) == 4 and digest(members, size=64) == digests[0]


def test_grey_pictures_are_known(tmp_path):
    members = lfw_like(16, 1)
    members["lfw/Person_AC/Person_AC_0001.jpg"] = picture(1, mode="L")
    faces = load("lfw", lfw=tar(tmp_path / "lfw.tgz", members), folder=tmp_path / "data")
    assert [name for name, grey in zip(faces.names, faces.grey, strict=True) if grey] == ["Person_AC/Person_AC_0001"]


def test_a_picture_that_does_not_decode_is_skipped_counted_and_named(tmp_path):
    members = lfw_like(16, 2)
    good = load("lfw", lfw=tar(tmp_path / "good.tgz", members), folder=tmp_path / "data")
    bad = {"lfw/Person_AB/Person_AB_0001.jpg": b"not a picture", "lfw/Person_AH/Person_AH_0002.jpg": picture(3)[:400]}
    faces = load("lfw", lfw=tar(tmp_path / "bad.tgz", members | bad), folder=tmp_path / "data")
    assert [file for file, _ in faces.skipped] == sorted(bad) and all(why for _, why in faces.skipped)
    assert len(faces) == 30 and "Person_AB/Person_AB_0001" not in faces.names
    rows = [good.names.index(name) for name in faces.names]
    assert (faces.crops == good.crops[rows]).all()  # the others moved up, each with its own pixels


def test_too_many_pictures_that_do_not_decode_are_an_error(tmp_path):
    members = {name: b"not a picture" if i < 6 else data for i, (name, data) in enumerate(lfw_like(16, 2).items())}
    with pytest.raises(ReechoError, match=r"6 of 32 pictures of lfw\.tgz do not decode, such as lfw/Person_AA"):
        load("lfw", lfw=tar(tmp_path / "lfw.tgz", members), folder=tmp_path / "data")
    assert not list((tmp_path / "data" / "prepared").iterdir())


def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path, packed, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writing, "_close_gaps", full)
    with pytest.raises(ReechoError, match="disk is full"):
        load("lfw", lfw=packed, folder=tmp_path / "data")
    assert not list((tmp_path / "data" / "prepared").iterdir())


def test_an_interrupted_preparation_leaves_nothing(tmp_path, packed, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "is_grey", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load("lfw", lfw=packed, folder=tmp_path / "data")
    assert not list((tmp_path / "data" / "prepared").iterdir())


@pytest.mark.parametrize("file", ["crops.npy", "index.json"])
def test_a_damaged_prepared_folder_is_not_trusted(tmp_path, packed, file):
    first = load("lfw", lfw=packed, folder=tmp_path / "data")
    crops, digest = np.array(first.crops), first.digest
    del first
    (path,) = (tmp_path / "data" / "prepared").glob(f"*/{file}")
    path.write_bytes(path.read_bytes()[:-7])
    again = load("lfw", lfw=packed, folder=tmp_path / "data")
    assert again.digest == digest and (again.crops == crops).all()


def test_prepared_arrays_serve_without_their_source_if_they_are_whole(tmp_path, packed):
    load("lfw", lfw=packed, folder=tmp_path)
    packed.unlink()
    assert len(found_whole(tmp_path / "prepared", "lfw", 60, 32).names) == 32
    assert found_whole(tmp_path / "prepared", "lfw", 60, 13_233) is None
    assert found_whole(tmp_path / "prepared", "lfw", 0, 32) is None


def test_two_at_once_do_not_disturb_each_other(tmp_path, packed):
    """Whoever comes second finds the folder made and keeps it."""
    first = load("lfw", lfw=packed, folder=tmp_path / "data")
    (folder,) = (tmp_path / "data" / "prepared").iterdir()
    made = (folder / "index.json").stat().st_mtime_ns
    drawn = ((row, "", crop) for row, crop in enumerate(first.crops))
    again = writing.write(
        folder, "lfw", "lfw.tgz", first.names, 60, lambda path: writing.one_by_one(path, drawn, len(first), "lfw.tgz")
    )
    assert again.names == first.names and (folder / "index.json").stat().st_mtime_ns == made


def test_a_subset_has_fewer_pictures_of_whole_people(tmp_path, packed):
    whole = load("lfw", lfw=packed, folder=tmp_path / "data")
    part = load("lfw", lfw=packed, folder=tmp_path / "data", pictures=26)
    assert len(part) <= 26 and part.digest != whole.digest
    assert set(part.names) < set(whole.names)
    kept = dict(zip(whole.names, whole.part, strict=True))
    assert [kept[name] for name in part.names] == part.part.tolist()
    assert (part.crops == whole.crops[[whole.names.index(name) for name in part.names]]).all()
    assert part.people.max() + 1 == len(set(part.people)) and len(part.eight()) == 8
    for everything in (0, None, 32, 10_000):
        assert load("lfw", lfw=packed, folder=tmp_path / "data", pictures=everything).digest == whole.digest


def test_a_folder_of_ones_own_is_a_dataset(tmp_path):
    mine = {f"friend {n}/holiday {i}.png": picture(n * 3 + i, (300, 200), "PNG") for n in range(13) for i in range(2)}
    faces = load(str(unpacked(tmp_path / "friends", mine | {"notes.txt": b"no picture"})), folder=tmp_path / "data")
    assert faces.name == "friends" and faces.title == "Pictures of friends (26 pictures of 13 people)" and faces.banner is None
    assert len(faces) == 26 and faces.people.max() == 12 and faces.names[0] == "friend 0/holiday 0"


def test_in_a_flat_folder_every_picture_is_its_own_person(tmp_path):
    unpacked(tmp_path / "flat", {f"face{number}.jpg": picture(number) for number in range(15)})
    assert load(str(tmp_path / "flat"), folder=tmp_path / "data").people.max() == 14


def test_a_folder_without_pictures_or_with_too_few_people_is_an_error(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReechoError, match="holds no pictures"):
        load(str(tmp_path / "empty"), folder=tmp_path / "data")
    unpacked(tmp_path / "few", {f"{name}/{i}.jpg": picture(i) for name in "abc" for i in range(9)})
    with pytest.raises(ReechoError, match="too few people to split: 3 people"):
        load(str(tmp_path / "few"), folder=tmp_path / "data")


def test_names_of_a_folder_are_unique_and_its_wrapping_is_dropped():
    assert list(folder_names(["all/ada/1.png", "all/ada/1.jpg", "all/bob/deep/1.png"])) == ["ada/1", "ada/1.jpg", "bob/deep-1"]
    assert list(folder_names(["ada/1.png", "ada/2.png"])) == ["ada/1", "ada/2"]


def test_only_names_of_lfws_layout_are_lfws():
    assert lfw_names(["x/y/Ada_B/Ada_B_0001.jpg", "Ada_B/Bob_0001.jpg", "Ada_B_0001.jpg", "Ada_B/Ada_B_1.jpg"]) == {
        "Ada_B/Ada_B_0001": "x/y/Ada_B/Ada_B_0001.jpg"
    }


def test_the_index_is_plain_json(faces, tmp_path):
    (folder,) = (tmp_path / "data" / "prepared").iterdir()
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    assert index["names"] == faces.names and index["side"] == 130 and len(index["hashes"][0]) == 32
    assert load_prepared(folder).names == faces.names and load_prepared(Path("nowhere")) is None


@pytest.mark.slow
def test_the_real_lfw_has_the_numbers_that_are_known_of_it(tmp_path, real_lfw):
    faces = load("lfw", lfw=real_lfw, folder=tmp_path / "data")
    parts = Counter(faces.part.tolist())
    assert len(faces) == 13_233 and faces.people.max() + 1 == 5_749
    assert parts["train"] + parts["validation"] == 9_525 and parts["test"] == 3_706 and parts["left out"] == 2
    assert faces.grey.sum() == 46 and not faces.skipped
    assert faces.title == "Labeled Faces in the Wild (13,233 pictures of 5,749 people)"


@pytest.fixture
def real_lfw():
    if not REAL_LFW:
        pytest.skip("REECHO_LFW names no LFW")
    return REAL_LFW

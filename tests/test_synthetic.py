"""Synthetic faces: known factors that can be seen, the same for the same seed, varied, quick."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from reecho.data import drawing, load, synthetic, writing
from reecho.data.resize import shrink


@pytest.fixture(scope="module")
def factors():
    return synthetic.factors_of(120, 60, seed=1)


@pytest.fixture(scope="module")
def drawn(factors):
    return drawing.draw(factors)


def changed(factors, **values):
    """The first eight faces, looking straight ahead in even light, with some factors set."""
    first = {name: np.array(each[:8], float) for name, each in factors.items()}
    straight = dict.fromkeys(("shift_x", "shift_y", "tilt", "turn", "nod", "light", "noise", "glasses", "beard"), 0.0)
    for name, value in (straight | {"scale": 1.0, "hair_style": drawing.SHORT} | values).items():
        first[name] = np.broadcast_to(value, first[name].shape).astype(float)
    return drawing.draw(first).astype(float)


@pytest.mark.parametrize(("crop", "side"), [(60, 130), (0, 250), (100, 50)])
def test_faces_are_drawn_at_any_crop(factors, crop, side):
    assert drawing.draw({name: values[:3] for name, values in factors.items()}, crop).shape == (3, side, side, 3)


def test_a_wider_crop_shows_the_same_face_in_its_middle(factors):
    quiet = {name: values[:4] for name, values in factors.items()} | {"noise": np.zeros(4)}
    wide, narrow = drawing.draw(quiet, 40), drawing.draw(quiet, 60)
    assert np.abs(wide[:, 20:-20, 20:-20].astype(int) - narrow).max() <= 1


def test_a_picture_depends_on_its_factors_and_not_on_its_neighbours(factors, drawn):
    alone = [drawing.draw({name: values[i : i + 1] for name, values in factors.items()})[0] for i in range(12)]
    assert np.abs(np.stack(alone).astype(int) - drawn[:12]).max() <= 1


def test_the_same_seed_draws_the_same_and_another_seed_others(drawn):
    assert (drawing.draw(synthetic.factors_of(120, 60, seed=1)) == drawn).all()
    assert (drawing.draw(synthetic.factors_of(120, 60, seed=2)) != drawn).mean() > 0.5


def test_the_set_has_4000_pictures_of_1500_people_most_with_one(factors):
    person = synthetic.factors_of()["person"]
    counts = np.bincount(person)
    assert len(person) == 4000 and len(counts) == 1500 and (np.diff(person) >= 0).all()
    assert counts.min() == 1 and np.median(counts) <= 2 and counts.max() > 50
    names = synthetic.all_names()
    assert names == sorted(names) and len(set(names)) == 4000


def test_what_lasts_stays_with_the_person_and_the_rest_changes(factors):
    most = np.flatnonzero(factors["person"] == np.bincount(factors["person"]).argmax())
    assert len(most) > 3
    assert all(len(np.unique(factors[name][most], axis=0)) == 1 for name in ("skin", "hair", "hair_style", "eyes", "face_width"))
    assert all(len(np.unique(factors[name][most], axis=0)) == len(most) for name in ("turn", "background", "light", "smile"))


def test_each_factor_is_seen_where_it_belongs(factors):
    plain = changed(factors)
    forehead, cheek = (slice(None), slice(44, 50), slice(55, 75)), (slice(None), slice(75, 85), slice(38, 48))
    mouth = (slice(None), slice(85, 112), slice(40, 90))
    for name, value, place in (
        ("skin", (0.3, 0.2, 0.15), forehead),
        ("blush", 1.0, cheek),
        ("mouth_open", 1.0, mouth),
        ("glasses", 2.0, (slice(None), slice(45, 62), slice(30, 60))),
        ("hair", (0.9, 0.8, 0.2), (slice(None), slice(4, 12), slice(55, 75))),
        ("beard", 1.0, (slice(None), slice(112, 120), slice(50, 80))),
    ):
        difference = np.abs(changed(factors, **{name: np.array(value)}) - plain)
        assert difference[place].mean() > 4, name
        assert difference[place].mean() > 1.5 * difference.mean(), name


def test_the_background_is_behind_the_face(factors):
    red, green = (
        changed(factors, background=np.array(colour), background_other=np.array(colour)) for colour in ((0.8, 0, 0), (0, 0.8, 0))
    )
    difference = np.abs(red - green)
    assert difference[:, :15, :8].mean() > 50 and difference[:, 40:100, 45:85].max() == 0


def test_light_from_the_left_lights_the_left(factors):
    lit = changed(factors, light=0.7, light_x=-1.0, light_y=0.0, hair_style=drawing.BALD)
    assert (lit[:, 45:90, 25:55].mean((1, 2, 3)) > lit[:, 45:90, 75:105].mean((1, 2, 3)) + 15).all()


def test_a_shift_moves_the_face(factors):
    here, there = changed(factors, background_kind=0.0), changed(factors, background_kind=0.0, shift_x=10 / 65)
    face = np.abs(here[:, 40:100, 35:85] - there[:, 40:100, 45:95]).mean()
    assert face < 0.3 * np.abs(here[:, 40:100, 35:85] - there[:, 40:100, 35:85]).mean()


def test_faces_are_as_varied_in_light_and_colour_as_photographs(drawn):
    small = shrink(drawn, 32)
    assert 0.3 < small.mean() < 0.6
    assert small.mean((1, 2, 3)).std() > 0.08  # LFW: .09
    assert (small - small.mean(0)).std() > 0.15  # LFW: .20
    assert small.std((1, 2)).mean() > 0.12
    assert len({picture.tobytes() for picture in drawn}) == len(drawn)


def test_synthetic_faces_load_with_their_factors(small_faces):
    assert small_faces.name == "synthetic" and small_faces.banner is None and len(small_faces) == 360
    assert small_faces.factors["skin"].shape == (360, 3)
    numbers = [int(name[6:10]) - 1 for name in small_faces.names]
    assert (small_faces.factors["person"] == numbers).all()
    assert len(np.unique(small_faces.people_of("test"))) >= 8 and not small_faces.grey.any()


def test_a_part_of_the_synthetic_faces_is_what_the_whole_has(tmp_path):
    part = load("synthetic", folder=tmp_path, pictures=40)
    factors = synthetic.factors_of()
    names = synthetic.all_names()
    rows = [names.index(name) for name in part.names]
    assert (part.crops == drawing.draw({name: values[rows] for name, values in factors.items()})).all()
    assert load("synthetic", folder=tmp_path, pictures=40, split_seed=1).names != part.names


def test_faces_are_the_same_in_whatever_chunks_they_are_drawn(tmp_path, factors, drawn):
    whole = np.stack(list(synthetic.draw_all(factors)))
    written = {}
    for chunk in (16, 48):
        path = tmp_path / f"{chunk}.npy"
        path.touch()
        written[chunk] = synthetic.draw_into(path, factors, 60, "faces", chunk)
        assert path.read_bytes()[writing.HEADER :] == whole.tobytes()
    assert written[16] == written[48] and len(written[16].pixels.hashes) == 120 and not written[16].failed


def test_more_faces_than_the_set_has_are_drawn_where_more_are_wanted(tmp_path, monkeypatch):
    monkeypatch.setattr(synthetic, "PICTURES", 40)
    monkeypatch.setattr(synthetic, "PEOPLE", 20)
    more = load("synthetic", folder=tmp_path, pictures=64)
    assert len(more) == 64 and more.people.max() + 1 == 32 and more.names == sorted(more.names)
    assert (more.crops == np.stack(list(synthetic.draw_all(synthetic.factors_of(64, 32))))).all()
    assert (more.factors["turn"] == synthetic.factors_of(64, 32)["turn"].round(6)).all() and len(more.factors) == 57
    assert load("synthetic", folder=tmp_path, pictures=64).digest == more.digest
    assert len(load("synthetic", folder=tmp_path)) == 40


def test_names_of_many_people_are_sorted():
    names = synthetic.names_of(np.repeat([0, 9_998, 9_999, 74_999], [12_000, 1, 1, 1]))
    assert names == sorted(names) and names[0] == "Drawn_00001/Drawn_00001_00001"


def test_the_set_is_what_it_was():
    """The digest of the first 64 pictures as they have been since 0.1."""
    factors = {name: values[:64] for name, values in synthetic.factors_of().items()}
    pixels = hashlib.sha256(b"".join(picture.tobytes() for picture in synthetic.draw_all(factors))).hexdigest()
    assert pixels[:16] == "7dd7645b1fad4092"

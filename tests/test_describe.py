"""The split's table counts every face once; energy of gradients has known values."""

from types import SimpleNamespace

import numpy as np

from reecho import data


def test_the_splits_table_counts_every_face_once(small_faces):
    rows = data.split_rows(small_faces)
    assert [row["part"] for row in rows] == ["train", "validation", "test"]
    assert sum(row["pictures"] for row in rows) == len(small_faces)
    assert sum(row["people"] for row in rows) == len(np.unique(small_faces.people))


def test_gradient_energy_of_stripes_is_one_and_sampling_adds_to_it(small_faces):
    stripes = np.zeros((1, 8, 8, 3))
    stripes[:, ::2] = 1
    assert data.gradient_energy(stripes) == 1
    crops = small_faces.crops[:16]
    assert data.gradient_energy(data.sampled_without_area(crops, 32)) > data.gradient_energy(small_faces.pictures(np.arange(16)))


class Four(SimpleNamespace):
    """What stands for four pictures."""

    def __len__(self):
        return 4


def test_what_a_division_of_pictures_would_show_is_reckoned_from_the_people(small_faces):
    four = Four(people=np.arange(4), indices=lambda part: np.arange(2 if part == "train" else 1))
    assert "about 0 % of the test pictures" in data.division_in_words(four)
    four.people = np.array([0, 0, 1, 1])  # of two pictures of a person, half of the others are in train
    assert "None of the 1 test pictures" in data.division_in_words(four)
    assert "about 50 % of the test pictures" in data.division_in_words(four)
    assert data.missing_in_words(small_faces) == ""
    assert data.missing_in_words(SimpleNamespace(name="lfw")).startswith("Who is *not* in LFW")


def test_the_sentence_about_the_split_counts_what_its_table_counts(small_faces):
    text = data.split_in_words(small_faces)
    for row in data.split_rows(small_faces):
        assert f"{row['pictures']:,} pictures of **{row['people']:,} {row['part']} people**" in text
    assert f"of the {len(small_faces):,} pictures are grey" in data.counts_in_words(small_faces)

"""The split's table counts every face once; energy of gradients has known values."""

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


def test_the_sentence_about_the_split_counts_what_its_table_counts(small_faces):
    text = data.split_in_words(small_faces)
    for row in data.split_rows(small_faces):
        assert f"{row['pictures']:,} pictures of **{row['people']:,} {row['part']} people**" in text
    assert f"of the {len(small_faces):,} pictures are grey" in data.counts_in_words(small_faces)

"""Intervals draw people, not pictures."""

import numpy as np
import pytest

from reecho import metrics
from reecho.errors import ReechoError
from reecho.metrics import bootstrap_interval


def test_the_interval_of_one_pictures_people_is_that_of_the_standard_error():
    values = np.random.default_rng(0).standard_normal(1000)
    low, high = bootstrap_interval(values, np.arange(1000))
    assert low < values.mean() < high
    assert (high - low) / 2 == pytest.approx(1.96 * values.std() / 1000**0.5, rel=0.1)


def test_ten_copies_of_each_picture_make_nothing_surer():
    values, people = np.random.default_rng(0).standard_normal(200), np.arange(200)
    assert bootstrap_interval(values.repeat(10), people.repeat(10)) == pytest.approx(bootstrap_interval(values, people))


def test_values_without_spread_have_an_interval_without_width():
    assert bootstrap_interval(np.full(9, 2.0), np.arange(9) // 3) == pytest.approx((2, 2))


def test_several_values_a_picture_get_the_intervals_they_would_get_alone():
    values, people = np.random.default_rng(0).random((50, 3)), np.array([f"Person {i % 20}" for i in range(50)])
    low, high = bootstrap_interval(values, people)
    assert low.shape == high.shape == (3,)
    assert bootstrap_interval(values[:, 1], people) == pytest.approx((low[1], high[1]))


def test_weights_make_it_a_ratio_of_sums():
    rng = np.random.default_rng(0)
    weights = rng.random(300) + 0.5
    assert bootstrap_interval(3 * weights, np.arange(300), weights=weights) == pytest.approx((3, 3))


def test_the_same_seed_gives_the_same_interval_another_one_another():
    values, people = np.random.default_rng(0).random(40), np.arange(40) // 2
    assert bootstrap_interval(values, people, seed=1) == bootstrap_interval(values, people, seed=1)
    assert bootstrap_interval(values, people, seed=1) != bootstrap_interval(values, people, seed=2)


def test_values_without_people_are_refused():
    for values, people in ((np.ones(3), np.ones(2)), (np.ones(0), np.ones(0))):
        with pytest.raises(ReechoError, match="one person for each value"):
            bootstrap_interval(values, people)


def test_the_spread_over_seeds_is_there_for_more_than_one_seed():
    faces = np.random.default_rng(0).random((6, 16, 16, 3)).astype("float32")
    assert metrics.over_seeds(faces * 0.9, [], faces) == {}
    spread = metrics.over_seeds(faces * 0.9, [faces * 0.8], faces)
    means = [metrics.psnr(faces * factor, faces).mean() for factor in (0.9, 0.8)]
    assert spread == {"seeds_sd_db": pytest.approx(np.std(means, ddof=1))}

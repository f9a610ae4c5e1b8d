"""What mixing and walking do to the length of codes."""

import numpy as np
import pytest

from reecho import latent
from reecho.errors import ReechoError


@pytest.fixture(scope="module")
def codes():
    return latent.sample(64, 1024, seed=0), latent.sample(64, 1024, seed=1)


def length(z):
    return np.linalg.norm(z, axis=-1).mean()


@pytest.mark.parametrize(("how", "factor"), [("sum", 2**0.5), ("mean", 0.5**0.5), ("norm-keeping", 1)])
def test_a_mix_is_as_long_as_quality_says(how, factor, codes):
    assert length(latent.mix(*codes, how)) == pytest.approx(factor * length(codes[0]), rel=0.02)


def test_a_code_mixed_with_itself_is_itself_in_the_mean_alone(codes):
    assert latent.mix(codes[0], codes[0], "mean") == pytest.approx(codes[0])
    assert latent.mix(codes[0], codes[0], "sum") == pytest.approx(2 * codes[0])


def test_an_unknown_mix_is_refused_with_what_there_is(codes):
    with pytest.raises(ReechoError, match="sum, mean, norm-keeping"):
        latent.mix(*codes, "average")


@pytest.mark.parametrize("walk", [latent.lerp, latent.slerp])
def test_a_walk_begins_and_ends_where_it_should(walk, codes):
    assert walk(*codes, 0) == pytest.approx(codes[0], abs=1e-5)
    assert walk(*codes, 1) == pytest.approx(codes[1], abs=1e-5)


def test_half_way_the_line_is_short_and_the_arc_is_not(codes):
    assert length(latent.lerp(*codes, 0.5)) == pytest.approx(0.5**0.5 * length(codes[0]), rel=0.02)
    assert length(latent.slerp(*codes, 0.5)) == pytest.approx(length(codes[0]), rel=0.02)


def test_the_arc_goes_by_equal_angles_between_known_codes():
    found = latent.slerp(np.array([[1.0, 0.0]]), np.array([[0.0, 3.0]]), 1 / 3)
    assert found == pytest.approx(np.array([[np.cos(np.pi / 6), np.sin(np.pi / 6)]]) * (1 + 2 / 3))


@pytest.mark.parametrize("factor", [1.0, 2.0, -1.0, 0.0])
def test_the_arc_is_finite_between_codes_on_one_line(factor):
    z = np.array([[1.0, 2.0, 2.0]])
    assert latent.slerp(z, factor * z, 0.5) == pytest.approx(latent.lerp(z, factor * z, 0.5))


def test_many_steps_of_a_walk_fit_in_one_call(codes):
    steps = np.linspace(0, 1, 64)[:, None]
    assert latent.slerp(*codes, steps)[0] == pytest.approx(codes[0][0], abs=1e-5)
    assert latent.slerp(*codes, steps).dtype == np.float32


def test_samples_are_standard_normal_and_the_same_for_the_same_seed():
    drawn = latent.sample(500, 64, seed=2)
    assert drawn.dtype == np.float32 and abs(drawn.mean()) < 0.02 and drawn.std() == pytest.approx(1, abs=0.02)
    assert (drawn == latent.sample(500, 64, seed=2)).all()
    assert (drawn != latent.sample(500, 64, seed=3)).any()


def test_pairs_show_two_different_people_and_one_person_alone_is_refused():
    people = np.random.default_rng(0).integers(0, 3, 200)
    first, second = latent.pairs(people, 150, seed=1)
    assert len(first) == len(np.unique(first)) == 150 and (people[first] != people[second]).all()
    with pytest.raises(ReechoError, match="at least two people"):
        latent.pairs(np.zeros(5, int), 2)

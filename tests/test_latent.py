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


@pytest.mark.parametrize("degrees", [0, 20, 45, 70, 90])
def test_turning_keeps_mean_and_variance_of_each_axis_at_any_angle(degrees, codes):
    scale, centre = np.linspace(0.1, 2, 1024), np.linspace(-3, 3, 1024)
    one, other = (np.random.default_rng(seed).standard_normal((4000, 1024)) * scale + centre for seed in (0, 1))
    turned = latent.turn(one, other, degrees, centre)
    assert np.abs((turned.mean(axis=0) - centre) / scale).max() < 0.08
    assert turned.std(axis=0) / scale == pytest.approx(np.ones(1024), abs=0.06)


def test_turning_by_45_degrees_about_the_origin_is_the_norm_keeping_mix(codes):
    assert latent.turn(*codes, 45) == pytest.approx(latent.mix(*codes, "norm-keeping"), abs=1e-6)
    assert latent.turn(*codes, 0) == pytest.approx(codes[0]) and latent.turn(*codes, 30).dtype == np.float32


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


def test_a_posterior_draw_has_the_posteriors_mean_and_spread(codes):
    means, log_variances = np.full((4000, 3), 2.0, "float32"), np.log(np.array([0.01, 1.0, 4.0], "float32"))
    drawn = latent.posterior_draw(means, log_variances, seed=1)
    assert drawn.mean(axis=0) == pytest.approx([2, 2, 2], abs=0.1) and drawn.std(axis=0) == pytest.approx([0.1, 1, 2], rel=0.05)
    assert (latent.posterior_draw(means, log_variances, temperature=0) == means).all()


@pytest.fixture(scope="module")
def two_heaps():
    """3,000 codes of 6 axes in two heaps along the first, of other widths, with the second and the third axis in step."""
    rng = np.random.default_rng(0)
    codes = rng.standard_normal((3000, 6)) * np.array([0.5, 1, 1, 1, 0.2, 0])
    codes[:, 2] += codes[:, 1]
    codes[:1000, 0] -= 4
    codes[1000:, 0] += 2
    codes[:1000, 3] *= 0.1
    return codes + 7


@pytest.mark.parametrize("kind", latent.DENSITIES)
def test_draws_have_the_mean_and_variances_of_the_codes_and_the_posteriors(kind, two_heaps):
    density = latent.CodeDensity.fit(two_heaps, np.full((3000, 6), np.log(0.25)), kind, components=2, leading=3)
    drawn, bare = density.draw(20000, seed=1), density.draw(20000, seed=1, noisy=False)
    assert drawn.dtype == np.float32 and drawn.mean(axis=0) == pytest.approx(two_heaps.mean(axis=0), abs=0.1)
    assert bare.var(axis=0) == pytest.approx(two_heaps.var(axis=0), rel=0.06, abs=0.01)
    assert drawn.var(axis=0) == pytest.approx(two_heaps.var(axis=0) + 0.25, rel=0.06, abs=0.01)


def test_each_density_knows_what_it_should(two_heaps):
    sharp = np.full((3000, 6), -30.0)
    drawn = {kind: latent.CodeDensity.fit(two_heaps, sharp, kind, 2, 3).draw(6000) - 7 for kind in latent.DENSITIES}
    in_step = {kind: np.corrcoef(z[:, 1], z[:, 2])[0, 1] for kind, z in drawn.items()}
    assert abs(in_step["diagonal"]) < 0.05 and in_step["full"] > 0.65 and in_step["mixture"] > 0.65
    between = {kind: (np.abs(z[:, 0] + 1) < 1).mean() for kind, z in drawn.items()}  # where no code lies
    assert between["mixture"] < 0.02 < 0.15 < min(between["full"], between["diagonal"])
    narrow = drawn["mixture"][:, 0] < -1
    assert narrow.mean() == pytest.approx(1 / 3, abs=0.03) and drawn["mixture"][narrow, 3].std() < 0.2


@pytest.mark.parametrize("kind", latent.DENSITIES)
def test_a_lower_temperature_draws_tamer_codes_and_a_seed_the_same(kind, two_heaps):
    density = latent.CodeDensity.fit(two_heaps, np.zeros((3000, 6)), kind, 2, 3)
    spread = [density.draw(4000, 3, temperature)[:, 1:].var() for temperature in (0.5, 0.8, 1.0)]
    assert spread[0] < spread[1] < spread[2]
    assert (density.draw(5, 3) == density.draw(5, 3)).all() and (density.draw(5, 3) != density.draw(5, 4)).any()


def test_few_codes_get_few_components_and_one_is_refused(two_heaps):
    assert len(latent.CodeDensity.fit(two_heaps[:45], np.zeros((45, 6)), "mixture").weights) == 2
    with pytest.raises(ReechoError, match="diagonal, full, mixture"):
        latent.CodeDensity.fit(two_heaps, two_heaps, "kernel")
    with pytest.raises(ReechoError, match="at least 2 codes"):
        latent.CodeDensity.fit(two_heaps[:1], two_heaps[:1])


def test_pairs_show_two_different_people_and_one_person_alone_is_refused():
    people = np.random.default_rng(0).integers(0, 3, 200)
    first, second = latent.pairs(people, 150, seed=1)
    assert len(first) == len(np.unique(first)) == 150 and (people[first] != people[second]).all()
    with pytest.raises(ReechoError, match="at least two people"):
        latent.pairs(np.zeros(5, int), 2)

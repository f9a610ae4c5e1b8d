"""The learnt prior: what it starts as, what it learns, and that it can be followed in both directions."""

import numpy as np
import pytest

from reecho import latent
from reecho.errors import ReechoError
from reecho.latent import flow, velocity
from reecho.once import directly

STEPS = 400


@pytest.fixture
def few_draws(monkeypatch):
    """The flow's mean from fewer draws, where it does not matter how good it is."""
    monkeypatch.setattr(flow, "_DRAWS", 64)


def two_clouds(n, seed):
    """Codes of two axes in two clouds, and one axis of noise alone."""
    rng = np.random.default_rng(seed)
    side = rng.choice([-1.0, 1.0], n)
    clouds = np.stack([2 * side, side + 1, np.zeros(n)], axis=1)
    return (clouds + 0.2 * rng.standard_normal((n, 3))).astype("float32")


def distance(codes, others):
    """Energy distance of two sets: 0 where they come from one distribution."""
    between, within, theirs = (
        np.linalg.norm(a[:, None] - b[None], axis=-1).mean() for a, b in ((codes, others), (codes, codes), (others, others))
    )
    return 2 * between - within - theirs


@pytest.fixture(scope="module")
def codes():
    return two_clouds(2000, 0)


@pytest.fixture(scope="module")
def learnt(codes):
    return flow.CodeFlow.fit(codes, None, STEPS, seed=1, components=1)


def test_it_fits_two_clouds_better_than_a_gaussian(codes, learnt):
    real = two_clouds(1000, 5)
    gaussian = latent.CodeDensity.fit(codes, np.full_like(codes, -20), "full").draw(1000)
    assert distance(learnt.draw(1000), real) < distance(gaussian, real) / 4
    assert (np.abs(learnt.draw(1000)[:, 0]) < 0.7).mean() < 0.1 < (np.abs(gaussian[:, 0]) < 0.7).mean()


def test_untrained_it_is_the_mixture_that_was_fitted_and_of_one_component_the_gaussian(codes):
    drawn, gaussian = (flow.CodeFlow.fit(codes, None, 0, components=count).draw(20_000, 3, spread=1.0) for count in (10, 1))
    for of in (drawn, gaussian):
        assert np.cov(of.T) == pytest.approx(np.cov(codes.T), abs=0.1) and of.dtype == np.float32
        assert of.mean(axis=0) == pytest.approx(codes.mean(axis=0), abs=0.08)
    real = two_clouds(1000, 5)
    assert distance(drawn[:1000], real) < distance(gaussian[:1000], real) / 4


def test_draws_lie_further_from_the_mean_code_by_the_spread(learnt):
    narrow, wide = learnt.draw(50, spread=1.0), learnt.draw(50)
    assert wide - learnt.centre == pytest.approx(flow.SPREAD * (narrow - learnt.centre), abs=1e-5)


def test_the_mean_of_the_flow_is_taken_off(codes):
    three = flow.CodeFlow.fit(codes, None, 3, components=1)
    assert three.draw(20_000, spread=1.0).mean(axis=0) == pytest.approx(codes.mean(axis=0), abs=0.05)


@pytest.mark.parametrize("leading", [1, 3])
def test_the_velocity_of_the_mixture_is_the_mean_of_many_arcs(leading):
    rng = np.random.default_rng(0)
    factor = np.linalg.qr(rng.standard_normal((leading, leading)))[0].astype("float32")
    means, variances = np.array([[1, 0, 0], [-1, 0.5, 0]], "float32"), np.array([[0.3, 0.5, 1], [0.2, 2, 1]], "float32")
    start = velocity.Start(np.array([0.3, 0.7], "float32"), means, variances, np.stack([factor, factor]))
    of, angle = rng.choice(2, 400_000, p=[0.3, 0.7]), 0.8
    along = rng.standard_normal((len(of), 3)) * np.sqrt(variances[of])
    codes = means[of] + np.concatenate([along[:, :leading] @ factor.T, along[:, leading:]], axis=1)
    noise = rng.standard_normal(codes.shape)
    places, moved = np.cos(angle) * noise + np.sin(angle) * codes, np.cos(angle) * codes - np.sin(angle) * noise
    said = np.asarray(start.velocity(places.astype("float32"), np.full((len(places), 1), angle, "float32")))
    functions = np.ones(len(of)), *places.T, *np.sin(3 * places).T, *np.cos(2 * places).T
    for function in functions:  # what is left over has nothing to do with the place
        assert (function[:, None] * (moved - said)).mean(axis=0) == pytest.approx(np.zeros(3), abs=0.01)


def test_the_noise_of_the_posterior_is_learnt_with_the_codes(codes):
    log_variances = np.full_like(codes, np.log(0.25))
    drawn = flow.CodeFlow.fit(codes, log_variances, 0).draw(20_000, spread=1.0)
    # 8 % too little was measured; what of it is chance is open
    assert drawn.var(axis=0) == pytest.approx(codes.var(axis=0) + 0.25, rel=0.12)


def test_it_leads_back_from_codes_to_the_noise_they_came_from(learnt):
    noise = np.random.default_rng(2).standard_normal((50, 3)).astype("float32")
    assert np.median(np.abs(learnt.noise_of(learnt.codes_of(noise)) - noise)) < 0.02


def test_the_axes_that_tell_nothing_are_left_a_gaussian(codes):
    some = flow.CodeFlow.fit(codes, np.full_like(codes, np.log(0.1)), 0, most_axes=2)
    assert sorted(some.axes) == [0, 1]
    assert some.draw(20_000, spread=1.0)[:, 2].std() == pytest.approx(np.hypot(codes[:, 2].std(), 0.1**0.5), rel=0.05)


def test_the_same_seed_gives_the_same_bits(codes, few_draws):
    one, again, another = (flow.CodeFlow.fit(codes, None, 5, seed).draw(9) for seed in (0, 0, 1))
    assert (one == again).all() and (one != another).any()


def test_what_was_trained_before_is_not_trained_again(codes, few_draws):
    stored = {}

    def once(compute, *arguments, code=()):
        if compute not in stored:
            stored[compute] = compute(*arguments)
        return stored[compute]

    first = flow.CodeFlow.fit(codes, None, 3, once=once).draw(4)
    assert velocity.trained in stored and len(stored) == 3
    stored[velocity.trained] = tuple(np.zeros_like(weight) for weight in stored[velocity.trained])
    del stored[flow._shift]
    untrained = flow.CodeFlow.fit(codes, None, 3, once=once).draw(4)
    mixture = flow.CodeFlow.fit(codes, None, 0, once=directly).draw(4)
    assert (untrained != first).any() and untrained == pytest.approx(mixture, abs=1e-4)


def test_a_single_code_is_refused():
    with pytest.raises(ReechoError, match="at least 2 codes"):
        flow.CodeFlow.fit(np.zeros((1, 3), "float32"), None, 1)

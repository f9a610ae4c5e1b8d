"""New faces: mixes, the learnt prior, texture, and how near they lie to train pictures."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from reecho import evaluation, metrics
from reecho.evaluation.new_faces import mix_of
from reecho.methods import REAL, network
from reecho.once import directly
from reecho.results import Row

REFERENCE, ANCHORED = network("reference"), network("anchored", weight=340_000)


def test_mixes_are_of_means_and_of_draws_and_the_sum_is_the_sum():
    rng = np.random.default_rng(0)
    first, second, third, fourth = rng.standard_normal((4, 50, 8)).astype("float32")
    codes = evaluation.mixed_codes(REFERENCE, (first, second), (third, fourth), np.zeros(8, "float32"))
    assert codes[mix_of(REFERENCE, "sum", "mean")] == pytest.approx(first + second)
    assert codes[mix_of(REFERENCE, "average", "draw")] == pytest.approx((third + fourth) / 2)
    assert codes[mix_of(REFERENCE, "variance_keeping", "draw")].std() == pytest.approx(third.std(), rel=0.1)
    faces = {method: rng.random((50, 8, 8, 3)) for method in codes}
    rows = [Row("generation", 8, method, 50, {"contrast": float(metrics.contrast(made).mean())}) for method, made in faces.items()]
    lines = evaluation.mixed_norms(codes, rows, third)
    norms = {line["mix"]: line["norm"] for line in lines}
    assert norms["sum of two draws"] == pytest.approx(2**0.5, rel=0.1) and norms["mean of two draws"] == pytest.approx(0.7, rel=0.1)


def test_copies_of_train_pictures_are_nearer_than_real_people():
    rng = np.random.default_rng(0)
    train, real = rng.random((2, 40, 8, 8, 3)).astype("float32")
    copied = REFERENCE.varied(faces="prior")
    nearness = evaluation.near_to_train({copied: train[:10]}, real, train)
    assert nearness.share[copied] == 100 and nearness.median[copied] < 1e-6 < nearness.median[REAL]
    assert [line["method"] for line in nearness.rows()] == ["real, other people", "reference, samples of N(0, I)"]


class Decoder:
    """What stands for a network whose codes are pictures of 8 × 8 pixels."""

    model = SimpleNamespace(variational=True)
    once = staticmethod(directly)

    def encode(self, faces):
        codes = faces.reshape(len(faces), -1)
        return codes, np.full_like(codes, -4.0)

    def decode(self, z):
        return np.clip(z.reshape(-1, 8, 8, 3), 0, 1)


def test_the_learnt_prior_stands_beside_the_densities_that_were_fitted_to_the_same_codes():
    train = np.random.default_rng(0).random((60, 8, 8, 3)).astype("float32")
    codes, log_variances = Decoder().encode(train)
    prior = evaluation.learnt_prior(Decoder(), codes, log_variances, 2, seed=0)
    sets = evaluation.sampled_beside_learnt(ANCHORED, Decoder(), codes, log_variances, prior, 12, seed=0)
    assert [method.setting("faces") for method in sets] == ["prior", "gaussian", "mixture", "learnt"]
    assert all(faces.shape == (12, 8, 8, 3) for faces in sets.values())
    mixes = evaluation.mixed_beside_learnt(ANCHORED, (codes[:9], codes[9:18]), codes.mean(axis=0), prior)
    assert [method.setting("faces") for method in mixes] == ["variance_keeping", "through_prior"]
    again = evaluation.mixed_beside_learnt(ANCHORED, (codes[:9], codes[9:18]), codes.mean(axis=0), prior)
    assert all((again[method] == z).all() for method, z in mixes.items())


class Blind(Decoder):
    """Decodes every code to one grey."""

    def decode(self, z):
        return np.full((len(z), 8, 8, 3), 0.5, "float32")


def test_texture_has_the_covariance_of_what_the_decoder_leaves_out_of_the_nearest_train_faces():
    noise, network = np.random.default_rng(0), Blind()
    train = np.full((40, 8, 8, 3), 0.5, "float32")
    train[:20, :, :4] += noise.choice([-0.1, 0.1], (20, 8, 4, 3))  # detail at the left
    train[20:] = train[20:] + 0.3 + noise.normal(0, 0.01, (20, 8, 8, 3))  # bright faces, far from grey ones
    codes, log_variances = network.encode(train)
    grey = network.decode(codes[:30])
    textured = evaluation.with_texture(grey, network, train, codes, log_variances, seed=0)
    added = textured - grey
    assert textured.dtype == np.float32 and added[:, :, 4:].any() == 0, "Only the nearest faces count, and where they differ."
    assert np.isclose(added[:, :, :4].std(), 0.1, rtol=0.1) and abs(added.mean()) < 0.01
    assert (textured == evaluation.with_texture(grey, network, train, codes, log_variances, seed=0)).all()
    assert (textured != evaluation.with_texture(grey, network, train, codes, log_variances, seed=1)).any()
    assert (grey == 0.5).all(), "The faces that were given stay as they are."
    few = evaluation.with_texture(grey, network, train[:2], codes[:2], log_variances[:2], seed=0)  # fewer than neighbours
    assert few.min() >= 0 and few.max() <= 1
    assert evaluation.textured_of(ANCHORED.varied(faces="learnt")) == ANCHORED.varied(faces="learnt_textured")


def rows_of_learnt(hog=30.0, recall=0.3):
    numbers = {
        "kid_pca64": 3.0, "kid_random_conv": 90.0, "hog_precision": 0.4, "log10_power": -0.2, "blur_px": 0.25, "contrast": 0.18
    }  # fmt: skip
    kinds = {
        ANCHORED.varied(faces="learnt"): (hog, recall), ANCHORED.varied(faces="mixture"): (50.0, 0.2),
        REFERENCE.varied(faces="prior"): (65.0, 0.2), mix_of(ANCHORED, "reconstruction", "draw"): (10.0, 0.3),
        mix_of(ANCHORED, "variance_keeping", "draw"): (20.0, 0.3), mix_of(ANCHORED, "through_prior", "draw"): (21.0, 0.3),
    }  # fmt: skip
    return [
        Row("generation", 32, method, 9, numbers | {"kid_hog": kid, "hog_recall": share}) for method, (kid, share) in kinds.items()
    ]


def test_the_learnt_prior_is_told_beside_the_mixture_by_the_numbers_of_their_rows():
    near = evaluation.near_to_train({ANCHORED.varied(faces="learnt"): np.ones((4, 8, 8, 3))}, *np.zeros((2, 5, 8, 8, 3)))
    better, worse = (evaluation.learnt_in_words(rows_of_learnt(hog), ANCHORED, near) for hog in (30.0, 70.0))
    assert (
        "**1 of 3 measures of distance**" in better
        and "does not beat the mixture" in better
        and "gradients 30 against 50" in better
        and "0.300 against 0.200" in better
    )
    assert "**none of 3 measures of distance**" in worse and "gradients 70 against 50" in worse
    caption = evaluation.sharpness_in_words(rows_of_learnt(), REFERENCE, ANCHORED)
    assert 'samples of N(0, I) of the network "reference" are as soft as real faces under a blur of 0.25 pixels' in caption


def test_the_recall_of_the_learnt_prior_is_set_against_the_mixtures():
    rows = evaluation.with_recall_gain(rows_of_learnt(recall=0.25), ANCHORED)
    assert [row.get("recall_gain") for row in rows] == [pytest.approx(0.05), *[None] * 5]

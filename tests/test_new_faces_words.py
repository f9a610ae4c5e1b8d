"""Sentences of notebook 05: each count and each verdict follows from the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_words import with_numbers

from reecho import evaluation, scoring, titles
from reecho.evaluation import shells
from reecho.evaluation.new_faces import KIDS, mix_of
from reecho.methods import PIXEL_MEAN, REAL, baseline, network

REFERENCE, ANCHORED = network("reference"), network("anchored")

NORMS = [
    {"mix": titles.of_new_faces(mix_of(REFERENCE, way, "draw")), "norm": norm}
    for way, norm in (("sum", 1.41), ("average", 0.71), ("variance_keeping", 1.004))
]


def row(method, **numbers):
    return scoring.Row("generation", 32, method, 9, numbers)


def of_new_faces(mix=50.0, learnt=40.0, mixture=45.0, half=3.0):
    values = {
        REAL: 1.0, mix_of(REFERENCE, "sum", "draw"): 84.0, mix_of(REFERENCE, "average", "draw"): 180.0,
        mix_of(REFERENCE, "variance_keeping", "draw"): mix, mix_of(REFERENCE, "variance_keeping", "mean"): 87.0,
        REFERENCE.varied(faces="prior"): 65.0, mix_of(REFERENCE, "reconstruction", "draw"): 42.0,
        PIXEL_MEAN: 56.0, ANCHORED.varied(faces="mixture"): mixture,
        ANCHORED.varied(faces="learnt"): learnt, mix_of(ANCHORED, "reconstruction", "draw"): 10.0,
        mix_of(ANCHORED, "variance_keeping", "draw"): 20.0, mix_of(ANCHORED, "through_prior", "draw"): 21.0,
    }  # fmt: skip
    rest = {"hog_precision": 0.4, "hog_recall": 0.2, "blur_px": 0.3, "contrast": 0.24}
    rows = [row(method, **dict.fromkeys(KIDS, value), **rest) for method, value in values.items()]
    return [replace(one, intervals={key: (one[key] - half, one[key] + half) for key in KIDS}) for one in rows]


def test_the_measures_in_which_the_mix_is_nearer_are_counted():
    sentence = evaluation.mixes_finding(NORMS, of_new_faces(), REFERENCE, 0.195)
    assert (
        "too much contrast: 0.240" in sentence
        and "**all 3 measures of distance** (KID × 1000): gradients (50 against 84), random convolution (50 against 84)" in sentence
    )
    worse = evaluation.mixes_finding(NORMS, of_new_faces(mix=90.0), REFERENCE, 0.195)
    assert "**none of 3 measures of distance** (KID × 1000): gradients (90 against 84)" in worse and "farther" not in worse
    mixed = with_numbers(of_new_faces(), mix_of(REFERENCE, "variance_keeping", "draw"), kid_hog=267.0)
    of_two = evaluation.mixes_finding(NORMS, mixed, REFERENCE, 0.195)
    assert "**2 of 3 measures of distance** (KID × 1000): random convolution (50 against 84) and 64" in of_two
    assert "; by that of gradients (267 against 84) it is farther. Codes" in of_two
    assert "raises the KID of gradients from 50 to 87" in evaluation.further_mixes_in_words(of_new_faces(), REFERENCE)


def test_a_sum_is_called_longer_only_where_its_norm_is_larger():
    sentence = evaluation.mixes_finding(NORMS, of_new_faces(), REFERENCE, 0.195)
    assert sentence.startswith("The document's sum of two codes is longer than codes of faces (1.41 times their norm); its faces")
    assert "mean of the two is shorter than codes of faces (0.71" in sentence
    assert "A variance-keeping mix is about as long as codes of faces (1.00 times their norm) and has" in sentence
    of_two_axes = [line | {"norm": norm} for line, norm in zip(NORMS, (0.98, 0.49, 0.69), strict=True)]
    sentence = evaluation.mixes_finding(of_two_axes, of_new_faces(), REFERENCE, 0.195)
    assert "sum of two codes is about as long as codes of faces (0.98 times" in sentence
    assert "longer" not in sentence and "A variance-keeping mix is shorter than" in sentence


def test_the_decoder_is_said_to_have_met_no_code_as_long_only_where_most_sums_are_longer():
    z, names = (
        np.random.default_rng(0).standard_normal((2000, 40)),
        ["one code", "sum of two", "mean of two", "variance-keeping mix"],
    )
    all_axes = np.ones(40, bool)
    longer = shells.Shells.of(all_axes, dict(zip(names, (z, 2**0.5 * z, 0.7 * z, z), strict=True))).in_words()
    assert "hardly met codes as long" in longer
    assert "hardly met" not in shells.Shells.of(all_axes, dict.fromkeys(names, z)).in_words()


def test_a_kid_below_0_has_a_true_minus():
    rows = of_new_faces(mix=-2.0)
    assert "gradients (−2 against 84)" in evaluation.mixes_finding(NORMS, rows, REFERENCE, 0.195)
    assert "64 components (−2.0 against 84.0)" in evaluation.mixes_finding(NORMS, rows, REFERENCE, 0.195)


def test_softness_is_told_a_sentence_a_network():
    rows = with_numbers(of_new_faces(), mix_of(ANCHORED, "reconstruction", "draw"), blur_px=0.47)
    caption = evaluation.sharpness_in_words(rows, REFERENCE, ANCHORED)
    assert 'samples of N(0, I) of the network "reference" are as soft as real faces under a blur of 0.30 pixels. Recon' in caption
    assert caption.endswith("under a blur of 0.47 pixels, samples of its learnt prior as under one of 0.30.")


def test_the_softness_of_real_faces_is_explained_where_it_is_not_0():
    rows = with_numbers(of_new_faces(), REAL, blur_px=0.35)
    assert evaluation.softness_in_words(rows).endswith(
        "people have 0.35, because two sets of real people differ in fine detail: only what lies clearly above is soft."
    )
    assert evaluation.softness_in_words(with_numbers(rows, REAL, blur_px=0.0)).endswith("other people have 0.00.")


def test_sum_and_mean_are_compared_by_each_distance():
    rows, middle = of_new_faces(), mix_of(REFERENCE, "average", "draw")
    all_one_way = evaluation.sum_and_mean_in_words(rows, REFERENCE)
    assert all_one_way.startswith("The sum is nearer to real faces than the mean by all KIDs: gradients (84 against 180)")
    assert "mix" not in all_one_way
    both = evaluation.sum_and_mean_in_words(with_numbers(rows, middle, kid_pca64=18.0), REFERENCE)
    assert both.startswith("The mean is nearer to real faces than the sum by the KID of 64 components (18.0 against 84.0); the sum")
    assert both.endswith("neither of their faults is the smaller one.")


def test_why_a_mix_is_farther_than_the_sum_is_said_where_the_numbers_support_it():
    sentence = evaluation.sum_and_mean_in_words(of_new_faces(mix=90.0), REFERENCE)
    assert "mix is farther from real faces than the sum by the KID of gradients (90 against 84), random" in sentence
    assert "soft" not in sentence
    drawn = mix_of(REFERENCE, "reconstruction", "draw")
    soft = with_numbers(of_new_faces(mix=90.0), drawn, kid_hog=95.0, blur_px=0.8)
    assert "are farther as well (95)" in evaluation.sum_and_mean_in_words(soft, REFERENCE)
    assert "are farther as well" not in evaluation.sum_and_mean_in_words(
        with_numbers(of_new_faces(mix=90.0), drawn, kid_hog=95.0), REFERENCE
    )


def test_texture_is_told_beside_the_same_samples_without_it():
    method, gaussian = REFERENCE.varied(faces="mixture"), baseline("gaussian_pixels")
    textured, faces = evaluation.textured_of(method), np.ones((4, 8, 8, 3))
    near = evaluation.near_to_train({textured: faces}, *np.zeros((2, 5, 8, 8, 3)))
    rest = {"hog_precision": 0.4, "hog_recall": 0.2}
    rows = [row(one, **dict.fromkeys(KIDS, kid), **rest) for one, kid in ((method, 215.0), (textured, 131.0), (gaussian, 140.0))]
    rows = with_numbers(with_numbers(rows, gaussian, kid_pca64=8.8), textured, hog_recall=0.018)
    told = evaluation.texture_in_words(rows, method, near)
    assert told.startswith(
        'With texture, samples of the mixture of the network "reference" are nearer to real faces by **all 3 measures'
    )
    assert "gradients 131 against 215" in told and "recall 0.018 in place of 0.200" in told
    assert "By 2 of 3 measures they are nearer to real faces than samples of a Gaussian in pixels. 0.0 % of them" in told
    worse = evaluation.texture_in_words(with_numbers(rows, textured, kid_hog=300.0), method, near)
    assert "**2 of 3 measures" in worse and "By 1 of 3 measures" in worse


def test_reconstructions_are_called_no_limit_only_where_samples_are_clearly_nearer():
    near = evaluation.near_to_train({ANCHORED.varied(faces="learnt"): np.ones((4, 8, 8, 3))}, *np.zeros((2, 5, 8, 8, 3)))
    assert "no lower limit" not in evaluation.learnt_in_words(of_new_faces(learnt=8.0), ANCHORED, near)
    clear = evaluation.learnt_in_words(of_new_faces(learnt=3.0), ANCHORED, near)
    assert "by the KID of gradients, random convolution and 64 components the samples are nearer to real faces, so" in clear


@pytest.mark.parametrize(
    ("learnt", "half", "verdict"),
    [
        (30.0, 3.0, "Samples of the learnt prior are nearer to real faces than those of the mixture in **all 3"),
        (40.0, 9.0, "than those of the mixture in **all 3 measures of distance**, but the intervals overlap"),
        (46.0, 9.0, "does not beat the mixture by every measure: its samples are nearer to real faces in **none of 3"),
        (60.0, 3.0, "is worse than the mixture"),
    ],
)
def test_the_learnt_prior_is_called_better_only_where_intervals_do_not_overlap(learnt, half, verdict):
    rows = of_new_faces(learnt=learnt, half=half)
    near = evaluation.near_to_train({ANCHORED.varied(faces="learnt"): np.ones((4, 8, 8, 3))}, *np.zeros((2, 5, 8, 8, 3)))
    assert verdict in evaluation.learnt_in_words(rows, ANCHORED, near)


def test_a_page_shows_eight_sets_of_new_faces_or_fewer():
    shown = evaluation.shown_new_faces(of_new_faces(), REFERENCE, ANCHORED)
    assert [one["method"] for one in shown] == [
        "real, other people", "sum of two draws", "mean of two draws", "variance-keeping mix of draws", "samples of N(0, I)",
        "samples of the mixture (anchored)", "samples of the learnt prior (anchored)",
    ]  # fmt: skip
    assert all(column["key"] in shown[0] for column in evaluation.NEW_FACES)

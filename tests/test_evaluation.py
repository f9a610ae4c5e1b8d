"""What the notebooks that evaluate compute: inputs of held-out people, outputs, costs, sentences made from rows."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from reecho import colour, evaluation
from reecho.evaluation.new_faces import mix_of
from reecho.methods import GREY, LINEAR_VAE, LMMSE, NOISY, REAL, network
from reecho.once import directly
from reecho.results import Row

REFERENCE, COLOURISER = network("reference"), network("colouriser")


def trained(variational, weights=3):
    """What stands for a trained network: it halves its inputs."""
    network = SimpleNamespace(
        model=SimpleNamespace(variational=variational),
        reproduce=lambda inputs: inputs * np.float32(0.5),
        reproduce_sampled=lambda inputs, seed: inputs * np.float32(0.25),
        cost_of=lambda inputs: {"rate_nats": 10.0 if variational else None, "weights": weights},
    )
    network.anew = lambda: network
    return network


@pytest.fixture(scope="module")
def held_out(small_faces):
    return {task: evaluation.HeldOut.of(small_faces, task) for task in ("reconstruction", "denoising", "colourisation")}


def test_held_out_people_are_the_test_people_and_the_input_is_the_tasks(held_out, small_faces):
    clean = held_out["reconstruction"]
    assert len(clean) == len(small_faces.indices("test")) and clean.count_of_people == len(set(clean.people))
    assert (clean.inputs() == clean.targets).all()
    noisy = held_out["denoising"].inputs(0.1, seed=3)
    assert (noisy - clean.targets).std() == pytest.approx(0.1, rel=0.05)
    assert (noisy == held_out["denoising"].inputs(0.1, seed=3)).all()
    grey = held_out["colourisation"].inputs()
    assert np.ptp(grey, axis=-1).max() == 0
    assert len(held_out["denoising"].inputs(0.1, first=5)) == 5


def test_a_network_with_noise_on_its_code_has_two_outputs_and_others_have_one(held_out):
    inputs = held_out["reconstruction"].inputs()
    networks = {COLOURISER: trained(False), REFERENCE: trained(True)}
    outputs = evaluation.outputs_of(networks, inputs, seed=0)
    assert list(outputs) == [REFERENCE.mean, REFERENCE.draw, COLOURISER]
    assert outputs.milliseconds.keys() == outputs.keys()
    assert list(evaluation.outputs_of(networks, inputs)) == [COLOURISER, REFERENCE]


def test_a_network_without_a_rate_can_be_the_first_that_is_shown(held_out):
    """What notebook 03 says and shows of `reconstructors=anchored_autoencoder,reference`."""
    exact, inputs = network("anchored_autoencoder"), held_out["reconstruction"].inputs()
    networks = {exact: trained(False), REFERENCE: trained(True)}
    coded = [method for method, stands in networks.items() if stands.model.variational]
    outputs = evaluation.outputs_of(networks, inputs, seed=0)
    outputs.run(LINEAR_VAE.mean, lambda given: given * np.float32(0.9), inputs)
    numbers = evaluation.numbers_of(networks, outputs, held_out["reconstruction"], inputs) | {LINEAR_VAE.mean: {"rate_nats": 20.0}}
    curve = [{"rate_nats": rate, "psnr_sample_db": 5.0, "psnr_mean_db": 5.0} for rate in (1.0, 100.0)]
    rows = evaluation.with_gains(evaluation.scored(outputs, held_out["reconstruction"], numbers), curve)
    finding = evaluation.reconstruction_finding(rows, exact)
    assert '"anchored autoencoder"' in finding and "without a rate" in finding and "20 nats" in finding
    assert '"reference"' in evaluation.reconstruction_finding(rows, REFERENCE)
    assert [line["network"] for line in evaluation.code_gains(rows, coded)] == ["reference"]
    assert "of 1 networks" in evaluation.gains_in_words(rows, coded)
    assert evaluation.best_code(coded, rows) == REFERENCE
    assert {exact, REFERENCE.mean} <= set(evaluation.stored_faces(held_out["reconstruction"], outputs))


def test_costs_stand_with_every_output_of_a_network_and_the_spread_with_the_mean(held_out):
    inputs = held_out["colourisation"].inputs()
    networks = {REFERENCE: trained(True)}
    outputs = evaluation.outputs_of(networks, inputs, seed=0)
    outputs |= {REFERENCE.varied(luma="given"): inputs, GREY: inputs}
    numbers = evaluation.numbers_of(networks, outputs, held_out["colourisation"], inputs, {REFERENCE: [inputs * 0.4]})
    assert set(numbers) == {REFERENCE.mean, REFERENCE.draw, REFERENCE.varied(luma="given")}
    assert all(values["weights"] == 3 and values["rate_nats"] == 10 for values in numbers.values())
    assert [method for method, values in numbers.items() if "seeds_sd_db" in values] == [REFERENCE.mean]
    rows = evaluation.scored(outputs, held_out["colourisation"], numbers)
    assert [row.method for row in rows] == list(outputs)


def test_the_given_luma_is_put_under_the_colours_of_networks_that_draw_their_own(held_out):
    targets, inputs = held_out["colourisation"].targets, held_out["colourisation"].inputs()
    outputs = {REFERENCE: np.clip(targets * 0.7, 0, 1), COLOURISER: targets, GREY: inputs}
    kept = evaluation.with_given_luma(outputs, inputs)
    assert list(kept) == [REFERENCE.varied(luma="given")]
    assert np.abs(colour.luma(kept[REFERENCE.varied(luma="given")]) - colour.luma(inputs)).max() < 1e-5
    assert evaluation.largest_luma_error({**outputs, **kept}, inputs) < 1e-5
    assert evaluation.keeping_luma([COLOURISER, REFERENCE, *kept]) == [*kept, COLOURISER]


def test_the_best_of_many_draws_is_no_worse_than_one_and_the_spread_is_that_of_the_draws(held_out):
    targets = held_out["colourisation"].targets[:6]
    rng = np.random.default_rng(0)
    drawn = np.clip(targets + 0.05 * rng.standard_normal((5, *targets.shape)), 0, 1).astype("float32")
    draws = evaluation.best_of_draws(targets * 0.9, drawn, targets)
    _, one, best = draws.rows
    assert best["psnr"] > one["psnr"] and best["error"] < one["error"] and "5 draws" in best["what"]
    assert draws.inside == pytest.approx(0.045, abs=0.01) and draws.around == pytest.approx(draws.inside, abs=0.01)


def test_mixes_are_of_means_and_of_draws_and_the_sum_is_the_sum():
    rng = np.random.default_rng(0)
    first, second, third, fourth = rng.standard_normal((4, 50, 8)).astype("float32")
    codes = evaluation.mixed_codes(REFERENCE, (first, second), (third, fourth), np.zeros(8, "float32"))
    assert codes[mix_of(REFERENCE, "sum", "mean")] == pytest.approx(first + second)
    assert codes[mix_of(REFERENCE, "average", "draw")] == pytest.approx((third + fourth) / 2)
    assert codes[mix_of(REFERENCE, "variance_keeping", "draw")].std() == pytest.approx(third.std(), rel=0.1)
    faces = {method: rng.random((50, 8, 8, 3)) for method in codes}
    lines = evaluation.mixed_norms(codes, faces, third)
    norms = {line["mix"]: line["norm"] for line in lines}
    assert norms["sum of two draws"] == pytest.approx(2**0.5, rel=0.1) and norms["mean of two draws"] == pytest.approx(0.7, rel=0.1)


def test_copies_of_train_pictures_are_nearer_than_real_people():
    rng = np.random.default_rng(0)
    train, real = rng.random((2, 40, 8, 8, 3)).astype("float32")
    copied = REFERENCE.varied(faces="prior")
    nearness = evaluation.near_to_train({copied: train[:10]}, real, train)
    assert nearness.share[copied] == 100 and nearness.median[copied] < 1e-6 < nearness.median[REAL]
    assert [line["method"] for line in nearness.rows()] == ["real, other people", "reference, samples of N(0, I)"]


ANCHORED = network("anchored", weight=340_000)


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
    codes, log_variances = evaluation.with_mirrored(Decoder(), train)
    assert len(codes) == len(log_variances) == 120 and (codes[60:] == train[:, :, ::-1].reshape(60, -1)).all()
    prior = evaluation.learnt_prior(Decoder(), codes, log_variances, 2, seed=0)
    sets = evaluation.sampled_beside_learnt(ANCHORED, Decoder(), codes, log_variances, prior, 12, seed=0)
    assert [method.setting("faces") for method in sets] == ["prior", "gaussian", "mixture", "learnt"]
    assert all(faces.shape == (12, 8, 8, 3) for faces in sets.values())
    mixes = evaluation.mixed_beside_learnt(ANCHORED, (codes[:9], codes[9:18]), codes.mean(axis=0), prior)
    assert [method.setting("faces") for method in mixes] == ["variance_keeping", "through_prior"]
    again = evaluation.mixed_beside_learnt(ANCHORED, (codes[:9], codes[9:18]), codes.mean(axis=0), prior)
    assert all((again[method] == z).all() for method, z in mixes.items())


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
    assert "reference, samples of N(0, I) are as soft as real faces under a blur of 0.25 pixels" in caption


def test_the_recall_of_the_learnt_prior_is_set_against_the_mixtures():
    rows = evaluation.with_recall_gain(rows_of_learnt(recall=0.25), ANCHORED)
    assert [row.get("recall_gain") for row in rows] == [pytest.approx(0.05), *[None] * 5]


def test_only_blind_networks_are_compared_with_those_for_one_noise():
    blind, row = network("blind_denoiser"), lambda method: Row("denoising", 32, method, 9, {"psnr_db": 28.0})
    sweep = {method: [30.0] * len(evaluation.LEVELS) for method in (NOISY, LMMSE, blind, REFERENCE)}
    rows = evaluation.with_gaps([row(LMMSE), row(blind), row(REFERENCE)], sweep, {0.02: 31.0})
    assert [r.get("gap_02_db") for r in rows] == [None, -1.0, None]


def test_sentences_name_the_best_methods_of_the_rows():
    rows = [
        Row("denoising", 32, method, 9, {"psnr_db": value, "ssim": 0.9})
        for method, value in ((NOISY, 20.0), (LMMSE, 27.5), (REFERENCE, 25.0), (network("denoiser"), 29.25))
    ]
    sentence = evaluation.denoising_finding(rows, 0.1)
    assert "29.2" in sentence and "denoiser" in sentence
    swapped = [
        Row(r.task, r.size, r.method, r.n, {**r.numbers, "psnr_db": 40.0 if r.method == LMMSE else r["psnr_db"]}) for r in rows
    ]
    assert evaluation.denoising_finding(swapped, 0.1) != sentence

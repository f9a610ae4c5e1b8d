"""What the notebooks that evaluate compute: inputs of held-out people, outputs, costs, sentences made from rows."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from reecho import colour, evaluation, metrics
from reecho.methods import GREY, LINEAR_VAE, LMMSE, NOISY, network
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


def test_a_face_has_one_draw_of_noise_in_all_figures_of_a_page(held_out):
    noisy = held_out["denoising"].inputs(0.1, seed=3)
    assert (held_out["denoising"].inputs(0.1, 3, first=5) == noisy[:5]).all()
    shown = evaluation.faces_by_noise({}, lambda pictures, level: pictures, held_out["denoising"], 3, [4, 1], [0.05, 0.1])
    assert (shown[NOISY][1] == noisy[[4, 1]]).all()


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
    curve = [{"rate_nats": rate, "draws": np.full(len(inputs), 5.0), "means": np.full(len(inputs), 5.0)} for rate in (1.0, 100.0)]
    rows = evaluation.scored(outputs, held_out["reconstruction"], numbers)
    rows = evaluation.with_gains(rows, curve, outputs, held_out["reconstruction"])
    answer = evaluation.reconstruction_answer(rows, [], exact)
    assert '"anchored autoencoder"' in answer and "without a rate" in answer and "20 nats" in answer
    assert '"reference"' in evaluation.reconstruction_answer(rows, coded, exact)
    assert '"anchored autoencoder"' in evaluation.reconstruction_finding(rows, exact)
    assert "A draw of z" in evaluation.reconstruction_finding(rows, REFERENCE)
    assert [line["network"] for line in evaluation.code_gains(rows, coded)] == ["reference"]
    assert "the one network that is compared" in evaluation.gains_in_words(rows, coded, curve)
    alone = {method: outputs[method] for method in (LINEAR_VAE.mean, exact)}
    labels = [label for label, _ in evaluation.rows_of_answer(rows, [], alone)]
    assert labels == ["linear VAE (20 nats)", "anchored autoencoder"]
    assert [label for label, _ in evaluation.rows_of_answer(rows, coded, outputs)] == [
        "linear VAE (20 nats)",
        "reference (10 nats)",
    ]
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
    targets = np.concatenate([held_out["colourisation"].targets[:6]] * 40)  # more than are drawn at once

    def several(pictures, count, seed):
        noise = np.random.default_rng(seed).standard_normal((count, *pictures.shape))
        return np.clip(pictures + 0.05 * noise, 0, 1).astype("float32")

    draws = evaluation.best_of_draws(several, targets, targets * 0.9, targets, 5, 0)
    _, one, best = draws.rows
    assert best["psnr"] > one["psnr"] and best["error"] < one["error"] and "5 draws" in best["what"]
    assert one["psnr"] == pytest.approx(metrics.psnr(several(targets, 1, 9)[0], targets).mean(), abs=0.05)
    assert draws.inside == pytest.approx(0.045, abs=0.01) and draws.around == pytest.approx(draws.inside, abs=0.01)


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


def code(name, rate, gain, low, high, psnr=27.0, **variant):
    """The rows of a network with a rate: of its mean of z and of a draw."""
    numbers = {"psnr_db": psnr, "rate_nats": rate, "gain_db": gain, "active_axes": 300}
    method = network(name, **variant)
    rows = [Row("reconstruction", 32, estimate, 9, numbers, {"gain_db": (low, high)}) for estimate in (method.mean, method.draw)]
    return method, [
        row if gain is not None else Row(row.task, 32, row.method, 9, {"psnr_db": psnr, "rate_nats": rate}) for row in rows
    ]


CURVE = [{"rate_nats": 50.0}, {"rate_nats": 700.0}]


def test_networks_are_counted_as_better_by_the_rows_that_can_be_compared():
    """A network without a gain is in neither of the two counts, and one whose interval holds 0 is not counted as better."""
    codes = [
        code("reference", 240.0, 0.1, 0.05, 0.15), code("anchored", 90.0, 0.4, 0.3, 0.5, weight=25_000),
        code("anchored", 500.0, 0.02, -0.01, 0.05, weight=340_000),
        code("anchored", 2000.0, None, 0, 0, psnr=38.7, loss="calibrated"),
    ]  # fmt: skip
    linear = Row("reconstruction", 32, LINEAR_VAE.mean, 9, {"psnr_db": 27.4, "rate_nats": 246.0})
    rows = [row for _, some in codes for row in some] + [linear]
    text = evaluation.gains_in_words(rows, [method for method, _ in codes], CURVE)
    assert "2 of 3 networks are better" in text and "+0.40 dB [+0.30, +0.50]" in text
    assert 'calibrated loss" with 2,000 nats is not compared' in text and "up to 700 nats" in text
    answer = evaluation.reconstruction_answer(rows, [method for method, _ in codes], REFERENCE)
    assert (
        "It is slightly better than the best linear VAE of the same rate: +0.10 dB [+0.05, +0.15] on the same pictures." in answer
    )
    assert "With 2,000 nats" in answer and "38.70 dB" in answer
    finding = evaluation.reconstruction_finding(rows, REFERENCE, assumed=0.1239)
    assert "11.4 of 255 grey levels for a draw and of 11.4 for the mean" in finding and "31.6 (σ = 0.124): 2.8 times" in finding
    assert "The loss assumes" not in evaluation.reconstruction_finding(rows, REFERENCE)
    for low, high, words in ((-0.1, 0.2, "cannot be told apart from"), (-0.3, -0.2, "is worse than"), (0.002, 0.004, "as good as")):
        method, some = code("reference", 240.0, (low + high) / 2, low, high)
        assert words in evaluation.reconstruction_answer([*some, linear], [method], method)


def test_active_axes_are_counted_beside_those_of_other_codes_with_what_the_others_cost():
    (method, rows), (other, more) = (code(name, 240.0, 0.1, 0.0, 0.2) for name in ("anchored", "reference"))
    linear = Row("reconstruction", 32, LINEAR_VAE.mean, 9, {"psnr_db": 27.4, "rate_nats": 246.0, "active_axes": 299})
    rate, active = np.array([100.0, 138.0, 0.5, 1.5]), np.array([True, True, False, False])
    text = evaluation.active_in_words([*rows, *more, linear], method, rate, active, [method, other, LINEAR_VAE])
    assert "Of the 4 axes" in text and "**2 are active**" in text and "other 2 hardly changes" in text and "2.0 of its 240" in text
    assert text.endswith('For comparison: "reference" has 300, the linear VAE of the first table has 299.')
    idle = evaluation.active_in_words(rows, method, np.array([240.0, 0.01]), np.array([True, False]), [other])
    assert "cost less than 0.1 of its 240 nats" in idle and "comparison" not in idle
    assert "hardly" not in evaluation.active_in_words(rows, method, rate, np.ones(4, bool))


def test_ssim_is_named_where_it_puts_a_network_below_the_linear_vae_and_psnr_above():
    def told(psnr, ssim):
        numbers = ((network("anchored").mean, psnr, ssim), (LINEAR_VAE.mean, 27.44, 0.899))
        rows = [Row("reconstruction", 32, method, 9, {"psnr_db": value, "ssim": other}) for method, value, other in numbers]
        return evaluation.order_by_ssim_in_words(rows, network("anchored"))

    assert "27.73 against 27.44 dB" in told(27.73, 0.893) and "(0.893 against 0.899)" in told(27.73, 0.893)
    assert told(27.73, 0.8991) == told(27.4, 0.893) == told(27.73, None) == ""


def test_the_interval_over_people_is_set_against_one_over_pictures():
    people, one_each = np.repeat(np.arange(40), 4), np.arange(160)
    scores = 25 + np.random.default_rng(0).standard_normal(40)[people]  # all pictures of a person are alike
    text = evaluation.intervals_in_words(scores, people)
    assert "single pictures" in text and any(f"factor of {factor}" in text for factor in (1.9, 2.0, 2.1))
    assert "single pictures" not in evaluation.intervals_in_words(scores, one_each)
    assert "small here" in evaluation.intervals_in_words(np.random.default_rng(1).standard_normal(6000), np.arange(6000) // 2)
    assert evaluation.intervals_in_words(np.full(8, 25.0), np.arange(8) // 2).endswith("0.000 dB wide.")


def test_a_random_start_is_set_against_the_linear_one_with_its_axes():
    _, linear = code("reference", 240.0, 0.1, 0.0, 0.2, psnr=27.5)
    _, random = code("reference", 214.0, -3.0, -3.1, -2.9, psnr=23.5, initialisation="random")
    text = evaluation.random_start_in_words([*linear, *random], epochs=16)
    assert "23.50 dB at 214 nats after 16 epochs, 4.00 dB less" in text and "300 active axes" in text


def test_the_worst_picture_is_given_in_grey_levels():
    assert "20.0 dB, an error of about 26 of 255" in evaluation.worst_in_words(np.array([20.0, 40.0]))


def test_the_input_has_a_row_only_where_it_is_not_the_target():
    faces = np.zeros((2, 8, 8, 3))
    assert [name for name, _ in evaluation.stages("reconstruction", faces, faces)] == ["reconstructed"]
    assert [name for name, _ in evaluation.stages("denoising", faces, faces)] == ["noisy", "denoised"]

"""Sentences of notebooks 04 to 06: each count and each verdict follows from the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from reecho import attributes, evaluation, metrics, results, scoring, tasks
from reecho.evaluation.colourisation import LESS, Draws
from reecho.methods import GREY, LMMSE, MEAN_CHROMA, NOISY, RIDGE, SLIDING_DCT, network, oracle

REFERENCE, DENOISER, BLIND, ANCHORED = (network(name) for name in ("reference", "denoiser", "blind_denoiser", "anchored"))
COLOURISER = network("colouriser")


def row(task, method, interval=None, **numbers):
    return scoring.Row(task, 32, method, 9, numbers, {} if interval is None else {results.ABOVE: interval})


def with_numbers(rows, method, **numbers):
    return [one.with_numbers(**numbers) if one.method == method else one for one in rows]


def denoised(above=1.5, interval=(1.4, 1.6), of_denoiser=29.0):
    values = {NOISY: 20.3, SLIDING_DCT: 27.0, LMMSE: 27.5, REFERENCE: 25.0, BLIND: 27.0}
    rows = [row("denoising", method, psnr_db=value) for method, value in values.items()]
    return [*rows, row("denoising", DENOISER, interval, psnr_db=of_denoiser, **{results.ABOVE: above})]


def test_a_network_is_compared_with_the_best_simple_method_on_the_same_pictures():
    sentence = evaluation.denoising_finding(denoised(), 0.1)
    assert "26 of 255 grey levels" in sentence and "**29.00 dB**" in sentence and "(LMMSE, whole picture) to 27.50 dB" in sentence
    assert "better by 1.50 dB (95 % interval 1.40 to 1.60)" in sentence
    assert "may be chance" in evaluation.denoising_finding(denoised(0.1, (-0.1, 0.3)), 0.1)
    assert "worse by 0.50 dB (95 % interval 0.40 to 0.60)" in evaluation.denoising_finding(denoised(-0.5, (-0.6, -0.4), 27.1), 0.1)


def test_what_a_code_costs_is_told_at_little_and_at_much_noise():
    count = len(evaluation.LEVELS)
    sweep = {NOISY: [34.0] * count, LMMSE: [35.0] * count}
    assert evaluation.bottleneck_by_noise(sweep) == ""
    behind = evaluation.bottleneck_by_noise(sweep | {REFERENCE: [27.0] * (count - 1) + [34.5]})
    assert "27.00 dB, less than the noisy input itself (34.00 dB): detail" in behind and "8.00 dB behind" in behind
    assert "0.50 dB at" in behind and "less a code costs" in behind
    ahead = evaluation.bottleneck_by_noise(sweep | {REFERENCE: [34.5] * (count - 1) + [27.0]})
    assert "more than the noisy input" in ahead and "detail" not in ahead


def test_the_networks_past_the_bottleneck_are_counted():
    assert "1 of 2 is better than LMMSE" in evaluation.bottleneck_in_words(denoised())
    assert "none of 2 are better" in evaluation.bottleneck_in_words(denoised(of_denoiser=27.0))
    only = [one for one in denoised() if one.method in (NOISY, LMMSE, REFERENCE)]
    one = [row for row in denoised() if row.method != BLIND]
    assert 'the network "denoiser" also' in evaluation.bottleneck_in_words(
        one
    ) and "is better than" in evaluation.bottleneck_in_words(one)
    assert "2.50 dB less than LMMSE" in evaluation.bottleneck_in_words(
        only
    ) and "Of the networks" not in evaluation.bottleneck_in_words(only)


def test_what_needs_no_network_is_told_apart_from_what_a_network_adds():
    sentence = evaluation.gains_over_noise_in_words(denoised())
    assert "LMMSE, the best linear estimate, +7.20 dB; sliding DCT, the best method that has seen no faces, +6.70 dB" in sentence
    assert sentence.endswith('the network "denoiser" +8.70 dB. So most of the gain needs no network; the network adds 1.50 dB.')
    worse = [one for one in denoised() if one.method not in (DENOISER, BLIND)]
    assert evaluation.gains_over_noise_in_words(worse).endswith("So the network adds nothing to what can be done without one.")
    strong = evaluation.gains_over_noise_in_words(denoised(of_denoiser=40.0))
    assert strong.endswith("So most of the gain, 12.50 dB, is what the network adds.")
    alone = [row for row in denoised() if row.method in (NOISY, LMMSE, DENOISER)]
    assert "seen no faces" not in evaluation.gains_over_noise_in_words(alone)
    assert evaluation.bottleneck_in_words(alone) == ""  # without the reference network there is nothing to say of a code


def test_a_page_describes_the_networks_that_it_shows_and_no_others():
    shipped = network("photo_denoiser", origin="shipped")
    words = evaluation.denoisers_in_words([REFERENCE, shipped])
    assert "**reference**" in words and "photo denoiser, shipped" in words and "$" not in words and "blind denoiser" not in words
    assert "$$" in evaluation.denoisers_in_words([DENOISER]) and "bottleneck" not in evaluation.denoisers_in_words([DENOISER])
    colours = evaluation.colourisers_in_words([REFERENCE, COLOURISER])
    assert "mean chroma" in colours and "colour VAE" not in colours
    both = evaluation.colourisers_in_words([COLOURISER, network("colouriser", origin="shipped")])
    assert both.count("The **colouriser**") == 1 and "colouriser, shipped" in both
    assert "whose samples of N(0, I) stand above" in evaluation.prior_network_in_words(REFERENCE, REFERENCE)
    assert '"anchored, weight 9"' in evaluation.prior_network_in_words(REFERENCE, network("anchored", weight=9))


def test_it_is_said_which_networks_know_the_noise():
    both = evaluation.told_of_noise([REFERENCE, BLIND])
    assert '"reference" was trained for one σ alone.' in both and '"blind denoiser" is not told: it has to' in both
    assert "not told" not in evaluation.told_of_noise([DENOISER])
    assert "has to estimate σ" in evaluation.denoising_finding([one for one in denoised() if one.method != DENOISER], 0.1)
    assert "has to estimate σ" not in evaluation.denoising_finding(denoised(), 0.1)


def of_errors(errors):
    """Rows, outputs and held-out pictures of methods whose errors a picture are given."""
    targets = np.full((6, 12, 12, 3), 0.4, "float32")
    outputs = {method: targets + np.array(error, "float32")[:, None, None, None] for method, error in errors.items()}
    measured = evaluation.HeldOut("denoising", targets, targets, np.arange(6), np.arange(6), 6)
    return scoring.score_all("denoising", outputs, targets, measured.people), outputs, measured


def test_two_methods_whose_intervals_overlap_are_compared_picture_by_picture():
    spread = np.linspace(0.05, 0.15, 6)
    sentence = evaluation.pairs_in_words(*of_errors({NOISY: 3 * spread, LMMSE: 1.02 * spread, REFERENCE: spread}))
    assert 'The intervals of "reference" (' in sentence and 'and "LMMSE, whole picture" (' in sentence
    assert sentence.endswith('on the same pictures is +0.17 dB [+0.17, +0.17]: "reference" is better.')
    chance = evaluation.pairs_in_words(*of_errors({LMMSE: spread, REFERENCE: 0.98 * spread[::-1]}))
    assert chance.endswith("which may be chance.") and "best network" not in chance
    apart = evaluation.pairs_in_words(*of_errors({LMMSE: 0.5 * spread, SLIDING_DCT: 9 * spread}))
    assert apart == ""


def test_the_two_best_networks_are_compared_picture_by_picture():
    spread = np.linspace(0.05, 0.15, 6)
    errors = {NOISY: 3 * spread, LMMSE: 9 * spread, REFERENCE: 2 * spread, DENOISER: 0.99 * spread, BLIND: spread}
    sentence = evaluation.pairs_in_words(*of_errors(errors))
    assert 'The best network, "denoiser", is above the second one, "blind denoiser", by 0.09 dB [+0.09, +0.09]' in sentence
    assert sentence.endswith("pictures.") and "chance" not in sentence
    chance = evaluation.pairs_in_words(*of_errors(errors | {BLIND: 0.98 * spread[::-1], DENOISER: spread}))
    assert chance.endswith("on the same pictures, which may be chance.")


def test_the_table_of_blind_networks_has_the_linear_estimate_beside_them():
    noisy = np.full((4, 12, 12, 3), 0.5, "float32")
    measured = evaluation.HeldOut("denoising", noisy, noisy, np.arange(4), np.arange(4), 4)
    sweep = {LMMSE: [30.0 - place for place in range(len(evaluation.LEVELS))]}
    reading = evaluation.BlindReading.of({}, sweep, {}, measured, 0)
    assert [one["lmmse"] for one in reading.rows] == sweep[LMMSE] and not reading.is_there
    assert "LMMSE, given σ (dB)" in [column["heading"] for column in reading.columns]


def test_the_best_rows_of_networks_and_of_the_rest_come_first():
    ordered = [one.method for one in evaluation.best_first(denoised(), "psnr_db")]
    assert ordered == [DENOISER, BLIND, REFERENCE, LMMSE, SLIDING_DCT, NOISY]


def test_networks_have_the_difference_from_the_best_simple_method_with_its_interval():
    targets = np.random.default_rng(0).random((8, 16, 16, 3), dtype="float32") * np.float32(0.5)
    errors = {NOISY: 0.2, SLIDING_DCT: 0.1, LMMSE: 0.05, DENOISER: 0.025}
    outputs = {method: targets + np.float32(error) for method, error in errors.items()}
    of = {one.method: one for one in scoring.score_all("denoising", outputs, targets, np.arange(8))}
    assert of[DENOISER][results.ABOVE] == pytest.approx(20 * np.log10(2), abs=0.01)
    assert of[DENOISER].interval(results.ABOVE)[0] <= of[DENOISER][results.ABOVE] + 1e-6
    assert of[LMMSE].get(results.ABOVE) is None
    keys = [column.key for column in evaluation.columns_with_gain("denoising", list(of.values()))]
    assert keys == ["psnr_db", results.ABOVE, "ssim"]


def coloured(**numbers):
    return {"psnr_db": 27.0, "ssim": 0.97, "psnr_face_db": 29.0, "psnr_background_db": 26.0, "colourfulness": 35.0} | numbers


def test_the_colours_answer_follows_the_rows():
    rows = [row("colourisation", RIDGE, **coloured(delta_e00=7.4)), row("colourisation", COLOURISER, **coloured(delta_e00=6.8))]
    sentence = evaluation.colourisation_finding(rows, 44.0)
    assert (
        "**ΔE00 6.80**" in sentence and "(ridge, luma to chroma) with 7.40." in sentence and "weaker than the true ones" in sentence
    )
    assert "stronger than the true ones" in evaluation.colourisation_finding(rows, 30.0)
    for bounds, words in (((-0.7, -0.5), "−0.60, 95 % interval −0.70 to −0.50)"), ((-0.7, 0.1), "to +0.10, which may be chance)")):
        with_less = [rows[0], replace(rows[1], numbers={**rows[1].numbers, LESS: -0.6}, intervals={LESS: bounds})]
        assert words in evaluation.colourisation_finding(with_less, 44.0)
    assert "inside the face than around it: 29.00 dB" in evaluation.places_in_words(rows)
    assert tasks.columns("colourisation")[1].key == "delta_e00" and evaluation.columns_in_short()[1].key == LESS


def test_what_colours_need_follows_from_the_rows():
    errors = {GREY: 14.0, MEAN_CHROMA: 8.0, RIDGE: 7.4, COLOURISER: 6.0}
    rows = [row("colourisation", method, **coloured(delta_e00=error)) for method, error in errors.items()]
    sentence = evaluation.colour_steps_in_words(rows, 50.0)
    assert "So 75 % of what it gains over grey is colour that all faces share" in sentence and "70 % of the true" in sentence
    assert "best single answer" in sentence and "draws" not in sentence
    vivid = evaluation.colour_steps_in_words(with_numbers(rows, COLOURISER, delta_e00=9.0), 35.0)
    assert "all faces share" not in vivid and "best single answer" not in vivid
    many = [{"what": what, "error": error} for what, error in (("one answer", 7.0), ("one draw", 8.0), ("best of 8 draws", 6.4))]
    several = evaluation.colour_steps_in_words(rows, 50.0, Draws(many, 0.1, 0.2))
    assert several.endswith("the best of 8 draws of the colour VAE has an error of 6.40, its single answer 7.00.")
    worse = Draws([*many[:2], many[2] | {"error": 7.5}], 0.1, 0.2)
    assert evaluation.colour_steps_in_words(rows, 50.0, worse) == sentence


def test_colour_errors_are_compared_picture_by_picture():
    targets = np.random.default_rng(0).random((6, 8, 8, 3), dtype="float32") * np.float32(0.5)
    outputs = {RIDGE: targets + np.float32(0.1), MEAN_CHROMA: targets + np.float32(0.2), COLOURISER: targets + np.float32(0.05)}
    errors = {method: float(metrics.delta_e00(pictures, targets).mean()) for method, pictures in outputs.items()}
    rows = [row("colourisation", method, delta_e00=error) for method, error in errors.items()]
    measured = evaluation.HeldOut("colourisation", targets, targets, np.arange(6), np.arange(6), 6)
    of = {one.method: one for one in evaluation.with_error_differences(rows, outputs, measured)}
    assert of[COLOURISER][LESS] == pytest.approx(of[COLOURISER]["delta_e00"] - of[RIDGE]["delta_e00"])
    assert of[COLOURISER].interval(LESS)[1] < 0 and of[RIDGE].get(LESS) is None


def test_the_strength_of_colours_is_told_for_the_face_and_around_it():
    targets = np.full((2, 8, 8, 3), (0.8, 0.4, 0.2), "float32")
    dull = targets.copy()
    dull[:, :2] = dull[:, -2:] = dull[:, :, :2] = dull[:, :, -2:] = 0.4
    rows = [row("colourisation", RIDGE, delta_e00=7.4), row("colourisation", COLOURISER, delta_e00=6.8)]
    table = evaluation.strengths(rows, {RIDGE: targets, COLOURISER: dull}, targets)
    assert [one["what"] for one in table] == ["true pictures", "colouriser", "ridge, luma to chroma"]
    assert table[1]["face_share"] == pytest.approx(100) and table[1]["around_share"] == pytest.approx(0, abs=0.1)
    assert table[0]["face"] == pytest.approx(table[0]["around"]) and table[0]["face"] > 30
    assert "100 % of the true chroma inside the face and 0 % around it, where" in evaluation.strengths_in_words(table)
    swapped = [table[0], table[1] | {"face_share": 50.0, "around_share": 80.0}]
    assert evaluation.strengths_in_words(swapped).endswith("80 % around it.")


def test_a_draw_and_the_best_draw_are_told_by_their_errors():
    rows = [{"what": what, "error": error} for what, error in (("one answer", 7.0), ("one draw", 8.0), ("best of 8 draws", 6.4))]
    sentence = evaluation.draws_in_words(Draws(rows, 0.1, 0.2))
    assert "farther from the true colours" in sentence and "best of 8 draws is nearer to them (6.40)" in sentence
    assert "no nearer to" in evaluation.draws_in_words(Draws([rows[0], rows[1], rows[2] | {"error": 7.5}], 0.1, 0.2))


def test_the_figure_of_errors_leaves_out_what_would_press_it_together():
    errors = {GREY: 14.5, MEAN_CHROMA: 7.8, RIDGE: 7.4, oracle("true_chroma", blocks=2): 6.9, COLOURISER: 6.8}
    rows = [row("colourisation", method, **coloured(delta_e00=error)) for method, error in errors.items()]
    places, outside = evaluation.errors_and_colours(rows)
    assert list(places) == ["mean chroma per pixel", "ridge, luma to chroma", "colouriser"]
    assert outside == "Outside the figure (colourfulness; ΔE00): grey (35; 14.5)."
    assert evaluation.errors_and_colours(rows[1:])[1] == ""


def test_the_short_table_of_steps_names_what_changes_most():
    slopes = np.eye(6)
    slopes[0, 2] = -0.4
    rows, columns = attributes.slopes_in_short({"one": (np.full(6, 0.9), slopes), "two": (np.full(6, 0.8), np.eye(6))})
    assert (
        len(rows) == 6 and rows[0]["along one"] == "warmth −0.40" and rows[0]["obtained one"] == 1 and rows[5]["asked"] == "smile"
    )
    assert [column["heading"] for column in columns][1:4] == ["R², one", "R², two", "obtained, one"]

"""The project's targets: reached, half reached, missed, with the number of each."""

from pathlib import Path

import pytest

from reecho import methods, results, targets
from reecho.errors import ReechoError
from reecho.methods import network
from reecho.results import Row

DENOISER = network("denoiser")


def row(task="denoising", method=DENOISER, size=32, **numbers):
    return Row(task, size, method, 9, numbers)


def verdict(*arguments, **numbers):
    (judged,) = targets.verdicts([row(*arguments, **numbers)])
    return judged.words


@pytest.mark.parametrize(
    ("psnr", "words"),
    [
        (29.31, "reached"),
        (29.3, "reached"),
        (28.95, "reached; aim missed by 0.35"),
        (28.8, "reached; aim missed by 0.50"),
        (28.5, "missed by 0.30"),
    ],
)
def test_a_target_is_reached_half_reached_or_missed(psnr, words):
    assert verdict(psnr_db=psnr) == words


def test_where_less_is_better_the_bounds_turn_round():
    assert verdict("colourisation", network("colouriser"), delta_e00=6.3) == "reached"
    assert verdict("colourisation", network("colouriser"), delta_e00=6.9) == "reached; aim missed by 0.50"
    assert verdict("colourisation", network("colouriser"), delta_e00=7.25) == "missed by 0.25"


def test_an_aim_at_a_rate_does_not_count_above_it():
    reference = network("reference").mean
    assert verdict("reconstruction", reference, psnr_db=27.6, rate_nats=240.0) == "reached"
    assert verdict("reconstruction", reference, psnr_db=27.6, rate_nats=260.0) == "reached; aim missed, at 260 nats"


def test_a_size_has_targets_of_its_own_and_missing_rows_have_none():
    assert verdict("denoising", network("denoiser"), 64, psnr_db=31.5) == "reached; aim missed by 0.50"
    assert verdict("reconstruction", network("reference").mean, 64, gain_db=0.1) == "reached; aim missed by 0.10"
    assert targets.verdicts([row(method=network("reference"), psnr_db=40.0)]) == []


def test_a_target_against_another_method_counts_the_difference_or_the_quotient_of_the_same_size():
    colours = [row("colourisation", network("colouriser"), 64, psnr_db=27.0, delta_e00=6.5),
               row("colourisation", methods.RIDGE, 64, psnr_db=26.4, delta_e00=7.2)]  # fmt: skip
    judged = targets.verdicts(colours)
    assert [round(verdict.value, 3) for verdict in judged] == [0.6, -0.7]
    assert [verdict.words for verdict in judged] == ["reached; aim missed by 0.30", "reached; aim missed by 0.20"]
    assert targets.verdicts([colours[0], row("colourisation", methods.RIDGE, 32, psnr_db=26.4)]) == []  # another size
    kids = {"kid_hog": 30.0, "kid_random_conv": 20.0, "kid_pca64": 8.0}
    samples = row("generation", network("reference", faces="mixture_textured"), 64, **kids)
    gaussian = row("generation", methods.baseline("gaussian_pixels"), 64, kid_hog=100.0, kid_random_conv=10.0, kid_pca64=0.0)
    judged = targets.verdicts([samples, gaussian])  # nothing is a multiple of zero
    assert [(verdict.target.key, verdict.words) for verdict in judged] == [
        ("kid_hog", "reached"), ("kid_random_conv", "missed by 1.00"),
    ]  # fmt: skip


def test_an_aim_that_is_missed_by_less_than_is_shown_is_not_missed_by_zero():
    photo = network("photo_denoiser", origin=methods.SHIPPED, ensemble=8, similar=32)
    rows = [row("own_size", photo, 128, gaussian_20_db=29.979), row("own_size", methods.CBM3D, 128, gaussian_20_db=29.481)]
    (judged,) = targets.verdicts(rows)
    assert judged.words == "reached; aim missed by less than 0.01"


def test_a_target_without_a_number_that_must_be_reached_counts_by_its_aim():
    (judged,) = targets.verdicts([row("generation", network("reference", faces="prior"), kid_pca64=6.9)])
    assert judged.missed and judged.words == "missed by 1.9"
    reached = targets.verdicts([row(psnr_db=29.0, ssim=0.93)])
    text = targets.summary([judged, *reached], True)
    assert text.startswith("2 of 3 targets") and "(2 of 2 required values and 0 of 3 aims)" in text
    assert targets.missed_first([*reached, judged])[0] is judged


def test_the_published_run_misses_every_target_that_it_is_counted_to_miss():
    """The sentence counts what the table says, of the rows that were published."""
    _, by_task = results.read_run(Path(__file__).parents[1] / "reports" / "results.json")
    judged = targets.verdicts(row for rows in by_task.values() for row in rows)
    counted = sum(verdict.cells()["verdict"].startswith("reached") for verdict in judged)
    assert targets.summary(judged, True).startswith(f"{counted} of {len(judged)} targets")


def test_the_learnt_prior_must_not_lose_recall_against_the_mixture():
    learnt = network("anchored", weight=150_000, faces="learnt")
    assert verdict("generation", learnt, recall_gain=0.004) == "reached"
    assert verdict("generation", learnt, recall_gain=-0.02) == "missed by 0.020"


def test_the_sentence_says_whether_the_run_is_one_that_counts():
    judged = targets.verdicts([row(psnr_db=28.5, ssim=0.94)])
    text = targets.sentence(judged, True)
    assert "28.50 (required 28.80, aim 29.30), missed by 0.30" in text and "0.940 (required 0.920, aim 0.935), reached" in text
    assert "value that this project set itself" in text and "no value is required" not in text
    less = [
        row("colourisation", method, 64, delta_e00=error) for method, error in ((network("colouriser"), 6.5), (methods.RIDGE, 7.2))
    ]
    assert "−0.70 (required −0.40, aim −0.90), reached; aim missed by 0.20" in targets.sentence(targets.verdicts(less), True)
    assert "which this run is not" in targets.sentence(judged, False)
    assert "None of the project's targets applies" in targets.sentence([], True) and targets.summary([], False)
    assert targets.verdicts([row(psnr_db=28.5, ssim=0.94)], "synthetic") == []
    assert targets.applies("lfw", "full", 0) and not targets.applies("synthetic", "full", 0)


def test_the_best_network_is_set_against_the_best_method_that_does_not_see_the_answer():
    rows = [
        row(method=methods.oracle("true_chroma", blocks=2), psnr_db=40.0), row(method=methods.LMMSE, psnr_db=26.0),
        row(method=network("reference"), psnr_db=25.0), row(psnr_db=27.0),
    ]  # fmt: skip
    best, other = targets.best_network_and_baseline(rows, "psnr_db", "higher")
    assert (best.method, other.method) == (network("denoiser"), methods.LMMSE)
    assert targets.best_network_and_baseline(rows, "psnr_db", "lower")[0].method == network("reference")
    with pytest.raises(ReechoError, match="nothing to compare"):
        targets.best_network_and_baseline(rows[:2], "psnr_db", "higher")

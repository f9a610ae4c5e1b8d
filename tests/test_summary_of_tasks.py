"""The summary's comparisons: which rows are set against each other, and the counts in its sentence."""

from pathlib import Path

import pytest

from reecho import evaluation, methods, results
from reecho.methods import network
from reecho.results import ABOVE, Row


def row(task, method, interval=None, **numbers):
    return Row(task, 32, method, 9, numbers, {ABOVE: interval} if interval else {})


ROWS = [
    row("denoising", methods.LMMSE, psnr_db=27.8),
    row("denoising", methods.NOISY, psnr_db=20.0),
    row("denoising", network("denoiser"), (1.2, 1.4), psnr_db=29.1, above_simple_db=1.3),
    row("colourisation", methods.RIDGE, psnr_db=26.5, delta_e00=7.3),
    row("colourisation", methods.oracle("true_chroma", blocks=2), psnr_db=40.0),
    row("colourisation", network("colouriser"), (-0.2, 0.1), psnr_db=26.4, above_simple_db=-0.1),
    row("generation", methods.baseline("gaussian_pixels"), kid_hog=300.0),
    row("generation", network("reference", faces="prior"), kid_hog=65.0),
    row("reconstruction", methods.LINEAR_VAE.mean, psnr_db=27.4, rate_nats=246.0),
    row("reconstruction", methods.pca(1024), psnr_db=38.0),
    row("reconstruction", network("anchored", weight=100_000).mean, psnr_db=27.7, rate_nats=236.0, gain_db=0.47),
    row("reconstruction", network("anchored", loss="calibrated").mean, psnr_db=38.7, rate_nats=1991.0),
]  # fmt: skip


def test_each_task_sets_its_best_network_against_its_best_simple_method():
    best = {one.task.name: one for one in evaluation.best_of_tasks(ROWS)}
    assert list(best) == ["reconstruction", "denoising", "generation", "colourisation"]
    assert best["denoising"].gap == "+1.30 dB [+1.20, +1.40]" and best["denoising"].simple.method == methods.LMMSE
    assert best["colourisation"].simple.method == methods.RIDGE and not best["colourisation"].is_better
    assert best["reconstruction"].simple.method == methods.LINEAR_VAE.mean and best["reconstruction"].gap == "+0.47 dB"
    assert "near 236 nats" in best["reconstruction"].title
    assert best["reconstruction"].numbers == ("27.23 dB", "27.70 dB") and best["reconstruction"].titles[0] == "linear VAE"
    assert best["generation"].is_better and best["generation"].gap == "−235"
    assert evaluation.best_of_tasks(ROWS[:2]) == []
    below = [one.with_numbers(kid_hog=-3.0) if one.method.setting("faces") else one for one in ROWS]
    assert [one.numbers for one in evaluation.best_of_tasks(below) if one.task.name == "generation"] == [("300", "−3")]


def test_the_sentence_counts_what_the_table_shows():
    best = evaluation.best_of_tasks(ROWS)
    text = evaluation.summary_in_words(best)
    assert f"**{sum(one.is_better for one in best)} of {len(best)} comparisons**" in text and "**3 of 4" in text
    assert (
        "denoising +1.30 dB" in text
        and "colourisation −0.10 dB" in text
        and "65 (reference, samples of N(0, I)) against 300 (" in text
    )
    assert "without a network; not for colourisation (32×32). The" in text
    figure, caption, _ = evaluation.dumbbells(best)
    assert len(figure.axes[0].get_yticks()) == 3  # new faces have no decibels
    assert caption.endswith("3 of the 4 comparisons are in dB and stand here; those of new faces are not.")
    assert "comparisons" not in evaluation.dumbbells([one for one in best if one.in_decibels])[1]


def test_a_mean_over_copies_is_called_one():
    photo = network("photo_denoiser", origin=methods.SHIPPED)
    rows = [row("own_size", methods.SLIDING_DCT, psnr_db=32.0), row("own_size", photo.varied(ensemble=8), psnr_db=33.5)]
    text = evaluation.summary_in_words(evaluation.best_of_tasks(rows))
    assert "+1.50 dB (mean over 8 turned and mirrored copies)" in text
    rows.append(row("own_size", photo.varied(ensemble=8, similar=32), psnr_db=33.6))
    text = evaluation.summary_in_words(evaluation.best_of_tasks(rows))
    assert "+1.60 dB (mean over 8 turned and mirrored copies, then similar patches filtered together)" in text
    assert "copies" not in evaluation.summary_in_words(evaluation.best_of_tasks(ROWS))


def test_new_faces_are_better_only_by_all_kids():
    rows = [row("generation", methods.baseline("gaussian_pixels"), kid_hog=187.0, kid_pca64=3.8, kid_random_conv=96.0),
            row("generation", network("reference", faces="prior"), kid_hog=65.0, kid_pca64=6.9, kid_random_conv=90.0)]  # fmt: skip
    (best,) = evaluation.best_of_tasks(rows)
    assert not best.is_better and "lower in 2 of 3 KIDs" in best.cells()["difference"]
    assert "against 187 (Gaussian in pixels) by the KID of gradients" in evaluation.summary_in_words([best])


def test_the_document_s_sentence_stands_beside_the_rows_of_this_run():
    rows = [*ROWS, row("denoising", network("reference"), psnr_db=25.8)]
    text = evaluation.document_in_words(rows)
    assert "25.80 dB in denoising, the best simple method 27.80 dB" in text and "without a bottleneck reach 29.10 dB" in text
    assert "bottleneck" not in evaluation.document_in_words([]) and "colourisation" not in text


@pytest.mark.parametrize("key", ["task", "simple", "network", "difference"])
def test_the_published_rows_fill_every_cell(key):
    _, by_task = results.read_run(Path(__file__).parents[1] / "reports" / "results.json")
    assert all(one.cells()[key] for one in evaluation.best_of_tasks(row for rows in by_task.values() for row in rows))

"""How rows are measured: numbers with their intervals, in the order given, and what a task without targets refuses."""

import numpy as np
import pytest

from reecho import methods, metrics, results, scoring, tasks
from reecho.baselines import mean_chroma
from reecho.colour import grey
from reecho.errors import ReechoError
from reecho.methods import network
from reecho.timing import Timed


@pytest.fixture(scope="module")
def faces():
    return np.random.default_rng(0).random((24, 16, 16, 3)).astype("float32")


@pytest.fixture(scope="module")
def people():
    return np.arange(24) // 2


def test_a_row_has_its_identity_numbers_and_intervals(faces, people):
    row = scoring.score(
        "denoising", network("reference"), faces * 0.9, faces, people, rate_nats=250.5, weights=3, train_seconds=None
    )
    assert (row.task, row.size, row.method, row.n) == ("denoising", 16, network("reference"), 24)
    assert list(row.numbers) == ["psnr_db", "ssim", "rate_nats", "weights"] and list(row.intervals) == ["psnr_db", "ssim"]
    assert row["psnr_db"] == pytest.approx(metrics.psnr(faces * 0.9, faces).mean())
    low, high = row.interval("psnr_db")
    assert low < row["psnr_db"] < high


def test_colour_has_five_more_numbers_each_within_its_interval(faces, people):
    outputs, mean = (faces + grey(faces)) / 2, mean_chroma(faces)
    row = scoring.score("colourisation", network("colouriser"), outputs, faces, people, mean_chroma=mean)
    assert row["chroma_r2"] == pytest.approx(metrics.chroma_r2(outputs, faces, mean), rel=1e-5)
    for key in ("psnr_face_db", "psnr_background_db", "delta_e00", "colourfulness", "chroma_r2"):
        low, high = row.interval(key)
        assert low <= row[key] <= high


def test_all_rows_keep_the_order_and_their_further_numbers(faces, people):
    worse, better = methods.MEAN_FACE, network("reference").mean
    rows = scoring.score_all("reconstruction", {worse: faces * 0.5, better: faces}, faces, people, further={better: {"weights": 7}})
    assert [(row.method, row.get("weights")) for row in rows] == [(worse, None), (better, 7)]
    assert rows[0] == scoring.score("reconstruction", worse, faces * 0.5, faces, people)


def test_rows_of_timed_outputs_have_their_milliseconds(faces, people):
    outputs = Timed({methods.NOISY: faces * 0.5})
    outputs.run(methods.LMMSE, np.negative, faces)
    rows = scoring.score_all("denoising", outputs, faces, people)
    assert rows[0].get("ms_picture") is None and rows[1]["ms_picture"] == outputs.milliseconds[methods.LMMSE]


def test_a_network_is_set_against_the_best_simple_method_picture_by_picture(faces, people):
    rng = np.random.default_rng(0)
    noisy = faces + 0.1 * rng.standard_normal(faces.shape)
    outputs = {
        methods.NOISY: noisy,
        methods.LMMSE: noisy * 0.5 + faces * 0.5,
        methods.WAVELET: noisy,
        network("denoiser"): noisy * 0.4 + faces * 0.6,
    }
    rows = {row.method: row for row in scoring.score_all("denoising", outputs, faces, people)}
    row = rows[network("denoiser")]
    assert row[results.ABOVE] == pytest.approx(row["psnr_db"] - rows[methods.LMMSE]["psnr_db"])
    low, high = row.interval(results.ABOVE)
    own = row.interval("psnr_db")
    assert low < row[results.ABOVE] < high and high - low < own[1] - own[0]
    assert all(results.ABOVE not in other.numbers for method, other in rows.items() if not method.is_network)


def test_new_faces_have_a_number_for_each_column(faces):
    ruler = metrics.FaceRuler(faces)
    sets = {methods.REAL: faces[8:16], network("reference", faces="sum").draw: faces[:8]}
    rows = scoring.score_all_new_faces(sets, faces[16:], ruler)
    assert [row.n for row in rows] == [8, 8] and [row.method for row in rows] == list(sets)
    assert all(row.get(column.key) is not None for row in rows for column in tasks.columns("generation"))
    assert "kid_hog" in rows[0].numbers and not any("jackknife" in key for key in rows[0].numbers)


def test_a_task_without_targets_and_an_unknown_one_are_refused(faces, people):
    with pytest.raises(ReechoError, match="score_new_faces"):
        scoring.score("generation", methods.REAL, faces, faces, people)
    with pytest.raises(ReechoError, match="choose one of reconstruction"):
        scoring.score("cooking", methods.REAL, faces, faces, people)

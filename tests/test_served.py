"""Who is served worse: thirds of what is measured on the true picture, their differences, and the sentence."""

from __future__ import annotations

import numpy as np
import pytest

from reecho import evaluation
from reecho.errors import ReechoError
from reecho.evaluation.phrases import of_all
from reecho.evaluation.served import traits
from reecho.metrics.groups import difference, thirds
from reecho.metrics.sharpness import detail


def faces(count=60):
    rng = np.random.default_rng(0)
    light = np.linspace(0.2, 0.7, count, dtype="float32")[:, None, None, None]
    return light + rng.normal(0, 0.05, (count, 32, 32, 3)).astype("float32")


def test_dark_faces_that_come_out_worse_are_found():
    targets = faces()
    outputs = targets + np.where(np.arange(60) < 30, 0.1, 0.02)[:, None, None, None].astype("float32")
    rows = evaluation.served(outputs, targets, np.arange(60) // 2)
    of = {row["trait"]: row for row in rows}
    brightness = of["brightness of the face"]
    assert brightness["high"] - brightness["low"] == pytest.approx(20 * np.log10(5), abs=0.5)
    assert brightness["difference"] == pytest.approx(brightness["high"] - brightness["low"])
    assert brightness["difference_ci95"][0] > 0
    words = evaluation.served_in_words(rows)
    assert "brightness of the face: faces in the lowest third come out worse by" in words
    sure = sum(row["difference_ci95"][0] > 0 or row["difference_ci95"][1] < 0 for row in rows)
    assert words.lower().startswith(f"{of_all(sure, 5)} differences")


def test_equal_errors_are_no_difference():
    targets = faces()
    rows = evaluation.served(targets + np.float32(0.05), targets, np.arange(60))
    assert max(abs(row["difference"]) for row in rows) < 0.2
    flat = [row | {"difference": 0.0, "difference_ci95": [-1.0, 1.0]} for row in rows]
    assert evaluation.served_in_words(flat).startswith("None of 5 differences are")


@pytest.mark.parametrize(
    ("measure", "sign", "third"), [("psnr_db", 1, "lowest"), ("psnr_db", -1, "highest"), ("delta_e00", 1, "highest")]
)
def test_the_sentence_knows_which_direction_is_worse(measure, sign, third):
    row = {"trait": "contrast", "difference": sign * 2.0, "difference_ci95": sorted([sign * 1.0, sign * 3.0])}
    sentence = evaluation.served_in_words([row], measure)
    assert f"faces in the {third} third come out worse" in sentence and "1.00 to 3.00" in sentence
    unsure = row | {"difference_ci95": [-1.0, 1.0]}
    assert evaluation.served_in_words([row, unsure, unsure], measure).startswith("1 of 3 differences is")


def test_every_trait_is_there_and_columns_name_the_unit():
    assert len(traits(faces(9))) == 5
    assert all("(dB)" in column["heading"] for column in evaluation.served_columns()[1:])
    assert all("(ΔE00)" in column["heading"] for column in evaluation.served_columns("delta_e00")[1:])


def test_people_are_drawn_and_not_pictures():
    values, groups = np.repeat(np.random.default_rng(1).normal(size=20), 10), np.arange(200) % 2 == 0
    values = values + 5 * groups
    _, wide = difference(values, np.arange(200), ~groups, groups)
    mean, narrow = difference(values, np.repeat(np.arange(20), 10), ~groups, groups)
    assert mean == pytest.approx(5) and narrow[1] - narrow[0] < 0.01 < wide[1] - wide[0]


def test_thirds_need_three_pictures_and_are_equally_large():
    low, high = thirds(np.arange(10.0))
    assert low.sum() == high.sum() == 3 and not (low & high).any()
    with pytest.raises(ReechoError, match="three"):
        thirds(np.zeros(2))


def test_a_blurred_picture_is_less_sharp_at_any_contrast():
    noise = np.random.default_rng(0).random((1, 32, 32, 3))
    soft = np.repeat(np.repeat(noise[:, ::4, ::4], 4, axis=1), 4, axis=2)
    assert detail(soft)[0] < detail(noise)[0] and detail(0.5 * noise)[0] == pytest.approx(detail(noise)[0])

"""How much is luck: what the summary says of a sweep over seeds and splits."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from reecho import evaluation, methods
from reecho.methods import LMMSE, Method
from reecho.results import Points, Row, read_points, write_points

OURS, REFERENCE = methods.network("denoiser"), methods.network("reference")


class _Faces(SimpleNamespace):
    def __len__(self) -> int:
        return len(self.people)


def _row(method: Method, psnr: float, above: float | None = None) -> Row:
    numbers = {"psnr_db": round(psnr, 3)} | ({} if above is None else {"above_simple_db": round(above, 3)})
    return Row("denoising", 32, method, 9, numbers, {"psnr_db": (round(psnr - 0.196, 3), round(psnr + 0.196, 3))})


def _points(of_split=(0.0, 1.0, 2.0), of_seed=(-0.1, 0.0, 0.1), gain=1.0) -> Points:
    rows = []
    for split, easier in enumerate(of_split):
        for seed, lucky in enumerate(of_seed):
            simple = 27.0 + easier
            some = (
                _row(LMMSE, simple),
                _row(OURS, simple + gain + lucky, gain + lucky),
                _row(REFERENCE, simple - 2 + lucky, -2 + lucky),
            )
            rows.append(({"split_seed": split, "seed": seed}, some))
    return Points("quick", "abc1234", "lfw", 3, 2, tuple(rows))


@pytest.fixture
def faces():
    return _Faces(name="lfw", size=32, people=np.array([0, 0, 1]))


def test_seeds_splits_and_people_are_told_apart(faces):
    ours, reference = evaluation.by_luck(_points(), faces)
    assert (ours.best.network.method, reference.best.network.method) == (OURS, REFERENCE)
    assert np.isclose(ours.over_seeds, 0.1) and np.isclose(ours.over_people, 0.1)
    assert np.isclose(ours.over_splits, np.sqrt(1 - 0.1**2 / 3))  # the variance of three seeds' mean is taken off
    assert np.isclose(ours.gain_over_splits, 0) and (ours.ahead, reference.ahead) == (9, 0)
    assert ours.cells()["gain"] == "1.00 dB (0.90 to 1.10)" and reference.cells()["gain"] == "−2.00 dB (−2.10 to −1.90)"


def test_networks_that_no_point_trains_are_left_out(faces):
    shipped = methods.network("photo_denoiser", origin=methods.SHIPPED)
    points = _points()
    rows = tuple((swept, (*some, _row(shipped, 40.0, 13.0))) for swept, some in points.rows)
    assert evaluation.by_luck(replace(points, rows=rows), faces) == evaluation.by_luck(points, faces)


def test_the_words_count_what_the_points_say(faces):
    points = _points()
    text = evaluation.luck_in_words(evaluation.by_luck(points, faces), points)
    assert "trained 9 times at the preset quick" in text and "from 3 seeds on each of 3 other splits" in text
    assert "`reecho sweep --name luck --preset quick -p split_seed=0,1,2 -p seed=0,1,2`, commit abc1234" in text
    assert "In both comparisons all 9 points agree" in text and "Not so" not in text
    assert "at most 0.10 dB (denoising)" in text and "less than 0.28 dB apart" in text and "easier or harder for all" in text
    alike = _points(of_split=(0.0, 0.0))
    assert "easier or harder" not in evaluation.luck_in_words(evaluation.by_luck(alike, faces), alike)
    unsure = _points(gain=0.05)
    text = evaluation.luck_in_words(evaluation.by_luck(unsure, faces), unsure)
    assert "In 1 of 2 comparisons" in text and "6 of 9" in text
    figure, _, alt = evaluation.luck_figure(evaluation.by_luck(points, faces))
    assert "0.90 to 1.10 dB" in alt and len(figure.axes[0].lines) == 1 + 2 * 2 * 3


@pytest.mark.parametrize(
    "points",
    [
        None,
        replace(_points(), faces="synthetic"),
        replace(_points(), people=3),
        _points(of_split=(0.0,)),
        _points(of_seed=(0.0,)),
        replace(_points(), rows=_points().rows[:-1]),
        replace(_points(), rows=()),
    ],
)
def test_nothing_is_said_by_a_sweep_of_other_faces_or_too_few_points(points, faces):
    assert evaluation.by_luck(points, faces) == []


def test_the_points_of_a_sweep_are_read_as_they_were_written(tmp_path):
    file = tmp_path / "points.json"
    assert read_points(file) is None
    write_points(file, _points())
    assert read_points(file) == _points()
    content = json.loads(file.read_text(encoding="utf-8"))
    for damaged in ("", "[]", "{}", json.dumps(content | {"schema": 9}), json.dumps(content | {"points": [1]})):
        file.write_text(damaged, encoding="utf-8")
        assert read_points(file) is None

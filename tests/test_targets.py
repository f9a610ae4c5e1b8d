"""The project's targets: reached, half reached, missed, each said with its number."""

import pytest

from reecho import targets
from reecho.errors import ReechoError


def verdict(task="denoising", method="denoiser", size=32, **values):
    (found,) = targets.verdicts(task, [{"method": method, **values}], size)
    return found["verdict"]


@pytest.mark.parametrize(
    ("psnr", "said"),
    [
        (29.31, "reached"),
        (29.3, "reached"),
        (28.95, "must reached, aim missed by 0.35"),
        (28.8, "must reached, aim missed by 0.50"),
        (28.5, "missed by 0.30"),
    ],
)
def test_a_target_is_reached_half_reached_or_missed(psnr, said):
    assert verdict(psnr_db=psnr) == said


def test_where_less_is_better_the_bounds_turn_round():
    assert verdict("colourisation", "colouriser", delta_e00=6.3) == "reached"
    assert verdict("colourisation", "colouriser", delta_e00=6.9) == "must reached, aim missed by 0.50"
    assert verdict("colourisation", "colouriser", delta_e00=7.25) == "missed by 0.25"


def test_an_aim_at_a_rate_does_not_count_above_it():
    reference = {"task": "reconstruction", "method": "reference, mean of z", "psnr_db": 27.6}
    assert verdict(**reference, rate_nats=240.0) == "reached"
    assert verdict(**reference, rate_nats=260.0) == "must reached, aim missed at 260 nats"


def test_a_size_has_targets_of_its_own_and_missing_rows_have_none():
    assert verdict(size=64, psnr_db=31.5) == "must reached, aim missed by 0.50"
    assert targets.verdicts("denoising", [{"method": "reference", "psnr_db": 40.0}]) == []


def test_the_sentence_says_whether_the_run_is_one_that_counts():
    found = targets.verdicts("denoising", [{"method": "denoiser", "psnr_db": 28.5, "ssim": 0.94}])
    told = targets.sentence(found, serious=True)
    assert "28.50, missed by 0.30" in told and "0.940, reached" in told and "(" not in told
    assert "which this run is not" in targets.sentence(found, serious=False)
    assert "does not show" in targets.sentence([], serious=True)


def test_the_lead_is_ours_against_what_is_honest():
    rows = [
        {"method": "oracle: knows", "ours": False, "psnr_db": 40.0}, {"method": "simple", "ours": False, "psnr_db": 26.0},
        {"method": "worse", "ours": True, "psnr_db": 25.0}, {"method": "network", "ours": True, "psnr_db": 27.0},
    ]  # fmt: skip
    ours, other, key = targets.lead(rows, "psnr_db", "higher")
    assert (ours["method"], other["method"], key) == ("network", "simple", "psnr_db")
    assert targets.lead(rows, "psnr_db", "lower")[0]["method"] == "worse"
    with pytest.raises(ReechoError, match="nothing to compare"):
        targets.lead(rows[:2], "psnr_db", "higher")

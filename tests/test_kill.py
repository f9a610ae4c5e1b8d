"""Some moments of `tests/kill.py`, on a part of a run that is quickly made."""

from __future__ import annotations

import os

import pytest
from kill import kill

RUNS, KILLS = 2, 5  # a quarter of a minute each


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there are no process groups of this kind there")
def test_a_run_that_is_killed_at_some_moments_comes_to_the_same_numbers(tmp_path):
    own = ("pictures=30", "filters=8", "kernels=3", "strides=2", "latent_dim=8", "size=16", "epochs=3", "initialisation=random")
    options = ["--only", "02_training_reconstruction", *(word for parameter in own for word in ("-p", parameter))]
    outcomes = kill(tmp_path, RUNS, options, KILLS)
    assert [outcome for outcome in outcomes if outcome["problems"]] == []
    killed = [moment for outcome in outcomes for moment in outcome["killed"]]
    assert len(killed) == RUNS * KILLS
    assert {moment["signal"] for moment in killed if moment["ended"]} == {"SIGKILL", "SIGINT"}

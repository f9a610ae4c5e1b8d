"""A part of `tests/every_parameter.py`: every pair of values resolved, and rows that once stopped after their trainings."""

from __future__ import annotations

import pytest
from every_parameter import in_a_process, resolved_pairs

SMALL = {"size": 16, "pictures": 60, "seeds": 1}
ROWS = (
    ("00_vae", {"size": 16, "pictures": 60, "vae_axes": 2, "vae_epochs": 1}),
    ("02_training", {"network": "blind_denoiser", "task": "denoising", "size": 16, "pictures": 60, "batch_size": 8}),
    ("03_reconstruction", {**SMALL, "reconstructors": ["anchored_autoencoder"], "rates": [], "components": [4]}),
    ("03_reconstruction", {**SMALL, "training": {"network": "autoencoder"}, "reconstructors": ["reference"], "rates": [],
                           "random_start": True, "components": [4]}),
    ("03_reconstruction", {**SMALL, "reconstructors": ["anchored_autoencoder", "reference"], "rates": [], "components": [4]}),
    ("04_denoising", {**SMALL, "training": {"network": "denoiser"}, "denoisers": ["reference"], "each_sigma": False}),
    ("05_generation", {"size": 16, "pictures": 60, "samples": 16, "training": {"network": "autoencoder"}, "prior_weight": 0,
                       "prior_steps": 5}),
    ("06_colourisation", {**SMALL, "colourisers": ["colour_vae"]}),
    ("07_faults", {"size": 16, "pictures": 24, "rerun_epochs": 0, "ladder_epochs": 0}),  # a single picture is measured
)  # fmt: skip


def test_every_pair_of_values_ends_in_settings_or_in_a_sentence_that_names_a_parameter():
    tried, refused, failures = resolved_pairs()
    assert failures == [] and tried > 9000 and 0 < refused < tried / 2


@pytest.mark.slow
@pytest.mark.parametrize(("notebook", "values"), ROWS)
def test_a_row_that_is_taken_ends_with_numbers(notebook, values, tmp_path):
    assert in_a_process(tmp_path, notebook, values)["error"] == ""

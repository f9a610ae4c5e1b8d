"""Which network belongs to which settings, and how long a training may take."""

from __future__ import annotations

import json

import pytest

from reecho import trained


@pytest.mark.parametrize(
    "record",
    [
        {"provenance": None},
        {"settings": None},
        {"provenance": {"faces_a_second": "fast"}, "settings": {"size": 32, "network": "reference"}},
        {"provenance": {"faces_a_second": 100.0}, "settings": {"size": "x", "network": "reference"}},
        {"provenance": {"faces_a_second": 100.0}, "settings": {"size": 32, "network": []}},
        {"provenance": {"faces_a_second": -1.0}, "settings": {"size": 32, "network": "reference"}},
    ],
)
def test_a_foreign_record_does_not_change_what_a_training_is_expected_to_take(places, small_settings, small_faces, record):
    settings = small_settings(size=32)
    expected = trained.estimate_minutes(places, settings, small_faces)
    folder = places.networks / "foreign"
    folder.mkdir(parents=True)
    (folder / "network.json").write_text(json.dumps(record))
    assert trained.estimate_minutes(places, settings, small_faces) == expected
    (folder / "network.json").write_text(
        json.dumps({"provenance": {"faces_a_second": 1.0}, "settings": {"size": 32, "network": "reference"}})
    )
    assert trained.estimate_minutes(places, settings, small_faces) > expected

"""Outputs under the clock: the times stay with their outputs, whatever the clock says."""

import numpy as np
import pytest

from reecho import timing
from reecho.timing import Timed


@pytest.fixture
def clock(monkeypatch):
    """A clock that is half a second further each time somebody looks."""
    looks = iter(np.arange(0, 100, 0.5))
    monkeypatch.setattr(timing, "perf_counter", lambda: next(looks))


def test_a_method_has_its_milliseconds_a_picture(clock):
    outputs = Timed({"input": np.zeros((5, 2, 2, 3))})
    outputs.run("ones", np.add, outputs["input"], 1.0)
    assert (outputs["ones"] == 1).all()
    assert outputs.milliseconds == {"ones": 100.0} and list(outputs) == ["input", "ones"]


def test_what_warms_up_is_not_counted_and_is_not_kept(clock):
    seen = []

    def method(pictures):
        seen.append(len(pictures))
        return pictures

    outputs = Timed()
    outputs.run("network", method, np.zeros((5, 2, 2, 3)), warm=2)
    assert seen == [2, 5] and len(outputs["network"]) == 5 and outputs.milliseconds == {"network": 100.0}


def test_joining_keeps_the_times_from_either_side(clock):
    first, second = Timed(), Timed()
    first.run("a", np.negative, np.zeros((5, 2, 2, 3)))
    second.run("b", np.negative, np.zeros((1, 2, 2, 3)))
    assert (first | second).milliseconds == {"a": 100.0, "b": 500.0}
    assert list({"c": 1} | first) == ["c", "a"] and ({"c": 1} | first).milliseconds == {"a": 100.0}
    assert first.milliseconds == {"a": 100.0}
    first |= second
    assert list(first) == ["a", "b"] and first.milliseconds == {"a": 100.0, "b": 500.0}


def test_an_output_that_is_replaced_loses_its_time(clock):
    outputs = Timed()
    outputs.run("a", np.negative, np.zeros((5, 2, 2, 3)))
    outputs |= {"a": np.ones((5, 2, 2, 3))}
    assert outputs.milliseconds == {}

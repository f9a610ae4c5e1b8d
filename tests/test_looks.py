"""The looks of methods: the same at every size, and no two alike in one figure."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from reecho import evaluation, looks
from reecho.methods import LINEAR_VAE, LMMSE, NOISY, network
from reecho.plots import style
from reecho.results import Row


def test_a_method_has_the_same_place_whatever_stands_beside_it():
    three, six = network("anchored", weight=340_000), network("anchored", weight=25_000)
    small, large = looks.places([network("reference"), six, three]), looks.places([three, network("reference")])
    assert large.items() <= small.items() and len(set(small.values())) == 3
    assert looks.places([NOISY, LMMSE]).items() <= looks.places([network("denoiser"), LMMSE, NOISY]).items()


def test_what_has_no_place_of_its_own_gets_a_free_one():
    methods = [network("anchored", weight=7), network("reference").mean, network("reference").draw]
    places = looks.places(methods)
    assert places == {"reference, mean of z": 0}
    assert len(set(style.looks(["a", "b", *places], places).values())) == 3


def test_no_two_methods_of_a_figure_look_alike():
    general, *others = looks._LINES
    for line in others:
        seen = style.looks(map(str, [*general, *line]), {str(place): place for place in (*general, *line)})
        assert all(a != b for a, b in combinations(seen.values(), 2))
    shown = [0, 15, 9, 10, 11, 12]  # of the published 04 and 06
    assert len({style.ORDER[place % len(style.ORDER)] for place in shown}) == len(shown)


def test_a_line_with_a_longer_label_looks_like_its_method():
    methods = [network("reference"), LINEAR_VAE]
    rows = [Row("reconstruction", 32, method.mean, 3, {"active_axes": 2}) for method in methods]
    lines, places = evaluation.axes_by_rate(dict.fromkeys(methods, np.array([1.0, 2.0, 0.0])), rows)
    assert list(lines) == ["reference: 2 active", "linear VAE: 2 active"]
    assert places == {"reference: 2 active": 0, "linear VAE: 2 active": looks.places([LINEAR_VAE])["linear VAE"]}

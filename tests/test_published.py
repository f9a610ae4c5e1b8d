"""The published run: no figure repeats another, every one has words of its own, and none of them names a person of LFW."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest
import yaml

from reecho import __version__
from reecho.data.split import official
from reecho.report.executed import pieces, read
from reecho.settings import ROOT

NOTEBOOKS = sorted((ROOT / "reports" / "notebooks").glob("*.ipynb"))


@cache
def shown(path):
    """What the readers of an executed notebook see, but for its code."""
    return [piece for cell in read(path).cells for piece in pieces(cell) if piece.kind != "code"]


def figures(path):
    return [piece for piece in shown(path) if piece.kind == "figure"]


@cache
def people():
    """A pattern that finds the people of LFW in a text: "Ada Lovelace" and "Ada_Lovelace", and names of one word as they stand."""
    names = sorted((re.escape(name).replace("_", "[ _\u00a0]+") for name in official()), key=len, reverse=True)
    return re.compile(r"(?<![\w-])(?:" + "|".join(names) + r")(?:_\d{4})?(?![\w-])")


def test_the_pattern_finds_people_and_not_words():
    told = "The picture of Aaron Eckhart lies in Aaron_Eckhart_0001; Gary Learned and the Gaussian PCA are nobody."
    assert people().findall(told) == ["Aaron Eckhart", "Aaron_Eckhart_0001"]


def test_no_figure_of_the_published_run_repeats_another():
    counted = Counter(piece.data for path in NOTEBOOKS for piece in figures(path))
    assert counted and max(counted.values()) == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_figure_and_table_has_words_of_its_own(path):
    captions = [piece.caption for piece in shown(path) if piece.kind in ("figure", "table")]
    alts = [piece.text for piece in figures(path)]
    assert all(captions) and len(set(captions)) == len(captions)
    assert all(len(alt) > 20 for alt in alts) and len(set(alts)) == len(alts)
    assert not set(alts) & set(captions)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_caption_alt_text_or_table_names_a_person(path):
    told = [
        text
        for piece in shown(path)
        if piece.kind in ("figure", "table", "printed", "banner")
        for text in (piece.caption, piece.text)
    ]
    assert [found for text in told for found in people().findall(text)] == []


def test_the_citation_is_of_this_version_and_names_what_reecho_stands_on():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0" and cited["version"] == __version__ and cited["license"] == "MIT"
    assert {"message", "title", "authors"} <= set(cited)
    assert [reference["authors"][0]["family-names"] for reference in cited["references"]] == ["Behera", "Huang"]
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License\n\nCopyright (c) 2026 the reecho authors\n")

"""The published run: no figure repeats another, every one has words of its own, and none of them names a person of LFW."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest
import yaml
from bs4 import BeautifulSoup

from reecho import __version__
from reecho.data.lfw import official
from reecho.settings import ROOT

PAGES = sorted((ROOT / "reports" / "html").glob("[0-9]*.html"))


@cache
def page(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def figures(path):
    """The pictures of a page's figures; of one to play with, the still."""
    return page(path).select("figure img")


def words(element):
    return " ".join(element.get_text().split())


@cache
def people():
    """A pattern that finds the people of LFW in a text: "Ada Lovelace" and "Ada_Lovelace", and names of one word as they stand."""
    names = sorted((re.escape(name).replace("_", "[ _\u00a0]+") for name in official().parts), key=len, reverse=True)
    return re.compile(r"(?<![\w-])(?:" + "|".join(names) + r")(?:_\d{4})?(?![\w-])")


def test_the_pattern_finds_people_and_not_words():
    told = "The picture of Aaron Eckhart lies in Aaron_Eckhart_0001; Gary Learned and the Gaussian PCA are nobody."
    assert people().findall(told) == ["Aaron Eckhart", "Aaron_Eckhart_0001"]


def test_no_figure_of_the_published_run_repeats_another():
    counted = Counter(image["src"] for path in PAGES for image in figures(path))
    assert counted and max(counted.values()) == 1


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_figure_and_table_has_words_of_its_own(path):
    for run in page(path).select(".run") or [page(path)]:  # runs of one notebook side by side say the same of their own pictures
        figures_of_run = run.select("figure")
        captions = [re.sub(r"^(Figure|Table) \S+ ", "", words(figure.select_one("figcaption"))) for figure in figures_of_run]
        alts = [image["alt"] for image in run.select("figure img")]
        assert all(captions) and len(set(captions)) == len(captions)
        assert all(len(alt) > 20 for alt in alts) and len(set(alts)) == len(alts)
        assert not set(alts) & set(captions)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_no_caption_alt_text_or_table_names_a_person(path):
    told = [words(each) for each in page(path).select("figcaption, table, pre.printed, .banner")]
    told += [image["alt"] for image in figures(path)]
    assert told and [found for text in told for found in people().findall(text)] == []


def test_the_citation_is_of_this_version_and_names_what_reecho_stands_on():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["cff-version"] == "1.2.0" and cited["version"] == __version__ and cited["license"] == "MIT"
    assert {"message", "title", "authors"} <= set(cited)
    assert [reference["authors"][0]["family-names"] for reference in cited["references"]] == ["Behera", "Huang"]
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License\n\nCopyright (c) 2")


@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_a_number_below_0_has_a_true_minus_in_tables(path):
    cells = [words(cell) for cell in page(path).select("td")]
    assert [cell for cell in cells if re.search(r"(?:^|[\s\[(])-\.?\d", cell)] == []

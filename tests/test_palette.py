"""The palette: every colour stands in it alone, is read on its ground, and differs for every kind of vision, light and dark."""

from __future__ import annotations

import re

import matplotlib
import numpy as np
import pytest
from vision import VISION, contrast, least_difference, seen

from reecho import palette, plots
from reecho.settings import ROOT

THEMES = {"light": palette.LIGHT, "dark": palette.DARK}
SOURCES = [path for path in sorted((ROOT / "reecho").rglob("*.*")) if path.suffix in (".py", ".css", ".js", ".j2", ".typ", ".lua")]
NAMED = re.compile(
    r"(?:colou?r|background|fill|stroke|border[\w-]*|fillStyle|strokeStyle)\s*[:=]\s*[^;{}\n]*(?<!--)\b(?:"
    + "|".join(matplotlib.colors.CSS4_COLORS)
    + r")\b"
)
LITERAL = re.compile(r"(?<!&)#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})\b|\b(?:rgb|hsl)a?\(\s*[\d.\"'#]")
# Side by side and large, people see a ΔE00 of 1 to 2; thin lines and small marks at a distance need several times that.
APART, FAR_APART = 10, 19
GREY_APART = 10  # of L*, in print without colour
TOGETHER = {
    "series and reference curves": (*palette.SERIES, "others"),
    "ours and others": ("vermilion", "others"),
    "parts of a bar": palette.PARTS,
    "either end of a ladder": ("blue", "vermilion"),
}


def test_no_other_file_of_the_package_has_a_colour():
    found = {
        path.name: pattern.findall(path.read_text(encoding="utf-8"))
        for path in SOURCES
        for pattern in (LITERAL, *([NAMED] if path.suffix != ".py" else []))
        if path.name != "palette.py" and pattern.search(path.read_text(encoding="utf-8"))
    }
    assert found == {} and len(SOURCES) > 80


def test_every_property_of_a_style_sheet_is_a_colour_of_the_palette_or_its_own():
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        if path.suffix in (".css", ".j2", ".js"):
            drawn = {"at", "side", "drawn", "height", "names", "letters"}  # places and sizes, which elements have of their own
            own = {"sans", "mono", *drawn, *palette.FIXED, *re.findall(r"--([\w-]+):", text)}
            assert set(re.findall(r"var\(--([\w-]+)", text)) <= own | set(palette.COLOURS), path.name


def test_a_figures_style_and_its_svg_have_no_colour_of_their_own():
    colours = [value for name, value in plots.STYLE.items() if "color" in name]
    assert colours and set(colours) <= set(palette.LIGHT.values())
    svg = plots.to_svg(plots.lines({name: ([1, 2, 4], [i, 22, 25]) for i, name in enumerate("abcdefgh")}, "x", "y"))
    assert set(re.findall(r"#[0-9a-f]{6}", svg)) <= set(palette.LIGHT.values())


def test_a_figure_follows_the_readers_preference_and_somebody_elses_drawing_stays():
    svg = plots.to_svg(plots.lines({"a": ([1, 2], [3, 4])}, "x", "y"))
    themed = palette.themed(svg)
    assert "fill:var(--ink)" in themed and "stroke:var(--blue)" in themed
    drawing = re.sub("<style>:root.*?</style>", "", themed)
    assert not re.search(r"#[0-9a-f]{6}", drawing) and "--ink:#1c2024" in themed and "--ink:#dfe3e7" in themed
    assert set(re.findall(r"var\(--([\w-]+)\)", drawing)) == set(re.findall(r"--([\w-]+):", themed))
    foreign = '<svg><path style="fill:#ffffff"/><use href="#a"/></svg>'
    assert palette.themed(foreign) == foreign


def test_light_colours_are_told_apart_by_their_letters():
    assert len(set(palette.LIGHT.values())) == len(palette.LIGHT)
    assert not any(a != b and a in b for a in palette.LIGHT.values() for b in palette.LIGHT.values())


@pytest.mark.parametrize("theme", THEMES)
def test_words_are_read_on_their_ground(theme):
    colours = THEMES[theme]
    grounds = {"paper": ("ink", "muted", "link", "ours", "alarm"), "alarm-paper": ("alarm",)}
    grounds["soft"] = ("ink", "muted", "link", "keyword", "string", "number")
    for ground, words in grounds.items():
        for name in words:
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for name in palette.PARTS:
        letters = "paper" if name in palette.DARK_PARTS else "on-pale"
        assert contrast(colours[letters], colours[name]) >= 3.8, name


def test_series_are_seen_on_a_dark_page():
    assert min(contrast(palette.DARK[name], palette.DARK["paper"]) for name in (*palette.SERIES, "others")) >= 4


def test_simulated_vision_is_right_where_the_answer_is_known():
    assert seen("white", "protanopia") == pytest.approx(seen("white"), abs=0.1)
    assert least_difference(("#b90000", "#4f4b00"), "protanopia") < least_difference(("#b90000", "#4f4b00"), "normal") / 4
    assert least_difference(("#0072B2", "#D55E00"), "deuteranopia") > 40  # blue and orange are what everybody tells apart
    assert contrast("black", "white") == pytest.approx(21) and contrast("#777777", "white") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", TOGETHER)
def test_colours_that_a_figure_uses_together_differ_for_every_vision(name, vision, theme):
    assert least_difference([THEMES[theme][colour] for colour in TOGETHER[name]], vision) >= APART
    if name.startswith("series"):
        assert least_difference([THEMES[theme][colour] for colour in palette.SERIES[:4]], vision) >= FAR_APART


def test_neighbouring_parts_of_a_bar_differ_in_grey():
    lightness = [seen(palette.LIGHT[name])[0] for name in palette.PARTS]
    assert np.abs(np.diff(lightness)).min() >= GREY_APART


def test_differences_are_drawn_in_blue_and_red():
    low, high = (matplotlib.colormaps[palette.DIVERGING](place) for place in (0.1, 0.9))
    assert low[2] > low[0] and high[0] > high[2]

"""How pages read: figures and tables on a phone, sentences before code, lines that do not end within a formula."""

from __future__ import annotations

import re

import numpy as np
import pytest
from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from test_browser import folder, made, scrolls_sideways, shown, until  # noqa: F401

from reecho import plots, report
from reecho.report import html, markdown, pdf
from reecho.report.assembly import arrange, opening_of
from reecho.report.contents import cover
from reecho.report.executed import pieces
from reecho.report.sheets import table_for_page
from reecho.report.tables import pipe_table

FACES = np.random.default_rng(0).random((4, 8, 8, 3))


def notebook(task: str) -> object:
    """An executed notebook whose conclusions are written by several cells."""
    curve = plots.lines({"loss": ([1, 2], [3.0, 2.0])}, "epoch", "loss")
    cells = [
        new_markdown_cell("# Title", id="r-0"),
        new_markdown_cell("## Conclusions", id="r-1"),
        new_code_cell("rows = 1", id="r-2"),
        new_code_cell("say(1)", id="r-3", outputs=shown(lambda: report.say(f"First of {task}."))),
        new_code_cell("say(2)", id="r-4", outputs=shown(lambda: report.say("Second."), lambda: report.say("Third."))),
        new_code_cell("draw()", id="r-5", outputs=shown(lambda: report.figure(curve, f"The curve of {task}.", "It falls."))),
        new_code_cell("shown", id="r-6", metadata={"tags": ["show"]}, outputs=shown(lambda: report.say("Behind its code."))),
    ]
    return new_notebook(cells=cells)


def test_a_heading_is_followed_by_what_code_wrote_and_the_code_of_several_cells_shares_a_place():
    held = [[piece for cell in notebook(task).cells for piece in pieces(cell)] for task in ("a", "b")]
    sentences = ["First of a.", "Second.", "Third."]
    codes = ["rows = 1", "say(1)", "say(2)", "draw()"]
    order = ["## Conclusions", *sentences, *codes, "It falls.", "shown", "Behind its code."]
    assert [placed.piece.text for placed in arrange(held[:1]).body] == order
    both = arrange(held, ["a", "b"]).body
    assert [(placed.run, placed.piece.text) for placed in both] == [
        (None, "## Conclusions"), (0, "First of a."), (1, "First of b."), *((None, text) for text in [*sentences[1:], *codes]),
        (0, "It falls."), (1, "It falls."), (None, "shown"), (None, "Behind its code."),
    ]  # fmt: skip


def test_columns_of_words_say_how_long_their_words_are():
    rows = [{"method": "a [longer](#there) name", "psnr": 1.5, "verdict": "no"}, {"method": "b", "psnr": 2.5, "verdict": "perhaps"}]
    columns = [{"key": key, "heading": key, "markdown": key == "method"} for key in rows[0]]
    (table,) = html.markdown_to_html([pipe_table(rows, columns)])
    heads = re.findall('<th style="([^"]+)">', table_for_page(table))
    assert heads == ["--letters: 13", "--letters: 7"]
    (bare,) = html.markdown_to_html(["| a | b |\n|---|---|\n| one | |"])
    assert re.findall(r"<th\b[^>]*>", table_for_page(bare)) == ['<th style="--letters: 3">', '<th style="--letters: 1">']


def test_no_line_ends_within_a_short_formula():
    text = "An axis (× 1000) has 1 − σ²/λ, 95 % and a U-Net: and/or, α = 100,000. In [0, 1] or x = [0, 1]; " + " + ".join(
        "abcdefghijklmnop"
    )
    (page,) = html.markdown_to_html([text])
    parts = ['1\u00a0−\u00a0<span class="whole">σ²/λ,</span> 95\u00a0% and', ' <span class="whole">U-Net:</span> and/or,']
    # what stands behind a fixed space and in brackets is an interval, so there is none before brackets
    for part in (*parts, "α\u00a0=\u00a0100,000. In", "x\u00a0= [0, 1]", "(×\u00a01000)"):
        assert part in page
    assert max(len(run) for run in page.split(" ")) < 60  # a long one is still broken
    book = markdown.typst(markdown.change(markdown.read([text])[0], markdown.unbroken(pdf._boxed)))
    assert "1~−~#box[σ²/λ,] 95~% and" in book


def test_a_card_of_the_index_has_a_picture_of_faces_or_none():
    grid, curve = plots.picture_grid([("target", FACES)]), plots.lines({"loss": ([1, 2], [3.0, 2.0])}, "epoch", "loss")
    figures = [lambda: report.figure(curve, "Two lines.", "They fall.", name="answer")]
    answer = [lambda: report.answer("How?", "So.", "answer")]
    for outputs, expected in ((figures, None), ([lambda: report.figure(grid, "Faces.", "Four faces."), *figures], "Four faces.")):
        book = new_notebook(cells=[new_code_cell("x", id="r-0", outputs=shown(*outputs, *answer))])
        picture = cover(book, opening_of(pieces(book.cells[0])))
        assert (picture and picture.text) == expected


def test_a_figure_on_a_phone_keeps_its_letters_legible_and_the_names_of_its_rows_in_view(made):  # noqa: F811
    page = made(width=360)
    grid, curves = (page.locator(".drawing").nth(number) for number in (0, 1))
    for place, least in ((grid, 0.84), (curves, 0.59)):  # of a chart more must be seen at once
        assert place.evaluate("(e) => e.querySelector('img').clientWidth / e.querySelector('img').getAttribute('width')") > least
        assert place.evaluate("(e) => e.tabIndex === 0 && e.classList.contains('goes-on') && e.scrollWidth > e.clientWidth")
    assert curves.locator(".names").count() == 0  # those of rows of pictures alone
    before = grid.locator(".names").bounding_box()
    assert 20 < before["width"] < 140
    grid.focus()
    page.keyboard.press("ArrowRight")
    until(lambda: grid.evaluate("(e) => e.scrollLeft > 0"))
    assert grid.locator(".names").bounding_box()["x"] == pytest.approx(before["x"], abs=1)
    grid.evaluate("(e) => { e.scrollLeft = e.scrollWidth; }")
    until(lambda: grid.evaluate("(e) => !e.classList.contains('goes-on')"))
    wide = made()
    assert wide.locator(".goes-on, .names, .drawing[tabindex]").count() == 0
    page.emulate_media(media="print")
    assert not page.locator(".names").first.is_visible()


def test_a_widget_is_not_enlarged_and_of_seven_pictures_none_stands_alone_in_a_row(browser, tmp_path):
    stages = {f"stage {number}": np.full((2, 8, 8, 3), 0.1 * number) for number in range(7)}
    outputs = shown(lambda: report.widgets.sliders(stages, {"noise": [0.1, 0.2]}, "Seven stages.", "Seven grey squares."))
    write(new_notebook(cells=[new_markdown_cell("# Widgets"), new_code_cell("x", outputs=outputs)]), tmp_path / "seven.ipynb")
    html.render(tmp_path / "seven.ipynb", tmp_path / "seven.html")
    for width in (360, 1280):
        page = browser.open(tmp_path / "seven.html", width=width)
        assert page.locator("button.enlarge").count() == 0
        tops = page.locator(".panel").evaluate_all("all => all.map(each => Math.round(each.getBoundingClientRect().top))")
        assert [tops.count(top) for top in sorted(set(tops))] == [4, 3]
        assert not scrolls_sideways(page)
        page.context.close()

"""A page opens with its answer, and several runs of one notebook share a page."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from html import unescape
from urllib.parse import unquote

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from test_browser import scrolls_sideways, shown, until, violations

from reecho import plots, report
from reecho.errors import ReechoError
from reecho.glossary import GLOSSARY, anchor_of
from reecho.report import html
from reecho.report.assembly import arrange
from reecho.report.chapters import chapters
from reecho.report.executed import pieces
from reecho.report.sheets import FOLDED, SHOWN, csv_of, table_for_page
from reecho.report.tables import differing, pipe_table, values_of
from reecho.report.terms import marked

FACES = np.random.default_rng(0).random((4, 8, 8, 3))
ROWS = [{"method": f"method {number}", "psnr_db": 20.0 + number, "psnr_db_ci95": (19.0, 22.5), "n": 9} for number in range(12)]
COLUMNS = [
    {"key": "psnr_db", "heading": "PSNR, dB", "digits": 2, "best": "higher"},
    {"key": "n", "heading": "pictures"},
]


def run_of(task: str, value: str) -> object:
    """An executed notebook of one task, whose answer stands at its end."""
    grid = plots.picture_grid([("target", FACES)])
    outputs = shown(
        lambda: report.figure(grid, f"The faces of {task}.", "Four faces.", name="answer"),
        lambda: report.answer("How good *is* it?", f"It has **{value} dB**.", "answer", {"before": FACES, "after": FACES[::-1]}),
    )
    curve = plots.lines({"loss": ([1, 2], [3.0, 2.0])}, "epoch", "loss")
    about = {"tags": ["how-made"]}
    cells = [
        new_markdown_cell("# Training\n\nfaces → report", id="t-0"),
        new_markdown_cell("## Setup\n\nThe settings are checked.", id="t-1", metadata=about),
        new_code_cell(f"task = '{task}'", id=f"t-{task}", metadata={"tags": ["injected-parameters"]}),
        new_markdown_cell("## Train\n\nThe rate is in nats. Look at the [curve](#answer).", id="t-2"),
        new_code_cell("x", id="t-3", outputs=shown(lambda: report.figure(curve, f"The curve of {task}.", "It falls."))),
        new_code_cell("y", id="t-4", outputs=shown(lambda: report.table(ROWS, COLUMNS, "All methods."))),
        new_markdown_cell("## Conclusions", id="t-5"),
        new_code_cell("z", id="t-6", outputs=outputs),
    ]
    return new_notebook(cells=cells)


@pytest.fixture
def runs(tmp_path):
    """Label → executed notebook, of two runs of one notebook."""
    paths = {}
    for task, value in (("reconstruction", "27.5"), ("denoising", "25.8")):
        paths[task] = tmp_path / f"02_training_{task}.ipynb"
        nbformat.write(run_of(task, value), paths[task])
    return paths


@pytest.fixture
def page(runs, tmp_path):
    html.render(runs, tmp_path / "02_training.html", [("Faces", "01_data.html"), ("Training", "02_training.html")], 1)
    return (tmp_path / "02_training.html").read_text(encoding="utf-8")


def test_question_answer_and_picture_come_before_all_other_text(page):
    places = [page.index(part) for part in ("<h1", "How good <em>is</em> it?", "It has <strong>27.5 dB", "The faces of", "<h2")]
    assert places == sorted(places)
    assert page.count("The faces of reconstruction.") == 1  # there and nowhere else


def test_how_it_was_made_is_folded_at_the_end(page):
    end = page.index('<details class="behind"')
    for text in ("The settings are checked.", "Show the parameters that were given", "@misc{reecho-02_training"):
        assert page.index(text) > end
    assert page.index("The curve of denoising.") < end
    assert '<li class="level-2"><a href="#setup">' not in page  # the contents lead to what is read


def test_what_the_runs_share_stands_there_once_and_the_rest_has_a_switch(page):
    assert page.count("The rate is in nats") + page.count(">rate</dfn>") == 1
    assert page.count("All methods.") == 1
    assert re.findall('<input type="radio" name="run" id="run-\\d"( checked)?><span>(\\w+)</span>', page) == [
        (" checked", "reconstruction"), ("", "denoising"),
    ]  # fmt: skip
    for number, task in enumerate(("reconstruction", "denoising")):
        assert re.search(f'<div class="run run-{number}">\\s*<p class="which">{task}</p>.*?The curve of {task}', page, re.DOTALL)
    assert "main:has(#run-1:checked) .run:not(.run-1){display:none}" in page
    anchors = re.findall('id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))


def test_a_single_run_has_no_switch(runs, tmp_path):
    html.render(runs["denoising"], tmp_path / "one.html")
    text = (tmp_path / "one.html").read_text(encoding="utf-8")
    assert 'type="radio"' not in text and "25.8 dB" in text


def test_cells_that_one_run_alone_has_keep_their_place():
    first, second = (
        [piece for cell in run_of("a", "1").cells for piece in pieces(cell)],
        [piece for cell in run_of("a", "1").cells[:-1] for piece in pieces(cell) if cell.id != "t-2"],
    )
    both = arrange([first, second], ["a", "b"])
    assert [placed.run for placed in both.body if placed.piece.cell == "t-2"] == [0]
    assert [placed.piece.cell for placed in both.body][:2] == ["t-2", "t-3"]
    assert both.openings[1] is None


def test_numbers_and_anchors_follow_the_order_of_reading():
    placed = arrange([[piece for cell in run_of("a", "1").cells for piece in pieces(cell)]]).placed
    assert [(each.piece.kind, each.number, each.anchor) for each in placed if each.number] == [
        ("figure", 1, "figure-t-3"), ("table", 1, "table-t-4"),
    ]  # fmt: skip


def test_the_book_opens_chapters_with_the_answer_and_ends_them_with_how_they_were_made(runs):
    (chapter,) = chapters([runs["denoising"]])
    text = json.dumps(chapter.blocks)
    places = [text.index(part) for part in ("25.8", '"figure"', '"Train"', '"made"', '"Setup"')]
    assert places == sorted(places)


def test_the_index_lays_before_on_after(runs, tmp_path):
    header = {"preset": "quick", "dataset": {"name": "lfw", "pictures": 9, "people": 3, "digest": "ab" * 32, "size": 32}}
    html.index(tmp_path / "index.html", header, {}, [("Training", "02_training.html", "Why?", runs["denoising"])])
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    first, second = re.findall('<img (?:class="over" )?src="data:image/png;base64,([^"]+)"', text)[:2]
    rows = [np.asarray(Image.open(io.BytesIO(base64.b64decode(row)))) for row in (first, second)]
    assert rows[0].shape == (8, 32, 3)
    assert (rows[0][:, :8] == rows[1][:, 24:]).all()
    assert text.index("25.8 dB") < text.index("ab" * 8)  # digests last


def test_the_index_shows_the_largest_faces_of_a_page_and_names_the_commits_of_its_notebooks(tmp_path):
    large = np.random.default_rng(0).random((4, 64, 64, 3))
    for name, faces, commit in (("small", FACES, "aaa"), ("large", large, "bbb"), ("other", FACES, "aaa")):
        cell = new_code_cell(
            "z", outputs=shown(lambda name=name, faces=faces: report.answer("Why?", name, "", {"noisy": faces, "clean": faces}))
        )
        notebook = new_notebook(cells=[new_markdown_cell("# T"), cell], metadata={"reecho": {"commit": commit}})
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    header = {"dataset": {"name": "lfw", "pictures": 9, "people": 3, "size": 8}, "provenance": {"commit": "ccc"}}
    entries = [("T", "t.html", "Why?", tmp_path / "small.ipynb", tmp_path / "large.ipynb")]
    html.index(tmp_path / "index.html", header, {}, entries)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    (row,) = {*re.findall('<img (?:class="over" )?src="data:image/webp;base64,([^"]+)"', text)}
    assert Image.open(io.BytesIO(base64.b64decode(row))).size == (256, 64)
    assert "64×64 pixels" in text and '<div class="finding"><p>small</p></div>' in text
    assert "aaa (1 of 2 notebooks), bbb (1 of 2 notebooks)" in text and "ccc" not in text
    assert text.index("Where to begin") < text.index("<h2>Reports")
    html.index(tmp_path / "index.html", header, {}, [("T", "t.html", "Why?", tmp_path / "other.ipynb")])
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<dt>commit</dt><dd>aaa</dd>" in text and "pixels</span>" not in text


def test_an_answer_needs_its_parts():
    for arguments in (("", "x"), ("x", " "), ("x", "y", "", {"one": FACES}), ("x", "y", "", {"a": FACES, "b": FACES[:1]})):
        with pytest.raises(ReechoError):
            report.answer(*arguments)
    with pytest.raises(ReechoError, match="lower-case"):
        report.figure(plots.picture_grid([("a", FACES)]), "c", "a", name="The answer")


def test_long_tables_show_their_best_and_first_rows():
    (table,) = html.markdown_to_html([pipe_table(ROWS, COLUMNS)])
    folded = table_for_page(table)
    assert folded.count('<tr class="more">') == len(ROWS) - SHOWN
    assert re.search("<tr>\\s*<td[^>]*>method 11</td>", folded)  # the best, though the last
    (short,) = html.markdown_to_html([pipe_table(ROWS[:FOLDED], COLUMNS)])
    assert "more" not in table_for_page(short)
    pinned = table_for_page(table, [9])
    assert pinned.count('<tr class="more">') == len(ROWS) - SHOWN
    assert re.search("<tr>\\s*<td[^>]*>method 9</td>", pinned)
    with pytest.raises(ReechoError, match="pinned"):
        report.table(ROWS, COLUMNS, "c", pinned=[{"method": "another"}])
    assert '<small class="interval">[19.00,\u00a022.50]</small>' in folded


def test_columns_with_one_value_are_said_and_not_shown():
    rest, sentence = differing(ROWS, COLUMNS)
    assert [column["key"] for column in rest] == ["psnr_db"]
    assert sentence == "In all rows: pictures = 9."
    assert differing(ROWS[:2], COLUMNS)[1] == ""


def test_values_are_there_as_csv(page):
    values = values_of(ROWS, COLUMNS)
    file = csv_of(values, "a.csv")
    lines = list(csv.reader(io.StringIO(unquote(file["href"].partition(",")[2]))))
    assert lines[0] == ["method", "PSNR, dB", "PSNR, dB, low", "PSNR, dB, high", "pictures"]
    assert lines[1] == ["method 0", "20.0", "19.0", "22.5", "9"]
    assert 'download="02_training-table-t-4.csv"' in unescape(page)
    assert 'href="#what-the-intervals-mean"' in page and 'id="what-the-intervals-mean"' in page


def test_a_term_is_defined_where_it_first_stands_and_nowhere_else():
    bodies = ["<h2>The rate</h2><p>The rate in <code>nats</code>, <a>rate</a>.</p>", "<p>Its rate, 5 nats; ratey.</p>"]
    text = "".join(marked(bodies))
    assert re.findall('<dfn tabindex="0" aria-describedby="definition-\\d+">([^<]+)</dfn>', text) == ["rate", "nats"]
    assert "<code>nats</code>" in text and "<h2>The rate</h2>" in text and "; ratey." in text


def test_terms_are_named_once_and_defined_in_plain_words():
    forms = [form for term in GLOSSARY for form in (term.name, *term.forms)]
    assert len(forms) == len(set(forms))
    assert len({anchor_of(term) for term in GLOSSARY}) == len(GLOSSARY)
    assert [term.name.lower() for term in GLOSSARY] == sorted(term.name.lower() for term in GLOSSARY)
    assert all(term.definition.endswith((".", ")")) and len(term.definition) < 300 for term in GLOSSARY)


def test_every_output_of_an_answer_is_read_as_json_can_hold_it():
    (output,) = shown(lambda: report.answer("q?", "a.", sides={"before": FACES, "after": FACES}))
    json.dumps(output)
    assert isinstance(output, type(new_output("display_data")))


@pytest.fixture
def opened(runs, tmp_path, browser):
    """Opens the page of two runs, or the index, in a browser."""
    html.render(runs, tmp_path / "02_training.html", [("Faces", "01_data.html"), ("Training", "02_training.html")], 1)
    header = {"preset": "quick", "dataset": {"name": "lfw", "pictures": 9, "people": 3, "digest": "ab" * 32, "size": 32}}
    html.index(tmp_path / "index.html", header, {}, [("Training", "02_training.html", "Why?", runs["denoising"])])
    pages = []

    def open_it(name: str = "02_training", **options):
        pages.append(browser.open(tmp_path / f"{name}.html", **options))
        return pages[-1]

    yield open_it
    for page in pages:
        assert page.complaints == []
        assert page.asked == []
        page.context.close()


@pytest.mark.parametrize("name", ["02_training", "index"])
def test_openings_and_cards_are_accessible(opened, name):
    for options in ({"width": 360, "height": 740, "dark": True}, {"width": 1280, "height": 800}):
        page = opened(name, **options)
        assert not scrolls_sideways(page)
        assert violations(page) == []


def test_question_answer_and_picture_are_within_the_first_screen(opened):
    for width, height, screens in ((1280, 800, 1), (360, 740, 2)):
        page = opened(width=width, height=height)
        box = page.locator(".opening:visible .drawing > img").bounding_box()
        assert box["y"] + box["height"] <= screens * height


def test_a_run_is_chosen_by_keyboard(opened):
    page = opened()
    assert page.locator("text=27.5 dB").is_visible() and not page.locator("text=25.8 dB").is_visible()
    page.locator("#run-0").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("text=25.8 dB").is_visible() and not page.locator("text=27.5 dB").is_visible()
    assert page.locator("text=The curve of denoising").is_visible()


def test_a_link_into_a_run_shows_it_and_one_to_the_folded_end_opens_it(opened):
    page = opened()
    page.goto(page.url + "#figure-t-3-denoising")
    until(lambda: page.locator("#run-1").is_checked())
    assert page.locator("text=The curve of denoising").is_visible()
    page.evaluate("location.hash = '#how-this-was-made'")
    until(lambda: page.locator("#how-this-was-made").evaluate("(e) => e.open"))


def test_a_definition_shows_on_focus_and_on_hover_and_goes_with_escape(opened):
    page = opened()
    term, definition = page.locator("dfn").first, page.locator(".definition").first
    assert not definition.is_visible()
    term.focus()
    assert definition.is_visible() and term.get_attribute("aria-describedby") == definition.get_attribute("id")
    page.keyboard.press("Escape")
    assert not definition.is_visible()
    page.locator("h1").hover()
    page.locator("#run-0").focus()
    term.hover()
    assert definition.is_visible()


def test_long_tables_unfold_by_keyboard(opened):
    page = opened()
    rows, button = page.locator("figure.table tbody tr:visible"), page.locator("button.rows")
    assert rows.count() == SHOWN and button.inner_text() == f"Show all {len(ROWS)} rows"
    button.focus()
    page.keyboard.press("Enter")
    assert rows.count() == len(ROWS) and button.get_attribute("aria-expanded") == "true"


def test_the_line_between_before_and_after_moves_by_keyboard(opened):
    page = opened("index")
    slider = page.locator(".cards input[type=range]")
    slider.focus()
    page.keyboard.press("End")
    assert page.locator(".cut").evaluate("(e) => e.style.getPropertyValue('--at')") == "100%"
    assert slider.get_attribute("aria-valuetext") == "100 % before, 0 % after"


def test_all_runs_and_rows_are_there_without_javascript_and_rows_in_print(opened):
    page = opened(java_script_enabled=False)
    assert page.locator("figure.table tbody tr:visible").count() == len(ROWS)
    page = opened()
    page.emulate_media(media="print")
    assert page.locator("figure.table tbody tr:visible").count() == len(ROWS)
    assert page.locator(".switch label:visible").count() == 1  # that of what is printed

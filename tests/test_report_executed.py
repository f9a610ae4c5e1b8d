"""Notebooks of others: what they show is shown, or named as left out."""

from __future__ import annotations

import base64
import io

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from reecho.report import html, pdf
from reecho.report.chapters import chapters
from reecho.report.executed import pieces
from reecho.report.title_page import Cover


@pytest.fixture
def png():
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(buffer, "png")
    return buffer.getvalue()


def shown(**data):
    cell = new_code_cell("x")
    cell.outputs = [new_output("display_data", data=data)]
    return [(piece.kind, piece.text) for piece in pieces(cell) if piece.kind != "code"]


def test_a_pasted_picture_is_a_figure_between_the_texts(png):
    cell = new_markdown_cell("Look:\n\n![a red square](attachment:image%20one.png)\n\nand read on.")
    cell.attachments = {"image one.png": {"image/png": base64.b64encode(png).decode()}}
    held = pieces(cell)
    assert [piece.kind for piece in held] == ["text", "figure", "text"]
    assert held[1].data == png and held[1].text == "a red square" and "attachment" not in held[0].text + held[2].text


WAYS = {
    "plain": "![a red square](attachment:one.png)",
    "title": '![a red square](attachment:one.png "its title")',
    "by reference": "![a red square][red]\n\n[red]: attachment:one.png",
    "html": '<img src="attachment:one.png" alt="a red square" width="40">',
    "link to it": "[a red square](attachment:one.png)",
    "linked": "[![a red square](attachment:one.png)](https://example.org)",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_pasted_picture_is_found_in_each_way_of_showing_it(png, way):
    cell = new_markdown_cell(f"# Title\n\nLook: {WAYS[way]} here, where $a<b$.\n\nRead on." if way != "by reference" else
                             f"# Title\n\nLook, $a<b$: {WAYS[way]}\n\nRead on.")  # fmt: skip
    cell.attachments = {"one.png": {"image/png": base64.b64encode(png).decode()}}
    held = pieces(cell)
    assert [piece.kind for piece in held] == ["text", "figure", "text"]
    assert held[1].data == png and held[1].text == "a red square"
    text = held[0].text + held[2].text
    assert "attachment" not in text and "$a<b$" in text and "# Title" in held[0].text and "Read on." in held[2].text
    assert ("[a red square](https://example.org)" in text) == (way == "linked")


def test_an_address_of_its_own_without_words_is_found_too(png):
    cell = new_markdown_cell("<attachment:one.png>")
    cell.attachments = {"one.png": {"image/png": base64.b64encode(png).decode()}}
    assert [(piece.kind, piece.text) for piece in pieces(cell)] == [("figure", "A picture without a description")]


def test_what_only_speaks_of_pasted_pictures_stays_and_one_that_is_not_there_is_said():
    code = new_markdown_cell("Write `![x](attachment:a.png)`.")
    assert [(piece.kind, piece.text) for piece in pieces(code)] == [("text", "Write `![x](attachment:a.png)`.")]
    (gone,) = pieces(new_markdown_cell("See ![x](attachment:a.png)."))
    assert "The picture a.png is not in this notebook" in gone.text and "attachment" not in gone.text


def test_html_beside_a_name_is_what_is_shown_unless_it_needs_a_script():
    page = "<div>a <b>model</b></div>"
    assert shown(**{"text/html": page, "text/plain": "Model(alpha=1)"}) == [("html", page)]
    script = "<div id=x></div><script>draw('x')</script>"
    assert shown(**{"text/html": script, "text/plain": "Chart(3 points)"}) == [("printed", "Chart(3 points)")]


@pytest.mark.parametrize(
    ("page", "plain", "printed"),
    [
        ("<b>hi</b> there", "<IPython.core.display.HTML object>", ["hi there"]),
        ("<div>a <b>model</b></div>", "Model(alpha=1)", ["Model(alpha=1)"]),
        ("<style>b {color: red}</style><!-- nothing -->", "<IPython.core.display.HTML object>", []),
        (
            '<iframe src="https://example.org"></iframe>',
            "<IPython.lib.display.IFrame object at 0x7f00>",
            ["What the notebook shows"],
        ),
    ],
)
def test_the_book_prints_the_words_of_html(tmp_path, page, plain, printed):
    cell = new_code_cell("x")
    cell.outputs = [new_output("display_data", data={"text/html": page, "text/plain": plain})]
    nbformat.write(new_notebook(cells=[new_markdown_cell("# A"), cell]), tmp_path / "a.ipynb")
    (chapter,) = chapters([tmp_path / "a.ipynb"])
    found = [block["c"][1] for block in chapter.blocks if block["t"] == "CodeBlock"]
    assert len(found) == len(printed) and all(text.startswith(start) for text, start in zip(found, printed, strict=True))


def test_html_is_shown_and_not_the_name_of_its_object():
    assert shown(**{"text/html": "<b>hi</b>", "text/plain": "<IPython.core.display.HTML object>"}) == [("html", "<b>hi</b>")]


def test_a_widget_is_named_as_left_out():
    ((kind, text),) = shown(**{"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "IntSlider()"})
    assert kind == "printed" and "left out" in text


def test_an_error_has_no_escape_codes():
    cell = new_code_cell("x")
    cell.outputs = [new_output("error", ename="ValueError", evalue="\x1b[31mred\x1b[0m", traceback=[])]
    assert pieces(cell)[-1].text == "ValueError: red"


RED = "\x1b[1;31m{}\x1b[0m"
CODED = {
    "stdout": new_output("stream", name="stdout", text=RED.format("seen") + "\x1b[2K\n"),
    "text/plain": new_output("display_data", data={"text/plain": RED.format("seen")}),
    "a link": new_output("stream", name="stdout", text="\x1b]8;;https://example.org\x1b\\seen\x1b]8;;\x1b\\ \x1b]0;title\x07\x1b7"),
    "text/markdown": new_output("display_data", data={"text/markdown": RED.format("**seen**")}),
    "text/html": new_output("display_data", data={"text/html": RED.format("<b>seen</b>")}),
    "ename": new_output("error", ename=RED.format("seen"), evalue="", traceback=[RED.format("lines")]),
    "evalue": new_output("error", ename="ValueError", evalue=RED.format("seen"), traceback=[RED.format("lines")]),
}


@pytest.mark.parametrize("where", CODED)
def test_escape_codes_stand_neither_in_page_nor_in_book(tmp_path, where):
    cell = new_code_cell("x", outputs=[CODED[where]])
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Title"), cell]), tmp_path / "a.ipynb")
    html.render(tmp_path / "a.ipynb", tmp_path / "a.html")
    (tmp_path / "book").mkdir()
    pdf.write_typst([tmp_path / "a.ipynb"], tmp_path / "book", Cover("Title"))
    book = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "book").rglob("*.typ"))
    for text in ((tmp_path / "a.html").read_text(encoding="utf-8").partition("<body")[2], book):
        assert (
            "seen" in text
            and "\x1b" not in text
            and "u{1b}" not in text
            and "[1;31m" not in text
            and "[0m" not in text
            and "[2K" not in text
        )

"""Notebooks of others: what they show is shown, or named as left out."""

from __future__ import annotations

import base64
import io

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from PIL import Image

from reecho.report.executed import pieces


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


def test_html_is_shown_and_not_the_name_of_its_object():
    assert shown(**{"text/html": "<b>hi</b>", "text/plain": "<IPython.core.display.HTML object>"}) == [("html", "<b>hi</b>")]


def test_a_widget_is_named_as_left_out():
    ((kind, text),) = shown(**{"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "IntSlider()"})
    assert kind == "printed" and "left out" in text


def test_an_error_has_no_escape_codes():
    cell = new_code_cell("x")
    cell.outputs = [new_output("error", ename="ValueError", evalue="\x1b[31mred\x1b[0m", traceback=[])]
    assert pieces(cell)[-1].text == "ValueError: red"

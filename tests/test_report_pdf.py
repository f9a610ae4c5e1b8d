"""The book: nothing printed twice, figures that leave no page half empty, tables that fit, a valid and reproducible PDF."""

from __future__ import annotations

import base64
import io
import re

import nbformat
import numpy as np
import pytest
import typst
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from reecho.errors import ReechoError
from reecho.report import pdf
from reecho.report.chapters import chapters, gathered, without_repeats
from reecho.report.placing import decide
from reecho.report.tables import pipe_table
from reecho.report.widths import FITS, narrowed, shares

WORDS = "Each number is a mean over the pictures of people whom no network saw while it learnt, and what is left is measured. "
HEADER = {
    "preset": "full", "minutes": 47.4, "provenance": {"commit": "abc1234"},
    "dataset": {"name": "lfw", "pictures": 13233, "people": 5749, "digest": "ab" * 32, "size": 32},
    "tasks": {"denoising": [
        {"method": "noisy", "ours": False, "psnr_db": 20.3}, {"method": "LMMSE", "ours": False, "psnr_db": 27.6},
    ]},
}  # fmt: skip


def drawn(height, width=672):
    buffer = io.BytesIO()
    Image.fromarray(np.full((height, width, 3), 90, "uint8")).save(buffer, "png")
    return buffer.getvalue()


def figure(height, caption="A figure.", **more):
    about = {"kind": "figure", "caption": caption, "alt": "A grey box.", "width": 672, "height": height}
    data = {"image/png": base64.b64encode(drawn(height)).decode(), **more}
    return new_code_cell("f()", outputs=[new_output("display_data", data=data, metadata={"reecho": about})])


def table(text, caption="A table."):
    about = {"reecho": {"kind": "table", "caption": caption}}
    return new_code_cell("t()", outputs=[new_output("display_data", data={"text/markdown": text}, metadata=about)])


def settings(**values):
    lines = "\n".join(f"| `{name}` | {value} |  | meaning of {name} |" for name, value in values.items())
    return table(f"| name | value | unit | meaning |\n|:--|:--|:--|:--|\n{lines}", "Settings of this run.")


def progress():
    return new_code_cell("train()", outputs=[new_output("stream", name="stdout", text="epoch  1 of 6: train 549.69\n")])


def training(task):
    changed = f"**{task}** (default: none)"
    return [
        new_markdown_cell("# Training\n\nfaces → inputs"),
        new_markdown_cell("## Overview\n\nThe same in every run."),
        new_markdown_cell("## Setup\n\nThe settings are checked first."),
        settings(preset="full", task=changed),
        new_markdown_cell("## Train\n\nLook at the curve."),
        progress(),
        figure(200, f"The curve of {task}."),
        new_markdown_cell("## Exercises\n\n1. The same."),
        new_markdown_cell(f"## Conclusions\n\nIt learnt {task}."),
        table(f"| what | value |\n|:--|:--|\n| commit | `abc` |\n| network, trained in | `{task}-1`, 3 epochs |", "Made with."),
    ]


@pytest.fixture
def write(tmp_path):
    def writing(cells, name="04_denoising"):
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=cells), path)
        return path

    return writing


@pytest.fixture
def runs(write):
    return [write(training(task), f"02_training_{task}") for task in ("reconstruction", "denoising")]


def rendered(paths, folder, titles=()):
    """(The text for typst, its pages as grey pictures.)"""
    folder.mkdir()
    main = pdf.write_typst(paths, folder, pdf.Cover("reecho"), titles)
    pages = typst.compile(main, root=folder, ignore_system_fonts=True, format="png", ppi=36)
    pages = pages if isinstance(pages, list) else [pages]
    return main.read_text(encoding="utf-8"), [np.asarray(Image.open(io.BytesIO(page)).convert("L")) for page in pages]


def filled(page):
    """Which share of the height of a page's text is above its last line of ink, its number apart."""
    height = len(page)
    rows = np.flatnonzero((page[: round(height * 273 / 297)] < 200).any(axis=1))
    return (rows[-1] / height - 26 / 297) / (247 / 297) if len(rows) else 0.0


def test_later_runs_of_a_notebook_print_what_is_new(runs):
    first, second = without_repeats(chapters(runs, ["Training: reconstruction", "Training: denoising"]))
    assert [first.title, second.title] == ["Training: reconstruction", "Training: denoising"]
    text = "\n".join(piece.text for piece in second.pieces)
    for gone in ("The same in every run", "## Overview", "## Exercises", "Look at the curve"):
        assert gone not in text
        assert gone in "\n".join(piece.text for piece in first.pieces)
    assert "notebook of [chapter 1](#chapter-1) again, with `task` **denoising**" in text
    assert "(Overview, Exercises)" in text
    assert [piece.caption for piece in second.pieces if piece.kind == "figure"] == ["The curve of denoising."]
    assert "## Train\nTo be read as in [chapter 1]" in text
    assert "It learnt denoising." in text


def test_notebooks_of_different_sources_share_no_text(write):
    paths = [write([new_markdown_cell(f"# {name}\n\n## Setup\n\nThe settings are checked first.")], name) for name in "ab"]
    for chapter in without_repeats(chapters(paths)):
        assert "The settings are checked first." in [piece.text for piece in chapter.pieces]


def test_a_notebook_given_twice_is_referred_to(write):
    path = write([new_markdown_cell("# A\n\nstrip\n\n## B\n\ntext")])
    again = without_repeats(chapters([path, path]))[1]
    assert [piece.text for piece in again.pieces][:2] == ["# A", "strip"]
    assert "(B) is not printed twice" in again.pieces[2].text and len(again.pieces) == 3


def test_settings_and_provenance_are_gathered_in_an_appendix(runs):
    told, appendix = gathered(without_repeats(chapters(runs)))
    tables = [piece for piece in appendix if piece.kind == "table"]
    assert "| `preset` | full |  | meaning of preset | all |" in tables[0].text
    assert "| `task` | **denoising** (default: none) |  | meaning of task | 2 |" in tables[0].text
    assert tables[1].text.count("`abc`") == 1
    assert "| network, trained in | `denoising-1`, 3 epochs | 2 |" in tables[1].text
    text = "\n".join(piece.text for piece in told[1].pieces)
    assert "Set for this run: `task` **denoising** (default: none). All settings" in text
    assert "Networks of this chapter: `denoising-1`, 3 epochs." in text


def test_a_book_of_one_chapter_keeps_its_settings(runs):
    told, appendix = gathered(chapters(runs[:1]))
    captions = [piece.caption for piece in told[0].pieces if piece.kind == "table"]
    assert appendix == [] and captions == ["Settings of this run.", "Made with."]


def test_progress_of_a_training_is_not_printed(runs, tmp_path):
    text, _ = rendered(runs, tmp_path / "book")
    assert "549.69" not in text


def test_links_lead_to_the_chapter_that_is_meant(write, tmp_path):
    said = {
        "a": "# A\n\n## Same\n\n[b](b.ipynb#same), [here](#same), [nowhere](c.ipynb)[^1]\n\n[^1]: Note of A.",
        "b": "# B\n\n## Same\n\n[here](#same), [there](#nowhere)[^1]\n\n[^1]: Note of B.",
    }
    text, _ = rendered([write([new_markdown_cell(cell)], name) for name, cell in said.items()], tmp_path / "book")
    assert "#link(<chapter-2>)[b], #link(<c1-same>)[here], nowhere" in text
    assert "#link(<c2-same>)[here], there" in text
    assert "Note of A." in text and "Note of B." in text


def test_figures_leave_no_page_half_empty(write, tmp_path):
    cells = [new_markdown_cell("# Figures")]
    for number, height in enumerate((500, 620, 300, 700, 250, 900, 420, 560, 300)):
        cells += [new_markdown_cell(f"## Part {number}\n\n{WORDS * 6}\n\n{WORDS * 5}"), figure(height, f"Number {number}.")]
    cells.append(new_markdown_cell(f"## Conclusions\n\n{WORDS * 12}"))
    _, pages = rendered([write(cells)], tmp_path / "book")
    assert len(pages) > 7
    assert min(filled(page) for page in pages[2:-1]) > 0.6


def test_a_figure_higher_than_a_page_is_made_smaller(write, tmp_path):
    _, pages = rendered([write([new_markdown_cell("# A"), figure(3000), new_markdown_cell(WORDS)])], tmp_path / "book")
    assert len(pages) < 6 and max(filled(page) for page in pages[2:]) > 0.9


def test_a_few_lines_do_not_get_a_page_of_their_own(write, tmp_path):
    lines = [new_markdown_cell(WORDS) for _ in range(3)]
    cells = [new_markdown_cell("# A"), figure(440), figure(360), *lines]
    _, pages = rendered([write(cells)], tmp_path / "book")
    assert len(pages) == 3  # title, contents, and the chapter


def test_figures_keep_their_order_and_get_smaller_within_reason():
    spot = {"page": 3, "room": 300, "height": 310, "shrinks": 250, "least": 0}
    assert decide(spot, 0) == {"factor": 0.96, "floats": False}
    assert decide(spot | {"room": 200}, 0) == {"factor": 1.0, "floats": True}
    assert decide(spot, 4) == {"factor": 1.0, "floats": True}
    assert decide(spot | {"shrinks": 0}, 0) == {"factor": 1.0, "floats": True}
    assert decide(spot | {"scale": 0.9}, 0) == {"factor": 0.9, "floats": False}


def test_a_long_tables_header_comes_again_and_its_caption_does_not(write, tmp_path):
    rows = [{"method": f"method {number}", "psnr_db": 20 + number / 7} for number in range(90)]
    body = pipe_table(rows, [{"key": "psnr_db", "heading": "PSNR of it", "digits": 2}])
    path = write([new_markdown_cell(f"# A\n\n{WORDS * 30}"), table(body)])
    text, pages = rendered([path], tmp_path / "book")
    assert "table.header([method], [PSNR of it]" in text
    assert len(pages) > 4
    headers = [header_of(page) for page in pages[3:-1]]
    assert all((header == headers[0]).all() for header in headers)


def header_of(page):
    """The rows of ink below the running head: the table's rule and its header."""
    height = len(page)
    return page[round(height * 27 / 297) : round(height * 31 / 297), : page.shape[1] // 2]


def test_wide_tables_break_their_cells_where_it_saves_most_lines():
    assert shares("| a | b |\n|:--|--:|\n| c | d |") is None
    wide = f"| name | meaning |\n|:--|:--|\n| short | {'many words ' * 30}|"
    name, meaning = shares(wide)
    assert name + meaning == pytest.approx(1) and name < 0.12
    cell = "19.81\u00a0\\[19.25,\u00a020.37\\]"
    with_intervals = "\n".join(f"| a method of some length | {' | '.join([cell] * 7)} |" for _ in range(3))
    assert narrowed(with_intervals).count("`#below[`{=typst}") == 21
    assert narrowed(f"| a | {cell} |") == f"| a | {cell} |"
    assert FITS > 100


def test_no_table_is_wider_than_the_text(write, tmp_path):
    rows = [{"method": "reference, variance-keeping mix", **{f"k{i}": 1234.5 + i for i in range(12)}} for _ in range(4)]
    body = pipe_table(rows, [{"key": f"k{i}", "heading": f"a heading of words {i}", "digits": 3} for i in range(12)])
    _, pages = rendered([write([new_markdown_cell("# A"), table(body)])], tmp_path / "book")
    page = pages[2]
    assert (page[:, : round(page.shape[1] * 20 / 210)] > 250).all() and (page[:, round(page.shape[1] * 190 / 210) :] > 250).all()


def test_the_title_page_says_what_was_run(runs, tmp_path):
    picture = tmp_path / "overview.png"
    picture.write_bytes(drawn(300))
    cover = pdf.Cover("reecho", "of two", HEADER, (picture, "Eight people"))
    folder = tmp_path / "book"
    folder.mkdir()
    text = pdf.write_typst(runs, folder, cover).read_text(encoding="utf-8")
    front = text[: text.index("#show: book.with")]
    for part in ("13,233 pictures of 5,749 people", "47.4 minutes", "abc1234", "27.6 dB (LMMSE)", 'alt: "Eight people"'):
        assert part in front
    for name in ("a.pdf", "b.pdf"):
        pdf.render(runs, tmp_path / name, cover)
    content = (tmp_path / "a.pdf").read_bytes()
    assert content == (tmp_path / "b.pdf").read_bytes() and b"pdfuaid" in content
    for part in (rb"/Outlines", rb"/Lang ?\(en-GB\)", rb"/PageLabels", rb"/StructTreeRoot"):
        assert re.search(part, content)


def test_a_figure_to_play_with_is_an_ordinary_one_in_the_book(write, tmp_path):
    cell = figure(200, **{"application/vnd.reecho.play+json": {"kind": "divider"}})
    pdf.render([write([new_markdown_cell("# A"), cell])], tmp_path / "a.pdf", "t")
    content = (tmp_path / "a.pdf").read_bytes()
    assert b"pdfuaid" in content and b"/Image" in content


def test_letters_without_a_font_do_not_stop_the_book(write, tmp_path):
    pdf.render([write([new_markdown_cell("# 日本 🙂\n\n有り 🎈 **⊙** ✓")])], tmp_path / "a.pdf", "t")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_what_typst_cannot_set_is_said(write, tmp_path):
    path = write([new_markdown_cell("# A\n\n```{=typst}\n#no-such-function()\n```")])
    with pytest.raises(ReechoError, match="typst cannot set the book"):
        pdf.render([path], tmp_path / "a.pdf", "t")
    assert not re.search(r"places|main", " ".join(each.name for each in tmp_path.iterdir()))

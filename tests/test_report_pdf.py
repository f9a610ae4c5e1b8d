"""The book: nothing printed twice, figures that leave no page half empty, tables that fit, a valid and reproducible PDF."""

from __future__ import annotations

import base64
import io
import json
import re

import nbformat
import numpy as np
import pypandoc
import pytest
import typst
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from reecho.errors import ReechoError
from reecho.methods import Method
from reecho.report import markdown, pdf
from reecho.report.chapters import _spans, appendix, chapters
from reecho.report.tables import pipe_table
from reecho.results import Row

WORDS = "Each number is a mean over the pictures of people whom no network saw while it learnt, and what is left is measured. "
HEADER = {
    "preset": "full", "minutes": {"total": 47.4}, "provenance": {"commit": "abc1234"},
    "dataset": {"name": "lfw", "pictures": 13233, "people": 5749, "digest": "ab" * 32, "size": 32},
}  # fmt: skip
METHODS = {Method("input", "noisy"): 20.3, Method("baseline", "lmmse"): 27.6}
ROWS = {"denoising": [Row("denoising", 32, method, 9, {"psnr_db": value}) for method, value in METHODS.items()]}


def drawn(height, width=672):
    buffer = io.BytesIO()
    Image.fromarray(np.full((height, width, 3), 90, "uint8")).save(buffer, "png")
    return buffer.getvalue()


def figure(height, caption="A figure.", **more):
    about = {"kind": "figure", "caption": caption, "alt": "A grey box.", "width": 672, "height": height}
    data = {"image/png": base64.b64encode(drawn(height)).decode(), **more}
    return new_code_cell("f()", outputs=[new_output("display_data", data=data, metadata={"reecho": about})])


def table(text, caption="A table.", about=""):
    about = {"reecho": {"kind": "table", "caption": caption, "about": about}}
    return new_code_cell("t()", outputs=[new_output("display_data", data={"text/markdown": text}, metadata=about)])


def settings(**values):
    lines = "\n".join(f"| `{name}` | {value} |  | meaning of {name} |" for name, value in values.items())
    return table(f"| name | value | unit | meaning |\n|:--|:--|:--|:--|\n{lines}", "Settings of this run.", "settings")


def progress():
    return new_code_cell("train()", outputs=[new_output("stream", name="stdout", text="epoch  1 of 6: train 549.69\n")])


def training(task):
    changed = f"**{task}** (default: none)"
    return [
        new_markdown_cell("# Training\n\nfaces → inputs"),
        new_markdown_cell("## Overview\n\nThe same in every run."),
        new_markdown_cell("## Setup\n\nThe settings are checked first.", metadata={"tags": ["how-made"]}),
        settings(preset="full", task=changed),
        new_markdown_cell("## Train\n\nLook at the curve."),
        progress(),
        figure(200, f"The curve of {task}."),
        new_markdown_cell("## Exercises\n\n1. The same."),
        new_markdown_cell(f"## Conclusions\n\nIt learnt {task}."),
        table(
            f"| what | value |\n|:--|:--|\n| commit | `abc` |\n| network, trained in | `{task}-1`, 3 epochs |",
            "Made.",
            "provenance",
        ),
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


def written(chapter):
    """A chapter's text, as plain words."""
    return pypandoc.convert_text(json.dumps(markdown.document(chapter.blocks)), "plain", "json", extra_args=["--wrap=none"])


def test_later_runs_of_a_notebook_print_what_is_new(runs):
    first, second = map(written, chapters(runs, ["Training: reconstruction", "Training: denoising"]))
    assert first.startswith("Training: reconstruction\n") and second.startswith("Training: denoising\n")
    for gone in ("The same in every run", "Overview", "Exercises", "Look at the curve", "faces → inputs\n\nfaces"):
        assert gone not in second
        assert gone in first or "→" in gone
    assert "This is the notebook of the chapter “Training” run again" in second
    for new in ("Setup", "Train", "The curve of denoising.", "It learnt denoising."):
        assert new in second


def test_what_a_later_run_draws_alike_is_printed_once(write):
    cells = [new_markdown_cell("# A"), new_markdown_cell("## Faces"), figure(50), new_markdown_cell("## Curves")]
    paths = [write([*cells, figure(60 + number)], f"0{number}") for number in range(2)]
    first, second = chapters(paths)
    assert [block["t"] for block in second.blocks] == ["Header", "Para", "Header", "Div"]
    assert len(first.files) == 2


def test_notebooks_of_different_sources_share_no_text(write):
    paths = [write([new_markdown_cell(f"# {name}\n\n## Setup\n\nThe settings are checked first.")], name) for name in "ab"]
    assert all("The settings are checked first." in written(chapter) for chapter in chapters(paths))


def test_a_warning_is_printed_in_every_run(write):
    about = {"reecho": {"kind": "banner", "text": "Not real."}}
    warning = new_output("display_data", data={"text/plain": "Not real."}, metadata=about)
    path = write([new_markdown_cell("# A"), new_markdown_cell("## B\n\ntext"), new_code_cell("b()", outputs=[warning])])
    assert all("Not real." in written(chapter) for chapter in chapters([path, path]))


def test_a_notebook_given_twice_is_referred_to(write):
    path = write([new_markdown_cell("# A\n\nstrip\n\n## B\n\ntext")])
    title, strip, note = chapters([path, path])[1].blocks
    assert (title["t"], strip["t"], note["t"]) == ("Header", "Para", "Para")


def test_of_a_notebook_given_twice_a_sentence_is_printed_to_its_end(write):
    first, second = (
        write([new_markdown_cell(f"# A\n\nstrip\n\n## B\n\n{word}:\n\n$$x$$\n\nwhere x is a code.\n\nThe end.")], name)
        for word, name in (("One", "04_denoising"), ("Two", "04_denoising_64"))
    )
    kinds = [block["t"] for block in chapters([first, second])[1].blocks if block["t"] != "Header"]
    assert kinds == ["Para"] * 5 and written(chapters([first, second])[1]).count("where x is a code") == 1
    assert "The end" not in written(chapters([first, second])[1])


def test_settings_and_provenance_are_gathered_in_an_appendix(runs):
    given = chapters(runs)
    rows = [" ".join(line.split()) for line in written(appendix(given)).splitlines()]
    assert "preset full meaning of preset all" in rows
    assert "task denoising (default: none) meaning of task 2" in rows
    assert "commit abc all" in rows
    assert "network denoising-1 trained in 3 epochs 2" in rows
    text = written(given[1])
    assert "Settings of this run. task: denoising (default: none). The whole table is in appendix A." in text
    assert "network denoising-1: trained in 3 epochs." in text and "meaning of" not in text


def test_the_appendix_writes_numbers_of_chapters_in_short():
    assert _spans({1, 2, 3, 7, 9, 10}) == "1–3, 7, 9–10" and _spans({4}) == "4"


def test_progress_of_a_training_is_not_printed(runs, tmp_path):
    text, _ = rendered(runs, tmp_path / "book")
    assert "549.69" not in text


def test_links_lead_to_the_chapter_that_is_meant(write, tmp_path):
    said = {
        "a": "# A\n\n## Same\n\n[b](b.ipynb#same), [here](#same), [nowhere](c.ipynb)[^1]\n\n[^1]: Note of A.",
        "b": "# B\n\n## Same\n\n[here](#same), [there](#nowhere)[^1]\n\n[^1]: Note of B.",
    }
    text, _ = rendered([write([new_markdown_cell(cell)], name) for name, cell in said.items()], tmp_path / "book")
    assert "#link(<chapter-2>)[b], #link(<chapter-1-same>)[here], #link(<c>)[nowhere]" in text  # which book.typ takes for text
    assert "#link(<chapter-2-same>)[here]" in text
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


def test_a_chapter_begins_with_its_title_and_not_with_a_figure(write, tmp_path):
    paths = [write([new_markdown_cell(f"# {name}\n\n{WORDS}"), figure(300), new_markdown_cell(WORDS)], name) for name in "ab"]
    _, pages = rendered(paths, tmp_path / "book")
    for page in pages[2:]:
        assert (page[round(len(page) * 30 / 297) : round(len(page) * 60 / 297)] > 200).mean() > 0.8  # letters, no grey box


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


def test_intervals_of_a_wide_table_stand_below_their_values(write, tmp_path):
    columns = [{"key": f"k{i}", "heading": f"k{i}", "digits": 2} for i in range(9)]
    row = {"method": "m"} | {f"k{i}": 19.81 for i in range(9)} | {f"k{i}_ci95": [19.25, 20.37] for i in range(9)}
    heights = {}
    for count in (3, 9):
        body = pipe_table([row] * 10, columns[:count])
        text, pages = rendered([write([new_markdown_cell("# A"), table(body)], f"n{count}")], tmp_path / f"book-{count}")
        assert text.count("#interval[\\[19.25,~20.37\\]]") == 10 * count
        heights[count] = filled(pages[2])
        assert (pages[2][:, round(pages[2].shape[1] * 190 / 210) :] > 250).all()
    assert heights[9] > 1.4 * heights[3]


def test_no_table_is_wider_than_the_text(write, tmp_path):
    rows = [{"method": "reference, variance-keeping mix", **{f"k{i}": 1234.5 + i for i in range(12)}} for _ in range(4)]
    body = pipe_table(rows, [{"key": f"k{i}", "heading": f"a heading of words {i}", "digits": 3} for i in range(12)])
    _, pages = rendered([write([new_markdown_cell("# A"), table(body)])], tmp_path / "book")
    page = pages[2]
    assert (page[:, : round(page.shape[1] * 20 / 210)] > 250).all() and (page[:, round(page.shape[1] * 190 / 210) :] > 250).all()


def test_the_title_page_says_what_was_run(runs, tmp_path):
    picture = tmp_path / "overview.png"
    picture.write_bytes(drawn(300))
    cover = pdf.Cover("reecho", "of two", HEADER, ROWS, (picture, "Eight people"))
    folder = tmp_path / "book"
    folder.mkdir()
    text = pdf.write_typst(runs, folder, cover).read_text(encoding="utf-8")
    front = text[: text.index("<chapter-1>")]
    facts = ("13,233 pictures of 5,749 people", "47.4 minutes", "abc1234", "27.60 dB (LMMSE, whole picture)")
    for part in (*facts, 'alt: "Eight people"'):
        assert part in front
    for name in ("a.pdf", "b.pdf"):
        pdf.render(runs, tmp_path / name, cover)
    content = (tmp_path / "a.pdf").read_bytes()
    assert content == (tmp_path / "b.pdf").read_bytes() and b"pdfuaid" in content
    for part in (rb"/Outlines", rb"/Lang ?\(en-GB\)", rb"/PageLabels", rb"/StructTreeRoot"):
        assert re.search(part, content)


def test_a_widget_is_an_ordinary_figure_in_the_book(write, tmp_path):
    cell = figure(200, **{"application/vnd.reecho.widget+json": {"widget": "divider"}})
    pdf.render([write([new_markdown_cell("# A"), cell])], tmp_path / "a.pdf", "t")
    content = (tmp_path / "a.pdf").read_bytes()
    assert b"pdfuaid" in content and b"/Image" in content


def test_letters_without_a_font_are_named_and_the_book_stays_one_for_screen_readers(write, tmp_path):
    path = write([new_markdown_cell("# 日本 🙂\n\n有り 🎈 **⊙** ✓ é α")])
    assert pdf.render([path], tmp_path / "a.pdf", "t") == ""
    assert b"pdfuaid" in (tmp_path / "a.pdf").read_bytes()
    text, _ = rendered([path], tmp_path / "book")
    assert "□□" in text and "日" not in text.replace("CJK UNIFIED IDEOGRAPH", "") and "é α" in text
    assert re.search(r"□ stands in this book for \d characters that its fonts lack, such as U\+[0-9A-F]{4,5} ", text)


def test_a_book_that_screen_readers_cannot_read_says_why(write, tmp_path):
    sentence = pdf.render([write([new_markdown_cell("# A\n\n#### B")])], tmp_path / "a.pdf", "t")
    assert "screen readers" in sentence and "heading" in sentence
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")


def test_what_typst_cannot_set_is_said(write, tmp_path):
    path = write([new_markdown_cell("# A\n\n```{=typst}\n#no-such-function()\n```")])
    with pytest.raises(ReechoError, match="typst cannot set the book"):
        pdf.render([path], tmp_path / "a.pdf", "t")
    assert not re.search(r"palette|main", " ".join(each.name for each in tmp_path.iterdir()))

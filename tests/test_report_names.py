"""Pages and the book name another notebook by its title or its chapter, for their readers see no file names."""

from __future__ import annotations

from reecho.report import html, markdown, pdf
from reecho.report.chapters import Chapter


def test_a_notebook_is_named_by_its_page_and_in_the_book_by_its_chapter():
    pages = [("Faces", "01_data.html"), ("Denoising", "04_denoising.html"), ("Pictures", "04_own_size.html")]
    texts = [
        "See (notebook 04), **notebook 01**; [notebook 01](01_data.ipynb). Notebook\n04.",
        "notebook 07",
        "a notebook 404",
        "`notebook 04`",
    ]
    named, *others = html.markdown_to_html(texts, pages)
    link = '<a href="04_denoising.html">Denoising</a>'
    faces = 'the page <a href="01_data.html">Faces</a>'
    assert named == f"<p>See (the page {link}), <strong>{faces}</strong>; {faces}. The page {link}.</p>"
    assert others == ["<p>notebook 07</p>", "<p>a notebook 404</p>", "<p><code>notebook 04</code></p>"]
    assert html.markdown_to_html(["See notebook 04."]) == ["<p>See notebook 04.</p>"]  # a page that stands alone
    held = [
        Chapter("chapter-1", "01_data", "", [], {}),
        Chapter("chapter-2", "04_denoising", "", markdown.read(["# T\n\nNotebook 04 and notebook 09."])[0], {}),
    ]
    assert "#link(<chapter-2>)[Chapter 2] and notebook 09." in pdf.to_typst(held[1], held)

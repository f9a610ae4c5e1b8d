"""An executed notebook as a page and as a book: what is shown, what is left out, and that nothing is loaded from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from html import unescape
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from reecho.errors import ReechoError
from reecho.methods import Method
from reecho.report import head, html, pdf
from reecho.results import Row
from reecho.settings import ROOT

TEXT = r"""# Denoising
faces → **inputs** → encode

## Overview
Costs $5 and $6, see [training](02_training.ipynb#loss) and [here](#overview) and [there](#nowhere).
- a list straight after the text

$$\begin{align} \mathcal{L} &= \exp\!\big(\tfrac12\log\sigma^2\big)\odot\varepsilon \\ &= \sum_{j=1}^n \log_{10} x \end{align}$$

A far picture ![far](https://example.org/a.png) and $\lVert x-\hat{x}\rVert^2$.[^1]

[^1]: A note.
"""
BANNER = 'Synthetic faces: "none" is real.'
TABLE = "| method | PSNR |\n|:--|--:|\n| ours | **25.9** |"


def png():
    buffer = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(buffer, "png")
    return base64.b64encode(buffer.getvalue()).decode()


def shown(data, **about):
    return new_output("display_data", data=data, metadata={"reecho": about} if about else {})


@pytest.fixture
def executed(tmp_path):
    figure = {
        "kind": "figure",
        "caption": "Faces at $\\sigma$ = 0.1.",
        "alt": 'Eight "faces" & one <hat>',
        "width": 672,
        "height": 336,
    }
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="5" height="5"/></svg>'
    outputs = [
        new_output("stream", name="stderr", text="warning: noise\n"),
        new_output("stream", name="stdout", text="step 1\rstep 2\n"),
        new_output("stream", name="stdout", text="\x1b[31mdone <ok>\x1b[0m\n"),
        shown({"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "0%"}),
        shown({"text/html": "<b>loud</b>", "text/markdown": "> loud"}, kind="banner", text=BANNER),
        shown({"image/png": png(), "text/plain": "Figure"}, **figure),
        shown({"text/markdown": figure["caption"]}, kind="caption"),
        shown({"image/svg+xml": svg}, kind="figure", caption="A curve.", alt="It falls."),
        shown({"text/markdown": "It measured 7 dB."}, kind="answer", question="How *much*?", sentences="It measured 7 dB."),
        shown({"text/markdown": "The table's caption."}, kind="caption"),
        shown({"text/markdown": TABLE}, kind="table", caption="The table's caption."),
        shown(
            {
                "text/html": "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>pandas</td></tr></tbody></table>",
                "text/plain": "a\npandas",
            }
        ),
    ]
    cells = [
        new_markdown_cell(TEXT),
        new_code_cell("sigma = 0.1", metadata={"tags": ["parameters"]}),
        new_code_cell("secret = 'def'  # <why>", outputs=outputs),
        new_code_cell("shown_code = 1", metadata={"tags": ["show"]}),
        new_code_cell("hidden = 1", metadata={"tags": ["remove-cell"]}),
        new_markdown_cell("```\nan open fence"),
        new_markdown_cell("## Last"),
    ]
    path = tmp_path / "04_denoising.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def page(executed, tmp_path):
    strip = [("Faces", "01_data.html"), ("Training", "02_training_denoising.html"), ("Denoising", "04_denoising.html")]
    html.render(executed, tmp_path / "html" / "04_denoising.html", strip, 2)
    return (tmp_path / "html" / "04_denoising.html").read_text(encoding="utf-8")


def test_page_is_in_british_english_with_title_and_viewport(page):
    assert '<html lang="en-GB">' in page
    assert "<title>Denoising – reecho</title>" in page
    assert 'name="viewport"' in page
    assert len(re.findall("<h1", page)) == 1


def test_page_loads_nothing_from_anywhere(page):
    sources = re.findall(r'(?:src|srcset)="([^"]*)"', page) + re.findall(r"url\((.{5})", page)
    assert len(sources) > 2
    assert all(source.startswith("data:") for source in sources)
    assert "<script src" not in page
    assert "@import" not in page
    assert '<a href="https://example.org/a.png">far</a>' in page


def test_the_policy_lets_the_pages_own_script_run_and_no_other(page):
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"content=\"{head.policy()}; script-src 'sha256-{digest}'\"" in page
    assert head.policy().startswith("default-src 'none'; ")


def test_a_page_carries_the_font_of_formulas_only_where_it_has_formulas(page, tmp_path):
    assert page.count("font/woff2;base64,") == 1
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Plain\n\nNo formula.")]), tmp_path / "plain.ipynb")
    html.render(tmp_path / "plain.ipynb", tmp_path / "plain.html")
    assert "font/woff2" not in (tmp_path / "plain.html").read_text(encoding="utf-8")


def test_the_font_has_every_character_of_the_notebooks_formulas():
    had = set((head.TEMPLATES / "fonts" / "characters.txt").read_text(encoding="utf-8"))
    notebooks = [nbformat.read(path, as_version=4) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    texts = [cell.source for notebook in notebooks for cell in notebook.cells if cell.cell_type == "markdown"]
    found = re.findall(r"<math.*?</math>", "".join(html.markdown_to_html(texts)), re.DOTALL)
    assert len(found) > 10
    for formula in found:
        shown = unescape(re.sub(r"<annotation.*?</annotation>|<[^>]+>", "", formula, flags=re.DOTALL))
        assert set(shown.split()) and set("".join(shown.split())) <= had


def test_formulas_are_mathml_and_prices_are_not(page):
    assert page.count('<math display="block"') == 1
    assert "mtable" in page
    assert "Costs $5 and $6" in page
    assert not re.search(r"\\begin\{align", re.sub(r"<annotation.*?</annotation>", "", page, flags=re.DOTALL))


def test_figures_have_alt_text_and_one_caption(page):
    assert 'alt="Eight &quot;faces&quot; &amp; one &lt;hat&gt;" width="672"' in page
    assert len(re.findall('<a class="anchor" href="#figure-[^"]+">Figure 1.</a></b> Faces at', page)) == 1
    assert page.count("Faces at") == 1
    assert ">Figure 2.</a></b> A curve." in page
    assert page.count("The table’s caption.") == 1
    assert page.count("data:image/svg+xml,%3Csvg") == 1


def test_noise_is_left_out_and_print_is_as_in_a_terminal(page):
    for noise in ("warning: noise", "step 1", "\x1b", "0%<", "hidden = 1"):
        assert noise not in page
    assert "step 2\ndone &lt;ok&gt;" in page


def test_code_is_folded_and_highlighted(page):
    assert "<summary>Show the parameters</summary>" in page
    assert '<details class="code"><summary>Show code</summary>' in page
    assert '<details class="code" open>' in page
    assert '<span class="c1"># &lt;why&gt;</span>' in page


def test_tables_scroll_and_pandas_is_read_as_a_table(page):
    assert page.count('<div class="scroll"') == page.count("<table>") == 2
    assert "<strong>25.9</strong>" in page
    assert "pandas</td>" in page


def test_banner_is_there(page):
    assert f'<p class="banner" role="alert">{BANNER}</p>' in unescape(page)
    assert 0 < page.index('<p class="banner top"') < page.index("<h1")


def test_strip_marks_the_present_step_and_leads_on(page):
    assert '<strong aria-current="page">Denoising</strong>' in page
    assert 'rel="prev" href="02_training_denoising.html"' in page
    assert 'rel="next" href="index.html"' in page


def test_links_between_notebooks_lead_to_pages(page):
    assert 'href="02_training_denoising.html#loss"' in page
    assert ".ipynb" not in page


def test_contents_lead_to_headings_also_after_an_open_fence(page):
    for anchor in ("overview", "last"):
        assert f'<a href="#{anchor}">' in page
        assert f'<h2 id="{anchor}">' in page


def test_tags_are_closed(page):
    class Checker(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open = []

        def handle_startendtag(self, tag, attrs):
            pass

        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "link", "img", "br", "hr", "input", "col"):
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    checker = Checker()
    checker.feed(page)
    assert checker.open == []


def test_page_alone_has_no_strip(executed, tmp_path):
    html.render(executed, tmp_path / "alone.html")
    assert '<nav class="strip"' not in (tmp_path / "alone.html").read_text(encoding="utf-8")


def test_missing_or_foreign_notebook_is_said(tmp_path):
    (tmp_path / "foreign.ipynb").write_text("not a notebook")
    with pytest.raises(ReechoError, match="not there"):
        html.render(tmp_path / "no.ipynb", tmp_path / "no.html")
    with pytest.raises(ReechoError, match="not a notebook"):
        pdf.render([tmp_path / "foreign.ipynb"], tmp_path / "no.pdf", "t")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["foreign.ipynb"]


def test_index_shows_results_pictures_and_facts(executed, tmp_path):
    header = {
        "preset": "quick", "minutes": {"total": 9.5}, "banner": BANNER,
        "dataset": {"name": "lfw", "pictures": 13233, "people": 5749, "digest": "ab" * 32, "size": 32},
    }  # fmt: skip
    methods = {Method("input", "noisy"): 20.3, Method("baseline", "lmmse"): 27.6, Method("network", "reference"): 25.9}
    rows = {"denoising": [Row("denoising", 32, method, 9, {"psnr_db": value}) for method, value in methods.items()]}
    entries = [("Denoising", "04.html", "How much *noise* goes?", executed), ("Plain", "05.html", "", executed)]
    html.index(tmp_path / "index.html", header, rows, entries, links=[("PDF", "../reecho.pdf")])
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    for part in (
        "13,233 pictures of 5,749 people",
        "noisy input</small>",
        "20.30</span></div>",
        "LMMSE, whole picture</small>",
        "27.60</span></div>",
        "25.90</span></div>",
        "The network is 1.70 dB worse than the best simple method.",
        'href="04.html" rel="next"',
        "All reports as one book",
        'href="04.html"',
        'href="../reecho.pdf"',
        "9.5 minutes",
    ):
        assert part in page
    assert 'src="data:image/jpeg;base64,' in page
    assert 'role="alert"' in page
    assert "How <em>much</em>?" in page and "It measured 7 dB." in page  # the answer's own question


def test_book_is_tagged_reproducible_and_leaves_no_file(executed, tmp_path):
    before = set(tmp_path.iterdir())
    for name in ("a.pdf", "b.pdf"):
        pdf.render([executed, executed], tmp_path / name, 'The "book"', "of two")
    content = (tmp_path / "a.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert content == (tmp_path / "b.pdf").read_bytes()
    assert b"/StructTreeRoot" in content
    assert b"pdfuaid" in content  # it passed typst's check for PDF/UA-1
    assert {path.name for path in set(tmp_path.iterdir()) - before} == {"a.pdf", "b.pdf"}


def test_book_takes_what_pandoc_or_typst_cannot_read(tmp_path):
    cells = [
        new_markdown_cell("# A\n\n#### skipped levels, $\\nosuch{x}$ and `code` #not-typst $x$ @label <b>b</b> \\$"),
        new_markdown_cell("**⊙ 日本 ✓**"),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "odd.ipynb")
    pdf.render([tmp_path / "odd.ipynb"], tmp_path / "odd.pdf", "t")
    assert (tmp_path / "odd.pdf").stat().st_size > 1000


@pytest.mark.parametrize(
    "formula",
    [
        r"\odot \otimes \oplus",
        r"\exp\!\Big(\tfrac12 x\Big)",
        r"D_{\mathrm{KL}}(q\,\|\,p)",
        r"\begin{cases}a & b\\ c & d\end{cases}",
        r"\hat{\boldsymbol{x}} \in [0,1]^{32}",
        r"\mathbb{E}_{q(z\mid x)}[\log p]",
        r"\operatorname{clip}",
        r"\underbrace{a}_{b}",
        r"\frac{1}{\text{MSE}}",
        r"\left\lVert x\right\rVert_2^2",
        r"\mathcal{N}(0, I)",
    ],
)
def test_formula_is_set_in_page_and_book(formula, tmp_path):
    (shown_html,) = html.markdown_to_html([f"${formula}$"])
    assert "<math" in shown_html
    nbformat.write(new_notebook(cells=[new_markdown_cell(f"# T\n\n${formula}$")]), tmp_path / "a.ipynb")
    pdf.render([tmp_path / "a.ipynb"], tmp_path / "a.pdf", "t")
    assert b"pdfuaid" in (tmp_path / "a.pdf").read_bytes()

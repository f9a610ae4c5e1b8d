"""Every page in a real browser: quiet, asking nobody, readable on a phone, by keyboard, in the dark, by ear and in print.

These are the published pages, a page of our own making with all that one can hold, and an index, both as this code makes them.
"""

from __future__ import annotations

import io
import time
from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest
from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from reecho import plots, report
from reecho.methods import Method
from reecho.pipeline.steps import STEPS
from reecho.report import display, html
from reecho.results import Row
from reecho.settings import ROOT

PUBLISHED = {f"published {path.stem}": path for path in sorted((ROOT / "reports" / "html").glob("*.html"))}
LARGEST = {  # bytes; these hold networks, or a task at two sizes
    "published own_picture": 8e6, "published 00_vae": 4e6, "published 05_generation": 3e6, "published 03_reconstruction": 2e6,
}  # fmt: skip
STRIP = list(dict.fromkeys((step.page, f"{step.notebook}.html") for step in STEPS))
MADE = "04_denoising"  # a page of our own making stands in for this step
PAGES = [MADE, "index", *PUBLISHED]
DEFAULTS = ("no description", "a figure without", "figure(", "<figure")  # what programs write where nobody wrote anything
WIDE_TABLE = [{"method": name} | {f"column {number}": 1234.5 + number for number in range(9)} for name in ("noisy", "ours")]
SECTIONS = ("Overview", "Setup", "Compare", "Where it fails", "Exercises", "References")
FORMULA = r"$$\mathcal{L} = \left(\frac{\sum_{j=1}^{n} \sigma_j^2}{\sqrt{1 + \lVert x - \hat{x} \rVert^2}}\right) + \mathbb{E}[z]$$"


def shown(*calls) -> list:
    """The outputs of a cell that makes these calls."""
    outputs = []

    def keep(data, raw, metadata):
        text = {kind: b64encode(each).decode() if isinstance(each, bytes) else each for kind, each in data.items()}
        outputs.append(new_output("display_data", data=text, metadata=metadata))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(display, "display", keep)
        for call in calls:
            call()
    return outputs


def executed() -> object:
    """A small executed notebook with all that a page can hold."""
    faces = np.random.default_rng(0).random((8, 16, 16, 3))
    lines = plots.lines({"noisy": ([1, 2, 3], [20, 18, 15]), "ours": ([1, 2, 3], [25, 24, 22])}, "noise", "PSNR, dB")
    bars = plots.stacked_bars({"now": {"a": 60.0, "b": 50.0, "c": 40.0}}, ("a", "b", "c"), "minutes")
    columns = [{"key": key, "heading": key, "digits": 2} for key in WIDE_TABLE[0]]
    cells = [
        new_markdown_cell("# Denoising: a face under noise\n\nfaces → **inputs** → report"),
        new_markdown_cell(
            "## Overview\n\n**Question.** How much noise comes off a face, and at what price in detail?" + " Long." * 60
        ),
        new_code_cell("sigma = 0.1", metadata={"tags": ["parameters"]}),
        new_markdown_cell(f"## Setup\n\n### In words\n\n{FORMULA}\n\nAlso $x'$ and $\\bar x$.\n\n| a | b |\n|---|---|\n| 1 | 2 |"),
        new_code_cell("a_very_long_name = 'a line that is longer than a phone is wide' + 'and goes on and on and on'  # and on"),
        new_markdown_cell("## Compare\n\n" + "Long enough to scroll. " * 60),
        new_code_cell(
            "report.figure()",
            outputs=shown(
                lambda: report.figure(plots.picture_grid([("target", faces)]), "Eight faces.", "Eight squares of noise."),
                lambda: report.figure(lines, "Two lines, $\\sigma$.", "Ours falls less."),
                lambda: report.figure(bars, "One bar.", "It has three parts."),
                lambda: report.table(WIDE_TABLE, columns, "A table wider than a phone."),
                lambda: report.say("Ours is better."),
            ),
        ),
    ]
    for name in SECTIONS[3:]:
        cells += [new_markdown_cell(f"## {name}\n\nShort.\n\n" + "A paragraph. " * (120 if name == "Where it fails" else 2))]
    cells.append(new_code_cell("print(1)", outputs=[new_output("stream", name="stdout", text="1\n")]))
    return new_notebook(cells=cells)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page of our own making and an index."""
    folder = tmp_path_factory.mktemp("pages")
    write(executed(), folder / "made.ipynb")
    number = [href for _, href in STRIP].index(f"{MADE}.html")
    html.render(folder / "made.ipynb", folder / f"{MADE}.html", STRIP, number)
    header = {"dataset": {"name": "synthetic", "pictures": 9, "people": 3, "size": 32}, "banner": "Drawn faces, not LFW."}
    methods = {Method("input", "noisy"): 20.3, Method("baseline", "lmmse"): 27.6, Method("network", "reference"): 25.9}
    rows = {"denoising": [Row("denoising", 32, method, 9, {"psnr_db": value}) for method, value in methods.items()]}
    entries = [(name, href, "How much noise comes off?", folder / "made.ipynb") for name, href in STRIP]
    links = [("PDF", "../reecho.pdf"), ("Your own picture", "own.html", "Try it.")]
    html.index(folder / "index.html", header, rows, entries, links=links)
    return folder


@pytest.fixture
def made(folder, browser):
    """Opens the page of our own making, or another one by its name."""
    opened = []

    def open_it(name: str = MADE, **options):
        opened.append(browser.open(PUBLISHED.get(name, folder / f"{name}.html"), **options))
        return opened[-1]

    yield open_it
    for page in opened:
        assert page.complaints == []
        assert page.asked == []
        page.context.close()


def violations(page) -> list[str]:
    """What axe-core finds; handed over as the debugger does, for the page's policy lets no other script in."""
    import axe_playwright_python

    page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]


def until(holds, seconds: float = 20) -> None:
    """Wait for a page; Playwright's own waiting for a function needs `eval`, which the pages' policy denies."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def scrolls_sideways(page) -> bool:
    return page.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet_small_described_and_accessible(name, folder, made):
    assert PUBLISHED.get(name, folder / f"{name}.html").stat().st_size < LARGEST.get(name, 1.5e6)
    page = made(name, width=360, height=740, dark=True)
    assert not scrolls_sideways(page)
    for alt in page.locator("img").evaluate_all("(all) => all.map((image) => image.getAttribute('alt'))"):
        assert len(alt.split()) > 2 and not alt.lower().startswith(DEFAULTS)
    assert violations(page) == []
    if page.locator(".codes").count():
        page.locator(".codes").click()
        assert not scrolls_sideways(page)
    page = made(name, width=1280)
    if page.locator(".codes").count():
        page.locator(".codes").click()
    assert not scrolls_sideways(page)
    assert violations(page) == []


def test_pages_lead_forwards_back_and_home(made):
    assert made("index").locator("a[rel=next]").get_attribute("href") == "00_vae.html"
    page = made()
    assert page.locator("a[rel=prev]").get_attribute("href") == STRIP[[href for _, href in STRIP].index(f"{MADE}.html") - 1][1]
    assert page.locator(".strip > a").get_attribute("href") == "index.html"
    assert page.locator(".strip [aria-current=page]").inner_text() == "Denoising"


def test_the_strip_is_one_line_on_a_phone_with_the_present_report_in_view(made):
    page = made(width=360)
    assert page.locator(".strip").bounding_box()["height"] < 60
    box = page.locator(".strip [aria-current=page]").bounding_box()
    assert box["x"] > 60 and box["x"] + box["width"] < 360


def opened(page) -> list[bool]:
    return page.evaluate("[...document.querySelectorAll('details.code')].map((each) => each.open)")


def test_code_is_shown_by_keyboard_for_one_cell_and_for_all(made):
    page = made()
    assert not any(opened(page))
    page.locator("details.code summary").nth(1).focus()
    page.keyboard.press("Enter")
    assert opened(page)[:3] == [False, True, False]
    button = page.locator(".codes")
    button.focus()
    page.keyboard.press("Enter")
    assert all(opened(page)) and button.inner_text() == "Hide all code"
    page.goto(page.url)
    assert all(opened(page)), "what was chosen holds for the visit"
    button.focus()
    page.keyboard.press("Space")
    assert not any(opened(page)) and button.inner_text() == "Show all code"


def test_code_is_shown_where_a_page_may_not_store_anything(made):
    page = made()
    denied = "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('denied', 'SecurityError'); } })"
    page.add_init_script(denied)
    page.goto(page.url)
    page.locator(".codes").click()
    assert all(opened(page))


def marked(page) -> list[str]:
    return page.locator(".contents a[aria-current]").all_text_contents()


def test_the_contents_follow_the_reader(made):
    page = made(height=700)
    assert marked(page) == ["Overview"]
    for name in ("Where it fails", "Overview", "Compare"):  # jumps over several sections, both ways
        page.evaluate("(name) => [...document.querySelectorAll('h2')].find((h) => h.textContent == name).scrollIntoView()", name)
        until(lambda name=name: marked(page) == [name])
    page.keyboard.press("End")
    until(lambda: marked(page) == ["References"])
    for name in ("Exercises", "Setup", "In words"):
        page.locator(".contents a", has_text=name).click()
        until(lambda name=name: marked(page) == [name])


def test_the_contents_of_a_phone_stay_at_the_top_and_unfold_by_keyboard(made):
    page = made(width=360, height=700)
    links = page.locator(".contents li a")
    assert not links.first.is_visible()
    page.mouse.wheel(0, 2000)
    until(lambda: page.evaluate("scrollY > 500"))
    summary = page.locator(".contents summary")
    assert summary.bounding_box()["y"] < 20
    summary.focus()
    page.keyboard.press("Enter")
    assert links.first.is_visible()
    page.keyboard.press("Escape")
    assert not links.first.is_visible()
    page.keyboard.press("Enter")
    links.filter(has_text="Exercises").click()
    assert not links.first.is_visible()
    assert page.locator("#exercises").bounding_box()["y"] >= 44  # not under the line


def test_a_wide_table_and_a_wide_formula_scroll_inside_their_place(made):
    page = made(width=360)
    table = page.locator("figure.table .scroll").first
    assert table.evaluate("(e) => e.scrollWidth > e.clientWidth && e.tabIndex === 0 && e.getAttribute('role') === 'region'")
    table.focus()
    before = table.locator("tbody td").nth(0).bounding_box()["x"]
    page.keyboard.press("ArrowRight")
    until(lambda: table.evaluate("(e) => e.scrollLeft > 0"))
    assert table.locator("tbody td").nth(0).bounding_box()["x"] == pytest.approx(before, abs=1)  # the method stays in view
    narrow = page.locator('.scroll[aria-label="Table 1 without a number"]')
    assert narrow.get_attribute("tabindex") is None


def test_formulas_are_set_in_the_pages_own_font(made):
    page = made()
    page.evaluate("document.fonts.ready")
    client = page.context.new_cdp_session(page)
    root = client.send("DOM.getDocument")["root"]["nodeId"]
    client.send("CSS.enable")
    for node in client.send("DOM.querySelectorAll", {"nodeId": root, "selector": "mi, mo, mn"})["nodeIds"]:
        for font in client.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]:
            assert font["isCustomFont"] and font["familyName"] == "STIX Two Math"
    tall, flat = (page.locator("math mo", has_text=sign).first.bounding_box()["height"] for sign in ("(", "="))
    assert tall > 2 * flat  # brackets grow with what they hold
    # newer Chromiums load the page once more for who looks at its styles from outside, and complain that it is a file
    page.complaints[:] = [text for text in page.complaints if not text.startswith(f"Unsafe attempt to load URL {page.url}")]


def test_a_figure_is_enlarged_by_keyboard_and_keeps_its_alt_text(made):
    page = made(width=360)
    button = page.locator("button.enlarge").first
    assert button.get_attribute("aria-label") == "Enlarge figure 1"
    button.focus()
    page.keyboard.press("Enter")
    large = page.locator("dialog.enlarged img")
    assert large.get_attribute("alt") == "Eight squares of noise."
    assert large.bounding_box()["width"] > 800
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert not page.locator("dialog.enlarged").is_visible()
    assert button.evaluate("(e) => e === document.activeElement")


def ground(page) -> float:
    """The mean brightness of the top left corner of the first chart, 0 to 255."""
    chart = Image.open(io.BytesIO(page.locator("img.chart").first.screenshot())).convert("L")
    return float(np.asarray(chart)[2:5, 2:5].mean())


def test_charts_are_dark_on_dark_pages_and_light_in_print(made):
    assert ground(made()) > 250
    page = made(dark=True)
    assert ground(page) < 40
    page.emulate_media(media="print", color_scheme="light")
    assert ground(page) > 250


def test_print_leaves_out_what_only_a_screen_needs(made):
    page = made()
    page.emulate_media(media="print")
    for selector in (".strip", ".contents", ".turn", ".skip", "button.enlarge", "details.code"):
        assert not page.locator(selector).first.is_visible(), selector
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_page_is_whole_without_javascript(made):
    page = made(java_script_enabled=False)
    assert page.locator(".contents li a").count() == page.locator(".contents li a:visible").count() >= len(SECTIONS)
    assert page.locator(".codes:visible, .enlarge:visible").count() == 0
    page.locator("details.code summary").first.click()
    assert page.locator("details.code pre").first.is_visible()

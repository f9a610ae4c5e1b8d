"""Widgets: what notebooks gather, what pages hold, and that hand, keyboard and finger move the faces."""

from __future__ import annotations

import base64
import io
import json
import re
import time
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from nbformat import v4
from PIL import Image

from reecho import attributes, baselines, latent, palette, plots, report
from reecho.errors import ReechoError
from reecho.report import display as module
from reecho.report import executed, head, html, widgets
from reecho.report.sprites import SCRIPTS, WIDGET, pack

SIGMAS = [0.02, 0.1, 0.3]
TARGETS = np.random.default_rng(1).uniform(0.2, 0.8, (2, 8, 8, 3))


def flat(tone: float) -> np.ndarray:
    return np.full((8, 8, 3), tone)


@pytest.fixture
def shown(monkeypatch):
    """Everything that was displayed, as outputs of a cell."""
    found = []

    def keep(data, raw, metadata):
        held = {media: base64.b64encode(each).decode() if isinstance(each, bytes) else each for media, each in data.items()}
        found.append(v4.new_output("display_data", data=held, metadata=metadata))

    monkeypatch.setattr(module, "display", keep)
    return found


def gathered(shown) -> dict:
    """What the last figure holds for the page, after a notebook's way over the disk."""
    (held,) = [output.data[WIDGET] for output in shown if WIDGET in output.data]
    return json.loads(json.dumps(held))


def noisy(**more):
    """A slider of three amounts of noise for two people, brighter and brighter."""
    tones = np.array([[0.2, 0.3], [0.5, 0.6], [0.8, 0.9]])[..., None, None, None] * np.ones((8, 8, 3))
    values = {"noisy input": np.array([[31.4, 30.2], [20.2, 19.9], [10.4, np.nan]])}
    about = {"values": values, "unit": "dB", "start": {"noise σ": 0.1}, "faces": "person", "how": "Move it."} | more
    report.widgets.sliders(
        {"target": TARGETS[None], "noisy input": tones}, {"noise σ": SIGMAS, "person": ["person 1", "person 2"]},
        "Two people under noise.", "Two rows of faces under three amounts of noise.", **about,
    )  # fmt: skip


def cut():
    stages = {"noisy input": np.stack([flat(0.1), flat(0.2)]), "denoiser": np.stack([flat(0.8), flat(0.9)]), "target": TARGETS}
    values = {"noisy input": np.array([20.0, 21.0]), "denoiser": np.array([30.0, 31.0])}
    report.widgets.divider(stages, "Two people cut in two.", "Two halves of faces.", values, "dB", pair=("noisy input", "denoiser"))


def a_plane():
    lines, points = {"linear, mean": ([64, 256], [22.0, 26.0])}, {"reference": [(128, 23.0), (128, 25.0)]}
    seen = {"linear, mean": [np.stack([flat(0.1)] * 2), np.stack([flat(0.3)] * 2)]}
    seen |= {"reference": [np.stack([flat(0.5)] * 2), np.stack([flat(0.7)] * 2)]}
    values = {name: [np.array([20.0, 21.0]), np.array([24.0, 25.0])] for name in seen}
    still = plots.rate_plane(lines, points)
    report.widgets.plane(still, lines, points, TARGETS, seen, values, "The plane.", "Lines that rise.", marked=(128, "α = 100,000"))


@pytest.fixture
def page(shown, tmp_path):
    """A page with one figure of each kind."""
    for make in (noisy, cut, a_plane):
        make()
    cells = [v4.new_markdown_cell("# Widgets\n\n## One\n\nSome text.\n\n## Two"), v4.new_code_cell("x = 1", outputs=shown)]
    path = tmp_path / "04_denoising.ipynb"
    path.write_text(json.dumps(v4.new_notebook(cells=cells)), encoding="utf-8")
    html.render(path, tmp_path / "page.html")
    return tmp_path / "page.html"


def test_every_widget_has_its_name_and_its_function_in_the_page():
    source = Path(widgets.__file__).read_text(encoding="utf-8")
    scripts = "\n".join(map(head.template, ("widgets.js", *SCRIPTS.values())))
    names = re.findall(r"^widgets\.(\w+) =", scripts, re.MULTILINE)
    assert sorted(names) == sorted(re.findall(r'_data\("(\w+)"', source)) == ["chart", "divider", "plane", "sliders"]
    assert all(callable(getattr(report.widgets, name)) for name in names)


def test_equal_pictures_share_a_place_and_come_back_as_they_were():
    sheet, places = pack(np.stack([TARGETS, TARGETS[::-1]]))
    assert places.tolist() == [[0, 1], [1, 0]] and sheet["count"] == 2
    opened = np.asarray(Image.open(io.BytesIO(base64.b64decode(sheet["data"]))).convert("RGB")) / 255
    assert opened[:, 8:16] == pytest.approx(TARGETS[1], abs=0.5 / 63 + 0.5 / 255)


def test_pictures_that_are_none_are_refused():
    for wrong in (np.zeros((8, 8)), np.zeros((0, 8, 8, 3)), np.full((1, 8, 8, 3), np.nan)):
        with pytest.raises(ReechoError, match="finite numbers"):
            pack(wrong)


def test_a_slider_knows_every_setting_and_where_it_begins(shown):
    noisy()
    held = gathered(shown)
    slider, choice = held["along"]
    assert (slider["labels"], slider["slides"], slider["start"]) == (["0.02", "0.1", "0.3"], True, 1)
    assert (choice["slides"], choice["start"], held["faces"]) == (False, 0, 1)
    assert len(held["places"]) == len(held["under"]) == 3 * 2 * 2
    assert held["under"][1] == "31.4 dB" and held["under"][0] == held["under"][-1] == ""
    assert held["sheet"]["count"] == 2 + 6  # the targets once, whatever the noise


def test_the_still_figure_and_its_alt_text_are_there_for_jupyterlab_and_the_book(shown):
    noisy()
    piece = executed.pieces(v4.new_code_cell("x", outputs=shown))[1]
    assert piece.kind == "figure" and piece.pictures and piece.widget["widget"] == "sliders"
    assert piece.text.startswith("Two rows") and piece.caption == "Two people under noise."


def test_signs_are_true_minus_and_there_is_no_minus_nothing(shown):
    report.widgets.sliders(
        {"walked": np.stack([flat(0.1), flat(0.5), flat(0.9)])}, {"asked": [-2, 0, 2]}, "A walk.", "Three faces.",
        values={"walked": np.array([-1.44, -0.01, 1.5])}, signed=True,
    )  # fmt: skip
    assert gathered(shown)["under"] == ["−1.4", "+0.0", "+1.5"]
    assert gathered(shown)["along"][0]["labels"] == ["−2", "0", "+2"]


def test_what_does_not_fit_is_told(shown):
    with pytest.raises(ReechoError, match="this widget needs"):
        noisy(values={"noisy input": np.zeros((2, 2))})
    with pytest.raises(ReechoError, match="cannot begin with 7"):
        noisy(start={"noise σ": 7})
    with pytest.raises(ReechoError, match="no choice 'people'"):
        noisy(faces="people")
    with pytest.raises(ReechoError, match="to begin with"):
        report.widgets.divider({"grey": TARGETS}, "A.", "B.", pair=("grey", "red"))
    with pytest.raises(ReechoError, match="Every point of 'linear'"):
        report.widgets.plane(plots.rate_plane({}, {}), {"linear": ([1], [2])}, {}, TARGETS, {}, {}, "A.", "B.")


def test_a_code_moves_along_every_combination_of_axes():
    moved = latent.around(np.zeros(4), np.array([3, 1]), np.array([-1.0, 0.0, 2.0]))
    assert moved.shape == (3, 3, 4)
    assert moved[0, 2].tolist() == [0, 2, 0, -1] and not moved[1, 1].any()


def test_walks_are_measured_again():
    def decode(codes):
        return np.clip(0.5 + codes[:, :1, None, None], 0, 1) * np.ones((1, 32, 32, 3))

    steps = np.zeros((6, 2), "float32")
    steps[0, 0] = 0.1
    seen, moved = attributes.walks(decode, np.zeros(2, "float32"), steps, np.full(6, 0.1), np.array([-1.0, 0.0, 2.0]))
    assert seen.shape == (6, 3, 32, 32, 3) and moved.shape == (6, 3, 6)
    assert moved[0, :, 0] == pytest.approx([-1, 0, 2], abs=1e-5) and not moved[1:].any()
    told = attributes.in_words([-1.0, 0.0, 2.0], moved)
    assert told[0, 2].endswith("of brightness, obtained +2.0; most of what came along: background +2.0.")
    assert "nothing asked" in told[0, 1]


def test_the_curve_gives_back_the_pictures_whose_error_it_tells():
    faces = np.random.default_rng(0).random((40, 8, 8, 3), "float32")
    curve = baselines.rate_curve(faces[:30], faces[30:], (0.2, 0.1), pictures=range(10))
    for point in curve:
        for how in ("sample", "mean"):
            error = ((np.clip(point[how], 0, 1) - faces[30:]) ** 2).mean(axis=(1, 2, 3))
            assert (-10 * np.log10(error)).mean() == pytest.approx(point[f"psnr_{how}_db"])
    assert "mean" not in baselines.rate_curve(faces[:30], faces[30:], (0.2,))[0]


def test_without_scripts_and_in_print_the_still_figures_are_seen(browser, page):
    opened = browser.open(page, java_script_enabled=False)
    assert opened.locator("figure.widget .still").evaluate_all("all => all.map(each => each.offsetHeight > 50)") == [True] * 3
    assert opened.locator("figure.widget .live").count() == 0
    printed = browser.open(page)
    printed.emulate_media(media="print")
    assert printed.locator("figure.widget .still").evaluate_all("all => all.map(each => each.offsetHeight > 50)") == [True] * 3
    assert printed.locator("figure.widget .live").evaluate_all("all => all.map(each => each.offsetHeight)") == [0] * 3


def test_a_browser_that_cannot_open_the_pictures_shows_the_still_figures(browser, page, tmp_path):
    broken = tmp_path / "broken.html"
    text = page.read_text(encoding="utf-8")
    broken.write_text(text.replace('"media":"image/webp","data":"', '"media":"image/webp","data":"AAAA'), encoding="utf-8")
    opened = browser.open(broken)
    opened.locator("figure.widget.broken").nth(2).wait_for()
    assert opened.locator("figure.widget .still").evaluate_all("all => all.map(each => each.offsetHeight > 50)") == [True] * 3


def colour(canvas) -> float:
    """The mean of a canvas, in [0, 1]."""
    script = "c => { const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; "
    return canvas.evaluate(script + "let s = 0; for (let i = 0; i < d.length; i += 4) s += d[i]; return s * 4 / d.length / 255; }")


def until(opened, script):
    """Wait for a script to be true; Playwright's own way needs `eval`, which the page forbids."""
    end = time.monotonic() + 20
    while not opened.evaluate(script):
        assert time.monotonic() < end, script
        opened.wait_for_timeout(50)


def ready(opened):
    """Wait until every sheet is open."""
    drawn = "each => each.getContext('2d').getImageData(0, 0, 1, 1).data[3]"
    until(opened, f"[...document.querySelectorAll('.widget canvas.face')].every({drawn})")
    return opened


def test_arrow_keys_move_the_slider_and_the_face_and_the_number(browser, page):
    opened = ready(browser.open(page))
    figure = opened.locator("figure.widget.sliders")
    slider, panel = figure.locator("input[type=range]"), figure.locator(".panel").nth(1)
    assert colour(panel.locator("canvas")) == pytest.approx(0.5, abs=0.01)
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == figure.locator(".value").inner_text() == "0.3"
    assert colour(panel.locator("canvas")) == pytest.approx(0.8, abs=0.01)
    assert panel.locator(".under").inner_text() == "10.4 dB"
    assert panel.locator("canvas").get_attribute("aria-label") == "noisy input: 10.4 dB"
    figure.get_by_role("radio", name="person 1").press("ArrowRight")
    assert figure.get_by_role("radio", name="person 2").is_checked()
    assert colour(panel.locator("canvas")) == pytest.approx(0.9, abs=0.01)
    assert panel.locator(".under").inner_text() == ""
    slider.press("Home")
    until(opened, "document.querySelector('figure.widget.sliders .status').textContent === 'noisy input: 30.2 dB'")
    assert opened.asked == [] and opened.complaints == []


def test_the_divider_follows_keys_mouse_and_finger(browser, page):
    opened = ready(browser.open(page, 360, 740, has_touch=True))
    figure = opened.locator("figure.widget.divider")
    figure.scroll_into_view_if_needed()
    line, stage = figure.locator("input[type=range]"), figure.locator(".cut")
    line.press("ArrowLeft")
    assert line.input_value() == "49" and line.get_attribute("aria-valuetext") == "49 % noisy input, the rest denoiser"
    box = stage.bounding_box()
    opened.touchscreen.tap(box["x"] + box["width"] * 0.25, box["y"] + 20)
    assert line.input_value() == "25"
    opened.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20)
    opened.mouse.down()
    opened.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 30)
    opened.mouse.up()
    assert line.input_value() == "75"
    shown = stage.locator("canvas.over").evaluate("each => getComputedStyle(each).clipPath")
    assert "75%" in shown
    figure.get_by_label("right", exact=True).select_option("target")
    assert colour(stage.locator("canvas.over")) == pytest.approx(TARGETS[0, ..., 0].mean(), abs=0.01)
    figure.get_by_role("radio", name="person 2").check(force=True)
    assert colour(stage.locator("canvas").first) == pytest.approx(0.2, abs=0.01)
    assert opened.complaints == []


def test_points_of_the_plane_show_their_face_to_mouse_and_keys(browser, page):
    opened = ready(browser.open(page))
    figure = opened.locator("figure.widget.plane")
    face, sentence = figure.locator(".panel canvas").nth(1), figure.locator(".sentence")
    assert sentence.inner_text().startswith("reference, a draw of z: 23.00 dB at 128 nats (23 bytes)")
    pictures = (figure.locator(f"{place} img").get_attribute("src") for place in (".still", ".drawn"))
    assert len(set(pictures)) == 1  # the live plane is the still one: no colour can differ
    mark = figure.get_by_role("radio", name="linear, mean, 256 nats, 26.0 dB")
    mark.hover()
    assert mark.is_checked() and colour(face) == pytest.approx(0.3, abs=0.01)
    assert "this face has 24.0 dB" in sentence.inner_text()
    mark.click()
    opened.keyboard.press("ArrowRight")
    assert colour(face) == pytest.approx(0.5, abs=0.01)
    opened.keyboard.press("ArrowRight")
    assert "reference, mean of z: 25.00 dB" in sentence.inner_text() and colour(face) == pytest.approx(0.7, abs=0.01)
    assert opened.complaints == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_buttons_of_the_plane_lie_on_the_marks_of_the_still_figure(browser, page, width, dark):
    opened = ready(browser.open(page, width, 800, dark))
    figure = opened.locator("figure.widget.plane")
    mark = figure.get_by_role("radio", name="reference, a draw of z, 128 nats, 23.0 dB")
    mark.evaluate("(e) => e.scrollIntoView({block: 'center', inline: 'center'})")  # not where a narrow plane fades out
    drawn = np.asarray(Image.open(io.BytesIO(mark.screenshot())).convert("RGB")).astype(int)
    middle = drawn[len(drawn) // 2, len(drawn[0]) // 2]
    theme = palette.DARK if dark else palette.LIGHT
    assert np.abs(middle - 255 * np.array(to_rgb(theme["blue"]))).max() < 3
    assert opened.complaints == []


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_an_accessibility_audit_has_nothing_to_say_and_nothing_is_too_wide(browser, page, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    opened = ready(browser.open(page, width, 800, dark))
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(opened)
    assert found.violations_count == 0, found.generate_report()
    assert opened.asked == [] and opened.complaints == []


def test_nothing_jumps_when_the_pictures_come(browser, page):
    opened = browser.open(page)
    opened.wait_for_timeout(300)
    moved = "list => done(list.getEntries().reduce((sum, each) => sum + each.value, 0))"
    watch = f"new PerformanceObserver({moved}).observe({{type: 'layout-shift', buffered: true}})"
    assert opened.evaluate(f"new Promise(done => {{ {watch}; setTimeout(() => done(0), 300); }})") < 0.02

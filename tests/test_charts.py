"""The widget "chart" and what the pages explain with it: numbers against closed forms, keys, colours, print, an audit."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from nbformat import v4
from scipy import stats
from test_widgets import gathered, ready, shown, until  # noqa: F401  (a fixture)

from reecho import evaluation, palette, plots, report
from reecho.baselines import LMMSE, PCA
from reecho.errors import ReechoError
from reecho.evaluation import per_axis, shells, two_colours
from reecho.report import head, html

VARIANCES = np.geomspace(10, 1e-5, 60)
ALONG = {"share": [0.0, 0.5, 1.0], "person": ["person 1", "person 2"]}


def drawn():
    """A line that rises with the share, a dashed one that stays, a third series that is there at one setting alone."""
    x = np.array([1.0, 10.0, 100.0])
    rising = np.array([[[0.0, 0.1, 0.2]], [[0.0, 0.2, 0.4]], [[0.0, 0.4, 0.8]]])
    once = np.full((3, 1, 3), np.nan)
    once[1] = 0.5
    lines = (
        plots.Line("rising", x, rising, 0),
        plots.Line("level", x, np.full((1, 1, 3), 0.9), 1, dashed=True),
        plots.Line("third", x, once, 2, filled=True),
    )
    bars = {"first": {"lost": np.array([[1.0], [2.0], [3.0]]), "through": np.array([[1.0, 4.0]])}}
    totals = {"first": np.array([["a", "b"], ["c", "d"], ["e", "f"]])}
    return plots.Chart(
        "axis", "error", (1, 100), (0, 1), {1.0: "1", 10.0: "10", 100.0: "100"}, {0.0: "0", 1.0: "1"}, lines,
        {"best": np.array([[2.0], [20.0], [np.nan]])}, {"here": np.array([[[10.0, 0.5]]])}, bars, "a unit", totals, True,
    )  # fmt: skip


def show(**more):
    tones = np.linspace(0.1, 0.9, 6).reshape(3, 2, 1, 1, 1) * np.ones((8, 8, 3))
    sentences = np.array([[f"share {share}, {person}" for person in "ab"] for share in ALONG["share"]])
    values = {"face": np.arange(6.0).reshape(3, 2)}
    about = {"values": values, "unit": "dB", "sentences": sentences, "how": "Move it."} | more
    report.widgets.chart(drawn(), {"face": tones}, ALONG, "A chart.", "Lines that rise.", **about)


@pytest.fixture
def page(shown, tmp_path):  # noqa: F811
    show()
    cells = [v4.new_markdown_cell("# Charts\n\n## One"), v4.new_code_cell("x = 1", outputs=shown)]
    (tmp_path / "04_denoising.ipynb").write_text(json.dumps(v4.new_notebook(cells=cells)), encoding="utf-8")
    html.render(tmp_path / "04_denoising.ipynb", tmp_path / "page.html")
    return tmp_path / "page.html"


# The widget


def test_a_chart_holds_every_setting_and_its_still_the_first(shown):  # noqa: F811
    show()
    chart = gathered(shown)["chart"]
    assert chart["lines"][0]["y"] == {"along": [3, 1], "values": [[0.0, 0.1, 0.2], [0.0, 0.2, 0.4], [0.0, 0.4, 0.8]]}
    assert chart["lines"][2]["y"]["values"][0] == [None]
    assert chart["bars"][0]["total"] == {"along": [3, 2], "values": [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]}
    figure = plots.moving_chart(drawn(), (1, 0), {"face": np.zeros((8, 8, 3))}, {"face": "2 dB"})
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 3]
    assert lines[0].get_ydata().tolist() == [0.0, 0.2, 0.4] and lines[0].get_color() == palette.LIGHT[palette.SERIES[0]]
    assert len(figure.axes) == 3


def test_arrays_of_another_shape_and_too_many_colours_are_refused(shown):  # noqa: F811
    with pytest.raises(ReechoError, match="line 'rising'"):
        report.widgets.chart(drawn(), {"face": np.zeros((8, 8, 3))}, {"share": [1, 2]}, "A.", "B.")
    many = plots.Chart("x", "y", (0, 1), (0, 1), {}, {}, [plots.Line("six", np.arange(2), np.zeros(2), 5)])
    with pytest.raises(ReechoError, match="at most 5 colours"):
        plots.moving_chart(many, ())


def test_only_pages_with_a_chart_have_its_script(page, shown, tmp_path):  # noqa: F811
    assert "widgets.chart =" in page.read_text(encoding="utf-8")
    shown.clear()
    report.widgets.sliders({"face": np.zeros((2, 8, 8, 3))}, {"t": [0, 1]}, "A.", "B.")
    cells = [v4.new_code_cell("x = 1", outputs=shown)]
    (tmp_path / "03.ipynb").write_text(json.dumps(v4.new_notebook(cells=cells)), encoding="utf-8")
    html.render(tmp_path / "03.ipynb", tmp_path / "03.html")
    assert "widgets.chart =" not in (tmp_path / "03.html").read_text(encoding="utf-8")


def test_lines_and_bars_have_the_colours_of_figures_in_the_same_order():
    style = head.template("widgets.css")
    series = dict(re.findall(r"\.series-(\d) \{ --own: var\(--([\w-]+)\)", style))
    assert [series[str(place)] for place in range(5)] == list(palette.SERIES[:5])
    parts = dict(re.findall(r"\.part-(\d) \{ --own: var\(--([\w-]+)\)", style))
    assert [parts[str(place)] for place in range(2)] == list(palette.PARTS[:2])


def test_keys_move_lines_bars_face_and_sentence(browser, page):
    opened = ready(browser.open(page))
    figure = opened.locator("figure.widget.chart")
    line, slider = figure.locator("svg svg path.series-0"), figure.get_by_label("share", exact=True)
    before = line.get_attribute("d")
    assert figure.locator(".sentence").inner_text() == "share 0.5, a"
    assert figure.locator("svg svg path").count() == 3
    slider.press("ArrowRight")
    assert figure.locator(".sentence").inner_text() == "share 1.0, a"
    assert line.get_attribute("d") != before and figure.locator("svg svg path").count() == 2
    assert figure.locator(".keys .absent").text_content() == "third"
    assert figure.locator("svg.chart").nth(1).get_attribute("aria-label") == "first: lost 3.00, through 1.00, e"
    figure.get_by_role("radio", name="person 1").press("ArrowRight")
    assert figure.locator(".under").inner_text() == "5.0 dB" and figure.locator(".total").text_content() == "f"
    slider.press("Home")
    until(opened, "document.querySelector('figure.widget .status').textContent === 'share 0.0, b'")
    assert opened.asked == [] and opened.complaints == []


def test_the_line_lies_where_its_numbers_say(browser, page):
    opened = ready(browser.open(page))
    frame, line = (opened.locator(f"figure.widget svg {what}").first for what in (".frame", "path.series-0"))
    left, top, bottom, right = _numbers(frame.get_attribute("d"))
    points = np.reshape(_numbers(line.get_attribute("d")), (-1, 2))
    assert points[:, 0] == pytest.approx([left, (left + right) / 2, right], abs=0.1)  # 1, 10, 100 on a logarithmic axis
    assert points[:, 1] == pytest.approx([bottom, bottom - 0.2 * (bottom - top), bottom - 0.4 * (bottom - top)], abs=0.1)


def _numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_an_audit_has_nothing_to_say_nothing_is_too_wide_and_print_shows_the_still(browser, page, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    opened = ready(browser.open(page, width, 800, dark, reduced_motion="reduce"))
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    result = Axe().run(opened)
    assert result.violations_count == 0, result.generate_report()
    opened.emulate_media(media="print")
    still, live = (opened.locator(f"figure.widget .{part}").evaluate("each => each.offsetHeight") for part in ("still", "live"))
    assert still > 100 and live == 0 and opened.asked == [] and opened.complaints == []


# Cut or shrink


@pytest.mark.parametrize("sigma", [0.02, 0.1, 0.3])
def test_both_errors_are_the_closed_forms(sigma):
    weighed = per_axis.shrunk(VARIANCES, sigma)
    assert weighed.total == pytest.approx(VARIANCES * sigma**2 / (VARIANCES + sigma**2))
    for count in (0, 7, 60):
        error = per_axis.cut(VARIANCES, sigma, count)
        assert error.lost.sum() == pytest.approx(VARIANCES[count:].sum())
        assert error.through.sum() == pytest.approx(count * sigma**2)
        assert (weighed.total < error.total).all()
        assert error.db == pytest.approx(-10 * np.log10((VARIANCES[count:].sum() + count * sigma**2) / 60))
    best = per_axis.best_count(VARIANCES, sigma)
    sums = [per_axis.cut(VARIANCES, sigma, count).total.sum() for count in range(61)]
    assert best == int(np.argmin(sums))


def test_the_closed_forms_are_the_errors_of_the_methods_themselves():
    """On Gaussian pictures whose covariance is known, many of them."""
    rng, sigma = np.random.default_rng(0), 0.3
    axes = np.linalg.qr(rng.standard_normal((48, 48)))[0]
    variances = np.geomspace(1e-2, 1e-4, 48)
    faces = (0.5 + (rng.standard_normal((40_000, 48)) * np.sqrt(variances)) @ axes.T).reshape(-1, 4, 4, 3).astype("float32")
    lmmse, pca, sigma = LMMSE.fit(faces), PCA.fit(faces), 0.05
    measured = per_axis.variances_of(lmmse)
    assert measured == pytest.approx(pca.variances, rel=1e-3)
    noisy = faces + sigma * rng.standard_normal(faces.shape, dtype="float32")
    for outputs, error in (
        (lmmse.denoise(noisy, sigma), per_axis.shrunk(measured, sigma)),
        (pca.reconstruct(noisy, 9), per_axis.cut(measured, sigma, 9)),
    ):
        assert -10 * np.log10(np.mean((outputs - faces) ** 2, dtype="float64")) == pytest.approx(error.db, abs=0.03)


def test_fewer_faces_than_values_have_variances_that_are_zero():
    faces = np.random.default_rng(0).random((10, 4, 4, 3), "float32")
    variances = per_axis.variances_of(LMMSE.fit(faces))
    assert variances[:9] == pytest.approx(PCA.fit(faces).variances, rel=1e-3) and np.abs(variances[9:]).max() < 1e-6


def test_the_chart_has_the_numbers_of_the_closed_form():
    pictures = {"target": np.zeros((1, 1, 8, 8, 3)), "noisy": np.zeros((5, 1, 8, 8, 3))}
    found = per_axis.CutOrShrink(VARIANCES, pictures, {"noisy": np.zeros((5, 1))}, (4, 16))
    chart, sigma = found.chart(), per_axis.SIGMAS[2]
    assert chart.bars["cut"]["face lost"][2, 1] == pytest.approx(VARIANCES[16:].sum())
    assert chart.bars["shrinkage"]["noise let through"][2, 0] == pytest.approx(per_axis.shrunk(VARIANCES, sigma).through.sum())
    assert chart.totals["cut"][2, 1] == f"{per_axis.cut(VARIANCES, sigma, 16).db:.2f} dB"
    assert f"{per_axis.shrunk(VARIANCES, sigma).db:.2f} dB" in found.sentences()[2, 0] and found.start(0.1)["noise σ"] == 0.1


# Two colours


def colours():
    rng = np.random.default_rng(0)
    faces = np.full((50, 16, 16, 3), 0.45) + rng.normal(0, 0.002, (50, 1, 1, 1))
    faces[:, :, :, 0] += np.where(np.arange(50) < 30, 0.2, -0.2)[:, None, None]  # three of five towards red
    faces -= (faces @ [0.299, 0.587, 0.114] - 0.45)[..., None]
    return two_colours.TwoColours.of(faces.astype("float32"))


def test_two_colours_are_read_off_the_pixels_and_their_mean_has_the_least_error():
    two = colours()
    assert (
        two.first[0] > two.second[0]
        and two.pixels == 50 * 16
        and two.share == pytest.approx(0.6)
        and two.density.sum() == pytest.approx(1)
    )
    for share in (0.1, 0.5, 0.8):
        places = np.linspace(-0.5, 1.5, 2001)
        answers = np.array([two.answer(place) for place in places])
        errors = share * ((answers - two.first) ** 2).mean(1) + (1 - share) * ((answers - two.second) ** 2).mean(1)
        assert two.error(share, places) == pytest.approx(errors)
        assert places[np.argmin(errors)] == pytest.approx(two.best(share), abs=1e-3)
        assert two.answer(two.best(share)) == pytest.approx(share * two.first + (1 - share) * two.second)
    assert two.errors()["this answer"].shape == (11, 11) == two.sentences().shape
    assert "2.0 times the least" in two.sentence(0.5, 0.3) and "nothing is dull" in two.sentence(1.0, 0.0)


# The shell


def test_the_density_is_that_of_drawn_norms():
    for count, factor in ((1, 1.0), (3, 2**0.5), (64, 0.5**0.5)):
        exact = stats.chi(count, scale=factor / count**0.5).pdf(shells.GRID[1:])
        relative = shells.relative_density(count, factor)[1:]
        assert relative == pytest.approx(exact / exact.max(), abs=0.03) and relative.max() <= 1 + 1e-9
    assert shells.deviations_apart(317) > 10 > 1 > shells.deviations_apart(1)


def test_shells_measure_the_active_axes_alone():
    z = np.random.default_rng(0).standard_normal((2000, 40))
    active = np.arange(40) < 30
    z[:, 30:] = 100
    found = shells.Shells.of(active, {
        "one code": z, "sum of two": z + z[::-1], "mean of two": (z + z[::-1]) / 2, "variance-keeping mix": (z + z[::-1]) / 2**0.5,
    })  # fmt: skip
    means = {name: values.mean() for name, values in found.norms.items()}
    assert [means[name] for name in found.norms] == pytest.approx([1, 2**0.5, 0.5**0.5, 1], abs=0.02)
    assert 30 in found.counts and found.histogram("one code").max() == 1
    assert "Measured on the 30 active axes" in found.sentences()[found.counts.index(30)]
    assert found.chart(1).lines[0].y.shape == (1, 12, 161)
    assert evaluation.is_active(z).tolist() == active.tolist()


# The three of them in a page


def cut_or_shrink():
    rng = np.random.default_rng(0)
    faces = rng.random((5, 1, 8, 8, 3))
    pictures = {"target": faces[:1], "noisy": faces, "cut (PCA)": rng.random((5, 2, 8, 8, 3)), "shrunk (LMMSE)": faces}
    psnr = {name: np.full(stack.shape[:2], 20.0) for name, stack in pictures.items() if name != "target"}
    return per_axis.CutOrShrink(VARIANCES, pictures, psnr, (4, 16)).widget(0.1)


def of_two_colours():
    two = colours()
    shown_of = {"drawn": two.chart(), "pictures": two.pictures(), "along": two.along, "values": two.errors(), "digits": 4}
    return shown_of | {"sentences": two.sentences(), "start": two.start()}


def of_shells():
    z = np.random.default_rng(0).standard_normal((500, 32))
    names = [*shells.FACTORS, "variance-keeping mix"]
    of_codes = shells.Shells.of(np.ones(32, bool), dict.fromkeys(names, z))
    pictures = {"face 1": np.random.default_rng(1).random((2, 1, 8, 8, 3))}
    along = {"pair": ["pair 1", "pair 2"], "number of axes": of_codes.counts}
    shown_of = {"drawn": of_codes.chart(1), "pictures": pictures, "along": along, "sentences": of_codes.sentences()[None]}
    return shown_of | {"start": {"number of axes": 32}, "faces": "pair"}


EXPLAINED = {"cut or shrink": cut_or_shrink, "two colours": of_two_colours, "shell": of_shells}


@pytest.fixture
def explained(shown, tmp_path):  # noqa: F811
    for name, make in EXPLAINED.items():
        report.widgets.chart(**make(), caption=f"The chart of {name}.", alt="Lines.")
    cells = [v4.new_markdown_cell("# Charts\n\n## Three"), v4.new_code_cell("x = 1", outputs=shown)]
    (tmp_path / "05.ipynb").write_text(json.dumps(v4.new_notebook(cells=cells)), encoding="utf-8")
    html.render(tmp_path / "05.ipynb", tmp_path / "page.html")
    return tmp_path / "page.html"


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_slider_of_an_explanation_is_driven_by_keys(browser, explained, name):
    opened, data = ready(browser.open(explained)), EXPLAINED[name]()
    figure = opened.locator("figure.widget.chart").nth(list(EXPLAINED).index(name))
    labels, sentences = list(data["along"].values()), data["sentences"]
    for axis, (control, values) in enumerate(data["along"].items()):
        if isinstance(values[0], str):
            continue
        slider = figure.get_by_label(control, exact=True)
        slider.press("End")
        at = [values_of.index(data["start"].get(key, values_of[0])) for key, values_of in data["along"].items()]
        at[axis] = len(labels[axis]) - 1
        assert figure.locator(".sentence").inner_text() == str(plots.at_setting(sentences, at))
        assert slider.get_attribute("aria-valuetext") == f"{values[-1]:.3g}"
        for _ in range(len(values) - 1 - values.index(data["start"][control])):
            slider.press("ArrowLeft")
    assert opened.asked == [] and opened.complaints == []


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (360, False)])
def test_an_audit_of_the_explanations_has_nothing_to_say(browser, explained, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    opened = ready(browser.open(explained, width, 800, dark))
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    result = Axe().run(opened)
    assert result.violations_count == 0, result.generate_report()

"""The VAE that computes in a page: its numbers are TensorFlow's and the closed form's, and hand and keyboard move it."""

from __future__ import annotations

import base64
import json
import re
import time
from dataclasses import replace

import numpy as np
import pytest
from nbformat import v4, write

from reecho import components, linear, plots, report, vae_widget
from reecho.batches import predict
from reecho.networks.registry import build
from reecho.own_picture import packing
from reecho.report import computing, display, html
from reecho.trained_network import Network
from reecho.vae_widget import weights

AXES, WEIGHT = 24, 25_000
# numbers travel as base 64 of their bytes
CODE = "async ({face, alpha, network}) => { const model = await vaeShared.model; const floats = floatsOf(face);"
AS_TEXT = "values => btoa(String.fromCharCode(...new Uint8Array(values.buffer)))"


@pytest.fixture(scope="module")
def faces(small_faces):
    """Train faces, and eight of test people."""
    train = small_faces.pictures(small_faces.indices("train"))
    return train, small_faces.pictures(small_faces.indices("test")[:8])


@pytest.fixture(scope="module")
def network(faces, tmp_path_factory):
    """An anchored network whose additions are not zero, as if it had learnt."""
    train, _ = faces
    parameters = {"latent_dim": AXES, "loss": "mse", "reconstruction_weight": WEIGHT, "seed": 0}
    model = build("anchored", (32, 32, 3), parameters)
    model.anchor(linear.fit(train, train, 0.0, AXES, WEIGHT, "mse"))
    rng = np.random.default_rng(3)
    for weight in model.trainable_weights:
        if not np.asarray(weight).any():
            weight.assign(rng.normal(0, 0.01, weight.shape))
    record = {"build": {"name": "anchored", "shape": [32, 32, 3], "parameters": parameters}}
    return Network(model, {}, record, tmp_path_factory.mktemp("network"))


@pytest.fixture(scope="module")
def page(faces, network):
    """What the figures of a page are made of."""
    train, test = faces
    mean, variances, axes, _ = components.of_faces(train, AXES, 0)
    vae = vae_widget.rounded(mean, variances, axes, network, train[:50])
    return vae_widget.Living(vae, WEIGHT, *vae_widget.faces_to_choose(test))


@pytest.fixture(scope="module")
def file(page, tmp_path_factory):
    """A page with all of these figures."""
    outputs, folder = [], tmp_path_factory.mktemp("living")

    def keep(data, raw, metadata):
        held = {media: base64.b64encode(value).decode() if isinstance(value, bytes) else value for media, value in data.items()}
        outputs.append(v4.new_output("display_data", data=json.loads(json.dumps(held)), metadata=metadata))

    still = plots.picture_grid([("face", page.faces)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(display, "display", keep)
        for show in (page.hero, page.axes, page.mix, page.draws):
            show(still, "A caption.", "Faces in a row.")
        page.walk(np.full((6, AXES), 0.1, "float32"), still, "A caption.", "Faces in a row.")
    cells = [v4.new_markdown_cell("# A VAE\n\nfaces → z"), v4.new_code_cell("1", outputs=outputs)]
    write(v4.new_notebook(cells=cells), folder / "page.ipynb")
    html.render(folder / "page.ipynb", folder / "page.html")
    return folder / "page.html"


@pytest.fixture
def opened(browser, file):
    """Opens that page, its model unpacked; afterwards it has asked for nothing and complained of nothing."""
    pages = []

    def open_(**options):
        window = browser.open(file, **options)
        pages.append(window)
        window.evaluate("vaeShared.model.then(() => 0)")
        until(window, "[...document.querySelectorAll('figure.widget')].every(figure => figure.dataset.milliseconds)")
        return window

    yield open_
    for window in pages:
        assert window.asked == [] and window.complaints == []
        assert window.locator("figure.broken").count() == 0
        window.context.close()


def until(window, script):
    """Wait for a script to be true; Playwright's own way needs `eval`, which the page forbids."""
    end = time.monotonic() + 30
    while not window.evaluate(script):
        assert time.monotonic() < end, script
        window.wait_for_timeout(50)


def computed(window, face, alpha, network, what):
    """float32 that a JavaScript expression gives: `code` is the face's, `decoded` its mean decoded."""
    script = (
        f"{CODE} const code = await model.code(floats, alpha, network), decoded = await model.face(code.mean, alpha, network);"
        f" return ({AS_TEXT})(await ({what})); }}"
    )
    given = {"face": weights.floats(face), "alpha": alpha, "network": network}
    return np.frombuffer(base64.b64decode(window.evaluate(script, given)), "<f4")


def test_the_page_computes_what_tensorflow_computes_with_the_same_weights(opened, page):
    window, copy = opened(), page.vae.network
    drawn = page.faces[-1:]
    mean, log_variance = predict(copy.posterior, drawn)
    assert np.abs(computed(window, drawn, WEIGHT, True, "code.mean") - mean[0]).max() < 1e-3
    assert np.abs(computed(window, drawn, WEIGHT, True, "code.logVariance") - log_variance[0]).max() < 1e-3
    for face in page.faces[[0, -1]]:
        expected = predict(copy.reproduction, face[None]).ravel()
        assert np.abs(computed(window, face, WEIGHT, True, "decoded") - expected).max() < 1 / 255
    z = computed(window, drawn, WEIGHT, True, "drawnFrom(code, 5)")
    face = computed(window, drawn, WEIGHT, True, "model.face(drawnFrom(code, 5), alpha, network)")
    assert np.abs(face - predict(copy.decoder, z[None]).ravel()).max() < 1 / 255
    assert 0.5 < np.std((z - mean[0]) / np.exp(log_variance[0] / 2)) < 1.5


def test_rounding_the_weights_changes_little_of_what_the_network_adds(page, network, faces):
    train, _ = faces
    trained = network.reproduce(page.faces)
    added = trained - linear.fit(train, train, 0.0, AXES, WEIGHT, "mse").reproduce(page.faces)
    away = predict(page.vae.network.reproduction, page.faces) - trained
    assert 0 < np.sqrt(np.mean(away**2)) < 0.15 * np.sqrt(np.mean(added**2))  # random weights lose more than learnt ones


@pytest.mark.parametrize("alpha", [2_000, 25_000, 100_000])
def test_the_slider_has_the_closed_form_at_every_alpha(opened, page, faces, alpha):
    window, train = opened(), faces[0]
    best = linear.fit(train, train, 0.0, AXES, alpha, "mse")
    used = int((best.log_variance != 0).sum())
    about = window.evaluate("alpha => vaeShared.model.then(model => model.active(alpha))", alpha)
    assert about["active"] == used == vae_widget.active(page.vae.variances, alpha, 3072)
    assert about["rate"] == pytest.approx(-0.5 * best.log_variance[:used].sum(), rel=1e-4)
    assert about["rate"] == pytest.approx(vae_widget.rate(page.vae.variances, alpha, 3072), rel=1e-4)
    face = page.faces[:1]
    mean, log_variance = best.encode(face)
    assert np.abs(computed(window, face, alpha, False, "code.mean")[:used] - mean[0, :used]).max() < 0.01
    assert np.abs(computed(window, face, alpha, False, "code.logVariance")[:used] - log_variance[0, :used]).max() < 1e-3
    expected = best.decode(np.where(log_variance, mean, 0)).ravel()
    assert np.abs(computed(window, face, alpha, False, "decoded") - expected).max() < 1 / 255


def words_of(window, figure: str = "vae") -> str:
    return window.locator(f"figure.widget.{figure} .sentence").inner_text()


def changed(window, before: str, figure: str = "vae") -> str:
    """The sentence once it is another one than before, and once a screen reader has been told."""
    place = f"document.querySelector('figure.widget.{figure} SELECTOR').textContent"
    until(window, f"{place.replace('SELECTOR', '.sentence')} !== {json.dumps(before)}")
    until(window, " === ".join(place.replace("SELECTOR", part) for part in (".status", ".sentence")))
    return words_of(window, figure)


def test_arrow_keys_move_the_water_and_the_axes_the_rate_and_the_sentence_follow(opened, page):
    window = opened()
    figure = window.locator("figure.widget.vae")
    slider, status = figure.get_by_role("slider", name="α, nats"), figure.get_by_role("status")
    first = words_of(window)
    assert slider.get_attribute("aria-valuetext") == "25,000" and "Linear VAE and network at α = 25,000" in first
    until(window, "document.querySelector('.agreement').textContent.startsWith('drawn face: TensorFlow\\'s to 0.')")
    slider.press("ArrowLeft")
    second = changed(window, first)
    assert "The best linear VAE at α = 24,000" in second and figure.get_by_role("checkbox").is_disabled()
    slider.press("Home")
    third = changed(window, second)
    used = vae_widget.active(page.vae.variances, 500, 3072)
    assert f"at α = 500: {used} of {AXES} axes active, {AXES - used} dark" in third and status.inner_text() == third
    texts = figure.locator(".facts dd").all_inner_texts()
    assert texts[0] == "1.753 = 447/255" and texts[2] == f"{used} of {AXES}"
    nats = float(re.match(r"([\d.]+) nats", texts[1])[1])
    slider.press("End")
    last = changed(window, third)
    assert float(re.search(r"takes ([\d.]+) nats", last)[1]) > nats and f"{AXES} of {AXES} axes active" in last
    figure.get_by_role("button", name="Reset").press("Enter")
    assert changed(window, last) == first


def test_draws_differ_from_each_other_and_from_the_mean(opened):
    window = opened()
    figure = window.locator("figure.widget.vae")
    mean = words_of(window)
    figure.get_by_role("button", name="Draw again").press("Enter")
    one = changed(window, mean)
    assert "a draw of its code decodes to" in one and figure.get_by_role("radio", name="a draw").is_checked()
    pixels = "document.querySelectorAll('figure.widget.vae .panel canvas')[1].toDataURL()"
    before = window.evaluate(pixels)
    figure.get_by_role("button", name="Draw again").press(" ")
    until(window, f"{pixels} !== {json.dumps(before)}")
    figure.get_by_role("radio", name="a draw").press("ArrowLeft")
    until(window, f"document.querySelector('figure.widget.vae .sentence').textContent === {json.dumps(mean)}")
    figure.get_by_role("checkbox").press(" ")
    assert "The best linear VAE at α = 25,000" in changed(window, mean)


def test_an_axis_is_set_by_hand_and_given_back(opened):
    window = opened()
    figure = window.locator("figure.widget.vae_axes")
    first = words_of(window, "vae_axes")
    assert first.startswith("Axis 1: ") and "nats" in first
    figure.get_by_role("slider", name="z").press("ArrowRight")
    assert "Your code changes a pixel value by" in changed(window, first, "vae_axes")
    figure.get_by_role("button", name="The face's own code").press("Enter")
    until(window, f"document.querySelector('figure.widget.vae_axes .sentence').textContent === {json.dumps(first)}")
    figure.get_by_role("slider", name="axis").press("End")
    assert f"Axis {AXES}: " in changed(window, first, "vae_axes")


def test_people_are_mixed_walked_and_drawn_from_the_prior(opened):
    window = opened()
    mix = window.locator("figure.widget.vae_mix")
    keeping = words_of(window, "vae_mix")
    mix.get_by_role("radio", name="variance-keeping").press("ArrowLeft")
    mean = changed(window, keeping, "vae_mix")
    mix.get_by_role("radio", name="mean").press("ArrowLeft")
    total = changed(window, mean, "vae_mix")
    lengths = [float(re.search(r"squared length of (\d+)", words)[1]) for words in (total, mean)]
    assert lengths[0] == pytest.approx(4 * lengths[1], abs=4) and total.startswith("The sum ")
    walk = window.locator("figure.widget.vae_attributes")
    still = words_of(window, "vae_attributes")
    walk.get_by_role("slider", name="smile").press("ArrowRight")
    assert "0.25 of smile" in changed(window, still, "vae_attributes")
    nobody = words_of(window, "vae_prior")
    window.get_by_role("button", name="Draw eight codes from the prior").press("Enter")
    assert "Draws 9 to 16" in changed(window, nobody, "vae_prior")


def test_a_picture_of_the_readers_own_goes_through(opened, page, tmp_path):
    from PIL import Image

    window = opened()
    figure, first = window.locator("figure.widget.vae"), words_of(window)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 60, 3), "uint8")).save(tmp_path / "mine.png")
    figure.locator("input[type=file]").set_input_files(tmp_path / "mine.png")
    assert changed(window, first) != first and "your picture" in figure.locator(".under").first.inner_text()
    figure.get_by_role("slider", name="part of the picture").press("ArrowLeft")
    (tmp_path / "text.png").write_text("no picture")
    figure.locator("input[type=file]").set_input_files(tmp_path / "text.png")
    until(window, "document.querySelector('figure.widget.vae .sentence').textContent.startsWith('text.png cannot be read')")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_an_accessibility_audit_has_nothing_to_say_and_nothing_is_too_wide(opened, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    window = opened(width=width, dark=dark, reduced_motion="reduce")
    assert window.evaluate("document.documentElement.scrollWidth") <= width
    window.locator("figure.widget.vae").get_by_role("slider", name="α, nats").press("Home")
    assert window.locator("figure.widget.vae .live").bounding_box()["height"] <= (620 if width > 1000 else 1100)
    found = Axe().run(window)
    assert found.violations_count == 0, found.generate_report()


def test_print_and_readers_without_scripts_see_the_still_figures(browser, file, opened):
    shown = "all => all.map(each => each.offsetHeight > 50)"
    without = browser.open(file, java_script_enabled=False)
    assert without.locator("figure.widget .still").evaluate_all(shown) == [True] * 5
    without.context.close()
    printed = opened()
    printed.emulate_media(media="print")
    assert printed.locator("figure.widget .still").evaluate_all(shown) == [True] * 5
    assert printed.locator("figure.widget .live").evaluate_all("all => all.map(each => each.offsetHeight)") == [0] * 5


def test_an_encoder_that_adds_the_same_for_every_face_stays_out_of_the_page(faces, network, browser):
    train, test = faces
    mean, variances, axes, _ = components.of_faces(train, AXES, 0)
    about = network.record["build"]
    model = build("anchored", (32, 32, 3), about["parameters"])
    for target, source in zip(model.weights, network.model.weights, strict=True):
        target.assign(source)
    for name in ("mean", "log_variance"):
        layer = model.posterior.get_layer(name)
        layer.kernel.assign(0 * layer.kernel)
    vae = vae_widget.rounded(mean, variances, axes, replace(network, model=model), train[:50])
    held = weights.packed(vae)
    assert vae.silent and len(held["graphs"]) == 1 and len(held["added"]) == 2
    window = browser.chromium.new_page()
    scripts = computing.scripts()
    code = f"async ({{held, face}}) => {{ {scripts}\n const model = await VaeModel.of(held), floats = floatsOf(face);"
    code += f" const code = await model.code(floats, 1, true); return ({AS_TEXT})(await model.face(code.mean, 1, true)); }}"
    window.set_content("<p>A page</p>")
    decoded = window.evaluate(code.replace("widgets.vae", "({}).vae"), {"held": held, "face": weights.floats(test[:1])})
    expected = predict(vae.network.reproduction, test[:1]).ravel()
    assert np.abs(np.frombuffer(base64.b64decode(decoded), "<f4") - expected).max() < 1 / 255
    window.close()


def test_weights_come_back_from_the_text_and_a_short_fraction_is_rounded(page):
    held = page.held
    numbers = packing.unpack(held["text"])
    assert numbers.size == held["count"] and (numbers[: page.vae.axes.size] == page.vae.axes.ravel()).all()
    values = np.random.default_rng(0).normal(size=1000)
    for bits in (2, 5, 10):
        short = weights.shortened(values, bits).astype("float64")
        assert (np.abs(short / values - 1) <= 2.0 ** -(bits + 1) + 2.0**-11).all()


def test_a_page_that_would_be_too_large_says_so_and_shows_still_figures(page, monkeypatch, capsys):
    calls = []
    monkeypatch.setattr("reecho.vae_widget.figures.figure", lambda *arguments, **more: calls.append(more))
    axes = np.zeros((256, 12288), "float16")
    large = vae_widget.Living(replace(page.vae, axes=axes), WEIGHT, page.faces, page.names)
    assert "stand still" in large.excuse and "3,145,728 numbers" in large.excuse
    large.hero(None, "A caption.", "A text.")
    assert calls == [{}]
    monkeypatch.setattr(weights, "LARGEST", 1000)
    assert "0.0 MB" in vae_widget.Living(page.vae, WEIGHT, page.faces, page.names).excuse
    assert page.excuse == "" or calls


def test_only_pages_that_compute_may_compile(file, tmp_path):
    text = file.read_text(encoding="utf-8")
    assert computing.ALLOWED in text and len(computing.FILES) == 4
    cells = [v4.new_markdown_cell("# A page\n\nfaces"), v4.new_code_cell("1")]
    write(v4.new_notebook(cells=cells), tmp_path / "plain.ipynb")
    html.render(tmp_path / "plain.ipynb", tmp_path / "plain.html")
    assert computing.ALLOWED not in (tmp_path / "plain.html").read_text(encoding="utf-8")
    assert report.widgets is not None


def test_the_sliders_steps_hold_both_ends_and_the_networks_own_alpha():
    for learnt in (500, 7_777, 25_000, 100_000):
        steps = vae_widget.alphas(learnt)
        assert steps[0] == 500 and steps[-1] == 100_000 and learnt in steps and steps == sorted(set(steps))


def test_draws_of_the_prior_have_more_contrast_and_edges_at_a_larger_alpha(faces):
    train, _ = faces
    mean, variances, axes, _ = components.of_faces(train, AXES, 0)
    low, high = (vae_widget.beside_faces(vae_widget.of_nobody(mean, variances, axes, alpha), train) for alpha in (500, 100_000))
    assert low[0] < high[0] and low[1] < high[1]
    told = vae_widget.contrast_of_nobody([(67.2, 11.4), (90.0, 40.0), (94.6, 58.3)], (500, 5_000, 100_000), (43.6, 7.8))
    assert "at α = 500 they have 67 % of the contrast and 11 % of the edges of held-out faces" in told
    assert "at α = 100,000 95 % and 58 %." in told and "mean face has 44 % and 8 %" in told


def test_the_networks_constants_are_named_only_where_its_encoder_adds_nothing_else():
    some = vae_widget.added(np.full(3, 24.0), np.full(3, 24.34), (94.0, 91.0), 25_000, silent=True)
    assert "+0.34 dB" in some and "same constants to the linear code of every face" in some and "the the" not in some
    assert "constants" not in vae_widget.added(np.full(3, 24.0), np.full(3, 24.34), (94.0, 91.0), 25_000, silent=False)


def test_the_assumed_error_stands_beside_those_of_the_tables_psnr():
    told = vae_widget.assumption({"psnr_mean_db": 27.2, "psnr_sample_db": 25.4}, 100_000, 3072)
    assert "σ = 0.124" in told and "11.1 and 13.7 grey levels" in told and "2.8 and 2.3 times" in told


def test_the_still_says_axes_and_nats_once_below_each_column():
    curve = [{"rate_nats": nats, "mean": np.zeros((2, 8, 8, 3)), "sample": np.zeros((2, 8, 8, 3))} for nats in (3.2, 94.1)]
    figure = vae_widget.strip(np.zeros((2, 8, 8, 3)), curve, [500, 25_000], np.array([0.5, 1e-3, 1e-6]))
    texts = [text for text in figure.axes[0].texts if "nats" in text.get_text()]
    assert [text.get_text() for text in texts] == ["1 axes, 3 nats", "1 axes, 94 nats"]
    assert {text.get_position()[1] for text in texts} == {max(text.get_position()[1] for text in figure.axes[0].texts)}

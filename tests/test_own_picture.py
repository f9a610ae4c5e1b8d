"""The page that runs the shipped networks in the reader's browser: what comes out is TensorFlow's, whatever is dropped on it."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest
from own_page import AS_TEXT, drawn, floats, idle, run, save, settled, shown_on, wait_for
from PIL import Image
from test_pictures_of_others import linear_profile

from reecho import apply, own_picture, shipped, trained
from reecho.apply import frame
from reecho.colour import chroma, grey, luma
from reecho.errors import ReechoError
from reecho.inputs import noise_like
from reecho.networks.registry import SHIPPED
from reecho.own_picture import page
from reecho.tasks import make_inputs

STEP = 1 / 255


@pytest.fixture(scope="module")
def networks():
    return {task: trained.shipped(task) for task in SHIPPED}


@pytest.mark.slow
def test_the_page_is_under_its_limit_and_says_so_where_it_is_not(own_page, monkeypatch, tmp_path):
    assert own_page.stat().st_size <= own_picture.LARGEST == 8_000_000
    monkeypatch.setattr(page, "LARGEST", 3_000_000)
    with pytest.raises(ReechoError, match="at most 3,000,000 are allowed"):
        own_picture.write(tmp_path / "own_picture.html")
    assert not list(tmp_path.glob("*.html"))


def test_the_page_says_where_its_networks_come_from(own_page):
    text = re.sub(r"<[^>]+>", "", own_page.read_text(encoding="utf-8"))
    for task in SHIPPED:
        told = shipped.load(task)[1]
        for words in (told["provenance"]["commit"], told["faces"]["digest"][:16], f"{told['provenance']['epochs']}, the best"):
            assert words in text
    assert "(save" not in text and "news photographs" in text


@pytest.fixture(scope="module")
def unpacked(browser, own_page):
    """One such window for the tests that only compute in it."""
    window = browser.open(own_page)
    window.evaluate("ownPicture.ready")
    yield window
    assert window.asked == [] and window.complaints == []
    window.context.close()


def hard_inputs(task: str, rows: int, columns: int) -> np.ndarray:
    """Faces, faces under noise, noise alone, flat pictures and extremes, float32 (n, rows, columns, 3)."""
    faces = np.stack([np.asarray(Image.fromarray(each).resize((columns, rows))) / 255 for each in drawn()])
    rng = np.random.default_rng(2)
    noise = rng.random((2, rows, columns, 3), "float32")
    flat = np.ones((4, rows, columns, 3), "float32") * np.array([0, 1, 0.5, 0.03], "float32").reshape(-1, 1, 1, 1)
    board = np.indices((rows, columns)).sum(0)[None, ..., None] % 2 * np.ones(3, "float32")
    everything = np.concatenate([faces, noise, flat, board]).astype("float32")
    if task == "colourisation":
        return np.concatenate([grey(everything), everything[:2]]).astype("float32")  # also what is not grey
    added = [make_inputs(task, everything, noise_like(everything, 3), sigma) for sigma in (0.02, 0.2)]
    return np.concatenate([everything, *added, everything[:1] * 3 - 1, rng.uniform(-1, 2, (1, rows, columns, 3))]).astype("float32")


def test_a_colourisers_outputs_are_tensorflows_in_every_pixel(unpacked, networks):
    model = networks["colourisation"].model.reproduction
    inputs = hard_inputs("colourisation", *model.input.shape[1:3])
    for n, (picture, wanted) in enumerate(zip(inputs, model.predict(inputs, verbose=0), strict=True)):
        assert np.abs(run(unpacked, "colourisation", 0, picture) - wanted.ravel()).max() < STEP, n


def test_a_denoisers_outputs_are_tensorflows_in_every_pixel(unpacked, networks):
    model = networks["denoising"].model
    inputs = hard_inputs("denoising", 40, 56)
    levels = model.reading.predict(inputs, verbose=0)
    for strength in (0.5, 1, 2):
        levelled = levels + np.float32(np.log(strength))
        for n, wanted in enumerate(model.removal.predict([inputs, levelled], verbose=0)):
            if strength == 1:
                assert np.abs(run(unpacked, "denoising", 0, inputs[n]) - levels[n].ravel()).max() < STEP, n
            assert np.abs(run(unpacked, "denoising", 1, inputs[n], levelled[n]) - wanted.ravel()).max() < STEP, n


def test_the_page_compares_itself_with_tensorflow(unpacked):
    differences = unpacked.evaluate("ownPicture.ready")
    assert differences.keys() == set(SHIPPED) and max(differences.values()) < 1e-3
    assert "no output differs" in unpacked.inner_text("#agreement")


def test_the_browser_reads_every_16_bit_number_as_numpy_does(unpacked):
    expected = np.arange(65536, dtype="<u2").view("float16").astype("float32")
    assert np.array_equal(floats(unpacked.evaluate(f"({AS_TEXT})(halves)")), expected, equal_nan=True)


def denoised(network, pixels: np.ndarray, strength: float) -> np.ndarray:
    """What TensorFlow makes of a picture, uint8 (H, W, 3) → float32 (H, W, 3), as `reecho.tiles` takes a strength."""
    rows, columns = pixels.shape[:2]
    padded = np.pad(pixels / np.float32(255), ((0, -rows % 8), (0, -columns % 8), (0, 0)), "reflect")[None]
    level = network.model.reading.predict(padded, verbose=0) + np.float32(np.log(max(strength, 1)))
    removed = network.model.removal.predict([padded, level], verbose=0)
    return (padded + min(strength, 1) * (removed - padded))[0, :rows, :columns]


def noisy_picture(columns: int, rows: int) -> np.ndarray:
    """A drawn face under noise, uint8 (rows, columns, 3)."""
    large = np.asarray(Image.fromarray(drawn()[0]).resize((columns, rows), Image.Resampling.BICUBIC)).astype(int)
    return np.clip(large + np.random.default_rng(4).normal(0, 12, large.shape), 0, 255).astype("uint8")


def test_a_chosen_picture_is_denoised_as_tensorflow_does_at_its_own_size(opened, networks, tmp_path):
    window, pixels = opened(), noisy_picture(117, 93)
    window.set_input_files("#file", save(tmp_path, pixels))
    settled(window)
    assert (shown_on(window, "denoise-before") == pixels).all()
    for strength in (1, 2, 0.25):
        window.fill("#strength", str(strength))
        window.dispatch_event("#strength", "change")
        idle(window)
        expected = np.clip(denoised(networks["denoising"], pixels, strength), 0, 1) * 255
        assert np.abs(shown_on(window, "denoise-after") - expected).max() < 1.51, strength  # half of it is rounding
    window.fill("#strength", "0")
    window.dispatch_event("#strength", "change")
    idle(window)
    assert (shown_on(window, "denoise-after") == pixels).all()
    sigma = networks["denoising"].model.noise_level(np.pad(pixels / np.float32(255), ((0, 3), (0, 3), (0, 0)), "reflect")[None])[0]
    assert float(window.inner_text("#read").split(",")[0]) == pytest.approx(sigma, abs=0.001)


def test_a_chosen_picture_is_cut_and_coloured_as_apply_does(opened, networks, tmp_path):
    laying = pytest.importorskip("reecho.apply.laying")
    window, size = opened(), networks["colourisation"].model.reproduction.input.shape[1]
    path = save(tmp_path, noisy_picture(521, 437))
    window.set_input_files("#file", path)
    settled(window)
    with Image.open(path) as picture:
        face, photo = frame(picture, size), apply.photo.read(picture).in_colour()
    seen = shown_on(window, "face")
    assert (seen == seen[..., :1]).all()  # what the network gets has no colours
    assert np.abs(seen - grey(face) * 255.0).max() <= 1.01
    output = networks["colourisation"].reproduce(grey(face[None]))
    coloured = laying.lay(photo, photo, laying.Chroma(chroma(output)[0], luma(grey(face[None]))[0, ..., 0]), 60, False)
    assert np.abs(shown_on(window, "colour-after").astype(int) - np.asarray(coloured.picture)).max() <= 2


def test_pictures_of_any_shape_are_cut_as_apply_cuts_them(opened, networks, tmp_path):
    window, size = opened(), networks["colourisation"].model.reproduction.input.shape[1]
    rng = np.random.default_rng(5)
    for width, height in ((250, 250), (33, 90), (700, 260), (1, 1), (7, 5), (703, 1023)):
        small = Image.fromarray(rng.integers(0, 256, (max(height // 9, 1), max(width // 9, 1), 3), "uint8"))
        path = save(tmp_path, np.asarray(small.resize((width, height))), f"{width}x{height}.png")
        window.set_input_files("#file", path)
        settled(window, f"{path.name}, ")
        with Image.open(path) as picture:
            face = frame(picture, size)
        assert np.abs(shown_on(window, "face") - grey(face) * 255.0).max() <= 1.01, path.name
        assert shown_on(window, "colour-after").shape == shown_on(window, "colour-before").shape == (height, width, 3), path.name


def test_a_picture_with_a_profile_has_the_colours_that_apply_gives_it(opened, networks, tmp_path):
    size = networks["colourisation"].model.reproduction.input.shape[1]
    window, plain = opened(), Image.fromarray(drawn(1)[0])
    plain.save(tmp_path / "linear.png", icc_profile=linear_profile())
    window.set_input_files("#file", tmp_path / "linear.png")
    settled(window, "linear.png, ")
    with Image.open(tmp_path / "linear.png") as picture:
        face = grey(frame(picture, size)) * 255.0
    assert np.abs(face - grey(frame(plain, size)) * 255.0).mean() > 20  # what the profile changes
    assert np.abs(shown_on(window, "face") - face).max() <= 2


def test_what_is_no_picture_is_said_and_nothing_breaks(opened, tmp_path):
    window = opened()
    (tmp_path / "notes.png").write_text("no picture")
    window.set_input_files("#file", tmp_path / "notes.png")
    window.wait_for_selector("#status.wrong")
    assert "notes.png cannot be read as a picture" in window.inner_text("#status") and window.is_hidden("#work")
    window.set_input_files("#file", save(tmp_path, drawn(1)[0]))
    settled(window)
    assert window.is_visible("#work") and not window.query_selector("#status.wrong")


def test_a_picture_can_be_dropped(opened, tmp_path):
    window = opened()
    data = save(tmp_path, drawn(1)[0]).read_bytes()
    window.evaluate(
        """text => { const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(atob(text), each => each.charCodeAt(0))], "dropped.png", {type: "image/png"}));
        for (const kind of ["dragover", "drop"]) document.body.dispatchEvent(
          new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true})); }""",
        base64.b64encode(data).decode(),
    )
    settled(window)
    assert window.inner_text("#status").startswith("dropped.png, 250 × 250 pixels")


def test_everything_can_be_done_by_keyboard(opened):
    window = opened()

    def tab_to(selector):
        for _ in range(60):
            window.keyboard.press("Tab")
            if window.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached by Tab")

    tab_to("#file")
    tab_to(".examples button")
    window.keyboard.press("Enter")
    settled(window)
    noisy = shown_on(window, "denoise-before")
    assert window.inner_text("#before-words") == "with noise"
    tab_to("#denoise-divider")
    window.keyboard.press("Home")
    assert window.evaluate("document.querySelector('.cut').style.getPropertyValue('--at')") == "0%"
    tab_to("#strength")
    window.keyboard.press("Home")
    idle(window)
    assert window.inner_text("#strength-value") == "× 0.00" and (shown_on(window, "denoise-after") == noisy).all()
    tab_to("#again")
    window.keyboard.press("Enter")
    idle(window)
    assert (shown_on(window, "denoise-before") != noisy).any()
    before = shown_on(window, "face")
    tab_to("#across")
    window.keyboard.press("End")
    wait_for(window, "#across-value", "100 %")
    idle(window)
    assert (shown_on(window, "face") != before).any()
    tab_to("#middle")
    window.keyboard.press("Space")
    idle(window)
    assert (shown_on(window, "face") == before).all()
    for task, selector in (("denoising", "#denoise-save"), ("colourisation", "#colour-save")):
        tab_to(selector)
        with window.expect_download() as saved:
            window.keyboard.press("Enter")
        assert saved.value.suggested_filename == f"drawn-face-1-{task}.png"
        with Image.open(saved.value.path()) as made:
            assert made.size == (250, 250)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_has_nothing_that_axe_finds_and_no_width_that_cuts(opened, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    window = opened(width=width, dark=dark)
    for chosen in (False, True):
        if chosen:
            window.click(".examples button")
            settled(window)
        assert window.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(window).response["violations"]
        assert found == [], [(each["id"], each["nodes"][0]["html"]) for each in found]

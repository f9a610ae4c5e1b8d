"""The page that runs the shipped networks in the reader's browser: what comes out is TensorFlow's, whatever is dropped on it."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from test_pictures_of_others import linear_profile

from reecho import own_picture, shipped, trained
from reecho.apply import frame, in_colour, own_pixels
from reecho.colour import grey
from reecho.data import synthetic
from reecho.errors import ReechoError
from reecho.inputs import noise_like
from reecho.metrics import psnr
from reecho.networks.registry import SHIPPED
from reecho.own_picture import page
from reecho.tasks import make_inputs

STEP = 1 / 255


@pytest.fixture(scope="module")
def networks():
    return {task: trained.shipped(task) for task in SHIPPED}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("page") / "own_picture.html"
    own_picture.write(out, strip=[("Faces", "01_data.html"), ("Denoising", "04_denoising.html")])
    return out


@pytest.mark.slow
def test_the_page_is_under_its_limit_and_says_so_where_it_is_not(written, monkeypatch, tmp_path):
    assert written.stat().st_size <= own_picture.LARGEST == 4_200_000
    monkeypatch.setattr(page, "LARGEST", 3_000_000)
    with pytest.raises(ReechoError, match="at most 3,000,000 are allowed"):
        own_picture.write(tmp_path / "own_picture.html")
    assert not list(tmp_path.glob("*.html"))


def test_the_page_says_where_its_networks_come_from(written):
    text = re.sub(r"<[^>]+>", "", written.read_text(encoding="utf-8"))
    for task in SHIPPED:
        told = shipped.load(task)[1]
        for words in (told["provenance"]["commit"], told["faces"]["digest"][:16], f"{told['provenance']['epochs']}, the best"):
            assert words in text
    assert "(save" not in text and "news photographs" in text


@pytest.fixture
def opened(browser, written):
    """The page in a window, its networks unpacked; afterwards it has asked for nothing and complained of nothing."""
    pages = []

    def open_(**options):
        pages.append(browser.open(written, **options))
        pages[-1].evaluate("ownPicture.ready")
        return pages[-1]

    yield open_
    for each in pages:
        assert each.asked == [] and each.complaints == []
        each.context.close()


@pytest.fixture(scope="module")
def unpacked(browser, written):
    """One such window for the tests that only compute in it."""
    window = browser.open(written)
    window.evaluate("ownPicture.ready")
    yield window
    assert window.asked == [] and window.complaints == []
    window.context.close()


def drawn(count: int = 3) -> np.ndarray:
    """Drawn people, uint8 (count, 250, 250, 3)."""
    return np.stack(list(synthetic.draw_all(synthetic.factors_of(count, count, seed=1), crop=0)))


def hard_inputs(task: str) -> np.ndarray:
    """Faces, faces under noise, noise alone, flat pictures and extremes, float32 (n, 32, 32, 3)."""
    faces = np.stack([frame(Image.fromarray(each), 32) for each in drawn()])
    rng = np.random.default_rng(2)
    noise = rng.random((2, 32, 32, 3), "float32")
    flat = np.ones((4, 32, 32, 3), "float32") * np.array([0, 1, 0.5, 0.03], "float32").reshape(-1, 1, 1, 1)
    board = np.indices((32, 32)).sum(0)[None, ..., None] % 2 * np.ones(3, "float32")
    everything = np.concatenate([faces, noise, flat, board]).astype("float32")
    if task == "colourisation":
        return np.concatenate([grey(everything), everything[:2]]).astype("float32")  # also what is not grey
    added = [make_inputs(task, everything, noise_like(everything, 3), sigma) for sigma in (0.02, 0.2)]
    return np.concatenate([everything, *added, everything[:1] * 3 - 1, rng.uniform(-1, 2, (1, 32, 32, 3))]).astype("float32")


# numbers travel as base 64 of their bytes: lists of them take minutes
_AS_TEXT = """floats => btoa(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength).reduce(
    (text, byte) => text + String.fromCharCode(byte), ""))"""
_RUN = f"""async ({{name, inputs}}) => {{
    const bytes = Uint8Array.from(atob(inputs), each => each.charCodeAt(0));
    return (await ownPicture.ask("run", {{name, inputs: new Float32Array(bytes.buffer)}})).map({_AS_TEXT});
}}"""


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4")


@pytest.mark.parametrize("task", SHIPPED)
def test_outputs_are_tensorflows_in_every_pixel(unpacked, networks, task):
    inputs = hard_inputs(task)
    expected = page.whole(networks[task].model).predict(inputs, verbose=0)
    expected = expected if isinstance(expected, list) else [expected]
    for n, picture in enumerate(inputs):
        made = unpacked.evaluate(_RUN, {"name": task, "inputs": base64.b64encode(picture.tobytes()).decode()})
        for out, wanted in zip(made, expected, strict=True):
            assert np.abs(floats(out).reshape(wanted[n].shape) - wanted[n]).max() < STEP, n


def test_the_page_compares_itself_with_tensorflow(unpacked):
    differences = unpacked.evaluate("ownPicture.ready")
    assert differences.keys() == set(SHIPPED) and max(differences.values()) < 1e-3
    assert "no output differs" in unpacked.inner_text("#agreement")


def test_the_browser_reads_every_16_bit_number_as_numpy_does(unpacked):
    expected = np.arange(65536, dtype="<u2").view("float16").astype("float32")
    assert np.array_equal(floats(unpacked.evaluate(f"({_AS_TEXT})(halves)")), expected, equal_nan=True)


def save(folder, pixels: np.ndarray, name: str = "mine.png"):
    Image.fromarray(pixels).save(folder / name)
    return folder / name


def shown_on(window, canvas: str) -> np.ndarray:
    """A canvas' pixels, uint8 (H, W, 3)."""
    data = window.evaluate("id => document.getElementById(id).toDataURL('image/png')", canvas)
    with Image.open(io.BytesIO(base64.b64decode(data.partition(",")[2]))) as picture:
        return np.asarray(picture.convert("RGB"))


def wait_for(window, selector: str, words: str) -> None:
    from playwright.sync_api import expect

    expect(window.locator(selector)).to_contain_text(words, timeout=30_000)


def settled(window, name: str = "") -> None:
    wait_for(window, "#status", "coloured below")
    wait_for(window, "#status", name)


def test_a_chosen_picture_is_cut_denoised_and_coloured_as_apply_does(opened, networks, tmp_path):
    window = opened()
    rng = np.random.default_rng(4)
    large = np.asarray(Image.fromarray(drawn()[0]).resize((521, 437), Image.Resampling.BICUBIC)).astype(int)
    path = save(tmp_path, np.clip(large + rng.integers(-9, 10, large.shape), 0, 255).astype("uint8"))
    window.set_input_files("#file", path)
    settled(window)

    with Image.open(path) as picture:
        face, own = frame(picture, 32), own_pixels(picture)
    assert np.abs(shown_on(window, "face") - face * 255.0).max() <= 1.01
    assert (shown_on(window, "own") == np.round(own * 255)).all()
    coloured = in_colour(own, networks["colourisation"].reproduce(grey(face[None]))[0])
    assert np.abs(shown_on(window, "colour-after") - coloured * 255.0).max() <= 2
    before, after = (float(window.inner_text(f"#psnr-{when}").split()[0]) for when in ("before", "after"))
    assert before == pytest.approx(20, abs=1) and after > before + 2
    assert float(window.inner_text("#read")) == pytest.approx(0.1, abs=0.03)
    # the numbers are those of what is shown
    noisy, clean, denoised = (shown_on(window, name) / 255.0 for name in ("denoise-before", "face", "denoise-after"))
    assert psnr(np.stack([noisy, denoised]), np.stack([clean, clean])) == pytest.approx([before, after], abs=0.1)


def test_pictures_of_any_shape_are_cut_as_apply_cuts_them(opened, tmp_path):
    window = opened()
    rng = np.random.default_rng(5)
    for width, height in ((250, 250), (33, 90), (700, 260), (1, 1), (7, 5), (1003, 1501)):
        small = Image.fromarray(rng.integers(0, 256, (max(height // 9, 1), max(width // 9, 1), 3), "uint8"))
        path = save(tmp_path, np.asarray(small.resize((width, height))), f"{width}x{height}.png")
        window.set_input_files("#file", path)
        settled(window, f"{path.name}, ")
        with Image.open(path) as picture:
            face, own = frame(picture, 32), own_pixels(picture)
        assert np.abs(shown_on(window, "face") - face * 255.0).max() <= 1.01, path.name
        assert (shown_on(window, "own") == np.round(own * 255)).all(), path.name


def test_a_picture_with_a_profile_has_the_colours_that_apply_gives_it(opened, tmp_path):
    window, plain = opened(), Image.fromarray(drawn(1)[0])
    plain.save(tmp_path / "linear.png", icc_profile=linear_profile())
    window.set_input_files("#file", tmp_path / "linear.png")
    settled(window, "linear.png, ")
    with Image.open(tmp_path / "linear.png") as picture:
        face, own = frame(picture, 32) * 255.0, own_pixels(picture) * 255.0
    assert np.abs(face - frame(plain, 32) * 255.0).mean() > 20  # what the profile changes
    assert np.abs(shown_on(window, "face") - face).max() <= 2 and np.abs(shown_on(window, "own") - own).max() <= 2


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
    tab_to("#denoise-divider")
    window.keyboard.press("Home")
    assert window.evaluate("document.querySelector('.cut').style.getPropertyValue('--at')") == "0%"
    tab_to("#sigma")
    window.keyboard.press("Home")
    idle(window)
    assert window.inner_text("#psnr-after") == "–" and (shown_on(window, "denoise-before") == before).all()
    window.keyboard.press("End")
    idle(window)
    assert window.inner_text("#sigma-value") == "0.20"
    assert float(window.inner_text("#read")) == pytest.approx(0.2, abs=0.06)
    noisy = shown_on(window, "denoise-before")
    tab_to("#again")
    window.keyboard.press("Enter")
    idle(window)
    assert (shown_on(window, "denoise-before") != noisy).any()
    for task, selector in (("denoising", "#denoise-save"), ("colourisation", "#colour-save")):
        tab_to(selector)
        with window.expect_download() as saved:
            window.keyboard.press("Enter")
        assert saved.value.suggested_filename == f"drawn-face-1-{task}.png"
        with Image.open(saved.value.path()) as made:
            assert made.size == ((32, 32) if task == "denoising" else (130, 130))


def idle(window) -> None:
    """Wait until what was asked for is computed."""
    window.evaluate("ownPicture.refresh('noise')")


def test_it_works_where_the_browser_allows_no_worker(browser, written, tmp_path):
    context = browser.chromium.new_context()
    context.add_init_script("window.Worker = function () { throw new Error('not here'); };")
    window = context.new_page()
    window.goto(written.resolve().as_uri())
    assert max(window.evaluate("ownPicture.ready").values()) < 1e-3
    window.set_input_files("#file", save(tmp_path, drawn(1)[0]))
    settled(window)
    context.close()


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

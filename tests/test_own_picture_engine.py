"""What runs the networks in the page: it can be cancelled, runs without a worker or WebAssembly, and notices disturbed canvases."""

from __future__ import annotations

import re
import shutil
import subprocess

import numpy as np
import pytest
from own_page import drawn, run, save, settled, shown_on, wait_for
from PIL import Image

from reecho.own_picture import page
from reecho.report import head

NO_WORKER = "window.Worker = function () { throw new Error('not here'); };"
NO_WASM = "WebAssembly.instantiate = () => Promise.reject(new Error('not here'));"
DISTURBED = """const honest = CanvasRenderingContext2D.prototype.getImageData;
CanvasRenderingContext2D.prototype.getImageData = function (...where) {
    const picture = honest.apply(this, where);
    for (let n = 0; n < picture.data.length; n += 997) picture.data[n] ^= 1;
    return picture;
};"""


def test_the_page_may_compile_webassembly_and_nothing_else_that_others_may_not(own_page):
    text = own_page.read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text).group(1).replace("&#39;", "'")
    plain, scripts = head.policy(), re.findall(r"'sha256-[^']+'", policy)
    assert policy == f"{plain}; script-src {' '.join(scripts)} 'wasm-unsafe-eval'; worker-src blob:" and len(scripts) == 2


@pytest.mark.skipif(not shutil.which("clang") or not shutil.which("wasm-ld"), reason="There is no clang with lld here.")
def test_the_committed_webassembly_is_what_its_source_becomes(tmp_path):
    version = subprocess.run(["clang", "--version"], capture_output=True, text=True, check=True).stdout
    if "version 14." not in version:
        pytest.skip("Another clang than that of the committed file writes other bytes.")
    subprocess.run([page.WASM.with_name("build.sh"), tmp_path / "rows.wasm"], check=True)
    assert (tmp_path / "rows.wasm").read_bytes() == page.WASM.read_bytes()
    assert page.WASM.stat().st_size < 10_000


def test_work_is_cancelled_between_two_rows_and_the_next_one_is_right(opened):
    window = opened()
    picture = "{pixels: new Uint8ClampedArray(4 * side * side).fill(128), columns: side, rows: side, sigma: 0, seed: 0}"
    answers = window.evaluate(
        f"""async () => {{
        const given = side => ({picture}), small = await ownPicture.ask("read", given(16)), shares = [];
        await ownPicture.ask("read", given(512));
        const controller = new AbortController(), signal = controller.signal;
        const progress = share => {{ shares.push(share); controller.abort(); }};
        const work = ownPicture.ask("remove", {{strength: 1}}, {{signal, progress}});
        const large = await work.then(() => "whole", error => error.name);
        return [large, shares.length, shares[0] < 1, small.read, (await ownPicture.ask("read", given(16))).read];
        }}"""
    )
    assert answers[:3] == ["AbortError", 1, True] and answers[3] == answers[4]


def test_a_new_picture_cancels_the_one_before_it(opened, tmp_path):
    window = opened()
    large = save(tmp_path, np.asarray(Image.fromarray(drawn()[0]).resize((1024, 900))), "large.png")
    small = save(tmp_path, drawn()[1][:40, :64], "small.png")
    window.set_input_files("#file", large)
    while not window.evaluate("document.getElementById('denoise-progress').value") > 0.1:  # the policy forbids wait_for_function
        window.wait_for_timeout(5)
    assert window.get_attribute("#denoise-figure", "aria-busy") == "true" and window.is_visible("#denoise-busy")
    window.set_input_files("#file", small)
    settled(window, "small.png, 64 × 40 pixels")
    assert shown_on(window, "denoise-after").shape == shown_on(window, "denoise-before").shape == (40, 64, 3)
    assert window.inner_text("#denoise-pixels") == "64 × 40"
    assert window.get_attribute("#denoise-figure", "aria-busy") == "false" and window.is_hidden("#denoise-busy")


def test_a_large_picture_is_shrunk_and_the_page_says_so(opened, tmp_path):
    window = opened()
    wide = np.asarray(Image.fromarray(drawn()[0]).resize((2048, 64)))
    window.set_input_files("#file", save(tmp_path, wide, "wide.png"))
    settled(window, "wide.png, 1024 × 32 pixels (shrunk from 2048 × 64)")
    assert shown_on(window, "denoise-after").shape == (32, 1024, 3)


@pytest.mark.parametrize("script", [NO_WORKER, NO_WORKER + NO_WASM], ids=["no worker", "neither worker nor WebAssembly"])
def test_it_works_with_less(browser, own_page, opened, tmp_path, script):
    context = browser.chromium.new_context()
    context.add_init_script(script)
    window, path = context.new_page(), save(tmp_path, drawn(1)[0][80:144, 80:160])
    window.goto(own_page.resolve().as_uri())
    assert max(window.evaluate("ownPicture.ready").values()) < 1e-3
    assert window.is_visible("#slow") == (NO_WASM in script)
    window.set_input_files("#file", path)
    settled(window)
    usual = opened()
    usual.set_input_files("#file", path)
    settled(usual)
    for canvas in ("denoise-after", "colour-after"):
        assert np.abs(shown_on(window, canvas).astype(int) - shown_on(usual, canvas)).max() <= 1
    assert usual.is_hidden("#slow")
    context.close()


@pytest.mark.parametrize("script", ["", DISTURBED], ids=["honest", "disturbed"])
def test_a_browser_that_disturbs_canvases_is_found_out(browser, own_page, script):
    context = browser.chromium.new_context()
    context.add_init_script(script or "0")
    window = context.new_page()
    window.goto(own_page.resolve().as_uri())
    window.evaluate("ownPicture.ready")
    assert window.is_visible("#disturbed") == bool(script)
    if script:
        wait_for(window, "#disturbed", "What this page shows would be wrong")
    context.close()


def test_padding_mirrors_as_numpy_does(opened):
    window = opened()
    for rows, columns in ((1, 3), (5, 7), (8, 16), (9, 2)):
        picture = np.random.default_rng(0).random((rows, columns, 3), "float32")
        flat = window.evaluate(
            "([picture, columns, rows]) => Array.from(reflected(picture, columns, rows, 8).data)",
            [picture.ravel().tolist(), columns, rows],
        )
        expected = np.pad(picture, ((0, -rows % 8), (0, -columns % 8), (0, 0)), "reflect")
        assert np.reshape(flat, expected.shape) == pytest.approx(expected)


def test_a_picture_of_one_place_is_computed_too(opened):
    assert run(opened(), "denoising", 0, np.full((8, 8, 3), 0.5, "float32")).shape == (1,)

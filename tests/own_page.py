"""What tests of the page for a reader's own picture share: pictures to give it, and how to see what it shows."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
from PIL import Image

from reecho.data import synthetic

# numbers travel as base 64 of their bytes: lists of them take minutes
AS_TEXT = """floats => btoa(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength).reduce(
    (text, byte) => text + String.fromCharCode(byte), ""))"""
RUN = f"""async ({{name, part, inputs}}) => {{
    const given = inputs.map(({{text, shape}}) => ({{
        data: new Float32Array(Uint8Array.from(atob(text), each => each.charCodeAt(0)).buffer), shape}}));
    return (await ownPicture.ask("run", {{name, part, inputs: given}})).map({AS_TEXT});
}}"""


def floats(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f4")


def run(window, name: str, part: int, *inputs: np.ndarray) -> np.ndarray:
    """The first output of a part of a network in the page for one picture, flat."""
    given = [{"text": base64.b64encode(each.astype("<f4").tobytes()).decode(), "shape": list(each.shape)} for each in inputs]
    return floats(window.evaluate(RUN, {"name": name, "part": part, "inputs": given})[0])


def drawn(count: int = 3) -> np.ndarray:
    """Drawn people, uint8 (count, 250, 250, 3)."""
    return np.stack(list(synthetic.draw_all(synthetic.factors_of(count, count, seed=1), crop=0)))


def save(folder: Path, pixels: np.ndarray, name: str = "mine.png") -> Path:
    Image.fromarray(pixels).save(folder / name)
    return folder / name


def shown_on(window, canvas: str) -> np.ndarray:
    """A canvas' pixels, uint8 (H, W, 3)."""
    data = window.evaluate("id => document.getElementById(id).toDataURL('image/png')", canvas)
    with Image.open(io.BytesIO(base64.b64decode(data.partition(",")[2]))) as picture:
        return np.asarray(picture.convert("RGB"))


def wait_for(window, selector: str, words: str | re.Pattern) -> None:
    from playwright.sync_api import expect

    expect(window.locator(selector)).to_contain_text(words, timeout=120_000)


def settled(window, name: str = "") -> None:
    """Wait until the picture of this name is denoised and coloured."""
    wait_for(window, "#status", re.compile(f"{re.escape(name)}.*coloured below"))


def idle(window) -> None:
    """Wait until what was asked for is computed."""
    assert window.evaluate("ownPicture.idle()") == [True, True]

"""The page: the networks as text, the script that runs them, drawn faces to try, and TensorFlow's outputs for one of them."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from reecho import shipped
from reecho.apply import laying
from reecho.batches import predict
from reecho.data import synthetic
from reecho.data.picture import WIDTH
from reecho.data.resize import shrink
from reecho.datasets import LFW, title_of
from reecho.errors import ReechoError
from reecho.inputs import HIGHEST, noise_like
from reecho.model import Learner
from reecho.networks.registry import SHIPPED
from reecho.own_picture import graph, packing
from reecho.report import head, html
from reecho.tasks import make_inputs

LARGEST = 8_000_000  # bytes of a page: what a reader on a phone may be asked to load once
LONGER = 1024  # pixels of a picture's longer side at most: what a phone computes in a minute
CHECKED = 64  # pixels of the faces that a network of pictures of any size is compared with TensorFlow on
CROP = 60  # pixels of 250 cut off each side, as the shipped networks' train faces are
TEMPLATES = Path(__file__).parent / "templates"
WASM = Path(__file__).parent / "wasm" / "rows.wasm"
_ENGINE = ("network.js", "arithmetic.js", "rows.js", "picture.js", "engine.js")  # these run in a worker, one after the other
_PAGE = ("asking.js", "canvas.js", "page.js")
_DRAWN = {2: "brown hair", 28: "a beard", 35: "red hair and glasses"}  # of 48 drawn pictures: three who look unlike each other
_LOW, _HIGH = -1.0, 2.0  # outputs are compared in 65,536 steps of this range


def write(out: Path | str, strip: Sequence[tuple[str, str]] = (), home: str | None = "index.html") -> None:
    """Write the page.

    Args:
        out: the page to write.
        strip: (title, href) of the other pages of the run, in order; empty for a page that stands alone.
        home: href of the index page, where there is a strip.

    Raises:
        ReechoError: a network cannot run in a page, the page is larger than LARGEST, or the disk is full.
    """
    drawn = examples()
    networks = [network(task, drawn[0][1]) for task in SHIPPED]
    described = {task["name"]: {key: value for key, value in task.items() if key not in ("text", "record")} for task in networks}
    settings = {"networks": described, "low": _LOW, "high": _HIGH, "width": WIDTH, "crop": CROP, "longer": LONGER}
    settings["laying"] = {"flat": laying.FLAT, "share": laying.SHARE, "fading": laying.FADING / WIDTH}
    settings |= {"usual": 100 * (WIDTH - 2 * CROP) // WIDTH, "arithmetic": base64.b64encode(WASM.read_bytes()).decode()}
    engine, script = ("".join(map(_part, names)) for names in (_ENGINE, _PAGE))
    script += head.template("divider.js")
    text = html.filled(
        "page.html.j2", TEMPLATES,
        css=head.stylesheet("", _part("page.css")),
        policy=policy([engine, script]),
        title="Your own picture",
        strip=[*strip, ("Your own picture", "")] if strip else (),
        step=len(strip),
        home=home if strip else None,
        engine=engine,
        own_script=script,
        settings=settings,
        networks=networks,
        examples=[(words, _as_data(pixels)) for words, pixels in drawn],
        of_lfw=any(task["record"]["of_lfw"] for task in networks),
        size=networks[-1]["graphs"][0]["inputs"][0][0],
        longer=LONGER,
        highest=HIGHEST,
    )  # fmt: skip
    size = len(text.encode())
    if size > LARGEST:
        weights = sum(len(task["text"]) for task in networks)
        raise ReechoError(
            f"{Path(out).name} would take {size:,} bytes, and at most {LARGEST:,} are allowed; {weights:,} of them are the shipped "
            "networks' weights. Ship smaller networks."
        )
    html.write(Path(out), text)


def policy(scripts: Sequence[str]) -> str:
    """The content security policy of a page (`head.policy`) that may also compile WebAssembly and run its own text in a worker."""
    return f"{head.policy(scripts)} 'wasm-unsafe-eval'; worker-src blob:"


def network(task: str, face: np.ndarray) -> dict[str, Any]:
    """A shipped network as the page holds it.

    Args:
        task: one of `reecho.SHIPPED`.
        face: uint8 (250, 250, 3), a picture to compare the browser's outputs with TensorFlow's on.

    Returns:
        "name"; "graphs", what `graph.read` says of its parts; "text" and "count" of its weights; "check": inputs, their shape and
        TensorFlow's outputs; "record": what the page says of its origin.
    """
    model, record = shipped.load(task)
    described, weights = graph.read(*parts(model))
    size = described[0]["inputs"][0][0] or CHECKED
    inputs = np.round(255 * _check_inputs(task, face, size)).astype("uint8")
    outputs = predict(model.reproduction, inputs / np.float32(255))
    steps = np.round((np.clip(outputs, _LOW, _HIGH) - _LOW) / (_HIGH - _LOW) * 65535).astype("<u2")
    check = {name: base64.b64encode(values.tobytes()).decode() for name, values in (("inputs", inputs), ("outputs", steps))}
    return {
        "name": task, "graphs": described, "text": packing.pack(weights), "count": weights.size,
        "check": {**check, "shape": list(inputs.shape[1:])}, "record": origin(record, weights.size),
    }  # fmt: skip


def parts(model: Learner) -> list[keras.Model]:
    """What the page runs one after the other: a denoiser reads the noise off, then takes it off; a colouriser is in one piece."""
    return [model.reading, model.removal] if hasattr(model, "reading") else [model.reproduction]


def origin(record: dict[str, Any], weights: int) -> dict[str, Any]:
    """What the page says of where a network comes from, in words."""
    training, faces = record["provenance"], record["faces"]["name"]
    return {
        "title": record["build"]["name"].replace("_", " "),
        "weights": f"{weights:,}",
        "faces": title_of(faces),
        "of_lfw": faces == LFW,
        "digest": record["faces"]["digest"][:16],
        "epochs": f"{training['epochs']}, the best was number {training['best_epoch']}",
        "minutes": f"{training['minutes']:.0f} on {training['machine']['cores']} cores",
        "commit": training["commit"],
    }


def examples() -> list[tuple[str, np.ndarray]]:
    """Drawn faces, never photographs: (words, uint8 (250, 250, 3)), always the same."""
    factors = synthetic.factors_of(pictures=48, people=24, seed=5)
    chosen = {name: values[list(_DRAWN)] for name, values in factors.items()}
    return list(zip(_DRAWN.values(), synthetic.draw_all(chosen, crop=0), strict=True))


def _check_inputs(task: str, face: np.ndarray, size: int) -> np.ndarray:
    small = shrink(face[None, CROP:-CROP, CROP:-CROP], size)
    return np.clip(make_inputs(task, small, noise_like(small, 0), 0.1), 0, 1)


def _part(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _as_data(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "jpeg", quality=88, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"

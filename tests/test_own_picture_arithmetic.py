"""The page's own arithmetic in JavaScript, which cannot be shared, gives what colour and pixels give."""

from __future__ import annotations

from importlib import resources

import keras
import numpy as np
import pytest
from keras import layers, ops

from reecho.colour import LUMA, chroma, fit_gamut, grey, luma
from reecho.networks.blocks import Fold
from reecho.own_picture import graph, page
from reecho.pixels import area_matrix, fold, unfold

TEMPLATES = resources.files("reecho.own_picture").joinpath("templates")


@pytest.fixture(scope="module")
def computed(browser):
    """A function that computes a JavaScript expression of `given` after the page's scripts."""
    window = browser.chromium.new_page()
    scripts = "\n".join(TEMPLATES.joinpath(name).read_text(encoding="utf-8") for name in ("picture.js", "network.js"))
    yield lambda expression, given=None: window.evaluate(f"given => {{ {scripts}\n return {expression}; }}", given)
    window.close()


@pytest.fixture(scope="module")
def faces():
    return np.random.default_rng(0).random((1, 8, 8, 3), "float32")


def test_luma_and_grey_are_those_of_colour(computed, faces):
    assert computed("LUMA") == list(LUMA)
    flat = faces.ravel().tolist()
    lumas = computed("given.filter((_, n) => n % 3 === 0).map((_, n) => lumaOf(given, 3 * n))", flat)
    assert np.reshape(lumas, (1, 8, 8, 1)) == pytest.approx(luma(faces), abs=1e-6)
    greys = computed("Array.from(greyOf(Float32Array.from(given)))", flat)
    assert np.reshape(greys, faces.shape) == pytest.approx(grey(faces), abs=1e-6)


def test_colours_put_on_a_picture_fit_the_gamut_as_those_of_colour(computed, faces):
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (8, 8, 4), "uint8")
    pixels[0, 0, :3], pixels[0, 1, :3] = 0, 255  # black and white have room for no colour
    seen = (pixels[..., :3] / 255).ravel().tolist()  # the picture has no detail that the network has not seen
    whole = "{left: 0, top: 0, side: 8, square: 8}, Float32Array.from(given.output), Float32Array.from(given.seen), 8, given.laying"
    expression = f"Array.from(inColour(Uint8ClampedArray.from(given.pixels), 8, 8, {whole}))"
    laying = {"flat": 0.01, "share": 0.5, "fading": 0.16}
    given = {"pixels": pixels.ravel().tolist(), "output": faces.ravel().tolist(), "seen": seen, "laying": laying}
    colours = computed(expression, given)
    expected = fit_gamut(luma(pixels[None, ..., :3] / 255), chroma(faces))[0]
    assert np.abs(np.reshape(colours, (8, 8, 4))[..., :3] - 255 * expected).max() <= 0.51


@pytest.mark.parametrize(("n_in", "n_out"), [(130, 32), (250, 64), (96, 32), (7, 7), (50, 48)])
def test_averages_by_area_are_those_of_pixels(computed, n_in, n_out):
    matrix = np.zeros((n_out, n_in))
    for row, share in zip(matrix, computed(f"areas({n_in}, {n_out})"), strict=True):
        row[share["low"] : share["low"] + len(share["weights"])] = share["weights"]
    assert matrix == pytest.approx(area_matrix(n_in, n_out), abs=1e-6)


@pytest.fixture(scope="module")
def carried_out(browser):
    """A function that gives a Keras model's output in the browser, by WebAssembly and in plain JavaScript."""
    window = browser.chromium.new_page()
    names = ("network.js", "arithmetic.js", "rows.js")
    scripts = "\n".join(TEMPLATES.joinpath(name).read_text(encoding="utf-8") for name in names)
    code = f"""async given => {{ {scripts}
        const {{graph, weights, picture, shape, code}} = given;
        const arithmetic = await arithmeticOf(code ? Uint8Array.from(code) : null), floats = Float32Array.from(weights);
        const kept = packWeights([graph], floats, arithmetic), input = {{data: Float32Array.from(picture), shape}};
        const network = {{graph, weights: floats, kept, arithmetic}}, control = {{progress() {{}}, cancelled: false}};
        const twice = [await runNetwork(network, [input], control), await runNetwork(network, [input], control)];
        return [arithmetic.fast, ...twice.map(([output]) => Array.from(output))]; }}"""

    def carry_out(model, picture, fast):
        (described,), weights = graph.read(model)
        wasm = list(page.WASM.read_bytes()) if fast else None
        given = {"graph": described, "weights": weights.tolist(), "picture": picture.ravel().tolist(), "shape": picture.shape}
        was_fast, first, second = window.evaluate(code, {**given, "code": wasm})
        assert was_fast == fast and first == second
        return np.array(first)

    yield carry_out
    window.close()


def model_of(layer, channels: int, rows: int | None = None, columns: int | None = None) -> keras.Model:
    """A model of this layer with weights of 16 bits."""
    inputs = keras.Input((rows, columns, channels))
    model = keras.Model(inputs, layer(inputs))
    rng = np.random.default_rng(7)
    model.set_weights([rng.normal(size=weight.shape).astype("float16").astype("float32") for weight in model.get_weights()])
    return model


LAYERS = {
    "3×3": lambda: layers.Conv2D(12, 3, padding="same"),
    "wide, ReLU, no bias": lambda: layers.Conv2D(17, (1, 5), padding="same", activation="relu", use_bias=False),
    "half, 3×3": lambda: layers.Conv2D(8, 3, strides=2, padding="same"),
    "half, 2×2": lambda: layers.Conv2D(9, 2, strides=2, padding="same"),
    "1×1": lambda: layers.Conv2D(3, 1),
    "average of 5": lambda: layers.AveragePooling2D(5, 1, "same"),
    "enlarged": lambda: layers.UpSampling2D(4),
    "ReLU": layers.ReLU,
    "mean": layers.GlobalAveragePooling2D,
}


@pytest.mark.parametrize("fast", [True, False], ids=["WebAssembly", "JavaScript"])
@pytest.mark.parametrize("name", LAYERS)
def test_layers_are_those_of_keras_for_pictures_of_any_size(carried_out, name, fast):
    for rows, columns, channels in ((1, 1, 3), (7, 11, 5), (12, 6, 4), (3, 18, 8)):
        picture = np.random.default_rng(rows).normal(size=(rows, columns, channels)).astype("float32")
        model = model_of(LAYERS[name](), channels)
        expected = np.asarray(model(picture[None]))[0]
        assert carried_out(model, picture, fast) == pytest.approx(expected.ravel(), abs=1e-4), (rows, columns)


@pytest.mark.parametrize("block", [2, 4])
def test_folding_is_that_of_pixels(carried_out, block):
    pictures = np.arange(8 * 12 * 3, dtype="float32").reshape(1, 8, 12, 3)
    folded = fold(pictures, block)
    for back, given, expected in ((False, pictures, folded), (True, folded, unfold(folded, block))):
        model = model_of(Fold(block, back), given.shape[-1])
        assert carried_out(model, given[0], True).tolist() == expected.ravel().tolist()


def test_operands_of_one_row_channel_or_place_are_repeated(carried_out):
    inputs = keras.Input((None, None, 4))
    mean = ops.reshape(layers.GlobalAveragePooling2D()(inputs), (-1, 1, 1, 4))
    least = ops.min(inputs, axis=-1, keepdims=True)
    mixed = ops.where(inputs > mean, ops.exp(-ops.abs(inputs)), ops.maximum(least, 2 * inputs - mean))
    model = keras.Model(inputs, layers.Concatenate()([ops.clip(mixed, -1, 1), inputs[..., 1:3] / (least - 9)]))
    picture = np.random.default_rng(3).normal(size=(5, 6, 4)).astype("float32")
    expected = np.asarray(model(picture[None])).ravel()
    assert carried_out(model, picture, True) == pytest.approx(expected, abs=1e-6)

"""Draws small faces from their factors: soft shapes as distances, many pictures at once, in plain numpy.

Lengths are in units of 65 pixels about the centre of LFW's 250-pixel frame, so that the frame without 60 pixels of each
side reaches from -1 to 1; u points right and v down in the frame of the head, which is shifted, scaled and tilted.
"""

from __future__ import annotations

import numpy as np

from reecho.data.picture import WIDTH

_UNIT = 65.0  # pixels
_NOISE = np.random.default_rng(20).standard_normal(2**19, dtype="float32")
BALD, SHORT, PARTED, FRINGE, LONG, CURLY, BUN = range(7)  # hair styles
_LONG_OVAL = np.array([0, 0, 0, 0, 1, 0.55, 0], "float32")  # how far the hair reaches down behind the head


class _Canvas:
    """Pictures in work, float32 (B, 3, S, S), with the head's coordinates at every pixel."""

    def __init__(self, factors: dict[str, np.ndarray], crop: int):
        axis = ((np.arange(crop, WIDTH - crop) + 0.5 - WIDTH / 2) / _UNIT).astype("float32")
        self.crop, self.factors, self.axis = crop, factors, axis
        x, y = axis[None, None, :] - self["shift_x"], axis[None, :, None] - self["shift_y"]  # (B, 1, S), (B, S, 1)
        cos, sin = np.cos(self["tilt"]) / self["scale"], np.sin(self["tilt"]) / self["scale"]
        self.u, self.v = cos * x + sin * y, cos * y - sin * x  # (B, S, S)
        self.pixels = np.empty((len(self.u), 3, len(axis), len(axis)), "float32")

    def __getitem__(self, name: str) -> np.ndarray:
        """A factor, (B, 1, 1), or (B, 3, 1, 1) for a colour."""
        values = self.factors[name]
        return values.reshape(*values.shape, *(1,) * (4 - values.ndim if values.ndim > 1 else 2))

    def window(self, left: float, top: float, right: float, bottom: float) -> tuple[slice, slice]:
        """Rows and columns of a box in units, wide enough for every pose that the factors have."""
        edges = np.searchsorted(self.axis, (top, bottom, left, right))
        return slice(edges[0], edges[1]), slice(edges[2], edges[3])

    def at(self, box: tuple[slice, slice] | None, u0=0.0, v0=0.0) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates about (u0, v0) within a box."""
        rows, columns = box or (slice(None), slice(None))
        return self.u[:, rows, columns] - u0, self.v[:, rows, columns] - v0

    def paint(self, cover: np.ndarray, colour: np.ndarray, box: tuple[slice, slice] | None = None) -> None:
        """Lay a colour, (B, 3, 1, 1) or (B, 3, h, w), over the pictures where `cover`, (B, h, w) in [0, 1], says."""
        rows, columns = box or (slice(None), slice(None))
        target = self.pixels[:, :, rows, columns]
        step = colour - target
        step *= cover[:, None]
        target += step

    def darken(self, cover: np.ndarray, box: tuple[slice, slice] | None = None) -> None:
        """Multiply the pictures by 1 - cover."""
        rows, columns = box or (slice(None), slice(None))
        self.pixels[:, :, rows, columns] *= (1 - cover)[:, None]


def _oval(u: np.ndarray, v: np.ndarray, a, b, soft: float = 1 / _UNIT) -> np.ndarray:
    """How much of each pixel lies inside an ellipse of half axes a and b; `soft` is the width of its edge."""
    inside = 1 - (u * u) * (1 / (a * a)) - (v * v) * (1 / (b * b))
    inside *= np.minimum(a, b) * (0.5 / soft)
    inside += 0.5
    return np.clip(inside, 0, 1, out=inside)


def _below(distance: np.ndarray, soft: float = 1 / _UNIT) -> np.ndarray:
    """1 where a distance is positive, 0 where it is negative, with an edge of width `soft`."""
    return np.clip(distance * (1 / soft) + 0.5, 0, 1)


def draw(factors: dict[str, np.ndarray], crop: int = 60) -> np.ndarray:
    """Draw faces.

    Args:
        factors: arrays (B,) or colours (B, 3) by name, as `reecho.data.synthetic.factors_of` makes them.
        crop: pixels of 250 cut off each side.

    Returns:
        uint8 (B, S, S, 3), S = 250 - 2 crop.
    """
    factors = {name: np.asarray(values, "float32") for name, values in factors.items()}
    canvas = _Canvas(factors, crop)
    _background(canvas)
    _behind(canvas)
    _head(canvas)
    _eyes(canvas)
    _nose_and_mouth(canvas)
    _hair(canvas)
    _glasses(canvas)
    return _developed(canvas)


def _background(c: _Canvas) -> None:
    """Two colours, mixed along a direction, by soft spots, or at the edge of a wall."""
    x, y = c.axis[None, None, :], c.axis[None, :, None]
    along = np.cos(c["background_angle"]) * x + np.sin(c["background_angle"]) * y
    spots = np.sin(c["background_scale"] * x + c["background_phase"]) * np.sin(c["background_scale"] * 0.8 * y + 2 * c["background_phase"])
    kind = c["background_kind"]
    mix = 0.5 + 0.35 * along * (kind != 2) + 0.35 * spots * (kind == 1)
    mix = np.where(kind == 2, _below(along - 0.5 * np.cos(c["background_phase"]), 0.06), mix)
    np.clip(mix, 0, 1, out=mix)
    c.pixels[:] = c["background"] + mix[:, None] * (c["background_other"] - c["background"])


def _behind(c: _Canvas) -> None:
    """Hair behind the head, shoulders, neck and ears."""
    style = c["hair_style"].astype(int)
    u, v = c.u, c.v
    down, curly = _LONG_OVAL[style], style == CURLY
    wide = c["face_width"] + 0.1 + 0.08 * c["hair_volume"] + 0.17 * curly
    high = 1.02 + 0.12 * c["hair_volume"] + 0.4 * down
    back = _oval(u, v - 0.42 * down + 0.12, wide + 0.04 * down, high) * (style != BALD)
    c.paint(back, c["hair"] * 0.62)
    bun = c.window(-0.7, -2, 0.7, -0.3)
    c.paint(_oval(*c.at(bun, 0, -1.16), 0.3, 0.26) * (style == BUN), c["hair"] * 0.8, bun)
    lower = c.window(-2, 0.3, 2, 2)
    c.paint(_oval(*c.at(lower, 0, 1.95), 1.45, 0.95), c["clothes"], lower)
    middle = c.window(-0.8, 0.3, 0.8, 1.6)
    neck_u, neck_v = c.at(middle, 0, 0.55)
    c.paint(_oval(neck_u, neck_v, 0.62 * c["face_width"], 0.72), c["skin"] * 0.66, middle)
    for side in (-1, 1):
        ear = c.at(None, side * (c["face_width"] + 0.01) - 0.06 * c["turn"], -0.1 + 0.05 * c["nod"])
        box = c.window(-1, -0.7, 0.05, 0.6) if side < 0 else c.window(-0.05, -0.7, 1, 0.6)
        c.paint(_oval(ear[0][:, box[0], box[1]], ear[1][:, box[0], box[1]], 0.1, 0.17) * (down < 1), c["skin"] * 0.82, box)


def _head(c: _Canvas) -> None:
    """The face as a lit egg, cheeks, eye sockets and beard."""
    u, v = c.u - 0.04 * c["turn"], c.v
    jaw = 1 - c["jaw"] * np.clip(v, -0.2, 1.2)
    q = (u / (c["face_width"] * jaw)) ** 2
    q += ((v - 0.0) / c["face_height"]) ** 2
    cover = np.clip((1 - q) * (0.5 * c["face_width"] * _UNIT) + 0.5, 0, 1)
    light = 1.03 - 0.24 * q * q
    light += (c["light_x"] * u + c["light_y"] * v) * c["light"]
    c.paint(cover, c["skin"] * np.clip(light, 0.25, 1.35)[:, None])
    c.cover = cover
    middle = c.window(-0.95, -0.5, 0.95, 0.85)
    for side in (-1, 1):
        cheek = c.at(middle, side * 0.36 + 0.14 * c["turn"], 0.25 + 0.06 * c["nod"])
        c.paint(_oval(*cheek, 0.26, 0.2, 0.5) * c["blush"], c["skin"] * np.float32([1.02, 0.72, 0.7]).reshape(1, 3, 1, 1), middle)
        socket = c.at(middle, side * c["eye_gap"] + 0.14 * c["turn"], c["eye_line"] - 0.03 + 0.08 * c["nod"])
        c.darken(_oval(*socket, 0.24, 0.17, 0.4) * 0.3, middle)
    lower = c.window(-0.95, 0, 0.95, 1.3)
    u, v = c.at(lower, 0.1 * c["turn"], 0.06 * c["nod"])
    jaws = _below(np.abs(u) * 0.75 + v - 0.62, 0.12) + _oval(u, v - 0.37, 0.27, 0.07, 0.06)
    c.paint(np.minimum(jaws, 1) * cover[:, lower[0], lower[1]] * c["beard"], c["hair"] * 0.75, lower)


def _eyes(c: _Canvas) -> None:
    """Whites, irises, pupils, a glint, lids and brows."""
    for side in (-1, 1):
        box = c.window(-0.85, -0.75, 0.2, 0.25) if side < 0 else c.window(-0.2, -0.75, 0.85, 0.25)
        width = c["eye_size"] * (1 - 0.18 * side * c["turn"])
        u, v = c.at(box, side * c["eye_gap"] + 0.15 * c["turn"], c["eye_line"] + 0.08 * c["nod"])
        height = 0.52 * c["eye_size"] * c["eye_open"]
        slanted = v + side * c["eye_slant"] * u
        shape = _oval(u, slanted, width, height)
        c.paint(_oval(u, slanted + 0.022, 1.12 * width, 1.22 * height), c["skin"] * 0.34, box)  # the lid's line
        c.paint(shape, np.float32([0.93, 0.92, 0.9]).reshape(1, 3, 1, 1), box)
        gaze = u - 0.045 * c["gaze"]
        c.paint(_oval(gaze, v, 0.075, 0.075) * shape, c["eyes"], box)
        c.paint(_oval(gaze, v, 0.038, 0.038) * shape, np.zeros((1, 3, 1, 1), "float32"), box)
        c.paint(_oval(gaze + 0.025, v + 0.03, 0.016, 0.016), np.ones((1, 3, 1, 1), "float32"), box)
        arch = v + 0.18 + c["brow_height"] + 0.05 * c["smile"] - 0.5 * u * u + side * c["brow_slant"] * u
        c.paint(_oval(u, arch, 1.45 * width, c["brow"]) * 0.9, c["hair"] * 0.6, box)


def _nose_and_mouth(c: _Canvas) -> None:
    """A nose shaded on the side away from the light, and lips around an open or closed smile."""
    box = c.window(-0.6, -0.5, 0.6, 0.65)
    u, v = c.at(box, 0.22 * c["turn"], c["nose_length"] + 0.1 * c["nod"])
    side = np.where(c["light_x"] > 0, -1, 1)
    bridge = u + 0.07 * c["turn"] * (v < 0)
    c.darken(_oval(bridge - 0.09 * side, v + 0.2, 0.07, 0.34, 0.2) * (0.1 + 0.3 * np.abs(c["light_x"] * c["light"])), box)
    c.paint(_oval(bridge + 0.01 * side, v + 0.12, 0.06, 0.3, 0.3) * 0.28, np.minimum(c["skin"] * 1.25, 1), box)
    c.darken(_oval(u, v - 0.055, 1.05 * c["nose_width"], 0.06, 0.08) * 0.38, box)
    for nostril in (-1, 1):
        c.darken(_oval(u - nostril * 0.55 * c["nose_width"], v - 0.035, 0.035, 0.022) * 0.6, box)
    box = c.window(-0.75, 0.15, 0.75, 1.05)
    u, v = c.at(box, 0.16 * c["turn"], c["mouth_line"] + 0.08 * c["nod"])
    width = c["mouth_width"] * (1 + 0.2 * c["smile"])
    across = np.clip(1 - (u / width) ** 2, 0, 1)  # 1 in the middle, 0 in the corners
    curve = v - 0.16 * c["smile"] * (across - 0.5)
    gap = 0.105 * c["mouth_open"] * across
    lips = np.minimum(curve + 0.7 * c["lips"] * np.sqrt(across), gap + c["lips"] * np.sqrt(across) - curve)
    c.paint(_below(lips), c["lip_colour"], box)
    inside = _below(np.minimum(curve, gap - curve)) * (across > 0)
    c.paint(inside, np.float32([0.2, 0.06, 0.06]).reshape(1, 3, 1, 1), box)
    c.paint(inside * _below(0.055 - curve), np.float32([0.95, 0.93, 0.88]).reshape(1, 3, 1, 1), box)
    c.darken(np.exp(-((curve / 0.016) ** 2)) * (across > 0) * 0.5 * (c["mouth_open"] < 0.15), box)
    c.darken(_oval(u, v - 0.17, 0.8 * width, 0.035, 0.07) * 0.22, box)


def _hair(c: _Canvas) -> None:
    """Hair above the hairline, each style with a line of its own, streaked."""
    style = c["hair_style"].astype(int)
    u, v = c.at(None, 0.06 * c["turn"])
    face = c["face_width"]
    line = -c["hairline"] - 0.05 * c["nod"] + 0.0 * u
    bowl = (u / face) ** 2
    line += np.where(style == FRINGE, 0.2 + 0.04 * np.sin(9 * u), 0.0)
    line += np.where(style == PARTED, 0.22 * np.abs(u - 0.3 * c["parting"]) - 0.05, 0.0)
    line += np.where(style == LONG, 0.5 * bowl * bowl + 0.25 * np.abs(u - 0.2 * c["parting"]), 0.0)
    line += np.where((style == SHORT) | (style == BUN), 0.22 * bowl * bowl, 0.0)
    line += np.where(style == CURLY, 0.3 * bowl * bowl + 0.03 * np.sin(17 * u + 4 * v), 0.0)
    wide = face + 0.07 + 0.08 * c["hair_volume"] + 0.17 * (style == CURLY)
    high = 1.0 + 0.12 * c["hair_volume"] + 0.1 * (style == CURLY)
    cover = _oval(u, v + 0.08, wide, high)
    np.minimum(cover, _below(line - v, 0.035), out=cover)
    cover *= style != BALD
    streaks = np.sin(c["hair_waves"] * u + 5 * np.sin(2.2 * v))
    streaks *= 0.1
    streaks += 0.92 - 0.25 * (v + 0.6) + 0.3 * c["light_x"] * c["light"] * u
    c.paint(cover, c["hair"] * np.clip(streaks, 0.3, 1.5)[:, None])


def _glasses(c: _Canvas) -> None:
    """Two rims and a bridge; dark lenses are sunglasses."""
    wearing = np.flatnonzero(c.factors["glasses"] > 0)
    if not len(wearing):
        return
    some = _Canvas({name: values[wearing] for name, values in c.factors.items()}, c.crop)
    some.pixels = c.pixels[wearing]
    dark, box = np.zeros((1, 3, 1, 1), "float32") + 0.07, some.window(-0.95, -0.75, 0.95, 0.3)
    for side in (-1, 1):
        u, v = some.at(box, side * (some["eye_gap"] + 0.02) + 0.16 * some["turn"], some["eye_line"] + 0.02 + 0.08 * some["nod"])
        outer = _oval(u, v, 0.27, 0.2 + 0.04 * some["glasses_round"])
        inner = _oval(u, v, 0.235, 0.165 + 0.04 * some["glasses_round"])
        some.paint(inner * np.where(some["glasses"] > 1, 0.88, 0.08), np.where(some["glasses"][:, None] > 1, dark, 1), box)
        some.paint(outer - inner, some["rims"], box)
    u, v = some.at(box, 0.16 * some["turn"], some["eye_line"] - 0.02 + 0.08 * some["nod"])
    some.paint(_oval(u, v, some["eye_gap"] - 0.22, 0.02), some["rims"], box)
    c.pixels[wearing] = some.pixels


def _developed(c: _Canvas) -> np.ndarray:
    """Light over the whole picture, warmth, exposure and a little noise, as bytes."""
    x, y = c.axis[None, None, :], c.axis[None, :, None]
    fall = 1 + 0.16 * c["light"] * (c["light_x"] * x + c["light_y"] * y)
    c.pixels *= fall[:, None]
    c.pixels *= (c["white"] * 255)
    count = c.pixels[0].size
    for pixels, place, sigma in zip(c.pixels, c.factors["noise_place"], c.factors["noise"], strict=True):
        first = int(place * (len(_NOISE) - count))
        pixels += _NOISE[first : first + count].reshape(pixels.shape) * (sigma * 255)
    np.clip(c.pixels, 0, 255, out=c.pixels)
    return c.pixels.transpose(0, 2, 3, 1).astype("uint8", order="C")

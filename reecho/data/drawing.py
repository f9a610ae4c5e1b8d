"""Draws small faces from their factors: soft shapes as distances, many pictures at once, in plain numpy.

Lengths are in units of 65 pixels about the centre of LFW's 250-pixel frame, so that the frame without 60 pixels of each
side reaches from -1 to 1; u points right and v down in the frame of the head, which is shifted, scaled and tilted.
"""

from __future__ import annotations

import numpy as np

from reecho.data.canvas import UNIT, Canvas, below, inside
from reecho.data.picture import WIDTH

_NOISE = np.random.default_rng(20).standard_normal(2**19, dtype="float32")
BALD, SHORT, PARTED, FRINGE, LONG, CURLY, BUN = range(7)  # hair styles
# What a style does, a row each: how far down the hair hangs behind the head; how much wider it is; the hairline's height,
# how it falls away from the parting, how it comes down at the temples, how it waves.
_BEHIND = np.array([-9, 0.05, 0.1, 0.55, 9, 0.5, 0], "float32")
_WIDER = np.array([0, 0, 0, 0, 0.04, 0.17, 0], "float32")
_LINE = np.array(
    [(0, 0, 0, 0), (0, 0, 0.22, 0), (-0.05, 0.22, 0.1, 0), (0.2, 0, 0.05, 0.02), (0, 0.25, 0.5, 0), (0, 0, 0.3, 0.04),
     (0, 0, 0.2, 0)]
).astype("float32")  # fmt: skip
_WHITE, _TEETH, _THROAT, _BLACK, _BLUSH = np.array(
    [(0.93, 0.92, 0.9), (0.95, 0.93, 0.88), (0.2, 0.06, 0.06), (0.05, 0.05, 0.05), (1.02, 0.72, 0.7)], "float32"
).reshape(5, 1, 3, 1, 1)


def draw(factors: dict[str, np.ndarray], crop: int = 60) -> np.ndarray:
    """Draw faces.

    Args:
        factors: arrays (B,) or colours (B, 3) by name, as `reecho.data.synthetic.factors_of` makes them.
        crop: pixels of 250 cut off each side.

    Returns:
        uint8 (B, S, S, 3), S = 250 - 2 crop.
    """
    factors = {name: np.asarray(values, "float32") for name, values in factors.items()}
    axis = ((np.arange(crop, WIDTH - crop) + 0.5 - WIDTH / 2) / UNIT).astype("float32")
    pixels = np.empty((len(factors["scale"]), 3, len(axis), len(axis)), "float32")
    c = Canvas(factors, axis[None, None, :], axis[None, :, None], pixels)
    _background(c)
    x, y = c.u - c["shift_x"], c.v - c["shift_y"]  # (B, 1, S), (B, S, 1)
    cos, sin = np.cos(c["tilt"]) / c["scale"], np.sin(c["tilt"]) / c["scale"]
    head = Canvas(factors, cos * x + sin * y, cos * y - sin * x, c.pixels)
    _behind(head)
    _head(head)
    _eyes(head)
    _nose(head)
    _mouth(head)
    _hair(head)
    _glasses(head)
    return _developed(c)


def _background(c: Canvas) -> None:
    """Two colours: mixed along a direction, mixed in soft spots, or parted by the edge of a wall."""
    kind, phase = c["background_kind"], c["background_phase"]
    wall = kind == 2
    x = 0.35 * np.cos(c["background_angle"]) * c.u + np.where(wall, 0.18 * np.cos(phase), 0.5)
    mix = x + 0.35 * np.sin(c["background_angle"]) * c.v
    mix += np.sin(c["background_scale"] * c.u + phase) * (0.4 * np.sin(0.8 * c["background_scale"] * c.v + 2 * phase) * (kind == 1))
    mix *= np.where(wall, 40.0, 1.0).astype("float32")
    np.clip(mix, 0, 1, out=mix)
    np.multiply(mix[:, None], c["background_other"] - c["background"], out=c.pixels)
    c.pixels += c["background"]


def _behind(c: Canvas) -> None:
    """Hair behind the head, shoulders, neck and ears."""
    style = c.factors["hair_style"]
    for some, level, down in ((style == LONG, 0, 2.5), ((style != LONG) & (style != BALD), -0.55, 1.2)):
        with c.patch(0, level, 1.1, down, np.flatnonzero(some)) as p:
            kind = p["hair_style"].astype(int)
            wide = p["face_width"] + 0.08 + 0.07 * p["hair_volume"] + _WIDER[kind]
            middle, high = (0.3, 1.42) if down > 2 else (-0.12, 1.02)
            back = p.oval(0.03 * p["turn"], middle, wide, high + 0.12 * p["hair_volume"])
            p.paint(back * below(_BEHIND[kind] - p.v, 0.12), p["hair"] * 0.62)
    with c.patch(0, -1.16, 0.4, 0.4, np.flatnonzero(c.factors["hair_style"] == BUN)) as bun:
        bun.paint(bun.oval(0, -1.16, 0.3, 0.26), bun["hair"] * 0.8)
    with c.patch(0, 1.6, 3, 0.65) as p:
        p.paint(p.oval(0, 1.95, 1.45, 0.95), p["clothes"])
    with c.patch(0, 0.75, 0.6, 0.6) as p:
        p.paint(p.oval(0, 0.55, 0.62 * p["face_width"], 0.72), p["skin"] * (0.66 + 0.1 * p["light"])[:, None])
    for side in (-1, 1):
        u0, v0 = side * (c["face_width"] + 0.01) - 0.06 * c["turn"], -0.1 + 0.05 * c["nod"]
        with c.patch(u0, v0, 0.16, 0.24) as p:
            p.paint(p.oval(u0, v0, 0.1, 0.17) * (p["hair_style"] != LONG), p["skin"] * 0.82)
            p.paint(p.oval(u0, v0, 0.06, 0.11, 0.08) * 0.5 * (p["hair_style"] != LONG), p["skin"] * 0.6)


def _head(c: Canvas) -> None:
    """The face as a lit egg, then cheeks, eye sockets and beard."""
    v = c.v / c["face_height"]
    u = c.u - 0.04 * c["turn"]
    u *= (1 / c["face_width"]) * (1 + c["jaw"] * np.clip(v, -0.2, 1.1))
    shade = c["light_x"] * c["light"] * c["face_width"] * u
    shade += c["light_y"] * c["light"] * v
    q = u * u
    q += v * v
    cover = np.clip((1 - q) * (0.5 * c["face_width"] * UNIT) + 0.5, 0, 1)
    q *= q
    q *= -0.24
    shade += q
    shade += 1.03
    np.clip(shade, 0.25, 1.35, out=shade)
    shade *= cover
    c.darken(cover)
    for k in range(3):
        c.pixels[:, k] += np.multiply(c["skin"][:, k], shade, out=q)
    for side in (-1, 1):
        u0, v0 = side * 0.36 + 0.14 * c["turn"], 0.25 + 0.06 * c["nod"]
        with c.patch(u0, v0, 0.34, 0.27) as p:
            p.paint(p.oval(u0, v0, 0.2, 0.16, 0.3) * p["blush"], p["skin"] * _BLUSH)
        u0, v0 = side * c["eye_gap"] + 0.14 * c["turn"], c["eye_line"] - 0.03 + 0.08 * c["nod"]
        with c.patch(u0, v0, 0.32, 0.22) as p:
            p.darken(p.oval(u0, v0, 0.2, 0.13, 0.2) * 0.25)
    bearded = np.flatnonzero(c.factors["beard"] > 0)
    with c.patch(0, 0.5, 0.95, 0.7, bearded) as p:
        u, v = p.u - 0.1 * p["turn"], p.v - 0.06 * p["nod"]
        jaws = below(np.abs(u) * 0.75 + v - 0.62, 0.12) + inside(u, v - 0.37, 0.27, 0.07, 0.06)
        on_face = inside(p.u - 0.04 * p["turn"], p.v.copy(), p["face_width"] * (1 - 0.5 * p["jaw"]), p["face_height"], 0.04)
        p.paint(np.minimum(jaws, 1) * on_face * p["beard"], p["hair"] * 0.75)


def _eyes(c: Canvas) -> None:
    """Lids, whites, irises, pupils, a glint, and brows."""
    for side in (-1, 1):
        u0, v0 = side * c["eye_gap"] + 0.15 * c["turn"], c["eye_line"] + 0.08 * c["nod"]
        with c.patch(u0, v0 - 0.08, 0.36, 0.27) as p:
            width = p["eye_size"] * (1 - 0.18 * side * p["turn"])
            height = 0.52 * p["eye_size"] * p["eye_open"]
            u, v = p.u - u0, p.v - v0
            slanted = v + side * p["eye_slant"] * u
            shape = inside(u.copy(), slanted.copy(), width, height, 1 / UNIT)
            p.paint(inside(u.copy(), slanted + 0.022, 1.12 * width, 1.22 * height, 1 / UNIT), p["skin"] * 0.34)
            p.paint(shape, _WHITE)
            gaze = u - 0.045 * p["gaze"]
            p.paint(inside(gaze.copy(), v.copy(), 0.075, 0.075, 1 / UNIT) * shape, p["eyes"])
            p.paint(inside(gaze.copy(), v.copy(), 0.038, 0.038, 1 / UNIT) * shape, _BLACK)
            p.paint(inside(gaze + 0.025, v + 0.03, 0.016, 0.016, 1 / UNIT), np.ones_like(_BLACK))
            v += 0.18 + p["brow_height"] + 0.05 * p["smile"] + side * p["brow_slant"] * u
            v -= 0.5 * u * u
            p.paint(inside(u, v, 1.45 * width, p["brow"], 1 / UNIT) * 0.9, p["hair"] * 0.6)


def _nose(c: Canvas) -> None:
    """A bridge shaded on the side away from the light, a highlight, wings and nostrils."""
    u0, v0 = 0.22 * c["turn"], c["nose_length"] + 0.1 * c["nod"]
    with c.patch(u0, v0 - 0.15, 0.28, 0.32) as p:
        u, v = p.u - u0, p.v - v0
        away = np.where(p["light_x"] > 0, -1, 1).astype("float32")
        bridge = u + 0.07 * p["turn"] * (v < 0)
        p.darken(inside(bridge - 0.09 * away, v + 0.18, 0.07, 0.17, 0.1) * (0.1 + 0.3 * np.abs(p["light_x"] * p["light"])))
        p.paint(inside(bridge + 0.01 * away, v + 0.12, 0.06, 0.17, 0.1) * 0.22, np.minimum(p["skin"] * 1.25, 1))
        dark = inside(u.copy(), v - 0.055, 1.05 * p["nose_width"], 0.06, 0.08) * 0.38
        for nostril in (-1, 1):
            dark += inside(u - nostril * 0.55 * p["nose_width"], v - 0.035, 0.035, 0.022, 1 / UNIT) * 0.4
        p.darken(dark)


def _mouth(c: Canvas) -> None:
    """Lips around an open or closed smile, teeth, and the shadow under the lower lip."""
    u0, v0 = 0.16 * c["turn"], c["mouth_line"] + 0.08 * c["nod"]
    with c.patch(u0, v0 + 0.04, 0.48, 0.32) as p:
        u, v = p.u - u0, p.v - v0
        width = p["mouth_width"] * (1 + 0.2 * p["smile"])
        across = 1 - (u / width) ** 2  # 1 in the middle, 0 in the corners, negative beyond
        curve = v - 0.16 * p["smile"] * (np.maximum(across, -0.2) - 0.5)
        full = np.sqrt(np.maximum(across, 0))
        between = below(across, 0.12) * (across > 0)  # nothing beyond the corners
        gap = 0.105 * p["mouth_open"] * np.maximum(across, 0)
        p.darken(inside(u, v - 0.17, 0.8 * width, 0.035, 0.07) * 0.22)
        lips = np.minimum(curve + 0.7 * p["lips"] * full, gap + p["lips"] * full - curve)
        p.paint(below(lips) * between, p["lip_colour"])
        opening = below(np.minimum(curve, gap - curve)) * between
        p.paint(opening, _THROAT)
        p.paint(opening * below(0.055 - curve), _TEETH)
        p.darken(np.exp(-((curve * (1 / 0.016)) ** 2)) * between * (p["mouth_open"] < 0.15) * 0.5)


def _hair(c: Canvas) -> None:
    """Hair above the hairline, each style with a line of its own, streaked."""
    with c.patch(0, -0.6, 1.15, 1.15, np.flatnonzero(c.factors["hair_style"] != BALD)) as p:
        style = p["hair_style"].astype(int)
        height, parted, temples, waves = (row for row in np.moveaxis(_LINE[style], -1, 0))
        u, v = p.u - 0.06 * p["turn"], p.v
        streaks = np.sin(p["hair_waves"] * u + 2.5 * v * (1 + p["parting"] * v))
        bowl = u * (1 / p["face_width"])
        bowl *= bowl
        bowl *= bowl
        np.minimum(bowl, 1.4, out=bowl)
        line = temples * bowl
        line += height - p["hairline"] - 0.05 * p["nod"]
        line += parted * np.abs(u - 0.3 * p["parting"])
        line += waves * streaks
        line -= v
        cover = below(line, 0.035)
        wide = p["face_width"] + 0.06 + 0.07 * p["hair_volume"] + _WIDER[style]
        high = 1 + 0.12 * p["hair_volume"] + 0.6 * _WIDER[style]
        np.minimum(cover, inside(u.copy(), v + 0.08, wide, high, 1 / UNIT), out=cover)
        streaks *= 0.09
        streaks += 0.78
        streaks -= 0.25 * v
        streaks += (0.3 * p["light_x"] * p["light"]) * u
        np.clip(streaks, 0.3, 1.5, out=streaks)
        streaks *= cover
        p.darken(cover)
        for k in range(3):
            p.pixels[:, k] += p["hair"][:, k] * streaks


def _glasses(c: Canvas) -> None:
    """Two rims and a bridge; dark lenses are sunglasses."""
    u0, v0 = 0.16 * c["turn"], c["eye_line"] + 0.02 + 0.08 * c["nod"]
    wearing = np.flatnonzero(c.factors["glasses"] > 0)
    with c.patch(u0, v0, 0.68, 0.28, wearing) as p:
        u0, v0 = u0[wearing], v0[wearing]
        dark = p["glasses"] > 1
        for side in (-1, 1):
            middle, high = u0 + side * (p["eye_gap"] + 0.02), 0.04 * p["glasses_round"]
            outer, inner = p.oval(middle, v0, 0.27, 0.2 + high), p.oval(middle, v0, 0.235, 0.165 + high)
            p.paint(inner * (0.08 + 0.8 * (p["glasses"] - 1) * dark), np.where(dark[:, None], _BLACK, _WHITE))
            p.paint(outer - inner, p["rims"])
        p.paint(p.oval(u0, v0 - 0.04, p["eye_gap"] - 0.22, 0.02), p["rims"])


def _developed(c: Canvas) -> np.ndarray:
    """Light over the whole picture, warmth, exposure and a little noise, as bytes."""
    fall = 1 + 0.16 * c["light"] * (c["light_x"] * c.u + c["light_y"] * c.v)
    c.pixels *= fall[:, None]
    c.pixels *= c["white"] * 255
    count = c.pixels[0].size
    for pixels, place, sigma in zip(c.pixels, c.factors["noise_place"], c.factors["noise"], strict=True):
        first = int(place * (len(_NOISE) - count))
        pixels += _NOISE[first : first + count].reshape(pixels.shape) * (sigma * 255)
    np.clip(c.pixels, 0, 255, out=c.pixels)
    return np.ascontiguousarray(c.pixels.astype("uint8").transpose(0, 2, 3, 1))

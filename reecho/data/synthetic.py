"""Synthetic faces: people with lasting features, pictures of them that differ in pose, light, expression and background."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from reecho.data import canvas, drawing, split
from reecho.data.prepare import Prepared, Wanted, folder_name, load_prepared
from reecho.data.writing import Filled, Pixels, one_by_one, progress, put, write
from reecho.datasets import SYNTHETIC

PICTURES, PEOPLE = 4000, 1500
_BATCH = 8  # pictures drawn at once: they stay in the processor's cache; another number gives other roundings
_CHUNK = 64 * _BATCH  # pictures that a process draws and writes before it reports
_SKINS = np.array([(250, 216, 190), (238, 188, 154), (220, 165, 124), (192, 132, 92), (145, 92, 62), (98, 64, 46)]) / 255
_HAIRS = np.array(
    [(34, 28, 26), (58, 40, 30), (96, 64, 42), (140, 84, 48), (164, 72, 36),
     (206, 164, 100), (232, 206, 150), (150, 148, 146), (222, 220, 216)]
) / 255  # fmt: skip
_EYES = np.array([(70, 42, 24), (104, 66, 34), (92, 112, 60), (84, 124, 160), (110, 120, 128)]) / 255
_CLOTHES = np.array(
    [(36, 40, 56), (120, 24, 32), (230, 230, 232), (50, 84, 140), (90, 98, 84), (190, 150, 110), (24, 24, 26), (130, 84, 140)]
) / 255  # fmt: skip


def _mixed(palette: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Colours along a palette, (n, 3), for places in [0, 1]."""
    steps = np.linspace(0, 1, len(palette))
    return np.stack([np.interp(place, steps, channel) for channel in palette.T], axis=1)


def people_of(pictures: int, people: int, rng: np.random.Generator) -> np.ndarray:
    """The person of each picture, int (pictures,), ascending: most people have one or two pictures, a few have many, as in LFW."""
    share = np.arange(1, people + 1) ** -0.9
    counts = 1 + np.floor(share / share.sum() * (pictures - people)).astype(int)
    counts[: pictures - counts.sum()] += 1
    return np.repeat(np.arange(people), rng.permutation(counts))


def _lasting(count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """What stays with a person, arrays (count,) or (count, 3)."""
    tone = rng.beta(1.1, 1.4, count)  # light to dark
    dark_hair = rng.random(count) < 0.25 + 0.75 * tone
    hair = np.where(dark_hair, rng.integers(0, 2, count), rng.integers(1, len(_HAIRS), count))
    style = rng.choice(7, count, p=[0.07, 0.25, 0.17, 0.14, 0.2, 0.1, 0.07])
    bearded = (rng.random(count) < 0.35) & np.isin(style, (drawing.BALD, drawing.SHORT, drawing.PARTED, drawing.CURLY))
    lipstick = (rng.random(count) < 0.45) & ~bearded
    skin = np.clip(_mixed(_SKINS, tone) + rng.normal(0, 0.012, (count, 3)), 0.1, 1)
    red = np.where(lipstick[:, None], (0.72, 0.18, 0.24), (0.7, 0.36, 0.33))
    return {
        "skin_tone": tone,
        "skin": skin,
        "hair_tone": hair,
        "hair": np.clip(_HAIRS[hair] * rng.uniform(0.85, 1.15, (count, 1)) + rng.normal(0, 0.012, (count, 3)), 0.06, 1),
        "hair_style": style,
        "hair_volume": rng.uniform(-0.3, 1, count),
        "hair_waves": rng.uniform(14, 34, count),
        "hairline": rng.uniform(0.5, 0.68, count),
        "parting": rng.choice((-1.0, 1.0), count),
        "face_width": rng.uniform(0.6, 0.73, count),
        "face_height": rng.uniform(0.88, 0.99, count),
        "jaw": rng.uniform(0.04, 0.26, count),
        "eyes": _EYES[np.where(rng.random(count) < tone + 0.2, rng.integers(0, 2, count), rng.integers(0, 5, count))],
        "eye_size": rng.uniform(0.125, 0.175, count),
        "eye_gap": rng.uniform(0.28, 0.34, count),
        "eye_line": rng.uniform(-0.22, -0.14, count),
        "eye_slant": rng.normal(0, 0.07, count),
        "brow": rng.uniform(0.018, 0.05, count),
        "brow_height": rng.uniform(-0.01, 0.06, count),
        "brow_slant": rng.normal(0, 0.08, count),
        "nose_length": rng.uniform(0.17, 0.27, count),
        "nose_width": rng.uniform(0.09, 0.15, count),
        "mouth_line": rng.uniform(0.47, 0.55, count),
        "mouth_width": rng.uniform(0.22, 0.3, count),
        "lips": rng.uniform(0.035, 0.075, count),
        "lip_colour": 0.45 * skin * (1, 0.72, 0.7) + 0.55 * red * (1.08 - 0.45 * tone[:, None]),
        "beard": bearded * rng.uniform(0.35, 0.92, count),
        "wears_glasses": (rng.random(count) < 0.22).astype(float),
        "glasses_round": rng.uniform(-0.8, 1, count),
        "rims": np.where(rng.random((count, 1)) < 0.6, (0.1, 0.09, 0.09), (0.52, 0.42, 0.3)),
    }


def _passing(count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """What changes from picture to picture, arrays (count,) or (count, 3)."""
    angle = rng.uniform(-np.pi, 0, count)  # light comes from above
    ground = rng.uniform(0.06, 0.85, (count, 1)) + rng.normal(0, 0.09, (count, 3))
    warmth = rng.normal(0, 0.05, count)
    smile = np.clip(rng.normal(0.45, 0.5, count), -0.5, 1.2)
    return {
        "shift_x": rng.normal(0, 0.04, count),
        "shift_y": rng.normal(0.02, 0.04, count),
        "scale": np.clip(rng.normal(1, 0.05, count), 0.86, 1.15),
        "tilt": np.clip(rng.normal(0, 0.1, count), -0.3, 0.3),
        "turn": np.clip(rng.normal(0, 0.45, count), -1.1, 1.1),
        "nod": np.clip(rng.normal(0, 0.4, count), -1, 1),
        "light_x": np.cos(angle),
        "light_y": np.sin(angle) * 0.6,
        "light": rng.uniform(0.1, 0.75, count),
        "background": np.clip(ground, 0.02, 1),
        "background_other": np.clip(ground + rng.normal(0, 0.16, (count, 3)) + rng.normal(0, 0.12, (count, 1)), 0.02, 1),
        "background_kind": rng.integers(0, 3, count),
        "background_angle": rng.uniform(-np.pi, np.pi, count),
        "background_scale": rng.uniform(1.5, 7, count),
        "background_phase": rng.uniform(0, 6.28, count),
        "clothes": _CLOTHES[rng.integers(0, len(_CLOTHES), count)] * rng.uniform(0.7, 1.05, (count, 1)),
        "sunglasses": (rng.random(count) < 0.02).astype(float),
        "smile": smile,
        "mouth_open": np.clip(rng.normal(0.1, 0.5, count) + 0.5 * (smile > 0.6), 0, 1.1),
        "eye_open": np.clip(rng.normal(0.95, 0.16, count) - 0.12 * smile, 0.35, 1.25),
        "gaze": np.clip(rng.normal(0, 0.5, count), -1, 1),
        "blush": rng.uniform(0.05, 0.5, count),
        "white": rng.uniform(0.82, 1.14, (count, 1)) * np.stack([1 + warmth, np.ones(count), 1 - warmth], axis=1),
        "noise": rng.uniform(0.004, 0.02, count),
        "noise_place": rng.random(count),
    }


def factors_of(pictures: int = PICTURES, people: int = PEOPLE, seed: int = 0) -> dict[str, np.ndarray]:
    """Everything that makes the pictures what they are.

    Args:
        pictures: how many.
        people: of how many people.
        seed: decides everything.

    Returns:
        Arrays (pictures,), colours (pictures, 3) in [0, 1], by name; "person" is the person's number.

    Example:
        >>> factors_of(20, 8)["skin"].shape
        (20, 3)
    """
    rng = np.random.default_rng(seed)
    person = people_of(pictures, people, rng)
    lasting = {name: values[person] for name, values in _lasting(people, rng).items()}
    passing = _passing(pictures, rng)
    glasses = np.where(passing["sunglasses"] > 0, 2.0, (lasting["wears_glasses"] > 0) & (rng.random(pictures) < 0.85))
    return {"person": person, **lasting, **passing, "glasses": glasses}


def draw_all(factors: dict[str, np.ndarray], crop: int = 60, threads: int | None = None) -> Iterator[np.ndarray]:
    """Draw pictures in parallel: uint8 (S, S, 3) each, S = 250 - 2 crop, in order; threads None: one a core."""
    batches = [_part(factors, start, _BATCH) for start in range(0, len(factors["person"]), _BATCH)]
    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        for drawn in pool.map(lambda batch: drawing.draw(batch, crop), batches):
            yield from drawn


def draw_into(path: Path, factors: dict[str, np.ndarray], crop: int, label: str, chunk: int = _CHUNK) -> Filled:
    """Draw pictures straight into their file, a chunk after another in a process a core, so that no more lie in memory.

    Args:
        path: of the file, which is there.
        factors: as for `draw_all`, which draws the same.
        crop: pixels of 250 cut off each side.
        label: for the line of progress.
        chunk: pictures that a process draws before it reports, a multiple of eight.
    """
    count = len(factors["person"])
    starts, pixels = range(0, count, chunk), Pixels([], [])
    with progress(None, label, count) as line, ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        parts = (_part(factors, start, chunk) for start in starts)
        for drawn in pool.map(partial(_draw_chunk, path, crop), starts, parts):
            pixels.hashes.extend(drawn.hashes)
            pixels.grey.extend(drawn.grey)
            line.update(len(drawn.hashes))
    return Filled(pixels, {})


def _draw_chunk(path: Path, crop: int, first: int, factors: dict[str, np.ndarray]) -> Pixels:
    with open(path, "r+b") as file:
        return put(file, first, draw_all(factors, crop, threads=1))


def _part(factors: dict[str, np.ndarray], start: int, count: int) -> dict[str, np.ndarray]:
    return {name: values[start : start + count] for name, values in factors.items()}


def names_of(person: np.ndarray) -> list[str]:
    """Names in LFW's way, "Drawn_0001/Drawn_0001_0001", for ascending numbers of people; sorted, so with more digits for more."""
    places = np.arange(len(person)) - np.searchsorted(person, person)
    digits, further = (max(4, len(str(most + 1))) for most in (person.max(), places.max()))
    people = [f"Drawn_{number + 1:0{digits}d}" for number in person]
    return [f"{name}/{name}_{place + 1:0{further}d}" for name, place in zip(people, places, strict=True)]


def prepare(wanted: Wanted) -> Prepared:
    """The prepared pictures, see `reecho.datasets`; where not all are wanted, the others are not drawn, and where more are wanted
    than the set has, a larger set is drawn, with as many pictures a person."""
    if not wanted.pictures or wanted.pictures >= PICTURES:
        return prepare_synthetic(wanted.crop, wanted.store, count=wanted.pictures or PICTURES)
    names = all_names()  # who is chosen is known before anything is drawn
    part = split.assign(names, None, wanted.split_seed, wanted.validation_share)
    return prepare_synthetic(wanted.crop, wanted.store, split.subset(names, part, wanted.pictures))


def prepare_synthetic(crop: int, store: Path, rows: np.ndarray | None = None, count: int = PICTURES) -> Prepared:
    """The prepared synthetic faces; they are drawn anew where the sources of this module or of the drawing changed.

    Args:
        crop: pixels of 250 cut off each side.
        store: the folder of all prepared folders.
        rows: int array, ascending, which pictures of the set; None takes all.
        count: how many pictures the set has; sets of another count are of other people.
    """
    sources = [Path(module).read_bytes().replace(b"\r\n", b"\n") for module in (__file__, drawing.__file__, canvas.__file__)]
    code = [hashlib.sha256(source).hexdigest() for source in sources]
    folder = store / folder_name(SYNTHETIC, [count, None if rows is None else rows.tolist(), code], crop)
    prepared = load_prepared(folder)
    if prepared:
        return prepared
    factors = factors_of(count, count * PEOPLE // PICTURES)
    names = names_of(factors["person"])
    if rows is not None:
        factors = {name: values[rows] for name, values in factors.items()}
        names = [names[row] for row in rows]
    label = "synthetic faces"

    def fill(path: Path) -> Filled:
        if len(names) > PICTURES:
            return draw_into(path, factors, crop, label)
        drawn = ((place, "", picture) for place, picture in enumerate(draw_all(factors, crop)))
        return one_by_one(path, drawn, len(names), label)

    return write(folder, SYNTHETIC, label, names, crop, fill, factors)


def all_names() -> list[str]:
    """The names of the whole set, sorted."""
    return names_of(factors_of()["person"])

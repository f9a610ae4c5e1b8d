"""Denoising pictures at their own size: listed test faces and photographs, several kinds of noise, methods that take any size."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from reecho import baselines, methods, metrics, noise, tasks, titles
from reecho.data import photographs, whole_pictures
from reecho.data.picture import WIDTH
from reecho.data.resize import shrink
from reecho.methods import Method
from reecho.results import Row
from reecho.timing import Timed

if TYPE_CHECKING:
    from reecho.data import Faces
    from reecho.trained_network import Network

TASK = "own_size"
FACE = 128  # pixels of the face, out of the middle of the picture
KINDS: Mapping[str, str] = {  # key of a row's number → kind of noise, of `reecho.noise`; the first is that of the figures
    "psnr_db": "gaussian_10", "gaussian_05_db": "gaussian_05", "gaussian_20_db": "gaussian_20", "poisson_db": "poisson",
    "salt_and_pepper_db": "salt_and_pepper", "jpeg_db": "jpeg",
}  # fmt: skip
_CITED = "cbm3d.json"  # in reecho/baselines
_THUMBNAIL = 64  # pixels
PARTS = {  # size of a set → the part of its pictures that figures show
    FACE: "the last two of the set",
    WIDTH: "the upper left 128×128 pixels of the last two, under another draw of the noise than in the figure before",
    photographs.SIDE: "the middle 128×128 pixels of the last two",
}  # fmt: skip


@dataclass(frozen=True)
class Pictures:
    """Pictures of one size to compare methods on.

    Args:
        title: what they are.
        names: of each.
        targets: float32 (n, S, S, 3) in [0, 1].
        people: int (n,), whom each shows; of photographs a number each.
    """

    title: str
    names: list[str]
    targets: np.ndarray
    people: np.ndarray

    @property
    def size(self) -> int:
        """Width and height, pixels."""
        return self.targets.shape[1]

    def key(self, kind: str, seed: int) -> str:
        """What identifies them under noise of a kind, for results that are cited."""
        return f"{hashlib.sha256(chr(10).join(self.names).encode()).hexdigest()[:12]} {self.size} {kind} {seed}"


def listed(faces: Faces, count: int, part: str = "test") -> np.ndarray:
    """The first picture of each of some people, evenly spaced among all people of a part: int (count,), fewer where people are."""
    indices = faces.indices(part)
    _, first = np.unique(faces.people[indices], return_index=True)
    return indices[first[np.linspace(0, len(first) - 1, min(count, len(first))).round().astype(int)]]


def sets(faces: Faces, count: int, source: Mapping[str, Any], part: str = "test") -> list[Pictures]:
    """The sets of pictures: faces at 128 pixels, the same pictures whole, photographs.

    Args:
        faces: whose listed pictures are taken.
        count: how many.
        source: the arguments of `reecho.data.load`; where the pictures that they name are gone, photographs alone are a set.
        part: of the split.
    """
    indices = listed(faces, count, part)
    names, people, pictures = (
        [faces.names[index] for index in indices],
        faces.people[indices],
        whole_pictures(faces, indices, source["dataset"], source["lfw"], source["folder"]),
    )
    parts = []
    if pictures is not None:
        margin = (WIDTH - FACE) // 2
        middle = pictures[:, margin : margin + FACE, margin : margin + FACE]
        parts = [
            Pictures("faces", names, _unit(middle), people),
            Pictures("the same pictures whole", names, _unit(pictures), people),
        ]
    names, pictures = photographs.load()
    titled = [photographs.TITLES[name] for name in names]
    return [*parts, Pictures("photographs", titled, _unit(pictures), np.arange(len(names)))]


def _unit(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype("float32") / np.float32(255)


def denoised(pictures: Pictures, kind: str, networks: Mapping[Method, Network], seed: int) -> Timed:
    """Every method's outputs under noise of a kind, the noisy input first, with its milliseconds a picture.

    Args:
        pictures: the clean ones.
        kind: of noise, a key of `reecho.noise.KINDS`.
        networks: method → network, each taking pictures of any size; a method's setting "ensemble" turns and mirrors them,
            its setting "similar" filters similar patches together afterwards.
        seed: of the noise.

    The classical methods are told the standard deviation that the noise has in each set; the networks are not.
    """
    noisy = noise.of_kind(kind, pictures.targets, seed)
    outputs = baselines.for_any_size(noisy, float(np.sqrt(np.mean((noisy - pictures.targets) ** 2))))
    for method, network in networks.items():
        outputs.run(method, partial(_reproduced, network, method), noisy, warm=1)
    return outputs


def _reproduced(network: Network, method: Method, noisy: np.ndarray) -> np.ndarray:
    from reecho import tiles  # TensorFlow, seconds

    wishes = {name: method.setting(name) is not None for name in ("ensemble", "similar")}
    return np.clip([tiles.denoised(network.model, picture, **wishes)[0] for picture in noisy], 0, 1)


READINGS = (
    {"key": "kind", "heading": "noise"},
    {"key": "true", "heading": "its standard deviation", "digits": 3},
    {"key": "read", "heading": "read off the pictures", "digits": 3},
)


def readings(pictures: Pictures, network: Network, seed: int) -> list[dict[str, Any]]:
    """How strong each kind of noise is, and how strong the network takes it for, intensity; a mean over pictures, see READINGS."""
    from reecho import tiles  # TensorFlow, seconds

    headings = {column.key: column.heading.removesuffix(" (dB)") for column in tasks.of(TASK).columns}
    rows = []
    for key, kind in KINDS.items():
        noisy = noise.of_kind(kind, pictures.targets, seed)
        sigmas = [tiles.mean_sigma(tiles.denoised(network.model, picture)[1]) for picture in noisy]
        true = float(np.sqrt(np.mean((noisy - pictures.targets) ** 2)))
        rows.append({"kind": headings[key], "true": true, "read": float(np.mean(sigmas))})
    return rows


def rows_of(pictures: Pictures, outputs: Mapping[str, Timed], seed: int) -> list[Row]:
    """A row for each method: its PSNR under each kind of noise, SSIM and time under the first; the cited row where there is one.

    Args:
        pictures: the clean ones.
        outputs: kind of noise → from `denoised`.
        seed: of the noise.
    """
    first = outputs[KINDS["psnr_db"]]
    measured, rows = {}, []
    for method in first:
        values = {key: metrics.psnr(outputs[kind][method], pictures.targets) for key, kind in KINDS.items() if kind in outputs}
        values["ssim"] = metrics.ssim(first[method], pictures.targets)
        measured[method] = values
        rows.append(_row(pictures, method, values, first.milliseconds.get(method)))
    cited = _cited(pictures, list(outputs), seed)
    if cited:
        measured[methods.CBM3D], row = cited
        rows.insert(next((place for place, one in enumerate(rows) if one.method.is_network), len(rows)), row)
    classical = {method: values for method, values in measured.items() if method.kind == "baseline"}
    return [_above(pictures, row, measured[row.method], classical) if row.method.is_network else row for row in rows]


def compared(rows: Sequence[Row]) -> list[Row]:
    """The rows that the texts compare: the networks, and under each kind of noise the best other method."""
    others = [row for row in rows if row.method.kind == "baseline"]
    best = [max(given, key=lambda row: row[key]) for key in KINDS if (given := [row for row in others if row.get(key) is not None])]
    return [row for row in rows if row.method.is_network or row in best]


def _above(
    pictures: Pictures, row: Row, values: Mapping[str, np.ndarray], classical: Mapping[Method, Mapping[str, np.ndarray]]
) -> Row:
    """A network's row with what it is above the best classical method for each kind of noise, on the same pictures, dB."""
    numbers, intervals = dict(row.numbers), dict(row.intervals)
    for key in KINDS:
        others = [theirs[key] for theirs in classical.values() if key in theirs]
        if key in values and others:
            name = f"{key}_over_classical"
            numbers[name], intervals[name] = metrics.paired(values[key] - max(others, key=np.mean), pictures.people)
    return replace(row, numbers=numbers, intervals=intervals)


def _row(pictures: Pictures, method: Method, values: Mapping[str, np.ndarray], milliseconds: float | None) -> Row:
    low, high = metrics.bootstrap_interval(np.stack(list(values.values()), axis=1), pictures.people)
    intervals = {key: (float(low[place]), float(high[place])) for place, key in enumerate(values)}
    numbers = {key: float(value.mean()) for key, value in values.items()}
    row = Row(TASK, pictures.size, method, len(pictures.names), numbers, intervals)
    return row.with_numbers(ms_picture=milliseconds)


def _cited(pictures: Pictures, kinds: Sequence[str], seed: int) -> tuple[dict[str, np.ndarray], Row] | None:
    """CBM3D's values and row as they were computed once elsewhere, since its licence forbids to ship it.

    None for other pictures or other noise.
    """
    stored = cited()["pictures"]
    entries = {key: stored.get(pictures.key(kind, seed)) for key, kind in KINDS.items() if kind in kinds}
    first = entries.get("psnr_db")
    if not first:
        return None
    values = {key: np.array(entry["psnr_db"]) for key, entry in entries.items() if entry}
    values["ssim"] = np.array(first["ssim"])
    return values, _row(pictures, methods.CBM3D, values, 1000 * float(np.mean(first["seconds"])))


def cited() -> dict[str, Any]:
    """What was computed once with CBM3D: "versions", "date", "machine", and "pictures": key → lists, one number a picture."""
    return json.loads(resources.files("reecho.baselines").joinpath(_CITED).read_text(encoding="utf-8"))


def grid(
    pictures: Pictures, outputs: Mapping[Method, np.ndarray], shown: Sequence[Method], count: int
) -> tuple[list[tuple[str, np.ndarray]], list[list[str]], list[str]]:
    """A part of each of the last few pictures: what methods make of it, and clean, for `plots.picture_grid`.

    The part has 128 × 128 pixels. Of whole pictures of faces it is the upper left corner, since their middle is a set of its own.

    Returns:
        A row for each picture, PSNR of each part, and the titles of the columns. People are not named.
    """
    rows, under = [], []
    for place in range(len(pictures.names) - count, len(pictures.names)):
        part = _part(pictures, slice(place, place + 1), corner=pictures.size == WIDTH)
        target = pictures.targets[part]
        made_of_it = [np.clip(outputs[method][part], 0, 1) for method in shown]
        label = pictures.names[place] if pictures.size == photographs.SIDE else f"face {place + 1}"
        rows.append((label, np.concatenate([*made_of_it, target])))
        under.append([*(f"{float(metrics.psnr(one, target)[0]):.1f} dB" for one in made_of_it), ""])
    headings = [titles.of(method.without("origin")).split(", ")[-1] for method in shown]  # of a network its last setting
    return rows, under, [*headings, "clean"]


def middle(pictures: Pictures, count: int) -> np.ndarray:
    """The middle 128 × 128 pixels of the first few targets, float32 (count, 128, 128, 3)."""
    return pictures.targets[_part(pictures, slice(count))]


def thumbnails(pictures: Pictures, count: int) -> np.ndarray:
    """The first few targets, shrunk to 64 × 64 pixels, float32 (count, 64, 64, 3)."""
    return shrink((255 * pictures.targets[:count]).round().astype("uint8"), _THUMBNAIL)


def _part(pictures: Pictures, which: slice, corner: bool = False) -> tuple[slice, slice, slice]:
    start = 0 if corner else (pictures.size - FACE) // 2
    return which, slice(start, start + FACE), slice(start, start + FACE)


LEADS = (
    {"key": "picture", "heading": "picture"},
    {"key": "size", "heading": "pixels"},
    {"key": "network", "heading": "network (dB)", "digits": 2},
    {"key": "transform", "heading": "sliding DCT (dB)", "digits": 2},
    {"key": "lead", "heading": "lead (dB)", "digits": 2},
)


def smallest_leads(
    pictures: Sequence[Pictures], outputs: Mapping[int, Mapping[Method, np.ndarray]], network: Method, count: int
) -> list[dict[str, Any]]:
    """The pictures where a network gains least over the sliding DCT, for a table with LEADS; people are not named.

    Args:
        pictures: the sets, photographs last.
        outputs: size of a set → its outputs.
        network: whose lead is looked at.
        count: of pictures, the smallest lead first.
    """
    rows = []
    for some in pictures:
        by_method = (metrics.psnr(outputs[some.size][method], some.targets) for method in (network, methods.SLIDING_DCT))
        shown = some.names if some is pictures[-1] else [f"face {number + 1}" for number in range(len(some.names))]
        for name, of_network, of_transform in zip(shown, *by_method, strict=True):
            lead = of_network - of_transform
            rows.append({"picture": name, "size": some.size, "network": of_network, "transform": of_transform, "lead": lead})
    return sorted(rows, key=lambda row: row["lead"])[:count]


def opening_grid(
    pictures: Sequence[Pictures], outputs: Mapping[int, Mapping[str, Mapping[Method, np.ndarray]]], network: Method
) -> tuple[list[tuple[str, np.ndarray]], list[list[str]], tuple[str, ...]]:
    """The middle of a face and of a photograph: noisy, by the sliding DCT, by a network, and clean, for `plots.picture_grid`.

    Args:
        pictures: the sets, photographs last.
        outputs: size of a set → kind of noise → method → outputs.
        network: which one is shown.

    Returns:
        Rows, PSNR of each middle, and the titles of the columns.
    """
    shown = (methods.NOISY, methods.SLIDING_DCT, network)
    first, last = pictures[0], pictures[-1]
    picked = [(first, 0, "a face")] if first is not last else []
    picked += [(last, 0, last.names[0])]
    rows, under = [], []
    for some, place, label in picked:
        middle = _part(some, slice(place, place + 1))
        target = some.targets[middle]
        parts = [np.clip(outputs[some.size][KINDS["psnr_db"]][method][middle], 0, 1) for method in shown]
        rows.append((label, np.concatenate([*parts, target])))
        under.append([*(f"{float(metrics.psnr(part, target)[0]):.1f} dB" for part in parts), ""])
    return rows, under, ("noisy", "sliding DCT", "network", "clean")

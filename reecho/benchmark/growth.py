"""Growth: how the time of each stage grows with the number of pictures and with their size, as an exponent."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from reecho import methods, scoring, trained
from reecho.augment import Ranges, generate
from reecho.batches import of_arrays
from reecho.benchmark import drawn, own_training
from reecho.benchmark.rounds import EXPONENT, SECONDS, Measured, Row, Task, Work, clocked, in_turn
from reecho.data import Faces
from reecho.data.archive import Folder
from reecho.data.decoding import prepare_source
from reecho.data.picture import WIDTH
from reecho.data.prepare import FOLDER
from reecho.data.resize import shrink
from reecho.files import remove, scratch
from reecho.inputs import noise_like, noisy
from reecho.model import Learner

PREPARE, RESIZE, GENERATOR, TRAIN, SCORE = "prepare", "resize", "generator", "train", "score"
PICTURES, SIZE = "pictures", "size"
FACTORS, SIZES = (1, 2, 4), (32, 64, 128)
_BATCH = 16  # pictures a step at every size: 128×128 has sixteen times the pixels of 32×32
_CROP = 60
_AXES = 256  # of the code: with the document's 1,024 a step at 128×128 takes 6 GiB of memory
_LONGEST = 40.0  # seconds for all rounds
_TITLES = {
    PREPARE: "prepare: JPEG to frames", RESIZE: "resize by area", GENERATOR: "data generator", TRAIN: "train, reference network",
    SCORE: "score: PSNR, SSIM, intervals",
}  # fmt: skip


def measure(task: Task) -> Measured:
    """Seconds of each stage by number of pictures, and by size, with the exponents of growth."""
    rounds, base = (2, 64) if task.quick else (3, 128)
    sizes = SIZES[:2] if task.quick else SIZES
    counts = [factor * base for factor in FACTORS]
    faces = drawn.faces(task, counts[-1])
    works: dict[tuple[str, int, int], Work] = {}
    with scratch(task.folder) as folder:
        for count in counts:
            works |= _of_pictures(faces.crops[:count], count, folder)
        for size in sizes:
            network = _network(size)
            for count in counts if size == sizes[0] else counts[:1]:
                works |= dict(_stages(network, faces, count, size))
        values = in_turn(list(works.values()), rounds, _LONGEST)
    seconds = {key: tuple(1 / rate for rate in values[_name(key)]) for key in works}
    notes = [
        f"{base} pictures at first; by size the number of pictures stays {base}, by number the size {SIZES[0]}×{SIZES[0]} pixels.",
        "The exponent is the slope of the line that fits best on logarithmic axes: 1 where twice as much takes twice as long.",
        f"Training takes batches of {_BATCH}, and a code of {_AXES} axes, for memory. The dense layers of that network have "
        "weights in proportion to its pixels.",
    ]
    if task.quick:
        notes.append(f"The quick benchmark leaves out {SIZES[-1]}×{SIZES[-1]} pixels.")
    return Measured(rows_of(seconds), _TITLES, notes)


def rows_of(seconds: Mapping[tuple[str, int, int], Sequence[float]]) -> list[Row]:
    """Rows of seconds, and of the exponents of each stage by number and by size, round by round.

    Args:
        seconds: (stage, pictures, size) → seconds in each round.
    """
    rows = [
        Row(stage, SECONDS, tuple(values), at={PICTURES: count, SIZE: size}) for (stage, count, size), values in seconds.items()
    ]
    fewest, smallest = min(count for _, count, _ in seconds), min(size for *_, size in seconds)
    for stage in dict.fromkeys(key[0] for key in seconds):
        by_count = {count: values for (name, count, size), values in seconds.items() if name == stage and size == smallest}
        by_size = {size: values for (name, count, size), values in seconds.items() if name == stage and count == fewest}
        for over, by in ((PICTURES, by_count), (SIZE, by_size)):
            if len(by) > 1:
                rows.append(Row(stage, EXPONENT, _exponents(by), at={"over": over}))
    return rows


def _exponents(by: Mapping[int, Sequence[float]]) -> tuple[float, ...]:
    """The slope of log seconds over log amount, for each round."""
    amounts = [math.log(amount) for amount in by]
    return tuple(float(np.polyfit(amounts, np.log(values), 1)[0]) for values in zip(*by.values(), strict=True))


def _name(key: tuple[str, int, int]) -> str:
    return " ".join(map(str, key))


def _work(key: tuple[str, int, int], work: Callable[[], Any]) -> tuple[tuple[str, int, int], Work]:
    """A contender, warm, that does all of a stage's work once a turn."""
    work()
    return key, clocked(_name(key), 1, work)


def _of_pictures(crops: np.ndarray, count: int, folder: Path) -> dict[tuple[str, int, int], Work]:
    """The preparation of so many JPEG files, which knows no size of faces."""
    source, store = folder / f"{count}", folder / f"prepared-{count}"
    source.mkdir(parents=True)
    for place, crop in enumerate(crops):
        Image.fromarray(crop).resize((WIDTH, WIDTH)).save(source / f"{place:05d}.jpg", quality=90)

    def prepare() -> None:
        remove(store)
        prepare_source(Folder(source), FOLDER, _CROP, store)

    return dict([_work((PREPARE, count, SIZES[0]), prepare)])


def _network(size: int) -> Learner:
    """The reference network for a size, ready to train."""
    network = trained.untrained(own_training.settings_of(size=size, latent_dim=_AXES))
    network.compile(keras.optimizers.Adam(1e-4))
    network.make_train_function()
    return network


def _stages(network: Learner, faces: Faces, count: int, size: int) -> list[tuple[tuple[str, int, int], Work]]:
    """All other stages on so many pictures of a size."""
    crops, ranges = faces.crops[:count], Ranges.of(own_training.settings_of(size=size))
    pictures, people = shrink(crops, size), faces.people[:count]
    outputs = noisy(pictures, noise_like(pictures, 0), 0.1)
    batches = of_arrays(pictures, pictures, size=_BATCH)

    def train() -> None:
        iterator = iter(batches)
        for _ in range(len(batches)):
            network.train_function(iterator)

    return [
        _work((RESIZE, count, size), lambda: shrink(crops, size)),
        _work((GENERATOR, count, size), lambda: generate(crops, ranges, size)),
        _work((TRAIN, count, size), train),
        _work((SCORE, count, size), lambda: scoring.score("denoising", methods.NOISY, outputs, pictures, people)),
    ]

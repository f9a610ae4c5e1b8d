"""reecho's data generator against Keras' ImageDataGenerator, on one core, with the same settings on the same pictures."""

from __future__ import annotations

import numpy as np

from reecho.augment import Ranges, batches, moved_at
from reecho.batches import untuned
from reecho.benchmark import drawn, own_training, plain_keras
from reecho.benchmark.rounds import PICTURES_A_SECOND, Measured, Task, Work, absolute, clocked, in_turn, ratio
from reecho.benchmark.subjects import KERAS_LARGE, KERAS_MIDDLE, KERAS_SMALL, OWN_LARGE, OWN_SMALL
from reecho.data.resize import shrink

_BATCH, _SIZE = 64, 32
_LONGEST = 25.0  # seconds for all rounds
_TITLES = {
    OWN_LARGE: "reecho, 130×130 to 32×32 pixels", KERAS_LARGE: "ImageDataGenerator at 130×130, then averaged to 32×32",
    KERAS_MIDDLE: "130×130 averaged to 64×64, ImageDataGenerator there, then averaged to 32×32",
    OWN_SMALL: "reecho, 32×32 pixels", KERAS_SMALL: "ImageDataGenerator, 32×32 pixels",
}  # fmt: skip
_NOTES = [
    "Both rotate, shift, shear, zoom and mirror by the defaults of notebook 02, in batches of 64.",
    "reecho averages the large picture to 64×64, warps it once and averages it down, so that a zoomed face stays sharp; the "
    "original warped small ones.",
    "ImageDataGenerator warps a picture at the size that it is given: all pixels of 130×130, or 64×64 where it is averaged before, "
    "as reecho does it.",
]


def measure(task: Task) -> Measured:
    """Pictures a second of both generators, from large pictures and from small ones."""
    rounds, count = (3, 256) if task.quick else (7, 896)
    faces = drawn.faces(task, count)
    ranges = Ranges.of(own_training.settings_of())
    crops = np.array(faces.crops[:count])
    small = shrink(crops, _SIZE)
    bytes_of_small = np.round(np.tile(small, (8, 1, 1, 1)) * 255).astype("uint8")  # they are fast: more of them
    few = crops[: count // 4].astype("float32") / 255  # it is slow there
    values = in_turn(
        [
            _own(OWN_LARGE, crops, ranges), _keras(KERAS_LARGE, few, ranges), _own(OWN_SMALL, bytes_of_small, ranges),
            _keras(KERAS_SMALL, small, ranges), _keras(KERAS_MIDDLE, crops[: count // 2], ranges, moved_at(crops.shape[1], _SIZE)),
        ],
        rounds,
        _LONGEST,
    )  # fmt: skip
    pairs = (OWN_LARGE, KERAS_LARGE), (OWN_LARGE, KERAS_MIDDLE), (OWN_SMALL, KERAS_SMALL), (OWN_LARGE, KERAS_SMALL)
    rows = [row for what, against in pairs for row in ratio(values, what, against)]
    return Measured([*rows, *absolute(values, PICTURES_A_SECOND)], _TITLES, _NOTES)


def _own(name: str, crops: np.ndarray, ranges: Ranges) -> Work:
    """An epoch of `augment.batches`, by an iterator of its own: nothing is made ahead while others have their turn."""
    faces = np.empty((len(crops), _SIZE, _SIZE, 3), "float32")  # only its shape is looked at where pictures are warped
    dataset = untuned(batches(crops, faces, np.arange(len(crops)), ranges, _BATCH, 0, range(1)))

    def epoch() -> None:
        for pictures, _ in dataset:
            pictures.numpy()

    epoch()
    return clocked(name, len(crops) // _BATCH * _BATCH, epoch)


def _keras(name: str, pictures: np.ndarray, ranges: Ranges, before: int | None = None) -> Work:
    """An epoch of Keras' generator; where pictures are larger they are averaged down, as reecho's are; to `before` first."""
    made, steps = plain_keras.image_data_generator(ranges), max(len(pictures) // _BATCH, 1)

    def epoch() -> None:
        flow = made.flow(pictures if before is None else shrink(pictures, before), batch_size=_BATCH, seed=0)
        for _ in range(steps):
            warped = next(flow)
            if warped.shape[1] != _SIZE:
                shrink(np.round(np.clip(warped, 0, 1) * 255).astype("uint8"), _SIZE)

    epoch()
    return clocked(name, steps * min(_BATCH, len(pictures)), epoch)

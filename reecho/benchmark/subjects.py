"""What is measured: a subject each, in its order, with the module that measures it in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reecho import methods


@dataclass(frozen=True)
class Subject:
    """One subject.

    Args:
        name: for the command and benchmark.json.
        title: of its section.
        question: what is asked, a sentence.
        module: has `measure`, from a `rounds.Task` to a `rounds.Measured`.
        one_core: whether its process is kept to one core.
    """

    name: str
    title: str
    question: str
    module: str
    one_core: bool = False


SUBJECTS: Mapping[str, Subject] = MappingProxyType({
    subject.name: subject
    for subject in (
        Subject("training", "Training", "How many pictures a second does the reference network learn from, and how near is that to "
                "what this machine could do?", "reecho.benchmark.training"),
        Subject("generator", "The data generator", "How fast is reecho's data generator on one core, against Keras' "
                "ImageDataGenerator with the same settings?", "reecho.benchmark.generator", one_core=True),
        Subject("denoising", "Denoising a picture", "How long does a network take for a picture of 32×32 pixels, and how long do "
                "methods without a network?", "reecho.benchmark.denoising"),
        Subject("stages", "The stages of a report", "How many seconds and how much memory does each part of a report take?",
                "reecho.benchmark.stages"),
        Subject("growth", "Growth", "How does the time of each stage grow with the number of pictures and with their size?",
                "reecho.benchmark.growth"),
    )
})  # fmt: skip

OWN_64, OWN_64_STILL, OWN_32 = "own-64", "own-64-still", "own-32"
KERAS_64, KERAS_64_STEPS, ORIGINAL_32, ORIGINAL_32_STEPS = "keras-64", "keras-64-steps", "original-32", "original-32-steps"
TORCH_64, TORCH_64_FIRST, TORCH_64_LAST = "torch-64", "torch-64-channels-first", "torch-64-channels-last"
MATRIX_PRODUCT = "matrix-product"
OWN_LARGE, KERAS_LARGE, OWN_SMALL, KERAS_SMALL = "own-130", "keras-130", "own-32-pixels", "keras-32-pixels"
KERAS_MIDDLE = "keras-64-pixels"
NETWORK, NETWORK_ALONE = "network", "network-alone"
OWN = frozenset((OWN_64, OWN_64_STILL, OWN_32, OWN_LARGE, OWN_SMALL, NETWORK, NETWORK_ALONE))  # drawn in the colour of ours

# (subject, what, against) of the rows that the README quotes
HEADLINES = (
    ("training", OWN_64, KERAS_64), ("training", OWN_64, KERAS_64_STEPS), ("training", OWN_64, TORCH_64),
    ("training", OWN_32, ORIGINAL_32), ("training", OWN_32, ORIGINAL_32_STEPS), ("training", OWN_64, MATRIX_PRODUCT),
    ("generator", OWN_LARGE, KERAS_LARGE), ("generator", OWN_SMALL, KERAS_SMALL),
    ("denoising", NETWORK, methods.SLIDING_DCT.name), ("denoising", NETWORK, methods.NL_MEANS.name),
)  # fmt: skip

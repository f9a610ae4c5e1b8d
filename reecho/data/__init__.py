"""Faces: where they come from, how they are cut, shrunk and split by person."""

from reecho.data.describe import (
    SPLIT_COLUMNS,
    counts_in_words,
    division_in_words,
    gradient_energy,
    missing_in_words,
    pictures_of_people,
    split_in_words,
    split_rows,
)
from reecho.data.faces import Faces, load
from reecho.data.resize import sampled_without_area
from reecho.data.whole import whole_pictures

__all__ = [
    "SPLIT_COLUMNS", "Faces", "counts_in_words", "division_in_words", "gradient_energy", "load", "missing_in_words",
    "pictures_of_people", "sampled_without_area", "split_in_words", "split_rows", "whole_pictures",
]  # fmt: skip

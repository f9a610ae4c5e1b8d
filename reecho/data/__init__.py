"""Faces: where they come from, how they are cut, shrunk and split by person."""

from reecho.data.describe import SPLIT_COLUMNS, gradient_energy, split_rows
from reecho.data.faces import Faces, load
from reecho.data.resize import sampled_without_area

__all__ = ["SPLIT_COLUMNS", "Faces", "gradient_energy", "load", "sampled_without_area", "split_rows"]

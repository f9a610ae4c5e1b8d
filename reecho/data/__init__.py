"""Faces: where they come from, how they are cut, shrunk and split by person."""

from reecho.data.faces import Faces, load
from reecho.data.resize import sampled_without_area

__all__ = ["Faces", "load", "sampled_without_area"]

"""Rows of results: what they are, which of them a summary shows, where they are kept. `reecho.scoring` measures them."""

from reecho.results.files import (
    INPUT,
    SCHEMA,
    TARGET,
    faces_file,
    merge,
    read,
    read_faces,
    read_run,
    rows_in,
    schema,
    write,
    write_json,
)
from reecho.results.highlights import RATE_TOLERANCE, difference, highlights
from reecho.results.points import Points, read_points, write_points
from reecho.results.row import ABOVE, Row, by_method, plain

__all__ = [
    "ABOVE", "INPUT", "RATE_TOLERANCE", "SCHEMA", "TARGET", "Points", "Row", "by_method", "difference", "faces_file",
    "highlights", "merge", "plain", "read", "read_faces", "read_points", "read_run", "rows_in", "schema", "write", "write_json",
    "write_points",
]  # fmt: skip

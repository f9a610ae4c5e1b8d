"""Two finished runs on one page: what was run, which parameters differ, every number of both, the same faces under both."""

from reecho.compare.page import compare

__all__ = ["compare"]

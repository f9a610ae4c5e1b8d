"""A grid of parameters on one machine or many: each point's notebooks, what they share trained once, one page of all results."""

from reecho.sweep.run import sweep

__all__ = ["sweep"]

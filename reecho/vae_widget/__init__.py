"""A VAE that computes in the page of notebook 00: its weights, its figures, and the linear VAE at every α."""

from reecho.vae_widget.closed_form import COLUMNS, active, alphas, beside_faces, of_nobody, rate, rows, sigma
from reecho.vae_widget.figures import Living, faces_to_choose
from reecho.vae_widget.stills import beside_nearest, first_and_darkest, levels, mixed, moved, strip
from reecho.vae_widget.weights import Rounded, rounded
from reecho.vae_widget.words import (
    TO_TRY,
    added,
    assumption,
    conclusion,
    contrast_of_nobody,
    finding,
    newness,
    rounding,
)

__all__ = [
    "COLUMNS", "TO_TRY", "Living", "Rounded", "active", "added", "alphas", "assumption", "beside_faces", "beside_nearest",
    "conclusion", "contrast_of_nobody", "faces_to_choose", "finding", "first_and_darkest", "levels", "mixed", "moved", "newness",
    "of_nobody", "rate", "rounded", "rounding", "rows", "sigma", "strip",
]  # fmt: skip

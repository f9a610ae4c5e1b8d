"""How near an output comes to its target: one value a picture where there is one, and for sets of new faces fixed numbers."""

from reecho.metrics.intervals import bootstrap_interval, over_seeds, paired
from reecho.metrics.new_faces import (
    Description,
    FaceRuler,
    halves,
    kid,
    kid_interval,
    nearest,
    nearest_rmse,
    precision_recall,
)
from reecho.metrics.pictures import (
    chroma_by_place,
    chroma_r2,
    chroma_sums,
    colourfulness,
    contrast,
    delta_e00,
    psnr,
    psnr_by_place,
    ssim,
    worst,
)
from reecho.metrics.search import nearest_rows
from reecho.metrics.sharpness import BlurScale, log10_power, spectrum

__all__ = [
    "BlurScale",
    "Description",
    "FaceRuler",
    "bootstrap_interval",
    "chroma_by_place",
    "chroma_r2",
    "chroma_sums",
    "colourfulness",
    "contrast",
    "delta_e00",
    "halves",
    "kid",
    "kid_interval",
    "log10_power",
    "nearest",
    "nearest_rmse",
    "nearest_rows",
    "over_seeds",
    "paired",
    "precision_recall",
    "psnr",
    "psnr_by_place",
    "spectrum",
    "ssim",
    "worst",
]

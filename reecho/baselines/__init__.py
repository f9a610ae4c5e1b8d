"""What a network must beat: methods in closed form, fitted on the train people's faces."""

from reecho.baselines.colourisation import Ridge, colourings, grey, mean_chroma
from reecho.baselines.denoising import LMMSE, denoisings, nl_means, wavelet
from reecho.baselines.generation import blurred, gaussian_pca, gaussian_pixels, pixel_mean, rulers
from reecho.baselines.reconstruction import PCA, mean_face, reconstructions

__all__ = [
    "LMMSE",
    "PCA",
    "Ridge",
    "blurred",
    "colourings",
    "denoisings",
    "gaussian_pca",
    "gaussian_pixels",
    "grey",
    "mean_chroma",
    "mean_face",
    "nl_means",
    "pixel_mean",
    "reconstructions",
    "rulers",
    "wavelet",
]

"""What a network must beat: methods in closed form, fitted on the train people's faces."""

from reecho.baselines.colourisation import Neighbours, Ridge, colourings, mean_chroma, true_chroma_in_blocks
from reecho.baselines.denoising import LMMSE, denoisings, for_any_size, nl_means, selective_median, total_variation
from reecho.baselines.generation import blurred, gaussian_pca, gaussian_pixels, pixel_mean, rulers
from reecho.baselines.rates import codec_curve, rate_at, rate_curve, saved_files, through_codec
from reecho.baselines.reconstruction import PCA, mean_face, reconstructions
from reecho.baselines.shrinkage import sliding_dct, wavelet

__all__ = [
    "LMMSE",
    "PCA",
    "Neighbours",
    "Ridge",
    "blurred",
    "codec_curve",
    "colourings",
    "denoisings",
    "for_any_size",
    "gaussian_pca",
    "gaussian_pixels",
    "mean_chroma",
    "mean_face",
    "nl_means",
    "pixel_mean",
    "rate_at",
    "rate_curve",
    "reconstructions",
    "rulers",
    "saved_files",
    "selective_median",
    "sliding_dct",
    "through_codec",
    "total_variation",
    "true_chroma_in_blocks",
    "wavelet",
]

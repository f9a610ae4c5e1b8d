"""Measures of single pictures: arrays (n, H, W, 3) in, one value a picture out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import structural_similarity

from reecho.colour import chroma, fit_gamut, luma
from reecho.errors import ReechoError

_LEAST_ERROR = 1e-10  # mean squared error that counts as none: 100 dB, so that one perfect picture makes no mean infinite
_CHUNK = 256
_BORDER = 5  # pixels: half the width of the window of SSIM


def psnr(outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio of each picture.

    Args:
        outputs: float array (n, H, W, 3); clipped to [0, 1], as a screen does.
        targets: float array (n, H, W, 3) in [0, 1].

    Returns:
        float64 (n,), dB; higher is better, 100 at most.

    Example:
        >>> psnr(np.full((1, 4, 4, 3), 0.6), np.full((1, 4, 4, 3), 0.5)).round(6)  # an MSE of 0.01
        array([20.])
    """

    def errors(shown: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        return np.mean((np.clip(shown, 0, 1) - wanted) ** 2, axis=(1, 2, 3), dtype="float64")

    return -10 * np.log10(np.maximum(_measured(errors, outputs, targets), _LEAST_ERROR))


def ssim(outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Structural similarity of each picture: Gaussian window of σ 1.5 pixels, mean over the three colours.

    Args:
        outputs: float array (n, H, W, 3), H and W at least 11 pixels; clipped to [0, 1].
        targets: float array (n, H, W, 3) in [0, 1].

    Returns:
        float64 (n,), in [-1, 1]; 1 is the target itself.

    Source: Wang et al. (2004), doi:10.1109/TIP.2003.819861, as scikit-image computes it.
    """
    settings = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "channel_axis": -1, "data_range": 1.0}
    height, width = np.shape(targets)[1:3]
    if min(height, width) <= 2 * _BORDER:
        raise ReechoError(f"SSIM's window is 11 pixels wide; pictures of {height} by {width} pixels are too small for it.")

    def similarity(shown: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        # Pictures on top of each other, one call for all: only pixels whose window lies within their own picture count, as ever.
        towers = (pictures.reshape(-1, width, pictures.shape[-1]) for pictures in (np.clip(shown, 0, 1), wanted))
        _, every = structural_similarity(*towers, full=True, **settings)
        inner = every.reshape(shown.shape)[:, _BORDER:-_BORDER, _BORDER:-_BORDER]  # (n, H - 10, W - 10, 3)
        return inner.mean(axis=(1, 2, 3), dtype="float64")

    return _measured(similarity, outputs, targets)


def psnr_by_place(outputs: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """PSNR of the face box and of the background, apart: a face's colours can be known, those of a wall hardly.

    Args:
        outputs, targets: as for `psnr`.

    Returns:
        Two float64 (n,), dB: of the middle half of each side (16 × 16 of 32 × 32 pixels), and of the pixels around it.
    """
    face = _face_box(targets)
    # the pixels of a place as one column, (n, pixels, 1, 3)
    inner, outer = (psnr(outputs[:, place][:, :, None], targets[:, place][:, :, None]) for place in (face, ~face))
    return inner, outer


def delta_e00(outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Colour difference CIEDE2000, averaged over the pixels of each picture.

    Args:
        outputs: float array (n, H, W, 3), sRGB; clipped to [0, 1].
        targets: float array (n, H, W, 3) in [0, 1].

    Returns:
        float64 (n,); 0 is the target itself, about 1 the smallest difference that can be seen.

    Source: Sharma, Wu & Dalal (2005), doi:10.1002/col.20070.
    """

    def difference(shown: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        return deltaE_ciede2000(rgb2lab(np.clip(shown, 0, 1)), rgb2lab(wanted)).mean(axis=(1, 2), dtype="float64")

    return _measured(difference, outputs, targets)


def colourfulness(pictures: np.ndarray) -> np.ndarray:
    """How colourful each picture is, by spread and mean of two opponent colours.

    Args:
        pictures: float array (n, H, W, 3); clipped to [0, 1].

    Returns:
        float64 (n,), on the scale of 0 to 255; 0 is grey. Compare with the targets' own: more is not better.

    Source: Hasler & Süsstrunk (2003), doi:10.1117/12.477378, section 7.

    Example:
        >>> colourfulness(np.full((1, 4, 4, 3), 0.5)).round(6)
        array([0.])
    """
    scaled = np.clip(pictures, 0, 1) * 255.0
    red_green = scaled[..., 0] - scaled[..., 1]
    yellow_blue = (scaled[..., 0] + scaled[..., 1]) / 2 - scaled[..., 2]
    spread = np.hypot(red_green.std(axis=(1, 2), dtype="float64"), yellow_blue.std(axis=(1, 2), dtype="float64"))
    return spread + 0.3 * np.hypot(red_green.mean(axis=(1, 2), dtype="float64"), yellow_blue.mean(axis=(1, 2), dtype="float64"))


def chroma_by_place(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How strong the colours of the face box and of the background are, apart.

    Args:
        pictures: float array (n, H, W, 3), sRGB; clipped to [0, 1].

    Returns:
        Two float64 (n,): the mean chroma C* of CIELAB, the distance from grey, in the places of `psnr_by_place`; 0 is grey.
    """
    face = _face_box(pictures)

    def strengths(shown: np.ndarray, _: np.ndarray) -> np.ndarray:
        chroma_ab = np.linalg.norm(rgb2lab(np.clip(shown, 0, 1))[..., 1:], axis=-1)
        return np.stack([chroma_ab[:, place].mean(axis=1, dtype="float64") for place in (face, ~face)], axis=1)

    inner, outer = _measured(strengths, pictures, pictures).T
    return inner, outer


def contrast(pictures: np.ndarray) -> np.ndarray:
    """Standard deviation of the luma within each picture.

    Args:
        pictures: float array (n, H, W, 3); clipped to [0, 1].

    Returns:
        float64 (n,), intensity units; 0 is one flat tone, 0.5 half black and half white.
    """
    return luma(np.clip(pictures, 0, 1)).std(axis=(1, 2, 3), dtype="float64")


def chroma_sums(outputs: np.ndarray, targets: np.ndarray, mean_chroma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared chroma error of each picture, and what the mean chroma would have got: the two sums that R² is made of.

    Args:
        outputs: float array (n, H, W, 3); clipped to [0, 1].
        targets: float array (n, H, W, 3) in [0, 1].
        mean_chroma: float array (H, W, 2), the train faces' mean chroma per pixel.

    Returns:
        Two float64 (n,): of the outputs, and of the targets' luma with the mean chroma as far as `fit_gamut` lets it be shown.
    """
    errors, references = [], []
    for shown, wanted in _pairs(outputs, targets):
        true = chroma(wanted)
        plain = fit_gamut(luma(wanted), np.broadcast_to(mean_chroma, true.shape))
        errors.append(((chroma(np.clip(shown, 0, 1)) - true) ** 2).sum(axis=(1, 2, 3), dtype="float64"))
        references.append(((chroma(plain) - true) ** 2).sum(axis=(1, 2, 3), dtype="float64"))
    return np.concatenate(errors), np.concatenate(references)


def chroma_r2(outputs: np.ndarray, targets: np.ndarray, mean_chroma: np.ndarray) -> float:
    """Share of the chroma's variance that the outputs explain, pooled over all pictures.

    Args:
        outputs, targets, mean_chroma: as for `chroma_sums`.

    Returns:
        1 for the targets themselves, 0 for the mean chroma per pixel, below 0 for worse than that.
    """
    error, reference = chroma_sums(outputs, targets, mean_chroma)
    return 1 - float(error.sum() / max(reference.sum(), 1e-12))


def worst(values: np.ndarray, count: int = 8, better: str = "higher") -> np.ndarray:
    """Indices of the pictures that a metric finds worst, the worst first.

    Args:
        values: float array (n,), one value a picture.
        count: how many.
        better: "higher" or "lower": which values of the metric are good.

    Returns:
        int array (count,), or shorter where there are fewer pictures.

    Example:
        >>> worst(np.array([30.0, 10.0, 20.0]), 2)
        array([1, 2])
    """
    return np.argsort(values if better == "higher" else -np.asarray(values), kind="stable")[:count]


def _face_box(pictures: np.ndarray) -> np.ndarray:
    """The middle half of each side, bool (H, W)."""
    height, width = np.shape(pictures)[1:3]
    face = np.zeros((height, width), bool)
    face[height // 4 : height - height // 4, width // 4 : width - width // 4] = True
    return face


def _measured(measure: Callable[[np.ndarray, np.ndarray], np.ndarray], outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """A measure of all pictures, chunk by chunk on all cores: NumPy and SciPy let go of Python's lock while they work."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.concatenate(list(pool.map(lambda pair: measure(*pair), _pairs(outputs, targets))))


def _pairs(outputs: np.ndarray, targets: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The two in chunks, so that a metric's temporaries stay small."""
    if np.shape(outputs) != np.shape(targets) or np.ndim(targets) != 4 or not len(targets):
        raise ReechoError(
            f"A metric compares pictures one by one: outputs {np.shape(outputs)} and targets {np.shape(targets)} must have the "
            "same shape, (n, H, W, 3) with n at least 1."
        )
    for start in range(0, len(targets), _CHUNK):
        yield outputs[start : start + _CHUNK], targets[start : start + _CHUNK]

"""What a picture is worth at a given rate: the best linear VAE in closed form, and the picture formats that everybody uses."""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from scipy.interpolate import PchipInterpolator

from reecho import gaussian, methods
from reecho.baselines.reconstruction import PCA
from reecho.components import SHARED_AXES
from reecho.errors import ReechoError
from reecho.methods import Method
from reecho.metrics.pictures import psnr
from reecho.once import Once, directly
from reecho.streams import Pictures, chunks

SIGMAS = (0.5, 0.35, 0.25, 0.2, 0.16, 0.124, 0.1, 0.08, 0.065, 0.05, 0.04, 0.03)  # 0.124: the document's weight
_OPTIONS: dict[str, dict[str, Any]] = {
    "jpeg": {"optimize": True},
    "webp": {"method": 6},
}  # the smallest files that the library makes of the same pixels


def rate_curve(
    train_faces: Pictures, held_out: np.ndarray, sigmas: Iterable[float] = SIGMAS, axes: int = SHARED_AXES, seed: int = 0,
    pictures: Sequence[int] = (), once: Once = directly,
) -> list[dict[str, Any]]:  # fmt: skip
    """Rate and PSNR of the best linear VAE, for one decoder after another: the yardstick of every VAE.

    With the variances λ of the train faces' principal axes and the decoder's variance σ², each axis with λ > σ² is used: its
    posterior has the variance σ²/λ, the mean of z gives back the share 1 - σ²/λ of the face's coordinate, and its KL, averaged
    over train faces, is ½ ln(λ/σ²). `reecho.linear.fit` gives the same network for one weight, D/(2σ²); here the axes are found
    once for all.

    Args:
        train_faces: float32 (N, H, W, 3) in [0, 1], N at least 2.
        held_out: float32 (n, H, W, 3) in [0, 1].
        sigmas: standard deviations of the decoder, intensity units, above 0.
        axes: of the latent space, at most; a sigma so small that more would be used gets no more.
        seed: of the draws of z, the same for every sigma.
        pictures: which of the held-out pictures are given back as each network of the curve decodes them.
        once: finds the principal axes, or gives those that were found before.

    Returns:
        One dictionary a sigma, in the order given: sigma; rate_nats, the KL; psnr_sample_db, one draw of z decoded;
        psnr_mean_db, the mean of z decoded. All but sigma are means over the held-out pictures; the two PSNR of each picture are
        under "draws" and "means", float64 (n,). Where pictures are kept, also sample and mean, float32 (k, H, W, 3), these pictures
        from a draw of z and from its mean.

    Source: Tipping & Bishop (1999), equations 7 to 12; Lucas et al. (2019), arXiv:1911.02469, section 4.
    """
    pca = PCA.fit(train_faces, axes, once=once)
    codes = pca.encode(held_out, len(pca.axes))  # (n, k)
    noise = np.random.default_rng(seed).standard_normal(codes.shape, dtype="float32")
    return [_of_linear_vae(pca, codes, noise, held_out, float(sigma), list(pictures)) for sigma in sigmas]


def rate_at(curve: Sequence[Mapping[str, Any]], nats: float, of: str = "psnr_sample_db") -> Any:
    """What a curve has at a given rate, between its points by a monotone cubic.

    Args:
        curve: as `rate_curve` returns it, in any order.
        nats: the rate.
        of: which entry is read, "psnr_sample_db" or "psnr_mean_db", or "draws" or "means" for each picture.

    Returns:
        dB, a float or float64 (n,); not a number where the curve does not reach that rate (a larger or smaller sigma would).

    Example:
        >>> rate_at([{"rate_nats": 100, "psnr_sample_db": 22}, {"rate_nats": 200, "psnr_sample_db": 24}], 150)
        23.0
    """
    points = {point["rate_nats"]: point[of] for point in curve}
    rates = sorted(points)
    values = np.array([points[rate] for rate in rates])
    if len(points) < 2:
        return np.full(values.shape[1:], np.nan)[()]
    between = PchipInterpolator(rates, values, extrapolate=False)(nats)
    return between if between.ndim else float(between)


def codec_curve(faces: np.ndarray, format: str, qualities: Iterable[int], workers: int | None = None) -> list[dict[str, float]]:
    """Bytes and PSNR of faces saved as JPEG or WebP.

    Args:
        faces: float array (n, H, W, 3) in [0, 1]; what is saved is rounded to 8 bits, what comes back is compared with the faces.
        format: "jpeg" or "webp", as Pillow writes it: colour at half resolution, Huffman tables of JPEG fitted to each picture.
        qualities: the formats' own scale, 1 to 100.
        workers: threads; None: one a core.

    Returns:
        One dictionary a quality: quality; bytes, mean over pictures; header_bytes, the file of a flat grey picture of the same
        size, which tells nothing: a program that knows the format, the size and the tables beforehand need not send those;
        psnr_db, mean over pictures.

    Raises:
        ReechoError: another format.
    """
    points = []
    for quality in qualities:
        back, sizes = through_codec(faces, format, quality, workers)
        header = len(_saved(np.full(faces.shape[1:], 128, "uint8"), format, quality))
        point = {"quality": quality, "bytes": float(sizes.mean()), "header_bytes": header}
        points.append(point | {"psnr_db": float(psnr(back, faces).mean())})
    return points


def through_codec(faces: np.ndarray, format: str, quality: int, workers: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Faces saved and opened again.

    Args:
        faces, format, workers: as for `codec_curve`.
        quality: the format's own scale, 1 to 100.

    Returns:
        What comes back, float32 (n, H, W, 3) in [0, 1], and the bytes of each file, int (n,).

    Raises:
        ReechoError: another format.
    """
    pixels, sizes = _through(faces, format, quality, workers)
    return _intensities(pixels), sizes


class SavedFile(NamedTuple):
    """What a picture format makes of faces: pixels uint8 (n, H, W, 3), and the mean size of a file in nats."""

    pixels: np.ndarray
    nats: float

    @property
    def pictures(self) -> np.ndarray:
        """The pixels as intensities, float32 (n, H, W, 3) in [0, 1]."""
        return _intensities(self.pixels)


def saved_files(faces: np.ndarray, formats: Iterable[str], qualities: Iterable[int]) -> dict[Method, SavedFile]:
    """Faces saved in picture formats and opened again; all bytes of a file count as its rate.

    Args:
        faces: float array (n, H, W, 3) in [0, 1].
        formats: "webp" or "jpeg".
        qualities: the formats' own scale, 1 to 100.
    """
    files = {}
    for format, quality in itertools.product(formats, qualities):
        pixels, sizes = _through(faces, format, quality)
        files[methods.codec(format, quality)] = SavedFile(pixels, float(sizes.mean() * 8 * np.log(2)))
    return files


def _of_linear_vae(
    pca: PCA, codes: np.ndarray, noise: np.ndarray, held_out: np.ndarray, sigma: float, pictures: list[int]
) -> dict[str, Any]:
    used = int((pca.variances > sigma**2).sum())
    variances = pca.variances[:used]
    gain = np.sqrt(variances - sigma**2)  # of the decoder: coordinate = gain · z
    z_mean, log_variance = codes[:, :used] * (gain / variances), np.log(sigma**2 / variances)
    z = gaussian.draw(z_mean, log_variance, noise[:, :used])
    mean, sample = (np.asarray(z_or_mean * gain, "float32") for z_or_mean in (z_mean, z))
    rate = gaussian.kl(z_mean, log_variance).mean()
    draws, means = (
        np.concatenate([psnr(pca.decode(some), targets) for some, targets in chunks(coordinates, held_out)])
        for coordinates in (sample, mean)
    )
    point = {
        "sigma": sigma, "rate_nats": float(rate), "psnr_sample_db": float(draws.mean()), "psnr_mean_db": float(means.mean()),
        "draws": draws, "means": means,
    }  # fmt: skip
    return point | ({"sample": pca.decode(sample[pictures]), "mean": pca.decode(mean[pictures])} if pictures else {})


def _through(faces: np.ndarray, format: str, quality: int, workers: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """As `through_codec`, but what comes back as it stands in the files, uint8."""
    if format not in _OPTIONS:
        raise ReechoError(f"There is no curve of the format {format!r}; choose one of {', '.join(_OPTIONS)}.")
    pixels = np.round(np.clip(faces, 0, 1) * 255).astype("uint8")
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:  # the library lets go of Python's lock while it works
        files = list(pool.map(lambda picture: _saved(picture, format, quality), pixels))
        back = np.stack(list(pool.map(_opened, files)))
    return back, np.array([len(file) for file in files])


def _intensities(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype("float32") / 255


def _saved(picture: np.ndarray, format: str, quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format, quality=quality, **_OPTIONS[format])
    return file.getvalue()


def _opened(file: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(file)) as picture:
        return np.asarray(picture.convert("RGB"))

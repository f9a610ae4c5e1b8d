"""Denoising one principal axis at a time: cut, which keeps some axes whole, against shrink, which weighs all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import linalg

from reecho import metrics, plots
from reecho.baselines import LMMSE, PCA
from reecho.components import LARGEST_EXACT, SHARED_AXES
from reecho.evaluation.held_out import HeldOut
from reecho.inputs import noise_like
from reecho.once import Once, directly

SIGMAS = (0.02, 0.05, 0.1, 0.2, 0.3)  # intensity
COUNTS = (4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024)  # axes that a cut keeps


class AxisErrors(NamedTuple):
    """The mean squared error along each axis in its two parts, float64 (D,) each, intensity².

    Args:
        lost: variance of the face that the estimate no longer has.
        through: variance of the noise that the estimate still has.
    """

    lost: np.ndarray
    through: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Both parts along each axis, float64 (D,)."""
        return self.lost + self.through

    @property
    def db(self) -> float:
        """The mean squared error of a pixel value as PSNR: −10 log₁₀ of the mean over all axes, dB."""
        return float(-10 * np.log10(self.total.mean()))


def variances_of(lmmse: LMMSE) -> np.ndarray:
    """The variances of train faces along all their principal axes, from the covariance of a fitted LMMSE.

    Args:
        lmmse: fitted on pictures of at most LARGEST_EXACT pixel values.

    Returns:
        float64 (D,), falling, at least 0, intensity²; 0 along axes that too few train faces do not span.
    """
    variances = np.zeros(lmmse.mean.size)
    variances[: len(lmmse.matrix)] = np.maximum(linalg.eigvalsh(lmmse.matrix, check_finite=False)[::-1], 0)
    return variances


def cut(variances: np.ndarray, sigma: float, count: int) -> AxisErrors:
    """The error of keeping the first `count` axes as they are: their noise, and all of the face along the others.

    Args:
        variances: float64 (D,), falling, intensity².
        sigma: standard deviation of the noise, intensity.
        count: axes that are kept, 0 to D.

    Example:
        >>> cut(np.array([4.0, 1.0]), 1.0, 1)
        AxisErrors(lost=array([0., 1.]), through=array([1., 0.]))
    """
    whole = np.arange(len(variances)) < count
    return AxisErrors(np.where(whole, 0.0, variances), np.where(whole, sigma**2, 0.0))


def shrunk(variances: np.ndarray, sigma: float) -> AxisErrors:
    """The error of weighing each axis by λ / (λ + σ²), the best weight: the two parts sum to λ σ² / (λ + σ²).

    Args:
        variances, sigma: as for `cut`; sigma above 0.

    Example:
        >>> shrunk(np.array([1.0]), 1.0)
        AxisErrors(lost=array([0.25]), through=array([0.25]))
    """
    weights = variances / (variances + sigma**2)
    return AxisErrors((1 - weights) ** 2 * variances, weights**2 * sigma**2)


def best_count(variances: np.ndarray, sigma: float) -> int:
    """How many axes the best cut keeps: those along which faces vary more than the noise, λ > σ²."""
    return int((variances > sigma**2).sum())


@dataclass(frozen=True)
class CutOrShrink:
    """What a cut and a shrinkage leave of the error, and one face denoised by both.

    Args:
        variances: float64 (D,), falling, of the train faces.
        pictures: name → float32 (σ, axes, H, W, 3), with an axis of length 1 where nothing changes along it.
        psnr: name → float64 (σ, axes) of these pictures, dB.
        counts: axes that the cut keeps, as many as there are pictures along the second axis.
    """

    variances: np.ndarray
    pictures: dict[str, np.ndarray]
    psnr: dict[str, np.ndarray]
    counts: tuple[int, ...]

    @classmethod
    def of(cls, held_out: HeldOut, lmmse: LMMSE, seed: int = 0, once: Once = directly) -> CutOrShrink | None:
        """Denoise the first of the eight held-out faces with noise of all SIGMAS, the same draw of it, scaled.

        Args:
            held_out: of the denoising task.
            lmmse: fitted on its train faces.
            seed: of the noise.
            once: finds the principal axes, or gives those that were found before.

        Returns:
            None where pictures have more than LARGEST_EXACT values: all their axes are not computed.
        """
        target = held_out.targets[held_out.eight[:1]]
        if target.size > LARGEST_EXACT:
            return None
        pca = PCA.fit(held_out.train, SHARED_AXES, once=once)
        counts = tuple(count for count in COUNTS if count <= len(pca.axes)) or (len(pca.axes),)
        noisy = np.concatenate([target + sigma * noise_like(target, seed) for sigma in SIGMAS])
        cuts = np.stack([pca.reconstruct(noisy, count) for count in counts], axis=1)
        shrinkage = np.concatenate([lmmse.denoise(noisy[place : place + 1], sigma) for place, sigma in enumerate(SIGMAS)])
        pictures = {
            "target": target[None],
            "noisy": noisy[:, None].clip(0, 1),
            "cut (PCA)": cuts,
            "shrunk (LMMSE)": shrinkage[:, None],
        }
        psnr = {
            name: np.stack([metrics.psnr(row, np.broadcast_to(target, row.shape)) for row in stack])
            for name, stack in pictures.items()
            if name != "target"
        }
        return cls(variances_of(lmmse), pictures, psnr, counts)

    @property
    def along(self) -> dict[str, tuple[float, ...]]:
        """The settings: σ, and the axes that the cut keeps."""
        return {"noise σ": SIGMAS, "axes kept k": self.counts}

    def errors(self) -> tuple[list[list[AxisErrors]], list[AxisErrors]]:
        """Of the cut for each σ and number of axes, of the shrinkage for each σ."""
        cuts = [[cut(self.variances, sigma, count) for count in self.counts] for sigma in SIGMAS]
        return cuts, [shrunk(self.variances, sigma) for sigma in SIGMAS]

    def chart(self) -> plots.Chart:
        """Error along each axis, and what it sums to, for every setting of `along`."""
        cuts, weighed = self.errors()
        numbers = np.unique(np.geomspace(1, len(self.variances), 60).astype(int))
        shown, values, floor = numbers - 1, len(self.variances), 1e-5
        squares = np.square(SIGMAS)[:, None, None] * np.ones(len(numbers))

        def sums(part: str) -> np.ndarray:
            return np.array([[getattr(error, part).sum() for error in row] for row in cuts])

        lines = (
            plots.Line("variance of faces, λ", numbers, np.maximum(self.variances[shown], floor)[None, None], 2),
            plots.Line("variance of noise, σ²", numbers, squares, 2, dashed=True),
            plots.Line("error of the cut", numbers, np.array([[error.total[shown] for error in row] for row in cuts]), 0),
            plots.Line("error of the shrinkage", numbers, np.array([[error.total[shown]] for error in weighed]), 1),
        )
        bars = {
            "cut": {"face lost": sums("lost"), "noise let through": sums("through")},
            "shrinkage": {
                "face lost": np.array([[error.lost.sum()] for error in weighed]),
                "noise let through": np.array([[error.through.sum()] for error in weighed]),
            },
        }
        totals = {
            "cut": np.array([[f"{error.db:.2f} dB" for error in row] for row in cuts]),
            "shrinkage": np.array([[f"{error.db:.2f} dB"] for error in weighed]),
        }
        best = np.array([[best_count(self.variances, sigma)] for sigma in SIGMAS], "float64")
        ticks = {float(n): f"{n:,}" for n in (1, 4, 16, 64, 256, 1024) if n <= values}
        return plots.Chart(
            "principal axis, by variance", "error, intensity²", (1, values),
            (floor, 1.0), ticks, {1e-5: "10⁻⁵", 1e-4: "10⁻⁴", 1e-3: "10⁻³", 1e-2: "10⁻²", 0.1: "0.1", 1.0: "1"}, lines,
            {"best k": np.where(best > 0, best, np.nan)}, {}, bars, "sum over all axes, intensity²", totals, True, True,
        )  # fmt: skip

    def sentences(self) -> np.ndarray:
        """What holds at each setting, str (σ, axes)."""
        cuts, weighed = self.errors()
        texts = []
        for sigma, row, shrinkage in zip(SIGMAS, cuts, weighed, strict=True):
            best = best_count(self.variances, sigma)
            least = cut(self.variances, sigma, best).db
            texts.append([
                f"σ = {sigma:g}: a cut after {count:,} axes has {error.db:.2f} dB, the best cut (k = {best:,}) {least:.2f} dB, "
                f"shrinkage {shrinkage.db:.2f} dB: {shrinkage.db - error.db:.2f} dB better than this cut, "
                f"{shrinkage.db - least:.2f} dB better than the best."
                for count, error in zip(self.counts, row, strict=True)
            ])  # fmt: skip
        return np.array(texts)

    def widget(self, sigma: float) -> dict[str, Any]:
        """What `report.widgets.chart` takes of it, beginning near a sigma and its best cut; without caption and alt text."""
        shown = {"drawn": self.chart(), "pictures": self.pictures, "along": self.along, "values": self.psnr, "unit": "dB"}
        return shown | {"sentences": self.sentences(), "start": self.start(sigma)}

    def start(self, sigma: float) -> dict[str, float]:
        """The setting nearest to a sigma and to its best cut."""
        nearest = min(SIGMAS, key=lambda value: abs(value - sigma))
        best = max(best_count(self.variances, nearest), 1)
        return {"noise σ": nearest, "axes kept k": min(self.counts, key=lambda count: abs(np.log(count / best)))}

    def in_words(self, sigma: float, measured: float | None = None) -> str:
        """What both lose at a sigma, in sentences.

        Args:
            sigma: standard deviation of the noise, intensity.
            measured: mean PSNR of LMMSE on held-out pictures, dB, which differs from that of the formula; None says nothing of it.
        """
        count = best_count(self.variances, sigma)
        both = cut(self.variances, sigma, count), shrunk(self.variances, sigma)
        least, weighed = both
        shares = [100 * error.lost.sum() / error.total.sum() for error in both]
        beside = "" if measured is None else (
            f" (The formula takes the variances of the train faces, from which the weights were computed; on held-out people the "
            f"same method has {measured:.2f} dB, as in the table above.)"
        )  # fmt: skip
        return (
            f"At σ = {sigma:g} the best cut keeps {count:,} of {len(self.variances):,} axes and has {least.db:.2f} dB: "
            f"{shares[0]:.0f} % of its error is face that was cut off, the rest is noise on the axes that it keeps. Shrinkage "
            f"has **{weighed.db:.2f} dB**, {weighed.db - least.db:.2f} dB more; {shares[1]:.0f} % of its error is face.{beside} An "
            "axis with λ = σ² shows the reason: cut or kept, it adds σ² to the error; at half its length (weight ½) it adds "
            "σ²/2. No cut can gain this, wherever it is made."
        )

"""How long codes are: N(0, I) in few and in many axes, sums, means and mixes of two codes, and the codes of faces."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from reecho import plots

AXES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
FACTORS = {"one code": 1.0, "sum of two": math.sqrt(2), "mean of two": math.sqrt(0.5)}  # on the norm of independent codes
_MOST = 50  # % of sums, above which they are called longer than what the decoder met
GRID = np.linspace(0.0, 2.0, 161)  # norms, in units of √(number of axes)
BINS = np.linspace(0.0, 2.0, 51)


def relative_density(count: int, factor: float, norms: np.ndarray = GRID) -> np.ndarray:
    """The density of the norm of factor · z, z ~ N(0, I), over its own largest value.

    Args:
        count: axes of z, at least 1.
        factor: above 0.
        norms: float (n,), in units of √count, at least 0.

    Returns:
        float64 (n,), in [0, 1]: the chi density with its peak at 1.
    """
    density = stats.chi(count)
    lengths = np.asarray(norms, "float64") * math.sqrt(count) / factor
    return np.exp(density.logpdf(np.maximum(lengths, 1e-9)) - density.logpdf(max(math.sqrt(count - 1), 1e-9)))


def deviations_apart(count: int) -> float:
    """How many standard deviations of one code's norm lie between the mean norm of one code and that of a sum of two."""
    density = stats.chi(count)
    return float((FACTORS["sum of two"] - 1) * density.mean() / density.std())


@dataclass(frozen=True)
class Shells:
    """Norms of a network's codes on its active axes, in units of √(number of active axes).

    Args:
        active: how many axes are active.
        norms: name → float64 (n,): one code, and mixes of two.
    """

    active: int
    norms: dict[str, np.ndarray]

    @classmethod
    def of(cls, active: np.ndarray, codes: Mapping[str, np.ndarray]) -> Shells:
        """Measure codes.

        Args:
            active: bool (latent_dim,), which axes are active.
            codes: name → float (n, latent_dim), draws of z.

        Returns:
            Norms over the active axes; where no axis is active, over all.
        """
        axes = active if active.any() else np.ones_like(active)
        count = int(axes.sum())
        return cls(count, {name: norms_on(axes, z) for name, z in codes.items()})

    @property
    def counts(self) -> list[int]:
        """Numbers of axes to look at: AXES and the network's own."""
        return sorted({*AXES, self.active})

    def histogram(self, name: str) -> np.ndarray:
        """Share of the codes in each of BINS, over the largest of these shares: float64 (50,)."""
        shares = np.histogram(self.norms[name], BINS)[0].astype("float64")
        return shares / max(shares.max(), 1)

    def chart(self, settings_before: int = 0) -> plots.Chart:
        """Densities for each of `counts`, and what was measured at the network's own number.

        Args:
            settings_before: how many settings that change nothing here come before the number of axes.
        """
        lead = (None,) * settings_before
        edges, lines, none = np.repeat(BINS, 2)[1:-1], [], np.full(2 * len(BINS) - 2, np.nan)
        for series, (name, factor) in enumerate(FACTORS.items()):
            curve = np.stack([relative_density(count, factor).round(3) for count in self.counts])
            lines.append(plots.Line(f"{name}, N(0, I)", GRID, curve[lead], series))
        for series, name in zip((*range(len(FACTORS)), 4), (*FACTORS, "variance-keeping mix"), strict=True):  # 3 is a second blue
            outline = np.repeat(self.histogram(name).round(3), 2)
            steps = np.stack([outline if count == self.active else none for count in self.counts])
            lines.append(plots.Line(f"{name}, measured", edges, steps[lead], series, filled=True))
        ticks = {0.0: "0", 0.71: "1/√2", 1.0: "1", 1.41: "√2", 2.0: "2"}
        return plots.Chart(
            "norm of z, in units of √(number of axes)", "density, its peak at 1", (0.0, 2.0), (0.0, 1.08), ticks,
            {0.0: "0", 0.5: "0.5", 1.0: "1"}, lines,
        )  # fmt: skip

    def sentences(self) -> np.ndarray:
        """What holds for each of `counts`, str (counts,)."""
        return np.array([self.sentence(count) for count in self.counts])

    def sentence(self, count: int) -> str:
        """What is where with so many axes."""
        density, apart = stats.chi(count), deviations_apart(count)
        text = (
            f"{count:,} {'axes' if count > 1 else 'axis'}: the norm of N(0, I) is {density.mean():.2f} ± {density.std():.2f} "
            f"({100 * density.std() / density.mean():.0f} % of the norm). The mean norm of a sum of two lies "
            f"{apart:.1f} standard deviations farther out."
        )
        if count != self.active:
            return text
        measured = "; ".join(f"{name} {values.mean():.2f} ± {values.std():.2f}" for name, values in self.norms.items())
        return f"{text} Measured on the {count:,} active axes of this network, in units of √{count:,}: {measured}."

    def in_words(self) -> str:
        """Why a sum of codes is no face."""
        one, total, middle = (self.norms[name] for name in FACTORS)
        mix = self.norms["variance-keeping mix"]
        beyond, mixed = (100 * float((values > np.quantile(one, 0.99)).mean()) for values in (total, mix))
        own = float(stats.chi(self.active).std() / np.sqrt(self.active))
        text = (
            f"On the {self.active:,} active axes a draw of the code of a face has a norm of {one.mean():.2f} ± {one.std():.2f} "
            f"(unit: √{self.active:,}), a sum of two {total.mean():.2f} ± {total.std():.2f}, a mean of two {middle.mean():.2f} ± "
            f"{middle.std():.2f}. **{beyond:.0f} % of the sums are longer than 99 of 100 codes of faces**, against {mixed:.0f} % "
            "of the variance-keeping mixes."
        )
        if beyond > _MOST:
            text += (
                " In training the decoder hardly met codes as long as that, so it continues outwards what it learnt from shorter "
                "ones: as a code grows, so do light, shadow and contrast."
            )
        else:
            text += " Most of the sums are no longer than codes that the decoder met in training."
        if one.std() > 1.2 * own:
            text += f" Codes of faces lie in a thicker shell than N(0, I) (± {own:.2f}): faces differ in how much detail they have."
        return text


def norms_on(axes: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Norms of codes over some axes, in units of the root of their number, float64 (n,)."""
    return np.linalg.norm(np.asarray(codes, "float64")[:, axes], axis=1) / math.sqrt(axes.sum())

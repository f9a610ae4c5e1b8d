"""What the project set itself, and whether a run's rows reach it: on LFW, held-out people, 32×32 pixels unless a size is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reecho import methods, titles
from reecho.datasets import LFW
from reecho.errors import ReechoError
from reecho.methods import Method
from reecho.results.row import Row


@dataclass(frozen=True)
class Target:
    """One number to reach.

    Args:
        task, method: whose row is looked at.
        key: of the row's numbers.
        must, aim: what must be reached and what is aimed at, None where nothing was set.
        what: in words, with the unit.
        better: "higher" or "lower".
        size: width and height of the faces, pixels.
        digits: after the point.
        nats: the rate up to which the aim counts.
        against: the method of the same task and size whose number is taken off; None where the number counts as it is.
        times: whether the number is divided by that of `against` instead.
    """

    task: str
    method: Method
    key: str
    must: float | None
    aim: float | None
    what: str
    better: str = "higher"
    size: int = 32
    digits: int = 2
    nats: float | None = None
    against: Method | None = None
    times: bool = False

    def value(self, by_identity: Mapping[tuple[str, int, Method], Row]) -> float | None:
        """The number that counts; None where a row is missing or lacks it.

        Args:
            by_identity: (task, size, method) → row.
        """
        rows = [by_identity.get((self.task, self.size, method)) for method in (self.method, self.against) if method]
        numbers = [None if row is None else row.get(self.key) for row in rows]
        if any(number is None for number in numbers):
            return None
        value, *ruler = (float(number) for number in numbers if number is not None)
        if not ruler:
            return value
        if self.times:
            return value / ruler[0] if ruler[0] > 0 else None
        return value - ruler[0]

    def reached(self, value: float, bound: float | None) -> bool | None:
        """Whether a value is as good as a bound; None where there is no bound."""
        if bound is None:
            return None
        return value >= bound if self.better == "higher" else value <= bound


@dataclass(frozen=True)
class Verdict:
    """A target beside what a run measured.

    Args:
        target: the target.
        value: what was measured.
        rate: of the row, nats, where it has one.
    """

    target: Target
    value: float
    rate: float | None

    @property
    def missed(self) -> bool:
        """Whether the number that must be reached, or where none was set the aim, is missed."""
        bound = self.target.aim if self.target.must is None else self.target.must
        return self.target.reached(self.value, bound) is False

    @property
    def reaches_aim(self) -> bool:
        """Whether the aim is reached, at no higher rate than it allows; False where there is none."""
        above_rate = self.target.nats is not None and (self.rate or 0) > self.target.nats
        return self.target.reached(self.value, self.target.aim) is True and not above_rate

    @property
    def words(self) -> str:
        """ "reached", "reached; aim missed by 0.12" or "missed by 0.12"."""
        target = self.target
        bound = target.aim if target.must is None else target.must
        if bound is not None and self.missed:
            return f"missed by {abs(self.value - bound):.{target.digits}f}"
        if target.aim is None or self.reaches_aim:
            return "reached"
        if target.reached(self.value, target.aim):
            return f"reached; aim missed, at {self.rate:.0f} nats"
        short, least = abs(self.value - target.aim), 10.0**-target.digits
        by = f"{short:.{target.digits}f}" if short >= least / 2 else f"less than {least:.{target.digits}f}"
        return f"reached; aim missed by {by}"

    @property
    def title(self) -> str:
        """The method and what is measured of it."""
        method = self.target.method.code if self.target.key == "gain_db" else self.target.method
        return f"{titles.of(method)}: {self.target.what}"

    @property
    def line(self) -> str:
        """The method, what was measured, the values that were set for it, and the verdict, as one sentence."""
        numbers = {"": self.value, "required ": self.target.must, "aim ": self.target.aim}
        texts = [f"{name}{value:.{self.target.digits}f}".replace("-", "−") for name, value in numbers.items() if value is not None]
        return f"{self.title}: {texts[0]} ({', '.join(texts[1:])}), {self.words}."

    def cells(self) -> dict[str, Any]:
        """The verdict for a table with COLUMNS."""
        target = self.target
        return {
            "target": self.title, "must": target.must, "aim": target.aim, "measured": round(self.value, target.digits),
            "verdict": self.words,
        }  # fmt: skip


COLUMNS = (
    {"key": "target", "heading": "target"},
    {"key": "verdict", "heading": "verdict"},
    {"key": "measured", "heading": "measured"},
    {"key": "must", "heading": "required"},
    {"key": "aim", "heading": "aim"},
)
_RATES = ((25_000, 90), (100_000, 240), (340_000, 505))  # reconstruction weight, and the rate it was set for, nats
_GAP = "PSNR (dB) less that of the network for"
_OVER = "PSNR less that of the best classical method (dB), faces of 128 pixels"
_SAMPLES = methods.network("reference", faces="prior")
_LEARNT = methods.network("anchored", weight=150_000, faces="learnt")
_TEXTURED = methods.network("reference", faces="mixture_textured")
_MIX = methods.network("reference", faces="variance_keeping").draw
_PHOTO = methods.network("photo_denoiser", origin=methods.SHIPPED, ensemble=8, similar=32)
_GAUSSIAN = methods.baseline("gaussian_pixels")
_ANCHORED, _DENOISER, _COLOURISER = (methods.network(name) for name in ("anchored", "denoiser", "colouriser"))

TARGETS = (
    Target("reconstruction", methods.network("reference").mean, "psnr_db", 23.5, 27.5,
           "PSNR (dB), aim at up to 250 nats", nats=250),
    *(Target("reconstruction", _ANCHORED.varied(weight=weight).draw, "gain_db", 0.3, 1.0,
             f"gain at equal rate (dB), {nats} nats") for weight, nats in _RATES),
    Target("reconstruction", methods.network("anchored_autoencoder"), "psnr_db", 38.2, 39.0, "PSNR (dB), 1,024 exact numbers"),
    Target("denoising", _DENOISER, "psnr_db", 28.8, 29.3, "PSNR (dB) at σ = 0.1"),
    Target("denoising", _DENOISER, "ssim", 0.92, 0.935, "SSIM at σ = 0.1", digits=3),
    *(Target("denoising", methods.network("blind_denoiser"), f"gap_{100 * sigma:02.0f}_db", -0.15, 0.0, f"{_GAP} σ = {sigma:g}")
      for sigma in (0.02, 0.05, 0.1, 0.2)),
    Target("denoising", _DENOISER, "psnr_db", 31.5, 32.0, "PSNR (dB) at σ = 0.1, 64×64", size=64),
    *(Target("own_size", _PHOTO, key, must, aim, f"PSNR less that of CBM3D (dB), {what}", size=size, against=methods.CBM3D)
      for key, what, size, must, aim in (
          ("psnr_db", "faces of 128 pixels at σ = 0.1", 128, 0.1, 0.5),
          ("gaussian_05_db", "faces of 128 pixels at σ = 0.05", 128, 0.1, 0.5),
          ("gaussian_20_db", "faces of 128 pixels at σ = 0.2", 128, 0.1, 0.5),
          ("psnr_db", "whole pictures of faces at σ = 0.1", 250, 0.1, 0.5),
          ("psnr_db", "photographs at σ = 0.1", 288, -0.4, 0.0),
      )),
    *(Target("own_size", _PHOTO, f"{kind}_db_over_classical", 0.0, 1.0, f"{_OVER}, {what}",
             size=128)
      for kind, what in (("poisson", "Poisson noise"), ("salt_and_pepper", "salt and pepper"), ("jpeg", "JPEG noise"))),
    Target("generation", _SAMPLES, "kid_hog", 120.0, 40.0, "KID of gradients × 1000", better="lower", digits=0),
    Target("generation", _SAMPLES, "kid_random_conv", None, 250.0, "KID of random convolution × 1000", better="lower", digits=0),
    Target("generation", _SAMPLES, "kid_pca64", None, 5.0, "KID of 64 components × 1000", better="lower", digits=1),
    Target("generation", _LEARNT, "kid_hog", 50.0, 30.0, "KID of gradients × 1000", better="lower", digits=0),
    Target("generation", _LEARNT, "kid_random_conv", 206.0, 150.0, "KID of random convolution × 1000", better="lower", digits=0),
    Target("generation", _LEARNT, "kid_pca64", 5.0, 2.0, "KID of 64 components × 1000", better="lower", digits=1),
    Target("generation", _LEARNT, "recall_gain", 0.0, None, "recall less that of the mixture", digits=3),
    Target("generation", _MIX, "times_the_sum", 1.0, None, "largest of three KIDs, divided by the sum's", better="lower"),
    Target("generation", _MIX, "times_the_samples", None, 1.3, "largest of three KIDs, divided by the samples'", better="lower"),
    Target("colourisation", _COLOURISER, "psnr_db", 27.0, 27.6, "PSNR (dB)"),
    Target("colourisation", _COLOURISER, "delta_e00", 7.0, 6.4, "ΔE00", better="lower"),
    Target("reconstruction", methods.network("reference").mean, "gain_db", 0.0, 0.2,
           "gain at equal rate (dB), 64×64", size=64),
    *(Target("reconstruction", _ANCHORED.varied(weight=weight).draw, "gain_db", 0.3, 0.8,
             f"gain at equal rate (dB), {nats} nats, 64×64", size=64)
      for weight, nats in _RATES if nats > 100),
    Target("colourisation", _COLOURISER, "psnr_db", 0.5, 0.9, "PSNR less that of ridge (dB), 64×64", size=64,
           against=methods.RIDGE),
    Target("colourisation", _COLOURISER, "delta_e00", -0.4, -0.9, "ΔE00 less that of ridge, 64×64", better="lower", size=64,
           against=methods.RIDGE),
    *(Target("generation", _TEXTURED, key, 1.0, 0.5, f"KID of {what}, divided by the pixel Gaussian's, 64×64", better="lower",
             size=64, against=_GAUSSIAN, times=True)
      for key, what in (("kid_hog", "gradients"), ("kid_random_conv", "random convolution"), ("kid_pca64", "64 components"))),
)  # fmt: skip


_NONE = "None of the project's targets applies: they were set for certain networks on Labeled Faces in the Wild."


def verdicts(rows: Iterable[Row], faces_name: str = LFW) -> list[Verdict]:
    """Each target that the rows can judge, beside what was measured; targets whose row is missing are left out.

    Args:
        rows: of one task or of several, of one size or of several.
        faces_name: what they were measured on; the targets say nothing of other faces than LFW's.
    """
    if faces_name != LFW:
        return []
    by_identity = {(row.task, row.size, row.method): row for row in rows}
    judged = []
    for target in TARGETS:
        value = target.value(by_identity)
        if value is not None:
            row = by_identity[target.task, target.size, target.method]
            judged.append(Verdict(target, value, row.get("rate_nats")))
    return judged


def sentence(judged: Iterable[Verdict], complete: bool) -> str:
    """The verdicts in words: how many targets are reached, then those that are missed, then the others in short.

    Args:
        judged: from `verdicts`.
        complete: whether the run is one that the targets were set for, see `applies`.

    Returns:
        Markdown.
    """
    judged = list(judged)
    if not judged:
        return _NONE
    return "**Targets of the project.** " + "\n".join(
        (summary(judged, complete), "", *(f"- {v.line}" for v in missed_first(judged)))
    )


def summary(judged: Iterable[Verdict], complete: bool) -> str:
    """How many targets are reached, in one or two sentences.

    Args:
        judged, complete: as for `sentence`.
    """
    judged = list(judged)
    if not judged:
        return _NONE
    reached = sum(not verdict.missed for verdict in judged)
    required = [verdict for verdict in judged if verdict.target.must is not None]
    aimed = [verdict for verdict in judged if verdict.target.aim is not None]
    parts = [f"{sum(not verdict.missed for verdict in required)} of {len(required)} required values"] if required else []
    parts += [f"{sum(verdict.reaches_aim for verdict in aimed)} of {len(aimed)} aims"] if aimed else []
    aside = "" if complete else " They were set for the presets full and study on all of LFW, which this run is not."
    counts = f"{reached} of {len(judged)} targets are reached ({' and '.join(parts)})."
    if len(required) < len(judged):
        counts += " Where no value is required, the aim counts."
    return (
        f"{counts} A target is a value that this project set itself: a required one, from the results of simple methods and of "
        f"short trials, and mostly a higher aim.{aside}"
    )


def missed_first(judged: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts: what is missed, then what is reached without its aim, then the others."""
    return sorted(judged, key=lambda verdict: (not verdict.missed, verdict.reaches_aim or verdict.target.aim is None))


def applies(faces_name: str, preset: str, pictures: int) -> bool:
    """Whether a run is one that the targets were set for: LFW, all of its pictures, preset full or study."""
    return faces_name == LFW and preset in ("full", "study") and not pictures


def best_network_and_baseline(rows: Iterable[Row], key: str, better: str) -> tuple[Row, Row]:
    """The best row of a network and the best row of a method without one; an oracle, which sees the answer, does not count.

    Args:
        rows: of one task.
        key: by which number.
        better: "higher" or "lower".

    Raises:
        ReechoError: there are no rows of one of the two kinds.
    """
    measured = [row for row in rows if row.get(key) is not None and row.method.kind != "oracle"]
    choose = max if better == "higher" else min
    networks, others = ([row for row in measured if row.method.is_network is kind] for kind in (True, False))
    if not networks or not others:
        raise ReechoError(f"There is nothing to compare by {key}: rows of a network and of other methods are needed.")
    return choose(networks, key=lambda row: row[key]), choose(others, key=lambda row: row[key])

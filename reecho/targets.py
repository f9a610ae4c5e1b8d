"""What the project set itself, and whether a run's rows reach it: on LFW, held-out people, 32×32 pixels unless said otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reecho.errors import ReechoError


@dataclass(frozen=True)
class Target:
    """One number to reach.

    Args:
        task: whose rows are looked at.
        method: the row.
        key: of the row.
        must, aim: what must be reached and what is aimed at, None where nothing was set.
        what: in words, with the unit.
        better: "higher" or "lower".
        size: width and height of the faces, pixels.
        digits: after the point.
        nats: the rate up to which the aim counts.
    """

    task: str
    method: str
    key: str
    must: float | None
    aim: float | None
    what: str
    better: str = "higher"
    size: int = 32
    digits: int = 2
    nats: float | None = None

    def reached(self, value: float, bound: float | None) -> bool | None:
        """Whether a value is as good as a bound; None where there is no bound."""
        if bound is None:
            return None
        return value >= bound if self.better == "higher" else value <= bound


_RATES = ((25_000, 90), (100_000, 240), (340_000, 505))  # reconstruction weight, and the rate it was set for, nats
_BLIND = "blind network against the one trained for"
_SAMPLES, _MIX = "reference, samples of N(0, I)", "reference, variance-keeping mix of draws"

TARGETS = (
    Target("reconstruction", "reference, mean of z", "psnr_db", 23.5, 27.5, "PSNR, dB; the aim at no more than 250 nats", nats=250),
    *(Target("reconstruction", f"anchored, weight {weight:,}, a draw of z", "gain_db", 0.3, 1.0,
             f"anchored VAE near {nats} nats, a draw of z above the linear VAE of the same rate, dB") for weight, nats in _RATES),
    Target("reconstruction", "anchored autoencoder", "psnr_db", 38.2, 39.0, "1,024 exact numbers, PSNR, dB"),
    Target("denoising", "denoiser", "psnr_db", 28.8, 29.3, "σ = 0.1, PSNR, dB"),
    Target("denoising", "denoiser", "ssim", 0.92, 0.935, "σ = 0.1, SSIM", digits=3),
    *(Target("denoising", "blind denoiser", f"gap_{100 * sigma:02.0f}_db", -0.15, 0.0, f"{_BLIND} σ = {sigma:g}, dB")
      for sigma in (0.02, 0.05, 0.1, 0.2)),
    Target("denoising", "denoiser", "psnr_db", 31.2, 32.0, "64×64, σ = 0.1, PSNR, dB", size=64),
    Target("generation", _SAMPLES, "kid_hog", 120.0, 40.0, "KID of gradients × 1000", better="lower", digits=0),
    Target("generation", _SAMPLES, "kid_random_conv", None, 250.0, "KID of a random convolution × 1000", better="lower", digits=0),
    Target("generation", _SAMPLES, "kid_pca64", None, 5.0, "KID of 64 components × 1000", better="lower", digits=1),
    Target("generation", _MIX, "times_the_sum", 1.0, None, "worst KID as a multiple of the sum's", better="lower"),
    Target("generation", _MIX, "times_the_samples", None, 1.3, "worst KID as a multiple of the samples'", better="lower"),
    Target("colourisation", "colouriser", "psnr_db", 27.0, 27.6, "PSNR, dB"),
    Target("colourisation", "colouriser", "delta_e00", 7.0, 6.4, "ΔE00", better="lower"),
)  # fmt: skip


def verdicts(task: str, rows: Iterable[Mapping[str, Any]], size: int = 32) -> list[dict[str, Any]]:
    """Each target of a task beside what was measured.

    Args:
        task: of the rows.
        rows: of results.json.
        size: of the faces, pixels; targets of other sizes are left out, as are those whose row is missing.

    Returns:
        method, what, measured, must, aim (numbers) and verdict: "reached", "must reached, aim missed by 0.12" or "missed by 0.12".
    """
    of, found = {row["method"]: row for row in rows}, []
    for target in TARGETS:
        value = of.get(target.method, {}).get(target.key)
        if target.task != task or target.size != size or value is None:
            continue
        found.append({
            "method": target.method, "what": target.what, "measured": round(value, target.digits), "digits": target.digits,
            "must": target.must, "aim": target.aim, "verdict": _verdict(target, value, of[target.method].get("rate_nats")),
        })  # fmt: skip
    return found


def _verdict(target: Target, value: float, rate: float | None) -> str:
    if target.must is not None and not target.reached(value, target.must):
        return f"missed by {abs(value - target.must):.{target.digits}f}"
    dear = target.nats is not None and (rate or 0) > target.nats
    if target.aim is None or (target.reached(value, target.aim) and not dear):
        return "reached"
    by = f"at {rate:.0f} nats" if target.reached(value, target.aim) else f"by {abs(value - target.aim):.{target.digits}f}"
    return f"{'' if target.must is None else 'must reached, '}aim missed {by}"


def sentence(found: Iterable[Mapping[str, Any]], serious: bool) -> str:
    """The verdicts in words.

    Args:
        found: from `verdicts`.
        serious: whether the run is one that the targets were set for: LFW, all of it, preset full or study.

    Returns:
        Markdown.
    """
    told = [f"{each['method']}, {each['what']}: {each['measured']:.{each['digits']}f}, {each['verdict']}" for each in found]
    if not told:
        return "The project's targets concern networks that this run does not show."
    aside = "" if serious else " (They were set for the presets full and study on all of LFW, which this run is not.)"
    return "**Targets.** " + "; ".join(told) + "." + aside


def lead(rows: Iterable[Mapping[str, Any]], key: str, better: str) -> tuple[Mapping[str, Any], Mapping[str, Any], str]:
    """The best row of ours and the best of the others; what knows the answer, an oracle, does not count.

    Args:
        rows: of one task.
        key: by which number.
        better: "higher" or "lower".

    Returns:
        Our row, the other row, and the key again.

    Raises:
        ReechoError: there are no rows of one of the two kinds.
    """
    honest = [row for row in rows if row.get(key) is not None and "oracle" not in row["method"]]
    choose = max if better == "higher" else min
    try:
        ours, other = (choose((r for r in honest if r.get("ours") is mine), key=lambda r: r[key]) for mine in (True, False))
    except ValueError:
        raise ReechoError(f"There is nothing to compare by {key}: rows of a network and of other methods are needed.") from None
    return ours, other, key

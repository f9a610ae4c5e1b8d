"""What notebook 03 says of its results, in sentences whose numbers come from the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from reecho import methods, metrics, titles
from reecho.evaluation.reconstruction import best_code
from reecho.methods import Method
from reecho.results import Row, by_method

_ORIGINAL_CEILING = 13.9  # dB, PSNR of the best output of a sigmoid for targets in [-0.5, 0.5], drawn in the right scale
_MUCH, _NOTHING = 1.0, 0.005  # dB from which a gain is not called small, and below which it is not seen in two digits
_BITS = 1 / np.log(2)  # of a nat


def grey_levels(psnr_db: float) -> float:
    """The error of a pixel value that belongs to a PSNR, in steps of 255.

    Example:
        >>> round(grey_levels(20.0), 1)
        25.5
    """
    return 255 * 10 ** (-psnr_db / 20)


def with_interval(row: Row, key: str, digits: int = 2) -> str:
    """A signed difference of a row with its interval, where it has one.

    Example:
        >>> row = Row("denoising", 32, methods.network("denoiser"), 9, {"gain_db": -0.25}, {"gain_db": (-0.3, -0.2)})
        >>> with_interval(row, "gain_db")
        '−0.25 dB [−0.30, −0.20]'
    """
    text = f"{row[key]:+.{digits}f} dB"
    if interval := row.interval(key):
        text += f" [{interval[0]:+.{digits}f}, {interval[1]:+.{digits}f}]"
    return text.replace("-", "−")


def reconstruction_answer(rows: Iterable[Row], coded: Iterable[Method], first: Method) -> str:
    """How much of a face comes back, and whether a network does better than the best linear VAE of the same rate.

    Args:
        rows: of the reconstruction, with gains.
        coded: networks with a rate; where there is none, the answer is about the first network.
        first: the network that is shown first.
    """
    of, coded = by_method(rows), list(coded)
    line = of[methods.LINEAR_VAE.mean]
    if not coded:
        return (
            f'The network "{titles.of(first)}" gives held-out faces back at **{of[first]["psnr_db"]:.2f} dB**. Its code is exact '
            f"numbers without a rate, so it cannot be compared with the best linear VAE at equal rate, which has "
            f"{line['psnr_db']:.2f} dB at {line['rate_nats']:.0f} nats."
        )
    row = of[best_code(coded, of.values()).mean]
    text = (
        f"From a code of {row['rate_nats']:,.0f} nats ({_BITS * row['rate_nats']:,.0f} bits) the network "
        f'"{titles.of(row.method.code)}" gives held-out faces back at **{row["psnr_db"]:.2f} dB**, an error of about '
        f"{grey_levels(row['psnr_db']):.0f} of 255 grey levels. "
    )
    if row.get("gain_db") is None:
        return text + f"The best linear VAE has {line['psnr_db']:.2f} dB at {line['rate_nats']:.0f} nats."
    low, high = row.interval("gain_db") or (row["gain_db"],) * 2
    if abs(row["gain_db"]) < _NOTHING:
        verdict = "It is as good as"
    elif low <= 0 <= high:
        verdict = "It cannot be told apart from"
    elif high < 0:
        verdict = "It is worse than"
    else:
        verdict = "It is better than" if row["gain_db"] >= _MUCH else "It is slightly better than"
    text += f"{verdict} the best linear VAE of the same rate: {with_interval(row, 'gain_db')} on the same pictures."
    more = max((of[method.mean] for method in coded), key=lambda row: row["psnr_db"])
    if more.method != row.method:
        text += f' With {more["rate_nats"]:,.0f} nats the network "{titles.of(more.method.code)}" reaches {more["psnr_db"]:.2f} dB.'
    return text


def reconstruction_finding(rows: Iterable[Row], first: Method, assumed: float | None = None) -> str:
    """What the first network reaches, what a draw of z costs, and what the original could not pass.

    Args:
        rows: of the reconstruction.
        first: the network that is shown first; one without noise on its code has a single number.
        assumed: the error σ that its loss assumes, intensity; None where it assumes none.
    """
    of = by_method(rows)
    ceiling = (
        f"The original could not reach more than {_ORIGINAL_CEILING} dB on LFW at 32×32, by its mean squared error. Its targets "
        "lay in [−0.5, 0.5], and its sigmoid gives no value below 0."
    )
    if first.mean not in of:
        return f'The network "{titles.of(first)}" reaches {of[first]["psnr_db"]:.2f} dB. {ceiling}'
    mean, draw = of[first.mean], of[first.draw]
    return (
        f'The network "{titles.of(first)}" reaches {mean["psnr_db"]:.2f} dB with {mean["rate_nats"]:.0f} nats where the mean of '
        f"z is decoded. A draw of z has {draw['psnr_db']:.2f} dB, {mean['psnr_db'] - draw['psnr_db']:.2f} dB less, because of "
        f"the noise on the code. {_beside_sigma(mean, draw, assumed)}{ceiling}"
    )


def _beside_sigma(mean: Row, draw: Row, assumed: float | None) -> str:
    """The errors of a draw and of the mean of z on test people, in grey levels, beside the σ that the loss assumes."""
    of_draw, of_mean = (grey_levels(row["psnr_db"]) for row in (draw, mean))
    text = f"That is an error of {of_draw:.1f} of 255 grey levels for a draw and of {of_mean:.1f} for the mean. "
    if assumed is None:
        return text
    return (
        f"{text}The loss assumes {255 * assumed:.1f} (σ = {assumed:.3f}): {255 * assumed / of_draw:.1f} times the error of a draw "
        f"and {255 * assumed / of_mean:.1f} times that of the mean. "
    )


def gains_in_words(rows: Iterable[Row], networks: Iterable[Method], curve: Sequence[Mapping[str, Any]]) -> str:
    """Whether networks learn what PCA cannot, at equal rate: how many of those that can be compared are better.

    Args:
        rows: of the reconstruction, with gains.
        networks: those with a rate.
        curve: from `baselines.rate_curve`.
    """
    of = by_method(rows)
    draws = [of[method.draw] for method in networks]
    compared = [row for row in draws if row.get("gain_db") is not None]
    if not compared:
        return "No network here has a rate that the linear curve covers, so none is compared with PCA at equal rate."
    most = max(compared, key=lambda row: row["gain_db"])
    better = sum((row.interval("gain_db") or (row["gain_db"],))[0] > 0 for row in compared)
    text = "The document says: “Encoder can learn non-linear relationship unlike PCA”. Measured at equal rate and by a draw of z, "
    if len(compared) == 1:
        text += f"the one network that is compared is {'' if better else 'not '}better than the best linear VAE: "
    else:
        text += (
            f"{better} of {len(compared)} networks are better than the best linear VAE (the whole interval of the difference lies "
            "above 0). The largest difference is "
        )
    text += f'{with_interval(most, "gain_db")}, by "{titles.of(most.method.code)}".'
    end = max(point["rate_nats"] for point in curve)
    for row in draws:
        if row.get("gain_db") is None:
            text += (
                f' "{titles.of(row.method.code)}" with {row["rate_nats"]:,.0f} nats is not compared: the curve of linear VAEs '
                f"covers rates up to {end:,.0f} nats."
            )
    return text


def active_in_words(
    rows: Iterable[Row], method: Method, rate: np.ndarray, active: np.ndarray, others: Iterable[Method] = ()
) -> str:
    """How many axes of a code carry information, what the others cost, and how many are active in other codes.

    Args:
        rows: with active_axes.
        method: whose code.
        rate: float (k,), nats of each of its axes, averaged over faces.
        active: bool (k,), which of them are active.
        others: codes to compare it with; those without a row are left out.
    """
    of = by_method(rows)
    row = of[method.mean]
    text = f'Of the {len(active):,} axes of "{titles.of(method)}" **{active.sum():,} are active**. '
    if not active.all():
        text += (
            f"The mean of the other {(~active).sum():,} hardly changes from face to face, so they say almost nothing. They cost "
            f"{_nats(float(rate[~active].sum()))} of its {row['rate_nats']:,.0f} nats. "
        )
    counts = [
        f"{_of_table(code)} has {of[code.mean]['active_axes']:,.0f}"
        for code in dict.fromkeys(others)
        if code != method and code.mean in of and of[code.mean].get("active_axes") is not None
    ]
    return text + (f"For comparison: {', '.join(counts)}." if counts else "")


def _of_table(code: Method) -> str:
    return "the linear VAE of the first table" if code == methods.LINEAR_VAE else f'"{titles.of(code)}"'


def _nats(value: float) -> str:
    """Nats with one digit where they are few."""
    return "less than 0.1" if value < 0.1 else f"{value:,.1f}" if value < 10 else f"{value:,.0f}"


def order_by_ssim_in_words(rows: Iterable[Row], method: Method) -> str:
    """That SSIM puts a network below the linear VAE where PSNR puts it above, by the table's rows; "" where it does not.

    Args:
        rows: of the reconstruction.
        method: the network.
    """
    of = by_method(rows)
    network, line = of[method.mean], of[methods.LINEAR_VAE.mean]
    if network.get("ssim") is None or line.get("ssim") is None:
        return ""
    if method == methods.LINEAR_VAE or network["psnr_db"] <= line["psnr_db"] or f"{network['ssim']:.3f}" >= f"{line['ssim']:.3f}":
        return ""
    return (
        f'SSIM does so here: "{titles.of(method)}" has the higher PSNR ({network["psnr_db"]:.2f} against {line["psnr_db"]:.2f} dB '
        f"of the linear VAE of the first table), but the lower SSIM ({network['ssim']:.3f} against {line['ssim']:.3f})."
    )


def intervals_in_words(scores: np.ndarray, people: np.ndarray) -> str:
    """How much wider an interval over people is than one over single pictures, for the PSNR of the best linear VAE.

    Args:
        scores: PSNR of each picture, dB, float (n,).
        people: (n,), whom each picture shows.
    """
    widths = [float(np.subtract(*metrics.bootstrap_interval(scores, of)[::-1])) for of in (people, np.arange(len(scores)))]
    text = f"By drawing people, the interval of the linear VAE's PSNR (mean of z) is {widths[0]:.3f} dB wide."
    if widths[1] <= 0 or len(np.unique(people)) == len(people):
        return text
    text += f" By drawing single pictures it would be {widths[1]:.3f} dB wide."
    factor = widths[0] / widths[1]
    if factor < 1.05:
        return f"{text} The difference is small here."
    return f"{text} That is too narrow by a factor of {factor:.1f}, because pictures of one person resemble each other."


def random_start_in_words(rows: Iterable[Row], epochs: int) -> str:
    """What the linear start of a network is worth that was also trained from random weights."""
    of = by_method(rows)
    random = next(row for row in of.values() if row.method.setting("initialisation") == "random" and row.method.estimate != "draw")
    linear = of.get(random.method.without("initialisation"))
    rate = f" at {random['rate_nats']:.0f} nats" if random.get("rate_nats") else ""
    text = f"Started from random weights, the network reaches {random['psnr_db']:.2f} dB{rate} after {epochs} epochs"
    if linear is None:
        return text + "."
    text += f", {linear['psnr_db'] - random['psnr_db']:.2f} dB less than from the linear start."
    if random.get("active_axes") is None or linear.get("active_axes") is None:
        return text
    return (
        f"{text} Its rate lies on {random['active_axes']:,.0f} active axes, that of the network with the linear start on "
        f"{linear['active_axes']:,.0f}. A likely reason for the lower quality: the linear start gives the rate to the axes on "
        "which faces differ most, and training from random weights has not learnt this division."
    )


def worst_in_words(scores: np.ndarray) -> str:
    """What the lowest PSNR of many pictures means, beside their mean.

    Args:
        scores: PSNR of each picture, dB, float (n,).
    """
    lowest, mean = float(scores.min()), float(scores.mean())
    return (
        f"The lowest PSNR of {len(scores):,} held-out pictures is {lowest:.1f} dB, an error of about {grey_levels(lowest):.0f} "
        f"of 255 grey levels; the mean is {mean:.1f} dB, about {grey_levels(mean):.0f} grey levels."
    )

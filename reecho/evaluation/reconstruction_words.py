"""What notebook 03 says of its results, in sentences whose numbers come from the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from reecho import methods, titles
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
    same = round(row["psnr_db"], 2) - round(row["gain_db"], 2)
    low, high = row.interval("gain_db") or (row["gain_db"],) * 2
    if abs(row["gain_db"]) < _NOTHING:
        verdict = "It is as good as"
    elif low <= 0 <= high:
        verdict = "It cannot be told apart from"
    elif high < 0:
        verdict = "It is worse than"
    else:
        verdict = "It is better than" if row["gain_db"] >= _MUCH else "It is slightly better than"
    text += (
        f"{verdict} the best linear VAE, which at the same rate has {same:.2f} dB ({with_interval(row, 'gain_db')} on the same "
        f"pictures) and in the table, at {line['rate_nats']:.0f} nats, {line['psnr_db']:.2f} dB."
    )
    more = max((of[method.mean] for method in coded), key=lambda row: row["psnr_db"])
    if more.method != row.method:
        text += f' With {more["rate_nats"]:,.0f} nats the network "{titles.of(more.method.code)}" reaches {more["psnr_db"]:.2f} dB.'
    return text


def reconstruction_finding(rows: Iterable[Row], first: Method) -> str:
    """What the first network reaches, what a draw of z costs, and what the original could not pass.

    Args:
        rows: of the reconstruction.
        first: the network that is shown first; one without noise on its code has a single number.
    """
    of = by_method(rows)
    ceiling = (
        f"On LFW at 32×32 the mean error of the original could not fall below that of {_ORIGINAL_CEILING} dB: its targets lay in "
        "[−0.5, 0.5], and its sigmoid gives no value below 0."
    )
    if first.mean not in of:
        return f'The network "{titles.of(first)}" reaches {of[first]["psnr_db"]:.2f} dB. {ceiling}'
    mean, draw = of[first.mean], of[first.draw]
    return (
        f'The network "{titles.of(first)}" reaches {mean["psnr_db"]:.2f} dB with {mean["rate_nats"]:.0f} nats where the mean of '
        f"z is decoded. A draw of z has {draw['psnr_db']:.2f} dB, {mean['psnr_db'] - draw['psnr_db']:.2f} dB less, because of "
        f"the noise on the code. {ceiling}"
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


def active_in_words(rows: Iterable[Row], method: Method, axes: int) -> str:
    """How many axes of a code carry information.

    Args:
        rows: with active_axes.
        method: whose code.
        axes: of it.
    """
    row = by_method(rows)[method.mean]
    active = int(row["active_axes"])
    return (
        f'Of the {axes:,} axes of "{titles.of(method)}" **{active:,} are active**; they share its {row["rate_nats"]:,.0f} nats. '
        f"The other {axes - active:,} are inactive: the encoder gives them the prior's distribution for every face, so they cost "
        "no rate and carry no information."
    )


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

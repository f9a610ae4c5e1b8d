"""What the notebooks of denoising and colourisation say of their results, in sentences whose numbers come from the rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from reecho import methods, metrics
from reecho.evaluation.colourisation import LESS, Draws
from reecho.evaluation.denoising import is_blind
from reecho.evaluation.held_out import HeldOut
from reecho.evaluation.phrases import LOST, best_row, of_all
from reecho.methods import Method
from reecho.report.tables import signed
from reecho.results import ABOVE, Row, by_method

_REFERENCE = methods.network("reference")
_DULL = 95  # % of the true colourfulness, below which colours are called dull
_LEARNT_FROM_FACES = (methods.LMMSE.name, "pca")  # of the methods without a network that denoise


def denoising_finding(rows: Iterable[Row], sigma: float) -> str:
    """What the denoising found: the best network against the noisy input and LMMSE.

    The best simple method is the best one without a network; the difference is a mean over the same pictures.

    Args:
        rows: of the denoising.
        sigma: standard deviation of the noise, intensity.
    """
    rows = list(rows)
    noisy = by_method(rows)[methods.NOISY]
    best = best_row(rows, "psnr_db", network=True)
    simple = best_row(rows, "psnr_db", network=False)
    return (
        f"Under noise of σ = {sigma:g}, that is {255 * sigma:.0f} of 255 grey levels, held-out faces have {noisy['psnr_db']:.2f} "
        f'dB. The network "{best.title}" raises them to **{best["psnr_db"]:.2f} dB**, the best method without a network '
        f"({simple.title}) to {simple['psnr_db']:.2f} dB. {_above(best)}{_although_blind(best)}"
    )


def _although_blind(row: Row) -> str:
    """That a blind network is the only one of the two that is not given σ."""
    return " It has to estimate σ from the picture; the other method is given it." if is_blind(row.method) else ""


def _above(row: Row) -> str:
    """How far a network is above the best simple method on the same pictures; "" where this was not measured."""
    difference = row.get(ABOVE)
    if difference is None:
        return ""
    interval = row.interval(ABOVE)
    if interval and interval[0] <= 0 <= interval[1]:
        bounds = f"95 % interval {signed(interval[0])} to {signed(interval[1])}"
        return f"The difference between the two on the same pictures, {signed(difference)} dB ({bounds}), may be chance."
    near, far = sorted(map(abs, interval)) if interval else (0.0, 0.0)
    bounds = f" (95 % interval {near:.2f} to {far:.2f})" if interval else ""
    return f"On the same pictures the network is {'better' if difference > 0 else 'worse'} by {abs(difference):.2f} dB{bounds}."


def pairs_in_words(rows: Iterable[Row], outputs: Mapping[Method, np.ndarray], held_out: HeldOut) -> str:
    """Two neighbours in the ranking whose intervals overlap, and the two best networks, by differences on the same pictures.

    Args:
        rows: of the denoising.
        outputs: method → float32 (n, H, W, 3).
        held_out: what they are measured on.

    Returns:
        A sentence for each of the two pairs that there is; "" where there is none.
    """
    ranked = sorted((row for row in rows if row.method.kind != "input"), key=lambda row: -row["psnr_db"])
    networks = [row for row in ranked if row.method.is_network][:2]
    pairs = [pair for pair in itertools.pairwise(ranked) if list(pair) != networks and _overlap(*pair)]
    compared = [(better, worse, *_paired(better, worse, outputs, held_out)) for better, worse in pairs]
    clear = sorted(compared, key=lambda pair: pair[-1][0] <= 0)[:1]  # the first one whose difference is clear, else the first
    parts = []
    for better, worse, difference, interval in clear:
        means = " and ".join(f'"{row.title}" ({row["psnr_db"]:.2f} {_bounds(row.interval("psnr_db"))})' for row in (better, worse))
        verdict = ", which may be chance." if interval[0] <= 0 else f': "{better.title}" is better.'
        parts.append(
            f"The intervals of {means} overlap. That alone does not make the two equal. Their difference on the same pictures is "
            f"{signed(difference)} dB {_bounds(interval, signed)}{verdict}"
        )
    if len(networks) == 2:
        difference, interval = _paired(networks[0], networks[1], outputs, held_out)
        chance = ", which may be chance" if interval[0] <= 0 else ""
        better, worse = networks
        parts.append(
            f'The best network, "{better.title}", is above the second one, "{worse.title}", by {difference:.2f} dB '
            f"{_bounds(interval, signed)} on the same pictures{chance}."
        )
    return " ".join(parts)


def _overlap(first: Row, second: Row) -> bool:
    """Whether the intervals of two PSNRs overlap."""
    bounds, further = first.interval("psnr_db"), second.interval("psnr_db")
    return bounds is not None and further is not None and bounds[0] <= further[1] and further[0] <= bounds[1]


def _paired(first: Row, second: Row, outputs: Mapping[Method, np.ndarray], held_out: HeldOut) -> tuple[float, tuple[float, float]]:
    """The mean PSNR of one method less that of another on the same pictures, dB, and its 95 % interval."""
    of_first, of_second = (metrics.psnr(outputs[row.method], held_out.targets) for row in (first, second))
    return metrics.paired(of_first - of_second, held_out.people)


def _bounds(interval: tuple[float, float] | None, text: Callable[[float], str] = "{:.2f}".format) -> str:
    """An interval as the tables write it."""
    return f"[{text(interval[0])}, {text(interval[1])}]" if interval else ""


def gains_over_noise_in_words(rows: Iterable[Row]) -> str:
    """What the best network, LMMSE and the best method that has seen no faces gain over the noisy input, and what that says.

    Args:
        rows: of the denoising.
    """
    rows = list(rows)
    of = by_method(rows)
    noisy, linear, best = of[methods.NOISY]["psnr_db"], of[methods.LMMSE], best_row(rows, "psnr_db", network=True)
    unlearnt = [row for row in rows if row.method.kind == "baseline" and row.method.name not in _LEARNT_FROM_FACES]
    parts = [f"LMMSE, the best linear estimate, {signed(linear['psnr_db'] - noisy)} dB"]
    if unlearnt:
        free = max(unlearnt, key=lambda row: row["psnr_db"])
        parts.append(f"{free.title}, the best method that has seen no faces, {signed(free['psnr_db'] - noisy)} dB")
    parts.append(f'the network "{best.title}" {signed(best["psnr_db"] - noisy)} dB')
    simple = best_row(rows, "psnr_db", network=False)["psnr_db"]
    added = best["psnr_db"] - simple
    if added <= 0:
        verdict = "So the network adds nothing to what can be done without one."
    elif added < simple - noisy:
        verdict = f"So most of the gain needs no network; the network adds {added:.2f} dB."
    else:
        verdict = f"So most of the gain, {added:.2f} dB, is what the network adds."
    return f"The gains over the noisy input: {'; '.join(parts)}. {verdict}"


def bottleneck_in_words(rows: Iterable[Row]) -> str:
    """Where the reference network, a bottleneck, stands against LMMSE; "" where it is not shown."""
    of = by_method(rows)
    if _REFERENCE not in of:
        return ""
    ours, linear = of[_REFERENCE], of[methods.LMMSE]
    gap = ours["psnr_db"] - linear["psnr_db"]
    code = f", which must pass each face through a code of {ours['rate_nats']:.0f} nats," if ours.get("rate_nats") else ""
    because = f": {LOST}" if gap < 0 and code else ""
    text = (
        f"The reference network{code} reaches {ours['psnr_db']:.2f} dB, {abs(gap):.2f} dB {'less' if gap < 0 else 'more'} than "
        f"LMMSE{because}. The document concluded that autoencoders remove noise badly."
    )
    past = [row for row in of.values() if row.method.is_network and row.method != _REFERENCE]
    better = sum(row["psnr_db"] > linear["psnr_db"] for row in past)
    if not past:
        return text
    if len(past) == 1:
        return f'{text} The input of the network "{past[0].title}" also reaches the output by a way without a code: it is ' + (
            "better than LMMSE." if better else "not better than LMMSE."
        )
    return (
        f"{text} Of the networks whose input also reaches the output by a way without a code, {of_all(better, len(past))} "
        f"{'is' if better == 1 else 'are'} better than LMMSE."
    )


def colourisation_finding(rows: Iterable[Row], true_colourfulness: float) -> str:
    """What the colourisation found: the best network against the best method without a network.

    Args:
        rows: of the colourisation.
        true_colourfulness: mean colourfulness of the true pictures.
    """
    rows = list(rows)
    best, simple = (best_row(rows, "delta_e00", network) for network in (True, False))
    weaker = "weaker" if best["colourfulness"] < true_colourfulness else "stronger"
    return (
        f'The network "{best.title}" colours held-out faces with a mean error of **ΔE00 {best["delta_e00"]:.2f}**, the best method '
        f"without a network ({simple.title}) with {simple['delta_e00']:.2f}{_less(best)}. Its colours are {weaker} than the true "
        f"ones: a colourfulness of {best['colourfulness']:.1f} where the true pictures have {true_colourfulness:.1f}."
    )


def _less(row: Row) -> str:
    """How far a network's ΔE00 is from that of the best simple method on the same pictures; "" where this was not measured."""
    interval = row.interval(LESS)
    if interval is None:
        return ""
    bounds = f"{signed(interval[0])} to {signed(interval[1])}"
    chance = ", which may be chance" if interval[0] <= 0 <= interval[1] else ""
    return f" (on the same pictures {signed(row[LESS])}, 95 % interval {bounds}{chance})"


def colour_steps_in_words(rows: Iterable[Row], true_colourfulness: float, many: Draws | None = None) -> str:
    """What colours need: how far grey, the mean colours and the brightness come, and when dull colours are best.

    Args:
        rows: of the colourisation.
        true_colourfulness: mean colourfulness of the true pictures.
        many: one answer and several, where a network gives several.
    """
    rows = list(rows)
    of = by_method(rows)
    grey, mean, best = of[methods.GREY], of[methods.MEAN_CHROMA], best_row(rows, "delta_e00", network=True)
    errors = [row["delta_e00"] for row in (grey, mean, best)]
    text = (
        f"Grey pictures have an error of ΔE00 {errors[0]:.2f}. The mean colour of each pixel, the same for all faces, has "
        f'{errors[1]:.2f}; the network "{best.title}", which sees the brightness of the whole face, {errors[2]:.2f}.'
    )
    if errors[2] < errors[1] < errors[0]:
        share = 100 * (errors[0] - errors[1]) / (errors[0] - errors[2])
        text += (
            f" So {share:.0f} % of what it gains over grey is colour that all faces share; the rest follows from the brightness."
        )
    vivid = 100 * best["colourfulness"] / true_colourfulness
    if vivid < _DULL:
        text += (
            f" Its colours have {vivid:.0f} % of the true colourfulness: where brightness leaves several colours possible, their "
            "dull average is the best single answer."
        )
    if many and many.rows[2]["error"] < many.rows[0]["error"]:
        single, _, several = many.rows
        text += (
            f" Where several answers may be given, dull ones are not best: the {several['what']} of the colour VAE has an error of "
            f"{several['error']:.2f}, its single answer {single['error']:.2f}."
        )
    return text


def places_in_words(rows: Iterable[Row]) -> str:
    """Where colours can be inferred, inside the face or around it, for the best network."""
    best = best_row(rows, "delta_e00", network=True)
    face, around = best["psnr_face_db"], best["psnr_background_db"]
    side = "inside the face than around it" if face > around else "around the face than inside it"
    return (
        f'The colours of the network "{best.title}" are more accurate {side}: {face:.2f} dB inside, {around:.2f} dB around. Two '
        "colours that lie side by side are told apart from a ΔE00 of about 2."
    )


def draws_in_words(many: Draws) -> str:
    """When one answer with dull colours is best, and when several draws are."""
    single, one, best = many.rows
    nearer = "nearer to" if best["error"] < single["error"] else "no nearer to"
    farther = "farther from" if one["error"] > single["error"] else "no farther from"
    return (
        f"A single draw is {farther} the true colours than the one answer (ΔE00 {one['error']:.2f} against "
        f"{single['error']:.2f}). The {best['what']} is {nearer} them ({best['error']:.2f})."
    )


def given_luma_in_words(rows: Iterable[Row]) -> str:
    """What it is worth to keep the luma that was given, for the reference network; "" where it is not shown."""
    of = by_method(rows)
    if _REFERENCE not in of:
        return ""
    drawn, given = of[_REFERENCE], of[_REFERENCE.varied(luma="given")]
    return (
        f"The document's network predicts the whole picture anew and reaches {drawn['psnr_db']:.2f} dB and ΔE00 "
        f"{drawn['delta_e00']:.2f}. With the given luma in place of its own it has {given['psnr_db']:.2f} dB and ΔE00 "
        f"{given['delta_e00']:.2f}. The difference is its error of brightness, although the brightness was given."
    )

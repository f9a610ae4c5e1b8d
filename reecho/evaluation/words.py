"""What the notebooks that evaluate say of their results, in sentences whose numbers come from the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reecho import methods, titles
from reecho.evaluation.colourisation import LESS, Draws
from reecho.evaluation.denoising import is_blind
from reecho.evaluation.new_faces import COOL, KIDS, Nearness, mix_of
from reecho.evaluation.phrases import LOST, best_row, of_all, signed
from reecho.methods import Method
from reecho.results import ABOVE, Row, by_method

_SPACES = {"kid_hog": "gradients", "kid_random_conv": "random convolution", "kid_pca64": "64 components"}
_REFERENCE = methods.network("reference")


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


def bottleneck_in_words(rows: Iterable[Row]) -> str:
    """Where the reference network, a bottleneck, stands against LMMSE, or that it is not shown."""
    of = by_method(rows)
    if _REFERENCE not in of:
        return "The reference network is not shown in this run."
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
    """What it is worth to keep the luma that was given, for the reference network, or that it is not shown."""
    of = by_method(rows)
    if _REFERENCE not in of:
        return "The reference network is not shown in this run."
    drawn, given = of[_REFERENCE], of[_REFERENCE.varied(luma="given")]
    return (
        f"The document's network predicts the whole picture anew and reaches {drawn['psnr_db']:.2f} dB and ΔE00 "
        f"{drawn['delta_e00']:.2f}. With the given luma in place of its own it has {given['psnr_db']:.2f} dB and ΔE00 "
        f"{given['delta_e00']:.2f}. The difference is its error of brightness, although the brightness was given."
    )


def mixes_finding(rows: Iterable[Row], network: Method, real_contrast: float) -> str:
    """What mixes of codes found: the variance-keeping mix and samples of nobody against the document's sum.

    Args:
        rows: of new faces.
        network: whose codes were mixed.
        real_contrast: mean contrast of real faces.
    """
    of = by_method(rows)
    total, middle, mix = (of[mix_of(network, way, "draw")] for way in ("sum", "average", "variance_keeping"))
    prior = of[network.varied(faces="prior")]
    nearer = sum(mix[key] < total[key] for key in KIDS)
    strong = "too much" if total["contrast"] > real_contrast else "too little"
    return (
        f"The document's sum of two codes is longer than codes of faces; its faces have {strong} contrast: "
        f"{total['contrast']:.3f}, real faces {real_contrast:.3f}. The mean of the two is shorter: {middle['contrast']:.3f}. "
        f"A variance-keeping mix keeps the length, has {mix['contrast']:.3f} and is nearer to real faces than the sum in "
        f"**{of_all(nearer, len(KIDS))} measures of distance** (KID of gradients "
        f"{_kid(mix, 'kid_hog')} against {_kid(total, 'kid_hog')}; real faces: about 0). Codes drawn from N(0, I) also give faces "
        f"of nobody, with a KID of gradients of {_kid(prior, 'kid_hog')}."
    )


def further_mixes_in_words(rows: Iterable[Row], network: Method) -> str:
    """What mixing means in place of draws does, and where the mean of two real faces' pixels stands."""
    of = by_method(rows)
    mix, smooth = (of[mix_of(network, "variance_keeping", estimate)] for estimate in ("draw", "mean"))
    pixels = of[methods.PIXEL_MEAN]
    change = "raises" if smooth["kid_hog"] > mix["kid_hog"] else "lowers"
    return (
        f"Mixing the means of z in place of draws {change} the KID of gradients from {_kid(mix, 'kid_hog')} to "
        f"{_kid(smooth, 'kid_hog')}. The mean of two real faces' pixels has KIDs of "
        f"{', '.join(f'{_kid(pixels, key)} ({name})' for key, name in _SPACES.items())}."
    )


def samples_in_words(rows: Sequence[Row], network: Method, near: Nearness) -> str:
    """What samples of nobody's codes found: prior against fitted densities, noise, temperature, and nearness to train pictures."""
    of = by_method(rows)
    prior, mixture, still, cool = (
        of[network.varied(faces=faces)] for faces in ("prior", "mixture", "mixture_without_noise", "mixture_cool")
    )
    densities = [prior, of[network.varied(faces="gaussian")], mixture]
    best = min(densities, key=lambda row: row["kid_hog"])
    interval = prior.interval("kid_hog")
    text = f"Samples of the prior have a KID of gradients × 1000 of {prior['kid_hog']:.0f}"
    if best is prior:
        text += ", the lowest of the three densities. "
    else:
        text += f"; {titles.of_new_faces(best.method)} have the lowest of the three densities, {best['kid_hog']:.0f}"
        text += f", {'inside' if interval[0] < best['kid_hog'] else 'outside'} the prior's 95 % interval. " if interval else ". "
    return text + (
        f"The mixture has {still['kid_hog']:.0f} without the posterior's noise and {mixture['kid_hog']:.0f} with it. At "
        f"temperature {COOL:g} its precision is {cool['hog_precision']:.2f} in place of {mixture['hog_precision']:.2f}, and its "
        f"recall {cool['hog_recall']:.3f} in place of {mixture['hog_recall']:.3f}. {near.share[prior.method]:.1f} % of the prior's "
        f"samples lie nearer to a train picture than {near.limit:.3f}; of real held-out faces 1 % do."
    )


def sharpness_in_words(rows: Iterable[Row], reference: Method, network: Method) -> str:
    """How soft samples and reconstructions are, as a figure's caption.

    Args:
        rows: of new faces.
        reference: the network whose samples of N(0, I) are shown.
        network: the one whose codes the learnt prior learns.
    """
    of = by_method(rows)
    drawn, learnt = of[mix_of(network, "reconstruction", "draw")], of[network.varied(faces="learnt")]
    prior = of[reference.varied(faces="prior")]
    return (
        "Power of the luma by its fineness, against real faces of other people. By the power at 12 to 15 cycles, "
        f"{titles.of(prior.method)} are as soft as real faces under a blur of {prior['blur_px']:.2f} pixels, "
        f"{titles.of(drawn.method)}, {drawn['blur_px']:.2f}, samples of the learnt prior {learnt['blur_px']:.2f}."
    )


def learnt_in_words(rows: Sequence[Row], network: Method, near: Nearness) -> str:
    """What the learnt prior found: its samples against those of the mixture fitted to the same codes, and the mix through it.

    Args:
        rows: of new faces.
        network: whose codes it learnt.
        near: how near the sets lie to train pictures.
    """
    of = by_method(rows)
    learnt, mixture, drawn = (
        of[network.varied(faces="learnt")], of[network.varied(faces="mixture")], of[mix_of(network, "reconstruction", "draw")]
    )  # fmt: skip
    turned, through = of[mix_of(network, "variance_keeping", "draw")], of[mix_of(network, "through_prior", "draw")]
    return (
        f"{_against_the_mixture(learnt, mixture)} ({_compared(learnt, mixture)}). Both are made of codes of the network "
        f'"{titles.of(network)}"; what its decoder can draw is shown by reconstructions of held-out people, which have '
        f"{', '.join(_kid(drawn, key) for key in _SPACES)}. The recall of the learnt prior's samples is "
        f"{learnt['hog_recall']:.3f} against {mixture['hog_recall']:.3f}. The samples are as soft as real faces under a blur of "
        f"{learnt['blur_px']:.2f} pixels, reconstructions {drawn['blur_px']:.2f}. {near.share[learnt.method]:.1f} % of them lie "
        f"nearer to a train picture than {near.limit:.3f}; of real held-out faces 1 % do. Mixed through the prior, two people give "
        f"a KID of gradients of {_kid(through, 'kid_hog')}, mixed as codes {_kid(turned, 'kid_hog')}."
    )


def _against_the_mixture(learnt: Row, mixture: Row) -> str:
    """Whether the learnt prior beats the mixture, in how many spaces, and where the intervals do not overlap."""
    nearer = [key for key in KIDS if learnt[key] < mixture[key]]
    sure = [key for key in KIDS if _apart(learnt.interval(key), mixture.interval(key))]
    where = f"in **{of_all(len(nearer), len(KIDS))} measures of distance**"
    if len(nearer) == len(KIDS) and set(nearer) & set(sure):
        return f"Samples of the learnt prior are nearer to real faces than those of the mixture {where}"
    if not nearer and sure:
        return f"The learnt prior is worse than the mixture: its samples are nearer to real faces {where}"
    if len(nearer) == len(KIDS):
        return f"Samples of the learnt prior are nearer to real faces than those of the mixture {where}, but the intervals overlap"
    return f"The learnt prior does not beat the mixture: its samples are nearer to real faces {where}"


def _apart(first: tuple[float, float] | None, second: tuple[float, float] | None) -> bool:
    """Whether there are two intervals, and they do not overlap."""
    return first is not None and second is not None and (first[1] < second[0] or second[1] < first[0])


def _compared(first: Row, second: Row) -> str:
    return "KID × 1000: " + ", ".join(f"{name} {_kid(first, key)} against {_kid(second, key)}" for key, name in _SPACES.items())


def _kid(row: Row, key: str) -> str:
    return f"{row[key]:,.1f}" if key == "kid_pca64" else f"{row[key]:,.0f}"

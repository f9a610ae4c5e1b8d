"""What the notebook of new faces says of its results, in sentences whose numbers come from the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reecho import methods, titles
from reecho.evaluation.new_faces import COOL, KIDS, Nearness, mix_of
from reecho.evaluation.phrases import listed, of_all
from reecho.evaluation.texture import textured_of
from reecho.methods import Method
from reecho.report.tables import number
from reecho.results import Row, by_method

_ALIKE = 0.05  # difference of norms, as a share, that is not called longer or shorter
_SPACES = {"kid_hog": "gradients", "kid_random_conv": "random convolution", "kid_pca64": "64 components"}


def mixes_finding(norms: Iterable[Mapping[str, Any]], rows: Iterable[Row], network: Method, real_contrast: float) -> str:
    """What mixes of codes found: the variance-keeping mix and samples of nobody against the document's sum.

    Args:
        norms: of `mixed_norms`, with those of the sum, the mean and the variance-keeping mix of draws.
        rows: of new faces.
        network: whose codes were mixed.
        real_contrast: mean contrast of real faces.
    """
    of = by_method(rows)
    total, middle, mix = (of[mix_of(network, way, "draw")] for way in ("sum", "average", "variance_keeping"))
    prior = of[network.varied(faces="prior")]
    strong = "too much" if total["contrast"] > real_contrast else "too little"
    of_mix = {line["mix"]: line["norm"] for line in norms}
    longs, shorts, keeps = (_length(of_mix[titles.of_new_faces(row.method)]) for row in (total, middle, mix))
    return (
        f"The document's sum of two codes is {longs}; its faces have {strong} contrast: "
        f"{total['contrast']:.3f}, real faces {real_contrast:.3f}. The mean of the two is {shorts}; its faces "
        f"have a contrast of {middle['contrast']:.3f}. A variance-keeping mix is {keeps} and has a contrast of "
        f"{mix['contrast']:.3f}. {_mix_against_sum(mix, total)} Codes drawn from N(0, I) also give faces of nobody, with a KID of "
        f"gradients of {_kid(prior, 'kid_hog')}."
    )


def _length(norm: float) -> str:
    """How long mixed codes are, from their mean norm, that of codes of faces being 1."""
    compared = "longer than" if norm > 1 + _ALIKE else "shorter than" if norm < 1 - _ALIKE else "about as long as"
    return f"{compared} codes of faces ({norm:.2f} times their norm)"


def _mix_against_sum(mix: Row, total: Row) -> str:
    """By how many KIDs the mix is nearer to real faces than the sum, and by which it is farther, with the numbers of both."""
    nearer = [key for key in KIDS if mix[key] < total[key]]
    farther = [key for key in KIDS if key not in nearer]
    where = f"by **{of_all(len(nearer), len(KIDS))} measures of distance** (KID × 1000)"
    if not nearer:
        return f"It is nearer to real faces than the sum {where}: {_against(farther, mix, total)}."
    text = f"It is nearer to real faces than the sum {where}: {_against(nearer, mix, total)}"
    return f"{text}; by that of {_against(farther, mix, total)} it is farther." if farther else f"{text}."


def sum_and_mean_in_words(rows: Iterable[Row], network: Method) -> str:
    """Which of sum and mean is nearer to real faces by which KID, and where the mix is farther from them than the sum.

    Args:
        rows: of new faces.
        network: whose codes were mixed.
    """
    of = by_method(rows)
    total, middle, mix = (of[mix_of(network, way, "draw")] for way in ("sum", "average", "variance_keeping"))
    nearer = [key for key in KIDS if middle[key] < total[key]], [key for key in KIDS if middle[key] >= total[key]]
    flat, strong = _against(nearer[0], middle, total), _against(nearer[1], total, middle)
    if flat and strong:
        text = (
            f"The mean is nearer to real faces than the sum by the KID of {flat}; the sum is nearer by the KID of {strong}. So "
            "neither of their faults is the smaller one."
        )
    else:
        nearest, farther = ("mean", "sum") if flat else ("sum", "mean")
        text = f"The {nearest} is nearer to real faces than the {farther} by all KIDs: {flat or strong}."
    worse = [key for key in KIDS if mix[key] > total[key]]
    if worse:
        text += f" The variance-keeping mix is farther from real faces than the sum by the KID of {_against(worse, mix, total)}."
    drawn = of[mix_of(network, "reconstruction", "draw")]
    if "kid_hog" in worse and drawn["kid_hog"] > total["kid_hog"] and drawn["blur_px"] > total["blur_px"]:
        text += (
            f" Reconstructions of real faces are farther as well ({_kid(drawn, 'kid_hog')}): what the network decodes is soft, "
            f"like real faces under a blur of {drawn['blur_px']:.2f} pixels. The stronger contrast of the sum also makes its edges "
            f"stronger, so that it measures as less soft ({total['blur_px']:.2f} pixels)."
        )
    return text


def _against(keys: Sequence[str], first: Row, second: Row) -> str:
    """Some KIDs of two rows: "gradients (84 against 182)"."""
    return listed([f"{_SPACES[key]} ({_kid(first, key)} against {_kid(second, key)})" for key in keys])


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
    text = f"Samples of the prior have a KID of gradients × 1000 of {_kid(prior, 'kid_hog')}"
    if best is prior:
        text += ", the lowest of the three densities. "
    else:
        text += f"; {titles.of_new_faces(best.method)} have the lowest of the three densities, {_kid(best, 'kid_hog')}"
        text += f", {'inside' if interval[0] < best['kid_hog'] else 'outside'} the prior's 95 % interval. " if interval else ". "
    return text + (
        f"The mixture has {_kid(still, 'kid_hog')} without the posterior's noise and {_kid(mixture, 'kid_hog')} with it. At "
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
        "Power of the luma by its fineness, against real faces of other people. By the power at 12 to 15 cycles, samples of "
        f'N(0, I) of the network "{titles.of(reference)}" are as soft as real faces under a blur of {prior["blur_px"]:.2f} pixels. '
        f'Reconstructions of the network "{titles.of(network)}" are as soft as under a blur of {drawn["blur_px"]:.2f} pixels, '
        f"samples of its learnt prior as under one of {learnt['blur_px']:.2f}."
    )


def softness_in_words(rows: Iterable[Row]) -> str:
    """What softness is measured against, and what real faces of other people measure, as a sentence of a table's caption.

    Args:
        rows: of new faces.
    """
    real = by_method(rows)[methods.REAL]["blur_px"]
    text = f"Softness is measured against the same faces; real ones of other people have {real:.2f}"
    return text + (
        ", because two sets of real people differ in fine detail: only what lies clearly above is soft." if round(real, 2) else "."
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
        f'"{titles.of(network)}". Reconstructions of held-out people by the same network have '
        f"{', '.join(_kid(drawn, key) for key in _SPACES)}{_beyond(learnt, drawn)}. The recall of the learnt prior's samples is "
        f"{learnt['hog_recall']:.3f} against {mixture['hog_recall']:.3f}. The samples are as soft as real faces under a blur of "
        f"{learnt['blur_px']:.2f} pixels, reconstructions {drawn['blur_px']:.2f}. {near.share[learnt.method]:.1f} % of them lie "
        f"nearer to a train picture than {near.limit:.3f}; of real held-out faces 1 % do. Mixed through the prior, two people give "
        f"a KID of gradients of {_kid(through, 'kid_hog')}, mixed as codes {_kid(turned, 'kid_hog')}."
    )


def texture_in_words(rows: Iterable[Row], method: Method, near: Nearness) -> str:
    """What texture did to samples: against the same ones without it, and against a Gaussian in pixels.

    Args:
        rows: of new faces.
        method: of the samples without texture.
        near: how near the sets lie to train pictures.
    """
    of = by_method(rows)
    plain, textured = of[method], of[textured_of(method)]
    gaussian = of[methods.baseline("gaussian_pixels")]
    nearer, nearer_than_gaussian = (
        of_all(sum(_is_nearer(textured, compared, key) for key in KIDS), len(KIDS)) for compared in (plain, gaussian)
    )
    return (
        f'With texture, {titles.of_new_faces(method)} of the network "{titles.of(method.without("faces"))}" are nearer to real '
        f"faces by **{nearer} measures of distance** ({_compared(textured, plain)}). Their precision is "
        f"{textured['hog_precision']:.2f} in place of {plain['hog_precision']:.2f}, their recall {textured['hog_recall']:.3f} in "
        f"place of {plain['hog_recall']:.3f}. By {nearer_than_gaussian} measures they are nearer to real faces than samples of a "
        f"Gaussian in pixels. {near.share[textured.method]:.1f} % of them lie nearer to a train picture than {near.limit:.3f}."
    )


def _beyond(samples: Row, drawn: Row) -> str:
    """By which KIDs samples are nearer to real faces than reconstructions of them, by intervals; "" by none."""
    lower = [key for key in KIDS if samples[key] < drawn[key] and _apart(samples.interval(key), drawn.interval(key))]
    if not lower:
        return ""
    names = listed([_SPACES[key] for key in lower])
    return f"; by the KID of {names} the samples are nearer to real faces, so reconstructions are no lower limit for samples"


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
    return f"The learnt prior does not beat the mixture by every measure: its samples are nearer to real faces {where}"


def _apart(first: tuple[float, float] | None, second: tuple[float, float] | None) -> bool:
    """Whether there are two intervals, and they do not overlap."""
    return first is not None and second is not None and (first[1] < second[0] or second[1] < first[0])


def _compared(first: Row, second: Row) -> str:
    return "KID × 1000: " + ", ".join(f"{name} {_kid(first, key)} against {_kid(second, key)}" for key, name in _SPACES.items())


def _is_nearer(first: Row, second: Row, key: str) -> bool:
    """Whether a KID is lower, by as much as a sentence shows of it."""
    return first[key] < second[key] and _kid(first, key) != _kid(second, key)


def _kid(row: Row, key: str) -> str:
    return number(row[key], 1 if key == "kid_pca64" else 0)

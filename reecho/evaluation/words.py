"""What the notebooks that evaluate say of their results, in sentences whose numbers come from the rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reecho import methods, titles
from reecho.evaluation.new_faces import COOL, KIDS, Nearness, mix_of
from reecho.methods import Method
from reecho.results import Row, by_method

_SPACES = {"kid_hog": "gradients", "kid_random_conv": "random convolution", "kid_pca64": "64 components"}
_REFERENCE = methods.network("reference")


def denoising_finding(rows: Iterable[Row], sigma: float) -> str:
    """What the denoising found: the best network against the noisy input and LMMSE."""
    rows = list(rows)
    of = by_method(rows)
    best = max((row for row in rows if row.method.is_network), key=lambda row: row["psnr_db"])
    noisy, linear = of[methods.NOISY], of[methods.LMMSE]
    return (
        f"At σ = {sigma:g} held-out faces rise from {noisy['psnr_db']:.2f} dB to **{best['psnr_db']:.2f} dB** by the network "
        f'"{best.title}" (SSIM {noisy["ssim"]:.3f} to {best["ssim"]:.3f}); LMMSE, one matrix in closed form, reaches '
        f"{linear['psnr_db']:.2f} dB."
    )


def bottleneck_in_words(rows: Iterable[Row]) -> str:
    """Where the reference network, a bottleneck, stands against LMMSE, or that it is not shown."""
    of = by_method(rows)
    if _REFERENCE not in of:
        return "The reference network is not shown in this run."
    ours, linear = of[_REFERENCE], of[methods.LMMSE]
    gap = ours["psnr_db"] - linear["psnr_db"]
    rate = f", which must pass all that it draws through a code of {ours['rate_nats']:.0f} nats," if ours.get("rate_nats") else ""
    return (
        f"The reference network{rate} reaches {ours['psnr_db']:.2f} dB, {abs(gap):.2f} dB "
        f"{'less' if gap < 0 else 'more'} than LMMSE. The original concluded that autoencoders take noise off badly. A bottleneck "
        "does; a network whose input reaches its output by a second way does not."
    )


def colourisation_finding(rows: Iterable[Row], true_colourfulness: float) -> str:
    """What the colourisation found: the best network against ridge regression."""
    rows = list(rows)
    best = min((row for row in rows if row.method.is_network), key=lambda row: row["delta_e00"])
    ridge = by_method(rows)[methods.RIDGE]
    return (
        f'The network "{best.title}" reaches **{best["psnr_db"]:.2f} dB and ΔE00 {best["delta_e00"]:.2f}**; ridge regression, a '
        f"single matrix, {ridge['psnr_db']:.2f} dB and {ridge['delta_e00']:.2f}. Inside the face it has "
        f"{best['psnr_face_db']:.2f} dB, around it {best['psnr_background_db']:.2f}. Its colourfulness is "
        f"{best['colourfulness']:.1f}, the true one {true_colourfulness:.1f}."
    )


def given_luma_in_words(rows: Iterable[Row]) -> str:
    """What it is worth to keep the luma that was given, for the reference network, or that it is not shown."""
    of = by_method(rows)
    if _REFERENCE not in of:
        return "The reference network is not shown in this run."
    drawn, given = of[_REFERENCE], of[_REFERENCE.varied(luma="given")]
    return (
        f"As the document has it, drawing the whole picture anew, the reference network has {drawn['psnr_db']:.2f} dB and ΔE00 "
        f"{drawn['delta_e00']:.2f}; with the given luma kept {given['psnr_db']:.2f} dB and {given['delta_e00']:.2f}. The "
        "difference is an error of brightness, which was given and need not be drawn."
    )


def mixes_finding(rows: Iterable[Row], network: Method, real_contrast: float) -> str:
    """What mixes of codes found: the variance-keeping mix against the document's sum and against the mean of pixels.

    Args:
        rows: of new faces.
        network: whose codes were mixed.
        real_contrast: mean contrast of real faces.
    """
    of = by_method(rows)
    total, mix = of[mix_of(network, "sum", "draw")], of[mix_of(network, "variance_keeping", "draw")]
    smooth, pixels = of[mix_of(network, "variance_keeping", "mean")], of[methods.PIXEL_MEAN]
    nearer = sum(mix[key] < total[key] for key in KIDS)
    compared = ", ".join(f"{name} {_kid(mix, key)} against {_kid(total, key)}" for key, name in _SPACES.items())
    text = (
        f"The document's sum of two codes has a contrast of {total['contrast']:.3f}, the variance-keeping mix "
        f"{mix['contrast']:.3f}, real faces {real_contrast:.3f}. The mix is nearer to real faces than the sum in **{nearer} of "
        f"{len(KIDS)} spaces** (KID × 1000: {compared}); the mean of two real faces' pixels has "
        f"{', '.join(_kid(pixels, key) for key in _SPACES)}."
    )
    change = "raises" if smooth["kid_hog"] > mix["kid_hog"] else "lowers"
    return f"{text} Mixing means of z in place of draws {change} the KID of gradients to {_kid(smooth, 'kid_hog')}."


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
        inside = interval is not None and interval[0] < best["kid_hog"]
        place = "inside" if inside else "outside"
        text += f"; {titles.of_new_faces(best.method)} have the lowest of the three densities, {best['kid_hog']:.0f}"
        text += f", {place} the prior's 95 % interval. " if interval else ". "
    return text + (
        f"The mixture has {still['kid_hog']:.0f} without the posterior's noise and {mixture['kid_hog']:.0f} with it. At "
        f"temperature {COOL:g} the precision is {cool['hog_precision']:.2f} in place of {mixture['hog_precision']:.2f}, and the "
        f"recall {cool['hog_recall']:.3f} in place of {mixture['hog_recall']:.3f}. {near.share[prior.method]:.1f} % of the prior's "
        f"samples lie nearer to a train picture than {near.limit:.3f}, the distance below which 1 % of real held-out faces lie."
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
    nearer = sum(learnt[key] < mixture[key] for key in KIDS)
    compared = ", ".join(f"{name} {_kid(learnt, key)} against {_kid(mixture, key)}" for key, name in _SPACES.items())
    turned, through = of[mix_of(network, "variance_keeping", "draw")], of[mix_of(network, "through_prior", "draw")]
    return (
        f'Samples of the prior that was learnt on the codes of the network "{titles.of(network)}" are nearer to real faces than '
        f"those of the mixture on the same codes in **{nearer} of {len(KIDS)} spaces** (KID × 1000: {compared}; reconstructions of "
        f"held-out people have {', '.join(_kid(drawn, key) for key in _SPACES)}). Their precision is "
        f"{learnt['hog_precision']:.2f} against {mixture['hog_precision']:.2f}, their recall {learnt['hog_recall']:.3f} against "
        f"{mixture['hog_recall']:.3f}. They are as soft as real faces under a blur of {learnt['blur_px']:.2f} pixels, "
        f"reconstructions {drawn['blur_px']:.2f}. {near.share[learnt.method]:.1f} % of them lie nearer to a train picture than "
        f"{near.limit:.3f}, of real held-out faces 1 %. Mixed through the prior, two people give a KID of gradients of "
        f"{_kid(through, 'kid_hog')}, mixed as codes {_kid(turned, 'kid_hog')}."
    )


def _kid(row: Row, key: str) -> str:
    return f"{row[key]:.1f}" if key == "kid_pca64" else f"{row[key]:.0f}"

"""What the networks of a page are, and what they are told, in its words: of those alone that a run shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from reecho import titles
from reecho.evaluation.denoising import is_blind
from reecho.evaluation.phrases import listed
from reecho.methods import SHIPPED, Method

_RESIDUAL = ("denoiser", "blind_denoiser")  # they share the formula

_DENOISERS: Mapping[str, str] = MappingProxyType({
    "reference": "The **reference** network encodes the noisy face. Detail that the code cannot represent is lost: the code is a "
    "**bottleneck**.",
    "blind_denoiser": "The **blind denoiser** is trained on noise of every strength from 0.02 to 0.2. It is not given σ, but "
    "estimates it from the picture with a few convolutions.",
    "small_denoiser": "The **small denoiser** is a U-Net for noise of every strength, without the LMMSE matrix. It is blind: it "
    "estimates σ from the picture.",
    "photo_denoiser": "The **photo denoiser** is a U-Net for pictures of any size, without a code and without the LMMSE matrix. "
    "It is blind: one part estimates σ from the picture, the other one takes that noise off.",
})  # fmt: skip
_FORMULA = r"""the noisy face also reaches the output by a way without a code. The network starts from the LMMSE estimate
$\hat x_0$, the best linear one, which is described below. A residual U-Net learns what that estimate lacks,

$$\hat x = \hat x_0 + \sigma\, f\left(\hat x_0,\ (\hat x_0 - m(\hat x_0)) / \sigma,\ (y - \hat x_0) / \sigma\right),$$

where $m$ averages over 3 × 3 pixels. Finer detail is divided by σ, so that its scale for the network does not shrink with the
noise. The last layer is zero at first, so the network *is* LMMSE before its first step."""

_COLOURISERS: Mapping[str, str] = MappingProxyType({
    "reference": "The **reference** network predicts a whole picture, brightness included, although the brightness is given. A "
    "second row of its results therefore keeps the given luma and takes only the colour differences from the network.",
    "colouriser": "The **colouriser** keeps the luma by construction. The input of a U-Net is the luma, and its output is added "
    "to the mean chroma of train faces. Its last layer is zero at first, so it starts as that baseline. Where a colour would leave "
    "[0, 1], its chroma is reduced towards grey until it fits, so the luma is exact even then. It minimises the logarithm of each "
    "picture's squared error, because the mean PSNR over pictures is the mean of such logarithms.",
    "colour_vae": "The **colour VAE** keeps the luma in the same way and gives many colourings of one face; they follow below.",
})  # fmt: skip
MANY_ANSWERS = """## Many answers instead of one

A tie that is grey here may be red or blue. A network that gives one answer gives the average. The *colour VAE* takes its colours
from a code of 64 axes, 4 for each of 4 × 4 places. In training this code is read from the true colours; in use it is drawn from
N(0, I), and each draw is another colouring of the same face. Look whether skin stays skin while clothes and backgrounds change."""
BEST_OF_MANY = (
    "How good is the best of eight? If the colours vary where the true colours vary, one of eight is nearer to them than a single "
    "average answer. If they vary elsewhere, it is not. The spread is the standard deviation over the eight draws of a pixel's "
    "intensities, inside the face and around it."
)
_COMES_WITH = 'The network "{}" was not trained in this run: it comes with the package, and `reecho apply` uses it.'


def denoisers_in_words(networks: Iterable[Method]) -> str:
    """What each shown denoiser is, with the formula of those that start from LMMSE.

    Args:
        networks: those that a page shows, in order.

    Returns:
        Markdown, a paragraph each.
    """
    shown = list(networks)
    residual = [f"**{titles.of(method)}**" for method in shown if method.name in _RESIDUAL]
    texts = [_DENOISERS[method.name] for method in shown if method.name == "reference"]
    texts += [f"In the {' and the '.join(residual)} {_FORMULA}"] if residual else []
    names = dict.fromkeys(method.name for method in shown if method.name in _DENOISERS and method.name != "reference")
    texts += map(_DENOISERS.__getitem__, names)
    return "\n\n".join([*texts, *_of_the_package(shown)])


def colourisers_in_words(networks: Iterable[Method]) -> str:
    """What each shown colouriser is, a paragraph each, Markdown."""
    shown = list(networks)
    names = dict.fromkeys(method.name for method in shown if method.name in _COLOURISERS)
    return "\n\n".join([*map(_COLOURISERS.__getitem__, names), *_of_the_package(shown)])


def _of_the_package(shown: Sequence[Method]) -> list[str]:
    return [_COMES_WITH.format(titles.of(method)) for method in shown if method.setting("origin") == SHIPPED]


def told_of_noise(networks: Iterable[Method]) -> str:
    """Which methods know σ, which have to estimate it, and which have learnt from faces.

    Args:
        networks: those that are compared.
    """
    names: dict[bool, list[str]] = {True: [], False: []}
    for method in networks:
        names[is_blind(method)].append(f'"{titles.of(method)}"')
    text = "**Who knows the noise?** All methods without a network are given σ, except PCA, which does not use it."
    if names[False]:
        learnt = "was trained for one σ alone" if len(names[False]) == 1 else "were trained for one σ alone each"
        text += f" {listed(names[False])} {learnt}."
    if names[True]:
        alone = len(names[True]) == 1
        text += f" {listed(names[True])} {'is' if alone else 'are'} not told: {'it has' if alone else 'they have'} to estimate σ"
        text += " from each picture, which is harder."
    return (
        f"{text} **Who has seen faces?** LMMSE and PCA have learnt mean and covariance of the train faces, the networks have "
        "learnt from pairs of a clean and a noisy picture. The other methods have seen none."
    )


def prior_network_in_words(shown: Method, own: Method) -> str:
    """Whose codes the learnt prior learns, and with what its gallery can be compared.

    Args:
        shown: the network whose codes are mixed on the page.
        own: the network whose codes the prior learns.
    """
    if shown == own:
        return (
            f'The codes are those of the network "{titles.of(own)}", whose samples of N(0, I) stand above: the two galleries '
            "differ in the distribution that codes are drawn from, and in nothing else."
        )
    return (
        f'The codes are those of another network, "{titles.of(own)}", because no prior can sharpen what a decoder draws softly. '
        f'Do not compare this gallery with that of the network "{titles.of(shown)}" above: the decoder differs as well. The table '
        "below has the mixture on the codes of the same network; only that comparison is about the prior."
    )

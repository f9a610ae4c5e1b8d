"""The terms of the report, each defined once: pages show a definition on hover and on focus, the book has them as a chapter."""

from __future__ import annotations

from dataclasses import dataclass

_NAT = "1 nat = 1.44 bits"


@dataclass(frozen=True)
class Term:
    """A term with its definition.

    Args:
        name: as the glossary lists it.
        definition: plain text, one or two sentences; it may hold other terms.
        forms: further ways in which texts write it, letter for letter.
    """

    name: str
    definition: str
    forms: tuple[str, ...] = ()


GLOSSARY: tuple[Term, ...] = (
    Term(
        "active axis",
        "An axis of z whose mean changes from face to face (a variance of more than 0.01): it carries information. An "
        "axis that does not is inactive.",
        ("active axes", "inactive axis", "inactive axes"),
    ),
    Term(
        "anchored",
        "The networks of this project that begin as the best linear VAE (the autoencoder: as PCA) and learn a correction to it.",
    ),
    Term(
        "autoencoder",
        "A network that maps a picture to a few numbers, its code, and the code back to a picture.",
    ),
    Term(
        "baseline",
        "A method without a network that solves the same task; a network is worth its training only if it does better.",
        ("baselines",),
    ),
    Term(
        "blind",
        "A denoiser that is not given the strength σ of the noise and estimates it from the picture.",
    ),
    Term(
        "bootstrap",
        "A way to estimate how uncertain a mean is: the mean is computed again for many random selections, here of people"
        " with replacement, and 95 % of these means give the interval.",
    ),
    Term(
        "bottleneck",
        "The narrowest layer of a network, here the code. What it cannot hold is missing in the output.",
    ),
    Term(
        "calibrated",
        "A network whose loss estimates the error σ of a pixel value itself, so that no weight α is chosen.",
    ),
    Term(
        "CBM3D",
        "A strong classical denoiser of colour pictures: it collects similar blocks and shrinks them together (Dabov et "
        "al. 2007). Its values are cited, since its licence does not let it come with this project.",
    ),
    Term(
        "chroma",
        "The colour of a pixel without its brightness.",
    ),
    Term(
        "collapse",
        "When a code, or an axis of it, has the prior's distribution for every face: it carries no information and costs no rate.",
        ("collapsed", "collapses"),
    ),
    Term(
        "colour VAE",
        "A VAE whose code says which of several possible colourings is meant; each draw gives another one.",
    ),
    Term(
        "colourfulness",
        "How strong the colours of a picture are (Hasler & Süsstrunk 2003); 0 is grey. Compare it with that of the true pictures: "
        "more is not better.",
    ),
    Term(
        "decoder",
        "The half of an autoencoder that computes a picture from a code.",
    ),
    Term(
        "document",
        "The student's report of 2021, “Autoencoder for image processing”, after which this project is built.",
    ),
    Term(
        "draw of z",
        "A random code from the posterior of one face: its mean plus noise of the posterior's standard deviation.",
        ("draws of z", "draws of codes"),
    ),
    Term(
        "ELBO",
        "The evidence lower bound: the expected log-likelihood of the picture minus the KL divergence of its code. A "
        "VAE's loss is minus the ELBO, up to a constant.",
    ),
    Term(
        "encoder",
        "The half of an autoencoder that computes the code of a picture; in a VAE a mean and a variance for each axis.",
    ),
    Term(
        "flow matching",
        "A way to learn a distribution: a network learns the mean velocity with which noise moves to data along given paths.",
    ),
    Term(
        "held-out",
        "Of people whom no network saw in training and on whom nothing was chosen.",
    ),
    Term(
        "KID",
        "Kernel inception distance, here on three kinds of features of our own: gradients, a random convolution and 64 principal "
        "components. It says how far a set of new faces is from real ones; 0 for two sets of real faces, on average. Tables "
        "show it × 1000.",
    ),
    Term(
        "KL divergence",
        "Kullback–Leibler divergence: how much one distribution differs from another, here a code's posterior from the "
        f"prior, in nats ({_NAT}). 0 where they are equal.",
        ("Kullback–Leibler divergence",),
    ),
    Term(
        "LMMSE",
        "Linear minimum mean square error estimate: the best linear denoiser for the mean and covariance of train faces. "
        "It reduces each principal axis by λ / (λ + σ²).",
        ("linear minimum mean square error estimate",),
    ),
    Term(
        "luma",
        "The brightness of a pixel, a weighted sum of red, green and blue.",
    ),
    Term(
        "mean of z",
        "The centre of a face's posterior. Decoding it gives the most accurate single picture.",
        ("means of z",),
    ),
    Term(
        "nat",
        f"The unit of information that belongs to the natural logarithm; {_NAT}.",
        ("nats",),
    ),
    Term(
        "non-local means",
        "A classical denoiser that averages places of a picture which look alike (Buades et al. 2005).",
        ("NL-means",),
    ),
    Term(
        "oracle",
        "A method that is given part of the right answer; it shows what is possible and takes no part in the comparison.",
    ),
    Term(
        "PCA",
        "Principal component analysis: the linear code that reconstructs best with k exact numbers.",
    ),
    Term(
        "posterior",
        "The distribution of codes that the encoder gives for one face: a Gaussian with a mean and a variance an axis.",
    ),
    Term(
        "precision",
        "The share of new faces that are like real ones: high also where all new faces are alike, so read it beside the recall.",
    ),
    Term(
        "prior",
        "The distribution of codes before a face is seen: here the standard normal distribution N(0, I).",
    ),
    Term(
        "PSNR",
        "Peak signal-to-noise ratio in decibels: −10 log₁₀ of the mean squared error of values in [0, 1]. 20 dB is an "
        "error of 0.1 a value, 30 dB one of 0.032; 3 dB more is half the squared error.",
    ),
    Term(
        "rate",
        f"How much information a code carries on average: its KL divergence from the prior, in nats ({_NAT}).",
    ),
    Term(
        "recall",
        "The share of real faces near which a new face lies: low where a generator leaves kinds of faces out.",
    ),
    Term(
        "reconstruction weight",
        "The document's α: the factor of the picture's error in the loss. A larger one gives more accurate pictures and "
        "codes of a higher rate.",
    ),
    Term(
        "reference network",
        "The document's network, weight for weight, with the faults of its training mended.",
        ("reference",),
    ),
    Term(
        "ridge regression",
        "Linear regression with a penalty on large weights.",
    ),
    Term(
        "shipped",
        "A trained network that comes with the package and needs no training.",
    ),
    Term(
        "SSIM",
        "Structural similarity: compares brightness, contrast and structure in small windows; 1 for equal pictures.",
    ),
    Term(
        "total variation",
        "The sum of all slopes of a picture; a classical denoiser looks for a picture near the noisy one with a small one.",
    ),
    Term(
        "U-Net",
        "A convolutional network that makes a picture smaller step by step and larger again, with links between equal sizes.",
    ),
    Term(
        "VAE",
        "Variational autoencoder: an autoencoder whose encoder gives a distribution of codes, and whose loss counts the "
        "information in them.",
        ("variational autoencoder",),
    ),
    Term(
        "validation people",
        "People who are neither learnt from nor tested on; every choice is made on their pictures.",
        ("validation faces",),
    ),
    Term(
        "variance-keeping mix",
        "A mix of two codes with weights cos θ and sin θ around the mean code, so that every axis keeps its variance.",
        ("variance-keeping mixes",),
    ),
    Term(
        "wavelet shrinkage",
        "A classical denoiser that moves the coefficients of a wavelet transform towards zero.",
    ),
    Term(
        "ΔE00",
        "CIEDE2000, a difference of two colours as people see it; about 2 begins to be seen side by side.",
    ),
)


def anchor_of(term: Term) -> str:
    """A term's anchor in the glossary.

    Example:
        >>> anchor_of(Term("KL divergence", "…")), anchor_of(Term("ΔE00", "…"))
        ('term-kl-divergence', 'term-δe00')
    """
    return "term-" + "-".join(term.name.lower().split())


def markdown() -> str:
    """The glossary as a list in Markdown, in the order of the alphabet."""
    return "\n\n".join(f"**{term.name}.** {term.definition}" for term in GLOSSARY)

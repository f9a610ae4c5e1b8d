"""New faces: codes of two people mixed, codes drawn from densities, and how near the faces lie to train pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reecho import latent, methods, metrics, titles
from reecho.evaluation.on_demand import OnDemand
from reecho.methods import REAL, Method
from reecho.results import Row, by_method
from reecho.streams import Pictures

if TYPE_CHECKING:
    from reecho.latent.flow import CodeFlow
    from reecho.trained import Network

KIDS = ("kid_hog", "kid_random_conv", "kid_pca64")
_COMPARED = (
    "prior", "gaussian", "mixture", "mixture_cool", "mixture_textured", "learnt", "learnt_textured", "variance_keeping",
    "through_prior", "reconstruction",
)  # fmt: skip
SAMPLED = ("prior", "gaussian", "mixture", "mixture_without_noise", "mixture_cool")
HALF_BLURRED = methods.baseline("blurred", pixels=0.5)
COOL = 0.7  # the temperature of "mixture_cool"
NEW_FACES = (  # the columns of a page's table, narrow enough for it
    {"key": "kid_hog", "heading": "KID of gradients", "digits": 0, "best": "lower"},
    {"key": "kid_random_conv", "heading": "KID of random convolution", "digits": 0, "best": "lower"},
    {"key": "kid_pca64", "heading": "KID of 64 components", "digits": 1, "best": "lower"},
    {"key": "hog_precision", "heading": "precision", "digits": 2},
    {"key": "hog_recall", "heading": "recall", "digits": 2},
    {"key": "blur_px", "heading": "soft (px)", "digits": 2},
    {"key": "contrast", "heading": "contrast", "digits": 3},
)
NORMS = (
    {"key": "mix", "heading": "mix"},
    {"key": "norm", "heading": "norm, a single draw = 1", "digits": 2},
    {"key": "contrast", "heading": "contrast", "digits": 3},
)


def mixed_codes(
    method: Method, means: tuple[np.ndarray, np.ndarray], draws: tuple[np.ndarray, np.ndarray], centre: np.ndarray
) -> dict[Method, np.ndarray]:
    """Codes of pairs of people mixed in every way.

    Args:
        method: of the network that decodes them.
        means, draws: the codes of the first and of the second face of each pair, float32 (n, latent_dim): means and draws of z.
        centre: float32 (latent_dim,), the mean code of the train people.

    Returns:
        Method with the setting "faces" and the estimate that was mixed → codes (n, latent_dim).
    """
    pairs = {"mean": means, "draw": draws}
    codes = {}
    for faces, how in (("sum", "sum"), ("average", "mean")):
        for estimate, pair in pairs.items():
            codes[mix_of(method, faces, estimate)] = latent.mix(*pair, how)
    for estimate, pair in pairs.items():
        codes[mix_of(method, "variance_keeping", estimate)] = latent.turn(*pair, 45, centre)
    codes[mix_of(method, "spherical", "draw")] = latent.slerp(*draws, 0.5)
    return codes


def reconstructed(method: Method, means: np.ndarray, draws: np.ndarray) -> dict[Method, np.ndarray]:
    """The codes of held-out people themselves, as a yardstick of new ones: their means and draws of z."""
    return {mix_of(method, "reconstruction", "mean"): means, mix_of(method, "reconstruction", "draw"): draws}


def sampled(
    method: Method, network: Network, codes: np.ndarray, log_variances: np.ndarray, count: int, seed: int,
    kinds: Sequence[str] = SAMPLED,
) -> OnDemand:  # fmt: skip
    """Faces decoded from codes of nobody: from N(0, I), and from densities fitted to the codes of train people.

    Args:
        method: of the network.
        network: decodes.
        codes, log_variances: float32 (N, latent_dim), the posteriors of train people.
        count: how many of each kind.
        seed: of fits and draws.
        kinds: which of SAMPLED.

    Returns:
        Method with the setting "faces" → float32 (count, H, W, 3), decoded when asked for.
    """
    noisy = bool(network.model.variational)
    gaussian = latent.CodeDensity.fit(codes, log_variances, "full", seed=seed)
    mixture = latent.CodeDensity.fit(codes, log_variances, "mixture", seed=seed, axes=gaussian.axes)
    drawn = {
        "prior": latent.sample(count, codes.shape[1], seed),
        "gaussian": gaussian.draw(count, seed, noisy=noisy),
        "mixture": mixture.draw(count, seed, noisy=noisy),
        "mixture_without_noise": mixture.draw(count, seed, noisy=False),
        "mixture_cool": mixture.draw(count, seed, COOL, noisy),
    }
    return OnDemand.decoded(network, {method.varied(faces=faces): z for faces, z in drawn.items() if faces in kinds})


def learnt_prior(
    network: Network, codes: np.ndarray, log_variances: np.ndarray, steps: int, seed: int
) -> CodeFlow:  # fmt: skip
    """The prior that is learnt from the codes of train people; computed once a run.

    Args:
        network: whose codes they are.
        codes, log_variances: float32 (N, latent_dim), the posteriors of train people.
        steps: of training.
        seed: of its start and draws.
    """
    from reecho.latent.flow import CodeFlow  # TensorFlow, seconds

    return CodeFlow.fit(codes, log_variances if network.model.variational else None, steps, seed, network.once)


def sampled_beside_learnt(
    method: Method, network: Network, codes: np.ndarray, log_variances: np.ndarray, prior: CodeFlow, count: int, seed: int
) -> OnDemand:
    """Faces decoded from codes of nobody: of N(0, I), a Gaussian, a mixture, and of the learnt prior.

    Args:
        method, network, codes, log_variances, count, seed: as for `sampled`.
        prior: learnt from the same codes.

    Returns:
        Method with the setting "faces" → float32 (count, H, W, 3), decoded when asked for.
    """
    fitted = sampled(method, network, codes, log_variances, count, seed, ("prior", "gaussian", "mixture"))
    return fitted | OnDemand.decoded(network, {method.varied(faces="learnt"): prior.draw(count, seed)})


def mixed_beside_learnt(
    method: Method, draws: tuple[np.ndarray, np.ndarray], centre: np.ndarray, prior: CodeFlow
) -> dict[Method, np.ndarray]:
    """Codes of pairs of people mixed with the variance kept: the codes themselves, and the noise from which they flow.

    Args:
        method: of the network that decodes them.
        draws: of the codes of the first and of the second face of each pair, float32 (n, latent_dim).
        centre: float32 (latent_dim,), the mean code of the train people.
        prior: learnt from their codes; the mix of noise flows back to a code.

    Returns:
        Method with the setting "faces" → codes (n, latent_dim).
    """
    noise = latent.turn(prior.noise_of(draws[0]), prior.noise_of(draws[1]), 45)
    return {
        mix_of(method, "variance_keeping", "draw"): latent.turn(*draws, 45, centre),
        mix_of(method, "through_prior", "draw"): prior.codes_of(noise),
    }


def with_recall_gain(rows: Sequence[Row], method: Method) -> list[Row]:
    """The rows; that of the learnt prior also has recall_gain, its recall less that of the mixture fitted to the same codes."""
    of = by_method(rows)
    learnt, mixture = method.varied(faces="learnt"), method.varied(faces="mixture")
    gain = of[learnt]["hog_recall"] - of[mixture]["hog_recall"]
    return [row.with_numbers(recall_gain=gain) if row.method == learnt else row for row in rows]


def with_multiples(rows: Sequence[Row], method: Method) -> list[Row]:
    """The rows; that of the variance-keeping mix of draws also has times_the_sum and times_the_samples: its largest KID as a
    multiple of the sum's and of the samples', where these are above zero, as they are but for very few faces.

    Args:
        rows: of new faces.
        method: of the network.
    """
    of = by_method(rows)
    mix = mix_of(method, "variance_keeping", "draw")
    rulers = {"times_the_sum": of[mix_of(method, "sum", "draw")], "times_the_samples": of[method.varied(faces="prior")]}
    multiples = {
        key: max(of[mix][kid] / ruler[kid] for kid in KIDS) if all(ruler[kid] > 0 for kid in KIDS) else None
        for key, ruler in rulers.items()
    }
    return [row.with_numbers(**multiples) if row.method == mix else row for row in rows]


def shown_new_faces(rows: Sequence[Row], reference: Method, network: Method) -> list[dict[str, Any]]:
    """The rows that a page shows first, for a table with NEW_FACES: rulers, mixes and samples of one network, priors of another.

    Args:
        rows: of new faces.
        reference: the network whose codes are mixed and whose prior is drawn from.
        network: the one whose codes the learnt prior learns; its rows name it where it is another one.
    """
    of = by_method(rows)
    ours = [
        *(mix_of(reference, faces, "draw") for faces in ("sum", "average", "variance_keeping")),
        *(reference.varied(faces=faces) for faces in ("prior", "mixture", "mixture_textured")),
    ]
    theirs = [network.varied(faces=faces) for faces in ("mixture", "learnt", "learnt_textured")]
    name = "" if network == reference else f" ({titles.of(network.without('weight'))})"
    shown = {method: titles.of(method) for method in (REAL, HALF_BLURRED)}
    shown |= {method: titles.of_new_faces(method) for method in ours}
    shown |= {method: titles.of_new_faces(method) + name for method in theirs}
    return [of[method].cells() | {"method": text} for method, text in shown.items() if method in of]


def mixed_norms(codes: Mapping[Method, np.ndarray], rows: Sequence[Row], draws: np.ndarray) -> list[dict[str, Any]]:
    """For each mix its norm, that of a single draw being 1, and the contrast of its faces, for a table with NORMS.

    Args:
        codes: method → codes of pairs of people, float32 (n, latent_dim).
        rows: of new faces, which have the contrast.
        draws: single codes, float32 (m, latent_dim).
    """
    single, of = np.linalg.norm(draws, axis=1).mean(), by_method(rows)
    return [
        {
            "mix": titles.of_new_faces(method), "norm": float(np.linalg.norm(z, axis=1).mean() / single),
            "contrast": of[method]["contrast"],
        }
        for method, z in codes.items()
    ]  # fmt: skip


def comparable_with_train(sets: OnDemand) -> OnDemand:
    """The sets whose nearness to train pictures says something: samples, mixes that keep the variance, reconstructions."""
    return sets.only([method for method in sets if method.setting("faces") in _COMPARED])


@dataclass(frozen=True)
class Nearness:
    """How near sets of faces lie to train pictures.

    Args:
        limit: the distance below which one in a hundred real held-out faces lies, intensity.
        median: method → median distance to the nearest train picture.
        share: method → share of the set that lies below the limit, %.
    """

    limit: float
    median: dict[Method, float]
    share: dict[Method, float]

    def rows(self) -> list[dict[str, Any]]:
        """For a table with `columns`."""
        return [{"method": titles.of(method), "median": self.median[method], "share": self.share[method]} for method in self.median]

    def columns(self) -> list[dict[str, Any]]:
        """The columns of the table."""
        return [
            {"key": "median", "heading": "distance to the nearest train picture, median", "digits": 3},
            {"key": "share", "heading": f"nearer than {self.limit:.3f} (%)", "digits": 1},
        ]


def near_to_train(
    sets: Mapping[Method, np.ndarray], real: np.ndarray, train: Pictures, measured: Mapping[Method, np.ndarray] | None = None
) -> Nearness:
    """Measure how near sets of new faces and real held-out faces lie to train pictures.

    Args:
        sets: method → float32 (n, H, W, 3).
        real: float32 (m, H, W, 3), held-out faces; their 1 % quantile is the limit.
        train: float32 (N, H, W, 3), all of them; many are streamed.
        measured: method → distances (n,) that `metrics.nearest` has found before.
    """
    distances = {REAL: metrics.nearest_rmse(real, train)}
    measured = measured or {}
    distances |= {method: measured[method] if method in measured else metrics.nearest_rmse(sets[method], train) for method in sets}
    limit = float(np.quantile(distances[REAL], 0.01))
    median = {method: float(np.median(distance)) for method, distance in distances.items()}
    return Nearness(limit, median, {method: float(100 * (distance < limit).mean()) for method, distance in distances.items()})


def mix_of(method: Method, faces: str, estimate: str) -> Method:
    """The method of new faces that a network made in one way from means ("mean") or draws ("draw") of codes."""
    varied = method.varied(faces=faces)
    return varied.mean if estimate == "mean" else varied.draw

"""Where codes of faces lie, fitted after the training: one Gaussian or a mixture of them, to draw new codes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg
from sklearn.mixture import GaussianMixture

from reecho.components import largest
from reecho.errors import ReechoError

DENSITIES = ("diagonal", "full", "mixture")
FEW_A_COMPONENT = 20  # codes below which a component is no estimate of anything
_FLOOR = 1e-6  # variance, so that an axis that the encoder leaves at 0 divides nothing by 0
_ROUNDS = 50  # of expectation and maximisation; it changes little after 30


@dataclass(frozen=True)
class CodeDensity:
    """A density of codes; what `fit` returns.

    Args:
        centre: float64 (d,), d = latent_dim: the mean code.
        axes: float64 (d, d), the orthonormal axes it is described along, or None for those of the codes themselves.
        weights: float64 (k,), share of each component, 1 in sum.
        means: float64 (k, d), each component's, along the axes, from the centre.
        deviations: float64 (k, d), standard deviations along the axes.
        factors: float64 (k, m, m), lower Cholesky factors of the components' covariances in the first m axes, which replace
            the deviations there; m may be 0.
        noise: float64 (d,), the posterior's standard deviation along the codes' own axes, root of the mean variance.
    """

    centre: np.ndarray
    axes: np.ndarray | None
    weights: np.ndarray
    means: np.ndarray
    deviations: np.ndarray
    factors: np.ndarray
    noise: np.ndarray

    @classmethod
    def fit(
        cls, codes: np.ndarray, log_variances: np.ndarray, kind: str = "mixture", components: int = 10, leading: int = 32,
        seed: int = 0, axes: np.ndarray | None = None,
    ) -> CodeDensity:  # fmt: skip
        """Fit a density to the codes of train people.

        Args:
            codes: float32 (N, d), posterior means, N at least 2.
            log_variances: float32 (N, d), the posteriors' log-variances.
            kind: "diagonal" (a Gaussian, axis by axis), "full" (a Gaussian with all covariances) or "mixture": along the principal
                axes of the codes, each component with a full covariance in the leading ones, a diagonal in the rest.
            components: of the mixture; fewer where there are not 20 codes for each.
            leading: axes with full covariances in the mixture.
            seed: of the mixture's start.
            axes: float64 (d, d), the principal axes of these codes where a density of them has been fitted before.

        Returns:
            The fitted CodeDensity.

        Raises:
            ReechoError: an unknown kind, or a single code.

        Source: Ghosh et al. (2020), arXiv:1903.12436, section 4 (ex-post density estimation); they have 10 components as well.
        """
        if kind not in DENSITIES or len(codes) < 2:
            raise ReechoError(
                f"A density is one of {', '.join(DENSITIES)}, fitted to at least 2 codes; got {kind!r} for {len(codes)}."
            )
        codes = np.asarray(codes, "float64")
        centre, noise = codes.mean(axis=0), np.sqrt(np.exp(np.asarray(log_variances, "float64")).mean(axis=0))
        centred = codes - centre
        if kind == "diagonal":
            axes = None
        elif axes is None:
            axes = largest(centred.T @ centred, len(centre))[1]
        along = centred if axes is None else centred @ axes
        if kind == "mixture":
            weights, means, deviations, factors = mixture(
                along, max(1, min(components, len(codes) // FEW_A_COMPONENT)), min(leading, along.shape[1]), seed
            )
        else:
            weights, means = np.ones(1), np.zeros((1, len(centre)))
            deviations, factors = along.std(axis=0)[None], np.zeros((1, 0, 0))
        return cls(centre, axes, weights, means, deviations, factors, noise)

    def draw(self, n: int, seed: int = 0, temperature: float = 1.0, noisy: bool = True) -> np.ndarray:
        """New codes.

        Args:
            n: how many.
            seed: the same seed draws the same codes.
            temperature: factor on all standard deviations, the noise's too; below 1 codes stay nearer to their component's mean.
            noisy: whether the posterior's noise is added; without it these are new means, smoother when decoded.

        Returns:
            float32 (n, d).
        """
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(self.weights), n, p=self.weights)
        steps = rng.standard_normal((n, len(self.centre)))
        away = steps * self.deviations[chosen]
        leading = self.factors.shape[1]
        for component in np.unique(chosen) if leading else ():
            rows = chosen == component
            away[rows, :leading] = steps[rows, :leading] @ self.factors[component].T
        along = self.means[chosen] + temperature * away
        codes = self.centre + (along if self.axes is None else along @ self.axes.T)
        noise = rng.standard_normal(codes.shape) * self.noise * temperature * noisy
        return (codes + noise).astype("float32")


def mixture(along: np.ndarray, components: int, leading: int, seed: int) -> tuple[np.ndarray, ...]:
    """A mixture as `CodeDensity` has it; the components are told apart in the leading axes, scaled to variance 1.

    Args:
        along: float (N, d), codes less their mean, along some axes.
        components: how many.
        leading: axes with full covariances, the first ones.
        seed: of the start.

    Returns:
        Weights, means, deviations and factors.
    """
    scale = np.sqrt(along[:, :leading].var(axis=0) + _FLOOR)
    scaled = along[:, :leading] / scale
    fitted = GaussianMixture(components, reg_covar=1e-3, max_iter=_ROUNDS, tol=1e-2, random_state=seed).fit(scaled)
    shares = fitted.predict_proba(scaled)  # (N, k)
    counts = shares.sum(axis=0)[:, None] + _FLOOR
    means = shares.T @ along / counts
    deviations = np.sqrt(np.maximum(shares.T @ along**2 / counts - means**2, _FLOOR))
    factors = np.stack([linalg.cholesky(covariance, lower=True) * scale[:, None] for covariance in fitted.covariances_])
    return fitted.weights_ / fitted.weights_.sum(), means, deviations, factors

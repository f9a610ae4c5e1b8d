"""What a decoder leaves out: the detail of train faces that their reconstructions lack, drawn for new faces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reecho import latent, metrics
from reecho.methods import Method

if TYPE_CHECKING:
    from reecho.trained import Network

# Chosen on validation people at 64×64; notebook 05 has the figures of other choices.
NEIGHBOURS = 4


def textured_of(method: Method) -> Method:
    """The samples of a method, with texture."""
    return method.varied(faces=f"{method.setting('faces')}_textured")


def with_texture(
    faces: np.ndarray, network: Network, train: np.ndarray, codes: np.ndarray, log_variances: np.ndarray, seed: int
) -> np.ndarray:
    """Decoded faces plus a draw from a Gaussian whose covariance is that of what the decoder leaves out of similar train faces.

    The VAE's own p(x | z) is independent noise of one variance around the decoded face. Here its covariance is measured: the
    differences between the nearest train faces and a decoded draw of each are summed with weights from N(0, 1 / NEIGHBOURS).

    Args:
        faces: float32 (n, H, W, 3), what the network decoded.
        network: decodes.
        train: float32 (N, H, W, 3), train faces.
        codes, log_variances: float32 (N, latent_dim), their posteriors.
        seed: of the weights and of the draws from the posteriors.

    Returns:
        float32 (n, H, W, 3) in [0, 1].

    Source: Kingma & Welling (2014), arXiv:1312.6114, appendix C.2, for the Gaussian p(x | z).
    """
    count = min(NEIGHBOURS, len(train))
    _, nearest = metrics.nearest_rows(faces.reshape(len(faces), -1), train, count)
    used, places = np.unique(nearest, return_inverse=True)
    draws = latent.posterior_draw(codes[used], log_variances[used], seed, float(network.model.variational))
    left_out = network.decode(draws)
    np.subtract(train[used], left_out, out=left_out)
    weights = np.random.default_rng(seed).standard_normal((len(faces), count), dtype="float32") / np.sqrt(count, dtype="float32")
    textured = faces.copy()
    for weight, place in zip(weights.T, places.reshape(nearest.shape).T, strict=True):
        textured += weight[:, None, None, None] * left_out[place]
    return np.clip(textured, 0, 1, out=textured)

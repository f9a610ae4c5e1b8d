"""Faces that have no target: a set of new faces against a set of real ones, in six fixed numbers and the contrast.

No one of them suffices: principal components see colour and dropped modes, gradients see structure, the random network sees
sharpness, recall sees dropped modes, the spectrum sees blur. They are read beside their rulers (`reecho.baselines.rulers`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import euclidean_distances

from reecho.errors import ReechoError
from reecho.metrics.features import gradients, random_convolutions
from reecho.metrics.pictures import contrast
from reecho.metrics.search import nearest_rows
from reecho.metrics.sharpness import log10_power
from reecho.streams import Pictures

_AXES = 64
_NEIGHBOURS = 3
_BLOCKS = 20


def kid(generated: np.ndarray, real: np.ndarray) -> float:
    """Kernel inception distance of two sets of features: unbiased squared MMD, kernel (x · y / d + 1)³.

    Args:
        generated: float array (n, d), n at least 2.
        real: float array (m, d), m at least 2.

    Returns:
        KID × 10³; about 0, a little below it as well, where both come from one distribution.

    Source: Bińkowski et al. (2018), arXiv:1801.01401, section 4 (their features are a trained network's, ours are not: the
    numbers compare with each other alone).
    """
    return _kid(_cubic(generated, generated), _cubic(real, real), _cubic(generated, real))


def _kid(new: np.ndarray, true: np.ndarray, between: np.ndarray) -> float:
    """`kid` of the kernels within both sets and between them."""
    within = sum((kernel.sum() - np.trace(kernel)) / (len(kernel) * (len(kernel) - 1)) for kernel in (new, true))
    return 1e3 * float(within - 2 * between.mean())


def kid_interval(generated: np.ndarray, real: np.ndarray, blocks: int = _BLOCKS) -> tuple[float, float]:
    """95 % interval of `kid` by the jackknife: both sets are cut into blocks, and `kid` is taken with each block left out in turn.

    Blocks are cut from neighbours, so that pictures of one person, which lie side by side in the parts of the split, leave
    together. For sets that can hardly be told apart it is too wide, by up to half.

    Args:
        generated, real: as for `kid`, in any order but by quality.
        blocks: how many; fewer where a block would have less than two faces.

    Returns:
        Low and high around `kid` of the whole sets, × 10³; both NaN with fewer than six faces in a set.

    Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap, section 11.5.
    """
    return kid_with_interval(generated, real, _cubic(real, real), blocks)[1]


def kid_with_interval(
    generated: np.ndarray, real: np.ndarray, within_real: np.ndarray, blocks: int = _BLOCKS
) -> tuple[float, tuple[float, float]]:
    """What `kid` and `kid_interval` give, each kernel computed once.

    Args:
        generated, real, blocks: as for `kid_interval`.
        within_real: float64 (m, m), the kernel within the real features, which many sets are measured against.
    """
    new, between = _cubic(generated, generated), _cubic(generated, real)
    middle, blocks = _kid(new, within_real, between), min(blocks, len(generated) // 2, len(real) // 2)
    if blocks < 3:
        return middle, (float("nan"), float("nan"))
    within = [_without_blocks(kernel, blocks, alike=True) for kernel in (new, within_real)]
    left = sum(within) - 2 * _without_blocks(between, blocks)  # (blocks,)
    reach = float(1e3 * stats.t.ppf(0.975, blocks - 1) * np.sqrt((blocks - 1) * left.var()))
    return middle, (middle - reach, middle + reach)


def precision_recall(generated: np.ndarray, real: np.ndarray, real_radii: np.ndarray | None = None) -> tuple[float, float]:
    """Share of new faces among the real ones, and of real faces among the new ones; "among" is within a third neighbour's distance.

    Args:
        generated: float array (n, d).
        real: float array (m, d).
        real_radii: float (m,), the distance of each real one to its third neighbour; None computes it.

    Returns:
        Precision and recall, each in [0, 1]. Two sets of real people get about 0.4 each; a high precision with next to no
        recall means faces that are all much alike.

    Source: Kynkäänniemi et al. (2019), arXiv:1904.06991, section 2, k = 3.
    """
    between = euclidean_distances(generated, real)
    precision = (between <= (_radii(real) if real_radii is None else real_radii)).any(axis=1).mean()
    recall = (between <= _radii(generated)[:, None]).any(axis=0).mean()
    return float(precision), float(recall)


def halves(people: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pictures in two halves that share no person: one to make new faces from, the other to measure them against.

    Args:
        people: int (N,), who each picture shows.
        seed: of the draw of people.

    Returns:
        Two int arrays of indices, ascending, together all N.

    Example:
        >>> one, other = halves(np.array([0, 0, 1, 2, 3]))
        >>> len(one) + len(other), set(np.array([0, 0, 1, 2, 3])[one]) & set(np.array([0, 0, 1, 2, 3])[other])
        (5, set())
    """
    everybody = np.random.default_rng(seed).permutation(np.unique(people))
    first = np.isin(people, everybody[: len(everybody) // 2])
    return np.flatnonzero(first), np.flatnonzero(~first)


def nearest(generated: np.ndarray, train_faces: Pictures) -> tuple[np.ndarray, np.ndarray]:
    """The train face most like each new face, and how far it is: is the new one new, or learnt by heart?

    Args:
        generated: float array (n, H, W, 3) in [0, 1].
        train_faces: float array (m, H, W, 3) in [0, 1], or many that are streamed.

    Returns:
        int (n,), the index among the train faces, and float64 (n,), root of the mean squared difference, intensity units. What
        is near is said by real faces of other people: their 1 % quantile, about 0.1 on LFW.
    """
    new = np.asarray(generated, "float32").reshape(len(generated), -1)
    distances, indices = nearest_rows(new, train_faces, 1)
    return indices[:, 0], distances[:, 0] / np.sqrt(new.shape[1])


def nearest_rmse(generated: np.ndarray, train_faces: Pictures) -> np.ndarray:
    """How far each new face is from the train face most like it, float64 (n,), as `nearest` finds it."""
    return nearest(generated, train_faces)[1]


@dataclass(frozen=True)
class Description:
    """A set of faces as the ruler sees it: features (n, d) each, log10 of the power in the ring, mean contrast."""

    pca64: np.ndarray
    hog: np.ndarray
    random_conv: np.ndarray
    power: float
    contrast: float

    @cached_property
    def kernels(self) -> dict[str, np.ndarray]:
        """The kernel within each kind of features, float64 (n, n), of `kid`; computed once for all sets that are measured."""
        return {name: _cubic(features, features) for name, features in vars(self).items() if np.ndim(features) == 2}

    @cached_property
    def hog_radii(self) -> np.ndarray:
        """The distance of each picture's gradients to their third neighbour, float64 (n,)."""
        return _radii(self.hog)


class FaceRuler:
    """The six numbers, with features scaled by the train faces so that all are measured alike.

    Args:
        train_faces: float32 (N, H, W, 3) in [0, 1], N at least 3, H and W multiples of 8.
        seed: of the random network's weights and the principal components' solver.

    Example:
        >>> faces = np.random.default_rng(0).random((40, 32, 32, 3), "float32")
        >>> sorted(FaceRuler(faces).measure(faces[:20], faces[20:]))[:3]
        ['contrast', 'hog_precision', 'hog_recall']
    """

    def __init__(self, train_faces: np.ndarray, seed: int = 0):
        if len(train_faces) < 3 or train_faces.shape[1] % 8 or train_faces.shape[2] % 8:
            raise ReechoError(
                "New faces are measured with at least 3 train faces whose sides are multiples of 8 pixels; "
                f"these are {train_faces.shape}. Take more pictures or another size."
            )
        self._seed = seed
        self._pca = PCA(min(_AXES, len(train_faces) - 1), whiten=True, svd_solver="randomized", random_state=seed)
        self._pca.fit(np.reshape(train_faces, (len(train_faces), -1)))
        some = train_faces[:: max(len(train_faces) // 3000, 1)]  # means and scales need no more
        self._scales = [(features.mean(axis=0), _scale(features)) for features in self._raw(some)]

    def _raw(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return gradients(pictures), random_convolutions(pictures, self._seed)

    def describe(self, pictures: np.ndarray) -> Description:
        """All features of a set of faces, (n, H, W, 3), n at least 4; to measure many sets against one, describe that one once."""
        if len(pictures) <= _NEIGHBOURS:
            raise ReechoError(f"{len(pictures)} faces are too few to be measured as a set; give at least {_NEIGHBOURS + 1}.")
        shown = np.clip(pictures, 0, 1)
        hog, random_conv = (
            (features - mean) / scale for features, (mean, scale) in zip(self._raw(shown), self._scales, strict=True)
        )
        pca64 = self._pca.transform(shown.reshape(len(shown), -1))
        return Description(pca64, hog, random_conv, log10_power(shown), float(contrast(shown).mean()))

    def measure(
        self, generated: np.ndarray | Description, real: np.ndarray | Description
    ) -> dict[str, float | tuple[float, float]]:
        """The six numbers of a set of new faces, and its contrast.

        Args:
            generated: float array (n, H, W, 3), or what `describe` made of it.
            real: the same of held-out real faces, (m, H, W, 3); n = m = 2,000 for numbers that compare with published ones.

        Returns:
            kid_pca64, kid_hog and kid_random_conv (× 10³, lower is better), hog_precision and hog_recall (shares), log10_power
            (relative to the real faces: below 0 is blurred), contrast (mean standard deviation of luma within a picture); for
            each KID the interval that `kid_interval` gives, under its key with "_jackknife95" behind it.
        """
        new, true = (faces if isinstance(faces, Description) else self.describe(faces) for faces in (generated, real))
        precision, recall = precision_recall(new.hog, true.hog, true.hog_radii)
        kids = {
            name: kid_with_interval(getattr(new, name), getattr(true, name), true.kernels[name])
            for name in ("pca64", "hog", "random_conv")
        }
        numbers = {
            "kid_pca64": kids["pca64"][0],
            "kid_hog": kids["hog"][0],
            "hog_precision": precision,
            "hog_recall": recall,
            "kid_random_conv": kids["random_conv"][0],
            "log10_power": new.power - true.power,
            "contrast": new.contrast,
        }
        return numbers | {f"kid_{name}_jackknife95": interval for name, (_, interval) in kids.items()}


def _scale(features: np.ndarray) -> np.ndarray:
    """The standard deviation of each feature, at least a thousandth of their median: what few faces have alike is no ruler."""
    deviations = features.std(axis=0)
    return np.maximum(deviations, max(1e-3 * np.median(deviations), 1e-6))


def _cubic(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    inner = first.astype("float64") @ second.astype("float64").T / first.shape[1] + 1
    return inner * inner * inner  # ten times as quick as a power


def _without_blocks(kernel: np.ndarray, blocks: int, alike: bool = False) -> np.ndarray:
    """Mean kernel of two sets, or of the pairs within one set, with each block of both left out in turn, (blocks,)."""
    if alike:
        kernel = kernel.copy()
        np.fill_diagonal(kernel, 0)
    sums = kernel
    for axis, size in enumerate(kernel.shape):
        edges = np.linspace(0, size, blocks, endpoint=False).astype(int)
        sums = np.add.reduceat(sums, edges, axis=axis)
    rows, columns = (size - np.diff(np.linspace(0, size, blocks + 1).astype(int)) for size in kernel.shape)
    left = sums.sum() - sums.sum(axis=0) - sums.sum(axis=1) + np.diag(sums)
    return left / (rows * (columns - alike))


def _radii(features: np.ndarray) -> np.ndarray:
    """Distance of each point to its third neighbour, itself not counted."""
    return np.partition(euclidean_distances(features), _NEIGHBOURS, axis=1)[:, _NEIGHBOURS]

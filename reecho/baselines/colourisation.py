"""Colourisation: no colour, everybody's mean colour, guesses from the luma, and what an oracle gets. All keep the luma."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from reecho import methods
from reecho.colour import chroma, fit_gamut, grey, luma
from reecho.errors import ReechoError
from reecho.metrics.search import nearest_rows
from reecho.pixels import averaged
from reecho.streams import Pictures, changed, mean, product
from reecho.timing import Timed

_CHUNK = 512


def mean_chroma(faces: Pictures) -> np.ndarray:
    """The faces' mean chroma at each pixel.

    Args:
        faces: float32 (n, H, W, 3) in [0, 1], train faces (the grey ones left out).

    Returns:
        float32 (H, W, 2), Cb and Cr.
    """
    return mean(faces, chroma).astype("float32")


def in_mean_chroma(inputs: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Grey pictures, (n, H, W, 3), in one and the same chroma, (H, W, 2); float32 (n, H, W, 3) in [0, 1]."""
    return fit_gamut(luma(inputs), np.broadcast_to(colours, (*inputs.shape[:3], 2)))


@dataclass(frozen=True)
class Ridge:
    """Chroma of every pixel as a linear function of the luma of all pixels: after + (luma - before) · weights.

    Args:
        before: float32 (H · W,), mean luma of the train faces.
        weights: float32 (H · W, H · W · 2).
        after: float32 (H · W · 2,), mean chroma of the train faces.
    """

    before: np.ndarray
    weights: np.ndarray
    after: np.ndarray

    @classmethod
    def fit(cls, faces: Pictures, penalty: float = 100.0) -> Ridge:
        """Fit on train faces.

        Args:
            faces: float32 (n, H, W, 3) in [0, 1] (the grey ones left out).
            penalty: λ, added to the sum over faces of squared luma (not the mean), so it weighs less the more faces there are.

        Returns:
            The fitted regression, an intercept at each pixel included.
        """
        tone, colours = changed(faces, luma), changed(faces, chroma)
        means = mean(tone).astype("float32"), mean(colours).astype("float32")
        gram, between = product(tone, means=(means[0], means[0])), product(tone, colours, means)
        gram[np.diag_indices(len(gram))] += penalty
        weights = linalg.solve(gram, between, assume_a="pos", overwrite_a=True, overwrite_b=True)
        return cls(means[0].ravel(), weights, means[1].ravel())

    def colour(self, inputs: np.ndarray) -> np.ndarray:
        """Colour grey pictures, (n, H, W, 3); float32 of the same shape in [0, 1]."""
        tone = luma(inputs)
        guessed = (tone.reshape(len(tone), -1) - self.before) @ self.weights + self.after
        return fit_gamut(tone, guessed.reshape(*tone.shape[:3], 2))


@dataclass(frozen=True)
class Neighbours:
    """Chroma of the train faces that look most alike in grey: whose luma has the least squared distance, pixel by pixel.

    Args:
        tones, colours: float32 (N, H, W, 1) and (N, H, W, 2), luma and chroma of the train faces; many are streamed.
    """

    tones: Pictures
    colours: Pictures

    @classmethod
    def fit(cls, faces: Pictures) -> Neighbours:
        """Remember train faces, float32 (N, H, W, 3) in [0, 1] (the grey ones left out)."""
        return cls(changed(faces, luma), changed(faces, chroma))

    def colour(self, inputs: np.ndarray, k: int) -> np.ndarray:
        """Colour grey pictures in the mean chroma of their k nearest faces.

        Args:
            inputs: float array (n, H, W, 3), in grey.
            k: how many neighbours, at most as many as there are train faces.

        Returns:
            float32 (n, H, W, 3) in [0, 1].

        Raises:
            ReechoError: k is more than there are faces, or less than 1.
        """
        if not 1 <= k <= len(self.colours):
            raise ReechoError(f"There are {len(self.colours)} train faces, so no {k} nearest ones; choose k up to that.")
        tones = luma(inputs)
        _, nearest = nearest_rows(tones.reshape(len(tones), -1), self.tones, k)
        outputs = []
        for start in range(0, len(inputs), _CHUNK):
            these, places = np.unique(nearest[start : start + _CHUNK], return_inverse=True)
            colours = self.colours[these]  # each face once, in the order of the file
            near = colours[places.reshape(-1, k)[:, 0]]
            for rank in range(1, k):
                near += colours[places.reshape(-1, k)[:, rank]]
            outputs.append(fit_gamut(tones[start : start + _CHUNK], near / k))
        return np.concatenate(outputs)


def true_chroma_in_blocks(targets: np.ndarray, blocks: int) -> np.ndarray:
    """An oracle that is told the mean true chroma of each of blocks × blocks parts of the picture, and no more.

    Args:
        targets: float32 (n, H, W, 3) in [0, 1].
        blocks: parts down and across.

    Returns:
        float32 (n, H, W, 3) in [0, 1], the targets' luma in those colours.
    """
    means = averaged(chroma(targets), blocks, blocks)
    return fit_gamut(luma(targets), averaged(means, *targets.shape[1:3]))


def colourings(train_faces: Pictures, inputs: np.ndarray, penalty: float = 100.0, targets: np.ndarray | None = None) -> Timed:
    """Every baseline of the colourisation task.

    Args:
        train_faces: float32 (N, H, W, 3) in [0, 1] (the grey ones left out).
        inputs: float32 (n, H, W, 3), held out, in grey.
        penalty: λ of the ridge regression.
        targets: float32 (n, H, W, 3), the true pictures; given, the oracles that look at them come last.

    Returns:
        Method → float32 (n, H, W, 3) in [0, 1], and the milliseconds a picture of each method; learning from train faces does
        not count.
    """
    outputs = Timed({methods.GREY: np.clip(grey(inputs), 0, 1)})
    outputs.run(methods.MEAN_CHROMA, in_mean_chroma, inputs, mean_chroma(train_faces))
    outputs.run(methods.RIDGE, Ridge.fit(train_faces, penalty).colour, inputs)
    neighbours = Neighbours.fit(train_faces)
    for k in sorted({min(k, len(train_faces)) for k in (1, 20)}):
        outputs.run(methods.baseline("neighbours", k=k), neighbours.colour, inputs, k)
    if targets is not None:
        for blocks in (2, 4):
            outputs[methods.oracle("true_chroma", blocks=blocks)] = true_chroma_in_blocks(targets, blocks)
    return outputs

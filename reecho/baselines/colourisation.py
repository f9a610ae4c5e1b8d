"""Colourisation: no colour, everybody's mean colour, and a linear guess from the luma. All keep the luma."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn import linear_model

from reecho.metrics.pictures import chroma, with_chroma
from reecho.tasks import luma


def grey(inputs: np.ndarray) -> np.ndarray:
    """The grey pictures themselves, as three equal channels: float (n, H, W, 3) → float32 (n, H, W, 3) in [0, 1]."""
    return np.repeat(np.clip(luma(inputs), 0, 1), 3, axis=-1).astype("float32")


def mean_chroma(faces: np.ndarray) -> np.ndarray:
    """The faces' mean chroma at each pixel.

    Args:
        faces: float32 (n, H, W, 3) in [0, 1], train faces (the grey ones left out).

    Returns:
        float32 (H, W, 2), Cb and Cr.
    """
    return chroma(faces).mean(axis=0, dtype="float64").astype("float32")


@dataclass(frozen=True)
class Ridge:
    """Chroma of every pixel as a linear function of the luma of all pixels."""

    regression: linear_model.Ridge

    @classmethod
    def fit(cls, faces: np.ndarray, penalty: float = 100.0) -> Ridge:
        """Fit on train faces.

        Args:
            faces: float32 (n, H, W, 3) in [0, 1] (the grey ones left out).
            penalty: λ, added to the sum over faces of squared luma (not the mean), so it weighs less the more faces there are.

        Returns:
            The fitted regression, an intercept at each pixel included.
        """
        flat = [each(faces).reshape(len(faces), -1) for each in (luma, chroma)]
        return cls(linear_model.Ridge(alpha=penalty).fit(*flat))

    def colour(self, inputs: np.ndarray) -> np.ndarray:
        """Colour grey pictures, (n, H, W, 3); float32 of the same shape in [0, 1]."""
        tone = luma(inputs)
        guessed = self.regression.predict(tone.reshape(len(tone), -1)).reshape(*tone.shape[:3], 2)
        return np.clip(with_chroma(tone, guessed), 0, 1)


def colourings(train_faces: np.ndarray, inputs: np.ndarray, penalty: float = 100.0) -> dict[str, np.ndarray]:
    """Every baseline of the colourisation task, by name.

    Args:
        train_faces: float32 (N, H, W, 3) in [0, 1] (the grey ones left out).
        inputs: float32 (n, H, W, 3), held out, in grey.
        penalty: λ of the ridge regression.

    Returns:
        Name → float32 (n, H, W, 3) in [0, 1].
    """
    plain = np.broadcast_to(mean_chroma(train_faces), (*inputs.shape[:3], 2))
    return {
        "grey": grey(inputs),
        "mean chroma per pixel": np.clip(with_chroma(luma(inputs), plain), 0, 1),
        "ridge, luma to chroma": Ridge.fit(train_faces, penalty).colour(inputs),
    }

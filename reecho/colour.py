"""Luma, grey and chroma of ITU-R BT.601, and the way back to red, green and blue; for arrays and for tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

LUMA = (0.299, 0.587, 0.114)  # weights of red, green, blue
CHROMA = (1.772, 1.402)  # blue less luma is 1.772 Cb, red less luma is 1.402 Cr; each is 2 · (1 - its weight in the luma)
_NO_COLOUR = 1e-6  # intensity: a smaller difference from luma divides nothing


def luma(faces: Any, weights: Sequence[float] = LUMA) -> Any:
    """Brightness as BT.601 weighs it: Y = 0.299 R + 0.587 G + 0.114 B.

    Args:
        faces: float32 array or tensor (..., H, W, 3), red, green, blue in [0, 1].
        weights: of red, green and blue.

    Returns:
        The same kind, (..., H, W, 1), in [0, 1].

    Source: ITU-R BT.601-7, section 2.5.1.

    Example:
        >>> luma(np.ones((1, 2, 2, 3), "float32")).shape
        (1, 2, 2, 1)
    """
    return faces[..., 0:1] * weights[0] + faces[..., 1:2] * weights[1] + faces[..., 2:3] * weights[2]


def grey(faces: Any, weights: Sequence[float] = LUMA) -> Any:
    """The grey picture as three equal channels, so that no shape changes with the task; grey of grey is itself.

    Args:
        faces, weights: as for `luma`.

    Returns:
        The same kind and shape as `faces`.
    """
    return luma(faces, weights) * np.ones(3, "float32")


def chroma(faces: Any, ops: Any = np) -> Any:
    """BT.601 chroma, Cb and Cr, of each pixel.

    Args:
        faces: float array or tensor (..., H, W, 3) in [0, 1].
        ops: numpy for arrays, keras.ops for tensors.

    Returns:
        The same kind, (..., H, W, 2) in [-0.5, 0.5]; 0 is grey.

    Source: ITU-R BT.601-7, section 2.5.

    Example:
        >>> chroma(np.array([[[[0.0, 0.0, 1.0]]]])).round(3)  # blue
        array([[[[ 0.5  , -0.081]]]])
    """
    tone = luma(faces)
    return ops.concatenate([(faces[..., 2:3] - tone) / CHROMA[0], (faces[..., 0:1] - tone) / CHROMA[1]], axis=-1)


def differences(colours: Any, ops: Any = np) -> Any:
    """Red, green and blue less luma, of chroma; weighed as luma, they sum to nothing.

    Args:
        colours: float array or tensor (..., H, W, 2), Cb and Cr.
        ops: numpy for arrays, keras.ops for tensors.

    Returns:
        The same kind, (..., H, W, 3).
    """
    blue, red = colours[..., 0:1] * CHROMA[0], colours[..., 1:2] * CHROMA[1]
    return ops.concatenate([red, -(blue * LUMA[2] + red * LUMA[0]) / LUMA[1], blue], axis=-1)


def shorten(tone: Any, away: Any, ops: Any = np) -> Any:
    """RGB of luma and differences from it, shortened towards grey until every colour fits into [0, 1], so that luma holds.

    Clipping would keep the direction of the colour no better and change the luma; here the luma holds to 1e-6.

    Args:
        tone: float32 array or tensor (..., H, W, 1), luma in [0, 1].
        away: float32 array or tensor (..., H, W, 3), as `differences` gives them.
        ops: numpy for arrays, keras.ops for tensors.

    Returns:
        The same kind, (..., H, W, 3) in [0, 1].
    """
    room = ops.where(away > 0, 1.0 - tone, tone)
    share = ops.min(room / ops.maximum(ops.abs(away), _NO_COLOUR), axis=-1, keepdims=True)  # what the narrowest channel holds
    return ops.clip(tone + ops.minimum(share, 1.0) * away, 0.0, 1.0)  # rounding alone is clipped


def with_chroma(tone: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """RGB from luma and chroma; not clipped, so that its luma and chroma are exactly those given.

    Args:
        tone: float array (..., H, W, 1), luma in [0, 1].
        colours: float array (..., H, W, 2), Cb and Cr.

    Returns:
        float32 (..., H, W, 3).

    Example:
        >>> faces = np.random.default_rng(0).random((1, 2, 2, 3), "float32")
        >>> bool(np.allclose(with_chroma(luma(faces), chroma(faces)), faces, atol=1e-6))
        True
    """
    return (tone + differences(colours)).astype("float32")


def fit_gamut(tone: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """RGB from luma and chroma that a screen can show: a colour outside [0, 1] goes towards grey until it fits, see `shorten`.

    Args:
        tone: float array (..., H, W, 1), luma; clipped to [0, 1].
        colours: float array (..., H, W, 2), Cb and Cr.

    Returns:
        float32 (..., H, W, 3) in [0, 1]; what `with_chroma` gives wherever that lies in [0, 1].

    Example:
        >>> shown = fit_gamut(np.full((1, 1, 1, 1), 0.9), np.full((1, 1, 1, 2), 0.2))  # red and blue would be above 1
        >>> round(float(luma(shown).item()), 6), float(shown.max())
        (0.9, 1.0)
    """
    return shorten(np.clip(tone, 0, 1), differences(colours)).astype("float32")

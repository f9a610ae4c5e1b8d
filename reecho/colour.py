"""Colour."""

from __future__ import annotations

import numpy as np

LUMA = (0.299, 0.587, 0.114)  # BT.601, red, green, blue


def luma(faces):
    """Brightness as BT.601 weighs it: Y = 0.299 R + 0.587 G + 0.114 B.

    Args:
        faces: float32 array or tensor (B, H, W, 3), red, green, blue in [0, 1].

    Returns:
        The same kind, (B, H, W, 1), in [0, 1].

    Example:
        >>> luma(np.ones((1, 2, 2, 3), "float32")).shape
        (1, 2, 2, 1)
    """
    return faces[..., 0:1] * LUMA[0] + faces[..., 1:2] * LUMA[1] + faces[..., 2:3] * LUMA[2]


def grey(faces):
    """The grey picture as three equal channels, so that no shape changes with the task; grey of grey is itself."""
    return luma(faces) * np.ones(3, "float32")


def chroma(faces: np.ndarray) -> np.ndarray:
    """BT.601 chroma, Cb and Cr, of each pixel.

    Args:
        faces: float array (n, H, W, 3) in [0, 1].

    Returns:
        float array (n, H, W, 2) in [-0.5, 0.5]; 0 is grey.

    Source: ITU-R BT.601-7, section 2.5.
    """
    difference = faces[..., [2, 0]] - luma(faces)  # blue and red less luma
    return difference / np.array([1.772, 1.402], difference.dtype)


def with_chroma(lightness: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """RGB from luma and chroma; not clipped, so that its luma and chroma are exactly those given.

    Args:
        lightness: float array (n, H, W, 1) in [0, 1].
        colours: float array (n, H, W, 2), Cb and Cr.

    Returns:
        float32 (n, H, W, 3).

    Example:
        >>> faces = np.random.default_rng(0).random((1, 2, 2, 3), "float32")
        >>> bool(np.allclose(with_chroma(luma(faces), chroma(faces)), faces, atol=1e-6))
        True
    """
    blue, red = colours[..., 0:1] * 1.772, colours[..., 1:2] * 1.402
    green = -(blue * 0.114 + red * 0.299) / 0.587  # the three differences from luma, weighed as luma, sum to nothing
    return (lightness + np.concatenate([red, green, blue], axis=-1)).astype("float32")


def fit_gamut(lightness: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """RGB from luma and chroma that a screen can show: a colour outside [0, 1] goes towards grey until it fits.

    Clipping would keep the chroma's direction no better and change the luma; here the luma holds to 1e-6.

    Args:
        lightness: float array (n, H, W, 1); clipped to [0, 1].
        colours: float array (n, H, W, 2), Cb and Cr.

    Returns:
        float32 (n, H, W, 3) in [0, 1]; what `with_chroma` gives wherever that lies in [0, 1].

    Example:
        >>> shown = fit_gamut(np.full((1, 1, 1, 1), 0.9), np.full((1, 1, 1, 2), 0.2))  # red and blue would be above 1
        >>> round(float(luma(shown).item()), 6), float(shown.max())
        (0.9, 1.0)
    """
    grey = np.clip(lightness, 0, 1)
    away = with_chroma(np.zeros_like(grey), colours)  # (n, H, W, 3), RGB less luma
    room = np.where(away > 0, 1 - grey, grey)
    share = np.min(room / np.maximum(np.abs(away), 1e-9), axis=-1, keepdims=True)  # of the chroma, that the narrowest channel holds
    return np.clip(grey + np.minimum(share, 1) * away, 0, 1).astype("float32")


def in_gamut(*a):
    from keras import ops

    return _in_gamut(ops, *a)


def from_chroma(colours):
    from keras import ops

    blue, red = colours[..., 0:1] * 1.772, colours[..., 1:2] * 1.402
    return ops.concatenate([red, -(blue * LUMA[2] + red * LUMA[0]) / LUMA[1], blue], axis=-1)


def _in_gamut(ops, lightness, differences):
    room = ops.where(differences > 0, 1.0 - lightness, lightness)
    share = ops.min(room / ops.maximum(ops.abs(differences), 1e-6), axis=-1, keepdims=True)
    return ops.clip(lightness + ops.minimum(share, 1.0) * differences, 0.0, 1.0)

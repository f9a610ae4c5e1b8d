"""Pixels averaged by area, and blocks of pixels folded into channels and back."""

from __future__ import annotations

from typing import Any

import numpy as np


def area_matrix(n_in: int, n_out: int) -> np.ndarray:
    """Weights that average n_in pixels to n_out by the exact share of each pixel that an output pixel covers.

    Args:
        n_in: pixels of the input, at least 1.
        n_out: pixels of the output, at least 1; where these are more, a pixel that lies within one of the input repeats it.

    Returns:
        float32 (n_out, n_in); each row sums to 1.

    Example:
        >>> area_matrix(3, 2).round(3).tolist()
        [[0.6669999957084656, 0.3330000042915344, 0.0], [0.0, 0.3330000042915344, 0.6669999957084656]]
    """
    edges = np.arange(n_out + 1) * (n_in / n_out)
    pixels = np.arange(n_in)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)  # (n_out, n_in)
    weights = np.maximum(overlap, 0)
    return (weights / weights.sum(1, keepdims=True)).astype("float32")


def averaged(pictures: np.ndarray, height: int, width: int) -> np.ndarray:
    """Pictures averaged by area to another size, see `area_matrix`.

    Args:
        pictures: float array (n, H, W, C).
        height, width: of the result in pixels.

    Returns:
        The same dtype, (n, height, width, C).

    Example:
        >>> averaged(np.arange(16.0).reshape(1, 4, 4, 1), 2, 2)[0, ..., 0]
        array([[ 2.5,  4.5],
               [10.5, 12.5]])
    """
    down, across = area_matrix(pictures.shape[1], height), area_matrix(pictures.shape[2], width)
    return np.einsum("ih,nhwc,jw->nijc", down, pictures, across, optimize=True)


def fold(pictures: Any, block: int, ops: Any = np) -> Any:
    """Fold blocks of pixels into channels, which are ordered by row, column and channel within the block.

    Args:
        pictures: array or tensor (B, H, W, C), H and W multiples of `block`.
        block: pixels down and across.
        ops: numpy for arrays, keras.ops for tensors.

    Returns:
        The same kind, (B, H / block, W / block, block² · C).

    Example:
        >>> fold(np.arange(4).reshape(1, 2, 2, 1), 2)
        array([[[[0, 1, 2, 3]]]])
    """
    _, height, width, channels = ops.shape(pictures)
    blocks = ops.reshape(pictures, (-1, height // block, block, width // block, block, channels))
    return ops.reshape(ops.transpose(blocks, (0, 1, 3, 2, 4, 5)), (-1, height // block, width // block, block**2 * channels))


def unfold(folded: Any, block: int, ops: Any = np) -> Any:
    """Channels back into blocks of pixels: what `fold` folded.

    Args:
        folded: array or tensor (B, H, W, block² · C).
        block: pixels down and across.
        ops: numpy for arrays, keras.ops for tensors.

    Returns:
        The same kind, (B, block · H, block · W, C).

    Source: Shi et al. (2016), arXiv:1609.05158, equation 4 ("periodic shuffling").
    """
    _, height, width, channels = ops.shape(folded)
    blocks = ops.reshape(folded, (-1, height, width, block, block, channels // block**2))
    return ops.reshape(ops.transpose(blocks, (0, 1, 3, 2, 4, 5)), (-1, height * block, width * block, channels // block**2))

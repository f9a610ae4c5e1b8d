"""A task is only a choice of input; the target is always the clean face."""

from __future__ import annotations

import numpy as np

from reecho.colour import grey
from reecho.errors import ReechoError

TASKS = ("reconstruction", "denoising", "colourisation")


def noise_like(faces: np.ndarray, seed: int) -> np.ndarray:
    """Standard normal noise, float32, in the shape of `faces`, the same for the same seed."""
    return np.random.default_rng(seed).standard_normal(faces.shape, dtype="float32")


def make_inputs(task: str, faces, noise=None, sigma: float = 0.1):
    """The network's input for clean faces.

    Args:
        task: "reconstruction" (the face itself), "denoising" (the face plus sigma · noise, not clipped: clipping would bias
            the noise) or "colourisation" (the face in grey, as three equal channels).
        faces: float32 array or tensor (B, H, W, 3) in [0, 1].
        noise: for denoising, standard normal, in the shape of `faces`.
        sigma: standard deviation of the noise in intensity units of [0, 1].

    Returns:
        The same kind and shape; only noisy inputs may leave [0, 1].

    Raises:
        ReechoError: an unknown task, or denoising without noise.

    Example:
        >>> faces = np.full((1, 2, 2, 3), 0.5, "float32")
        >>> bool((make_inputs("denoising", faces, noise=faces * 0, sigma=0.1) == faces).all())
        True
    """
    if task == "reconstruction":
        return faces
    if task == "denoising":
        if noise is None:
            raise ReechoError("Denoising needs noise to add; give standard normal noise in the shape of the faces.")
        return faces + sigma * noise
    if task == "colourisation":
        return grey(faces)
    raise ReechoError(f"There is no task {task!r}; choose one of {', '.join(TASKS)}.")

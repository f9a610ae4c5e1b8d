"""Two codes: one made of both, the way from one to the other, and which two."""

from __future__ import annotations

import numpy as np

from reecho.errors import ReechoError

MIXES = ("sum", "mean", "norm-keeping")


def mix(z1: np.ndarray, z2: np.ndarray, how: str) -> np.ndarray:
    """One code of two, row by row.

    Where both follow N(0, I), so does (z1 + z2) / √2; the sum is longer by √2, the mean shorter by √2, and the decoder has
    seen neither.

    Args:
        z1, z2: float array (n, latent_dim).
        how: "sum" (the document's), "mean" or "norm-keeping" (the sum over √2).

    Returns:
        float array (n, latent_dim).

    Raises:
        ReechoError: an unknown way of mixing.

    Example:
        >>> mix(np.array([[3.0, 0.0]]), np.array([[0.0, 4.0]]), "sum")
        array([[3., 4.]])
    """
    if how not in MIXES:
        raise ReechoError(f"There is no mix {how!r}; choose one of {', '.join(MIXES)}.")
    return (z1 + z2) / {"sum": 1.0, "mean": 2.0, "norm-keeping": 2.0**0.5}[how]


def turn(z1: np.ndarray, z2: np.ndarray, degrees: float, centre: np.ndarray | float = 0.0) -> np.ndarray:
    """One code of two by an angle, centre + cos θ · (z1 - centre) + sin θ · (z2 - centre): any share of either, the spread kept.

    Since cos² θ + sin² θ = 1, each axis keeps the mean and the variance that the codes have on it, whatever these are; nothing
    about N(0, I) is used. At 45 degrees and with the centre at 0 it is the norm-keeping mix.

    Args:
        z1, z2: float array (n, latent_dim), independent of each other.
        degrees: 0 gives z1, 90 gives z2.
        centre: float array (latent_dim,), the mean of codes; 0 is the prior's.

    Returns:
        float array (n, latent_dim).

    Example:
        >>> turn(np.array([[3.0, 0.0]]), np.array([[0.0, 4.0]]), 90).round(6)
        array([[0., 4.]])
    """
    angle = np.deg2rad(degrees)
    mixed = centre + np.cos(angle) * (z1 - centre) + np.sin(angle) * (z2 - centre)
    return np.asarray(mixed, np.result_type(z1, z2))


def lerp(z1: np.ndarray, z2: np.ndarray, t: float) -> np.ndarray:
    """The code at t on the straight line from z1 to z2.

    Args:
        z1, z2: float array (n, latent_dim).
        t: 0 gives z1, 1 gives z2; or an array that broadcasts, such as (n, 1).

    Returns:
        float array (n, latent_dim). Half-way between two independent codes it is shorter by √2.
    """
    return (1 - t) * z1 + t * z2


def slerp(z1: np.ndarray, z2: np.ndarray, t: float) -> np.ndarray:
    """The code at t on the arc from z1 to z2: direction along the great circle, length from one's to the other's.

    Args:
        z1, z2: float array (n, latent_dim).
        t: 0 gives z1, 1 gives z2; or an array that broadcasts, such as (n, 1).

    Returns:
        float array (n, latent_dim); where the two point the same way or exactly opposite ways (no arc is the shortest), or one
        is 0, the straight line.

    Source: White (2016), Sampling Generative Networks, arXiv:1609.04468, section 2.1.

    Example:
        >>> slerp(np.array([[2.0, 0.0]]), np.array([[0.0, 2.0]]), 0.5).round(3)
        array([[1.414, 1.414]])
    """
    z1, z2 = np.asarray(z1), np.asarray(z2)
    length1, length2 = (np.maximum(np.linalg.norm(z, axis=-1, keepdims=True), 1e-12) for z in (z1, z2))
    unit1, unit2 = z1 / length1, z2 / length2
    angle = np.arccos(np.clip((unit1 * unit2).sum(axis=-1, keepdims=True), -1, 1))
    sine = np.sin(angle)
    flat = (sine < 1e-4) | (np.minimum(length1, length2) <= 1e-12)
    safe = np.where(flat, 1, sine)
    arc = (np.sin((1 - t) * angle) / safe * unit1 + np.sin(t * angle) / safe * unit2) * lerp(length1, length2, t)
    return np.where(flat, lerp(z1, z2, t), arc).astype(np.result_type(z1, z2), copy=False)


def only(codes: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """The codes with all axes but some at 0, the prior's mean.

    Args:
        codes: float array (n, latent_dim).
        axes: int (k,), those that are kept.

    Returns:
        float array (n, latent_dim).

    Example:
        >>> only(np.array([[3.0, 4.0, 5.0]]), np.array([2]))
        array([[0., 0., 5.]])
    """
    only_these = np.zeros_like(codes)
    only_these[:, axes] = codes[:, axes]
    return only_these


def around(code: np.ndarray, axes: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """One code moved along some of its axes at once, by every combination of offsets; the other axes stay.

    Args:
        code: float array (latent_dim,).
        axes: int (k,), those that move.
        offsets: float (m,), how far.

    Returns:
        float array (m, …, m, latent_dim) with k axes of m before the last; [i, j, …] has moved by offsets[i] along the first of
        the axes, by offsets[j] along the second, and so on.

    Example:
        >>> around(np.array([1.0, 0.0, 5.0]), np.array([2, 0]), np.array([-1.0, 2.0]))[0, 1]
        array([3., 0., 4.])
    """
    moves = np.meshgrid(*[offsets] * len(axes), indexing="ij")
    codes = np.broadcast_to(code, (*moves[0].shape, len(code))).copy()
    for axis, move in zip(axes, moves, strict=True):
        codes[..., axis] += move
    return codes


def pairs(people: np.ndarray, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of pictures of two different people.

    Args:
        people: int (N,), who each picture shows, at least two people.
        n: how many pairs; at most N are given, so that no picture comes first twice.
        seed: of the draw.

    Returns:
        Two int arrays (min(n, N),) of indices.

    Raises:
        ReechoError: all pictures show one person.

    Example:
        >>> first, second = pairs(np.array([0, 0, 1, 2]), 3)
        >>> bool((np.array([0, 0, 1, 2])[first] != np.array([0, 0, 1, 2])[second]).all())
        True
    """
    people = np.asarray(people)
    if len(np.unique(people)) < 2:
        raise ReechoError("All pictures show one person; pairs need pictures of at least two people.")
    rng = np.random.default_rng(seed)
    first = rng.permutation(len(people))[:n]
    second = rng.integers(len(people), size=len(first))
    while (same := people[first] == people[second]).any():
        second[same] = rng.integers(len(people), size=same.sum())
    return first, second

"""Memory goes back to the system: of large arrays when they are freed, of train faces when a network is trained."""

from __future__ import annotations

import contextlib
import ctypes
import sys

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of glibc's malloc.h
_LARGE = 2**22  # bytes


def large_arrays_go_back() -> None:
    """Let the C library give an array of 4 MB and more memory of its own; does nothing where it cannot be asked to.

    glibc soon puts arrays of up to 32 MB between others, where one that was freed stays with the process: a third of a GiB of 4.2
    in notebook 06 at 64×64. The processor time of that notebook and of a training's steps stayed the same.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):  # another C library than glibc
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)


def let_go_of_datasets() -> None:
    """Let TensorFlow forget the Python functions of datasets that nobody reads any more, and with them the train faces.

    `tf.numpy_function` notes each function in the process's default graph, which keeps what the function refers to for good: 0.4
    GiB a training at 64×64. Graphs of networks are others, and stay.
    """
    if (tf := sys.modules.get("tensorflow")) is not None:
        tf.compat.v1.reset_default_graph()

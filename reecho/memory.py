"""Memory goes back to the system: of large arrays when they are freed, of a training when it ends."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys
from collections.abc import Iterator

# Parameters of glibc's malloc.h: from how many bytes on an array has memory of its own, and how many freed ones a process keeps.
_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
_LARGE, _LARGEST = 2**22, 2**25  # bytes; the second is the most that glibc takes
_FREED, _FREED_IN_TRAINING = 2**17, 2**30
_LARGE_FACES = 64  # pixels


def variables(size: int) -> dict[str, str]:
    """What the environment says to TensorFlow in a process for faces of a width in pixels.

    TensorFlow's own allocator keeps what it once had, 0.3 to 1.1 GiB after a training at 64×64; with the system's memory goes back,
    for more system time (at 64×64; at 32×32 there is little to go back).
    """
    return {"TF_ONEDNN_USE_SYSTEM_ALLOCATOR": "1"} if size >= _LARGE_FACES else {}


def large_arrays_go_back() -> None:
    """Let the C library give an array of 4 MB and more memory of its own; does nothing where it cannot be asked to.

    glibc soon puts arrays of up to 32 MB between others, where one that was freed stays with the process: a third of a GiB of 4.2
    in notebook 06 at 64×64. The processor time of that notebook and of a training's steps stayed the same.
    """
    _thresholds(_LARGE, _FREED)


@contextlib.contextmanager
def of_training() -> Iterator[None]:
    """Keep the arrays of a step for the next one in the block, and give back all that the training held after it.

    With memory of its own for each array of 4 MB a step at 64×64 takes 15 % more processor time, in this way 6 %. The Python
    functions of datasets, and with them all train faces, stay in a list of TensorFlow's default graph until it is emptied.
    """
    _thresholds(_LARGEST, _FREED_IN_TRAINING)
    try:
        yield
    finally:
        if (tf := sys.modules.get("tensorflow")) is not None:
            getattr(tf.compat.v1.get_default_graph(), "_py_funcs_used_in_graph", []).clear()
        gc.collect()
        large_arrays_go_back()
        _tell("malloc_trim", 0)


def _thresholds(own_memory: int, freed: int) -> None:
    _tell("mallopt", _MMAP_THRESHOLD, own_memory)
    _tell("mallopt", _TRIM_THRESHOLD, freed)


def _tell(function: str, *numbers: int) -> None:
    """Call a function of the C library, where that is glibc or has it as well."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            getattr(ctypes.CDLL(None), function)(*numbers)

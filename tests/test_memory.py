"""Memory goes back: of large arrays when they are freed, of what datasets read when a network is trained."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
import weakref

import numpy as np
import pytest
import tensorflow as tf

from reecho import memory

# 20 arrays of 8 MB with small ones between them; what the process holds more after the large ones were freed, MB
FREED = """
import numpy as np
import psutil
from reecho import memory

first = np.ones(2**21)
del first  # since then glibc puts arrays of up to 16 MB between others
if {asked}:
    memory.large_arrays_go_back()
before = psutil.Process().memory_info().rss
large, small = zip(*[(np.ones(2**20), np.ones(2**10)) for _ in range(20)])
del large
print((psutil.Process().memory_info().rss - before) // 2**20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="about the C library of most Linux systems")
def test_large_arrays_that_were_freed_are_no_longer_held():
    asked, not_asked = (
        int(subprocess.run([sys.executable, "-c", FREED.format(asked=asked)], capture_output=True, text=True, check=True).stdout)
        for asked in (True, False)
    )
    assert asked < 20 < 80 < not_asked


def read_in_a_dataset() -> weakref.ref:
    """A function that a dataset which is gone has called."""
    faces = np.zeros((3, 4), "float32")

    def read(number):
        return faces[number]

    dataset = tf.data.Dataset.range(3).map(lambda number: tf.numpy_function(read, [number], tf.float32))
    assert len(list(dataset)) == 3
    return weakref.ref(read)


def test_what_a_dataset_has_read_is_let_go_of():
    held = read_in_a_dataset()
    gc.collect()
    assert held() is not None  # else TensorFlow keeps nothing, and need not be told
    with memory.of_training():
        pass
    assert held() is None

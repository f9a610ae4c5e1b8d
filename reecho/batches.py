"""Arrays in batches, through a network; without the tuning of tf.data, for which every call would wait at its end.

tf.data tunes itself in a thread that sleeps 10 ms, 20 ms, 40 ms and so on, up to a minute. When an iterator ends, the thread's
wake-up is lost at times, and `fit`, `evaluate` or `predict` return only when it wakes: a call of 3.4 s takes 5.12 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # networks that are not taught need no TensorFlow, and run on any backend of Keras
    import keras
    import tensorflow as tf

BATCH = 256  # pictures at a time where nothing is learnt


def untuned(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """The same dataset without tuning; calls in parallel and what is fetched ahead must be set where it is made."""
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def of_arrays(*arrays: np.ndarray, size: int = BATCH) -> tf.data.Dataset:
    """A dataset of batches of equally long arrays, for `evaluate` and as validation data; in order, the last one smaller."""
    import tensorflow as tf

    return untuned(tf.data.Dataset.from_tensor_slices(arrays).batch(size))


def predict(model: keras.Model, *inputs: np.ndarray, size: int = BATCH) -> Any:
    """What a model makes of arrays that are equally long.

    Args:
        model: with one input an array.
        inputs: (N, ...) each, N at least 1.
        size: pictures at a time.

    Returns:
        An array (N, ...), or for a model of several outputs a list of them.
    """
    parts = []
    for start in range(0, len(inputs[0]), size):
        part = [values[start : start + size] for values in inputs]
        parts.append(model.predict_on_batch(part if len(part) > 1 else part[0]))
    if isinstance(parts[0], list | tuple):
        return [np.concatenate(output) for output in zip(*parts, strict=True)]
    return np.concatenate(parts)

"""Arrays through networks: the same numbers as Keras' own calls, and no iterator of tf.data that tunes itself."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from tensorflow.python.data.ops import iterator_ops

from reecho import trained
from reecho.batches import of_arrays, predict
from reecho.networks.registry import NETWORKS

FACES = np.random.default_rng(0).random((300, 6, 6, 3), dtype="float32")


@pytest.fixture
def iterators(monkeypatch):
    """For each iterator of tf.data that is made, whether it tunes itself."""
    made, begin = [], iterator_ops.OwnedIterator.__init__

    def noted(self, dataset=None, components=None, element_spec=None):
        if dataset is not None:
            made.append(dataset.options().autotune.enabled is not False)
        begin(self, dataset, components, element_spec)

    monkeypatch.setattr(iterator_ops.OwnedIterator, "__init__", noted)
    return made


def small():
    noisy = keras.Input((6, 6, 3))
    hidden = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(noisy)
    model = keras.Model(noisy, [keras.layers.Conv2D(3, 3, padding="same")(hidden), keras.layers.GlobalAveragePooling2D()(hidden)])
    model.compile(loss=["mse", None])
    return model


def test_a_model_gives_what_keras_itself_gives_and_no_iterator_is_made(iterators):
    model = small()
    expected = model.predict(FACES, batch_size=256, verbose=0)
    assert iterators and all(iterators)  # the way that is gone
    iterators.clear()
    for outputs, own in zip(predict(model, FACES), expected, strict=True):
        assert np.array_equal(outputs, own)
    assert iterators == []
    model.evaluate(of_arrays(FACES, FACES), verbose=0)
    assert iterators and not any(iterators)


@pytest.mark.parametrize("name", NETWORKS)
def test_no_call_of_a_training_waits_for_tuning(name, iterators, small_settings, small_faces, places):
    task = NETWORKS[name].tasks[0]
    settings = small_settings(network=name, task=task, epochs=2, batch_size=64)
    network = trained.load_or_train(places, settings, small_faces, lambda _: None)
    network.reproduce(small_faces.pictures("test"))
    assert not any(iterators), f"{sum(iterators)} of {len(iterators)}"
    assert iterators

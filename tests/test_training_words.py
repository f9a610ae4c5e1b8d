"""Sentences of notebook 02: what a training gained, and by which numbers."""

from __future__ import annotations

from types import SimpleNamespace

from reecho import evaluation
from reecho.methods import network

REFERENCE, COLOURISER = network("reference"), network("colouriser")


def trained_by(epochs, loss="mse", start="linear"):
    """What stands for a trained network: its history and its record."""
    count = len(epochs)
    losses = {"val_reconstruction_loss": epochs, "val_total_loss": epochs, "val_kl_loss": [240.0] * count}
    settings = {"network": "reference", "task": "denoising", "loss": loss, "size": 32}
    return SimpleNamespace(
        history={"epoch": list(range(count)), **losses},
        record={"settings": settings, "build": {"parameters": {"reconstruction_weight": 100_000.0}}},
        provenance={"best_epoch": count - 1, "initialisation": start, "minutes": 2.0},
        model=SimpleNamespace(variational=True),
    )


def test_a_training_is_told_by_the_error_before_and_after_it_in_grey_levels():
    text = evaluation.training_in_words(trained_by([0.01, 0.005, 0.0025]))
    assert "25.5 of 255 grey levels" in text and "**12.8** after 2 epochs" in text and "6.02 dB." in text and "240 nats" in text
    shorter = trained_by([0.01, 0.0099])
    shorter.history["val_kl_loss"] = [246.0, 239.4]
    assert "gain over a linear VAE of the same rate is larger." in evaluation.training_in_words(shorter)
    assert "from 246 to 239 nats" in evaluation.training_in_words(shorter)
    shorter.history["val_kl_loss"] = [239.0, 246.0]
    assert "code longer" in evaluation.training_in_words(shorter) and "is smaller" in evaluation.training_in_words(shorter)
    shorter.provenance["initialisation"] = "random"
    assert "of the same rate" not in evaluation.training_in_words(shorter)
    assert "nearly all" in evaluation.training_in_words(trained_by([0.01, 0.0099]))
    assert "nearly all" not in evaluation.training_in_words(trained_by([0.01, 0.0099], start="random"))
    assert "lowers its loss" in evaluation.training_in_words(trained_by([3.0, 2.0], loss="rmse"))


def test_a_training_ends_with_whether_more_of_it_could_help():
    network = trained_by([0.01, 0.006, 0.004, 0.0035])
    text = evaluation.training_conclusion(network)
    assert "reached after 1 epoch of 3" in text and "more epochs may still help" in text
    assert text.endswith("[Notebook 04](04_denoising.ipynb) compares networks on test people with methods that need no training.")
    network.provenance["best_epoch"] = 2
    assert "lowest after 2 epochs and higher afterwards" in evaluation.training_conclusion(network)
    network.provenance["best_epoch"] = 0
    assert "Within 3 epochs training finds nothing better than its start" in evaluation.training_conclusion(network)


def test_the_epoch_that_is_used_is_explained_by_the_two_terms_of_its_loss():
    """The error may rise where the KL falls by more; both are in the loss by which the epoch is chosen."""
    network = trained_by([0.00293, 0.00295])
    network.history |= {"val_total_loss": [538.84, 536.46], "val_kl_loss": [245.97, 241.84], "total_loss": [None, 546.17]}
    assert "loses 0.03 dB, but the loss, which also counts the nats of the code, falls by 2.3" in evaluation.training_in_words(
        network
    )
    text = evaluation.history_in_words(network)
    assert "epoch 1 are used" in text and "fell by 2.3: +1.9 by the error and −4.2 by the KL" in text and "9.7 above it" in text
    network.provenance["best_epoch"], network.history["total_loss"] = 0, [None, 546.2]
    assert "so the start is used" in evaluation.training_in_words(network) and "fell" not in evaluation.history_in_words(network)


def test_the_error_that_the_weight_assumes_stands_beside_the_measured_one():
    text = evaluation.error_in_words(trained_by([0.01, 0.0025]))
    assert "σ = 0.124" in text and "32 of 255" in text and "0.050, 12.8 grey levels" in text and "A weight of 610,000" in text
    assert "is 2.5 times as large" in text
    assert "0.061, 15.5 grey levels" in evaluation.error_in_words(trained_by([0.01, 0.003676]))  # not 15 here and 16 there
    both = evaluation.error_in_words(trained_by([0.01, 0.0025]), of_mean=0.04)
    assert "that of the mean of z 0.040, 10.2 grey levels" in both and "2.5 and 3.1 times as large" in both
    assert evaluation.error_in_words(trained_by([3.0, 2.0], loss="rmse")) == ""

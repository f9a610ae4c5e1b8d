"""Training: keyed by what matters, resumed where it stopped, the best epoch kept, the printed history adds up."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from reecho import trained, training
from reecho.errors import ReechoError


def lines():
    said = []
    return said, said.append


def test_a_network_is_trained_once_and_loaded_after(small_faces, small_settings):
    said, say = lines()
    first = trained.ensure(small_settings(), small_faces, say)
    assert any("min on this machine" in line for line in said) and any("epoch  1 of 1" in line for line in said)
    said.clear()
    again = trained.ensure(small_settings(), small_faces, say)
    assert said == []
    inputs = small_faces.pictures("test")[:4]
    assert np.array_equal(first.reproduce(inputs), again.reproduce(inputs))
    assert {path.name for path in first.folder.iterdir()} == {"parameters.pkl", "model.weights.h5", "history.csv", "network.json"}


def test_the_key_follows_parameters_faces_and_code_but_no_comment(small_faces, small_settings, tmp_path):
    key = trained.key(small_settings(), small_faces)
    assert key == trained.key(small_settings(preset="full", epochs=1), small_faces)
    assert key == trained.key(small_settings(train_sigma=0.3), small_faces)  # no noise in reconstruction
    assert key != trained.key(small_settings(latent_dim=17), small_faces)
    assert trained.key(small_settings(task="denoising"), small_faces) != trained.key(
        small_settings(task="denoising", train_sigma=0.3), small_faces
    )
    source = tmp_path / "a.py"
    codes = []
    for text in ('"""A."""\nx = 1\n', '"""B."""\nx = 1  # one\n', '"""A."""\nx = 2\n'):
        source.write_text(text)
        codes.append(trained.code_of(source))
    assert codes[0] == codes[1] != codes[2]


def test_a_parameter_that_a_network_does_not_use_trains_nothing_anew(small_faces, small_settings):
    def key(network, task="denoising", **changed):
        return trained.key(small_settings(task=task, network=network, **changed), small_faces)

    assert key("denoiser") == key("denoiser", latent_dim=9) != key("denoiser", train_sigma=0.2)
    assert key("blind_denoiser") == key("blind_denoiser", train_sigma=0.2) != key("small_denoiser")
    assert key("anchored") != key("anchored", latent_dim=9) and key("anchored") == key("anchored", initialisation="linear")
    vae = {"network": "colour_vae", "task": "colourisation"}
    assert key(**vae) == key(**vae, latent_dim=9) != key(**vae, reconstruction_weight=2e4)
    assert key("reference") != key("reference", initialisation="linear")


def test_total_is_weight_times_reconstruction_plus_kl_in_the_history_too(small_faces, small_settings):
    history = trained.ensure(small_settings(epochs=2), small_faces, lambda line: None).history
    assert history["epoch"] == [0, 1, 2] and history["total_loss"][0] is None
    for prefix, start in (("", 1), ("val_", 0)):
        parts = [np.array(history[f"{prefix}{name}"][start:]) for name in ("total_loss", "reconstruction_loss", "kl_loss")]
        assert np.allclose(parts[0], 100_000 * parts[1] + parts[2], rtol=1e-4)


def test_an_interrupted_training_goes_on_and_ends_as_if_it_had_not_been(small_faces, small_settings, monkeypatch):
    chosen = small_settings(epochs=3, task="denoising")
    whole = trained.ensure(chosen, small_faces, lambda line: None)
    monkeypatch.setenv("REECHO_BUILD", str(whole.folder.parent.parent / "again"))

    def interrupt(line):
        if line.startswith("epoch  2"):
            raise KeyboardInterrupt

    for _ in range(2):  # stopped as epoch 2 is told, before its checkpoint: it is done anew
        with pytest.raises(KeyboardInterrupt):
            trained.ensure(chosen, small_faces, interrupt)
    assert not trained.is_trained(chosen, small_faces)
    said, say = lines()
    resumed = trained.ensure(chosen, small_faces, say)
    assert "Going on after epoch 1 of 3." in said
    assert resumed.history["epoch"] == [0, 1, 2, 3]
    assert np.allclose(resumed.history["val_total_loss"], whole.history["val_total_loss"], rtol=0.02)
    assert not list(resumed.folder.parent.glob("*.training"))


def test_early_stopping_keeps_the_best_epoch(small_faces, small_settings):
    hot = trained.ensure(small_settings(epochs=6, patience=1, learning_rate=0.5), small_faces, lambda line: None)
    best = int(np.argmin(hot.history["val_total_loss"]))
    lowest = 1 + int(np.argmin(hot.history["val_total_loss"][1:]))  # the start may be better than all of them
    assert hot.provenance["best_epoch"] == best and hot.provenance["epochs"] == min(lowest + 1, 6)


def test_a_diverging_training_says_what_to_do(small_settings, tmp_path):
    journal = training.Journal(tmp_path / "checkpoint.npz", small_settings(), print)
    losses = {"total_loss": float("nan"), "reconstruction_loss": 0.1, "kl_loss": 1.0}
    with pytest.raises(ReechoError, match="learning_rate"):
        journal.note(None, 1, losses, losses, 1.0)
    assert not journal.path.exists()


@pytest.mark.parametrize(
    "changed", [{"loss": "rmse"}, {"loss": "calibrated"}, {"network": "autoencoder"}, {"task": "colourisation"}]
)
def test_every_loss_network_and_task_lowers_its_loss(small_faces, small_settings, changed):
    history = trained.ensure(small_settings(epochs=3, learning_rate=0.003, **changed), small_faces, lambda line: None).history
    assert history["total_loss"][-1] < history["total_loss"][1]


def test_the_document_s_filters_start_linear_and_narrow_ones_say_that_they_cannot(small_faces, small_settings):
    said, say = lines()
    narrow = trained.ensure(small_settings(initialisation="linear"), small_faces, say)
    assert narrow.provenance["initialisation"] == "random" and any("too narrow" in line for line in said)
    wide = trained.ensure(small_settings(initialisation="linear", filters=(32, 64, 64, 64), latent_dim=64), small_faces, say)
    assert wide.provenance["initialisation"] == "linear"


def test_eight_faces_can_be_overfitted(small_faces, small_settings):
    import dataclasses

    part = np.where(np.isin(np.arange(len(small_faces.part)), small_faces.indices("train")[:8]), small_faces.part, "left out")
    part[small_faces.indices("validation")[:2]] = "validation"
    eight = dataclasses.replace(small_faces, part=part, digest="eight")
    chosen = small_settings(
        network="autoencoder", epochs=300, patience=300, batch_size=8, learning_rate=0.003, latent_dim=64, horizontal_flip=False
    )
    history = trained.ensure(chosen, eight, lambda line: None).history
    spread = eight.pictures("train").var(axis=0).mean()  # what the mean of the eight gets
    assert history["reconstruction_loss"][-1] < 0.25 * spread


def test_the_record_says_what_made_the_network(small_faces, small_settings):
    network = trained.ensure(small_settings(), small_faces, lambda line: None)
    record = json.loads((network.folder / "network.json").read_text())
    assert record["faces"]["digest"] == small_faces.digest and record["settings"]["latent_dim"] == 16
    assert record["provenance"]["minutes"] >= 0 and record["provenance"]["versions"]["tensorflow"]


def test_a_loss_that_rises_from_the_start_and_then_falls_is_let_fall(small_settings, tmp_path):
    nothing = SimpleNamespace(weights=[], variables=[], optimizer=SimpleNamespace(variables=[]))
    journal = training.Journal(tmp_path / "checkpoint.npz", small_settings(epochs=20, patience=2), lambda line: None)
    stopped = []
    for epoch, loss in enumerate((1.0, 5.0, 4.0, 3.0, 2.0, 2.5, 2.5)):
        losses = {"total_loss": loss, "reconstruction_loss": loss, "kl_loss": 0.0}
        journal.note(nothing, epoch, losses if epoch else {}, losses, 1.0)
        stopped.append(journal.finished)
    assert stopped == [False] * 6 + [True] and journal.best_epoch == 0

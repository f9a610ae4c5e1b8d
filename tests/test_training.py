"""Training: keyed by what matters, resumed where it stopped, the best epoch kept, the printed history adds up."""

import dataclasses
import json
import threading

import numpy as np
import pytest

from reecho import journal, network_keys, trained, training
from reecho.context import Places, notes_of
from reecho.errors import ReechoError
from reecho.journal import CheckpointFile
from reecho.training import History, Recipe


def lines():
    said = []
    return said, said.append


@pytest.mark.slow
def test_a_network_is_trained_once_and_loaded_after(small_faces, small_settings, places):
    said, say = lines()
    first = trained.load_or_train(places, small_settings(), small_faces, say)
    assert any("min on this machine" in line for line in said) and any("epoch  1 of 1" in line for line in said)
    said.clear()
    again = trained.load_or_train(places, small_settings(), small_faces, say)
    assert said == []
    inputs = small_faces.pictures("test")[:4]
    assert np.array_equal(first.reproduce(inputs), again.reproduce(inputs))
    assert {path.name for path in first.folder.iterdir()} == {"parameters.pkl", "model.weights.h5", "history.csv", "network.json"}


def test_the_key_follows_parameters_and_faces(small_faces, small_settings, places):
    key = network_keys.key(small_settings(), small_faces)
    assert key == network_keys.key(small_settings(preset="full", epochs=1), small_faces)
    assert key == network_keys.key(small_settings(train_sigma=0.3), small_faces)  # no noise in reconstruction
    assert key != network_keys.key(small_settings(latent_dim=17), small_faces)
    assert network_keys.key(small_settings(task="denoising"), small_faces) != network_keys.key(
        small_settings(task="denoising", train_sigma=0.3), small_faces
    )


def test_a_parameter_that_a_network_does_not_use_trains_nothing_anew(small_faces, small_settings, places):
    def key(network, task="denoising", **changed):
        return network_keys.key(small_settings(task=task, network=network, **changed), small_faces)

    assert key("denoiser") == key("denoiser", latent_dim=9) != key("denoiser", train_sigma=0.2)
    assert key("blind_denoiser") == key("blind_denoiser", train_sigma=0.2) != key("small_denoiser")
    assert key("anchored") != key("anchored", latent_dim=9) and key("anchored") == key("anchored", initialisation="linear")
    vae = {"network": "colour_vae", "task": "colourisation"}
    assert key(**vae) == key(**vae, latent_dim=9) != key(**vae, reconstruction_weight=2e4)
    assert key("reference") != key("reference", initialisation="linear")


@pytest.mark.slow
def test_total_is_weight_times_reconstruction_plus_kl_in_the_history_too(small_faces, small_settings, places):
    history = trained.load_or_train(places, small_settings(epochs=2), small_faces, lambda line: None).history
    assert history["epoch"] == [0, 1, 2] and history["total_loss"][0] is None
    for prefix, start in (("", 1), ("val_", 0)):
        parts = [np.array(history[f"{prefix}{name}"][start:]) for name in ("total_loss", "reconstruction_loss", "kl_loss")]
        assert np.allclose(parts[0], 100_000 * parts[1] + parts[2], rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "task"), [("reference", "denoising"), ("blind_denoiser", "denoising"), ("colour_vae", "colourisation")]
)
def test_an_interrupted_training_goes_on_and_ends_as_if_it_had_not_been(small_faces, small_settings, places, network, task):
    chosen = small_settings(network=network, task=task, epochs=3, size=16, batch_size=32)
    whole = trained.load_or_train(places, chosen, small_faces, lambda line: None)
    places = Places(places.data, places.build / "again")

    def interrupt_at(start):
        def interrupt(line):
            if line.startswith(start):
                raise KeyboardInterrupt

        return interrupt

    for epoch in (0, 2):  # a finished epoch is not lost, not even where its own line of progress is interrupted
        with pytest.raises(KeyboardInterrupt):
            trained.load_or_train(places, chosen, small_faces, interrupt_at(f"epoch  {epoch}"))
        assert not trained.is_trained(places, chosen, small_faces)
    said, say = lines()
    resumed = trained.load_or_train(places, chosen, small_faces, say)
    assert "Going on after epoch 2." in said and sum(line.startswith("epoch ") for line in said) == 1
    assert resumed.history["epoch"] == [0, 1, 2, 3]
    for name in ("total_loss", "val_total_loss"):
        assert np.allclose(resumed.history[name][1:], whole.history[name][1:], rtol=1e-4)
    assert not list(resumed.folder.parent.glob("*.training"))


@pytest.mark.slow
def test_a_checkpoint_is_written_while_the_next_steps_run(small_faces, small_settings, places, monkeypatch):
    order, begun = [], {1: threading.Event(), 2: threading.Event(), 3: threading.Event()}
    write = CheckpointFile._write

    def write_late(self, history, variables, best):
        epoch = json.loads(history)["rows"][-1]["epoch"]
        assert epoch == 2 or begun[epoch + 1].wait(300)  # the last epoch is followed by no step
        write(self, history, variables, best)
        order.append(f"checkpoint {epoch}")

    def stepped(self, batch, logs=None):
        order.append(f"step of epoch {self.history.epoch + 1}")
        begun[self.history.epoch + 1].set()

    monkeypatch.setattr(CheckpointFile, "_write", write_late)
    monkeypatch.setattr(training._Epochs, "on_train_batch_end", stepped)
    network = trained.load_or_train(places, small_settings(epochs=2, size=16), small_faces, lambda line: None)
    for epoch in (0, 1):
        assert order.index(f"step of epoch {epoch + 1}") < order.index(f"checkpoint {epoch}")
    assert order[-1] == "checkpoint 2" and not list(network.folder.parent.glob("*.training"))
    history = network.history
    assert all(
        0 <= outside <= seconds + 0.01 for outside, seconds in zip(history["outside_seconds"], history["seconds"], strict=True)
    )
    assert 0 <= network.provenance["outside_steps"] <= 1


def test_a_checkpoint_that_cannot_be_written_ends_the_training_with_its_sentence(tmp_path, monkeypatch):
    def full(path):
        raise ReechoError(f"The disk is full: {path} was not written.")

    monkeypatch.setattr(journal, "written_aside", full)
    file = CheckpointFile(tmp_path / "checkpoint.npz", print)
    file.save(History("random", [{"epoch": 1}]), [np.ones(3)], [])
    with pytest.raises(ReechoError, match="disk is full"):
        file.save(History("random", [{"epoch": 2}]), [np.ones(3)], [])
    file.wait()  # it is said once


def test_the_best_weights_are_stored_once_where_they_are_those_of_the_last_epoch(tmp_path):
    file, weights = CheckpointFile(tmp_path / "checkpoint.npz", print), np.arange(3.0)
    for best, count in ((weights, 2), (weights + 1, 3)):
        file.save(History("random", [{"epoch": 1}]), [np.zeros(2), weights], [best])
        _, variables, stored = file.load([(2,), (3,)], [(3,)])
        assert np.array_equal(variables[1], weights) and np.array_equal(stored[0], best)
        with np.load(file.path) as archive:
            assert sum(name[1:].isdigit() for name in archive.files) == count


@pytest.mark.slow
def test_early_stopping_keeps_the_best_epoch(small_faces, small_settings, places):
    hot = trained.load_or_train(places, small_settings(epochs=6, patience=1, learning_rate=0.5), small_faces, lambda line: None)
    best = int(np.argmin(hot.history["val_total_loss"]))
    lowest = 1 + int(np.argmin(hot.history["val_total_loss"][1:]))  # the start may be better than all of them
    assert hot.provenance["best_epoch"] == best and hot.provenance["epochs"] == min(lowest + 1, 6)


def test_a_diverging_training_says_what_to_do():
    with pytest.raises(ReechoError, match="learning_rate"):
        History().add({"epoch": 1, "val_total_loss": float("nan"), "seconds": 1.0})


def test_the_counter_of_early_stopping_survives_an_interruption(tmp_path):
    recipe, history = Recipe(20, 0.001, patience=2), History()
    file = CheckpointFile(tmp_path / "checkpoint.npz", print)
    for epoch, loss in enumerate((3.0, 1.0, 2.0, 2.0)):
        assert not history.finished(recipe)
        history.add({"epoch": epoch, "val_total_loss": loss})
        file.save(history, [], [])
        history, _, _ = file.load([], [])
    assert history.finished(recipe) and (history.best, history.best_epoch, history.improved) == (1.0, 1, 1)
    assert file.rows_before == 4


def test_a_damaged_checkpoint_counts_as_none_and_is_said(tmp_path):
    said, say = lines()
    file, shapes = CheckpointFile(tmp_path / "checkpoint.npz", say), ([(3,)], [(2,)])
    file.save(History("random", [{"epoch": 2}]), [np.ones(3)], [np.zeros(2)])
    history, (variable,), (best,) = file.load(*shapes)
    assert history.start == "random" and history.epoch == 2 and variable.sum() == 3 and len(best) == 2
    assert said == ["Going on after epoch 2."]
    whole = file.path.read_bytes()
    for content in (b"", whole[:50], whole[:-30], whole[:300] + bytes(40) + whole[340:], b"no archive"):
        file.path.write_bytes(content)
        assert file.load(*shapes) is None
    file.path.write_bytes(whole)
    assert file.load([(4,)], [(2,)]) is None and file.load([(3,)], []) is None  # another network's
    assert len(said) == 8 and all("damaged" in line for line in said[1:])


@pytest.mark.slow
@pytest.mark.parametrize(
    "changed", [{"loss": "rmse"}, {"loss": "calibrated"}, {"network": "autoencoder"}, {"task": "colourisation"}]
)
def test_every_loss_network_and_task_lowers_its_loss(small_faces, small_settings, places, changed):
    history = trained.load_or_train(
        places, small_settings(epochs=3, learning_rate=0.003, **changed), small_faces, lambda line: None
    ).history
    assert history["total_loss"][-1] < history["total_loss"][1]


@pytest.mark.slow
def test_the_document_s_filters_start_linear_and_narrow_ones_say_that_they_cannot(small_faces, small_settings, places):
    said, say = lines()
    narrow = trained.load_or_train(places, small_settings(initialisation="linear"), small_faces, say)
    assert narrow.provenance["initialisation"] == "random, too narrow for the linear start"
    assert "First weights: random, too narrow for the linear start." in said
    wide = trained.load_or_train(
        places, small_settings(initialisation="linear", filters=(32, 64, 64, 64), latent_dim=64), small_faces, say
    )
    assert wide.provenance["initialisation"] == "linear"


@pytest.mark.slow
def test_eight_faces_can_be_overfitted(small_faces, small_settings, places):
    part = np.where(np.isin(np.arange(len(small_faces.part)), small_faces.indices("train")[:8]), small_faces.part, "left out")
    part[small_faces.indices("validation")[:2]] = "validation"
    eight = dataclasses.replace(small_faces, part=part, digest="eight")
    chosen = small_settings(
        network="autoencoder", epochs=300, patience=300, batch_size=8, learning_rate=0.003, latent_dim=64, horizontal_flip=False
    )
    history = trained.load_or_train(places, chosen, eight, lambda line: None).history
    spread = eight.pictures("train").var(axis=0).mean()  # what the mean of the eight gets
    assert history["reconstruction_loss"][-1] < 0.25 * spread


@pytest.mark.slow
def test_the_record_says_what_made_the_network(small_faces, small_settings, places):
    network = trained.load_or_train(places, small_settings(), small_faces, lambda line: None)
    record = json.loads((network.folder / "network.json").read_text())
    assert record["faces"]["digest"] == small_faces.digest and record["settings"]["latent_dim"] == 16
    made, seconds = record["provenance"], network.history["seconds"]
    assert made["minutes"] == pytest.approx(sum(seconds) / 60, abs=0.01) and made["versions"]["tensorflow"]
    assert made["processor_minutes"] == pytest.approx(sum(network.history["processor_seconds"]) / 60, abs=0.01)
    cost = network.cost_of(small_faces.pictures("test")[:4])
    assert cost["rate_nats"] > 0 and cost["train_seconds"] == round(made["minutes"] * 60)
    assert cost["processor_seconds"] == round(made["processor_minutes"] * 60)
    assert network.record["build"]["parameters"]["latent_dim"] == 16


def test_a_network_counts_once_and_what_its_training_took_in_a_step_is_said(small_faces, small_settings, places, step):
    run = step(small_settings(epochs=2))

    def interrupt(line):
        if line.startswith("epoch  1"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained.load_or_train(places, run.settings, small_faces, interrupt)
    network = trained.one(run, "reconstruction", small_faces, lambda line: None)  # goes on after epoch 1
    note = notes_of(run.folder, run.step) / f"{network.folder.name}.json"
    content = json.loads(note.read_text())
    last = [network.history[name][-1] / 60 for name in ("seconds", "processor_seconds")]
    assert content["here"] == pytest.approx(last, abs=0.01) and content["minutes"] == network.provenance["minutes"]
    trained.one(run, "reconstruction", small_faces, lambda line: None)  # is loaded
    assert json.loads(note.read_text()) == content
    other = dataclasses.replace(run, step="03_reconstruction")
    trained.one(other, "reconstruction", small_faces, lambda line: None)
    assert json.loads((notes_of(other.folder, other.step) / note.name).read_text())["here"] == [0.0, 0.0]


def test_a_loss_that_rises_from_the_start_and_then_falls_is_let_fall():
    history, recipe, finished = History(), Recipe(20, 0.001, patience=2), []
    for epoch, loss in enumerate((1.0, 5.0, 4.0, 3.0, 2.0, 2.5, 2.5)):
        history.add({"epoch": epoch, "val_total_loss": loss})
        finished.append(history.finished(recipe))
    assert finished == [False] * 6 + [True] and history.best_epoch == 0


def test_a_network_is_known_by_values_and_by_the_code_that_makes_its_numbers_alone():
    from reecho.dependencies import Sources

    reached = Sources().closure(["reecho.training", "reecho.lessons", "reecho.networks.reference"])
    assert {"reecho.model", "reecho.linear", "reecho.augment", "reecho.inputs", "reecho.data.resize"} <= reached
    speaking = {"journal", "store", "files", "settings", "parameters", "titles", "tasks", "provenance", "trained", "context"}
    assert not reached & {f"reecho.{name}" for name in speaking}

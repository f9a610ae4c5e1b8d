"""Training with faults: resumed where it stopped, each fault on its own, the rerun in the original's order."""

from types import SimpleNamespace

import numpy as np
import pytest

from reecho import metrics
from reecho.errors import ReechoError
from reecho.faults import ladder, lessons, original
from reecho.faults import networks as phases
from reecho.faults.switches import Faults
from reecho.training import _rate

NARROW = ((8, 8), (3, 3), (2, 2), 8)


def material(task="reconstruction", faults=None, count=96, seed=0):
    targets = np.random.default_rng(5).random((count, 16, 16, 3), dtype="float32")
    return lessons.Material(task, Faults.original().of_training(task) if faults is None else faults, targets, targets[:8], seed)


def test_noise_is_the_same_in_every_epoch_where_it_is_drawn_once():
    once, anew = material("denoising", Faults(noise_once=True)), material("denoising", Faults())
    assert np.array_equal(once.inputs(0), once.inputs(3)) and not np.array_equal(anew.inputs(0), anew.inputs(3))
    assert (once.inputs(0) - once.targets).std() == pytest.approx(0.1, rel=0.02)


def test_inputs_and_targets_are_shuffled_and_mirrored_together():
    taught = material(faults=Faults())
    inputs, targets = lessons._shuffled(taught, 2)
    assert np.array_equal(inputs, targets) and not np.array_equal(targets, lessons._shuffled(taught, 3)[1])
    ordered = {each.tobytes() for each in taught.targets} | {each[:, ::-1].tobytes() for each in taught.targets}
    assert {each.tobytes() for each in targets} <= ordered
    plain = lessons._shuffled(material(faults=Faults(recipe=True)), 2)[1]
    assert {each.tobytes() for each in plain} == {each.tobytes() for each in taught.targets}


def test_every_epoch_has_all_pictures_and_a_smaller_last_batch():
    taught = material(faults=Faults(recipe=True), count=70)
    lesson = taught.lesson()
    sizes = [len(targets) for _, targets in lesson.batches(1, 3)]
    assert lesson.steps == 3 and sizes == [32, 32, 6] * 2


def test_nothing_to_learn_from_is_said():
    with pytest.raises(ReechoError, match="no faces"):
        material(count=0).lesson()


def test_the_recipe_decides_rate_and_momentum():
    for fault, momentum, constant in ((True, 0.99, True), (False, 0.9, False)):
        taught = material(faults=Faults(recipe=fault))
        vae = lessons.build(taught, NARROW)
        norms = [layer for layer in vae.encoder.layers if "bn" in layer.name]
        assert norms and all(layer.momentum == momentum for layer in norms)
        assert isinstance(_rate(taught.recipe(10), 100), float) == constant


@pytest.mark.slow
def test_the_linear_start_is_taken_where_the_network_can_carry_it():
    wide = ((32, 64), (3, 3), (1, 2), 64)
    taught = material(faults=Faults(), count=256)
    vae = lessons.build(taught, wide)
    vae.compile()
    before = vae.evaluate(taught.targets, taught.targets, verbose=0, return_dict=True)["total_loss"]
    assert lessons.start(vae, taught, wide, None) == "linear"
    assert vae.evaluate(taught.targets, taught.targets, verbose=0, return_dict=True)["total_loss"] < before
    narrow = lessons.build(taught, NARROW)
    weights = narrow.get_weights()
    assert lessons.start(narrow, taught, NARROW, None) == "random"
    assert all(np.array_equal(a, b) for a, b in zip(weights, narrow.get_weights(), strict=True))


@pytest.mark.slow
def test_the_rerun_trains_its_phases_in_order_and_is_loaded_again(small_faces, step):
    run = step("07_faults")
    said = []
    networks = phases.rerun(run, small_faces, 1, shape=NARROW, say=said.append)
    assert [line.split(":")[0] for line in said] == list(phases.PHASES)
    assert list(networks) == list(phases.PHASES)
    assert set(networks["denoising"].history) >= {"epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"}
    assert networks["colourisation"].provenance["epochs"] == 1 and networks["colourisation"].record["faults"]["grey"]
    outputs = networks["reconstruction"].reproduce(small_faces.pictures("test")[:2] - original.SHIFT)
    said.clear()
    again = phases.rerun(run, small_faces, 1, shape=NARROW, say=said.append)
    assert not said
    assert np.array_equal(outputs, again["reconstruction"].reproduce(small_faces.pictures("test")[:2] - original.SHIFT))
    assert phases.rerun(run, small_faces, 0, shape=NARROW) == {}


def test_a_rung_learns_from_as_many_pictures_as_any_other(small_faces):
    ours, theirs = lessons.train_pictures(small_faces, Faults()), lessons.train_pictures(small_faces, Faults(split=True))
    assert len(ours) == len(theirs) and set(theirs) & set(small_faces.indices("test"))
    assert set(ours) <= set(small_faces.indices("train"))


@pytest.mark.slow
def test_the_ladder_is_climbed_from_both_ends(small_faces, monkeypatch, step):
    run = step("07_faults")
    monkeypatch.setattr(ladder, "RUNGS", {"colourisation": ("unsaved",)})
    said = []
    (row,) = ladder.climb(run, small_faces, 1, shape=NARROW, say=said.append)
    assert row["trained"] and row["n"] == len(ladder.measured_on(small_faces))
    assert row["gain"] == pytest.approx(row["one_mended"] - row["original"])
    assert {name: len(losses) for name, losses in row["val_loss"].items()} == {"original": 1, "one_mended": 1}
    assert row["loss"] == pytest.approx(row["mended"] - row["one_left"])
    assert all(low <= row[name] <= high for name in ("gain", "loss") for low, high in [row[f"{name}_ci95"]])
    assert len(said) == 4  # colourisation and reconstruction, each with all faults and with none
    assert ladder.climb(run, small_faces, 1, shape=NARROW, say=said.append) == [row] and len(said) == 4


def test_faults_can_be_put_in_afterwards_but_for_those_of_training(small_faces):
    def noisy(inputs, seed):
        return inputs + 0.1 * np.random.default_rng(seed).standard_normal(inputs.shape)

    echo = SimpleNamespace(reproduce=lambda inputs: inputs, reproduce_sampled=noisy)
    rows = {row["key"]: row for row in ladder.afterwards({"reconstruction": echo, "colourisation": echo}, small_faces)}
    assert list(rows) == ["scale", "draw", "resize", "unsaved", "grey"]
    assert not any(row["trained"] or "gain" in row for row in rows.values())
    assert rows["draw"]["one_left"] == pytest.approx(20, abs=0.7) and rows["scale"]["mended"] == 100
    true = small_faces.pictures(ladder.measured_on(small_faces))
    assert rows["scale"]["one_left"] == pytest.approx(metrics.psnr(np.maximum(true, 0.5), true).mean())
    assert rows["unsaved"]["loss"] == 0 and rows["resize"]["one_left"] < 60

"""The original's faults: known answers, its split and its floor, figures that say what they show."""

import numpy as np
import pytest

from reecho import faults, linear, metrics, plots
from reecho.data import gradient_energy
from reecho.errors import ReechoError
from reecho.faults import epochs, measure, original, original_results, show, words
from reecho.faults.ladder import RUNGS
from reecho.faults.networks import FURTHER
from reecho.faults.switches import Faults
from reecho.faults.table import FAULTS


class Echo:
    """A reconstruction network that gives back what it gets, for known answers."""

    def __init__(self, noise=0.0, nats=3.0, latent_dim=4):
        self.noise, self.nats, self.latent_dim, self.history = noise, nats, latent_dim, {"epoch": [1]}

    def encode(self, inputs):
        codes = np.random.default_rng(0).standard_normal((len(inputs), self.latent_dim))
        return codes, np.zeros_like(codes)

    def reproduce(self, inputs):
        return np.clip(inputs, 0, 1)

    def reproduce_sampled(self, inputs, seed):
        return self.reproduce(inputs) + self.noise

    def rate(self, inputs):
        return np.full((len(inputs), self.latent_dim), self.nats / self.latent_dim)


def test_the_original_alone_is_all_faults_and_every_switch_goes_both_ways():
    for key in Faults.__dataclass_fields__:
        assert not getattr(Faults.original().toggled(key), key) and getattr(Faults().toggled(key), key)
        assert Faults().toggled(key).toggled(key) == Faults()
    with pytest.raises(ReechoError, match="scale"):
        Faults().toggled("sclae")


def test_a_network_serves_every_rung_whose_training_is_the_same():
    assert Faults(draw=True, grey=True, noise_once=True).of_training("reconstruction") == Faults()
    assert Faults(noise_once=True).of_training("denoising") == Faults(noise_once=True)
    assert Faults(unsaved=True, grey=True).of_training("colourisation") == Faults(grey=True)
    assert Faults.original().of_training("reconstruction") == Faults(resize=True, scale=True, split=True, recipe=True)


def test_every_rung_and_every_switch_stand_in_the_table_once():
    keys = [fault.key for fault in FAULTS]
    assert len(set(keys)) == len(keys)
    assert {key for rungs in RUNGS.values() for key in rungs} == set(Faults.__dataclass_fields__) <= set(keys)


def test_what_lies_below_zero_is_the_floor_and_nothing_else_is():
    targets = np.array([-0.5, 0.5, 0.0, -0.1]).reshape(1, 2, 2, 1) * np.ones(3)
    assert original_results.unreachable(targets) == pytest.approx(100_000 * (0.25 + 0.01) / 4)
    assert original_results.unreachable(np.abs(targets)) == 0
    assert original_results.mean_face_loss(targets, targets) == pytest.approx(original_results.unreachable(targets))


def test_parts_of_the_loss_sum_to_it():
    targets = np.random.default_rng(0).random((6, 8, 8, 3)) - 0.5
    parts = measure.loss_parts(Echo(noise=0.01), targets)
    assert parts["out of reach"] == pytest.approx(original_results.unreachable(targets)) and parts["KL"] == pytest.approx(3)
    assert parts["error within reach"] == pytest.approx(0, abs=1e-6)
    drawn = np.clip(targets, 0, 1) + 0.01
    assert sum(parts.values()) == pytest.approx(100_000 * np.mean((drawn - targets) ** 2) + 3)


def test_grey_of_grey_is_itself_and_red_counts_as_blue_did():
    grey = np.full((1, 2, 2, 3), 0.3, "float32")
    assert np.allclose(original.swapped_grey(grey), grey)
    blue = np.zeros((1, 1, 1, 3), "float32")
    blue[..., 2] = 1
    assert np.allclose(original.swapped_grey(blue), 0.299)


def test_accuracy_is_one_for_the_target_none_for_its_opposite_and_red_for_grey():
    targets = np.random.default_rng(0).random((2, 4, 4, 3))
    assert original_results.accuracy(targets, targets) == 1 and original_results.accuracy(-targets, targets) < 0.01
    assert original_results.accuracy(np.array([1, 0, 0]), np.full((1, 2, 2, 3), 0.4)) == 1


def test_the_published_history_is_whole():
    published = original_results.published()
    assert list(published) == ["reconstruction", "denoising", "colourisation"]
    assert all(history["epoch"] == list(range(1, 21)) for history in published.values())
    assert published["reconstruction"]["val_accuracy"][-1] == 0.8776
    assert min(published["reconstruction"]["val_loss"]) == pytest.approx(4514.3018)


def test_the_original_split_lets_people_through_and_ours_does_not(small_faces):
    known, held = original.split(len(small_faces))
    assert len(held) == 36 and not set(known) & set(held)
    assert measure.in_data(small_faces)["split"] > 20
    measured_on = faults.measured_on(small_faces)
    assert set(measured_on) <= set(small_faces.indices("test")) & set(held) and len(measured_on)
    chosen = original.any_people(small_faces, 100)
    assert len(chosen) == 100 and not set(chosen) & set(measured_on)


def test_faults_of_the_data_have_the_values_that_follow(small_faces):
    found = measure.in_data(small_faces)
    assert set(found) == {"scale", "shown", "accuracy", "split", "copies", "resize", "shear", "grey"}
    assert 0 < found["scale"] < 25_000 and 0 < found["shown"] < 100 and found["shear"] == pytest.approx(0.0541, abs=0.001)
    assert 75 < found["copies"] < 100


def test_faults_of_the_use_have_the_values_that_follow():
    targets = np.random.default_rng(0).random((40, 8, 8, 3), dtype="float32")
    found = measure.in_network(Echo(noise=0.1, latent_dim=256), targets)
    assert found["sum"] == pytest.approx(2**0.5, abs=0.05) and found["formula"] == pytest.approx(-3)
    assert found["unsaved"] == pytest.approx(0, abs=1e-4) and found["draw"] > 50  # from no error at all to 20 dB


def test_the_table_says_where_a_number_is_missing():
    rows = faults.rows({"scale": 4100.9, "noise_once": -0.2})
    told = {row["key"]: row["measured"] for row in rows}
    assert told["scale"] == "4,101" and told["noise_once"] == "0" and told["recipe"] == "not in this run"


def test_accuracy_one_is_had_without_a_face():
    targets = np.random.default_rng(0).random((5, 8, 8, 3), dtype="float32")
    awful = faults.right_and_awful(targets)
    assert original_results.accuracy(awful, targets) == 1 and np.ptp(awful) == pytest.approx(0.01, abs=1e-6)
    assert faults.leading(targets).sum(-1).min() == 1 and original_results.accuracy(faults.leading(targets), targets) == 1
    rows = faults.accuracy_grid(targets, targets)
    scores = {name: values for name, _, values in rows if values is not None}
    assert scores["network, mended"].tolist() == scores["grey, right channel"].tolist() == [1] * 5
    red = (targets.argmax(-1) == 0).mean(axis=(1, 2))
    assert scores["red everywhere"] == pytest.approx(red) and len(rows) == 8
    assert "**1.000 at" in faults.of_accuracy(targets, targets)


def test_the_split_is_explained_by_what_is_near(small_faces):
    split = faults.Split.of(Echo(), small_faces)
    assert split.pictures == len(faults.measured_on(small_faces)) and 0 < split.shared <= 1
    assert 0 <= split.nearest_is_same <= split.shared and min(split.distances) > 0
    assert split.on_train == split.on_held_out == 100
    assert "It costs 0.00 dB here, as the only fault." in split.in_words([{"key": "split", "loss": -0.001}])
    assert "no rung for it" in split.in_words([{"key": "scale", "loss": 1.0}])


def test_the_resize_is_explained_by_the_best_linear_vae(small_faces):
    resize = faults.Resize.of(small_faces)
    indices = faults.measured_on(small_faces)
    pair = original.pictures(small_faces, indices), small_faces.pictures(indices)
    assert resize.gradient == pytest.approx(np.divide(*map(gradient_energy, pair)))
    train = small_faces.pictures(small_faces.indices("train"))
    best = linear.fit(train, train, 0, 1024, original.WEIGHT, "mse")
    assert resize.psnr[0] == pytest.approx(metrics.psnr(best.reproduce(pair[1]), pair[1]).mean(), abs=0.02)
    assert resize.rates[0] == pytest.approx(best.rate(pair[1]).sum(1).mean(), rel=0.01)
    told = resize.in_words([{"key": "resize", "loss": -0.85}])
    assert "only fault, the score is 0.85 dB higher than without" in told and f"{resize.own:.2f} dB" in told
    assert "trained without it" in resize.in_words([{"key": "resize", "loss": 0.1, "trained": False}])
    assert [row["psnr"] for row in resize.rows()][:2] == list(resize.psnr)


def faulty_end(gain, ours, original):
    return {"n": 9, "gain": gain, "val_loss": {"one_mended": ours, "original": original}}


def test_a_gain_of_the_faulty_end_is_explained_by_the_last_epoch_of_the_network_that_is_worse():
    told = epochs.of_faulty_end(faulty_end(-0.47, [5700.0, 5268.2, 7571.6], [5692.0, 5651.0, 5066.2]))
    assert "−0.47 dB" in told and "loss of the network with this fault mended" in told and "rose from 5,268 to 7,572" in told
    assert "the original went from 5,651 to 5,066" in told and "over people, not over trainings" in told
    other = epochs.of_faulty_end(faulty_end(0.47, [5300.0, 5200.0], [5000.0, 6000.0]))
    assert "loss of the original on validation people rose from 5,000 to 6,000" in other
    assert "bad last epoch" not in epochs.of_faulty_end(faulty_end(-0.47, [5300.0, 5200.0], [5000.0, 6000.0]))
    assert "bad last epoch" not in epochs.of_faulty_end(faulty_end(-0.47, [5300.0], [5000.0]))
    assert epochs.of_faulty_end(faulty_end(-0.001, [5.0, 6.0], [5.0, 6.0])).endswith("by 0.00 dB. ")
    assert epochs.of_faulty_end({"loss": 1.0}) == ""


def test_loss_and_accuracy_that_fall_together_are_shown_and_compared_with_always_red(small_faces):
    network = Echo()
    network.history = {"epoch": [1, 2, 3], "val_loss": [6297.6, 5506.1, 5160.8], "val_accuracy": [0.8756, 0.8649, 0.8727]}
    told = faults.of_both_falling({"reconstruction": network}, small_faces, 0.8759)
    assert "from the rerun" in told and "from epoch 1 to epoch 2" in told and "from 6,298 to **5,506**" in told
    assert "always saying red has, 0.876" in told and "one constant colour" not in faults.of_both_falling({}, small_faces, 0.8759)
    assert "one constant colour" not in faults.of_both_falling({"reconstruction": network}, small_faces, 0.86)
    assert "as published" in faults.of_both_falling({}, small_faces, 0.8759)
    network.history |= {"val_accuracy": [0.1, 0.2, 0.3]}
    assert faults.of_both_falling({"reconstruction": network}, small_faces, 0.8759) == ""
    assert "0.8772 and 0.8661" in faults.of_failures() and "4,393 and 4,475, which is lower than" in faults.of_failures()


def rung(task, key, trained=True):
    row = {"task": task, "key": key, "fault": key, "n": 9, "trained": trained}
    ends = {"mended": 27.0, "one_left": 20.0, "loss": 7.0}
    if trained:
        ends |= {"original": 13.0, "one_mended": 14.0, "gain": 1.0}
    return row | ends | {f"{name}_ci95": [value - 1, value + 1] for name, value in ends.items()}


@pytest.mark.parametrize("trained", [True, False])
def test_the_ladder_is_drawn_and_told_from_the_ends_that_there_are(trained):
    rows = [rung(task, key, trained) for task, keys in RUNGS.items() for key in keys]
    figure = plots.both_ways(show.rungs(rows), "PSNR, dB", show.ENDS)
    named = {text.get_text() for text in figure.legends[0].get_texts()}
    assert named == (set(show.ENDS) if trained else set(show.ENDS[2:]))
    assert ("The other end is" in words.of_ladder(rows)) == trained


@pytest.mark.parametrize("trained", [True, False])
def test_a_fault_that_makes_the_score_better_gains_and_does_not_cost_less_than_nothing(trained):
    rows = [rung("reconstruction", "resize", trained) | {"loss": -0.85}, rung("colourisation", "grey", trained) | {"loss": 0.02}]
    assert words.ladder_alt(rows).endswith("resize gains 0.8 dB; grey costs less than 0.05 dB.")
    told = words.of_ladder([*rows, rung("reconstruction", "scale", trained)])
    assert "red and blue were swapped" in told and ("meets the same ones" in told) == trained
    assert "swapped" not in words.of_ladder([rung("reconstruction", "scale", trained)])


def test_the_histories_are_described_as_they_are_there(small_faces):
    assert "as published" in words.rerun_caption({}, small_faces) and "those of LFW" in words.rerun_caption({}, small_faces)
    assert "trained again" in words.rerun_caption({"reconstruction": 1}, small_faces)
    assert words.rerun_alt(small_faces, 4101.0, 0.8759).endswith("three tasks.")
    told = words.of_colour({}, small_faces)
    assert "11,233" in told and "4,646" in told and "third column" not in told
    assert "colourfulness of 0, true ones of 43" in words.of_use({"unsaved": 5.2}, 43.0) and "has 5." in words.of_use(
        {"unsaved": 5.2}, 43
    )


def test_rungs_that_were_not_measured_keep_their_place():
    figure = plots.both_ways(show.rungs([rung("reconstruction", "scale")]), "PSNR, dB", show.ENDS)
    labels = [label.get_text() for axes in figure.axes for label in axes.get_yticklabels()]
    assert len(labels) == 8 and sum("not in this run" in label for label in labels) == 7
    with pytest.raises(ReechoError, match="No row"):
        plots.both_ways(show.rungs([]), "PSNR, dB", show.ENDS)


def test_the_published_curves_are_drawn_alone_and_beside_a_rerun():
    history = {name: values[:3] for name, values in original_results.published()["reconstruction"].items()}
    network = Echo()
    network.history = history
    both = {"reconstruction": network, FURTHER: network}
    for networks, lines in (({}, 2), ({"reconstruction": network}, 4), (both, 6)):
        figure = plots.panels(show.histories(networks), "epoch", show.levels(4101, 0.8759), show.LIMITS)
        assert len(figure.axes) == 6 and len(figure.legends[0].get_texts()) == lines
    near = show.nearness({"reconstruction": network})
    assert near[0]["epoch"] == 3 and near[0]["our_val_loss"] == near[0]["val_loss"]
    assert [row["our_val_loss"] for row in show.nearness({})] == [None] * 3


def test_the_bars_sum_and_the_words_follow_the_faces(small_faces):
    known, held = show.targets(small_faces)
    bars = show.bars(known, held, {"reconstruction": Echo()}, Echo(), small_faces, 0)
    assert list(bars) == [show.MEAN, "network, our rerun (1 epoch)", show.MEAN_MENDED, show.MENDED]
    assert bars[show.MENDED].keys() <= set(faults.PARTS) and "out of reach" not in bars[show.MENDED]
    figure = plots.stacked_bars(bars, faults.PARTS, "loss")
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == list(bars)
    told = words.of_loss(bars, small_faces)
    assert f"{original_results.unreachable(held):,.0f}" in told and "published" not in told
    assert "rerun_epochs" in words.of_rerun({}, small_faces) and "13,233" in words.of_rerun({"reconstruction": 1}, small_faces)
    with pytest.raises(ReechoError, match="no bars"):
        plots.stacked_bars({}, faults.PARTS, "loss")

"""Sets that do not fit into memory: what is read in chunks is what the whole is, and no more than a chunk lies in memory."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from reecho import baselines, components, inputs, lessons, linear, metrics, streams
from reecho.augment import Ranges
from reecho.colour import grey
from reecho.components import of_faces
from reecho.computed import Computed
from reecho.data import faces as faces_module
from reecho.data import resize, small
from reecho.data.resize import shrink
from reecho.evaluation import HeldOut
from reecho.faults import original
from reecho.metrics import search
from reecho.once import directly
from reecho.streams import Stream


@pytest.fixture
def few_at_a_time(monkeypatch):
    """Chunks of so few pictures that a small set has many of them, the last one smaller."""
    monkeypatch.setattr(streams, "CHUNK", 37)


@pytest.fixture
def pictures(small_faces):
    """More pictures than values of a picture, so that their covariance tells all: float32 (300, 8, 8, 3)."""
    return small_faces.pictures(np.arange(300), size=8)


def streamed(pictures):
    return Stream.of(pictures, np.arange(len(pictures)))


def test_a_stream_is_picked_from_as_an_array_is(pictures):
    backwards = np.arange(len(pictures))[::-1]
    stream, array = Stream.of(pictures, backwards), pictures[::-1]
    assert len(stream) == len(array) and stream.shape == array.shape
    for places in (3, -1, slice(2, 90, 7), np.array([5, 2, 2]), np.arange(300) % 3 == 0):
        assert (stream[places] == array[places]).all()
    inside_out = streams.changed(stream, lambda some: 1 - some[..., :1])
    assert inside_out.shape == (300, 8, 8, 1) and (inside_out[4:9] == 1 - array[4:9, ..., :1]).all()


def test_sums_over_chunks_are_those_of_the_whole(pictures, few_at_a_time):
    flat, plain = pictures.reshape(300, -1).astype("float64"), grey(pictures)
    mean, middle = flat.mean(0), grey(pictures).reshape(300, -1).astype("float64").mean(0)
    assert streams.mean(streamed(pictures)).ravel() == pytest.approx(mean, abs=1e-7)
    exact = (flat - mean).T @ (plain.reshape(300, -1) - middle)
    means = pictures.mean(0), plain.mean(0)
    assert streams.product(streamed(pictures), streamed(plain), means) == pytest.approx(exact, abs=1e-3)
    assert streams.product(streamed(pictures), means=(means[0], means[0])) == pytest.approx(
        (flat - mean).T @ (flat - mean), abs=1e-3
    )


@pytest.mark.parametrize(("inside", "noise"), [("the faces", 0.0), ("the faces", 0.1), ("grey", 0.0)])
def test_the_linear_vae_of_a_stream_is_that_of_the_whole(pictures, monkeypatch, inside, noise):
    seen = grey(pictures) if inside == "grey" else pictures
    whole = linear.fit(seen, pictures, noise, 20, 1e4, "mse")
    monkeypatch.setattr(streams, "CHUNK", 37)
    targets = streamed(pictures)
    chunked = linear.fit(streamed(seen) if inside == "grey" else targets, targets, noise, 20, 1e4, "mse")
    assert chunked.reproduce(seen) == pytest.approx(whole.reproduce(seen), abs=1e-4)
    assert chunked.sigma == pytest.approx(whole.sigma) and chunked.log_variance == pytest.approx(whole.log_variance, abs=1e-3)


def test_the_linear_vae_of_moments_is_that_of_the_pictures_themselves(pictures):
    """Of a stream of as many pictures as values the pictures are taken, of one more covariances: results must be near."""
    count = pictures[0].size
    assert count < len(pictures)
    fewer, more = (
        linear.fit(streamed(grey(some)), streamed(some), 0.0, 20, 1e4, "mse") for some in (pictures[:count], pictures[: count + 1])
    )
    held = grey(pictures[count + 1 :])
    assert more.reproduce(held) == pytest.approx(fewer.reproduce(held), abs=0.05)


def test_closed_forms_of_a_stream_are_those_of_the_whole(pictures, monkeypatch):
    train, held = pictures[:250], pictures[250:]
    noisy = held + 0.1 * inputs.noise_like(held, 0)
    grey_held = grey(held)

    def made_of(faces):
        pca = baselines.PCA.fit(faces, 20)
        return {
            "pca": pca.reconstruct(held, 20), "left": pca.left,
            "lmmse": baselines.LMMSE.fit(faces).denoise(noisy, 0.1),
            "ridge": baselines.Ridge.fit(faces).colour(grey_held),
            "neighbour": baselines.Neighbours.fit(faces).colour(grey_held, 1),
            "neighbours": baselines.Neighbours.fit(faces).colour(grey_held, 5),
            "mean chroma": baselines.mean_chroma(faces),
            "nearest": metrics.nearest_rmse(held, faces),
        }  # fmt: skip

    whole = made_of(train)
    monkeypatch.setattr(streams, "CHUNK", 37)
    monkeypatch.setattr(search, "_CHUNK", 41 * 64 * 4)
    for name, values in made_of(streamed(train)).items():
        assert values == pytest.approx(whole[name], abs=1e-3), name


def test_pictures_of_more_values_than_are_taken_apart_exactly_are_streamed_too(pictures, monkeypatch):
    _, exact, _, _ = of_faces(pictures, 10)
    monkeypatch.setattr("reecho.components.LARGEST_EXACT", 100)
    _, about, axes, total = of_faces(streamed(pictures), 10)
    assert about == pytest.approx(exact, rel=0.01) and axes.shape == (192, 10)
    assert total == pytest.approx(float(pictures.reshape(300, -1).var(0).sum()), rel=1e-4)


def test_the_most_alike_are_found_across_chunks(monkeypatch):
    rng = np.random.default_rng(0)
    wanted, many = rng.random((7, 12), "float32"), rng.random((50, 2, 2, 3), "float32")
    exact = np.linalg.norm(wanted[:, None] - many.reshape(50, 12), axis=2)
    monkeypatch.setattr(search, "_CHUNK", 8 * 12 * 4)
    distances, places = metrics.nearest_rows(wanted, many, 3)
    assert (places == np.argsort(exact, axis=1)[:, :3]).all()
    assert distances == pytest.approx(np.sort(exact, axis=1)[:, :3], abs=1e-6)


def test_small_pictures_in_a_file_are_those_in_memory_and_are_written_once(tmp_path, small_faces, monkeypatch):
    monkeypatch.setattr(small, "_CHUNK", 64)
    path = tmp_path / "faces-16x16.npy"
    expected = shrink(small_faces.crops, 16)
    first = small.shrunk_on_disk(small_faces.crops, 16, path)
    assert isinstance(first, np.memmap) and (first == expected).all()
    (file,) = tmp_path.glob("*.npy")
    written = file.stat().st_mtime_ns
    assert (small.shrunk_on_disk(small_faces.crops, 16, path) == expected).all() and file.stat().st_mtime_ns == written
    file.write_bytes(file.read_bytes()[:-1])  # damaged: made again
    assert (small.shrunk_on_disk(small_faces.crops, 16, path) == expected).all()
    assert [entry.name for entry in tmp_path.iterdir()] == [file.name]


def material_of(faces, make_inputs=inputs.unchanged):
    return lessons.Material(
        faces.crops, faces.on_disk, faces.indices("train"), faces.measured("validation"), faces.digest, 32, make_inputs, None
    )  # fmt: skip


def test_sums_hold_a_chunk_at_a_time(monkeypatch):
    monkeypatch.setattr(streams, "CHUNK", 64)
    many = Stream(
        lambda numbers: np.ones((len(numbers), 4, 4, 3), "float32") * numbers[:, None, None, None], np.arange(6400), (4, 4, 3)
    )
    tracemalloc.start()
    mean = streams.mean(many)
    total = streams.product(many, means=(mean.astype("float32"),) * 2)
    linear.fit(many, many, 0.1, 4, 1e3, "mse")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (mean == 3199.5).all() and total[0, 0] == pytest.approx(np.var(np.arange(6400)) * 6400, rel=1e-4)
    assert peak < 6400 * 4 * 4 * 3 * 4 / 4


def test_faces_to_learn_from_are_read_a_batch_or_a_chunk_at_a_time(small_faces, monkeypatch):
    """Through the closed form that training starts from, and through an epoch, no more pictures are taken at once."""
    monkeypatch.setattr(resize, "MOST", 0)
    monkeypatch.setattr(streams, "CHUNK", 24)
    faces, taken = replace(small_faces, size=8), []  # of more faces than values the start takes sums

    def counted(indices):
        whole = faces.on_disk(indices)

        def make(places):
            taken.append(len(places))
            return whole[places]

        return Stream(make, np.arange(len(indices)), whole.shape[1:])

    material = replace(material_of(faces, inputs.in_grey), on_disk=counted, size=8)
    targets = material.targets()
    assert len(targets) > 8 * 8 * 3
    linear.fit(material.quiet_inputs(targets), targets, 0.0, 16, 1e4, "mse")
    steps = list(lessons.of(material, targets, Ranges(), 16, 0).batches(0, 1))
    assert len(steps) == len(targets) // 16 and max(taken) == 24 and sum(taken) > 3 * len(targets)


def test_an_epoch_of_a_stream_is_that_of_the_array(small_faces, monkeypatch):
    material = material_of(small_faces)
    lesson = [np.array(clean) for _, clean in lessons.of(material, material.targets(), Ranges(), 16, 3).batches(0, 2)]
    monkeypatch.setattr(resize, "MOST", 0)
    again = [np.array(clean) for _, clean in lessons.of(material, material.targets(), Ranges(), 16, 3).batches(0, 2)]
    assert len(lesson) == len(again) and max(np.abs(a - b).max() for a, b in zip(lesson, again, strict=True)) < 1e-6


def test_what_is_made_of_a_stream_is_computed_once_for_the_same_pictures(tmp_path, small_faces, monkeypatch):
    monkeypatch.setattr(resize, "MOST", 0)
    computed, store, calls = components.streams.product, Computed(tmp_path / "computed"), []
    monkeypatch.setattr(components.streams, "product", lambda *arguments, **named: calls.append(1) or computed(*arguments, **named))
    faces = replace(small_faces, size=8)
    once, again, other = (faces.stream(np.arange(count)) for count in (300, 300, 299))
    assert once.digest == again.digest != other.digest
    fits = [linear.fit(of, of, 0.1, 20, 1e4, "mse", once=one) for of, one in ((once, directly), (once, store), (again, store))]
    assert len(calls) == 2
    for fitted in fits[1:]:
        assert all(np.array_equal(value, vars(fitted)[name]) for name, value in vars(fits[0]).items())
    linear.fit(other, other, 0.1, 20, 1e4, "mse", once=store)
    assert len(calls) == 3


def test_a_stream_without_a_name_is_told_from_others_by_its_pictures(pictures, few_at_a_time):
    one, same = streamed(pictures), streamed(pictures.copy())
    inside_out = [streams.changed(stream, lambda some: 1 - some) for stream in (one, same)]
    assert one.digest == same.digest and inside_out[0].digest == inside_out[1].digest
    assert len({one.digest, inside_out[0].digest, streamed(pictures[:299]).digest, streamed(pictures[::-1]).digest}) == 4


def test_inputs_before_noise_are_the_targets_themselves_where_they_are_equal(small_faces, monkeypatch):
    monkeypatch.setattr(resize, "MOST", 0)
    for make_inputs, same in ((inputs.unchanged, True), (inputs.noisy, True), (inputs.in_grey, False)):
        material = material_of(small_faces, make_inputs)
        targets = material.targets()
        quiet = material.quiet_inputs(targets)
        assert (quiet is targets) == same
        assert quiet[:3] == pytest.approx(make_inputs(targets[:3], 0 * targets[:3], 0.0))


def test_results_are_measured_on_whole_people_up_to_a_number(small_faces, monkeypatch):
    everybody = small_faces.indices("test")
    assert (small_faces.measured("test") == everybody).all()
    monkeypatch.setattr(faces_module, "MEASURED", 40)
    some = small_faces.measured("test")
    assert 8 <= len(some) <= 40 and set(some) < set(everybody) and (np.diff(some) > 0).all()
    held_out = HeldOut.of(small_faces, "denoising")
    assert len(held_out) == len(some) and len(held_out.eight) == 8
    assert f"{len(some)} of all {len(everybody)} pictures" in held_out.caption("Denoising")
    assert held_out.targets[held_out.eight] == pytest.approx(small_faces.pictures(small_faces.eight()), abs=1e-6)


def test_of_large_faces_fewer_are_measured_and_the_eight_are_the_same(small_faces, monkeypatch):
    large = replace(small_faces, size=64)
    monkeypatch.setattr(faces_module, "MEASURED_BYTES", 30 * 12 * 64**2)
    assert len(small_faces.measured("test")) == len(small_faces.indices("test"))
    some = large.measured("test")
    assert 30 <= len(some) <= 38 and (large.eight() == small_faces.eight()).all() and set(large.eight()) <= set(some)
    assert len(large.measured("validation")) <= 30
    assert len(HeldOut.of(large, "denoising").eight) == 8


def test_densities_take_train_faces_up_to_a_number(small_faces, monkeypatch):
    held_out = HeldOut.of(small_faces, "generation")
    assert held_out.some_train() is held_out.train
    monkeypatch.setattr("reecho.evaluation.held_out.SOME", 50)
    assert held_out.some_train().shape == (50, 32, 32, 3)


def test_the_original_has_no_more_pictures_than_it_had():
    for whole, part in zip(original.split(13_233), original.parts(13_233), strict=True):
        assert (whole == part).all()
    train, test = original.parts(200_000)
    assert [len(train), len(test)] == [11_909, 1_324]
    assert not set(train) & set(test) and max(train.max(), test.max()) == 199_999

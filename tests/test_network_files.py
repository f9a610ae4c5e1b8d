"""Saved networks: the same outputs after loading, the original's files read, a pickle with code in it refused."""

import json
import os
import pickle

import h5py
import numpy as np
import pytest

from reecho import network_files
from reecho.errors import ReechoError
from reecho.model import VAE, build_decoder, build_encoder

SHAPE, FILTERS, KERNELS, STRIDES, LATENT = (16, 16, 3), (4, 6), (3, 3), (1, 2), 5
PARAMETERS = [SHAPE, FILTERS, KERNELS, STRIDES, LATENT, 100_000]
LAYERS = {"filters": FILTERS, "kernels": KERNELS, "strides": STRIDES, "latent_dim": LATENT}
VALUES = {**LAYERS, "loss": "mse", "initialisation": "random"}
BUILD = {"name": "reference", "shape": SHAPE, "parameters": {**VALUES, "reconstruction_weight": 100_000.0, "seed": 0}}
FACES = np.random.default_rng(0).random((3, *SHAPE), dtype="float32")


def network():
    return VAE(
        build_encoder(SHAPE, FILTERS, KERNELS, STRIDES, LATENT),
        build_decoder(SHAPE, FILTERS, KERNELS, STRIDES, LATENT),
        "mse",
        100_000.0,
    )


def outputs(vae):
    return vae.decoder.predict(vae.posterior.predict(FACES, verbose=0)[0], verbose=0)


def test_save_then_load_gives_the_same_outputs(tmp_path):
    vae = network()
    history = [{"epoch": 0, "total_loss": None, "val_total_loss": 2.5}, {"epoch": 1, "total_loss": 2.0, "val_total_loss": 1.5}]
    network_files.save(tmp_path / "net", vae, PARAMETERS, history, {"settings": {"loss": "mse"}, "build": BUILD})
    loaded, table, record = network_files.load(tmp_path / "net")
    assert np.array_equal(outputs(loaded), outputs(vae))
    assert (
        table == {"epoch": [0, 1], "total_loss": [None, 2.0], "val_total_loss": [2.5, 1.5]} and record["settings"]["loss"] == "mse"
    )
    assert network_files.read_parameters(tmp_path / "net" / "parameters.pkl") == PARAMETERS


def write_keras_2_weights(path, vae):
    """The layout of Keras 2's save_weights for the original's model: groups by layer, names listed in attributes."""
    layers = {"encoder_input": [], "encoder": vae.encoder.layers, "decoder": vae.decoder.layers}
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in layers]
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.4.3"
        for name, inner in layers.items():
            group = file.create_group(name)
            weights = [(layer, weight) for layer in inner for weight in layer.trainable_weights]
            weights += [(layer, weight) for layer in inner for weight in layer.non_trainable_weights]
            paths = [f"{layer.name}/{weight.name}:0" for layer, weight in weights]
            group.attrs["weight_names"] = [path.encode() for path in paths]
            for path_in_group, (_, weight) in zip(paths, weights, strict=True):
                group.create_dataset(path_in_group, data=np.array(weight))


def test_a_folder_of_the_original_loads(tmp_path):
    vae = network()
    for norm in (layer for layer in [*vae.encoder.layers, *vae.decoder.layers] if "bn" in layer.name):
        norm.set_weights([np.random.default_rng(1).random(array.shape) + 0.5 for array in norm.get_weights()])
    (tmp_path / "parameters.pkl").write_bytes(pickle.dumps(PARAMETERS, protocol=4))
    write_keras_2_weights(tmp_path / "weights.h5", vae)
    loaded, history, record = network_files.load(tmp_path)
    assert np.allclose(outputs(loaded), outputs(vae), atol=1e-6) and history == {} and record == {}


class Evil:
    def __reduce__(self):
        return os.mkdir, ("pwned",)


@pytest.mark.parametrize("content", [Evil(), [Evil()], np.float64(1), open])
def test_a_pickle_with_code_in_it_is_refused_and_nothing_runs(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parameters.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(ReechoError, match="plain numbers"):
        network_files.read_parameters(tmp_path / "parameters.pkl")
    assert not (tmp_path / "pwned").exists()


DAMAGED = [
    b"",
    b"not a pickle",
    pickle.dumps({"a": 1}),
    pickle.dumps([1, 2, 3]),
    pickle.dumps(PARAMETERS)[:-9],
    pickle.dumps([(10**9, 1, 3), *PARAMETERS[1:]]),
]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_or_foreign_pickle_is_a_sentence(tmp_path, content):
    (tmp_path / "parameters.pkl").write_bytes(content)
    with pytest.raises(ReechoError, match=r"\.$"):
        network_files.read_parameters(tmp_path / "parameters.pkl")


def test_missing_and_damaged_weights_are_a_sentence(tmp_path):
    with pytest.raises(ReechoError, match="not there"):
        network_files.load(tmp_path)
    (tmp_path / "parameters.pkl").write_bytes(pickle.dumps(PARAMETERS))
    with pytest.raises(ReechoError, match="neither"):
        network_files.load(tmp_path)
    (tmp_path / "model.weights.h5").write_bytes(b"broken")
    with pytest.raises(ReechoError, match="train the network anew"):
        network_files.load(tmp_path)


def test_weights_of_another_shape_are_refused(tmp_path):
    other = {**BUILD, "parameters": {**BUILD["parameters"], "filters": (4, 8)}}
    network_files.save(tmp_path / "net", network(), PARAMETERS, [{"epoch": 0}], {"build": other})
    with pytest.raises(ReechoError, match="does not fit"):
        network_files.load(tmp_path / "net")


@pytest.mark.parametrize("name", ["network.json", "model.weights.h5", "history.csv"])
@pytest.mark.parametrize("content", [b"", b"{}", b"cut off"])
def test_a_damaged_network_counts_as_none(tmp_path, name, content):
    folder = tmp_path / "net"
    history = [{"epoch": epoch, "val_total_loss": 1.0, "seconds": 2.0} for epoch in range(3)]
    network_files.save(folder, network(), PARAMETERS, history, {"build": BUILD, "provenance": {"epochs": 2}})
    assert network_files.is_whole(folder)
    whole = (folder / name).read_bytes()
    for damaged in (content, whole[:-9], whole[: len(whole) // 2]):
        (folder / name).write_bytes(damaged)
        assert not network_files.is_whole(folder)


@pytest.mark.parametrize("part", [None, [], "fast", {"name": "reference"}, {"name": [], "shape": 3, "parameters": {}}])
def test_a_record_that_describes_no_network_is_a_sentence(tmp_path, part):
    network_files.save(
        tmp_path / "net", network(), PARAMETERS, [{"epoch": 0, "val_total_loss": 2.5}], {"settings": {}, "build": BUILD}
    )
    file = tmp_path / "net" / "network.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"build": part}))
    with pytest.raises(ReechoError, match="train the network anew"):
        network_files.load(tmp_path / "net")


@pytest.mark.parametrize("kind", ["external link", "external array", "virtual array"])
def test_weights_that_refer_to_other_files_are_refused(tmp_path, kind):
    network_files.save(tmp_path / "saved", network(), PARAMETERS, [{"epoch": 1, "loss": 1.0}], {"build": BUILD})
    with h5py.File(tmp_path / "saved" / network_files.WEIGHTS, "a") as stored:
        if kind == "external link":
            stored["a"] = h5py.ExternalLink("/etc/passwd", "/")
        elif kind == "external array":
            stored.create_dataset("a", (4,), "u1", external=[("/etc/passwd", 0, 4)])
        else:
            layout = h5py.VirtualLayout((4,), "u1")
            layout[:] = h5py.VirtualSource("other.h5", "b", (4,), "u1")
            stored.create_virtual_dataset("a", layout)
    with pytest.raises(ReechoError, match="to another file"):
        network_files.load(tmp_path / "saved")

"""Trained networks as one archive: whole or not at all, from one store to another, whatever the archive holds."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import shutil
import zipfile
from dataclasses import replace

import pytest

from reecho import network_archive, network_keys, store, trained
from reecho.__main__ import main
from reecho.context import Places, Run
from reecho.errors import ReechoError
from reecho.network_archive import CONTENTS
from reecho.settings import resolve

TINY = {
    "preset": "smoke", "dataset": "synthetic", "size": 16, "epochs": 1, "filters": (4, 4, 4, 4), "latent_dim": 8,
    "initialisation": "random",
}  # fmt: skip


def settings(**changed):
    return resolve("02_training", TINY | changed)


@pytest.fixture(scope="module")
def stored(small_faces, tmp_path_factory):
    """A build folder with two networks."""
    places = Places(tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("build"))
    for seed in (0, 1):
        trained.load_or_train(places, settings(seed=seed), small_faces, lambda line: None)
    return places


def names_in(folder):
    return sorted(path.name for path in folder.glob("*"))


def packed(places, tmp_path):
    file = tmp_path / "networks.zip"
    network_archive.write(file, sorted(places.networks.glob("*-*-*")))
    return file


def entries_of(file):
    with zipfile.ZipFile(file) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def rewritten(file, entries, told=True, compression=zipfile.ZIP_STORED):
    """The archive with other entries, its table of contents telling the truth of them or not."""
    if told:
        networks = {}
        for name, content in entries.items():
            if name != CONTENTS:
                folder, _, inner = name.rpartition("/")
                networks.setdefault(folder, {})[inner] = [len(content), hashlib.sha256(content).hexdigest()]
        entries = entries | {CONTENTS: json.dumps(json.loads(entries[CONTENTS]) | {"networks": networks}).encode()}
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file


def test_what_one_store_wrote_another_loads_and_trains_nothing(stored, small_faces, tmp_path, monkeypatch, capsys, places):
    monkeypatch.setenv("REECHO_BUILD", str(stored.build))
    assert main(["export", str(tmp_path / "all.zip")]) == 0
    monkeypatch.setenv("REECHO_BUILD", str(places.build))
    assert main(["import", str(tmp_path / "all.zip")]) == 0
    said = capsys.readouterr().out
    assert "2 networks came in, 0 were there already." in said and "another key" not in said
    assert f"trained on synthetic with the digest {small_faces.digest[:12]}" in said
    assert names_in(places.networks) == names_in(stored.networks)

    monkeypatch.setattr(trained, "_train", None)  # would be called to train
    mine, its = (trained.load_or_train(where, settings(), small_faces) for where in (places, stored))
    assert mine.record == its.record and mine.history == its.history
    pictures = small_faces.pictures("test", 16)[:4]
    assert (mine.reproduce(pictures) == its.reproduce(pictures)).all()

    assert main(["import", str(tmp_path / "all.zip")]) == 0
    assert "0 networks came in, 2 were there already." in capsys.readouterr().out
    assert main(["export", str(tmp_path / "again.zip")]) == 0
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "all.zip").read_bytes()


def test_the_networks_of_one_run_travel_alone(stored, small_faces, tmp_path, monkeypatch, capsys):
    run = Run(stored, stored.run_folder("mine"), "03_reconstruction", settings())
    trained.one(run, "reconstruction", small_faces)
    run.note_network("shipped-denoising", {})
    monkeypatch.setenv("REECHO_BUILD", str(stored.build))
    assert main(["export", str(tmp_path / "one.zip"), "--name", "mine"]) == 0
    assert "Wrote 1 network," in capsys.readouterr().out
    folder = network_keys.folder_of(stored, settings(), small_faces).name
    assert {name.split("/")[0] for name in entries_of(tmp_path / "one.zip")} == {folder, CONTENTS}
    for arguments, sentence in ((["--name", "other"], "used no trained network"), (["--name", "a/b"], "cannot name a run")):
        assert main(["export", str(tmp_path / "none.zip"), *arguments]) == 1
        assert sentence in capsys.readouterr().err
    assert not (tmp_path / "none.zip").exists()


def test_nothing_to_export_or_import_is_said_in_a_sentence(tmp_path, capsys):
    assert main(["export", str(tmp_path / "none.zip")]) == 1 and main(["import", str(tmp_path / "none.zip")]) == 1
    said = capsys.readouterr().err
    assert "There is no trained network in" in said and "none.zip is not there" in said and "Traceback" not in said
    assert not (tmp_path / "none.zip").exists() and not (tmp_path / "build" / "networks").exists()


def test_a_damaged_network_in_the_store_is_named_and_left_out(stored, tmp_path, monkeypatch, capsys, places):
    shutil.copytree(stored.networks, places.networks)
    broken = sorted(places.networks.glob("*-*-*"))[0]
    (broken / "model.weights.h5").write_bytes(b"cut")
    monkeypatch.setenv("REECHO_BUILD", str(places.build))
    assert main(["export", str(tmp_path / "rest.zip")]) == 0
    shown = capsys.readouterr()
    assert "Wrote 1 network," in shown.out and f"damaged or gone: {broken.name}." in shown.err

    assert main(["import", str(packed(stored, tmp_path))]) == 0  # what is damaged counts as not there
    assert "1 network came in, 1 was there already." in capsys.readouterr().out and store.is_there(broken)


def renamed(name):
    def change(entries):
        one = min(entries.keys() - {CONTENTS})
        return {name if entry == one else entry: content for entry, content in entries.items()}

    return change


def with_content(suffix, content):
    def change(entries):
        return {name: content if name.endswith(suffix) else old for name, old in entries.items()}

    return change


def without(suffix):
    def change(entries):
        return {name: content for name, content in entries.items() if not name.endswith(suffix)}

    return change


CODE = pickle.dumps(print)  # a pickle that asks for a function


@pytest.mark.parametrize(
    ("change", "told", "sentence"),
    [
        (renamed("../../outside"), True, "names that no network"),
        (renamed("/tmp/outside"), True, "names that no network"),
        (renamed("reconstruction-reference-0123456789ab/../../network.json"), True, "names that no network"),
        (renamed("reconstruction-reference-0123456789ab/run.sh"), True, "names that no network"),
        (renamed("reconstruction-reference-0123456789ab/network.json"), False, "entries are not those"),
        (without(CONTENTS), False, f"lacks {CONTENTS}"),
        (with_content(CONTENTS, b"[]"), False, "cannot be read"),
        (with_content(CONTENTS, b'{"format": "another", "networks": {}}'), False, "another version"),
        (with_content("model.weights.h5", b"other"), False, "is damaged at"),
        (with_content("model.weights.h5", b"other"), True, "no network"),
        (with_content("network.json", b"{}"), True, "no network"),
        (without("history.csv"), True, "no network"),
        (with_content("parameters.pkl", CODE), True, "asks for builtins.print"),
    ],
)  # fmt: skip
def test_an_archive_with_anything_else_in_it_is_refused_and_nothing_comes_in(stored, tmp_path, places, change, told, sentence):
    file = packed(stored, tmp_path)
    entries = entries_of(file)
    rewritten(file, change(entries), told and CONTENTS in change(entries))
    with pytest.raises(ReechoError, match=sentence):
        network_archive.read_into(places.networks, file, print)
    assert names_in(places.networks) == [] and not (tmp_path / "outside").exists()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_truncated_archive_is_refused(stored, tmp_path, places, share, monkeypatch, capsys):
    file = packed(stored, tmp_path)
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    monkeypatch.setenv("REECHO_BUILD", str(places.build))
    assert main(["import", str(file)]) == 1
    said = capsys.readouterr().err
    assert "is no whole archive of networks" in said and said.count("\n") == 1 and not names_in(places.networks)


def test_every_byte_that_changes_is_noticed_or_changes_nothing(stored, tmp_path, places):
    file = packed(stored, tmp_path)
    content = file.read_bytes()
    for at in range(0, len(content), len(content) // 60):
        changed = bytearray(content)
        changed[at] ^= 0x55
        try:
            network_archive.read_into(places.networks, io.BytesIO(bytes(changed)), print)
        except ReechoError:
            assert names_in(places.networks) == []
        else:  # a date, say, in a header
            for network in stored.networks.glob("*-*-*"):
                for path in network.iterdir():
                    assert (places.networks / network.name / path.name).read_bytes() == path.read_bytes()
            shutil.rmtree(places.networks)


def test_what_would_unpack_to_more_than_it_is_is_refused(stored, tmp_path, places):
    file = packed(stored, tmp_path)
    entries = entries_of(file)
    bomb = {name: bytes(50_000_000) if name.endswith("model.weights.h5") else old for name, old in entries.items()}
    rewritten(file, bomb, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ReechoError, match="compressed or encrypted"):
        network_archive.read_into(places.networks, file, print)
    rewritten(file, entries)
    content = bytearray(file.read_bytes())
    at = content.rindex(b"PK\x01\x02")  # the last entry of the directory claims 3 GB
    content[at + 24 : at + 28] = (3_000_000_000).to_bytes(4, "little")
    content[at + 20 : at + 24] = (3_000_000_000).to_bytes(4, "little")
    with pytest.raises(ReechoError, match=r"more bytes than it has|no whole archive"):
        network_archive.read_into(places.networks, io.BytesIO(bytes(content)), print)
    assert names_in(places.networks) == []


def test_neither_paths_nor_the_name_of_a_persons_folder_travel(small_faces, tmp_path, places, capsys, monkeypatch):
    own = replace(small_faces, name="Family Smith")
    network = trained.load_or_train(places, settings(dataset="/home/smith/Family Smith"), own, lambda line: None)
    file = packed(places, tmp_path)
    (record,) = (json.loads(content) for name, content in entries_of(file).items() if name.endswith("network.json"))
    assert record["faces"] == {"digest": small_faces.digest, "name": "a folder"} and "smith" not in json.dumps(record).lower()
    monkeypatch.setenv("REECHO_BUILD", str(tmp_path / "elsewhere"))
    assert main(["import", str(file)]) == 0
    assert "another key" not in capsys.readouterr().out  # the name of the folder is in no key
    assert names_in(tmp_path / "elsewhere" / "networks") == [network.folder.name]
    assert not any(word.startswith("/") for word in map(str, values_of(record)))


def values_of(record):
    for value in record.values() if isinstance(record, dict) else record:
        yield from values_of(value) if isinstance(value, dict | list) else [value]


def test_networks_of_another_code_come_in_and_are_named_and_keep_their_numbers_where_that_is_asked_for(
    stored, small_faces, tmp_path, places, monkeypatch, capsys
):
    file, own = packed(stored, tmp_path), network_keys.folder_of(stored, settings(), small_faces).name.rpartition("-")[2]
    monkeypatch.setenv("REECHO_BUILD", str(places.build))
    monkeypatch.setattr(store, "_sources", lambda: type("Other", (), {"digest": lambda self, modules: "another code"})())
    assert main(["import", str(file)]) == 0
    said = capsys.readouterr().out
    assert "2 networks came in" in said and "Of 2 the present code has another key" in said
    assert all(network.name in said for network in stored.networks.glob("*-*-*"))

    assert main(["import", str(file), "--adopt"]) == 0
    assert "2 networks of other code got the present code's key" in capsys.readouterr().out
    monkeypatch.setattr(trained, "_train", None)  # would be called to train
    network = trained.load_or_train(places, settings(), small_faces)
    assert network.record["adopted_from"] == own and not network.folder.name.endswith(own)
    assert len(names_in(places.networks)) == 4
    assert main(["import", str(file), "--adopt"]) == 0 and len(names_in(places.networks)) == 4

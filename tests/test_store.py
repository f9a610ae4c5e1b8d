"""The store of trained networks: one process trains, the other waits; a killed owner leaves no lock behind."""

import json
import os
import platform
import subprocess
import sys
import textwrap

import pytest

from reecho import network_files, store
from reecho.settings import ROOT

SCRIPT = textwrap.dedent("""
    import json, os, pathlib, sys, time
    from reecho import network_files, store
    folder, mode = pathlib.Path(sys.argv[1]), sys.argv[2]
    def is_whole(folder):
        return (folder / "network.json").is_file()
    network_files.is_whole = is_whole
    def train(checkpoint):
        print("training", flush=True)
        if mode == "fail":
            busy = folder.with_name("busy")
            print("not alone" if busy.exists() else "alone", flush=True)
            busy.touch()
            time.sleep(0.5)
            busy.unlink()
            sys.exit(1)
        while mode == "wait" and not folder.with_name("go").exists():
            time.sleep(0.05)
        folder.mkdir()
        (folder / "network.json").write_text(json.dumps({"process": os.getpid()}))
        return True
    here = store.load_or_train(folder, train, lambda line: print(line, flush=True))
    print("trained" if here else "loaded", json.loads((folder / "network.json").read_text())["process"], flush=True)
""")


def process(folder, mode="train"):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", SCRIPT, str(folder), mode]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def first_line(running):
    return running.stdout.readline().strip()


@pytest.mark.slow
def test_of_two_processes_one_trains_and_the_other_waits_and_loads(tmp_path):
    owner = process(tmp_path / "net", "wait")
    assert first_line(owner) == "training"
    waiting = process(tmp_path / "net")
    assert first_line(waiting) == f"Process {owner.pid} on {platform.node()} is training this network; waiting for it."
    (tmp_path / "go").touch()
    outputs = [running.communicate(timeout=120)[0] for running in (owner, waiting)]
    assert outputs == [f"trained {owner.pid}\n", f"loaded {owner.pid}\n"]
    assert {path.name for path in tmp_path.iterdir()} == {"net", "go"}


@pytest.mark.slow
def test_a_killed_owner_leaves_the_network_to_the_next(tmp_path):
    owner = process(tmp_path / "net", "wait")
    assert first_line(owner) == "training"
    waiting = process(tmp_path / "net")
    assert "waiting" in first_line(waiting)
    owner.kill()
    owner.wait()
    assert waiting.communicate(timeout=120)[0] == f"training\ntrained {waiting.pid}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["net"]


def test_a_training_that_fails_keeps_its_checkpoint_for_the_next(tmp_path):
    def stopped(checkpoint):
        checkpoint.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.load_or_train(tmp_path / "net", stopped, print)
    assert [path.name for path in (tmp_path / "net.training").iterdir()] == ["checkpoint.npz"]
    assert not (tmp_path / "net.lock").exists()


def test_a_damaged_network_is_trained_anew_and_that_is_said(tmp_path):
    said = []
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "network.json").write_text("{}")
    assert store.load_or_train(tmp_path / "net", lambda checkpoint: checkpoint.name, said.append) == "checkpoint.npz"
    assert said == ["The network in net is damaged; it is trained anew."]


@pytest.mark.slow
def test_many_processes_at_once_never_train_two_at_a_time(tmp_path):
    """Each fails, so that the next one has to train; a lock file that is removed too early would let two in."""
    running = [process(tmp_path / "net", "fail") for _ in range(3)]
    lines = [line for each in running for line in each.communicate(timeout=120)[0].splitlines()]
    assert lines.count("alone") == 3 and "not alone" not in lines


def test_the_key_follows_values_and_code(tmp_path):
    values = {"epochs": 2, "faces": "abc", "layers": (3, 4)}
    key = store.key(["reecho.training"], values)
    assert len(key) == 12 and key == store.key(["reecho.training"], dict(reversed(values.items())))
    assert key != store.key(["reecho.training"], values | {"epochs": 3}) and key != store.key(["reecho.linear"], values)


def test_records_that_cannot_be_read_are_left_out(tmp_path):
    bad = ('{"provenance": null}', '{"provenance": []}', '{"settings": null}', '{"build": 3}')
    for name, content in (("a", '{"provenance": {}}'), ("b", ""), ("c", "[1]"), ("d", "{"), *zip("efgh", bad, strict=True)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "network.json").write_text(content)
    assert list(network_files.records(tmp_path)) == [json.loads('{"provenance": {}}')]


def test_what_a_training_read_is_let_go_of_however_it_ends(tmp_path, monkeypatch):
    let_go = []
    monkeypatch.setattr(store.memory, "large_arrays_go_back", lambda: let_go.append("network"))

    def stopped(checkpoint):
        raise KeyboardInterrupt

    store.load_or_train(tmp_path / "net", lambda checkpoint: None, print)
    with pytest.raises(KeyboardInterrupt):
        store.load_or_train(tmp_path / "net", stopped, print)
    assert let_go == ["network", "network"]

"""Publishing, and the commands' one sentence for what is wrong."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from reecho import pipeline
from reecho.__main__ import main
from reecho.errors import ReechoError
from reecho.pipeline.finished import FINISHED


def finished_run(places, files: dict[str, int]) -> Path:
    """A run that looks finished, with files of so many bytes."""
    folder = places.build / "full"
    for name, size in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x" * size)
    (folder / FINISHED).write_text(json.dumps({"files": list(files)}))
    return folder


def test_publish_copies_the_run_and_nothing_else(tmp_path, places):
    folder = finished_run(places, {"html/index.html": 3, "reecho.pdf": 4})
    (folder / "done.json").write_text("{}")
    out = tmp_path / "reports"
    out.mkdir()
    (out / "old.html").write_text("old")
    pipeline.publish("full", out, places)
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()) == [
        "html/index.html",
        "reecho.pdf",
    ]


def test_publish_refuses_what_is_too_large_missing_or_unfinished(tmp_path, monkeypatch, places):
    folder, out = finished_run(places, {"html/index.html": 3, "reecho.pdf": 31_000_000}), tmp_path / "reports"
    with pytest.raises(ReechoError, match=r"31\.0 MB, and at most 30 MB.*reecho\.pdf 31\.0 MB"):
        pipeline.publish("full", out, places)
    (folder / "reecho.pdf").unlink()
    with pytest.raises(ReechoError, match=r"reecho\.pdf is gone"):
        pipeline.publish("full", out, places)
    with pytest.raises(ReechoError, match=r"no run of this name.*Finished runs: full"):
        pipeline.publish("other", out, places)
    assert not out.exists()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    (folder / "reecho.pdf").write_bytes(b"x")
    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(ReechoError, match="The disk is full"):
        pipeline.publish("full", out, places)
    assert [path.name for path in tmp_path.iterdir()] == ["build"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["report", "-p", "sigma"], "lacks a value"),
        (["report", "-p", "epoch=3"], "Did you mean epochs"),
        (["report", "--preset", "smoke", "-p", "sigma=7"], "out of range"),
        (["publish", "--name", "nothing"], "no run of this name"),
        (["render", "nothing.ipynb"], "is not there"),
        (["apply", "denoising", "nothing.png", "--out", "out"], "is not there"),
    ],
)
def test_a_command_says_in_one_sentence_what_is_wrong(arguments, sentence, capsys):
    assert main(arguments) == 1
    shown = capsys.readouterr()
    assert sentence in shown.err and shown.err.count("\n") == 1 and "Traceback" not in shown.err


def test_the_commands_list_what_there_is(capsys):
    assert main(["notebooks"]) == 0 and main(["parameters", "04_denoising"]) == 0 and main(["parameters"]) == 0
    shown = capsys.readouterr().out
    assert (
        "04_denoising: preset, dataset" in shown
        and "sigma = 0.1 intensity\n" in shown
        and "None: 32,64,64,64; from 64 pixels on 32,64,64,192,192" in shown
    )
    assert main(["nonsense"]) == 2


def test_only_the_networks_that_the_package_is_made_for_are_shipped(monkeypatch, capsys):
    parameters = []

    def trained(places, task, options):
        parameters.append(options)
        return None, options, None

    monkeypatch.setattr("reecho.__main__._trained", trained)
    assert main(["ship", "denoising", "-p", "network=reference"]) == 1
    assert "photo_denoiser is shipped" in capsys.readouterr().err
    assert parameters[0]["network"] == "reference"


@pytest.mark.parametrize("command", ["report", "train", "apply"])
def test_the_help_says_of_every_preset_how_long_it_takes_and_of_none_that_it_takes_seconds(command, capsys):
    assert main([command, "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "smoke and quick (the default): 3 and 7 minutes on two cores; full: 45; study: hours." in shown and "second" not in shown
    assert main(["parameters"]) == 0 and "smoke: seconds" not in capsys.readouterr().out

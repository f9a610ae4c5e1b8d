"""Foreign settings, folders and signals do not reach into a command, or end in one sentence."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from PIL import Image

from reecho.files import sweep, written_aside
from reecho.settings import PARAMETERS, ROOT

posix = pytest.mark.skipif(os.name == "nt", reason="signals and rights are others there")


def call(*command, cwd=ROOT, **environment):
    own = {name: value for name, value in os.environ.items() if name not in ("REECHO_LFW", "REECHO_BUILD", "REECHO_DATA")}
    command = (sys.executable, "-P", "-m", "reecho", *command)
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=own | environment, timeout=300)


def one_sentence(done):
    assert done.returncode == 1 and done.stderr.startswith("reecho: ") and done.stderr.strip().count("\n") == 0, done.stderr
    return done.stderr


def test_a_file_named_as_a_module_in_the_current_folder_does_not_shadow_it(tmp_path):
    (tmp_path / "random.py").write_text("raise SystemExit(7)")
    (tmp_path / "reecho").mkdir()  # a clone of that name
    assert call("--version", cwd=tmp_path).returncode == 0
    assert call("parameters", "04_denoising", cwd=tmp_path).returncode == 0


def test_a_clone_named_reecho_in_the_current_folder_is_not_taken_for_the_package(tmp_path):
    """As a kernel of papermill imports, which is started in the folder above the clone, without -P."""
    (tmp_path / "reecho" / "reecho").mkdir(parents=True)
    script = "import os, reecho.settings; print(os.environ['KERAS_BACKEND'], reecho.__file__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.split() == ["tensorflow", str(ROOT / "reecho" / "__init__.py")], done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_text_is_written_in_any_code_page(encoding):
    command = [sys.executable, "-P", "-m", "reecho", "parameters"]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": encoding})
    assert done.returncode == 0 and b"Traceback" not in done.stderr
    listed = [line.partition(b" = ")[0].decode() for line in done.stdout.splitlines() if not line.startswith(b" ")]
    assert listed == list(PARAMETERS)


@posix
def test_a_folder_that_is_a_file_and_one_that_cannot_be_written_are_a_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    wanted = ("report", "--preset", "smoke", "--dataset", "synthetic", "--only", "01", "-p", "pictures=24")
    assert str(tmp_path) in one_sentence(call(*wanted, REECHO_BUILD=str(tmp_path / "file"), REECHO_DATA=str(tmp_path / "d")))


NO_FOLDER = "below a file"  # nobody can make one there, root neither
READ_ONLY = "/sys/reecho"  # nor there, and the system says that it is not permitted


REPORT, TRAIN = ("report", "--only", "01"), ("train", "denoising")


@posix
@pytest.mark.parametrize(
    ("command", "variable", "place"),
    [
        *((command, variable, place) for command in (REPORT, TRAIN) for variable in ("REECHO_BUILD", "REECHO_DATA")
          for place in (NO_FOLDER, "a file")),
        (REPORT, "REECHO_BUILD", READ_ONLY), (REPORT, "REECHO_DATA", READ_ONLY), (TRAIN, "REECHO_DATA", READ_ONLY),
        pytest.param(TRAIN, "REECHO_BUILD", READ_ONLY, marks=pytest.mark.slow),  # root is told by trying alone, after TensorFlow
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_written_to_is_a_sentence_that_names_it(tmp_path, command, variable, place):
    if place == READ_ONLY and not os.path.ismount("/sys"):
        pytest.skip("This system has no /sys.")
    (tmp_path / "file").write_text("x")
    named = {NO_FOLDER: str(tmp_path / "file" / "inner"), "a file": str(tmp_path / "file")}.get(place, place)
    folders = {"REECHO_BUILD": str(tmp_path / "build"), "REECHO_DATA": str(tmp_path / "data"), variable: named}
    wanted = (*command, "--preset", "smoke", "--dataset", "synthetic", "-p", "pictures=24")
    done = call(*wanted, **folders)
    lines = [line for line in done.stderr.splitlines() if line.strip() and "pictures/s" not in line]  # a bar may go before
    assert done.returncode == 1 and len(lines) == 1 and lines[0].strip().startswith("reecho: "), done.stderr
    assert named in lines[0] and "permissions" in lines[0]
    assert (tmp_path / "file").read_text() == "x" and not list(tmp_path.rglob("*.ipynb"))


@posix
def test_outputs_that_can_lie_nowhere_are_a_sentence_before_anything_is_computed(tmp_path):
    (tmp_path / "file").write_text("x")
    Image.new("RGB", (60, 60), "red").save(tmp_path / "a.png")
    sentence = one_sentence(call("apply", "denoising", "a.png", "--out", "file/inner", cwd=tmp_path))
    assert "file/inner cannot be written to" in sentence and "--out" in sentence
    done = call("apply", "denoising", "a.png", "--out", "file", cwd=tmp_path)
    assert done.returncode == 2 and "is a file" in done.stderr and "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "file"]


KERAS = """
import json, sys
import numpy as np
from reecho import trained
import keras
network = trained.shipped("denoising")
out = network.reproduce(np.full((3, 32, 32, 3), 0.5, "float32"))
settings = [keras.backend.backend(), keras.config.floatx(), keras.config.image_data_format()]
print(json.dumps([*settings, float(out.mean()), str(out.dtype)]))
"""


@pytest.mark.slow
def test_keras_is_as_it_is_meant_whatever_the_user_has_set(tmp_path):
    settings = {"floatx": "float16", "backend": "jax", "image_data_format": "channels_first", "epsilon": 0.1}
    (tmp_path / "keras.json").write_text(json.dumps(settings))
    outputs = []
    for own in ({}, {"KERAS_HOME": str(tmp_path), "KERAS_BACKEND": "torch"}, {"KERAS_BACKEND": "jax"}):
        done = subprocess.run([sys.executable, "-c", KERAS], capture_output=True, text=True, env=os.environ | own, cwd=ROOT)
        assert done.returncode == 0, done.stderr[-2000:]
        outputs.append(json.loads(done.stdout.splitlines()[-1]))
    assert outputs[0] == outputs[1] == outputs[2] and outputs[0][:3] == ["tensorflow", "float32", "channels_last"]


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_another_backend_in_the_environment_reaches_neither_a_command_nor_its_kernels(backend, tmp_path):
    script = f"""
        import os, sys
        from pathlib import Path
        from reecho.__main__ import main
        from reecho.context import Places, environment_of
        assert main(["notebooks"]) == 0 and "keras" not in sys.modules  # which reads it as it is imported
        print(environment_of(Places(), Path({str(tmp_path)!r}), "01_data", os.environ, 32)["KERAS_BACKEND"])
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"KERAS_BACKEND": backend}, cwd=ROOT)
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "tensorflow", done.stderr


DRAWING = """
import hashlib
from reecho import plots
print(hashlib.sha256(plots.to_svg(plots.lines({'a': ([1, 2], [3, 4])}, 'x', 'y')).encode()).hexdigest())
"""


def test_figures_look_the_same_whatever_a_matplotlibrc_says(tmp_path):
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\naxes.facecolor: black\nlines.linestyle: --\nfont.family: serif\n")
    drawn = []
    for own in ({}, {"MATPLOTLIBRC": str(tmp_path)}):
        done = subprocess.run([sys.executable, "-c", DRAWING], capture_output=True, text=True, env=os.environ | own, cwd=ROOT)
        assert done.returncode == 0, done.stderr[-2000:]
        drawn.append(done.stdout)
    assert drawn[0] == drawn[1]


def test_a_repository_around_an_unpacked_archive_is_not_ours(tmp_path):
    for command in (["init", "-q"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    shutil.copytree(ROOT / "reecho", tmp_path / "unpacked" / "reecho", ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    script = "from reecho import provenance; print(provenance.commit())"
    own = {"PYTHONPATH": str(tmp_path / "unpacked")}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=os.environ | own, cwd=tmp_path)
    assert done.stdout.strip() == "unknown"


def heeding_hangups():
    """In a child, since who runs these tests by nohup has made it deaf to them."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@posix
@pytest.mark.parametrize("deaf", [True, False])
def test_a_command_that_nohup_made_deaf_to_its_terminals_end_stays_so(deaf):
    script = f"""
        import os, signal
        signal.signal(signal.SIGHUP, signal.SIG_IGN if {deaf} else signal.SIG_DFL)
        from reecho.terminal import as_a_command
        as_a_command()
        try:
            os.kill(os.getpid(), signal.SIGHUP)
            print("goes on")
        except KeyboardInterrupt:
            print("ends in order")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == ("goes on\n" if deaf else "ends in order\n"), done.stderr


@posix
@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGKILL"])
def test_what_a_signal_ends_leaves_nothing_behind_that_stays(tmp_path, name):
    """A run is ended while its first notebook runs, and made again; the kernel goes with it."""
    folders = {"REECHO_BUILD": str(tmp_path / "build"), "REECHO_DATA": str(tmp_path / "data")}
    command = [sys.executable, "-P", "-m", "reecho", "report", "--preset", "smoke", "--dataset", "synthetic", "--only", "01"]
    run = subprocess.Popen(
        [*command, "-p", "pictures=24"], stderr=subprocess.PIPE, text=True, env=os.environ | folders, preexec_fn=heeding_hangups
    )
    while "cell" not in (line := run.stderr.readline()):
        assert line, "the run ended by itself"
    run.send_signal(getattr(signal, name))
    run.communicate(timeout=60)
    assert run.returncode != 0
    aside = list((tmp_path / "build").rglob("*.aside*"))
    assert name == "SIGKILL" or aside == []
    done = subprocess.run([*command, "-p", "pictures=24"], capture_output=True, text=True, env=os.environ | folders)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob("*.aside*")) == [] and list((tmp_path / "build").rglob("*.training")) == []


@pytest.mark.slow
def test_of_two_runs_in_one_folder_the_second_waits_and_says_so(tmp_path):
    folders = {"REECHO_BUILD": str(tmp_path / "build"), "REECHO_DATA": str(tmp_path / "data")}
    command = [sys.executable, "-P", "-m", "reecho", "report", "--preset", "smoke", "--dataset", "synthetic", "--only", "01"]
    command += ["-p", "pictures=24"]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=os.environ | folders)
    while "cell" not in (line := first.stderr.readline()):
        assert line, "the run ended by itself"
    second = subprocess.run(command, capture_output=True, text=True, env=os.environ | folders, timeout=300)
    first.communicate(timeout=300)
    assert first.returncode == second.returncode == 0
    assert (
        "Another process makes the run smoke; waiting for it." in second.stdout and "2 of 2 tasks were up to date" in second.stdout
    )
    assert list((tmp_path / "build").glob("*.lock")) == []


def test_what_a_killed_process_left_aside_is_swept_and_what_a_living_one_writes_stays(tmp_path):
    (tmp_path / "deep").mkdir()
    left = [tmp_path / ".4194303-0123abcd.aside.ipynb", tmp_path / "deep" / ".4194303-0123abcd.aside"]
    left[0].write_text("x")
    left[1].mkdir()
    with written_aside(tmp_path / "deep" / "result.txt") as aside:
        aside.write_text("whole")
        sweep(tmp_path)
        assert aside.is_file() and not any(path.exists() for path in left)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["result.txt"]


@pytest.mark.slow
def test_settings_of_somebody_elses_reach_no_kernel(tmp_path):
    foreign = tmp_path / "kernels" / "python3"
    foreign.mkdir(parents=True)
    (foreign / "kernel.json").write_text(json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "python"}))
    startup = tmp_path / "ipython" / "profile_default" / "startup" / "first.py"
    startup.parent.mkdir(parents=True)
    for script in (startup, tmp_path / "startup.py"):
        script.write_text("import os\nos._exit(7)\n")
    folders = {"REECHO_BUILD": str(tmp_path / "build"), "REECHO_DATA": str(tmp_path / "data"), "JUPYTER_PATH": str(tmp_path)}
    others = {"IPYTHONDIR": str(tmp_path / "ipython"), "PYTHONSTARTUP": str(tmp_path / "startup.py"), "LANG": "C", "LC_ALL": "C"}
    others |= {"HOME": "/dev/null/nobody"} if os.name == "posix" else {}  # no folder can be made there
    wanted = ("report", "--preset", "smoke", "--dataset", "synthetic", "--only", "01", "-p", "pictures=24")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "random.py").write_text("raise SystemExit(7)")
    done = call(*wanted, cwd=tmp_path / "here", **folders, **others)
    assert done.returncode == 0, done.stderr
    assert "cuda" not in done.stderr.lower() and "XLA" not in done.stderr
    assert (Path(folders["REECHO_BUILD"]) / "smoke" / "html" / "01_data.html").is_file()
    assert list(tmp_path.rglob(".*")) == []
    alone = ["unshare", "--net", "--map-root-user"]  # a machine that does not even reach itself
    if shutil.which("unshare") and subprocess.run([*alone, "true"], capture_output=True).returncode == 0:
        command = [*alone, sys.executable, "-P", "-m", "reecho", *wanted, "--force"]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | folders, timeout=300)
        assert done.returncode == 0, done.stderr
        assert not any(path.is_socket() for folder in (ROOT / "notebooks", tmp_path) for path in folder.rglob("*"))


FULL = """
mount -t tmpfs -o size=4m tmpfs "$REECHO_BUILD" || exit 77
"$@" --only 02_training_reconstruction
[ $? = 1 ] || exit 2
[ -z "$(find "$REECHO_BUILD" -name '.*aside*' -o -name model.weights.h5)" ] || exit 3
mount -o remount,ro "$REECHO_BUILD" && "$@" --only 01
[ $? = 1 ] || exit 4
"""


@posix
@pytest.mark.slow
def test_a_disk_that_is_full_and_one_that_is_read_only_are_a_sentence(tmp_path):
    """A file system of four megabytes, in a namespace of its own."""
    (tmp_path / "build").mkdir()
    folders = {"REECHO_BUILD": str(tmp_path / "build"), "REECHO_DATA": str(tmp_path / "data")}
    wanted = [sys.executable, "-P", "-m", "reecho", "report", "--preset", "smoke", "--dataset", "synthetic", "-p", "pictures=60"]
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", FULL, "sh", *wanted]
    if not shutil.which("unshare") or subprocess.run([*command[:3], "true"], capture_output=True).returncode:
        pytest.skip("This machine lets nobody have a namespace of his own.")
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | folders, timeout=300)
    if done.returncode == 77:
        pytest.skip("This machine lets nobody mount a file system.")
    assert done.returncode == 0, done.stderr[-2000:]
    said = [line for line in done.stderr.splitlines() if line.startswith("reecho: ")]
    assert len(said) == 2 and "The disk is full" in said[0] and "cannot be written to" in said[1]

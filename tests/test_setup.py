"""What a fresh machine needs: run.py, the lock, environment.yml and pyproject.toml, in step."""

from __future__ import annotations

import ast
import os
import re
import runpy
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

from reecho.settings import ROOT

LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", LOCK, re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("dependency", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"], "setuptools>=77"])
def test_every_direct_dependency_is_locked_in_a_version_that_fits(dependency):
    wanted = Requirement(dependency)
    locked = [version for name, version in PINS if normal(name) == normal(wanted.name)]
    assert locked, f"{wanted.name} is not in requirements.txt; lock anew with the command in pyproject.toml"
    assert all(wanted.specifier.contains(version) for version in locked)


def test_every_library_that_the_package_imports_is_locked():
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "reecho").rglob("*.py")]
    imports = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in imports if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    names = {name.split(".")[0] for name in modules} - sys.stdlib_module_names - {"reecho"}
    distributions, locked = packages_distributions(), {normal(name) for name, _ in PINS}
    assert {
        name for name in names if not {normal(distribution) for distribution in distributions.get(name, [name])} & locked
    } == set()


def test_the_lock_is_all_pins_and_hashes_and_no_address():
    entries = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", LOCK).strip())
    assert len(entries) > 100
    assert all(re.match(r"[A-Za-z0-9._-]+(\[[^]]*\])?==[^ ]+ ", entry) and "--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"://|--(extra-)?index-url|--find-links|@ file", LOCK)


def test_environment_yml_installs_the_lock_on_a_python_that_fits():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    python = re.search(r"- python=(\S+)", text).group(1)
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(python)
    assert "- --requirement requirements.txt" in text and f"name: {PROJECT['name']}" in text
    items = [line for line in text.splitlines() if re.match(r"\s+- (?!pip:)", line)]
    assert all("# " in line for line in items), "a reason on each line"


def test_the_console_script_is_there():
    module, function = PROJECT["scripts"]["reecho"].split(":")
    assert callable(getattr(__import__(module, fromlist=[function]), function))


def test_run_py_is_short_and_needs_the_standard_library_alone():
    source = (ROOT / "run.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) < 130
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(ast.parse(source, feature_version=(3, 7)))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= sys.stdlib_module_names and "reecho" not in imported


class Stop(Exception):
    pass


@pytest.fixture
def run_py(tmp_path, monkeypatch):
    """run.py as a module of its own, in an empty folder, that records what it would start."""
    for name in ("run.py", "requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    names = runpy.run_path(str(tmp_path / "run.py"), run_name="run")
    variables = names["main"].__globals__
    calls, environments = [], []

    def call(command, env):
        calls.append(command)
        environments.append(env)
        if command[1:3] == ["-m", "venv"]:
            python = tmp_path / names["PYTHON"]
            python.parent.mkdir(parents=True)
            python.write_text("")
            (tmp_path / ".venv" / "pyvenv.cfg").write_text(f"version = {'.'.join(map(str, sys.version_info[:3]))}\n")
        return 0

    def execve(path, command, environment):
        calls.append(command)
        raise Stop(environment)

    monkeypatch.setattr(variables["subprocess"], "call", call)
    monkeypatch.setattr(variables["os"], "execve", execve)
    monkeypatch.setitem(variables, "unsuited", lambda: None)
    stamp = tmp_path / ".venv" / "reecho-installed"
    return SimpleNamespace(main=names["main"], calls=calls, call=call, environments=environments, folder=tmp_path, stamp=stamp)


posix = pytest.mark.skipif(sys.platform == "win32", reason="the job takes the process's place on POSIX alone")


@posix
def test_run_py_installs_once_and_forwards_arguments(run_py, monkeypatch):
    monkeypatch.setenv("REECHO_LFW", "lfw.tgz")
    monkeypatch.chdir(run_py.folder)
    with pytest.raises(Stop) as stop:
        run_py.main(["report", "--preset", "smoke"])
    assert [command[1:3] for command in run_py.calls] == [["-m", "venv"], ["-m", "pip"], ["-m", "uv"], ["-m", "pip"], ["-P", "-m"]]
    assert "--require-hashes" in run_py.calls[1] and "--require-hashes" in run_py.calls[2] and "--no-deps" in run_py.calls[3]
    assert run_py.calls[3][run_py.calls[3].index("--config-settings") + 1] == "editable_mode=compat"  # before a folder named reecho
    only_uv = (run_py.folder / ".venv" / "uv.txt").read_text().splitlines()
    assert only_uv[0].startswith("uv==") and len(only_uv) > 4 and all("--hash=sha256:" in line for line in only_uv[1:])
    assert run_py.calls[-1][2:] == ["-m", "reecho", "report", "--preset", "smoke"]
    environment = stop.value.args[0]
    assert environment["REECHO_LFW"] == str(run_py.folder / "lfw.tgz") and environment["TF_ENABLE_ONEDNN_OPTS"] == "1"
    run_py.calls.clear()
    with pytest.raises(Stop):
        run_py.main(["test", "-k", "one"])
    with pytest.raises(Stop):
        run_py.main(["check"])
    assert [command[1:] for command in run_py.calls] == [
        ["-m", "pytest", "-n", "2", "--dist", "loadfile", "-k", "one"],
        [str(run_py.folder / "tests" / "check.py")],
    ]
    (run_py.folder / "pyproject.toml").write_text("changed")
    run_py.calls.clear()
    with pytest.raises(Stop):
        run_py.main(["lab"])
    assert [command[3] if "-P" in command else command[2] for command in run_py.calls] == ["pip", "uv", "pip", "jupyterlab"]
    assert "--ServerApp.ip=127.0.0.1" in run_py.calls[-1]


@posix
def test_settings_of_others_lead_neither_out_of_venv_nor_into_jupyterlab(run_py, monkeypatch):
    for name in ("PYTHONPATH", "PIP_TARGET", "JUPYTER_CONFIG_PATH", "JUPYTER_CONFIG_DIR", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.setenv(name, "/foreign")
    monkeypatch.setenv("PIP_USER", "1")
    with pytest.raises(Stop) as stop:
        run_py.main(["lab"])
    for environment in (*run_py.environments, stop.value.args[0]):
        assert "/foreign" not in environment.values() and environment["PIP_USER"] == "0"
    assert os.environ["PYTHONPATH"] == "/foreign"


@posix
@pytest.mark.parametrize("fails", ["pip", "uv"])
def test_where_uv_cannot_be_had_or_fails_pip_installs_the_same_lock(run_py, monkeypatch, fails):
    def call(command, env):
        run_py.call(command, env)
        return int(command[2] == fails and ("uv.txt" in command[-1] or fails == "uv"))

    monkeypatch.setattr(run_py.main.__globals__["subprocess"], "call", call)
    with pytest.raises(Stop):
        run_py.main(["report"])
    with_pip = [command for command in run_py.calls if command[2] == "pip" and command[-1].endswith("requirements.txt")]
    assert len(with_pip) == 1 and "--require-hashes" in with_pip[0] and len(run_py.stamp.read_text()) == 64


@posix
def test_run_py_begins_an_interrupted_installation_anew(run_py, monkeypatch):
    def interrupted(command, env):
        if "--require-hashes" in command:
            raise KeyboardInterrupt
        return run_py.call(command, env)

    subprocess_of = run_py.main.__globals__["subprocess"]
    monkeypatch.setattr(subprocess_of, "call", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_py.main(["report"])
    assert run_py.stamp.read_text() == "unfinished"
    (run_py.folder / ".venv" / "half").write_text("half a package")
    monkeypatch.setattr(subprocess_of, "call", run_py.call)
    with pytest.raises(Stop):
        run_py.main(["report"])
    assert not (run_py.folder / ".venv" / "half").exists() and len(run_py.stamp.read_text()) == 64


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["--help"]])
def test_run_py_says_in_a_sentence_what_it_can_do(arguments):
    done = subprocess.run([sys.executable, str(ROOT / "run.py"), *arguments], capture_output=True, text=True)
    assert done.returncode == 1 and "report, check, test or lab" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sys.version_info": (3, 10, 2)}, "Python 3.11, 3.12 or 3.13"),
        ({"sys.version_info": (3, 14, 0)}, "Python 3.11, 3.12 or 3.13"),
        ({"sys.maxsize": 2**31 - 1}, "64-bit"),
        ({"platform.python_implementation": lambda: "PyPy"}, "this is PyPy"),
        ({"platform.system": lambda: "Darwin", "platform.machine": lambda: "x86_64"}, "this is Darwin x86_64"),
        ({"platform.system": lambda: "Windows", "platform.machine": lambda: "ARM64"}, "this is Windows ARM64"),
        ({"sysconfig.get_config_var": {"HOST_GNU_TYPE": "x86_64-alpine-linux-musl"}.get}, "glibc"),
    ],
)
def test_run_py_refuses_other_pythons_and_platforms_in_a_sentence(change, sentence, monkeypatch):
    unsuited = runpy.run_path(str(ROOT / "run.py"), run_name="run")["unsuited"]
    assert unsuited() is None
    for name, value in change.items():
        monkeypatch.setattr(name, value)
    told = unsuited()
    monkeypatch.undo()
    assert sentence in told and "\n" not in told

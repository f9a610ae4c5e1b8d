"""Everything in one command, on a machine that has Python and nothing else: python3 run.py report | check | test | lab.

It makes .venv, installs requirements.txt (pinned, with hashes) and the package, and runs the job in it; what did not
change is not installed again. Standard library alone, in a syntax that old Pythons read too, to say what is missing.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "Scripts", "python.exe") if os.name == "nt" else os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "reecho-installed")  # what is installed; UNFINISHED while an installation runs
UNFINISHED = "unfinished"
LOCK, ONLY_UV = os.path.join(ROOT, "requirements.txt"), os.path.join(VENV, "uv.txt")
CHECKS, NOTEBOOKS = os.path.join(ROOT, "tests", "check.py"), os.path.join(ROOT, "notebooks")
# -P: the current folder is no place to import from; a random.py there, or a clone named reecho, would come first
JOBS = {
    "report": ["-P", "-m", "reecho", "report"],
    "check": [CHECKS],
    "test": ["-m", "pytest", "-n", "2", "--dist", "loadfile"],
    "lab": ["-P", "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", "--ServerApp.allow_remote_access=False", NOTEBOOKS],
}
PLATFORMS = (("Linux", "x86_64"), ("Linux", "aarch64"), ("Darwin", "arm64"), ("Windows", "AMD64"))
# TensorFlow: no banners, and oneDNN's kernels also where they are off by default; Jupyter: the kernel of .venv first
# lead out of .venv, but for the last one, with which each kernel compiles TensorFlow anew: 10 s in place of 4.5
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "JUPYTER_CONFIG_PATH", "PYTHONDONTWRITEBYTECODE")
OWN = {"PIP_USER": "0", "JUPYTER_CONFIG_DIR": os.path.join(VENV, "jupyter")}  # whatever token and address others have set
DEFAULTS = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "1", "JUPYTER_PREFER_ENV_PATH": "1"}


def unsuited():
    """A sentence that says why reecho cannot run here, or None."""
    here, kind = (platform.system(), platform.machine()), platform.python_implementation()
    plain = kind == "CPython" and sys.maxsize > 2**32 and not sysconfig.get_config_var("Py_GIL_DISABLED")
    if sys.version_info[:2] not in ((3, 11), (3, 12), (3, 13)) or not plain:
        needed = "reecho needs an ordinary 64-bit Python 3.11, 3.12 or 3.13 and this is %s %s; "
        return needed % (kind, platform.python_version()) + "start it as python3.13 run.py (Windows: py -3.13 run.py)."
    if here not in PLATFORMS or "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or ""):
        needed = "reecho needs Linux with glibc (x86_64, aarch64), macOS on Apple silicon or 64-bit Windows, "
        return needed + "the platforms that TensorFlow has wheels for; this is %s %s." % here
    return None


def read(*path):
    """The bytes of a file, none where there is no such file."""
    if not os.path.isfile(os.path.join(*path)):
        return b""
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def stamp(text):
    with open(STAMP, "w", encoding="ascii") as file:
        file.write(text)


def started(command, environment):
    """Run a command; whether it went well."""
    return subprocess.call(command, env=environment) == 0


def with_uv(pip, environment):
    """Install requirements.txt by uv, which takes a third of pip's time; whether that went well, for pip can do it too."""
    _, found, rest = read(ROOT, "requirements.txt").decode().partition("\nuv==")
    with open(ONLY_UV, "w", encoding="ascii") as file:  # the lock's own lines on it, with their hashes
        file.write(found.strip() + rest.split("\n    # via")[0] + "\n")
    uv = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, "--require-hashes", "-r", LOCK]
    return started(pip + ["--quiet", "--require-hashes", "-r", ONLY_UV], environment) and started(uv, environment)


def install(environment):
    """Make .venv what requirements.txt says; an interrupted installation is begun anew."""
    version = "version = %d.%d." % sys.version_info[:2]
    parts = [read(ROOT, "requirements.txt"), read(ROOT, "pyproject.toml"), version.encode(), ROOT.encode()]
    key, found = hashlib.sha256(b"\0".join(parts)).hexdigest(), read(STAMP).decode()
    if found == key and os.path.isfile(PYTHON):
        return
    if os.path.isdir(VENV) and (found == UNFINISHED or version not in read(VENV, "pyvenv.cfg").decode()):
        shutil.rmtree(VENV)
    sys.stderr.write("Installing the packages of requirements.txt into .venv: a minute or two and 3 GB, once.\n")
    if not os.path.isfile(PYTHON) and not started([sys.executable, "-m", "venv", VENV], environment):
        sys.exit("run.py: .venv could not be made, see above; on Debian and Ubuntu `apt install python3-venv` may be missing.")
    stamp(UNFINISHED)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install"]
    if not (with_uv(pip, environment) or started(pip + ["--require-hashes", "-r", LOCK], environment)) or not started(
        pip + ["--quiet", "--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat", "-e", ROOT],
        dict(environment, PYTHONWARNINGS="ignore"),  # setuptools would rather have another mode
    ):
        sys.exit("run.py: the installation stopped, see above; check network and disk, then run the same command again.")
    stamp(key)


def main(arguments):
    if unsuited() or not arguments or arguments[0] not in JOBS:
        sys.exit(
            "run.py: " + (unsuited() or "say python3 run.py report, check, test or lab, then any further arguments of that job.")
        )
    environment = dict(DEFAULTS, **dict(os.environ, **OWN))
    for name in FOREIGN:
        environment.pop(name, None)
    install(environment)
    for name in set(environment) & {"REECHO_LFW", "REECHO_DATA", "REECHO_BUILD"}:  # jobs work in other folders
        environment[name] = environment[name] and os.path.abspath(environment[name])
    if arguments[0] == "test":
        os.chdir(ROOT)
    command = [PYTHON] + JOBS[arguments[0]] + arguments[1:]
    if os.name == "posix":  # the job takes this process's place: its signals, its exit code
        os.execve(PYTHON, command, environment)
    job = subprocess.Popen(command, env=environment)
    while job.poll() is None:
        try:
            job.wait()
        except KeyboardInterrupt:  # the job has had it too and ends in its own time
            continue
    return job.returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

"""Runs that a signal ends: nothing half-written stays, no kernel goes on."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest
from test_pipeline import write_notebook

from reecho.settings import ROOT


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="sends a signal")
def test_ctrl_c_ends_with_130_and_nothing_half_written(tmp_path):
    write_notebook(tmp_path / "01_data.ipynb", "print('here', flush=True)\nimport time\ntime.sleep(60)")
    script = f"""
        import os, signal, sys
        from pathlib import Path
        from reecho import __main__, pipeline
        from reecho.pipeline.execute import execute
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in a shell's background begins deaf to it
        here = Path({str(tmp_path)!r})
        source, target = here / "01_data.ipynb", here / "out" / "01_data.ipynb"
        pipeline.report = lambda *_, **__: execute(source, target, {{}}, {{}}, "one", here / "failed", os.environ)
        sys.exit(__main__.main(["report"]))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True) as process:
        for line in process.stderr:
            if "cell 3/3" in line:
                break
        time.sleep(3)  # a busy machine is slow to begin the cell
        os.killpg(process.pid, signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130, rest
    assert "Interrupted" in rest and "Traceback" not in rest
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="sends a signal")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_of_several_notebooks_at_once_a_signal_leaves_nothing(tmp_path, name):
    """The signal reaches the parent alone, as from a task manager; the kernels end with it."""
    for stem in ("01_data", "04_denoising"):
        write_notebook(tmp_path / "notebooks" / f"{stem}.ipynb", f"print('here {stem}', flush=True)\nimport time\ntime.sleep(60)")
    script = f"""
        import signal, sys
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in a shell's background begins deaf to it
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as one of nohup does to this
        sys.path[:0] = [{str(ROOT / "tests")!r}]
        from pathlib import Path
        import test_pipeline as these
        from reecho import __main__, pipeline
        from dataclasses import replace
        from reecho.context import Places
        here = Path({str(tmp_path)!r})
        real = pipeline.report
        pipeline.report = lambda *_, **__: real(
            {{}}, jobs=2, places=Places(here / "data", here / "build"), sources=here / "notebooks",
            steps=tuple(replace(step, needs=()) for step in these.TINY),
            load=lambda **_: these.FACES, renderers=these.Plain(),
        )
        sys.exit(__main__.main(["report"]))
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=ROOT) as process:
        begun = set()
        for line in process.stderr:
            begun |= {stem for stem in ("01_data", "04_denoising") if f"{stem} cell 3/3" in line}
            if len(begun) == 2:
                break
        time.sleep(2)
        kernels = psutil.Process(process.pid).children()
        process.send_signal(getattr(signal, name))
        rest = process.stderr.read()
    assert process.returncode == 130, rest
    assert "Interrupted" in rest and "Traceback" not in rest
    assert len(kernels) == 2 and not any(kernel.is_running() for kernel in kernels)
    assert [path for path in (tmp_path / "build").rglob("*") if path.name.startswith(".") or path.parent.name == "failed"] == []

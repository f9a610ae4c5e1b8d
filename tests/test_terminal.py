"""What C++ writes past every setting does not reach the terminal; everything else does, from children as well."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os, subprocess, sys
from reecho.terminal import without_chatter
lines = [
    "2026-11-27 10:51:26.023179: E external/local_xla/xla/cuda_platform.cc:51] failed call to cuInit",
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "I0000 00:00:1795776639.855041   10288 device_compiler.h:196] Compiled cluster using XLA!",
    "terminate called after throwing an instance",
]
with without_chatter():
    for line in lines:
        os.write(2, (line + chr(10)).encode())
    child = "import os; os.write(2, b'I0000 00:00:1.5 7 a.h:1] x' + bytes([10]) + b'a child' + bytes([10]))"
    subprocess.run([sys.executable, "-c", child])
    print("Python", file=sys.stderr)
print("after", file=sys.stderr)
os.write(2, b"I0000 00:00:1.5 7 a.h:1] after" + bytes([10]))
"""


def test_chatter_is_left_out_and_the_rest_comes_through():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    shown = done.stderr.splitlines()
    expected = ["terminate called after throwing an instance", "a child", "Python", "after", "I0000 00:00:1.5 7 a.h:1] after"]
    assert sorted(shown) == sorted(expected)


def test_another_stream_in_the_place_of_the_terminal_is_left_alone(capsys):
    from reecho.terminal import without_chatter

    before = sys.stderr
    with without_chatter():
        assert sys.stderr is before

"""What a result was made with: versions, commit, machine."""

from __future__ import annotations

import functools
import os
import platform
import subprocess
from importlib import metadata
from typing import Any

from reecho.settings import ROOT

_PACKAGES = ("reecho", "tensorflow", "keras", "numpy", "scipy", "scikit-learn", "scikit-image", "matplotlib", "papermill")


@functools.cache
def commit() -> str:
    """The commit of the checkout, "-dirty" behind it where tracked files were changed, or "unknown" outside git."""
    top = _git("rev-parse", "--show-toplevel")
    if not top or not os.path.samefile(top, ROOT):  # a repository around an unpacked archive is another project's
        return "unknown"
    return _git("describe", "--always", "--abbrev=12", "--dirty", "--exclude=*") or "unknown"


def _git(*arguments: str) -> str:
    """What git says about the checkout, "" where it says nothing."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def versions() -> dict[str, str]:
    """Version of each package that the numbers depend on, Python's first; nothing is imported."""
    numbers = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            numbers[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return numbers


def machine() -> dict[str, Any]:
    """Processor kind, cores, memory in GiB and operating system; no name of a machine or person."""
    facts: dict[str, Any] = {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()}
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        facts["memory_gib"] = round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30)
    return facts


def gather() -> dict[str, Any]:
    """All of it as plain values."""
    return {"commit": commit(), "versions": versions(), "machine": machine()}

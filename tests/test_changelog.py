"""CHANGELOG.md: its newest version is the package's, and its form is that of Keep a Changelog."""

from __future__ import annotations

import datetime
import re
import tomllib

from reecho import __version__
from reecho.settings import ROOT

LINES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def released() -> list[tuple[str, datetime.date]]:
    """Number and day of each version, in the order of the file."""
    headings = [re.fullmatch(r"## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)", line) for line in LINES if line.startswith("## [")][1:]
    return [(heading.group(1), datetime.date.fromisoformat(heading.group(2))) for heading in headings]


def test_the_newest_version_is_the_packages():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert released()[0][0] == __version__ == project["version"]


def test_what_is_not_released_comes_first_and_newer_versions_before_older_ones():
    assert next(line for line in LINES if line.startswith("## ")) == "## [Unreleased]"
    numbers = [tuple(map(int, number.split("."))) for number, _ in released()]
    assert numbers == sorted(set(numbers), reverse=True) and numbers[-1] == (0, 1, 0)
    days = [day for _, day in released()]
    assert days == sorted(days, reverse=True)


def test_changes_stand_under_the_six_kinds():
    kinds = [line.removeprefix("### ") for line in LINES if line.startswith("### ")]
    assert kinds and set(kinds) <= SECTIONS

"""Known vulnerabilities of the pinned packages, where their database can be reached: python tests/audit.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parents[1] / "requirements.txt"
COMMAND = ("-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes", "--disable-pip", "--format", "json",
           "--progress-spinner", "off", "--timeout", "10")  # fmt: skip
LONGEST = 180  # seconds; a network that answers takes ten
HARMLESS: dict[str, str] = {}  # identifier of a vulnerability → why it does not concern reecho


def report(dependencies: list[dict[str, Any]]) -> tuple[int, str]:
    """The exit code and what is said.

    Args:
        dependencies: as pip-audit lists them, with "name", "version" and either "vulns" or "skip_reason".
    """
    audited = [dependency for dependency in dependencies if "skip_reason" not in dependency]
    if not audited:
        return 0, "No package was audited: the database of known vulnerabilities cannot be reached from here."
    found = [
        f"{dependency['name']} {dependency['version']} has {vulnerability['id']}; "
        f"{' or '.join(vulnerability['fix_versions']) or 'no release'} mends it."
        for dependency in audited
        for vulnerability in dependency["vulns"]
        if vulnerability["id"] not in HARMLESS
    ]
    words = "none has a known vulnerability" if not found else "\n" + "\n".join(found)
    return int(bool(found)), f"{len(audited)} of {len(dependencies)} packages were audited: {words}."


def main() -> int:
    """Audit the lock, and say what was found or that nothing could be looked up."""
    try:
        done = subprocess.run([sys.executable, *COMMAND], capture_output=True, text=True, timeout=LONGEST)
        dependencies = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):  # no network: it writes no list
        dependencies = []
    code, words = report(dependencies)
    print(words, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())

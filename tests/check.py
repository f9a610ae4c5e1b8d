"""Style, types, rules of notebooks and words, known vulnerabilities: python3 run.py check, or python tests/check.py, half a minute.

All checks run, whatever the first ones say; the exit code is 1 where one of them fails, else 0.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHECKS = {
    "style": ["-m", "ruff", "check", "--quiet", "--output-format", "concise", "."],
    "layout of the code": ["-m", "ruff", "format", "--check", "--quiet", "--output-format", "concise", "."],
    "types": ["-m", "mypy"],
    "notebooks and words": ["tests/rules.py"],
    "known vulnerabilities": ["tests/audit.py"],
}


def main() -> int:
    """Run all checks and return the exit code."""
    failed = [name for name, arguments in CHECKS.items() if subprocess.call([sys.executable, *arguments], cwd=ROOT)]
    print(f"Checks that failed: {', '.join(failed)}." if failed else f"All checks passed: {', '.join(CHECKS)}.", flush=True)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())

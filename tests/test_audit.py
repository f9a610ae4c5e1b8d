"""What is said of known vulnerabilities."""

from __future__ import annotations

from audit import report

CLEAN = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "c", "version": "3", "skip_reason": "not found"}


def test_a_known_vulnerability_fails_and_a_database_out_of_reach_is_no_clean_bill():
    assert report([CLEAN, UNKNOWN]) == (0, "1 of 2 packages were audited: none has a known vulnerability.")
    code, words = report([CLEAN, BAD])
    assert code == 1 and "b 2 has CVE-1; 3 mends it" in words
    assert report([UNKNOWN])[1] == report([])[1] and "No package was audited" in report([])[1]

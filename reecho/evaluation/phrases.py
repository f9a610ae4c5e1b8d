"""Parts of sentences whose numbers come from rows: counts, lists, the best of some rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reecho.results import Row

LOST = "detail that does not fit into the code is lost, with or without noise"  # by a bottleneck


def of_all(count: int, total: int) -> str:
    """A count of things as a share of all of them, for a sentence.

    Example:
        >>> of_all(3, 3), of_all(2, 2), of_all(1, 3), of_all(0, 3)
        ('all 3', 'both', '1 of 3', 'none of 3')
    """
    if count == total:
        return {1: "the one", 2: "both"}.get(total, f"all {total}")
    return f"{count or 'none'} of {total}"


def listed(words: Sequence[str]) -> str:
    """Words as a sentence lists them.

    Example:
        >>> listed(["a"]), listed(["a", "b", "c"])
        ('a', 'a, b and c')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def best_first(rows: Iterable[Row], key: str) -> list[Row]:
    """The rows of a table whose first ones are seen first: networks, then the rest, of each the best by a measure first.

    Args:
        rows: of one task.
        key: of the measure; ΔE00 is better when it is lower.
    """
    sign = 1 if key == "delta_e00" else -1
    return sorted(rows, key=lambda row: (not row.method.is_network, row.method.kind == "oracle", sign * row[key]))


def best_row(rows: Iterable[Row], key: str, network: bool) -> Row:
    """The best row by a measure, of the networks or of the methods without one; ΔE00 is better when it is lower.

    Args:
        rows: of one task; oracles and inputs do not count.
        key: of the measure.
        network: whether networks are looked at.
    """
    ranked = [row for row in rows if row.method.is_network == network and (network or row.method.kind == "baseline")]
    return (min if key == "delta_e00" else max)(ranked, key=lambda row: row[key])

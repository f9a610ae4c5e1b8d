"""The rows of a task that a summary shows: the README's table, the index, the title page, a comparison of two runs."""

from __future__ import annotations

from collections.abc import Iterable

from reecho.methods import EXACT_CODES, LINEAR_VAE
from reecho.networks.registry import NETWORKS
from reecho.results.row import ABOVE, Row
from reecho.tasks import TASKS

RATE_TOLERANCE = 1.1  # times the linear VAE's rate, up to which a code is compared with it


def highlights(task: str, rows: Iterable[Row], size: int | None = None) -> dict[str, Row]:
    """The rows of a task that say most, by what they stand for.

    Args:
        task: of the rows.
        rows: its rows.
        size: width and height of the faces, pixels; rows of other sizes are left out. None takes all.

    Returns:
        "floor" (the row of the method that learns nothing), "input", "baseline", "reference" and "network" (the best of all
        networks), each the row with the highest PSNR of its kind; what there is none of is missing. Left out are oracles, codes of
        exact numbers (PCA, autoencoders without noise), which with enough axes are the picture itself at no stated rate, and,
        where the linear VAE has a rate, codes and files with a rate more than a tenth above it.
    """
    measured = [row for row in rows if row.get("psnr_db") is not None and size in (row.size, None)]
    linear = (row.get("rate_nats") for row in measured if row.method.code == LINEAR_VAE)
    limit = max((RATE_TOLERANCE * rate for rate in linear if rate), default=None)
    networks = [row for row in measured if row.method.is_network and _has_rate_up_to(row, limit)]
    kinds = {
        "floor": [row for row in measured if row.method == TASKS[task].floor],
        "input": [row for row in measured if row.method.kind == "input"],
        "baseline": [row for row in measured if row.method.kind == "baseline" and _is_comparable(row, limit)],
        "reference": [row for row in networks if row.method.name == "reference"],
        "network": networks,
    }
    return {kind: max(some, key=lambda row: row["psnr_db"]) for kind, some in kinds.items() if some}


def difference(task: str, simple: Row, network: Row) -> tuple[float, tuple[float, float] | None]:
    """By how many dB a network is better than a method without one, and the interval where the same pictures were compared.

    Args:
        task: of the rows; codes are compared with the linear VAE of their own rate.
        simple: the best row without a network.
        network: the network's row.
    """
    key = "gain_db" if TASKS[task].has_rate else ABOVE
    measured = network.get(key)
    return (network["psnr_db"] - simple["psnr_db"], None) if measured is None else (measured, network.interval(key))


def _has_rate_up_to(row: Row, limit: float | None) -> bool:
    """Whether a network's code has a rate that is comparable; without a limit every network is."""
    return limit is None or (not NETWORKS[row.method.name].exact_code and 0 < (row.get("rate_nats") or 0) <= limit)


def _is_comparable(row: Row, limit: float | None) -> bool:
    """Whether a baseline is compared in short: no code of exact numbers, and none with a higher rate than the limit."""
    return row.method.name not in EXACT_CODES and (limit is None or (row.get("rate_nats") or 0) <= limit)

"""How far a number may be from the published one when the same run is made again elsewhere."""

from __future__ import annotations

from reecho.methods import SHIPPED
from reecho.results.row import Row
from reecho.tasks import Column

_EXACT = 2e-4  # relative; methods without training differ by the order of sums alone
_TRAINED = {"psnr_db": 0.1, "psnr_face_db": 0.15, "psnr_background_db": 0.15, "ssim": 0.005, "delta_e00": 0.2}
_SHARE = 0.1  # of other numbers of trained networks
_SPREAD = 3.0  # times the standard deviation over seeds, where a row has it


def is_trained(row: Row) -> bool:
    """Whether a row is of a network that a rerun trains; those of the package are the same everywhere."""
    return row.method.is_network and row.method.setting("origin") != SHIPPED


def expected(row: Row, column: Column) -> float:
    """The largest difference of a number from seeds and machines.

    Args:
        row: the published one, with its spread over seeds and its interval where it has them.
        column: which number.
    """
    value, interval = row[column.key], row.interval(column.key)
    if not is_trained(row):
        return max(abs(value) * _EXACT, 0.6 * 10.0**-column.digits)
    spread = _SPREAD * (row.get("seeds_sd_db") or 0.0) if column.key == "psnr_db" else 0.0
    width = (interval[1] - interval[0]) / 2 if interval and column.key not in _TRAINED else 0.0
    return max(_TRAINED.get(column.key, abs(value) * _SHARE), spread, width)


def sentence() -> str:
    """The same in words, as Markdown."""
    return (
        "**Made again.** With the same seed on the same machine and as many threads, every number comes out to the last bit. On "
        f"another machine a method without training may differ by {100 * _EXACT:g} % or the last digit shown, a network that is "
        f"trained anew by {_TRAINED['psnr_db']:g} dB of PSNR ({_TRAINED['psnr_face_db']:g} dB on faces or background alone), "
        f"{_TRAINED['ssim']:g} of SSIM and {_TRAINED['delta_e00']:g} of ΔE00, or by {_SPREAD:g} standard deviations over seeds "
        f"where the row has them and they are more; its other numbers by {100 * _SHARE:g} % or half their interval. "
        "`reecho verify` makes a finished run again and holds its numbers against these."
    )

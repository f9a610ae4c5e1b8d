"""What the notebook of pictures at their own size says of its results, in sentences whose numbers come from the rows."""

from __future__ import annotations

from collections.abc import Sequence

from reecho import methods, tasks, titles
from reecho.data import photographs
from reecho.data.picture import WIDTH
from reecho.evaluation.own_size import FACE, KINDS, TASK, cited
from reecho.evaluation.phrases import listed
from reecho.report.tables import signed
from reecho.results import Row

_SETS = {FACE: "Faces of 128 pixels", WIDTH: "Whole pictures of faces", photographs.SIDE: "Photographs"}  # for sentences


def cited_in_words() -> str:
    """How the cited rows were computed."""
    about = cited()
    return (
        f"The cited rows were computed on {about['date']} with the authors' package bm3d {about['versions']['bm3d']}, on the "
        "pictures and the noise of this page; like the other classical methods CBM3D was given σ. Other pictures or other noise "
        "have no such row."
    )


def finding(rows: Sequence[Row]) -> str:
    """What came out at σ = 0.1: the network and the best other method on the same pictures, set by set."""
    parts = []
    for size in dict.fromkeys(row.size for row in rows):
        own = [row for row in rows if row.size == size]
        network = next(row for row in own if row.method.is_network)
        best = max((row for row in own if row.method.kind == "baseline"), key=lambda row: row["psnr_db"])
        words = f"{_SETS[size].lower()} **{network['psnr_db']:.2f} dB**, {signed(network['psnr_db'] - best['psnr_db'])}"
        if bounds := network.interval("psnr_db_over_classical"):
            words += f" [{', '.join(map(signed, bounds))}]"
        parts.append(f"{words} against {titles.of(best.method)}")
    return (
        "PSNR at σ = 0.1 of one network, which is not told σ, and the difference from the best other method, which is told σ: "
        f"{'; '.join(parts)}.{_ensemble_adds(rows)}"
    )


def _ensemble_adds(rows: Sequence[Row]) -> str:
    """What the mean over copies has above the best other method at σ = 0.1 on the first set, and similar patches on all sets; a
    summary compares the first, and targets the second."""
    over = [row for row in rows if row.method.setting("ensemble") and row.get("psnr_db_over_classical") is not None]
    if not over:
        return ""
    copies, first = over[0].method.setting("ensemble"), over[0].size
    text = (
        f" These are values of a single pass; the mean over {copies} turned and mirrored copies (ensemble) has "
        f"{signed(over[0]['psnr_db_over_classical'])} on {_SETS[first].lower()}."
    )
    similar = [row for row in over if row.method.setting("similar")]
    if not similar:
        return text
    leads = listed([f"{signed(row['psnr_db_over_classical'])} on {_SETS[row.size].lower()}" for row in similar])
    return f"{text} With similar patches filtered together afterwards it has {leads}."


def ensemble_in_words(rows: Sequence[Row]) -> str:
    """What the mean over turned and mirrored copies adds at σ = 0.1, set by set, beside CBM3D where it is cited."""
    words = "A picture can also be turned and mirrored in eight ways, each copy denoised and turned back, and the mean taken (an "
    return f"{words}ensemble). For eight times the time this adds {_adds(rows, 'ensemble')}."


def similar_in_words(rows: Sequence[Row]) -> str:
    """What filtering similar patches together adds to the ensemble at σ = 0.1, set by set, beside CBM3D where it is cited."""
    words = "Similar patches of the noisy picture can be filtered together afterwards, with the ensemble's output as their guide. "
    return f"{words}To the ensemble this adds {_adds(rows, 'similar')}."


def _adds(rows: Sequence[Row], setting: str) -> str:
    """What a setting adds, from the least to the most, and what is reached with it; of methods that have it, the first counts."""
    parts, gains = [], []
    for size in dict.fromkeys(row.size for row in rows):
        of = {row.method: row["psnr_db"] for row in rows if row.size == size}
        method = next(method for method in of if method.setting(setting))
        gains.append(of[method] - of[method.without(setting)])
        over = f" ({signed(of[method] - of[methods.CBM3D])} dB against CBM3D)" if methods.CBM3D in of else ""
        parts.append(f"{_SETS[size].lower()} at {of[method]:.2f} dB{over}")
    span = " to ".join(dict.fromkeys(signed(end) for end in (min(gains), max(gains))))
    return f"{span} dB at σ = 0.1: {'; '.join(parts)}"


def kinds_in_words(rows: Sequence[Row]) -> str:
    """Under which kinds of noise the network is better than every other method, and under which not, on the smallest pictures."""
    size = min(row.size for row in rows)
    network = next(row for row in rows if row.size == size and row.method.is_network)
    over = {key: value for key in KINDS if (value := network.get(f"{key}_over_classical")) is not None}
    column = {column.key: column.heading.removesuffix(" (dB)") for column in tasks.of(TASK).columns}
    ensemble = next((row for row in rows if row.size == size and row.method.setting("ensemble")), None)
    of_ensemble = {key: value for key in over if ensemble and (value := ensemble.get(f"{key}_over_classical")) is not None}
    turned = {key: f"; the ensemble: {signed(value)} dB" for key, value in of_ensemble.items() if (value > 0) != (over[key] > 0)}
    texts = {key: f"{column[key]} ({signed(value)} dB{turned.get(key, '')})" for key, value in over.items()}
    above, below = ([texts[key] for key, value in over.items() if (value > 0) is better] for better in (True, False))
    words = (
        f"{_SETS[size]}: under {len(above)} of {len(over)} kinds of noise the network, in a single pass, is better than the best "
    )
    words += "other method"
    words += f", namely {listed(above)}" if above else ""
    return words + (f"; it is worse under {listed(below)}." if below else ".")


def photographs_in_words(rows: Sequence[Row]) -> str:
    """Whether the network's lead at σ = 0.1 is smaller on photographs than on faces, with a likely reason; "" without faces."""
    first = [row for row in rows if row.get("psnr_db_over_classical") is not None and not row.method.setting("ensemble")]
    leads = {row.size: row["psnr_db_over_classical"] for row in first}
    if not {FACE, photographs.SIDE} <= set(leads):
        return ""
    faces, others = leads[FACE], leads[photographs.SIDE]
    text = (
        f"At σ = 0.1 the difference from the best other method is {signed(faces)} dB on faces, {signed(others)} dB on photographs."
    )
    if others >= faces:
        return text
    return f"{text} A likely reason: it learnt from pictures of people alone, in which brick, leaves and lettering are rare."

"""Sentences about the faults, the ladder and the rerun, whose numbers come from this run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from reecho.data import Faces
from reecho.datasets import DATASETS, LFW
from reecho.faults import original_results, show
from reecho.faults.measure import PARTS, Outputs
from reecho.faults.networks import FURTHER
from reecho.faults.original_results import EPOCHS
from reecho.faults.table import PUBLISHED_ACCURACY, PUBLISHED_BEST
from reecho.metrics import psnr
from reecho.report.tables import signed

_NO_RERUN = (
    "No epoch of the original was trained again in this run (`rerun_epochs` is 0), so the figure shows the published curves alone. "
    "Preset full trains the first epochs of each task, preset study all twenty."
)
_SETTLED = 5  # epochs after which the published curves change little
_PUT_IN = (
    "Here faults were put into the use of networks that had been trained without them. That is quick, but it shows one end alone, "
    "and a network that learns with a fault may make up for some of it; preset study trains every rung from both ends."
)


def of_loss(bars: Mapping[str, Mapping[str, float]], faces: Faces) -> str:
    """What the stacked bars show.

    Args:
        bars: from `reecho.faults.bars`.
        faces: the faces; the published figures are those of LFW alone.
    """
    floor, face = round(bars[show.MEAN][PARTS[0]]), round(sum(bars[show.MEAN].values()))  # what is shown is what is subtracted
    learnable = face - floor
    sentences = [
        f"**{floor:,}** units of the loss are out of reach: no output of a sigmoid avoids them.",
        f"One mean face for all pictures has {face:,}; {learnable:,} of them are within reach.",
    ]
    if show.is_published_data(faces):
        rest = round(PUBLISHED_BEST) - floor
        sentences += [
            f"The published network has {PUBLISHED_BEST:,.0f} in its best epoch; {rest:,} of them are within reach.",
            f"That is {100 * (1 - rest / learnable):.0f} % less than the mean face has there, so the network had learnt.",
            f"But {100 * floor / PUBLISHED_BEST:.0f} % of the loss that was shown could not change.",
        ]
    mean, network = (sum(bars[name].values()) for name in (show.MEAN_MENDED, show.MENDED))
    sentences += [
        f"With targets in [0, 1] nothing is out of reach: the mean face has {mean:,.0f}, all of it error, and the network",
        f"{network:,.0f}, of which {bars[show.MENDED]['KL']:.0f} are the KL of its code.",
    ]
    return " ".join(sentences)


def of_rerun(networks: Mapping[str, Any], faces: Faces) -> str:
    """How near the rerun comes to the published run, as far as it goes."""
    if not networks:
        return _NO_RERUN
    if not show.is_published_data(faces):
        return (
            f"The rerun saw {len(faces):,} pictures, not the {DATASETS[LFW].pictures:,} of LFW at 32 pixels: "
            "the two runs have the recipe in common and not the values."
        )
    first = show.nearness(networks)[0]
    above = round(first["our_val_loss"]) - round(first["val_loss"])  # of the numbers as they are shown
    sentences = [
        f"After epoch {first['epoch']} of reconstruction the published loss is {first['val_loss']:,.0f} and ours",
        f"**{first['our_val_loss']:,.0f}**, {abs(above):,} {'above' if above > 0 else 'below'} it;",
        f"the published accuracy is {first['val_accuracy']:.4f} and ours **{first['our_val_accuracy']:.4f}**.",
    ]
    if first["epoch"] < EPOCHS:
        sentences.append(f"The rerun stops after {first['epoch']} of {EPOCHS} epochs of each task; preset study trains them all.")
    sentences.append("The original's seed and its order of the pictures are not known, so the two cannot agree to the last digit.")
    return " ".join(sentences)


def of_colour(networks: Mapping[str, Any], faces: Faces) -> str:
    """Whether the network that the original trained for colours was new, by how the first epochs begin."""
    published = original_results.published()
    begins = {task: history["loss"][0] for task, history in published.items()}
    sentences = [
        "One thing does not fit. For colours the original is said to have trained a new network. A new network begins with a high",
        f"loss: over the first epoch of reconstruction the published train loss is {begins['reconstruction']:,.0f}. Over that of",
        f"colourisation it is {begins['colourisation']:,.0f}.",
    ]
    if FURTHER in networks and show.is_published_data(faces):
        new, further = (networks[name].history["loss"][0] for name in ("colourisation", FURTHER))
        sentences += [
            "So the rerun trained colourisation twice:",
            f"a new network begins with **{new:,.0f}**, the denoiser, trained further, with **{further:,.0f}**.",
        ]
    sentences.append("What was trained there cannot have been new.")
    return " ".join(sentences)


def of_ladder(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the ladder shows, from whichever ends it was climbed."""
    worst = max(rows, key=lambda row: row["loss"])
    sentences = [
        f"On {rows[0]['n']:,} pictures that no rung learnt from, **{worst['fault']}** costs most:",
        f"{worst['loss']:.1f} dB where all else is mended.",
    ]
    if not rows[0]["trained"]:
        return " ".join([*sentences, _PUT_IN, *_of_grey(rows)])
    own = [row for row in rows if row["task"] == "reconstruction"]
    best = max(own, key=lambda row: row["gain"])
    others = sum(row["gain"] for row in own if row is not best)
    apart = own[0]["mended"] - own[0]["original"]
    losses = sum(row["loss"] for row in own)
    verdict = "faults interact" if abs(losses - apart) > 0.1 * abs(apart) else "here they nearly add"
    sentences += [
        f"The other end is the original with one fault mended. There, mending {best['fault']} changes the score by",
        f"{signed(best['gain'], 1)} dB. The changes by mending each other fault of reconstruction add up to",
        f"{signed(others, 1)} dB.",
        f"The losses of reconstruction add up to {losses:.1f} dB, while the two ends lie {apart:.1f} dB apart:",
        f"{verdict}.",
        *_of_grey(rows),
    ]
    return " ".join(sentences)


def _of_grey(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why red and blue swapped were not seen, and what they cost; nothing where the ladder does not show it."""
    row = next((row for row in rows if row["key"] == "grey"), None)
    if row is None:
        return []
    learnt = (
        "A network that learns from such pictures meets the same ones in the test"
        if row["trained"]
        else "A network that learnt from right ones takes them for pictures of other colours"
    )
    return [
        "\n\nThat red and blue were swapped does not show in a grey picture: reds are too dark and blues too light, but nobody",
        "sees the right one beside it, and no published number compares the two.",
        f"{learnt}: the fault alone {_costs(row)}.",
    ]


def _costs(row: Mapping[str, Any]) -> str:
    """What a fault costs or gains, in words without a sign."""
    size = f"{abs(row['loss']):.1f}"
    if float(size) == 0:
        return "costs less than 0.05 dB"
    return f"{'costs' if row['loss'] > 0 else 'gains'} {size} dB"


def in_short(measured: Mapping[str, float], faces: Faces, outputs: Outputs, targets: np.ndarray) -> str:
    """The answer: what of loss and accuracy no network could change, and what the same network reaches without the faults.

    Args:
        measured: from `reecho.faults.in_data` and `in_network`.
        faces: the published figures are those of LFW alone.
        outputs: of the mended network.
        targets: float array (n, H, W, 3) in [0, 1], what it had to reproduce.
    """
    floor, black = measured["scale"], measured["shown"]
    sentences = [
        f"Its targets lay in [−0.5, 0.5], where its last layer cannot output what is below 0: **{floor:,.0f}** units of loss"
    ]
    if show.is_published_data(faces):
        sentences += [
            f"of the published {PUBLISHED_BEST:,.0f} are out of reach of any training, and",
            f"{black:.0f} % of all values were drawn black.",
            f"Its accuracy of {PUBLISHED_ACCURACY:.4f} is about that of saying “red” for every pixel of its test pictures,",
            f"{measured['accuracy']:.4f}.",
        ]
    else:
        sentences += [
            f"are out of reach of any training on these faces, and {black:.0f} % of all their values are drawn black.",
            f"Saying “red” for every pixel has an accuracy of {measured['accuracy']:.4f}.",
        ]
    sentences.append(
        f"Without its faults the same network gives held-out faces back at **{psnr(outputs.mean, targets).mean():.1f} dB**."
    )
    return " ".join(sentences)


def ladder_caption(rows: Sequence[Mapping[str, Any]], epochs: int) -> str:
    """The caption of the ladder's figure.

    Args:
        rows: of the ladder.
        epochs: that each network was trained; 0 where faults were put in afterwards.
    """
    how = (
        f"Every network was trained; epochs of each: {epochs}."
        if epochs
        else "Hollow: the fault put into the use of a network that was trained without it."
    )
    return (
        f"Each fault switched alone, mean PSNR on {rows[0]['n']:,} held-out pictures; bars are 95 % intervals over people. "
        f"The numbers at the lines are the change in dB, a loss with a minus. {how}"
    )


def ladder_alt(rows: Sequence[Mapping[str, Any]]) -> str:
    """The text of the ladder's figure for readers who cannot see it."""
    losses = "; ".join(f"{row['fault']} {_costs(row)}" for row in rows)
    return f"Dots on a scale of dB for each fault; {losses}."


def of_use(measured: Mapping[str, float], true_colourfulness: float) -> str:
    """Which faults of the table did not change the published numbers, and why grey faces do not come out quite grey."""
    return (
        "Some of these did not change the original's published numbers: the generator was not used in its run, the display "
        "changes no weight, and the formula without its minus is in the document but not in the code. They are listed because a "
        "reader who follows the document would repeat them.\n\nThe colour model that was never saved: grey faces have a "
        f"colourfulness of 0, true ones of {true_colourfulness:.0f}, and what the reconstruction network makes of grey faces has "
        f"{measured['unsaved']:.0f}. "
        "That is no colouring: its three channels do not err alike, which leaves a faint tint."
    )


def rerun_caption(networks: Mapping[str, Any], faces: Faces) -> str:
    """The caption of the figure of both histories."""
    how = "published and trained again from its description" if networks else "as published"
    where = " The first epochs lie outside the panels."
    if not show.is_published_data(faces):
        where = " The dotted lines are those of the faces of this run, the published curves those of LFW."
    return (
        f"Loss and accuracy of the original's three tasks, {how}; dotted: the loss that cannot be avoided and the accuracy of "
        f"always saying red, on the original's test pictures.{where}"
    )


def rerun_alt(faces: Faces, floor: float, red: float) -> str:
    """The text of that figure for readers who cannot see it: where the published curves lie after their first epochs."""
    if not show.is_published_data(faces):
        return "Six small panels: loss and accuracy by epoch for each of three tasks."
    later = list(original_results.published().values())
    losses = [value for history in later for value in history["val_loss"][_SETTLED:]]
    apart = max(abs(value - red) for history in later for value in history["val_accuracy"][_SETTLED:])
    return (
        f"Six small panels. From epoch {_SETTLED + 1} on the published loss lies {100 * (min(losses) / floor - 1):.0f} to "
        f"{100 * (max(losses) / floor - 1):.0f} % above the dotted line, the published accuracy within {apart:.3f} of it."
    )

"""What single epochs show: a loss that falls with the accuracy, a rung with a bad last epoch, the last ones that were published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reecho.data import Faces
from reecho.faults import original_results, show
from reecho.report.tables import signed

_SEEN = 0.05  # dB from which a gain of the faulty end is explained


def falling_together(losses: Sequence[float], accuracies: Sequence[float]) -> int | None:
    """The epoch, counted from 0, in which both fall and the accuracy falls most; None where they never fall together.

    Example:
        >>> falling_together([5.0, 4.0, 3.0, 3.5], [0.87, 0.86, 0.88, 0.80])
        1
    """
    falls = {
        epoch: accuracies[epoch - 1] - accuracies[epoch]
        for epoch in range(1, len(losses))
        if losses[epoch] < losses[epoch - 1] and accuracies[epoch] < accuracies[epoch - 1]
    }
    return max(falls, key=lambda epoch: falls[epoch]) if falls else None


def of_both_falling(networks: Mapping[str, Any], faces: Faces, red: float) -> str:
    """Two epochs of reconstruction between which loss and accuracy both fall, of the rerun or else as published.

    Args:
        networks: from `reecho.faults.rerun`; empty where nothing was trained.
        faces: the faces; what was published is compared with `red` on all of LFW alone.
        red: the accuracy of always saying red on the original's test pictures of these faces.
    """
    ours = networks.get("reconstruction")
    history = ours.history if ours else original_results.published()["reconstruction"]
    losses, accuracies = history["val_loss"], history["val_accuracy"]
    epoch = falling_together(losses, accuracies)
    if epoch is None:
        return ""
    before, after = history["epoch"][epoch - 1], history["epoch"][epoch]
    text = (
        f"An example, {'from the rerun described further on' if ours else 'as published'}: from epoch {before} to epoch {after} "
        f"of reconstruction the loss falls from {losses[epoch - 1]:,.0f} to **{losses[epoch]:,.0f}**, and the accuracy falls from "
        f"{accuracies[epoch - 1]:.3f} to **{accuracies[epoch]:.3f}**."
    )
    if (ours or show.is_published_data(faces)) and accuracies[epoch] < red:
        text += (
            f" That is less than always saying red has, {red:.3f}. By the accuracy the network became worse than one constant "
            "colour; by the loss it became better."
        )
    return text


def of_failures() -> str:
    """Why the document called two tasks failures, and what its last epochs say of them."""
    histories = original_results.published()
    last = {task: (f"{history['val_accuracy'][-1]:.4f}", history["val_loss"][-1]) for task, history in histories.items()}
    (accuracy, loss), (of_noise, noisy), (of_colour, coloured) = (
        last[task] for task in ("reconstruction", "denoising", "colourisation")
    )
    return (
        "The document called denoising and colourisation failures because of their accuracy. After the last epoch it was "
        f"{of_noise} and {of_colour}; that of reconstruction was {accuracy}. Their loss was {noisy:,.0f} and "
        f"{coloured:,.0f}, which is lower than that of reconstruction, {loss:,.0f}. Neither number could show whether a task was "
        "solved. Nine tenths of the published loss are out of reach, and one constant colour has about the published accuracy. So "
        "neither depends much on noise or colour."
    )


def of_faulty_end(row: Mapping[str, Any]) -> str:
    """What mending a fault alone does to the original, and whether a bad last epoch explains it; "" where this was not trained.

    Args:
        row: of the ladder.
    """
    if row.get("gain") is None:
        return ""
    gain = row["gain"]
    text = f"From the other end, mending it alone changes the score of the original by {signed(gain)} dB"
    if abs(gain) < _SEEN:
        return f"{text}. "
    worse, better = ("one_mended", "original") if gain < 0 else ("original", "one_mended")
    low, high = row["val_loss"][worse][-2:], row["val_loss"][better][-2:]
    text += f". Both networks learn from equally many pictures and are measured on the same {row['n']:,}. "
    if len(low) == 2 and low[1] > low[0]:
        names = {"one_mended": "the network with this fault mended", "original": "the original"}
        return text + (
            f"The reason is a bad last epoch. In it the loss of {names[worse]} on validation people rose from {low[0]:,.0f} to "
            f"{low[1]:,.0f}, while that of {names[better]} went from {high[0]:,.0f} to {high[1]:,.0f}. The original's recipe keeps "
            "the learning rate high and takes the weights of the last epoch, so such a jump stays. The interval in the table does "
            "not cover it: it is over people, not over trainings. "
        )
    return text + (
        "The interval in the table is over people. It does not cover another training, and one from random weights at a constant "
        "learning rate can end higher or lower. "
    )

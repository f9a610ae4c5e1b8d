"""The faults of the original project: switches, what each was expected to do, what it does; the original trained again."""

from reecho.faults.epochs import of_both_falling, of_failures
from reecho.faults.ladder import afterwards, climb, measured_on
from reecho.faults.ladder import columns as ladder_columns
from reecho.faults.measure import (
    COLUMNS,
    EXPECTED,
    PARTS,
    Outputs,
    in_data,
    in_network,
    loss_parts,
    noise_by_heart,
    rows,
    spoken_of,
)
from reecho.faults.networks import rerun
from reecho.faults.original_results import accuracy, published, unreachable
from reecho.faults.show import ENDS, LIMITS, MENDED, NEARNESS, bars, histories, is_published_data, levels, nearness, rungs, targets
from reecho.faults.surprises import RESIZED, Resize, Split, accuracy_grid, leading, of_accuracy, right_and_awful
from reecho.faults.switches import Faults
from reecho.faults.table import FAULTS
from reecho.faults.words import (
    in_short,
    ladder_alt,
    ladder_caption,
    of_colour,
    of_ladder,
    of_loss,
    of_rerun,
    of_use,
    rerun_alt,
    rerun_caption,
)

__all__ = [
    "COLUMNS",
    "ENDS",
    "EXPECTED",
    "FAULTS",
    "LIMITS",
    "MENDED",
    "NEARNESS",
    "PARTS",
    "RESIZED",
    "Faults",
    "Outputs",
    "Resize",
    "Split",
    "accuracy",
    "accuracy_grid",
    "afterwards",
    "bars",
    "climb",
    "histories",
    "in_data",
    "in_network",
    "in_short",
    "is_published_data",
    "ladder_alt",
    "ladder_caption",
    "ladder_columns",
    "leading",
    "levels",
    "loss_parts",
    "measured_on",
    "nearness",
    "noise_by_heart",
    "of_accuracy",
    "of_both_falling",
    "of_colour",
    "of_failures",
    "of_ladder",
    "of_loss",
    "of_rerun",
    "of_use",
    "published",
    "rerun",
    "rerun_alt",
    "rerun_caption",
    "right_and_awful",
    "rows",
    "rungs",
    "spoken_of",
    "targets",
    "unreachable",
]  # fmt: skip

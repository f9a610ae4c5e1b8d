"""From trained networks to outputs, scores and rows: what the notebooks that evaluate have in common, and what each task adds."""

from reecho.evaluation import own_size, per_axis, shells, two_colours
from reecho.evaluation.colourisation import (
    DRAWS,
    STRENGTHS,
    best_of_draws,
    columns_in_short,
    errors_and_colours,
    keeping_luma,
    largest_luma_error,
    strengths,
    strengths_in_words,
    true_and_drawn,
    with_error_differences,
    with_given_luma,
)
from reecho.evaluation.denoising import (
    LEVELS,
    SWEPT,
    BlindReading,
    bottleneck_by_noise,
    faces_by_noise,
    noise_sweep,
    trained_for_level,
    with_gaps,
)
from reecho.evaluation.held_out import HeldOut, inputs_for
from reecho.evaluation.luck import COMMAND, LUCK, by_luck, luck_figure, luck_in_words
from reecho.evaluation.networks_shown import (
    BEST_OF_MANY,
    MANY_ANSWERS,
    colourisers_in_words,
    denoisers_in_words,
    prior_network_in_words,
    told_of_noise,
)
from reecho.evaluation.new_faces import (
    HALF_BLURRED,
    NEW_FACES,
    NORMS,
    comparable_with_train,
    learnt_prior,
    mixed_beside_learnt,
    mixed_codes,
    mixed_norms,
    near_to_train,
    reconstructed,
    sampled,
    sampled_beside_learnt,
    shown_new_faces,
    with_multiples,
    with_recall_gain,
)
from reecho.evaluation.new_faces_words import (
    further_mixes_in_words,
    learnt_in_words,
    mixes_finding,
    samples_in_words,
    sharpness_in_words,
    softness_in_words,
    sum_and_mean_in_words,
    texture_in_words,
)
from reecho.evaluation.on_demand import OnDemand
from reecho.evaluation.outputs import (
    columns_with_gain,
    compared,
    contrast_of,
    grid_rows,
    numbers_of,
    outputs_of,
    scored,
    stored_faces,
    with_contrast,
)
from reecho.evaluation.phrases import best_first, best_row
from reecho.evaluation.reconstruction import (
    GAINS,
    active_axes,
    axes_by_rate,
    best_code,
    code_gains,
    is_active,
    most_telling_first,
    planes,
    rate_of_axes,
    rows_of_answer,
    with_active_axes,
    with_gains,
)
from reecho.evaluation.reconstruction_words import (
    active_in_words,
    gains_in_words,
    intervals_in_words,
    order_by_ssim_in_words,
    random_start_in_words,
    reconstruction_answer,
    reconstruction_finding,
    worst_in_words,
)
from reecho.evaluation.served import served, served_columns, served_in_words
from reecho.evaluation.summary import BEST, best_of_tasks, document_in_words, dumbbells, summary_in_words
from reecho.evaluation.texture import textured_of, with_texture
from reecho.evaluation.training import (
    FILES,
    HISTORY_COLUMNS,
    assumed_error,
    error_in_words,
    error_of_mean,
    history_in_words,
    history_rows,
    learning,
    pictures_seen,
    saved_files,
    stages,
    training_conclusion,
    training_in_words,
)
from reecho.evaluation.words import (
    bottleneck_in_words,
    colour_steps_in_words,
    colourisation_finding,
    denoising_finding,
    draws_in_words,
    gains_over_noise_in_words,
    given_luma_in_words,
    pairs_in_words,
    places_in_words,
)

__all__ = [
    "BEST", "BEST_OF_MANY", "COMMAND", "DRAWS", "FILES", "GAINS", "HALF_BLURRED", "HISTORY_COLUMNS", "LEVELS", "LUCK",
    "MANY_ANSWERS", "NEW_FACES", "NORMS", "STRENGTHS", "SWEPT", "BlindReading", "HeldOut", "OnDemand", "active_axes",
    "active_in_words", "assumed_error", "axes_by_rate", "best_code", "best_first", "best_of_draws", "best_of_tasks", "best_row",
    "bottleneck_by_noise", "bottleneck_in_words", "by_luck", "code_gains", "colour_steps_in_words", "colourisation_finding",
    "colourisers_in_words", "columns_in_short", "columns_with_gain", "comparable_with_train", "compared", "contrast_of",
    "denoisers_in_words", "denoising_finding", "document_in_words", "draws_in_words", "dumbbells", "error_in_words",
    "error_of_mean", "errors_and_colours", "faces_by_noise", "further_mixes_in_words", "gains_in_words",
    "gains_over_noise_in_words", "given_luma_in_words", "grid_rows", "history_in_words", "history_rows", "inputs_for",
    "intervals_in_words", "is_active", "keeping_luma", "largest_luma_error", "learning", "learnt_in_words", "learnt_prior",
    "luck_figure", "luck_in_words", "mixed_beside_learnt", "mixed_codes", "mixed_norms", "mixes_finding", "most_telling_first",
    "near_to_train", "noise_sweep", "numbers_of", "order_by_ssim_in_words", "outputs_of", "own_size", "pairs_in_words", "per_axis",
    "pictures_seen", "places_in_words", "planes", "prior_network_in_words", "random_start_in_words", "rate_of_axes",
    "reconstructed", "reconstruction_answer", "reconstruction_finding", "rows_of_answer", "sampled", "sampled_beside_learnt",
    "samples_in_words", "saved_files", "scored", "served", "served_columns", "served_in_words", "sharpness_in_words", "shells",
    "shown_new_faces", "softness_in_words", "stages", "stored_faces", "strengths", "strengths_in_words",
    "sum_and_mean_in_words", "summary_in_words", "texture_in_words", "textured_of", "told_of_noise", "trained_for_level",
    "training_conclusion", "training_in_words", "true_and_drawn", "two_colours", "with_active_axes", "with_contrast",
    "with_error_differences", "with_gains", "with_gaps", "with_given_luma", "with_multiples", "with_recall_gain",
    "with_texture", "worst_in_words",
]  # fmt: skip

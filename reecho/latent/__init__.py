"""What can be done with codes: mix two, walk from one to another, draw new ones."""

from reecho.latent.density import DENSITIES, CodeDensity
from reecho.latent.mixing import MIXES, around, lerp, mix, only, pairs, slerp, turn
from reecho.latent.sampling import posterior_draw, sample

__all__ = [
    "DENSITIES", "MIXES", "CodeDensity", "around", "lerp", "mix", "only", "pairs", "posterior_draw", "sample", "slerp",
    "turn",
]  # fmt: skip

"""The tasks: a task is only a choice of input; the target is always the clean face."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from reecho import inputs, methods
from reecho.errors import ReechoError
from reecho.methods import Method


class Column(NamedTuple):
    """A column of a table of rows.

    Args:
        key: of the row's numbers; where the row has an interval of that key as well, it is shown behind the number.
        heading: with the unit.
        digits: after the point.
        better: "higher", "lower", or None where neither is (compare with the targets' own value).
    """

    key: str
    heading: str
    digits: int
    better: Literal["higher", "lower"] | None


@dataclass(frozen=True)
class Task:
    """What is asked of a method.

    Args:
        name: a key of TASKS, as in parameters and files.
        title: for headings and navigation.
        question: what its notebook asks.
        notebook: the one that evaluates it, a key of `reecho.parameters.NOTEBOOKS`.
        columns: of its tables, in order.
        rank: keys of the columns by which methods are compared in short, the most important one first.
        floor: the method that learns nothing, which everything must beat; None where there is none.
        inputs: (clean faces, standard normal noise, sigma) → the network's inputs; None where a method has none.
        noisy: whether noise is added to the inputs.
        in_colour: whether pictures that are grey themselves are left out.
        networks: the parameter that names the networks which the notebook shows; None where there is no choice.
        learns: the task whose trained networks it uses, where it trains none of its own.
        stages: what a figure calls the input (None: it is the target itself) and the output.
        reading: how the summary's rows of it are read, Markdown.
        short: keys of the columns that the summary shows; empty for all.
    """

    name: str
    title: str
    question: str
    notebook: str
    columns: tuple[Column, ...]
    rank: tuple[str, ...]
    floor: Method | None = None
    inputs: Callable[[Any, Any, Any], Any] | None = None
    noisy: bool = False
    in_colour: bool = False
    networks: str | None = None
    learns: str | None = None
    stages: tuple[str | None, str] | None = None
    reading: str = ""
    short: tuple[str, ...] = ()

    @property
    def is_learnt(self) -> bool:
        """Whether networks are trained for it."""
        return self.inputs is not None

    @property
    def has_rate(self) -> bool:
        """Whether its methods have a rate, without which their numbers cannot be compared."""
        return any(column.key == _RATE[0].key for column in self.columns)

    @property
    def make_inputs(self) -> Callable[[Any, Any, Any], Any]:
        """(clean faces, standard normal noise, sigma) → the network's inputs.

        Raises:
            ReechoError: the task has no inputs.
        """
        if self.inputs is None:
            raise ReechoError(f"The task {self.name} has no inputs; choose one of {', '.join(LEARNT)}.")
        return self.inputs

    @property
    def network_task(self) -> str:
        """The task that its networks were trained for."""
        return self.learns or self.name

    @property
    def trains(self) -> bool:
        """Whether it shows networks that a run trains."""
        return self.is_learnt or self.learns is not None

    def column(self, key: str) -> Column:
        """The column of that key.

        Raises:
            ReechoError: the task has no such column.
        """
        for column in self.columns:
            if column.key == key:
                return column
        raise ReechoError(f"The task {self.name} has no column {key!r}; it has {', '.join(column.key for column in self.columns)}.")


_PICTURES = (Column("n", "n", 0, None), Column("psnr_db", "PSNR (dB)", 2, "higher"), Column("ssim", "SSIM", 3, "higher"))
_COLOURED = (  # the most important ones first, for a narrow page shows those
    Column("n", "n", 0, None),
    Column("delta_e00", "ΔE00", 2, "lower"),
    Column("psnr_db", "PSNR (dB)", 2, "higher"),
    Column("colourfulness", "colourfulness", 1, None),
    Column("chroma_r2", "chroma R²", 3, "higher"),
    Column("psnr_face_db", "face (dB)", 2, "higher"),
    Column("psnr_background_db", "around it (dB)", 2, "higher"),
    Column("ssim", "SSIM", 3, "higher"),
)
_TIME = (Column("ms_picture", "ms a picture", 2, None),)  # wall clock; fitting and training are not in it
_SEEDS = (Column("seeds_sd_db", "PSNR over seeds, ± (dB)", 2, None),)
_RATE = (Column("rate_nats", "rate (nats)", 0, None),)
_ANY_SIZE = (
    Column("n", "n", 0, None),
    Column("psnr_db", "σ = 0.1 (dB)", 2, "higher"),
    Column("ssim", "SSIM at 0.1", 3, "higher"),
    Column("gaussian_05_db", "σ = 0.05 (dB)", 2, "higher"),
    Column("gaussian_20_db", "σ = 0.2 (dB)", 2, "higher"),
    Column("poisson_db", "Poisson, peak 100 (dB)", 2, "higher"),
    Column("salt_and_pepper_db", "5 % salt and pepper (dB)", 2, "higher"),
    Column("jpeg_db", "σ = 0.1, then JPEG (dB)", 2, "higher"),
)
_NEW_FACES = (
    Column("n", "n", 0, None),
    Column("kid_pca64", "KID of 64 components (× 1000)", 1, "lower"),
    Column("kid_hog", "KID of gradients (× 1000)", 0, "lower"),
    Column("hog_precision", "precision", 2, "higher"),
    Column("hog_recall", "recall", 3, "higher"),
    Column("kid_random_conv", "KID of random convolution (× 1000)", 0, "lower"),
    Column("log10_power", "log10 power, 12–15 cycles", 2, None),
    Column("blur_px", "soft as a blur of (px)", 2, None),
    Column("contrast", "contrast", 3, None),
)


def _by_name(*tasks: Task) -> Mapping[str, Task]:
    return MappingProxyType({task.name: task for task in tasks})


TASKS = _by_name(
    Task(
        "reconstruction", "Reconstruction",
        "What comes back from a code of 1,024 axes, against PCA and the best linear VAE?",
        "03_reconstruction", _PICTURES + _RATE + _TIME, ("psnr_db",), methods.MEAN_FACE,
        inputs=inputs.unchanged, networks="reconstructors", stages=(None, "reconstructed"),
        reading="PCA's codes are exact numbers without a rate, so its PSNR cannot be compared with that of codes with noise; the "
                "rate, in nats, is in the table, and notebook 03 compares methods at equal rate.",
        short=("psnr_db", "ssim", "rate_nats"),
    ),
    Task(
        "denoising", "Denoising", "How much noise comes off, against wavelets, non-local means and LMMSE?",
        "04_denoising", _PICTURES + _TIME, ("psnr_db",), methods.NOISY,
        inputs=inputs.noisy, noisy=True, networks="denoisers", stages=("noisy", "denoised"),
        reading="Some methods learn from no faces, some learn from train people in closed form, some are networks. Compare the "
                "bottlenecks (PCA and the reference network) with the others.",
        short=("psnr_db", "ssim", "ms_picture"),
    ),
    Task(
        "own_size", "Pictures at their own size",
        "How much noise of which kind comes off pictures of any size, faces or not?",
        "04_own_size", _ANY_SIZE + _TIME, ("psnr_db",), methods.NOISY,
        reading="Sizes of 128 and 250 pixels are listed test faces, cut out and whole; 288 are photographs that come with "
                "scikit-image and scikit-learn. The classical methods are told how strong the noise is, the network is not. The "
                "row of CBM3D was computed once, elsewhere.",
        short=("psnr_db", "ssim", "ms_picture"),
    ),
    Task(
        "generation", "New faces", "Do sums, mixtures and samples of codes give faces?",
        "05_generation", _NEW_FACES, ("kid_hog", "kid_pca64"), learns="reconstruction",
        reading="There are no true pictures to compare with, so sets of new faces are compared with sets of real ones by six "
                "numbers, none of which is sufficient alone; the rulers, sets of faces with known faults, show how to read them.",
    ),
    Task(
        "colourisation", "Colourisation",
        "Which colours can be told from brightness, against mean chroma and ridge regression?",
        "06_colourisation", _COLOURED + _TIME, ("psnr_db", "delta_e00"),
        methods.GREY, inputs=inputs.in_grey, in_colour=True, networks="colourisers",
        stages=("grey", "coloured"),
        reading="Methods with weak colours have small errors, so compare the colourfulness in the table as well; oracles know the "
                "true colours.",
        short=("psnr_db", "delta_e00", "colourfulness"),
    ),
)  # fmt: skip
LEARNT = tuple(name for name, task in TASKS.items() if task.is_learnt)  # those that networks are trained for


def of(name: str) -> Task:
    """The task of that name.

    Raises:
        ReechoError: there is no such task.
    """
    if name not in TASKS:
        raise ReechoError(f"There is no task {name!r}; choose one of {', '.join(TASKS)}.")
    return TASKS[name]


def make_inputs(name: str, faces: Any, noise: Any = None, sigma: float = 0.1) -> Any:
    """The network's input for clean faces.

    Args:
        name: of the task: "reconstruction" (the face itself), "denoising" (the face plus sigma · noise, not clipped: clipping
            would bias the noise) or "colourisation" (the face in grey, as three equal channels).
        faces: float32 array or tensor (B, H, W, 3) in [0, 1].
        noise: for denoising, standard normal, in the shape of `faces`.
        sigma: standard deviation of the noise in intensity units of [0, 1].

    Returns:
        The same kind and shape; only noisy inputs may leave [0, 1].

    Raises:
        ReechoError: an unknown task, one without inputs, or denoising without noise.

    Example:
        >>> import numpy as np
        >>> faces = np.full((1, 2, 2, 3), 0.5, "float32")
        >>> bool((make_inputs("denoising", faces, noise=faces * 0, sigma=0.1) == faces).all())
        True
    """
    task = of(name)
    if task.noisy and noise is None:
        raise ReechoError(f"The task {name} needs noise to add; give standard normal noise in the shape of the faces.")
    return task.make_inputs(faces, noise, sigma)


def columns(name: str, numbers: Iterable[Mapping[str, Any]] = (), keys: Collection[str] = ()) -> tuple[Column, ...]:
    """The columns of a task's table, in order; the method's title stands before them.

    Args:
        name: of the task.
        numbers: those of the table's rows; where a row has a spread over seeds, the spread has a column.
        keys: of the columns that are wanted; empty for all.

    Example:
        >>> [column.heading for column in columns("denoising")]
        ['n', 'PSNR (dB)', 'SSIM', 'ms a picture']
    """
    shown = of(name).columns + (_SEEDS if any("seeds_sd_db" in row for row in numbers) else ())
    return tuple(column for column in shown if not keys or column.key in keys)

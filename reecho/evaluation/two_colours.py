"""One grey value that stands for two colours: what squared error makes of them, with colours measured on train faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reecho import plots
from reecho.colour import chroma, differences, luma
from reecho.streams import Pictures, chunks

SHARES = tuple(round(0.1 * tenth, 1) for tenth in range(11))  # of the first colour
ANSWERS = SHARES  # places on the line from the first colour, 0, to the second one, 1
LUMA = (0.4, 0.5)  # the grey values that are taken for one
_FEW = 100  # pixels
BINS = np.linspace(-0.75, 1.75, 51)  # on the same line


@dataclass(frozen=True)
class TwoColours:
    """Two colours with one luma, and all pixels of that luma at that place.

    Args:
        first, second: float64 (3,), red, green and blue in [0, 1].
        share: of the pixels that the two colours are means of, those of the first.
        density: float64 (50,), share of all pixels at the place in each of BINS, along the line through both colours.
        pixels: how many.
    """

    first: np.ndarray
    second: np.ndarray
    share: float
    density: np.ndarray
    pixels: int

    @classmethod
    def of(cls, train: Pictures) -> TwoColours:
        """Measure the colours in the upper left corner, a quarter of each side, of train faces where the luma lies in LUMA.

        The two colours are the means of the pixels that lie more than a standard deviation from the middle, on either side, along
        the axis on which the chroma varies most; where none lie so far on one side, a smaller part of it.

        Args:
            train: float32 (N, H, W, 3), faces in colour.
        """
        colours = np.concatenate([_of_corner(chunk, LUMA) for chunk in chunks(train)]).astype("float64")
        if len(colours) < _FEW:  # of very few faces every grey value is taken
            colours = np.concatenate([_of_corner(chunk, (0, 2)) for chunk in chunks(train)]).astype("float64")
        middle = colours.mean(axis=0)
        _, axes = np.linalg.eigh(np.cov((colours - middle).T))
        axis = axes[:, -1] * np.sign(axes[1, -1] or 1)  # towards red
        along = (colours - middle) @ axis
        limits = (fraction * along.std() for fraction in (1, 0.5, 0.25, 0))
        far = next(sides for limit in limits if (sides := (along > limit, along < -limit))[0].any() and sides[1].any())
        first, second = (_shown(colours[side].mean(axis=0)) for side in far)
        line = second - first
        places = (_shown(colours) - first) @ line / (line @ line)
        density = np.histogram(places, BINS)[0] / len(places)
        return cls(first, second, float(far[0].sum() / (far[0] | far[1]).sum()), density, len(colours))

    def answer(self, place: float) -> np.ndarray:
        """The colour at a place on the line, float64 (3,): 0 is the first, 1 the second."""
        return (1 - place) * self.first + place * self.second

    def error(self, share: float, place: float | np.ndarray) -> np.ndarray:
        """The mean squared error of one answer for all, of red, green and blue.

        Args:
            share: of the first colour among the pixels, 0 to 1; the others have the second.
            place: of the answer on the line.
        """
        apart = float(np.mean((self.second - self.first) ** 2))
        return apart * (share * np.square(place) + (1 - share) * np.square(1 - np.asarray(place, "float64")))

    @staticmethod
    def best(share: float) -> float:
        """The place with the least squared error: the mean of the colours, weighed by their shares."""
        return 1 - share

    @property
    def along(self) -> dict[str, tuple[float, ...]]:
        """The settings: the share of the first colour, and an answer's place on the line."""
        return {"share of first": SHARES, "answer": ANSWERS}

    def pictures(self) -> dict[str, np.ndarray]:
        """Patches of one colour for each setting of `along`: name → float64 (shares, answers, 8, 8, 3), clipped."""
        patch = np.ones((8, 8, 3))
        best = np.array([[self.answer(self.best(share)) * patch] for share in SHARES])
        answers = np.array([[self.answer(place) * patch for place in ANSWERS]])
        both = {"first colour": self.first * patch, "second colour": self.second * patch}
        shown = {name: colour[None, None] for name, colour in both.items()} | {
            "the mean": best,
            "this answer": answers,
        }
        return {name: np.clip(stack, 0, 1) for name, stack in shown.items()}

    def errors(self) -> dict[str, np.ndarray]:
        """The squared error of each of `pictures` as an answer for all pixels, float64 (shares, answers)."""
        shares = np.array(SHARES)[:, None]
        best = np.array([[self.error(share, self.best(share))] for share in SHARES])
        answers = np.array([[self.error(share, place) for place in ANSWERS] for share in SHARES])
        first, second = self.error(0.0, 0.0) * (1 - shares), self.error(1.0, 1.0) * shares
        return {"first colour": first, "second colour": second, "the mean": best, "this answer": answers}

    def chart(self) -> plots.Chart:
        """The squared error over the answer for every share, and how the pixels of the place are spread."""
        across, errors = np.linspace(-0.5, 1.5, 61), self.errors()
        most = 1.15 * float(self.error(1.0, 1.0))
        edges = np.repeat(BINS, 2)[1:-1]
        spread = np.repeat(self.density, 2) / self.density.max() * 0.8 * most
        lines = (
            plots.Line("all pixels there, their number scaled", edges, spread[None, None], 3, filled=True),
            plots.Line(
                "squared error of one answer for all", across, np.array([[self.error(share, across)] for share in SHARES]), 1,
            ),
        )  # fmt: skip
        chosen = np.array(
            [[[place, errors["this answer"][row, column]] for column, place in enumerate(ANSWERS)] for row in range(len(SHARES))]
        )
        ticks = {0.0: "first", 0.5: "halfway", 1.0: "second"}
        step = float(f"{most / 4:.1g}")
        return plots.Chart(
            "answer, from the first to the second colour", "squared error", (-0.5, 1.5), (0.0, most), ticks,
            {step * count: f"{step * count:.2g}" for count in range(int(most / step) + 1)}, lines,
            {"mean": np.array([[self.best(share)] for share in SHARES])}, {"this answer": chosen},
        )  # fmt: skip

    def sentences(self) -> np.ndarray:
        """What holds at each setting, str (shares, answers)."""
        return np.array([[self.sentence(share, place) for place in ANSWERS] for share in SHARES])

    def start(self) -> dict[str, float]:
        """The measured share, and the answer that it makes best."""
        share = min(SHARES, key=lambda value: abs(value - self.share))
        names = list(self.along)
        return {names[0]: share, names[1]: min(ANSWERS, key=lambda value: abs(value - self.best(share)))}

    def sentence(self, share: float, place: float) -> str:
        """What an answer costs, and what it looks like."""
        error, least = float(self.error(share, place)), float(self.error(share, self.best(share)))
        dullest, likelier = 0 < self.best(share) < 1, max(share, 1 - share)
        text = f"{100 * share:.0f} % of the pixels have the first colour. This answer has a squared error of {error:.4f}; "
        if np.isclose(error, least):
            text += "no other answer has less."
        else:
            text += f"the least is {least:.4f}, at the mean."
        if not dullest:
            return f"{text} With one colour alone the mean is that colour, and nothing is dull."
        mode = float(self.error(share, 0.0 if share >= 0.5 else 1.0))
        return (
            f"{text} The likelier colour has {mode:.4f}, {mode / least:.1f} times the least, and is exactly right in "
            f"{100 * likelier:.0f} % of the pixels; the mean is right in none."
        )


def in_words(colours: TwoColours) -> str:
    """When a dull colour is the best answer, and when it is not."""
    share, best = colours.share, colours.best(colours.share)
    error, least = float(colours.error(share, 0.0)), float(colours.error(share, best))
    between = 100 * float(colours.density[(BINS[:-1] > 0.2) & (BINS[1:] < 0.8)].sum())
    return (
        f"Of the pixels of strong colour {100 * share:.0f} % lie on the first colour's side. Always the first has a squared "
        f"error of {error:.4f}, the mean of both {least:.4f}. **Dull is best where the score is a mean of squared errors**, as "
        "PSNR is for one picture: one answer has to serve all pixels that look alike in grey, and the mean is nearest to all "
        f"of them. At this place the mean also looks possible: {between:.0f} % of the pixels lie between the two colours and "
        "have dull colours themselves. Dull is wrong for the others, whose colour is never the mean. A colouring that should "
        "look possible everywhere draws one of the two instead, as a network does whose answer is drawn. Its squared error is "
        "then twice that of the mean, on average over draws with the true shares."
    )


def _of_corner(pictures: np.ndarray, between: tuple[float, float]) -> np.ndarray:
    """The chroma of the pixels whose luma lies between two values, (n, 2)."""
    corner = pictures[:, : max(1, pictures.shape[1] // 4), : max(1, pictures.shape[2] // 4)]
    tone = luma(corner)[..., 0]
    return chroma(corner)[(tone >= between[0]) & (tone < between[1])]


def _shown(colours: np.ndarray) -> np.ndarray:
    """Red, green and blue of chroma (..., 2) at the middle of LUMA, not clipped."""
    return np.mean(LUMA) + differences(colours)

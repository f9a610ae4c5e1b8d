"""What surprises in the ladder, explained by measurements: an accuracy that says nothing, two faults that cost nothing or less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reecho import baselines, metrics
from reecho.data import Faces, gradient_energy
from reecho.faults import epochs, ladder, lessons, original, original_results
from reecho.faults.switches import Faults
from reecho.once import Once, directly
from reecho.report.tables import number, signed
from reecho.trained_network import Network

_SIGMAS = (0.1239, 0.117, 0.11, 0.104, 0.098, 0.092)  # of the linear VAE's decoder, from the document's weight at 32×32 upwards
RESIZED = (
    {"key": "pictures", "heading": "Pictures"},
    {"key": "rate", "heading": "code (nats)", "digits": 0},
    {"key": "psnr", "heading": "against averaged faces (dB)", "digits": 2},
    {"key": "own", "heading": "against the same pictures (dB)", "digits": 2},
)
_BY_HEART = 1.0  # dB more on pictures that a network learnt from: from there on it has learnt some of them by heart
_SOME = 1000  # train pictures whose error is compared with that of held-out ones


def leading(pictures: np.ndarray) -> np.ndarray:
    """Each pixel's leading channel as pure red, green or blue, float32 (n, H, W, 3); of equal channels the first."""
    return np.eye(3, dtype="float32")[np.argmax(pictures, -1)]


def right_and_awful(pictures: np.ndarray) -> np.ndarray:
    """Pictures with an accuracy of 1 in which nobody sees a face: 0.34 in each pixel's leading channel, 0.33 in the others."""
    return np.float32(0.33) + np.float32(0.01) * leading(pictures)


def accuracy_grid(true: np.ndarray, outputs: np.ndarray) -> list[tuple[str, np.ndarray, np.ndarray | None]]:
    """Rows for `plots.scored_grid`: faces, their leading channels, and answers with the accuracy of each.

    Args:
        true: float32 (n, H, W, 3) in [0, 1].
        outputs: the network's of the same faces.
    """
    black = (true - original.SHIFT).clip(0, 1)
    red = np.broadcast_to(np.eye(3, dtype="float32")[0], true.shape)
    answers = {
        "network, mended": outputs, "shown black": black, "red everywhere": red, "grey, right channel": right_and_awful(true),
    }  # fmt: skip
    scored = [(name, pictures, _accuracies(pictures, true)) for name, pictures in answers.items()]
    maps = [
        ("leading channel", leading(true), None),
        ("leading channel", leading(outputs), None),
        ("leading channel", leading(black), None),
    ]
    return [("face", true, None), maps[0], scored[0], maps[1], scored[1], maps[2], *scored[2:]]


def _accuracies(outputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    return np.array([original_results.accuracy(*pair) for pair in zip(outputs, targets, strict=True)])


def of_accuracy(targets: np.ndarray, outputs: np.ndarray) -> str:
    """What the accuracy says and what it does not, on pictures and on what a network makes of them, (n, H, W, 3) each."""
    awful, red = right_and_awful(targets), np.array([1.0, 0, 0], "float32")
    values = [original_results.accuracy(answer, targets) for answer in (outputs, red, awful)]
    decibels = [metrics.psnr(answer, targets).mean() for answer in (outputs, np.broadcast_to(red, targets.shape), awful)]
    channels = np.sort(targets, axis=-1)
    lead, is_red = channels[..., 2] - channels[..., 1], np.argmax(targets, -1) == 0
    leads = [255 * float(np.median(lead[where])) if where.any() else 0.0 for where in (is_red, ~is_red)]
    below = values[0] - values[1]
    return (
        f"On {len(targets):,} pictures the mended network has an accuracy of {values[0]:.3f} at {decibels[0]:.1f} dB, red "
        f"everywhere {values[1]:.3f} at {decibels[1]:.1f} dB, and an almost flat grey, whose right channel is larger by a "
        f"hundredth, **{values[2]:.3f} at {decibels[2]:.1f} dB**. The accuracy asks which channel of a pixel is largest, not how "
        f"large any of them is. In {100 * values[1]:.0f} % of the pixels of the true faces that is red. This share is a property "
        "of the photographs, neither good nor bad, and the very accuracy of a picture that is red everywhere: a network that has "
        f"learnt nothing can have it, and this one is {abs(below):.3f} {'above' if below >= 0 else 'below'} it. Where red is the "
        f"largest, it leads by {leads[0]:.0f} of 255 levels (median); where green or blue leads, by {leads[1]:.0f}."
    )


@dataclass(frozen=True)
class Split:
    """What pictures of the same people in train are worth.

    Args:
        pictures: of held-out people, on which the ladder is measured.
        shared: share of these whose person has another picture among those learnt from, under the fault.
        nearest_is_same: share whose nearest train picture shows the same person, under the fault.
        distances: median distance to the nearest train picture, intensity: split over people, and over pictures.
        on_train, on_held_out: PSNR of the mended network on pictures that it learnt from, and on held-out ones, dB.
    """

    pictures: int
    shared: float
    nearest_is_same: float
    distances: tuple[float, float]
    on_train: float
    on_held_out: float

    @classmethod
    def of(cls, network: Network, faces: Faces) -> Split:
        """Measure it with a reconstruction network that was trained without faults."""
        indices = ladder.measured_on(faces)
        people, targets = faces.people_of(indices), faces.pictures(indices)
        medians, same, shared = [], 0.0, 0.0
        for faults in (Faults(), Faults(split=True)):
            train = lessons.train_pictures(faces, faults)
            nearest, distances = metrics.nearest(targets, lessons.prepared(faces, train, faults))
            medians.append(float(np.median(distances)))
            same = float((faces.people_of(train)[nearest] == people).mean())
            shared = float(np.isin(people, faces.people_of(train)).mean())
        learnt = faces.pictures(lessons.train_pictures(faces, Faults())[:_SOME])
        on_train, on_held_out = (metrics.psnr(network.reproduce(shown), shown).mean() for shown in (learnt, targets))
        return cls(len(indices), shared, same, (medians[0], medians[1]), float(on_train), float(on_held_out))

    def in_words(self, rungs: Sequence[Mapping[str, Any]]) -> str:
        """Why the split over pictures costs what it costs."""
        row = _row(rungs, "split")
        cost = "The ladder has no rung for it in this run (preset study trains one). "
        if row:
            cost = f"It costs {number(row['loss'], 2)} dB here, as the only fault. {epochs.of_faulty_end(row)}"
        verdict = "This one does" if self.on_train - self.on_held_out > _BY_HEART else "This one hardly does"
        nearest = f"in {100 * self.nearest_is_same:.0f} %. "
        if self.nearest_is_same < self.shared / 2:
            nearest = (
                f"in only {100 * self.nearest_is_same:.0f} %: pose, light and background differ between photographs of one person, "
                "and a picture of somebody else is usually nearer. "
            )
        return (
            f"**The split over pictures.** {cost}\n\nUnder this fault {100 * self.shared:.0f} % of the {self.pictures:,} pictures "
            f"show somebody from train. The nearest train picture shows the same person {nearest}The median distance to it is "
            f"{self.distances[1]:.4f} with these people in train and {self.distances[0]:.4f} without them. A network gains by a "
            f"second picture of somebody only if it learns pictures by heart. {verdict}: it has "
            f"{self.on_train:.2f} dB on the very pictures that it learnt from and {self.on_held_out:.2f} dB on these. A split "
            "over pictures is still wrong: a larger network, or a task that names people, can gain by it, and the score does not "
            "show it."
        )


@dataclass(frozen=True)
class Resize:
    """What the faulty resize does to the best linear VAE, measured against faces that are averaged over areas.

    Args:
        gradient, variance: of sampled pictures over those of averaged ones; of a single picture the variance is not a number.
        finest: the same of the power at the finest detail, see `_finest`.
        rates: nats of the linear VAE at the document's weight: averaged pictures, sampled ones.
        psnr: its mean of z decoded, dB, against averaged faces: averaged pictures, sampled ones.
        own: dB of the sampled pictures' outputs against the sampled pictures themselves.
        at_equal_rate: dB of averaged pictures at the rate of the sampled ones; not a number where no curve reaches it.
    """

    gradient: float
    variance: float
    finest: float
    rates: tuple[float, float]
    psnr: tuple[float, float]
    own: float
    at_equal_rate: float

    @classmethod
    def of(cls, faces: Faces, once: Once = directly) -> Resize:
        """Fit the linear VAE to train pictures of either kind, and measure it where the ladder is measured."""
        indices = ladder.measured_on(faces)
        averaged, sampled = faces.pictures(indices), original.pictures(faces, indices)
        sigmas = [sigma * faces.size / 32 for sigma in _SIGMAS]
        curve = baselines.rate_curve(faces.stream("train"), averaged, sigmas, once=once)
        faulty = lessons.prepared(faces, lessons.train_pictures(faces, Faults()), Faults(resize=True))
        everything = range(len(indices))
        point = baselines.rate_curve(faulty, sampled, sigmas[:1], pictures=everything, once=once)[0]
        rates, psnr = (curve[0]["rate_nats"], point["rate_nats"]), metrics.psnr(point["mean"], averaged).mean()
        spread = [float(pictures.var(axis=0, dtype="float64").sum()) for pictures in (averaged, sampled)]
        return cls(
            gradient_energy(sampled) / gradient_energy(averaged), spread[1] / spread[0] if spread[0] else float("nan"),
            _finest(sampled) / _finest(averaged),
            rates, (curve[0]["psnr_mean_db"], float(psnr)), point["psnr_mean_db"],
            baselines.rate_at(curve, rates[1], "psnr_mean_db"),
        )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """For a table with RESIZED: the best linear VAE on either kind of pictures, and at a common rate."""
        rows = [
            {"pictures": "averaged over areas", "rate": self.rates[0], "psnr": self.psnr[0], "own": self.psnr[0]},
            {"pictures": "sampled, the fault", "rate": self.rates[1], "psnr": self.psnr[1], "own": self.own},
        ]
        if np.isfinite(self.at_equal_rate):
            longer = {"rate": self.rates[1], "psnr": self.at_equal_rate, "own": self.at_equal_rate}
            rows.append({"pictures": "averaged, with a weight for that rate", **longer})
        return rows

    def in_words(self, rungs: Sequence[Mapping[str, Any]]) -> str:
        """Why leaving the faulty resize gains."""
        row, gain = _row(rungs, "resize"), self.psnr[1] - self.psnr[0]
        seen = ""
        if row:
            higher, verb = ("higher", "gains") if row["loss"] < 0 else ("lower", "costs")
            seen = f"Where it is the only fault, the score is {number(abs(row['loss']), 2)} dB {higher} than without any fault. "
            if not row.get("trained", True):
                seen = (
                    f"Put into the use of a network that was trained without it, it {verb} {number(abs(row['loss']), 2)} dB; in "
                    "preset study the network also learns from such pictures. "
                )
        alone = self.at_equal_rate - self.psnr[0]
        text = (
            f"**The faulty resize.** {seen}The sampled pictures are not easier: they have {self.finest:.1f} times the power of "
            "averaged ones at the finest detail. The best linear VAE, which has a closed form and needs no training, changes by "
            f"{signed(gain)} dB. Its outputs are compared with averaged faces in both cases, as all networks of the ladder are. "
            f"Against the sampled pictures that it was fitted to they have only {self.own:.2f} dB.\n\n"
        )
        undone = (
            "one error undoes a part of another one: a code without all detail softens its picture, and a sampled picture, "
            "softened, is nearer to the averaged picture than to the sampled one."
        )
        if self.rates[1] > self.rates[0]:
            times = f" ({self.variance:.2f} times)" if np.isfinite(self.variance) else ""
            text += (
                f"Two things happen. First, pictures with more variance{times} get a longer code at the same "
                f"weight of the loss, {self.rates[1]:.0f} in place of {self.rates[0]:.0f} nats. "
            )
            if np.isfinite(alone):
                text += f"A code of that length changes averaged pictures by {signed(alone)} dB (third row of the table). "
            text += f"Second, {undone}"
        else:
            text += f"Here {undone}"
        if gain <= 0:
            return f"{text} On these faces that is less than what the sampling spoils."
        return text + " So the gain is no merit of the resize."


def _finest(pictures: np.ndarray) -> float:
    """The mean power of pictures (n, H, W, 3) at three quarters of the highest frequency and above, at 32×32 from 12 cycles on."""
    frequencies = np.fft.fftfreq(pictures.shape[1])
    fine = np.hypot(frequencies[:, None], frequencies) >= 3 / 8
    return float((np.abs(np.fft.fft2(pictures, axes=(1, 2))) ** 2)[:, fine].mean())


def _row(rungs: Sequence[Mapping[str, Any]], key: str) -> Mapping[str, Any] | None:
    return next((row for row in rungs if row["key"] == key and row.get("loss") is not None), None)

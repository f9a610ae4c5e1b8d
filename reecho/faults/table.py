"""The faults of the original: what it did, and what that was expected to do before anything was measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """A fault of the original and what it was expected to do.

    Args:
        key: its name in code; where `reecho.faults.switches.Faults` has a switch of that name, it stands on the ladder too.
        name: in words.
        did: what the original did.
        predicted: the expected value of `measure`.
        unit: of both, with the space before it.
        digits: of both, after the point.
        measure: what is measured.
        why: where the prediction comes from.
    """

    key: str
    name: str
    did: str
    predicted: float
    unit: str
    digits: int
    measure: str
    why: str


FAULTS = (
    Fault("scale", "scale against a sigmoid", "pixels and targets in [−0.5, 0.5], a sigmoid at the end", 4167, "", 0,
          "loss that no network can avoid",
          "0 is the best answer to a negative target; were all intensities equally frequent, 100,000 / 24 would be left"),
    Fault("shown", "pictures shown as they were", "imshow of pixels in [−0.5, 0.5]", 50, " %", 0, "share of all values shown black",
          "imshow clips at 0, and about half of all values lie below the middle"),
    Fault("accuracy", "accuracy of pictures", "“accuracy” for a metric", 0.8776, "", 4, "accuracy of always saying red",
          "Keras counts pixels whose largest channel is right; in faces that is red, so red alone may score what the network did"),
    Fault("split", "split over pictures", "a random tenth of the pictures for test", 68, " %", 0,
          "test pictures of people in train",
          "69 % of LFW's pictures show somebody with two or more; nearly all of these have another one in train"),
    Fault("copies", "copies before the split", "augmented copies beside the originals", 90, " %", 0,
          "test pictures with a twin in train",
          "with one copy each, the twin is in train as often as any picture"),
    Fault("resize", "resize without area", "bilinear sampling of every fourth pixel", 41, " %", 0,
          "gradient energy, more than area averages have",
          "what is finer than a pixel turns into edges; in photographs like these that adds about two fifths"),
    Fault("shear", "shear in degrees", "shear_range=.2", 0.056, " pixels", 3, "largest shift of a pixel at 32×32",
          "Keras takes degrees; 16 pixels from the centre times the tangent of 0.2°"),
    Fault("grey", "grey with red and blue swapped", "weights in the order blue, green, red", 0.046, "", 3, "RMSE from true luma",
          "the weights differ by 0.185, red and blue of a pixel by about a quarter"),
    Fault("noise_once", "noise drawn once", "the same noise in every epoch", 0, "", 0, "loss saved by knowing the noise",
          "a network can learn it by heart, but against validation the published train loss is no lower than without noise"),
    Fault("draw", "a draw of z decoded", "z, not its mean, is the encoder's output", 1.7, " dB", 1, "PSNR lost",
          "what the linear VAE loses by the noise on its code at this weight"),
    Fault("sum", "codes added", "z₁ + z₂ is decoded", 1.41, "", 2, "norm of the sum, one code = 1",
          "squares of independent codes add up: √2"),
    Fault("unsaved", "colour model never saved", "the reconstruction network meets grey faces", 0, "", 0,
          "colourfulness of what comes out", "what goes in grey comes out grey; true faces have about 43"),
    Fault("formula", "KL without its minus", "the document writes ½ Σ (1 + log σ² − μ² − σ²)", -250, " nats", 0,
          "KL of held-out faces by it", "the true KL with its sign turned: the more a code tells, the lower the loss, without end"),
    Fault("recipe", "recipe", "random start, Adam at 0.0005 throughout, batch 32, no mirroring", 4.6, " dB", 1, "PSNR lost",
          "plain trainings reached 22.8 dB where the best linear VAE has 27.4"),
)  # fmt: skip

PUBLISHED_BEST = 4514.3018  # lowest val_loss of the published reconstruction, epoch 19
PUBLISHED_ACCURACY = 0.8776  # its val_accuracy after the last epoch


def fault(key: str) -> Fault:
    """The fault of that key."""
    return next(fault for fault in FAULTS if fault.key == key)

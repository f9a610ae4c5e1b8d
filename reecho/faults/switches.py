"""Switches for the faults of the original: with which of them a network is trained and used."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from reecho.errors import ReechoError


@dataclass(frozen=True)
class Faults:
    """Which faults a network is trained and used with: the rungs of the ladder.

    Args:
        resize: pictures are sampled, not averaged over areas.
        scale: pixels and targets lie in [-0.5, 0.5].
        split: pictures of the test people are learnt from.
        recipe: random start, constant rate, small batches, no mirroring.
        draw: a draw of z is decoded, not its mean.
        noise_once: the noise of denoising is the same in every epoch.
        grey: the weights of red and blue are swapped.
        unsaved: grey faces go through the reconstruction network.

    Example:
        >>> Faults.original().toggled("scale").scale, Faults().toggled("scale").scale
        (False, True)
    """

    resize: bool = False
    scale: bool = False
    split: bool = False
    recipe: bool = False
    draw: bool = False
    noise_once: bool = False
    grey: bool = False
    unsaved: bool = False

    @classmethod
    def original(cls) -> Faults:
        """All of them, as in the original."""
        return cls(*[True] * len(fields(cls)))

    def toggled(self, key: str) -> Faults:
        """The same but for one."""
        if key not in self.__dataclass_fields__:
            raise ReechoError(f"There is no fault {key!r} to switch; there are {', '.join(self.__dataclass_fields__)}.")
        return replace(self, **{key: not getattr(self, key)})

    def of_training(self, task: str) -> Faults:
        """Only what the training of a task's network depends on, so that one network serves several rungs.

        Args:
            task: "reconstruction", "denoising" or "colourisation".
        """
        noise, grey = self.noise_once and task == "denoising", self.grey and task == "colourisation"
        return replace(self, draw=False, unsaved=False, noise_once=noise, grey=grey)

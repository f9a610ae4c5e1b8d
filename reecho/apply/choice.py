"""Which way pictures go through a network: by the task, what the network can do, and what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reecho.apply.colourisation import Colourings, Colours
from reecho.apply.denoising import Denoising
from reecho.apply.small import Small
from reecho.errors import ReechoError

if TYPE_CHECKING:
    from reecho.trained_network import Network


@dataclass(frozen=True)
class Wishes:
    """What the command's options say.

    Args:
        whole: faces are the whole centre square, since the face fills the picture.
        face: write only the face frame.
        small: write what the network makes, at its own size.
        sigma: for denoising, noise to add first, intensity.
        strength: for denoising, how much of the noise is taken off, see `reecho.tiles.denoised`; None: 1.
        kind: of file, a key of `photo.KINDS`; None: the photo's own.
        colourings: for colourisation, how many; None: one, by the colouriser.
        ensemble: for denoising, average over turned and mirrored copies.
        similar: for denoising, filter similar patches together afterwards.
    """

    whole: bool = False
    face: bool = False
    small: bool = False
    sigma: float = 0.0
    strength: float | None = None
    kind: str | None = None
    colourings: int | None = None
    ensemble: bool = False
    similar: bool = False

    def check(self, task: str) -> None:
        """Raise ReechoError where one of them means nothing for a task."""
        of_tasks = dict.fromkeys(("strength", "sigma", "ensemble", "similar"), "denoising") | {"colourings": "colourisation"}
        for name, own in of_tasks.items():
            if getattr(self, name) and task != own:
                raise ReechoError(f"--{name} is for {own}, and the task is {task}; leave it out.")
        if self.colourings and self.small:
            raise ReechoError("--small writes one output, and --colourings several; leave one of them out.")


def way_for(task: str, network: Network, settings: Mapping[str, Any], wishes: Wishes) -> Denoising | Colours | Small:
    """How pictures go through a network.

    Args:
        task: "reconstruction", "denoising" or "colourisation".
        network: trained for it.
        settings: "size", "crop" and "seed" of its training.
        wishes: the options.

    Raises:
        ReechoError: an option means nothing for this task or this network.
    """
    wishes.check(task)
    size, crop, seed, digest = settings["size"], settings["crop"], settings["seed"], network.digest
    if task == "denoising" and hasattr(network.model, "removal") and not wishes.small:
        strength = 1.0 if wishes.strength is None else wishes.strength
        return Denoising(
            network.model, strength, wishes.face, sigma=wishes.sigma, seed=seed, kind=wishes.kind, network=digest,
            ensemble=wishes.ensemble, similar=wishes.similar,
        )  # fmt: skip
    for name in ("strength", "ensemble", "similar"):
        if getattr(wishes, name) not in (None, False):
            raise ReechoError(f"--{name} needs a network for pictures of any size; name none, or -p network=photo_denoiser.")
    if task == "colourisation" and not wishes.small:
        own = size, crop, wishes.whole, wishes.face, wishes.kind, digest
        if wishes.colourings:
            return Colourings(network.reproduce, *own, several=network.model.several, count=wishes.colourings)
        return Colours(network.reproduce, *own)
    return Small(network.reproduce, task, size, crop, wishes.whole, wishes.sigma, seed, digest)

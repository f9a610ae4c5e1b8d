"""The options that several commands have, and their values as the command line writes them."""

from __future__ import annotations

import json
from typing import Any

import click

from reecho.datasets import CHOICES
from reecho.errors import ReechoError
from reecho.settings import PRESETS, parse


def parsed(context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]) -> dict[str, Any]:
    """Read `-p name=value` options."""
    parameters = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ReechoError(f"-p {pair} lacks a value: write -p name=value. `reecho parameters` lists the names.")
        parameters[name.strip()] = parse(name.strip(), text)
    return parameters


def of_faces(command: Any) -> Any:
    """The options that every command on faces has."""
    one = click.option(
        "-p", "parameters", metavar="NAME=VALUE", multiple=True, callback=parsed, help="Any parameter; as often as needed."
    )
    return _which_faces(one(command))


def of_grid(command: Any) -> Any:
    """The same options, but that `-p` takes several values; `reecho.sweep` reads them."""
    several = click.option(
        "-p", "values", metavar="NAME=VALUES", multiple=True,
        help="A parameter and its values: sigma=0.05,0.1 or split_seed=0..4; lists are parted by ;, such as "
        "'denoisers=reference;reference,denoiser'.",
    )  # fmt: skip
    return _which_faces(several(command))


def of_apply(command: Any) -> Any:
    """What can be wished for of `reecho apply`, as `reecho.apply.Wishes` takes it."""
    options = (
        click.option("--face", is_flag=True, help="Write only the part of the photo where LFW has the face, not the whole photo."),
        click.option("--whole", is_flag=True, help="The face fills the photo: the network for faces sees the whole centre square."),
        click.option("--strength", type=click.FloatRange(0, 2), help="Denoising: share of the noise to take off. [default: 1]"),
        click.option(
            "--ensemble", is_flag=True, help="Denoising: average over eight turned and mirrored copies, for 8 times the time."
        ),
        click.option(
            "--similar", is_flag=True, help="Denoising: filter similar patches together afterwards, which brings texture back."
        ),
        click.option(
            "--sigma", type=float, default=0.0, metavar="SIGMA", help="Denoising: noise to add first, 0 to 1. [default: 0]"
        ),
        click.option("--colourings", type=click.IntRange(2, 24), help="Colourisation: so many by the colour VAE, to choose from."),
        click.option("--small", is_flag=True, help="Write what the network makes of the face, at the network's own size, as PNG."),
        click.option("--format", "kind", type=click.Choice(("png", "jpeg", "tiff", "webp")), help="[default: the photo's, or png]"),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _which_faces(command: Any) -> Any:
    options = (
        click.option(
            "--preset",
            type=click.Choice(PRESETS),
            help="smoke and quick (the default): 3 and 7 minutes on two cores; full: 45; study: hours.",
        ),
        click.option(
            "--dataset",
            metavar="NAME|DIR",
            help=f"{', '.join(CHOICES)} (auto: LFW, else drawn faces), or a folder of pictures.",
        ),
        click.option(
            "--lfw", metavar="PATH", help="Archive or folder of Labeled Faces in the Wild; else REECHO_LFW, else a download."
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def merged(parameters: dict[str, Any], **options: str | None) -> dict[str, Any]:
    """The parameters of -p and those with an option of their own, which wins."""
    return {**parameters, **{name: value for name, value in options.items() if value is not None}}


def plain(value: Any) -> str:
    """A value as -p takes it."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value) if isinstance(value, int | float | str | None) else json.dumps(dict(value))

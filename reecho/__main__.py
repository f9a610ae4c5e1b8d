"""The commands. What takes long to import is imported by the command that needs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from reecho import __version__, options
from reecho.benchmark.subjects import SUBJECTS
from reecho.context import Places
from reecho.datasets import LFW
from reecho.ending import run
from reecho.errors import ReechoError
from reecho.exchange import exported, imported
from reecho.files import must_be_writable
from reecho.networks.registry import SHIPPED
from reecho.settings import NOTEBOOKS, PARAMETERS, PRESETS, Settings, default, resolve
from reecho.tasks import LEARNT
from reecho.terminal import as_a_command, without_chatter

_TENSORFLOW = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "1"}  # as run.py sets them; read when it is imported
_places: Callable[..., Any] = click.make_pass_decorator(Places)  # the machine's folders, read from the environment once, in `main`


def _prepare(places: Places, task: str, parameters: dict[str, Any]) -> tuple[Settings, Any]:
    """The settings of notebook 02 for a task, and the faces; a warning where drawn faces take the place of LFW."""
    from reecho.pipeline.run import boxed, load_faces
    from reecho.pipeline.steps import absolute

    settings = resolve("02_training", absolute({**parameters, "task": task}))
    faces = load_faces(settings, places)
    if faces.banner:
        click.echo(boxed(faces.banner), err=True)
    return settings, faces


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """A convolutional variational autoencoder on Labeled Faces in the Wild, as a report that reruns itself."""


@cli.command()
@options.of_faces
@click.option("--name", metavar="RUN", help="Keep this run apart, in build/RUN. [default: the preset's name]")
@click.option("--only", metavar="START", multiple=True, help="Only notebooks whose name begins so, and what they need.")
@click.option("--force", is_flag=True, help="Run everything again, changed or not; trained networks are kept.")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="So many notebooks at once. [default: by cores and memory]")
@_places
def report(
    places: Places, parameters: dict, name: str | None, only: tuple[str, ...], force: bool, jobs: int | None, **named: str | None
) -> None:  # fmt: skip
    """Run all notebooks and write HTML, PDF and results.json to build/."""
    from reecho import pipeline

    folder = pipeline.report(options.merged(parameters, **named), name, only, force, jobs, click.echo, places=places)
    click.echo(f"Read {_near(folder / 'html' / ('index.html' if not only else ''))}")
    if not only:
        click.echo(f"     {_near(folder / 'reecho.pdf')}\n     {_near(folder / 'results.json')}")


@cli.command()
@click.option("--name", metavar="RUN", default="full", show_default=True, help="Which finished run.")
@click.option("--benchmark", is_flag=True, help="The last benchmark, and no run.")
@_places
def publish(places: Places, name: str, benchmark: bool) -> None:
    """Copy a finished run's HTML, PDF and results, or the last benchmark, to reports/."""
    if benchmark:
        from reecho.benchmark.publish import publish as publish_benchmark

        click.echo(f"Published the benchmark in {_near(publish_benchmark(places))}")
        return
    from reecho import pipeline

    click.echo(f"Published the run {name!r} in {_near(pipeline.publish(name, places=places))}")


@cli.command()
@click.option(
    "--quick", is_flag=True, help="Fewer rounds and shorter turns: one to two minutes on two quiet cores, else about five."
)
@click.option("--only", type=click.Choice(tuple(SUBJECTS)), multiple=True, help="Only this subject; may be given several times.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="[default: build/benchmark]")
@_places
def benchmark(places: Places, quick: bool, only: tuple[str, ...], out: Path | None) -> None:
    """Measure how fast this machine does what reecho does, against Keras, PyTorch and others; write a page and benchmark.json."""
    from reecho.benchmark.run import benchmark as measured

    try:
        click.echo(f"Read {_near(measured(places, os.environ, quick, only, out, click.echo))}")
    except KeyboardInterrupt:
        click.echo("\nInterrupted; nothing was written, and an earlier benchmark stays as it was.", err=True)
        raise click.exceptions.Exit(130) from None


@cli.command()
@click.argument("folder", metavar="[FOLDER]", default="reports", type=click.Path(path_type=Path, file_okay=False))
@click.option("--preset", type=click.Choice(PRESETS), help="[default: what ten minutes are enough for]")
@click.option("--only", metavar="START", multiple=True, help="Only notebooks whose name begins so, however long they take.")
@click.option("--dataset", metavar="DIR", help="The folder of pictures, for a run that was made on one.")
@click.option("--lfw", metavar="PATH", help="Archive or folder of Labeled Faces in the Wild.")
@_places
def verify(places: Places, folder: Path, preset: str | None, only: tuple[str, ...], **faces: str | None) -> None:
    """Rerun the finished run in FOLDER (reports: the published one) and compare its numbers; exit code 1 where one differs."""
    from reecho.pipeline.steps import absolute
    from reecho.pipeline.verify import verify as held_against_a_rerun

    if not held_against_a_rerun(folder, places, preset, only, absolute(options.merged({}, **faces)), click.echo):
        raise click.exceptions.Exit(1)


@cli.command()
@click.argument("task", type=click.Choice(LEARNT))
@options.of_faces
@_places
def train(places: Places, task: str, parameters: dict, **named: str | None) -> None:
    """Train the network of TASK and keep it, as notebook 02 does; one that is there already is left as it is."""
    if not places.networks.is_dir():  # so that no network can be there already
        must_be_writable(places.networks)
    settings, faces = _prepare(places, task, options.merged(parameters, **named))
    from reecho import trained

    network = trained.load_or_train(places, settings, faces, click.echo)
    click.echo(f"The network for {task} lies in {_near(network.folder)}")


@cli.command()
@click.argument("task", type=click.Choice(LEARNT))
@click.argument("source", metavar="PICTURE_OR_FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="Folder for the outputs."
)
@options.of_apply
@options.of_faces
@_places
def apply(places: Places, task: str, source: Path, out: Path, parameters: dict, **named: Any) -> None:
    """Put a trained network of TASK to photos of your own: at once the one that comes with reecho (denoising, colourisation).

    Photos are denoised and coloured at their own size and keep their metadata. A folder goes on where it stopped. Options that name
    another network, as they do for train, take that one; it must have been trained.
    """
    from reecho import apply as pictures

    wishes = pictures.Wishes(**{name: named.pop(name) for name in pictures.Wishes.__dataclass_fields__})
    PARAMETERS["sigma"].check(wishes.sigma)
    wishes.check(task)
    pictures.pictures_in(source, out)  # this and the next before TensorFlow is waited for
    must_be_writable(out.absolute(), "--out")
    options_set = options.merged(parameters, **named)
    if wishes.colourings:
        options_set = {"network": "colour_vae"} | options_set
    if options_set or task == "reconstruction":
        network, settings, _ = _trained(places, task, options_set)
    else:
        network, settings = _shipped(task)
    applied = pictures.apply(pictures.way_for(task, network, settings, wishes), source, out, click.echo)
    earlier = f"; {applied.earlier} were there from an earlier call" if applied.earlier else ""
    click.echo(f"{applied.pictures} of your pictures went through{earlier}; see {_near(out)}")


def _shipped(task: str) -> tuple[Any, dict[str, Any]]:
    from reecho import trained

    network = trained.shipped(task)
    return network, network.record["settings"]


def _trained(places: Places, task: str, options_set: dict[str, Any]) -> tuple[Any, dict[str, Any], Any]:
    """The network that was trained with these settings, the settings, and the faces."""
    settings, faces = _prepare(places, task, options_set)
    from reecho import trained

    if not trained.is_trained(places, settings, faces):
        own = ("preset", "dataset", "lfw")
        words = [f"--{name} {options_set[name]}" for name in own if name in options_set]
        words += [f"-p {name}={options.plain(value)}" for name, value in options_set.items() if name not in own]
        raise ReechoError(
            f"There is no trained network for {task} with these settings; `{' '.join(['reecho train', task, *words])}` trains it, "
            f"about {trained.estimate_minutes(places, settings, faces):.0f} min on this machine."
        )
    return trained.load(places, settings, faces), settings.as_dict(), faces


@cli.command()
@click.argument("task", type=click.Choice(tuple(SHIPPED)))
@options.of_faces
@_places
def ship(places: Places, task: str, parameters: dict, **named: str | None) -> None:
    """For maintainers: put the trained photo denoiser or colouriser into the package, as 16-bit weights with their origin."""
    from reecho import shipped

    name = SHIPPED[task]
    network, settings, faces = _trained(places, task, {"network": name} | options.merged(parameters, **named))
    if settings["network"] != name:
        raise ReechoError(f"For {task} the {name} is shipped, and network={settings['network']} is not; leave network out.")
    if faces.name != LFW:
        raise ReechoError(f"Networks are shipped that were trained on LFW, and this one was on {faces.title}.")
    difference = shipped.write(task, network.model, network.record, faces.pictures("validation"))
    written = shipped.name_of(task, settings["size"])
    click.echo(f"Wrote reecho/shipped/{written}.npz; the outputs of its 16-bit weights differ by at most {difference:.1g}.")


@cli.command()
def notebooks() -> None:
    """List the notebooks and their parameters."""
    for stem, names in NOTEBOOKS.items():
        click.echo(f"{stem}: {', '.join(names)}")


@cli.command()
@click.argument("notebook", required=False, type=click.Choice(tuple(NOTEBOOKS)))
def parameters(notebook: str | None) -> None:
    """List the parameters: default, unit, range, meaning; those of one notebook or all."""
    for name in NOTEBOOKS[notebook] if notebook else PARAMETERS:
        parameter = PARAMETERS[name]
        value = default(notebook, name) if notebook else parameter.default
        words = options.plain(value)
        if parameter.presets:
            words = ", ".join(f"{number} ({preset})" for preset, number in parameter.presets.items())
        click.echo(f"{name} = {words} {parameter.unit}".rstrip() + f"\n    {parameter.meaning}; {parameter.allowed}")


@cli.command()
@click.argument("notebook", metavar="NOTEBOOK.ipynb", type=click.Path(path_type=Path, dir_okay=False))
def render(notebook: Path) -> None:
    """Write an executed notebook as HTML and PDF, beside it."""
    from reecho.pipeline.render import render_alone

    for path in render_alone(notebook, click.echo):
        click.echo(f"Wrote {_near(path)}")


@cli.command()
@options.of_grid
@click.option("--name", metavar="SWEEP", default="sweep", show_default=True, help="Keep this sweep in build/SWEEP.")
@click.option("--only", metavar="START", multiple=True, help="Only notebooks whose name begins so, of those that measure.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask cluster that is there. [default: one on this machine]")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="Workers on this machine. [default: by cores and memory]")
@_places
def sweep(
    places: Places, values: tuple[str, ...], name: str, only: tuple[str, ...], scheduler: str | None, jobs: int | None,
    **named: str | None,
) -> None:  # fmt: skip
    """Run the notebooks once for each point of a grid of parameters, on one machine or many, and write a page of all results."""
    from reecho.sweep.run import sweep as over_a_grid

    swept = over_a_grid(values, options.merged({}, **named), name, only, scheduler, jobs, click.echo, places=places)
    click.echo(f"Read {_near(swept.page)}")
    if swept.failed:
        click.echo(f"Points that failed: {swept.failed}. The page names them, and the same command tries them again.")
        raise click.exceptions.Exit(1)


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--run", metavar="RUN", help="The slides' figures: build/full, or a run's name. [default: the fullest run there]")
@options.of_faces
@_places
def coursework(places: Places, folder: Path, run: str | None, parameters: dict, **named: str | None) -> None:
    """Write a course to the new folder DIR: plan, slides, exercises, project; for the teacher solutions and a rubric.

    Options go into the parameters of the notebooks written, such as --dataset synthetic where the class has no LFW.
    """
    from reecho.coursework import write
    from reecho.pipeline.steps import absolute

    written = write(folder, absolute(options.merged(parameters, **named)), run, places)
    click.echo(f"Wrote {len(written) // 2} notebooks, each for students and for the teacher; read {_near(folder / 'README.md')}")


@cli.command()
@click.argument("first", metavar="RUN_A")
@click.argument("second", metavar="RUN_B")
@click.option(
    "--out", metavar="FILE.html", type=click.Path(path_type=Path, dir_okay=False), help="[default: compare_RUN_A_RUN_B.html]"
)
@_places
def compare(places: Places, first: str, second: str, out: Path | None) -> None:
    """Write a page of two finished runs side by side: parameters that differ, numbers with intervals, the same faces.

    RUN is a name in build/ or a folder of a finished run; reports is the published one.
    """
    from reecho.compare import compare as side_by_side

    click.echo(f"Read {_near(side_by_side(first, second, out, places))}")


cli.add_command(exported)
cli.add_command(imported)


def _near(path: Path) -> str:
    """A path as short as it can be said from here."""
    try:
        return os.path.relpath(path)
    except ValueError:  # another drive, on Windows
        return str(path)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; whatever is the user's to mend ends in one sentence and exit code 1, Ctrl-C in 130."""
    as_a_command()
    os.environ.update({name: value for name, value in _TENSORFLOW.items() if name not in os.environ})
    with without_chatter():
        return run(cli, arguments)


if __name__ == "__main__":
    sys.exit(main())

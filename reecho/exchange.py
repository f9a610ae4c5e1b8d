"""The commands `export` and `import`: trained networks as one archive, for another machine or a later time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import click

from reecho import context
from reecho.context import Places
from reecho.errors import ReechoError
from reecho.files import explained, scratch, written_aside


@click.command("export")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--name", metavar="RUN", help="Only the networks that this run used. [default: all in the store]")
@click.make_pass_decorator(Places)
def exported(places: Places, file: Path, name: str | None) -> None:
    """Write trained networks to FILE, one archive, for `reecho import` elsewhere or later."""
    from reecho import network_archive

    folders = _of_run(places, name) if name else _of_store(places)
    with written_aside(file) as aside:
        network_archive.write(aside, folders)
    click.echo(f"Wrote {_count(len(folders))}, {file.stat().st_size / 1e6:,.0f} MB, to {file}")


@click.command("import")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--adopt",
    is_flag=True,
    help="Also give networks of other code the present code's key: only where you know that no change since can change a number.",
)
@click.make_pass_decorator(Places)
def imported(places: Places, file: Path, adopt: bool) -> None:
    """Take over the trained networks of FILE, which `reecho export` wrote; those that are there stay as they are.

    The whole archive is checked before the first one is taken.
    """
    from reecho import network_archive

    if not file.is_file():
        raise ReechoError(f"{file} is not there; `reecho export {file}` writes such an archive on the machine with the networks.")
    came, there = network_archive.read_into(places.networks, file, click.echo)
    click.echo(f"{_count(len(came))} came in, {len(there)} {'was' if len(there) == 1 else 'were'} there already.")
    outcome = _asked_for(places, (*came, *there))
    if adopt and outcome.others:
        adopted = [name for name, key in outcome.others.items() if _adopt(places, name, key)]
        click.echo(
            f"{_count(len(adopted))} of other code got the present code's key; each record names the commit and the old key."
        )
    elif outcome.others:
        click.echo(
            f"Of {len(outcome.others)} the present code has another key, since it may give other numbers, so that no run asks for "
            f"them: {', '.join(outcome.others)}."
        )
    if outcome.unknown:
        click.echo(f"Of {outcome.unknown} that cannot be told: networks with faults, or records of another version.")
    for faces in outcome.faces:
        click.echo(f"They were trained on {faces}; a run on other faces does not ask for them.")


def _count(number: int) -> str:
    return f"{number} network" + "s" * (number != 1)


def _of_store(places: Places) -> list[Path]:
    from reecho import network_archive, network_files

    named = [folder for folder in sorted(places.networks.glob("*-*-*")) if network_archive.is_name(folder.name)]
    whole = [folder for folder in named if network_files.is_whole(folder)]
    _say_left_out(folder.name for folder in named if folder not in whole)
    if not whole:
        raise ReechoError(f"There is no trained network in {places.networks}; `reecho train` or `reecho report` trains some.")
    return whole


def _of_run(places: Places, name: str) -> list[Path]:
    """The networks that the steps of a run left word of."""
    from reecho import network_archive, network_files

    run = places.run_folder(name)
    notes = filter(None, map(context.read_note, sorted(context.notes_of(run, "").glob("*/*.json"))))
    keys = sorted({note["key"] for note in notes if network_archive.is_name(note["key"])})
    whole = [places.networks / key for key in keys if network_files.is_whole(places.networks / key)]
    _say_left_out(key for key in keys if places.networks / key not in whole)
    if not whole:
        raise ReechoError(
            f"The run {name!r} used no trained network that is there; `reecho report --name {name}` with the run's parameters "
            "trains them, and without --name all that are there are written."
        )
    return whole


def _say_left_out(names: Iterable[str]) -> None:
    if names := list(names):
        click.echo(f"Left out, since they are damaged or gone: {', '.join(names)}.", err=True)


class _Asked(NamedTuple):
    """What can be told of networks: those whose key nothing asks for → the present code's, of how many that is unknown, faces."""

    others: dict[str, str]
    unknown: int
    faces: list[str]


def _asked_for(places: Places, names: Iterable[str]) -> _Asked:
    from reecho import network_files, network_keys

    others, unknown, faces = {}, 0, set()
    for name in names:
        record: dict[str, Any] = network_files.read_record(places.networks / name)
        key = network_keys.key_of(record)
        if key is None:
            unknown += 1
        elif not name.endswith(f"-{key}"):
            others[name] = key
        about = record.get("faces", {})
        faces.add(f"{about.get('name')} with the digest {str(about.get('digest'))[:12]}")
    return _Asked(others, unknown, sorted(faces))


def _adopt(places: Places, name: str, key: str) -> bool:
    """Put a copy of a network into the store under another key, with the old one in its record; False where one is there."""
    from reecho import network_files, store

    before, _, old = name.rpartition("-")
    record = network_files.read_record(places.networks / name)
    with explained(places.networks), scratch(places.networks) as aside:
        copy = aside / name
        shutil.copytree(places.networks / name, copy)
        (copy / network_files.RECORD).write_text(
            json.dumps(record | {"adopted_from": old}, indent=1, sort_keys=True), encoding="utf-8"
        )
        return store.take_over(places.networks / f"{before}-{key}", copy, click.echo)

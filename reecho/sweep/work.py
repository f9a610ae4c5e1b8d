"""What runs on a worker: a look at its faces and its code, the training of a network, the notebooks of a point.

A worker has the package and faces of its own, by REECHO_DATA and REECHO_LFW; networks and results travel. Its build folder, by
REECHO_BUILD, keeps the networks that it trained or was sent.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import io
import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from reecho import context, provenance, results
from reecho.context import Places
from reecho.dependencies import Sources, cells_of
from reecho.errors import ReechoError
from reecho.files import scratch
from reecho.parameters import NOTEBOOKS, TRAINING
from reecho.pipeline.execute import execute, stop_all
from reecho.pipeline.run import load_faces
from reecho.settings import Settings, notebooks_dir, resolve
from reecho.sweep import networks


class Seen(NamedTuple):
    """What a worker has.

    Args:
        digest: of the faces.
        name, title, banner: of them, as `reecho.data.Faces` has them.
        has_colour: whether the tasks about colour can be run on them.
        pictures, people: how many.
        code: digest of the package and the notebooks.
        versions: of the libraries that numbers depend on.
    """

    digest: str
    name: str
    title: str
    banner: str | None
    has_colour: bool
    pictures: int
    people: int
    code: str
    versions: Mapping[str, str]


class Share(NamedTuple):
    """A step of a point, in plain values that travel: its name, its notebook, what is injected."""

    step: str
    notebook: str
    parameters: dict[str, Any]


class Measured(NamedTuple):
    """What a point gave: its rows as plain values, and the seconds that it took."""

    rows: list[dict[str, Any]]
    seconds: float


async def look(faces: list[tuple[str, dict[str, Any]]]) -> list[Seen]:
    """What this worker has for each of some notebooks' settings; in a thread, for a worker has to answer meanwhile.

    Args:
        faces: (notebook, parameters) of each.
    """
    return [await asyncio.to_thread(_seen, notebook, parameters) for notebook, parameters in faces]


def _seen(notebook: str, parameters: dict[str, Any]) -> Seen:
    faces = load_faces(resolve(notebook, parameters), Places.of(os.environ))
    return Seen(
        faces.digest, faces.name, faces.title, faces.banner, faces.has_colour, len(faces), len(np.unique(faces.people)), code(),
        provenance.versions(),
    )  # fmt: skip


@functools.cache
def code() -> str:
    """Digest of the package's code and of the notebooks' cells; comments and layout do not count."""
    sources = Sources()
    cells = [cells_of(notebooks_dir() / f"{stem}.ipynb") for stem in NOTEBOOKS]
    return hashlib.sha256("".join([sources.digest(sources.modules()), *cells]).encode()).hexdigest()


@functools.lru_cache(maxsize=64)
def _digest(places: Places, arguments: tuple[tuple[str, Any], ...]) -> str:
    from reecho import data

    return data.load(**dict(arguments)).digest


def _must_be_the_same(places: Places, settings: Settings, digest: str, code_of_all: str) -> None:
    """A worker may have joined after all were looked at."""
    if code() != code_of_all:
        raise ReechoError(f"{platform.node()} has another reecho than the machine that sweeps; install the same one there.")
    if _digest(places, tuple(sorted(places.of_faces(settings).items()))) != digest:
        raise ReechoError(f"{platform.node()} has other faces than the other workers; give REECHO_LFW or --dataset there.")


def train(training: dict[str, Any], folder: str, digest: str, code_of_all: str, name: str) -> tuple[bytes, float]:
    """The files of a trained network as one, from this machine's store or by notebook 02, and the seconds that it took.

    Args:
        training: parameters of notebook 02.
        folder: the network's name in the store.
        digest: of the faces that all workers must have.
        code_of_all: what `code` must be.
        name: of the sweep.

    Raises:
        ReechoError: the training stopped, or this worker has other faces or code.
    """
    began, places, settings = time.monotonic(), Places.of(os.environ), resolve(TRAINING, training)
    _must_be_the_same(places, settings, digest, code_of_all)
    if not networks.is_there(places.networks / folder):
        with scratch(places.build / name) as run:
            share = Share(f"{TRAINING}_{settings.task}", TRAINING, training)
            _execute(places, run, share, settings, places.build / name / "failed" / folder)
    return networks.packed(places.networks / folder), time.monotonic() - began


def seconds_of(trained: tuple[bytes, float]) -> float:
    """How long a training took: what the machine that sweeps hears of it."""
    return trained[1]


def measure(
    shares: list[Share], folders: list[str], contents: list[tuple[bytes, float]], digests: list[str], code_of_all: str,
    name: str, key: str,
) -> Measured:  # fmt: skip
    """Execute the notebooks of a point.

    Args:
        shares: the steps.
        folders: names of the networks that they show, in the store.
        contents: what `train` gave for each.
        digests: of the faces of each step.
        code_of_all: what `code` must be.
        name: of the sweep.
        key: of the point.

    Raises:
        ReechoError: a notebook stopped, or this worker has other faces or code.
    """
    began, places = time.monotonic(), Places.of(os.environ)
    effective = [resolve(share.notebook, share.parameters) for share in shares]
    for settings, digest in zip(effective, digests, strict=True):
        _must_be_the_same(places, settings, digest, code_of_all)
    for folder, (content, _) in zip(folders, contents, strict=True):
        networks.unpack(content, places.networks / folder)
    rows = []
    with scratch(places.build / name) as run:
        for share, settings in zip(shares, effective, strict=True):
            _execute(places, run, share, settings, places.build / name / "failed" / key)
            rows += [row.as_dict() for row in results.rows_in(context.results_of(run, share.step))]
    return Measured(rows, time.monotonic() - began)


def _execute(places: Places, run: Path, share: Share, settings: Settings, failed: Path) -> None:
    source, target = notebooks_dir() / f"{share.notebook}.ipynb", run / "notebooks" / f"{share.step}.ipynb"
    environment = context.environment_of(places, run, share.step, os.environ, settings.size)
    try:
        execute(source, target, share.parameters, {}, share.step, failed, environment, settings.private(), io.StringIO())
    except KeyboardInterrupt:  # the kernel was ended by `stop`; the worker itself goes on
        raise ReechoError(f"{share.step} was stopped.") from None
    except ReechoError as error:
        raise ReechoError(str(error).replace(str(places.build), "build")) from None  # it is read on another machine


def stop() -> None:
    """End the kernels of this worker."""
    stop_all()

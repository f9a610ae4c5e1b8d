"""A whole sweep: what is left to do goes to the workers, what comes back is written at once, at the end there is a page."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from distributed import Client, Future, wait

from reecho import context, provenance
from reecho.context import Places
from reecho.dependencies import Sources
from reecho.errors import ReechoError
from reecho.files import must_be_writable, one_at_a_time
from reecho.files import sweep as remove_left_aside
from reecho.pipeline.run import boxed, by_what_is_free
from reecho.results import Points, Row, write_points
from reecho.settings import Settings
from reecho.sweep import cluster, grid, store, work
from reecho.sweep.grid import Point
from reecho.sweep.networks import networks_of
from reecho.sweep.progress import Progress
from reecho.sweep.store import Outcome
from reecho.sweep.work import Seen

LOG = "workers.log"  # of a sweep's folder
_TICK = 1.0  # seconds


class Swept(NamedTuple):
    """A sweep that came to its end: its page, and how many points failed."""

    page: Path
    failed: int


class _Job(NamedTuple):
    """What a task of the cluster is about: a point, or a network where there is none."""

    title: str
    point: Point | None = None


def sweep(
    pairs: Sequence[str],
    fixed: Mapping[str, Any],
    name: str = "sweep",
    only: tuple[str, ...] = (),
    scheduler: str | None = None,
    jobs: int | None = None,
    say: Callable[[str], None] = print,
    *,
    places: Places | None = None,
) -> Swept:
    """Run the notebooks that measure, once for each point of a grid, and write a page of all results.

    Args:
        pairs: `NAME=VALUES` texts, see `grid.values_of`.
        fixed: parameters with an option of their own, such as the preset.
        name: of the sweep, a folder of the build folder.
        only: beginnings of steps' names; empty for all that measure.
        scheduler: address of a cluster that is there; None for one of this machine's own.
        jobs: workers of the latter; None: by cores and free memory.
        say: takes lines for the reader.
        places: the machine's folders; None: the standard ones.

    Raises:
        ReechoError: what was typed is wrong, or the cluster, the faces or a file is at fault. What was finished is kept.
    """
    places, points = places or Places(), grid.points(pairs, fixed, only)
    if scheduler and jobs:
        raise ReechoError("--jobs is for a cluster of this machine's own; one that is there has the workers that it has.")
    folder = places.run_folder(name)
    if (folder / context.DESCRIPTION).is_file():
        raise ReechoError(f"{folder} is a report's run; give the sweep another --name.")
    must_be_writable(folder)
    lock = folder.with_name(f"{folder.name}.lock")
    with one_at_a_time(lock, lambda: say(f"Another process makes the sweep {name}; waiting for it.")):
        remove_left_aside(folder)
        say(f"{len(points)} points of {', '.join(step.name for step in points[0].steps)}.")
        with cluster.connected(scheduler, jobs or by_what_is_free(), places, folder / LOG) as client:
            swept = _Sweep(client, points, folder, name, say)
            outcomes = swept.outcomes()
        from reecho.sweep import page  # matplotlib and scipy.stats, seconds

        seen = next(iter(swept.seen.values()))
        all_outcomes = [(point, outcomes[point.key]) for point in swept.points]
        rows = tuple((point.swept, outcome.rows) for point, outcome in all_outcomes if not outcome.failed)
        preset = str(points[0].settings(points[0].steps[0]).preset)
        measured = Points(preset, provenance.commit(), seen.name, seen.pictures, seen.people, rows)
        write_points(folder / context.POINTS, measured)
        out = page.write(folder / "sweep.html", name, all_outcomes, seen)
    if seen.banner:
        say(boxed(seen.banner))
    return Swept(out, sum(outcome.failed is not None for outcome in outcomes.values()))


class _Sweep:
    """What is to be done by whom, and what came of it.

    Args:
        client: of the cluster.
        points: of the grid.
        folder: where results are kept.
        name: of the sweep.
        say: takes lines for the reader.
    """

    def __init__(self, client: Client, points: list[Point], folder: Path, name: str, say: Callable[[str], None]):
        self.client, self.folder, self.name, self.say = client, folder, name, say
        faces = {_faces_of(point.settings(step)): (step, point) for point in points for step in point.steps}
        questions = [(step.notebook, point.parameters[step.name][0]) for step, point in faces.values()]
        self.seen: dict[tuple[Any, ...], Seen] = dict(zip(faces, cluster.look(client, questions, say), strict=True))
        self.points = [self._possible(point) for point in points]
        if left_out := {step.name for point in points for step in point.steps} - {s.name for p in self.points for s in p.steps}:
            say(f"Too few of the pictures have colours for {', '.join(sorted(left_out))}, so the sweep goes without.")

    def outcomes(self) -> dict[str, Outcome]:
        """What came of each point, by its key; what an earlier sweep has done is not done again, what failed is tried again."""
        code, outcomes, left = Sources(), {}, []
        for point in self.points:
            stamp = store.stamp(point, [self._digest(point.settings(step)) for step in point.steps], code)
            outcome = store.read(self.folder, point, stamp)
            if outcome and not outcome.failed:
                outcomes[point.key] = outcome
            else:
                left.append((point, stamp))
        if outcomes:
            self.say(f"{len(outcomes)} of {len(self.points)} points are done already.")
        return outcomes | (self._carried_out(left) if left else {})

    def _carried_out(self, left: list[tuple[Point, str]]) -> dict[str, Outcome]:
        pending = self._submitted([point for point, _ in left])
        progress = Progress(len(pending) - len(left), len(left))
        outcomes, stamps = {}, {point.key: stamp for point, stamp in left}
        workers = set(self.client.nthreads())
        try:
            while pending:
                for future in self._done(list(pending)):
                    job = pending.pop(future)
                    failed, seconds = _failure(future), 0.0
                    if job.point is None:
                        seconds = 0.0 if failed else future.result()
                    else:
                        outcome = Outcome(failed=failed) if failed else _measured(future.result())
                        store.write(self.folder, job.point, stamps[job.point.key], outcome)
                        outcomes[job.point.key], seconds = outcome, outcome.seconds
                    future.release()  # else the cluster would do it again where the worker that did it ends
                    progress.done("point" if job.point else "network", job.title, None if failed else seconds, failed)
                now = set(self.client.nthreads())
                for address in sorted(workers - now):
                    progress.say(f"The worker at {address} is gone; what it was at runs again on another one.")
                workers = now
                progress.tick(len(workers))
        except BaseException:
            self.client.cancel(list(pending), force=True)
            raise
        finally:
            progress.close()
        return outcomes

    def _submitted(self, points: list[Point]) -> dict[Future, _Job]:
        """A task for each network that is needed, and one for each point, which waits for its networks."""
        code = work.code()
        pending: dict[Future, _Job] = {}
        networks = {point.key: self._networks(point) for point in points}
        contents: dict[str, Future] = {}  # which the cluster keeps until the last point that waits for them is done
        for folder, settings in {folder: own[folder] for own in networks.values() for folder in own}.items():
            arguments = (settings.as_dict(), folder, self._digest(settings), code, self.name)
            contents[folder] = self.client.submit(work.train, *arguments, key=f"train {folder}", priority=1)
            pending[self.client.submit(work.seconds_of, contents[folder], key=f"seconds of {folder}", priority=2)] = _Job(folder)
        for point in points:
            shares = [work.Share(step.name, step.notebook, point.parameters[step.name][0]) for step in point.steps]
            digests, folders = [self._digest(point.settings(step)) for step in point.steps], list(networks[point.key])
            future = self.client.submit(
                work.measure, shares, folders, [contents[folder] for folder in folders], digests, code, self.name, point.key,
                key=f"point {point.key} {uuid.uuid4().hex}",
            )  # fmt: skip
            pending[future] = _Job(point.title, point)
        return pending

    def _done(self, futures: list[Future]) -> list[Future]:
        try:
            done = list(wait(futures, timeout=_TICK, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            done = []
        if any(future.status in ("lost", "cancelled") for future in futures):
            raise ReechoError("The scheduler is gone. What was finished is kept; the same command goes on from there.")
        return done

    def _possible(self, point: Point) -> Point:
        """The point without what needs colours, where the faces have too few.

        Raises:
            ReechoError: nothing is left of it.
        """
        if all(self.seen[_faces_of(point.settings(step))].has_colour for step in point.steps):
            return point
        possible = point.in_grey()
        if not possible.steps:
            raise ReechoError(f"{point.steps[0].name} cannot be run: too few of the pictures have colours.")
        return possible

    def _digest(self, settings: Settings) -> str:
        return self.seen[_faces_of(settings)].digest

    def _networks(self, point: Point) -> dict[str, Settings]:
        """The networks that a point shows: their names in the store → their settings."""
        trainings = [training for step in point.steps for training in networks_of(point.settings(step))]
        if not trainings:
            return {}
        from reecho import network_keys  # TensorFlow, seconds

        of_faces = [SimpleNamespace(digest=self._digest(settings)) for settings in trainings]
        folders = [network_keys.folder_of(Places(), *pair).name for pair in zip(trainings, of_faces, strict=True)]
        return dict(zip(folders, trainings, strict=True))


def _failure(future: Future) -> str | None:
    """The sentence of a task that failed, None where it did not."""
    error = future.exception()
    return None if error is None else cluster.in_a_sentence(error)


def _measured(measured: work.Measured) -> Outcome:
    return Outcome(tuple(map(Row.from_dict, measured.rows)), None, measured.seconds)


def _faces_of(settings: Settings) -> tuple[Any, ...]:
    """What tells the faces of some settings from others; where LFW lies is each worker's own."""
    return tuple(value for name, value in settings.faces.items() if name != "lfw")

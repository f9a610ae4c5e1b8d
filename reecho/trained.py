"""Trained networks: which one belongs to which settings, loaded or trained, behind the calls that every network answers to."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
from threadpoolctl import threadpool_limits

from reecho import journal, lessons, methods, network_files, patches, provenance, store, training
from reecho import shipped as shipping
from reecho.augment import Ranges
from reecho.context import NOTHING, Places, Spent
from reecho.data import Faces
from reecho.errors import ReechoError
from reecho.files import remove
from reecho.methods import SHIPPED, Method
from reecho.model import Learner
from reecho.network_keys import folder_of, train_sigma
from reecho.networks.registry import NETWORKS, SHIPPED_CHOICE, VARIANTS, build, refusal, start
from reecho.networks.registry import SHIPPED as SHIPPED_NETWORKS
from reecho.parameters import COMMON, TRAINING
from reecho.settings import (
    Settings,
    highest_rate,
    network_parameters,
    prior_settings,
    resolve,
    shown_settings,
    training_settings,
)  # fmt: skip
from reecho.streams import Pictures
from reecho.tasks import TASKS
from reecho.trained_network import Network

_FACES_A_SECOND = 150.0  # two cores of a laptop, the reference network at 32×32; replaced by what was measured here


class Step(Protocol):
    """What uses networks: a step of a run, as `reecho.context.Run` is one."""

    @property
    def settings(self) -> Settings: ...
    @property
    def places(self) -> Places: ...
    def note_network(self, key: str, record: Mapping[str, Any], here: Spent = ...) -> None: ...


def is_trained(places: Places, settings: Settings, faces: Faces) -> bool:
    """Whether the network of these settings is there."""
    return store.is_there(folder_of(places, settings, faces))


def estimate_minutes(places: Places, settings: Settings, faces: Faces) -> float:
    """How long training will take on this machine, in minutes, by what earlier trainings here took."""
    speeds: dict[str, list[float]] = defaultdict(list)
    for record in network_files.records(places.networks):
        with contextlib.suppress(TypeError, ValueError, LookupError):  # of a record whose numbers are none
            speed = float(record["provenance"]["faces_a_second"]) * (float(record["settings"]["size"]) / 32) ** 2
            if 0 < speed < np.inf:
                speeds[record["settings"]["network"]].append(speed)
    own = speeds[settings.network] or [speed for some in speeds.values() for speed in some] or [_FACES_A_SECOND]
    rate = float(np.median(own)) * (32 / settings.size) ** 2
    return (len(faces.indices("train")) * settings.epochs / rate + 20) / 60


def untrained(settings: Settings) -> Learner:
    """The network of these settings as it is before its start, its weights random."""
    keras.utils.set_random_seed(settings.seed)
    return build(settings.network, (settings.size, settings.size, 3), network_parameters(settings))


def load_or_train(places: Places, settings: Settings, faces: Faces, say: Callable[[str], None] = print) -> Network:
    """Load the network of these settings, or train and store it where there is none.

    Args:
        places: the machine's folders.
        settings: those of notebook 02.
        faces: the faces to train on.
        say: takes lines of progress.
    """
    return _network(places, settings, faces, say)[0]


def _network(places: Places, settings: Settings, faces: Faces, say: Callable[[str], None]) -> tuple[Network, Spent]:
    """The network, and what its training took in this call."""
    folder = folder_of(places, settings, faces)

    def train(checkpoint: Path) -> Spent:
        return _train(places, settings, faces, folder, checkpoint, say)

    spent = store.load_or_train(folder, train, say)
    try:
        return load(places, settings, faces), spent or NOTHING
    except ReechoError as error:  # damaged in a way that only reading shows
        if spent:
            raise
        say(f"{error} That is done now.")
        remove(folder)
        spent = store.load_or_train(folder, train, say)
        return load(places, settings, faces), spent or NOTHING


def load(places: Places, settings: Settings, faces: Faces) -> Network:
    """The trained network of these settings, which must be there."""
    folder = folder_of(places, settings, faces)
    return Network(*network_files.load(folder), folder, places.once)


def _train(places: Places, settings: Settings, faces: Faces, folder: Path, checkpoint: Path, say: Callable[[str], None]) -> Spent:
    say(f"No {settings.network} network for {settings.task} has been trained with these settings: training it now, "
        f"about {estimate_minutes(places, settings, faces):.0f} min on this machine.")  # fmt: skip
    parameters, shape = network_parameters(settings), (settings.size, settings.size, 3)
    lesson, count, of_start = _lesson(places, settings, faces)

    def first_weights(network: Learner) -> str:
        words = start(settings.network, network, *of_start(), parameters, places.once)
        say(f"First weights: {words}.")
        return words

    checkpoint_file = journal.CheckpointFile(checkpoint, say)
    # parts of pictures are averaged by many small products, whose further threads would wait in circles, on cores that steps need
    with threadpool_limits(1 if NETWORKS[settings.network].any_size else None, "blas"):
        network, history = lessons.teach(
            lesson, settings.seed, training.Recipe(settings.epochs, highest_rate(settings), patience=settings.patience),
            lambda: build(settings.network, shape, parameters), first_weights, checkpoint_file,
            journal.progress(say, settings.epochs), settings.precision,
        )  # fmt: skip
    record = {
        "settings": settings.shown(),
        "faces": {"name": faces.name, "digest": faces.digest},
        "build": {"name": settings.network, "shape": list(shape), "parameters": parameters},
        "provenance": provenance.gather() | journal.cost(history, count),
    }
    network_files.save(folder, network, _document_entries(network, record["build"]), history.rows, record)
    return journal.spent_on(history.rows[checkpoint_file.rows_before :])


def _lesson(
    places: Places, settings: Settings, faces: Faces
) -> tuple[training.Lesson, int, Callable[[], tuple[Pictures, Pictures, float]]]:
    """The lesson, its pictures an epoch, and what first weights come from: inputs before noise, targets, strength of the noise."""
    train, held = faces.indices("train"), faces.measured("validation")
    if NETWORKS[settings.network].any_size:
        lesson = patches.of(faces.crops, train, held, settings.size, settings.batch_size, settings.seed)
        return lesson, len(train), lambda: (lesson.held_inputs, lesson.held_targets, 0.0)
    task = TASKS[settings.task]
    material = lessons.Material(
        faces.crops, faces.on_disk, train, held, faces.digest, settings.size, task.make_inputs, train_sigma(settings),
        faces.grey if task.in_colour else None, places.once,
    )  # fmt: skip
    targets = material.targets()
    lesson = lessons.of(material, targets, Ranges.of(settings), settings.batch_size, settings.seed)
    return lesson, len(targets), lambda: (material.quiet_inputs(targets), targets, material.sigma or 0.0)


def _document_entries(network: Learner, built: Mapping[str, Any]) -> list[Any] | None:
    """The six entries of the document's `parameters.pkl`, None for networks that are not the document's."""
    if NETWORKS[built["name"]].module != NETWORKS["reference"].module:
        return None
    layers = [built["parameters"][name] for name in ("filters", "kernels", "strides", "latent_dim")]
    return [tuple(built["shape"]), *layers, network.reconstruction_weight]


def shipped(task: str, size: int | None = None) -> Network:
    """The network of a task that came with the package, for faces of a width in pixels or the largest that one takes.

    It has no history, and in place of a folder a name.
    """
    model, record = shipping.load(task, size)
    return Network(model, {}, record, Path(f"shipped-{shipping.name_of(task, size)}"))


def one(run: Step, task: str, faces: Faces, say: Callable[[str], None] = print) -> Network:
    """The network that a step's settings ask for, as notebook 02 trains it.

    Args:
        run: the step; its settings are those of notebook 02, or of a notebook that evaluates.
        task: what the network does.
        faces: the faces.
        say: takes lines of progress.
    """
    settings = run.settings if "network" in run.settings.values else training_settings(run.settings, task)
    return _used(run, settings, faces, say)


def shown(run: Step, task: str, names: Iterable[str], faces: Faces, seed: int | None = None) -> dict[Method, Network]:
    """The networks that a step shows: loaded, or trained where there is none.

    Args:
        run: the step.
        task: what the networks do.
        names: of the networks, as the step's parameter has them; "reference" is the network that `training` names, where it names
            one, and "shipped" the one that came with the package.
        faces: the faces.
        seed: another than the settings' own.

    Returns:
        Method → network.
    """
    networks, of_seed = {}, {} if seed is None else {"seed": seed}
    for name in names:
        if name == SHIPPED_CHOICE:
            network = shipped(task, run.settings.size)
            networks[methods.network(SHIPPED_NETWORKS[task], origin=SHIPPED)] = network
            run.note_network(network.folder.name, network.record)
        else:
            settings = shown_settings(run.settings, task, name, **of_seed)
            changed = VARIANTS[name].changed if name in VARIANTS else {}
            networks[methods.network(settings.network, **changed)] = _used(run, settings, faces)
    return networks


def at_weights(run: Step, weights: Iterable[int], faces: Faces, seed: int | None = None) -> dict[Method, Network]:
    """The anchored network at several reconstruction weights, that is at several rates: method → network."""
    changed = {"network": "anchored"} | ({} if seed is None else {"seed": seed})
    return {
        methods.network("anchored", weight=weight): _used(
            run, training_settings(run.settings, "reconstruction", **changed, reconstruction_weight=weight), faces
        )
        for weight in sorted(weights)
    }


def for_prior(run: Step, faces: Faces) -> dict[Method, Network]:
    """The anchored network whose codes the learnt prior of a step learns, method → network; nothing where `prior_weight` is 0."""
    settings = prior_settings(run.settings)
    return {methods.network("anchored", weight=run.settings.prior_weight): _used(run, settings, faces)} if settings else {}


HELD = 800_000  # numbers of principal axes that a page of 4 MB holds beside a network


def for_page(run: Step, faces: Faces) -> Network | None:
    """The anchored network that computes in the page of notebook 00.

    Returns:
        None where the network does not take faces of that size, and where the page cannot hold that many numbers.
    """
    values = run.settings.values
    if refusal("anchored", values["size"]) or 3 * values["size"] ** 2 * values["vae_axes"] > HELD:
        return None
    changed = {"latent_dim": values["vae_axes"], "reconstruction_weight": values["vae_weight"], "epochs": values["vae_epochs"]}
    shared = {name: values[name] for name in COMMON}
    settings = resolve(TRAINING, {**shared, "task": "reconstruction", "network": "anchored", **changed})
    return _used(run, settings, faces)


def from_random_start(run: Step, faces: Faces, epochs: int) -> dict[Method, Network]:
    """The reference network trained from random weights, as the document does: method → network."""
    settings = training_settings(run.settings, "reconstruction", initialisation="random", epochs=epochs)
    return {methods.network(settings.network, initialisation="random"): _used(run, settings, faces)}


def by_sigma(run: Step, faces: Faces, levels: Iterable[float], networks: Mapping[Method, Network]) -> dict[float, Network]:
    """The denoisers that were trained for one amount of noise alone: σ → network.

    Args:
        run: the step; its `each_sigma` says whether networks are trained for the levels.
        faces: the faces.
        levels: standard deviations of the noise, intensity.
        networks: those that are shown; the denoiser among them stands for its own σ.
    """
    own = {}
    if run.settings.each_sigma:
        for level in levels:
            settings = training_settings(run.settings, "denoising", network="denoiser", train_sigma=level)
            own[level] = _used(run, settings, faces)
    denoiser = networks.get(methods.network("denoiser"))
    return own | ({denoiser.record["settings"]["train_sigma"]: denoiser} if denoiser else {})


def of_other_seeds(
    run: Step, task: str, names: Iterable[str], faces: Faces, inputs: np.ndarray, weights: Iterable[int] = ()
) -> dict[Method, list[np.ndarray]]:
    """Outputs of the same networks trained from other seeds, to measure how much of a result is chance.

    Args:
        run: the step; its `seeds` says how many trainings there are of each network.
        task, names, faces: as for `shown`.
        inputs: float32 (n, H, W, 3).
        weights: of anchored networks, as for `at_weights`.

    Returns:
        Method → the outputs of each further seed; nothing where one seed is asked for, nothing for "shipped", and nothing for
        "reference", which starts in closed form, so that no seed can change it by much.
    """
    own = [name for name in names if name not in (SHIPPED_CHOICE, "reference")]
    outputs: dict[Method, list[np.ndarray]] = defaultdict(list)
    for further in range(1, run.settings.seeds):
        next_seed = (run.settings.seed + further) % 2**31  # the highest seed is followed by 0
        networks = shown(run, task, own, faces, next_seed) | at_weights(run, weights, faces, next_seed)
        for method, network in networks.items():
            outputs[method].append(network.reproduce(inputs))
    return outputs


def _used(run: Step, settings: Settings, faces: Faces, say: Callable[[str], None] = print) -> Network:
    network, here = _network(run.places, settings, faces, say)
    run.note_network(network.folder.name, network.record, here)
    return network

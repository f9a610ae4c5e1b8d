"""Arrays that several notebooks need: computed once, by one process, the same bits, and damage costs no more than time."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import numpy as np
import pytest

from reecho import baselines, components, computed, linear
from reecho.computed import Computed
from reecho.once import directly
from reecho.settings import ROOT
from reecho.trained_network import Network

FACES = np.random.default_rng(0).random((60, 8, 8, 3), "float32")


@pytest.fixture
def counted(monkeypatch):
    """How often principal axes are computed; the name counts, not the function, whose place decides the key."""
    calls = []
    principal_axes = components.principal_axes
    monkeypatch.setattr(components, "principal_axes", lambda *arguments: calls.append(1) or principal_axes(*arguments))
    return calls


def test_baselines_and_linear_starts_share_one_computation(tmp_path, counted):
    store = Computed(tmp_path / "computed")
    noisy = FACES + np.float32(0.1)
    baselines.reconstructions(FACES, FACES[:4], [4, 1024], store)
    baselines.rate_curve(FACES, FACES[:4], once=store)
    baselines.denoisings(FACES, noisy[:4], 0.1, once=store)
    for weight, noise in ((1e4, 0.0), (1e5, 0.0), (1e4, 0.1)):
        linear.fit(FACES + 0, FACES, noise, 1024, weight, "mse", once=store)
    assert len(counted) == 1
    baselines.PCA.fit(FACES + np.float32(1e-3), 1024, once=store)
    baselines.PCA.fit(FACES, 7, once=store)
    assert len(counted) == 3


def test_the_same_bits_come_with_and_without_the_store(tmp_path):
    store = Computed(tmp_path / "computed")
    for inputs, noise in ((FACES, 0.0), (FACES + 0, 0.1), (FACES[::-1].copy(), 0.0)):
        fits = [linear.fit(inputs, FACES, noise, 20, 1e4, "mse", once=once) for once in (directly, store, store)]
        for fitted in fits[1:]:
            assert all(np.array_equal(value, vars(fitted)[name]) for name, value in vars(fits[0]).items())
    outputs = [baselines.reconstructions(FACES, FACES[:4], [3, 9], once) for once in (directly, store, store)]
    assert all(np.array_equal(outputs[0][method], again[method]) for again in outputs[1:] for method in outputs[0])
    (stored,), (plain,) = (once(columns, np.ones((3, 4))) for once in (store, directly))
    assert stored.flags.c_contiguous and plain.flags.c_contiguous  # a matrix product can round otherwise in another order


def columns(values):
    return (np.asfortranarray(values),)


def test_a_linear_start_under_noise_is_the_regression_that_it_need_not_solve():
    flat = FACES.reshape(len(FACES), -1)
    fitted = linear.fit(FACES, FACES, 0.2, 5, np.inf, "mse")
    centred = (flat - flat.mean(0)).astype("float64")
    regression = linear._least_squares(centred, centred, len(FACES) * (0.2**2 + 1e-3))
    variances, axes = linear._principal_axes(centred @ regression, regression, 0.2, 5, 0)
    wanted = regression @ axes @ axes.T
    assert np.abs(fitted.encoder @ fitted.decoder - wanted).max() < 1e-3 * np.abs(wanted).max()
    assert len(variances) == 5


def test_damaged_arrays_count_as_none_and_that_is_said(tmp_path, counted):
    said = []
    store = Computed(tmp_path / "computed", said.append)
    whole = store(components.of_faces, FACES, 4, 0)
    (path,) = (tmp_path / "computed").iterdir()
    content = path.read_bytes()
    for damaged in (b"", content[:50], content[:-30], content[:300] + bytes(40) + content[340:], b"no archive"):
        path.write_bytes(damaged)
        computed._in_use.clear()  # as in a process that has not read them
        again = store(components.of_faces, FACES, 4, 0)
        assert all(np.array_equal(one, other) for one, other in zip(whole, again, strict=True))
    assert len(said) == 5 and all(path.name in line and "computed anew" in line for line in said)
    assert len(counted) == 6 and [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_arrays_in_use_are_given_again_and_nobody_writes_into_them(tmp_path):
    store = Computed(tmp_path / "computed")
    (made,) = store(columns, np.ones((3, 4)))
    (again,) = Computed(tmp_path / "computed")(columns, np.ones((3, 4)))
    assert again is made
    with pytest.raises(ValueError, match="read-only"):
        again += 1
    (path,) = (tmp_path / "computed").iterdir()
    np.savez(path, count=1, a0=np.zeros((3, 4)))
    del made, again
    (read,) = store(columns, np.ones((3, 4)))
    assert (read == 0).all()  # nobody used them any more


def test_what_was_not_used_for_longest_goes_first_and_large_arrays_are_not_stored(tmp_path):
    store = Computed(tmp_path / "computed", limit=10_000)

    def use(number):
        """One array, the last used; a file system may not tell moments apart that lie so near."""
        store(same, FACES[number : number + 1])
        use.clock += 1
        os.utime(path_of(number), (use.clock, use.clock))

    def path_of(number):
        return tmp_path / "computed" / f"same-{computed.key(same, (FACES[number : number + 1],))}.npz"

    use.clock = 0
    for number in range(1, 9):  # each file has some 1,400 bytes
        use(0)
        use(number)
    stored = sorted((tmp_path / "computed").iterdir())
    assert sum(path.stat().st_size for path in stored) <= 10_000 and len(stored) > 3
    assert path_of(0) in stored and path_of(8) in stored and path_of(1) not in stored
    store(same, FACES)
    assert sorted((tmp_path / "computed").iterdir()) == stored


def same(values):
    return (values,)


def test_where_nothing_can_be_stored_the_arrays_come_all_the_same(tmp_path, monkeypatch):
    def full(path):
        raise OSError(28, "No space left on device")

    said = []
    monkeypatch.setattr(computed, "written_aside", full)
    (values,) = Computed(tmp_path / "computed", said.append)(same, FACES)
    assert np.array_equal(values, FACES) and len(said) == 1 and "No space left" in said[0]


def test_the_key_follows_arrays_values_code_and_what_computes(monkeypatch):
    first = computed.key(components.of_faces, (FACES, 4, 0))
    assert first == computed.key(components.of_faces, (FACES.copy(), 4, 0))
    others = [
        computed.key(components.of_faces, (FACES[1:], 4, 0)), computed.key(components.of_faces, (FACES, 5, 0)),
        computed.key(components.of_faces, (FACES.astype("float64"), 4, 0)), computed.key(linear.explained, (FACES, 4, 0)),
        computed.key(components.of_faces, (FACES, 4, 0), ("reecho.colour",)),
        computed.key(components.of_faces, (SimpleNamespace(digest="d"), 4, 0)),
    ]  # fmt: skip
    monkeypatch.setattr(computed, "_algebra", lambda: [["other threads"]])
    others.append(computed.key(components.of_faces, (FACES, 4, 0)))
    assert len({first, *others}) == 8


def test_codes_are_computed_once_and_anew_under_a_clock(tmp_path):
    class Posterior:
        calls = 0

        def predict_on_batch(self, inputs):
            self.calls += 1
            return [inputs.mean((1, 2)), inputs.std((1, 2))]

    def network(weight):
        model = SimpleNamespace(weights=[np.full(3, weight)], posterior=Posterior())
        return Network(model, {}, {}, tmp_path / "reference-key", Computed(tmp_path / "computed"))

    one, again, other = network(1.0), network(1.0), network(2.0)
    for each in (one, one, again, other):
        each.rate(FACES)
    assert np.array_equal(one.encode(FACES), again.encode(FACES)) and again.model.posterior.calls == 0
    assert one.model.posterior.calls == other.model.posterior.calls == 1
    one.anew().encode(FACES)
    assert one.model.posterior.calls == 2


SCRIPT = textwrap.dedent("""
    import json, pathlib, sys, time
    sys.path.insert(0, sys.argv[1])
    import slow
    from reecho.computed import Computed
    print(int(Computed(pathlib.Path(sys.argv[1]) / "computed")(slow.value, sys.argv[1])[0]), flush=True)
""")
SLOW = textwrap.dedent("""
    import os, pathlib, time
    import numpy as np
    def value(folder):
        print("computing", flush=True)
        while not (pathlib.Path(folder) / "go").exists():
            time.sleep(0.05)
        return (np.array(os.getpid()),)
""")


def process(folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(folder)], stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.slow
@pytest.mark.parametrize("killed", [False, True])
def test_one_process_computes_while_another_waits_also_after_a_kill(tmp_path, killed):
    (tmp_path / "slow.py").write_text(SLOW)
    owner = process(tmp_path)
    assert owner.stdout.readline() == "computing\n"
    waiting = process(tmp_path)
    if killed:
        owner.kill()
        owner.wait()
        assert waiting.stdout.readline() == "computing\n"
    (tmp_path / "go").touch()
    outputs = [int(running.communicate(timeout=120)[0]) for running in ((waiting,) if killed else (owner, waiting))]
    assert set(outputs) == {waiting.pid if killed else owner.pid}
    assert [path.suffix for path in (tmp_path / "computed").iterdir()] == [".npz"]

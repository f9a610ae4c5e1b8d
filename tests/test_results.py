"""Rows of results: identities that survive a file, whole files, a schema that the published run keeps to."""

import json

import jsonschema
import numpy as np
import pytest

from reecho import methods, results, tasks, titles
from reecho.errors import ReechoError
from reecho.methods import Method, network, pca
from reecho.results import Row, first_version, highlights
from reecho.settings import ROOT

PUBLISHED = ROOT / "reports" / "results.json"
HEADER = {
    "preset": "smoke", "dataset": {"name": "lfw", "pictures": 9, "people": 5, "digest": "0" * 64, "size": 32}, "banner": None,
    "provenance": {"commit": "abc", "versions": {}, "machine": {}}, "minutes": {"total": 1.5}, "parameters": {},
}  # fmt: skip
VARIED = [
    pca(64), methods.codec("webp", 30), methods.oracle("true_chroma", blocks=2), network("anchored", weight=25_000).draw,
    network("reference", faces="variance_keeping").mean, network("small_denoiser", origin="shipped"),
    Method("network", "denoiser", seed=3),
]  # fmt: skip


def row(method, db, task="reconstruction", size=32, **numbers):
    return Row(task, size, method, 9, {"psnr_db": db, **numbers}, {"psnr_db": (db - 0.1, db + 0.1)})


def test_written_rows_are_read_back_the_same_and_nothing_is_left_beside(tmp_path):
    rows = [row(method, 20.5 + n) for n, method in enumerate(VARIED)]
    results.write(tmp_path / "new" / "04.json", rows)
    assert results.read(tmp_path / "new" / "04.json") == rows
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["04.json"]


def test_no_nan_gets_into_a_file(tmp_path):
    results.write_json(tmp_path / "a.json", {"a": float("nan"), "b": [np.float32("inf"), np.int64(3)], "c": np.array([0.1, 1 / 3])})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": None, "b": [None, 3], "c": [0.1, 0.33333333]}
    assert "NaN" not in text and "Infinity" not in text
    results.write(tmp_path / "b.json", [row(pca(2), float("nan"))])
    assert results.read(tmp_path / "b.json")[0].get("psnr_db") is None


def test_rows_that_cannot_be_written_leave_the_old_file(tmp_path):
    results.write(tmp_path / "a.json", [row(pca(2), 1.0)])
    with pytest.raises(TypeError):
        results.write_json(tmp_path / "a.json", {"a": object()})
    assert results.read(tmp_path / "a.json") == [row(pca(2), 1.0)]


def test_merging_joins_tasks_in_order_and_a_later_row_replaces_an_earlier_one():
    grey = row(methods.GREY, 20.0, "colourisation")
    rows = [grey, row(pca(2), 1.0), row(pca(2), 2.0, size=64), row(pca(2), 3.0)]
    merged = results.merge(rows, HEADER)
    assert list(merged["tasks"]) == ["reconstruction", "colourisation"] and merged["schema"] == results.SCHEMA
    assert [(entry["size"], entry["numbers"]["psnr_db"]) for entry in merged["tasks"]["reconstruction"]] == [(32, 3.0), (64, 2.0)]
    jsonschema.validate(merged, results.schema())


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", '{"schema": 2}', '{"schema": 2, "rows": [3]}', '{"schema": 9, "rows": []}',
        '{"schema": 2, "rows": [{"task": "cooking", "kind": "input", "size": 32, "name": "a", "n": 1, "numbers": {},'
        ' "intervals": {}}]}',
        '{"schema": 2, "rows": [{"task": "denoising", "kind": "wish", "size": 32, "name": "a", "n": 1, "numbers": {},'
        ' "intervals": {}}]}',
    ],
)  # fmt: skip
def test_a_file_that_holds_no_rows_is_named_in_one_sentence(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(ReechoError, match=r"a\.json .*(Remove it|newer reecho)"):
        results.read(tmp_path / "a.json")


def test_the_schema_refuses_what_is_no_row():
    merged = results.merge([row(pca(2), 1.0)], HEADER)
    for change in ({"kind": "wish"}, {"name": "PCA, k = 2"}, {"estimate": "median"}, {"n": 0}):
        broken = json.loads(json.dumps(merged))
        broken["tasks"]["reconstruction"][0].update(change)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, results.schema())


def test_the_published_run_keeps_to_the_schema_and_every_row_has_an_identity():
    header, rows = results.read_run(PUBLISHED)
    merged = results.merge([entry for some in rows.values() for entry in some], header)
    jsonschema.validate(merged, results.schema())
    assert {task: len(some) for task, some in rows.items()} == {task: len(merged["tasks"][task]) for task in rows}
    identities = [(entry.task, entry.size, entry.method) for some in rows.values() for entry in some]
    assert len(identities) == len(set(identities)) and set(rows) <= set(tasks.TASKS)
    assert {name for name, task in tasks.TASKS.items() if task.trains} <= set(rows)


def test_a_run_of_the_first_version_keeps_its_numbers_and_intervals():
    content = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    if "schema" in content:
        pytest.skip("the published run is of today's form")
    _, rows = results.read_run(PUBLISHED)
    for task, old in content["tasks"].items():
        for before, after in zip(old, rows[task], strict=True):
            assert before["n"] == after.n and before.get("psnr_db") == after.get("psnr_db")
            assert (tuple(before["psnr_db_ci95"]) if "psnr_db_ci95" in before else None) == after.interval("psnr_db")
            assert after.method.is_network == before["ours"]


@pytest.mark.parametrize("name", ["a method that never was", "PCA", "anchored, weight x", "reference, samples of nothing"])
def test_a_name_that_the_first_version_did_not_have_is_refused(name):
    with pytest.raises(ReechoError, match="had no method"):
        first_version.method_of(name, "reconstruction")


def test_the_faces_beside_the_rows_come_back_to_half_a_step_of_255(tmp_path):
    pictures = np.random.default_rng(0).random((8, 16, 16, 3), dtype="float32")
    faces = {results.TARGET: pictures, results.INPUT: pictures * 1.5 - 0.2, network("reference", sigma=0.5): 1 - pictures}
    path = tmp_path / "results" / "04_denoising.json"
    results.write(path, [], faces)
    stored = results.read_faces(results.faces_file(path), "denoising")
    assert list(stored) == list(faces)
    assert all(np.abs(stored[key] - np.clip(faces[key], 0, 1)).max() <= 0.5 / 255 + 1e-6 for key in faces)
    again = results.faces_file(path).read_bytes()
    results.write(path, [], faces)
    assert results.faces_file(path).read_bytes() == again
    results.faces_file(path).write_bytes(again[:300])
    with pytest.raises(ReechoError, match="cannot be read as faces"):
        results.read_faces(results.faces_file(path), "denoising")


def test_the_published_faces_of_the_first_version_can_be_read():
    faces = results.read_faces(ROOT / "reports" / "results" / "04_denoising.npz", "denoising")
    assert results.TARGET in faces and network("blind_denoiser") in faces


def test_every_method_has_one_title_and_no_two_share_it():
    named = [titles.of(method) for method in VARIED]
    assert named == [
        "PCA, k = 64", "WebP, quality 30", "oracle: true chroma, 2 × 2 blocks", "anchored, weight 25,000, a draw of z",
        "reference, variance-keeping mix of means", "small denoiser, shipped", "denoiser, seed 3",
    ]  # fmt: skip


def test_methods_are_known_by_what_they_are(tmp_path):
    assert all(Method.from_identifier(method.identifier) == method for method in VARIED)
    anchored = network("anchored", weight=1, loss="mse")
    assert anchored == network("anchored", loss="mse", weight=1) and anchored.draw.code == anchored
    assert anchored.without("loss") == network("anchored", weight=1) and anchored.setting("weight") == 1
    with pytest.raises(ReechoError, match="cannot be of the kind 'wish'"):
        Method("wish", "a")


def test_the_best_simple_method_has_a_rate_that_compares_and_pca_is_none():
    rows = [
        row(methods.MEAN_FACE, 14.0), row(pca(1024), 38.0), row(methods.codec("webp", 30), 29.0, rate_nats=1200.0),
        row(methods.LINEAR_VAE.mean, 27.1, rate_nats=247.0), row(network("reference").mean, 27.4, rate_nats=240.0),
        row(network("anchored", weight=340_000).mean, 31.0, rate_nats=510.0),
        row(network("anchored", weight=100_000).mean, 27.9, rate_nats=240.0), row(network("anchored_autoencoder"), 39.0),
    ]  # fmt: skip
    best = highlights("reconstruction", rows, 32)
    assert {kind: entry["psnr_db"] for kind, entry in best.items()} == {
        "floor": 14.0, "baseline": 27.1, "reference": 27.4, "network": 27.9,
    }  # fmt: skip


def test_an_oracle_and_rows_of_another_size_are_left_out():
    rows = [
        row(methods.GREY, 20.0, "colourisation"), row(methods.oracle("true_chroma", blocks=4), 30.0, "colourisation"),
        row(methods.RIDGE, 26.5, "colourisation"), row(network("colouriser"), 27.3, "colourisation"),
        row(network("colouriser"), 28.0, "colourisation", 64),
    ]  # fmt: skip
    best = highlights("colourisation", rows, 32)
    assert best["baseline"].method == methods.RIDGE and best["network"]["psnr_db"] == 27.3 and best["input"]["psnr_db"] == 20.0
    assert highlights("colourisation", rows, 64)["network"]["psnr_db"] == 28.0 and highlights("colourisation", [], 32) == {}

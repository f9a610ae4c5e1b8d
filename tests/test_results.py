"""Rows of results.json: one shape, whole files, numbers that every reader takes."""

import json

import numpy as np
import pytest

from reecho import metrics, results
from reecho.baselines import mean_chroma
from reecho.colour import grey
from reecho.errors import ReechoError
from reecho.timing import Timed


@pytest.fixture(scope="module")
def faces():
    return np.random.default_rng(0).random((24, 16, 16, 3)).astype("float32")


@pytest.fixture(scope="module")
def people():
    return np.arange(24) // 2


def test_a_row_holds_what_issue_2_asks_and_passes_extras_through(faces, people):
    row = results.score(
        "denoising", "reference", faces * 0.9, faces, people, ours=True, rate_nats=np.float32(250.12345), weights=3, size=None
    )
    assert list(row) == ["method", "ours", "n", "psnr_db", "psnr_db_ci95", "ssim", "ssim_ci95", "rate_nats", "weights"]
    assert row["method"] == "reference" and row["ours"] is True and row["n"] == 24 and row["rate_nats"] == 250.123
    assert row["psnr_db"] == pytest.approx(metrics.psnr(faces * 0.9, faces).mean(), rel=1e-5)
    assert row["psnr_db_ci95"][0] < row["psnr_db"] < row["psnr_db_ci95"][1]


def test_colour_has_five_more_numbers_each_within_its_interval(faces, people):
    outputs, mean = (faces + grey(faces)) / 2, mean_chroma(faces)
    row = results.score("colourisation", "half", outputs, faces, people, mean_chroma=mean)
    assert row["chroma_r2"] == pytest.approx(metrics.chroma_r2(outputs, faces, mean), rel=1e-5)
    for key in ("psnr_face_db", "psnr_background_db", "delta_e00", "colourfulness", "chroma_r2"):
        assert row[f"{key}_ci95"][0] <= row[key] <= row[f"{key}_ci95"][1]


def test_score_all_keeps_the_order_and_marks_ours(faces, people):
    outputs = {"worse": faces * 0.5, "better": faces}
    rows = results.score_all("reconstruction", outputs, faces, people, ours=["better"], extras={"better": {"weights": 7}})
    assert [(row["method"], row["ours"], row.get("weights")) for row in rows] == [("worse", False, None), ("better", True, 7)]
    assert rows[0] == results.score("reconstruction", "worse", faces * 0.5, faces, people)


def test_rows_of_timed_outputs_have_their_milliseconds(faces, people):
    outputs = Timed({"input": faces * 0.5})
    outputs.run("whole", np.negative, faces)
    rows = results.score_all("denoising", outputs, faces, people, extras={"input": {"weights": 1}})
    assert "ms_picture" not in rows[0] and rows[0]["weights"] == 1
    assert rows[1]["ms_picture"] == pytest.approx(outputs.milliseconds["whole"], rel=1e-4, abs=1e-7)


def test_new_faces_have_the_five_numbers_and_a_column_each(faces):
    ruler = metrics.FaceRuler(faces)
    rows = results.score_all_new_faces(
        {"reference, sum": faces[:8], "real": faces[8:16]}, faces[16:], ruler, ours=["reference, sum"]
    )
    assert [row["n"] for row in rows] == [8, 8] and [row["ours"] for row in rows] == [True, False]
    assert {column.key for column in results.columns("generation")} <= set(rows[0])


@pytest.mark.parametrize("task", ["reconstruction", "denoising", "colourisation"])
def test_columns_name_what_rows_have_with_units_and_direction(task, faces, people):
    row = results.score(task, "a", faces, faces, people, mean_chroma=mean_chroma(faces), rate_nats=1, ms_picture=2.5)
    columns = results.columns(task)
    assert {column.key for column in columns} <= set(row)
    assert {column.better for column in columns} <= {"higher", "lower", None}
    assert "dB" in next(column.heading for column in columns if column.key == "psnr_db")


def test_written_rows_are_read_back_the_same_and_nothing_is_left_beside(tmp_path, faces, people):
    rows = [results.score("denoising", "a", faces, faces, people), results.score("denoising", "b", faces * 0.5, faces, people)]
    results.write(tmp_path / "new" / "04.json", "denoising", rows)
    assert results.read(tmp_path / "new" / "04.json") == ("denoising", rows)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["04.json"]


def test_no_nan_gets_into_a_file(tmp_path):
    results.write_json(tmp_path / "a.json", {"a": float("nan"), "b": [np.float32("inf"), np.int64(3)], "c": np.array([0.1, 1 / 3])})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"a": None, "b": [None, 3], "c": [0.1, 0.333333]}
    assert "NaN" not in text and "Infinity" not in text


def test_a_row_that_cannot_be_written_leaves_the_old_file(tmp_path):
    results.write(tmp_path / "a.json", "denoising", [{"method": "old"}])
    with pytest.raises(TypeError):
        results.write(tmp_path / "a.json", "denoising", [{"method": object()}])
    assert results.read(tmp_path / "a.json") == ("denoising", [{"method": "old"}])


def test_merge_joins_tasks_in_order_and_a_later_row_replaces_an_earlier_one(tmp_path):
    files = [tmp_path / f"{index}.json" for index in range(3)]
    results.write(files[0], "colourisation", [{"method": "grey", "psnr_db": 20.0}])
    results.write(files[1], "reconstruction", [{"method": "a", "psnr_db": 1.0}, {"method": "a", "psnr_db": 2.0, "size": 64}])
    results.write(files[2], "reconstruction", [{"method": "a", "psnr_db": 3.0}])
    merged = results.merge(files, {"preset": "smoke", "minutes": 1.5})
    assert list(merged) == ["preset", "minutes", "tasks"] and list(merged["tasks"]) == ["reconstruction", "colourisation"]
    assert [row["psnr_db"] for row in merged["tasks"]["reconstruction"]] == [3.0, 2.0]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"task": "denoising"}', '{"task": "cooking", "rows": []}', '{"task": "denoising", "rows": [3]}']
)
def test_a_file_that_holds_no_rows_is_named_in_one_sentence(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(ReechoError, match=r"a\.json .*Remove it"):
        results.read(tmp_path / "a.json")


def test_unknown_tasks_and_new_faces_without_a_target_are_refused(faces, people):
    with pytest.raises(ReechoError, match="choose one of reconstruction"):
        results.columns("cooking")
    with pytest.raises(ReechoError, match="score_new_faces"):
        results.score("generation", "a", faces, faces, people)


def test_the_rows_of_a_run_are_gathered_or_their_lack_is_said(tmp_path):
    with pytest.raises(ReechoError, match="run those of the tasks"):
        results.of_run(tmp_path)
    results.write(tmp_path / "results" / "04_denoising.json", "denoising", [{"method": "a", "size": 32}])
    results.write(tmp_path / "results" / "04_denoising_64.json", "denoising", [{"method": "a", "size": 64}])
    assert [row["size"] for row in results.of_run(tmp_path)["denoising"]] == [32, 64]


def test_the_faces_beside_the_rows_come_back_to_half_a_step_of_255(tmp_path):
    pictures = np.random.default_rng(0).random((8, 16, 16, 3), dtype="float32")
    faces = {"target": pictures, "input": pictures * 1.5 - 0.2, "reference, σ/2": 1 - pictures}
    path = tmp_path / "results" / "04_denoising.json"
    results.write(path, "denoising", [{"method": "reference, σ/2"}], faces)
    found = results.read_faces(results.faces_file(path))
    assert list(found) == list(faces)
    assert all(np.abs(found[name] - np.clip(faces[name], 0, 1)).max() <= 0.5 / 255 + 1e-6 for name in faces)
    again = results.faces_file(path).read_bytes()
    results.write(path, "denoising", [{"method": "reference, σ/2"}], faces)
    assert results.faces_file(path).read_bytes() == again
    results.faces_file(path).write_bytes(again[:300])
    with pytest.raises(ReechoError, match="cannot be read as faces"):
        results.read_faces(results.faces_file(path))

"""The real notebooks through papermill at preset smoke, on synthetic faces: files, results, pages, and nothing done twice."""

import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import jsonschema
import nbformat
import pytest
from kill import bits_of

from reecho import results
from reecho.methods import network
from reecho.network_files import RECORD
from reecho.pipeline.steps import STEPS, of_preset
from reecho.settings import ROOT
from reecho.tasks import TASKS
from reecho.terminal import is_chatter

pytestmark = pytest.mark.slow

LARGEST_PAGE = {"00_vae": 4_000_000}  # bytes; it holds a network
LARGEST_OTHER_PAGE = 1_500_000


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """One finished run, and how to call commands on the same folders."""
    base = tmp_path_factory.mktemp("whole")
    folders = {"REECHO_BUILD": str(base / "build"), "REECHO_DATA": str(base / "data"), "TF_CPP_MIN_LOG_LEVEL": "2"}

    def call(*command, cwd=base):
        environment = {name: value for name, value in os.environ.items() if name not in ("REECHO_LFW", "REECHO_RUN")}
        return subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=cwd, env=environment | folders)

    done = call("reecho", "report", "--preset", "smoke", "--dataset", "synthetic")
    assert done.returncode == 0, done.stderr[-3000:]
    return SimpleNamespace(folder=base / "build" / "smoke", call=call, base=base, stderr=done.stderr)


def test_the_terminal_has_progress_and_no_chatter_of_libraries(smoke):
    lines = [part for line in smoke.stderr.splitlines() for part in line.split("\r")]
    assert any("04_denoising" in line and "cell" in line for line in lines)
    assert [line for line in lines if is_chatter(line.strip())] == []
    for words in ("E external", "cuInit", "cuda", "XLA", "oneDNN", "All log messages", "computation_placer", "I0000", "Traceback"):
        assert words not in smoke.stderr


def test_every_notebook_is_executed_to_its_last_cell_and_rendered(smoke):
    for step in of_preset(STEPS, "smoke"):
        cells = nbformat.read(smoke.folder / "notebooks" / f"{step.name}.ipynb", as_version=4).cells
        run = [cell for cell in cells if cell.cell_type == "code" and "skip-execution" not in cell.metadata.get("tags", ())]
        assert run and all(cell.execution_count for cell in run)
        page = (smoke.folder / "html" / f"{step.notebook}.html").read_text(encoding="utf-8")
        assert len(page.encode()) < LARGEST_PAGE.get(step.notebook, LARGEST_OTHER_PAGE) and "<figcaption" in page
    book = (smoke.folder / "reecho.pdf").read_bytes()
    assert book.startswith(b"%PDF") and b"pdfuaid" in book  # typst holds it to be PDF/UA-1
    assert (smoke.folder / "html" / "index.html").is_file()


def test_pages_ask_no_host_for_anything(smoke):
    loading = re.compile(r"""<(?:img|script|link|iframe|source|object)\b[^>]*?\b(?:src|href|data)="(?!data:|#)([^"]+)""")
    for page in (smoke.folder / "html").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert loading.findall(text) == [] and re.findall(r"""url\(\s*["']?(?!data:|#|%23)([^)"']+)""", text) == []


def test_every_picture_has_alt_text(smoke):
    for page in (smoke.folder / "html").glob("0*.html"):
        pictures = re.findall(r"<img\b[^>]*>", page.read_text(encoding="utf-8"))
        assert pictures and all(re.search(r'alt="[^"]{20,}"', picture) for picture in pictures)


def test_results_json_has_the_promised_shape(smoke):
    path = smoke.folder / "results.json"
    jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), results.schema())
    header, rows = results.read_run(path)
    assert header["preset"] == "smoke" and header["dataset"]["name"] == "synthetic"
    assert list(rows) == [name for name, task in TASKS.items() if task.trains]  # smoke has no pictures at their own size
    for task, of_task in rows.items():
        assert any(row.method.code.name == "reference" for row in of_task)
        wanted = {column.key for column in TASKS[task].columns} - {"n", "ms_picture", "rate_nats"}
        assert all(wanted <= set(row.numbers) for row in of_task if row.method.kind != "oracle"), task
    reference = next(row for row in rows["reconstruction"] if row.method == network("reference").mean)
    assert reference["weights"] == 12_796_483 and reference["rate_nats"] > 0
    low, high = reference.interval("psnr_db")
    assert low < reference["psnr_db"] < high


def test_minutes_of_results_json_count_every_training_once(smoke):
    """As many as lie in the store: at this preset each of them is shown, and two of the package beside them."""
    minutes = json.loads((smoke.folder / "results.json").read_text(encoding="utf-8"))["minutes"]
    stored = [json.loads(path.read_text(encoding="utf-8")) for path in (smoke.folder.parent / "networks").glob(f"*/{RECORD}")]
    spent = sum(record["provenance"]["minutes"] for record in stored)
    shown = {note.stem for note in (smoke.folder / "networks").rglob("*.json")}
    assert minutes["trainings"]["networks"] + minutes["packaged"]["networks"] == len(shown) >= len(stored) > 5
    assert minutes["trainings"]["wall"] >= 0.99 * spent
    assert minutes["total"] == pytest.approx(minutes["notebooks"]["wall"] + minutes["trainings"]["wall"], abs=0.02)


def test_what_several_notebooks_and_trainings_need_was_computed_once(smoke):
    stored = [path.name.partition("-")[0] for path in (smoke.base / "build" / "computed").iterdir() if path.suffix == ".npz"]
    # axes for PCA, rate curve and linear VAE in 03, PCA in 04, the starts of reference, anchored and denoisers; those of notebook
    # 00's codes, which have another number of axes; those of the sampled pictures in 07
    assert stored.count("of_faces") == 3 and stored.count("explained") == 1
    assert "codes" in stored and "averaged" in stored


def test_nothing_that_did_not_change_runs_again(smoke):
    before = {path: path.stat().st_mtime_ns for path in smoke.folder.rglob("*.ipynb")}
    again = smoke.call("reecho", "report", "--preset", "smoke", "--dataset", "synthetic")
    assert again.returncode == 0 and "up to date" in again.stdout
    assert before == {path: path.stat().st_mtime_ns for path in smoke.folder.rglob("*.ipynb")}


def test_plain_papermill_works_with_the_network_that_is_there(smoke):
    source, out = ROOT / "notebooks" / "04_denoising.ipynb", smoke.base / "out.ipynb"
    given = ("-p", "preset", "smoke", "-p", "dataset", "synthetic", "-p", "sigma", "0.2")
    done = smoke.call("papermill", str(source), str(out), *given)
    assert done.returncode == 0, done.stderr[-2000:]
    text = out.read_text(encoding="utf-8")
    assert "training it now" not in text and "σ = 0.2" in text


def test_an_unknown_parameter_of_plain_papermill_stops_with_a_sentence(smoke):
    source, out = ROOT / "notebooks" / "04_denoising.ipynb", smoke.base / "bad.ipynb"
    done = smoke.call("papermill", str(source), str(out), "-p", "sgima", "0.2")
    assert done.returncode != 0 and "Did you mean sigma?" in done.stderr


def test_apply_puts_the_trained_network_to_a_persons_own_picture(smoke):
    from PIL import Image

    Image.new("RGB", (300, 200), (200, 120, 90)).save(smoke.base / "mine.jpg")
    same = ("--preset", "smoke", "--dataset", "synthetic")
    done = smoke.call("reecho", "apply", "colourisation", "mine.jpg", "--out", "coloured", "--small", *same)
    assert done.returncode == 0, done.stderr
    (coloured,) = (path for path in (smoke.base / "coloured").iterdir() if not path.name.startswith("."))
    assert Image.open(coloured).size == (32, 32)


def test_a_rerun_holds_the_numbers_and_one_that_was_altered_by_a_decibel_does_not(smoke):
    command = ("reecho", "verify", "--only", "04")
    done = smoke.call(*command, str(smoke.folder))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Not checked: " in done.stdout and "reconstruction: all" in done.stdout and "LMMSE" in done.stdout
    altered = smoke.base / "altered"
    altered.mkdir()
    content = json.loads((smoke.folder / "results.json").read_text(encoding="utf-8"))
    (row,) = [row for row in content["tasks"]["denoising"] if row["name"] == "lmmse"]
    row["numbers"]["psnr_db"] += 1
    (altered / "results.json").write_text(json.dumps(content), encoding="utf-8")
    done = smoke.call(*command, str(altered))
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if line.endswith("NOT as expected")]
    assert "LMMSE" in line and "PSNR" in line and "-1.00" in line


def test_faces_that_are_others_are_not_compared(smoke):
    content = json.loads((smoke.folder / "results.json").read_text(encoding="utf-8"))
    content["dataset"]["digest"] = "0" * 64
    (smoke.base / "others").mkdir()
    (smoke.base / "others" / "results.json").write_text(json.dumps(content), encoding="utf-8")
    done = smoke.call("reecho", "verify", "others")
    assert done.returncode == 1 and "numbers of other faces cannot be compared" in done.stderr


def test_a_damaged_network_is_trained_anew_with_a_word_and_to_the_same_bits(smoke):
    (folder,) = [path for path in (smoke.base / "build" / "networks").glob("colourisation-reference-*") if path.is_dir()]
    weights = folder / "model.weights.h5"
    whole, bits = weights.read_bytes(), bits_of(weights)
    weights.write_bytes(whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2))
    for name in ("empty", "listed"):  # what others left in the store stops nobody
        (folder.with_name(name)).mkdir()
        (folder.with_name(name) / RECORD).write_text("" if name == "empty" else "[]", encoding="utf-8")
    done = smoke.call("reecho", "train", "colourisation", "--preset", "smoke", "--dataset", "synthetic")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "epoch  1 of 1" in done.stdout and ("damaged" in done.stdout or "anew" in done.stdout)
    assert bits_of(weights) == bits

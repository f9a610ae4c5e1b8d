"""Two runs on one page: what differs, numbers with their intervals, the same faces, one sentence for what cannot be compared."""

from __future__ import annotations

import base64
import io
import json
import re

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from reecho import methods, results, tasks
from reecho.__main__ import main
from reecho.compare import compare, differences, pictures, runs
from reecho.methods import baseline, network
from reecho.pipeline.finished import FINISHED
from reecho.pipeline.plan import Plan
from reecho.pipeline.steps import STEPS
from reecho.results import Row
from reecho.settings import NOTEBOOKS, resolve

DIGEST = "0123456789abcdef" * 4
FACES = np.random.default_rng(0).random((8, 16, 16, 3), dtype="float32")
CURVE = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="{}" height="5"/></svg>'


REFERENCE, DENOISER, SMALL = network("reference"), network("denoiser"), network("small_denoiser")
LMMSE, WAVELET = baseline("lmmse"), baseline("wavelet")


def row(method, psnr, width=0.1, size=32):
    return Row("denoising", size, method, 40, {"psnr_db": psnr}, {"psnr_db": (psnr - width, psnr + width)})


def new_faces(kid, low, high):
    return Row("generation", 32, methods.REAL, 9, {"kid_hog": kid, "kid_pca64": 2.0}, {"kid_hog": (low, high)})


def figure(data, caption, media="image/png", alt="What is seen."):
    return new_output("display_data", data={media: data}, metadata={"reecho": {"kind": "figure", "caption": caption, "alt": alt}})


def png(shade):
    buffer = io.BytesIO()
    Image.new("RGB", (80, 40), (shade, 90, 90)).save(buffer, "png")
    return base64.b64encode(buffer.getvalue()).decode()


def write_run(places, name, rows, parameters=None, digest=DIGEST, size=32, faces=None, shade=10, banner=None, folder=None):
    """A finished run with the notebooks of a training, denoising and new faces, made by hand."""
    folder = folder or places.build / name
    (folder / "notebooks").mkdir(parents=True)
    dataset = {"name": "lfw", "pictures": 13233, "people": 5749, "size": size, **({"digest": digest} if digest else {})}
    machine = {"system": "Linux", "processor": "x86_64", "cores": 2}
    header = {
        "preset": "full",
        "dataset": dataset,
        "provenance": {"commit": "c" + name, "machine": machine},
        "minutes": {"total": 4 + shade / 10},
    }
    header |= {"banner": banner, "parameters": {}}
    shown = {
        "02_training_denoising": [figure(CURVE.format(shade), f"Loss by epoch; epoch {shade} is kept.", "image/svg+xml")],
        "04_denoising": [figure(png(shade), f"Eight people at σ = {shade}.")],
        "05_generation": [figure(png(shade), f"Sums, seed {shade}."), figure(png(77), "Samples.")],
    }
    for step, outputs in shown.items():
        notebook = step[:11] if step.startswith("02") else step
        given = {key: value for key, value in (parameters or {}).items() if key in NOTEBOOKS[notebook]}
        given |= {"task": "denoising"} if notebook == "02_training" else {}
        effective = resolve(notebook, {"preset": "full", "size": size, **given}).as_dict()
        header["parameters"][step] = results.plain(effective)
        cells = [
            new_markdown_cell("# Title\n\n## Compare"),
            new_code_cell("1", outputs=outputs, id="shown"),
            new_markdown_cell("## Where it fails"),
            new_code_cell("2", outputs=[figure(png(shade + 1), "The worst.")], metadata={"tags": [pictures.WORST]}),
        ]
        nbformat.write(new_notebook(cells=cells), folder / "notebooks" / f"{step}.ipynb")
    results.write_json(folder / "results.json", results.merge(rows, header))
    if faces:
        results.write(folder / "results" / "04_denoising.json", rows, faces)
    (folder / FINISHED).write_text('{"files": []}')
    return folder


ROWS_A = [row(REFERENCE, 25.0), row(LMMSE, 27.0), row(WAVELET, 24.0), row(SMALL, 20.0), new_faces(3.0, 1, 5)]
ROWS_B = [row(REFERENCE, 26.0), row(LMMSE, 27.05), row(WAVELET, 24.0), row(DENOISER, 29.0), new_faces(9.0, 8, 10)]


@pytest.fixture
def two(places):
    """Two runs on the same faces that differ in epochs and σ."""
    stored = {results.TARGET: FACES, results.INPUT: FACES, REFERENCE: FACES * 0.9}
    write_run(places, "first", ROWS_A, {"epochs": 6}, faces=stored, shade=10)
    stored = {results.TARGET: FACES, results.INPUT: FACES * 0.5, REFERENCE: FACES * 0.95, DENOISER: FACES}
    write_run(places, "second", ROWS_B, {"epochs": 9, "sigma": 0.2, "dataset": "lfw"}, faces=stored, shade=20)
    return runs.pair("first", "second", places)


def by_method(a, b, key="psnr_db", task="denoising", same=True):
    column = tasks.of(task).column(key)
    return {cells["method"]: cells for cells in differences.numbers(a.rows[task], b.rows[task], column, same)}


def test_every_method_of_either_run_has_its_numbers_and_a_word(two):
    by = by_method(*two)
    assert by["reference"] == {
        "method": "reference", "A": "25.00 \\[24.90,\u00a025.10\\]", "B": "**26.00** \\[25.90,\u00a026.10\\]",
        "difference": "+1.00", "intervals": "apart",
    }  # fmt: skip
    lmmse, wavelet = by["LMMSE, whole picture"], by["wavelet"]
    assert (lmmse["difference"], lmmse["intervals"]) == ("+0.05", "overlap")
    assert (wavelet["difference"], wavelet["intervals"]) == ("0.00", "equal") and "**" not in str(wavelet)
    assert (by["small denoiser"]["B"], by["small denoiser"]["intervals"]) == ("–", "only in A")
    assert (by["denoiser"]["A"], by["denoiser"]["intervals"]) == ("–", "only in B")


def test_lower_is_better_where_it_is(two):
    real = by_method(*two, key="kid_hog", task="generation")["real, other people"]
    assert real["A"].startswith("**3**") and real["difference"] == "+6" and real["intervals"] == "apart"
    assert by_method(*two, key="kid_pca64", task="generation")["real, other people"]["intervals"] == "equal"


def test_nothing_is_subtracted_where_the_faces_differ(two):
    reference = by_method(*two, same=False)["reference"]
    assert (reference["difference"], reference["intervals"]) == ("–", "other faces") and "**" not in reference["B"]


def test_sizes_never_meet():
    column = tasks.of("denoising").column("psnr_db")
    lines = differences.numbers([row(DENOISER, 25.0)], [row(DENOISER, 28.0, size=64)], column, True)
    assert [(cells["method"], cells["intervals"]) for cells in lines] == [
        ("denoiser, 32×32 pixels", "only in A"),
        ("denoiser, 64×64 pixels", "only in B"),
    ]


def test_a_run_of_the_first_version_meets_one_of_today(places):
    """The same rows as reecho 0.1 wrote them: display names, minutes as one number, faces by display name."""
    write_run(places, "new", ROWS_A[:2], faces={results.TARGET: FACES, REFERENCE: FACES * 0.9})
    old = write_run(places, "old", ROWS_A)
    header = json.loads((old / "results.json").read_text(encoding="utf-8"))
    del header["schema"]
    named = [("reference", 25.0, True), ("LMMSE, whole picture", 27.0, False)]
    rows = [
        {"method": name, "ours": ours, "n": 40, "psnr_db": value, "psnr_db_ci95": [value, value]} for name, value, ours in named
    ]
    (old / "results.json").write_text(json.dumps({**header, "minutes": 3.5, "tasks": {"denoising": rows}}), encoding="utf-8")
    (old / "results").mkdir(exist_ok=True)
    levels = np.round(255 * np.stack([FACES, FACES * 0.9])).astype("uint8")
    np.savez(old / "results" / "04_denoising.npz", names=np.array(["target", "reference"]), faces=levels)
    a, b = runs.pair("old", "new", places)
    assert a.header["minutes"] == {"total": 3.5}
    assert {name: cells["difference"] for name, cells in by_method(a, b).items()} == {
        "reference": "0.00",
        "LMMSE, whole picture": "0.00",
    }
    assert list(a.faces("04_denoising", "denoising")) == list(b.faces("04_denoising", "denoising")) == [results.TARGET, REFERENCE]


def test_parameters_that_differ_are_shown_by_notebook_and_paths_are_not(two):
    rows = differences.parameters(*two)
    assert [(cells["notebooks"], cells["name"], cells["A"], cells["B"]) for cells in rows] == [
        ("all 3 that take it", "`dataset`", "auto", "lfw"),
        ("`02_training_denoising`", "`epochs`", "6", "9"),
        ("`04_denoising`", "`sigma`", "0.1", "0.2"),
    ]
    assert "passes over the train" in rows[1]["meaning"]
    assert differences.measured_on(*two, "denoising")[0].startswith("`04_denoising` was measured with sigma = 0.1 in A and 0.2")
    assert differences.parameters(two[0], two[0]) == []


@pytest.mark.parametrize(
    ("other", "says", "same"),
    [
        ({"digest": "f" * 64}, "The pictures are not the same", False),
        (
            {"digest": "f" * 64, "parameters": {"split_seed": 3}},
            "split by person is another one: split_seed is None in A and 3",
            False,
        ),
        ({"parameters": {"crop": 50}}, "60 pixels off each side in A and 50", False),
        ({"size": 64}, "32×32 pixels in A and 64×64", True),
        ({"digest": None}, "does not record which faces", False),
    ],
)
def test_other_faces_are_named(other, says, same, tmp_path, places):
    write_run(places, "first", ROWS_A)
    write_run(places, "second", ROWS_B, **other)
    sentences, pictures_same = differences.faces_differ(*runs.pair("first", "second", places))
    assert len(sentences) == 1 and says in sentences[0] and pictures_same == same
    page = compare("first", "second", tmp_path / "page.html", places).read_text(encoding="utf-8")
    assert "so their numbers do not compare" in page and says in page


def test_faces_that_both_stored_are_one_grid_with_what_is_the_same_once(two):
    stored = [run.faces("04_denoising", "denoising") for run in two]
    labels = [label for label, _, _ in pictures._joined(*stored, "denoising")]
    assert labels == ["target", "input: A", "input: B", "reference: A", "reference: B", "denoiser: B"]
    ((grid,),) = pictures.faces(*two, "denoising", True)
    assert grid.pictures and grid.data.startswith(b"<svg") and "eight held-out people under both runs" in grid.caption
    assert re.search(r"reference: A \d+\.\d dB; reference: B \d+\.\d dB; denoiser: B 100\.0 dB", grid.text)
    assert len(pictures.faces(*two, "denoising", False)[0]) == 2


def test_figures_stand_side_by_side_where_a_run_stored_no_faces(two):
    (two[0].folder / "results" / "04_denoising.npz").unlink()
    ((first, second),) = pictures.faces(*two, "denoising", True)
    assert first.caption == "**A** Eight people at σ = 10." and second.caption == "**B** Eight people at σ = 20."
    assert first.text == "Run A: What is seen." and first.media == "image/png"
    sums, (samples,) = pictures.faces(*two, "generation", True)
    assert len(sums) == 2 and samples.caption.startswith("**A and B, the same** Samples.")


def test_figures_with_other_captions_meet_under_the_same_heading(two):
    path = two[1].folder / "notebooks" / "05_generation.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("Sums, seed 20.", "Added codes."), encoding="utf-8")
    pairs = pictures.figures(*two, "05_generation", vector=False)
    assert [piece.caption for piece in pairs[0]] == ["**A** Sums, seed 10.", "**B** Added codes."]


def test_the_page_says_all_of_it_and_the_same_each_time(two, places, tmp_path, capsys):
    out = tmp_path / "page.html"
    assert main(["compare", "first", str(places.build / "second"), "--out", str(out)]) == 0
    assert "page.html" in capsys.readouterr().out
    page = out.read_text(encoding="utf-8")
    assert compare("first", "second", out, places).read_text(encoding="utf-8") == page
    assert "A is the run <strong>first</strong>" in page and "Both runs worked on the same faces" in page and DIGEST[:12] in page
    for text in (
        "cfirst",
        "csecond",
        "5.0 minutes",
        "13,233 pictures of 5,749 people",
        "2 cores",
        "<strong>26.00</strong>",
        "only in B",
    ):
        assert text in page
    assert "/home/" not in page and str(tmp_path) not in page
    assert page.count("<img") == 1 + 2 + 1 + 2 and len(re.findall(r'<img [^>]*alt="[^"]{12,}"', page)) == page.count("<img")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_faces_that_a_run_stored_are_among_its_files_and_are_published_with_it(tmp_path, places):
    step = next(step for step in STEPS if step.name == "04_denoising")
    plan = Plan(places, tmp_path, tmp_path, (step,), {}, None)
    stored = tmp_path / "results" / "04_denoising.npz"
    assert stored not in plan.files()
    stored.parent.mkdir()
    stored.write_bytes(b"")
    assert stored in plan.files()


def test_a_warning_of_a_run_stands_on_top(two, places, tmp_path):
    write_run(places, "third", ROWS_A, banner="These are SYNTHETIC faces.", shade=30)
    page = compare("first", "third", tmp_path / "page.html", places).read_text(encoding="utf-8")
    assert page.index("B: These are SYNTHETIC faces.") < page.index("What was run")


def test_what_cannot_be_compared_is_said_in_one_sentence(two, places, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_run(places, "copy", ROWS_A, folder=tmp_path / "copy")
    (tmp_path / "copy" / "results.json").write_bytes((two[0].folder / "results.json").read_bytes())
    write_run(places, "cut", ROWS_A)
    (places.build / "cut" / FINISHED).unlink()
    (places.build / "cut" / "done.json").write_text("{}")
    write_run(places, "none", [])
    write_run(places, "broken", ROWS_A)
    (places.build / "broken" / "results.json").write_text("{")
    (tmp_path / "empty").mkdir()
    for other, says in {
        "nothing": r"There is no run 'nothing'.*There are: .*first.*second",
        "first": "are the same run; name two",
        "copy": "one a copy of the other",
        "cut": "'cut' did not go through to its end; `reecho report --name cut`",
        "none": "'none' has no results",
        "broken": "results.json cannot be read",
        "empty": "'empty' is not a finished run: it holds no results.json",
    }.items():
        assert main(["compare", "first", other, "--out", "page.html"]) == 1
        shown = capsys.readouterr().err
        assert re.search(says, shown) and shown.count("\n") == 1 and "Traceback" not in shown
        assert not (tmp_path / "page.html").exists()
    assert main(["compare", "first", "second", "--out", "page.txt"]) == 1 and "ends in .html" in capsys.readouterr().err
    assert main(["compare", "first", "second"]) == 0 and (tmp_path / "compare_first_second.html").is_file()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, False), (360, True)])
def test_in_a_browser_it_asks_nothing_fits_and_is_accessible(browser, two, places, tmp_path, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    page = browser.open(compare("first", "second", tmp_path / "page.html", places), width=width, dark=dark)
    assert page.complaints == [] and page.asked == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    audit = Axe().run(page)
    assert audit.violations_count == 0, audit.generate_report()

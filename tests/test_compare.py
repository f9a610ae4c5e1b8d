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

from reecho import results
from reecho.__main__ import main
from reecho.compare import compare, differences, pictures, runs
from reecho.pipeline.plan import Run
from reecho.pipeline.run import FINISHED
from reecho.pipeline.steps import STEPS
from reecho.settings import NOTEBOOKS, build_dir, resolve

DIGEST = "0123456789abcdef" * 4
FACES = np.random.default_rng(0).random((8, 16, 16, 3), dtype="float32")
CURVE = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="{}" height="5"/></svg>'


def row(method, psnr, ours=False, width=0.1, **more):
    return {"method": method, "ours": ours, "n": 40, "psnr_db": psnr, "psnr_db_ci95": [psnr - width, psnr + width], **more}


def figure(data, caption, media="image/png", alt="What is seen."):
    return new_output("display_data", data={media: data}, metadata={"reecho": {"kind": "figure", "caption": caption, "alt": alt}})


def png(shade):
    buffer = io.BytesIO()
    Image.new("RGB", (80, 40), (shade, 90, 90)).save(buffer, "png")
    return base64.b64encode(buffer.getvalue()).decode()


def write_run(name, tasks, parameters=None, digest=DIGEST, size=32, faces=None, shade=10, banner=None, folder=None):
    """A finished run with the notebooks of a training, denoising and new faces, made by hand."""
    folder = folder or build_dir() / name
    (folder / "notebooks").mkdir(parents=True)
    dataset = {"name": "lfw", "pictures": 13233, "people": 5749, "size": size, **({"digest": digest} if digest else {})}
    machine = {"system": "Linux", "processor": "x86_64", "cores": 2}
    header = {
        "preset": "full",
        "dataset": dataset,
        "provenance": {"commit": "c" + name, "machine": machine},
        "minutes": 4 + shade / 10,
    }
    header |= {"banner": banner, "parameters": {}, "tasks": tasks}
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
            new_code_cell("1", outputs=outputs),
            new_markdown_cell("## Where it fails"),
            new_code_cell("2", outputs=[figure(png(shade + 1), "The worst.")]),
        ]
        nbformat.write(new_notebook(cells=cells), folder / "notebooks" / f"{step}.ipynb")
    (folder / "results.json").write_text(json.dumps(header))
    if faces:
        results.write(folder / "results" / "04_denoising.json", "denoising", [], faces)
    (folder / FINISHED).write_text("[]")
    return folder


TASKS_A = {
    "denoising": [row("reference", 25.0, True), row("LMMSE | whole", 27.0), row("wavelet", 24.0), row("old", 20.0)],
    "generation": [{"method": "reals", "n": 9, "kid_hog": 3.0, "kid_hog_jackknife95": [1, 5], "kid_pca64": 2.0}],
}
TASKS_B = {
    "denoising": [row("reference", 26.0, True), row("LMMSE | whole", 27.05), row("wavelet", 24.0), row("denoiser", 29.0, True)],
    "generation": [{"method": "reals", "n": 9, "kid_hog": 9.0, "kid_hog_jackknife95": [8, 10], "kid_pca64": 2.0}],
}


@pytest.fixture
def two():
    """Two runs on the same faces that differ in epochs and σ."""
    write_run("first", TASKS_A, {"epochs": 6}, faces={"target": FACES, "input": FACES, "reference": FACES * 0.9}, shade=10)
    kept = {"target": FACES, "input": FACES * 0.5, "reference": FACES * 0.95, "denoiser": FACES}
    write_run("second", TASKS_B, {"epochs": 9, "sigma": 0.2, "dataset": "lfw"}, faces=kept, shade=20)
    return runs.pair("first", "second")


def by_method(a, b, key="psnr_db", task="denoising", same=True):
    column = next(column for column in results.columns(task) if column.key == key)
    return {each["method"]: each for each in differences.numbers(a.rows(task), b.rows(task), column, same)}


def test_every_method_of_either_run_has_its_numbers_and_a_word(two):
    found = by_method(*two)
    assert found["reference"] == {
        "method": "reference", "A": "25.00 \\[24.90,\u00a025.10\\]", "B": "**26.00** \\[25.90,\u00a026.10\\]",
        "difference": "+1.00", "intervals": "apart",
    }  # fmt: skip
    assert (found["LMMSE \\| whole"]["difference"], found["LMMSE \\| whole"]["intervals"]) == ("+0.05", "overlap")
    assert (found["wavelet"]["difference"], found["wavelet"]["intervals"]) == ("0.00", "equal") and "**" not in str(
        found["wavelet"]
    )
    assert (found["old"]["B"], found["old"]["intervals"]) == ("–", "only in A")
    assert (found["denoiser"]["A"], found["denoiser"]["intervals"]) == ("–", "only in B")


def test_lower_is_better_where_it_is(two):
    found = by_method(*two, key="kid_hog", task="generation")["reals"]
    assert found["A"].startswith("**3**") and found["difference"] == "+6" and found["intervals"] == "apart"
    assert by_method(*two, key="kid_pca64", task="generation")["reals"]["intervals"] == "equal"


def test_nothing_is_subtracted_where_the_faces_differ(two):
    found = by_method(*two, same=False)["reference"]
    assert (found["difference"], found["intervals"]) == ("–", "other faces") and "**" not in found["B"]


def test_sizes_never_meet(tmp_path):
    column = results.columns("denoising")[1]
    found = differences.numbers([row("net", 25.0, size=32)], [row("net", 28.0, size=64)], column, True)
    assert [(each["method"], each["intervals"]) for each in found] == [
        ("net, 32×32 pixels", "only in A"),
        ("net, 64×64 pixels", "only in B"),
    ]


def test_parameters_that_differ_are_told_by_notebook_and_paths_are_not(two):
    found = differences.parameters(*two)
    assert [(each["notebooks"], each["name"], each["A"], each["B"]) for each in found] == [
        ("all 3 that take it", "`dataset`", "auto", "lfw"),
        ("`02_training_denoising`", "`epochs`", "6", "9"),
        ("`04_denoising`", "`sigma`", "0.1", "0.2"),
    ]
    assert "passes over the train" in found[1]["meaning"]
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
def test_other_faces_are_told(other, says, same, tmp_path):
    write_run("first", TASKS_A)
    write_run("second", TASKS_B, **other)
    said, found = differences.faces_differ(*runs.pair("first", "second"))
    assert len(said) == 1 and says in said[0] and found == same
    page = compare("first", "second", tmp_path / "page.html").read_text(encoding="utf-8")
    assert "so their numbers do not compare" in page and says in page


def test_faces_that_both_kept_are_one_grid_with_what_is_the_same_once(two):
    kept = [run.faces("04_denoising") for run in two]
    labels = [label for label, _, _ in pictures._joined(*kept, "denoising")]
    assert labels == ["target", "input: A", "input: B", "reference: A", "reference: B", "denoiser: B"]
    ((grid,),) = pictures.faces(*two, "denoising", True)
    assert grid.pictures and grid.data.startswith(b"<svg") and "eight held-out people under both runs" in grid.caption
    assert re.search(r"reference: A \d+\.\d dB; reference: B \d+\.\d dB; denoiser: B 100\.0 dB", grid.text)
    assert len(pictures.faces(*two, "denoising", False)[0]) == 2


def test_figures_stand_side_by_side_where_a_run_kept_no_faces(two):
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


def test_the_page_says_all_of_it_and_the_same_each_time(two, tmp_path, capsys):
    out = tmp_path / "page.html"
    assert main(["compare", "first", str(build_dir() / "second"), "--out", str(out)]) == 0
    assert "page.html" in capsys.readouterr().out
    page = out.read_text(encoding="utf-8")
    assert compare("first", "second", out).read_text(encoding="utf-8") == page
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


def test_the_faces_that_a_run_kept_are_among_its_files_and_are_published_with_it(tmp_path):
    step = next(step for step in STEPS if step.name == "04_denoising")
    run = Run(tmp_path, tmp_path, (step,), {}, None, None)
    kept = tmp_path / "results" / "04_denoising.npz"
    assert kept not in run.files()
    kept.parent.mkdir()
    kept.write_bytes(b"")
    assert kept in run.files()


def test_a_warning_of_a_run_stands_on_top(two, tmp_path):
    write_run("third", TASKS_A, banner="These are SYNTHETIC faces.", shade=30)
    page = compare("first", "third", tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.index("B: These are SYNTHETIC faces.") < page.index("What was run")


def test_what_cannot_be_compared_is_said_in_one_sentence(two, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_run("copy", TASKS_A, folder=tmp_path / "copy")
    (tmp_path / "copy" / "results.json").write_bytes((two[0].folder / "results.json").read_bytes())
    write_run("cut", TASKS_A)
    (build_dir() / "cut" / FINISHED).unlink()
    (build_dir() / "cut" / "done.json").write_text("{}")
    write_run("none", {})
    write_run("broken", TASKS_A)
    (build_dir() / "broken" / "results.json").write_text("{")
    (tmp_path / "empty").mkdir()
    for other, says in {
        "nothing": r"There is no run 'nothing'.*There are: .*first.*second",
        "first": "are the same run; name two",
        "copy": "one a copy of the other",
        "cut": "'cut' did not go through to its end; `reecho report --name cut`",
        "none": "'none' has no results",
        "broken": "results.json of 'broken' cannot be read",
        "empty": "'empty' is not a finished run: it holds no results.json",
    }.items():
        assert main(["compare", "first", other, "--out", "page.html"]) == 1
        shown = capsys.readouterr().err
        assert re.search(says, shown) and shown.count("\n") == 1 and "Traceback" not in shown
        assert not (tmp_path / "page.html").exists()
    assert main(["compare", "first", "second", "--out", "page.txt"]) == 1 and "ends in .html" in capsys.readouterr().err
    assert main(["compare", "first", "second"]) == 0 and (tmp_path / "compare_first_second.html").is_file()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, False), (360, True)])
def test_in_a_browser_it_asks_nothing_fits_and_is_accessible(browser, two, tmp_path, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    page = browser.open(compare("first", "second", tmp_path / "page.html"), width=width, dark=dark)
    assert page.complaints == [] and page.asked == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()

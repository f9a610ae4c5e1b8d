"""Runs: order, what is done again, and what happens when something goes wrong. The notebooks here are tiny."""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

from reecho import pipeline, results
from reecho.errors import ReechoError
from reecho.methods import network
from reecho.pipeline.execute import execute, read_record
from reecho.pipeline.finished import FINISHED, files_of
from reecho.pipeline.render import Renderers
from reecho.pipeline.steps import Step
from reecho.results import Row
from reecho.settings import ROOT

FACES = SimpleNamespace(
    name="synthetic",
    title="Synthetic faces",
    banner="These faces are drawn.",
    names=["a/1", "a/2", "b/1"],
    people=np.array([0, 0, 1]),
    digest="d1",
    has_colour=True,
)
OTHER_FACES = SimpleNamespace(**{**vars(FACES), "digest": "d2", "banner": None})
TINY = (
    Step("01_data", "Faces", "Who is there?", "01_data"),
    Step("04_denoising", "Denoising", "How much noise?", "04_denoising", needs=("01_data",), results="04_denoising"),
)
ROW = Row("denoising", 32, network("denoiser"), 3, {"psnr_db": 0.0})
WRITES = f"""\
import json, os, pathlib
row = json.loads('{json.dumps(ROW.as_dict())}')
row["numbers"]["psnr_db"] = sigma
folder = pathlib.Path(os.environ["REECHO_RUN"], "results")
folder.mkdir(exist_ok=True)
_ = (folder / "04_denoising.json").write_text(json.dumps({{"schema": 2, "rows": [row]}}))
print("sigma is", sigma)"""


def write_notebook(path: Path, *cells: str, parameters: str = 'preset = "quick"\nsigma = None  # intensity') -> Path:
    """A notebook: a title, the parameters, then code cells."""
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# Tiny"),
        nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
    ]
    notebook.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


class Plain(Renderers):
    """Stands in for the renderers of `reecho.report`, and counts."""

    def __init__(self):
        super().__init__(lambda line: None)
        self.made = []

    def html(self, plan, steps):
        self._write(plan.html(steps[0]), steps[0].title)

    def pdf(self, plan):
        self._write(plan.book, "pdf")

    def overview(self, plan):
        self._write(plan.overview, "picture")

    def own_picture(self, plan):
        self._write(plan.own_picture, "networks")

    def index(self, plan, older=()):
        self._write(plan.index, json.dumps([step.name for step in older]))

    def _write(self, out, text):
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text)
        self.made.append(out.name)


@pytest.fixture
def tiny(tmp_path, monkeypatch, places):
    """A function that runs two tiny notebooks as a report and says what was rendered."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    write_notebook(tmp_path / "notebooks" / "01_data.ipynb", "1 + 1", parameters='preset = "quick"')
    write_notebook(tmp_path / "notebooks" / "04_denoising.ipynb", WRITES)

    def run(parameters=None, **options):
        renderers, said = Plain(), []
        faces = options.pop("faces", FACES)
        folder = pipeline.report(
            parameters or {},
            places=places,
            say=said.append,
            steps=options.pop("steps", TINY),
            sources=tmp_path / "notebooks",
            load=lambda **_: faces,
            renderers=renderers,
            **options,
        )
        return SimpleNamespace(folder=folder, made=renderers.made, said="\n".join(said))

    run.sources = tmp_path / "notebooks"
    return run


def test_a_run_writes_everything_and_does_nothing_twice(tiny, capsys, places):
    before = dict(os.environ)
    first = tiny({"sigma": 0.2})
    assert first.folder == places.build / "quick"
    assert files_of(first.folder) == [
        "notebooks/01_data.ipynb", "notebooks/04_denoising.ipynb", "html/01_data.html", "html/04_denoising.html",
        "results.json", "reecho.pdf", "html/index.html", "overview.png", "html/own_picture.html",
    ]  # fmt: skip
    assert dict(os.environ) == before
    written, rows = results.read_run(first.folder / "results.json")
    assert [row["psnr_db"] for row in rows["denoising"]] == [0.2]
    assert written["dataset"] == {"name": "synthetic", "pictures": 3, "people": 2, "digest": "d1", "size": 32}
    spent = written["minutes"]
    assert spent["notebooks"]["wall"] == pytest.approx(spent["total"], abs=0.01) and spent["trainings"]["networks"] == 0
    assert 0 < spent["notebooks"]["processor"] < 10
    assert first.said.count("These faces are drawn.") == 2
    shown = capsys.readouterr().err
    assert "[2/2] 04_denoising" in shown and "cell 4/4  Tiny" in shown and "\r" not in shown
    assert not list(first.folder.rglob(".*"))

    record = read_record(first.folder / "notebooks" / "04_denoising.ipynb")
    assert record["parameters"]["sigma"] == 0.2 and record["parameters"]["pictures"] == 0 and record["faces"]["digest"] == "d1"
    executed = (first.folder / "notebooks" / "04_denoising.ipynb").read_text()
    assert str(ROOT) not in executed and str(first.folder) not in executed

    # saving a source notebook with outputs changes nothing
    source = nbformat.read(tiny.sources / "04_denoising.ipynb", 4)
    source.cells[2].outputs, source.cells[2].execution_count = [nbformat.v4.new_output("stream", text="old")], 7
    nbformat.write(source, tiny.sources / "04_denoising.ipynb")
    second = tiny({"sigma": 0.2})
    assert second.made == [] and "9 of 9 tasks were up to date" in second.said
    assert (first.folder / "notebooks" / "04_denoising.ipynb").read_text() == executed

    third = tiny({"sigma": 0.3}, only=("04",))
    assert third.made == ["index.html", "04_denoising.html", "index.html"] and not (first.folder / FINISHED).exists()
    with pytest.raises(ReechoError, match="did not go through"):
        pipeline.publish("quick", tiny.sources.parent / "reports", places)


@pytest.mark.parametrize("content", ["", "{}", "3", '{"files": [1]}'])
def test_a_run_whose_last_record_is_damaged_is_not_published(places, tmp_path, content):
    folder = places.run_folder("quick")
    folder.mkdir(parents=True)
    (folder / FINISHED).write_text(content)
    with pytest.raises(ReechoError, match=r"finished\.json is damaged; `reecho report --name quick`"):
        pipeline.publish("quick", tmp_path / "reports", places)


GREY_FACES = SimpleNamespace(**{**vars(FACES), "has_colour": False})


def test_of_grey_faces_all_is_reported_that_needs_no_colour_and_what_is_left_out_is_named(tiny):
    colours = Step("06_colourisation", "Colours", "Which colours?", "06_colourisation", results="06_colourisation")
    run = tiny(faces=GREY_FACES, steps=(*TINY, colours))  # of 06 there is no notebook, so that it could not be run
    assert "Too few of the pictures have colours for 06_colourisation, so the run goes without." in run.said
    assert {"01_data.html", "04_denoising.html", "reecho.pdf"} <= set(run.made) and "06_colourisation.html" not in run.made
    assert list(results.read_run(run.folder / "results.json")[1]) == ["denoising"]
    again = tiny(faces=GREY_FACES, steps=(*TINY, colours))
    assert again.made == [] and "9 of 9 tasks were up to date" in again.said


def test_of_grey_faces_colours_alone_are_refused_in_a_sentence(places):
    with pytest.raises(ReechoError, match=r"06_colourisation cannot be run: too few of the pictures have colours\.") as refused:
        pipeline.report({"preset": "smoke"}, only=("06",), places=places, load=lambda **_: GREY_FACES)
    assert "\n" not in str(refused.value) and not list(places.build.rglob("*.ipynb"))


@pytest.mark.slow
def test_a_changed_cell_changed_faces_and_force_run_again(tiny):
    def notebooks(run):
        return [name for name in run.made if name[0] == "0"]

    assert notebooks(tiny()) == ["01_data.html", "04_denoising.html"]
    write_notebook(tiny.sources / "01_data.ipynb", "1 + 2", parameters='preset = "quick"')
    changed = tiny()
    assert notebooks(changed) == ["01_data.html"]
    (changed.folder / "done.json").write_text("{damaged")
    assert notebooks(tiny(faces=OTHER_FACES)) == ["01_data.html", "04_denoising.html"]
    assert notebooks(tiny(faces=OTHER_FACES, force=True)) == ["01_data.html", "04_denoising.html"]


@pytest.mark.slow
def test_the_index_says_which_reports_are_older_than_their_sources(tiny):
    def said():
        return json.loads((run.folder / "html" / "index.html").read_text())

    run = tiny()
    assert said() == []
    write_notebook(tiny.sources / "01_data.ipynb", "1 / 0", parameters='preset = "quick"')
    with pytest.raises(ReechoError):
        tiny()
    assert said() == ["01_data"]
    write_notebook(tiny.sources / "04_denoising.ipynb", WRITES, "2")
    write_notebook(tiny.sources / "01_data.ipynb", "1 + 1", parameters='preset = "quick"')
    tiny(only=("01",))
    assert said() == ["04_denoising"]
    tiny()
    assert said() == []
    executed = run.folder / "notebooks" / "01_data.ipynb"  # edited by hand: no longer what the source gives
    executed.write_text(executed.read_text().replace("Tiny", "Edited"))
    assert [name for name in tiny().made if name[0] == "0"] == ["01_data.html"] and "Edited" not in executed.read_text()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (
            "from reecho.errors import ReechoError\nraise ReechoError('Too few people; take more.')",
            r"^Too few people; take more\.$",
        ),
        ("import sys\nsys.exit(0)", "ended before its last cell"),
        ("1 / 0", r"01_data stopped in cell \d: ZeroDivisionError: division by zero\. .*failed.01_data.ipynb shows how far"),
        ("raise OSError(28, 'No space left on device')", "the disk is full"),
        ("import os\nos._exit(1)", "its Python process ended by itself"),
    ],
)
def test_a_failing_cell_gives_one_sentence_and_no_notebook(tmp_path, monkeypatch, cell, sentence):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    source = write_notebook(tmp_path / "notebooks" / "01_data.ipynb", cell, "'later'")
    with pytest.raises(ReechoError, match=sentence):
        execute(source, tmp_path / "out" / "01_data.ipynb", {}, {}, "one", tmp_path / "failed", os.environ)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
def test_a_full_disk_leaves_nothing_half_written(tiny, monkeypatch, places):
    real = os.replace

    def full(source, target):
        if str(target).endswith("04_denoising.ipynb"):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ReechoError, match="The disk is full"):
        tiny()
    run = places.build / "quick"
    assert [path.name for path in (run / "notebooks").iterdir()] == ["01_data.ipynb"]
    assert not (run / FINISHED).exists() and not list(run.rglob(".*"))
    monkeypatch.setattr(os, "replace", real)
    made = tiny().made
    assert {"04_denoising.html", "reecho.pdf", "index.html"} <= {*made} and "01_data.html" not in made


@pytest.mark.slow
def test_notebooks_at_once_give_what_one_by_one_gives(tiny):
    rows = []
    for jobs in (1, 2):
        run = tiny({"sigma": 0.2}, jobs=jobs, name=f"with-{jobs}")
        rows.append(results.read_run(run.folder / "results.json")[1])
    assert rows[0] == rows[1]


def test_a_kernel_has_an_environment_of_its_own_and_is_the_interpreter_that_runs_reecho(tmp_path, monkeypatch):
    foreign = tmp_path / "jupyter" / "kernels" / "python3"
    foreign.mkdir(parents=True)
    (foreign / "kernel.json").write_text(json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    source = write_notebook(tmp_path / "own.ipynb", "import os, sys\nprint(sys.executable, os.environ['REECHO_STEP'])")
    before = dict(os.environ)
    environment = {**os.environ, "REECHO_STEP": "own"}
    execute(source, tmp_path / "out.ipynb", {}, {}, "own", tmp_path / "failed", environment)
    assert dict(os.environ) == before
    (printed,) = [output.text for cell in nbformat.read(tmp_path / "out.ipynb", 4).cells for output in cell.get("outputs", ())]
    interpreter, step = printed.split()
    assert Path(interpreter).samefile(sys.executable) and step == "own"


@pytest.mark.slow
def test_two_runs_do_not_share_a_folder_or_rows(tiny):
    one, other = (tiny({"sigma": sigma}, name=name) for sigma, name in ((0.1, "one"), (0.2, "other")))
    values = [results.read_run(run.folder / "results.json")[1]["denoising"][0]["psnr_db"] for run in (one, other)]
    assert values == [0.1, 0.2]


@pytest.mark.slow
def test_no_file_of_a_run_has_the_path_of_a_persons_pictures(tiny, tmp_path):
    pictures = tmp_path / "private" / "my_faces"
    pictures.mkdir(parents=True)
    run = tiny({"dataset": str(pictures)})
    texts = [path.read_text(encoding="utf-8") for path in run.folder.rglob("*") if path.is_file() and path.name != "done.json"]
    assert any("my_faces" in text for text in texts) and not any("private" in text for text in texts)

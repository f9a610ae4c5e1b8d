"""The README's table is the published run's."""

import json

import pytest

from reecho import methods, results
from reecho.errors import ReechoError
from reecho.methods import network
from reecho.pipeline import readme
from reecho.results import Row
from reecho.settings import ROOT, resolve

PUBLISHED = ROOT / "reports" / "results.json"
HEADER = {"preset": "full", "dataset": {"name": "lfw", "size": 32}, "minutes": {"total": 51.2}}


def row(task, method, db, size=32):
    return Row(task, size, method, 9, {"psnr_db": db}, {"psnr_db": (db - 0.1, db + 0.1)})


ROWS = {
    task: [row(task, floor, 14.0), row(task, simple, 27.1), row(task, network("reference"), 27.4)]
    for task, floor, simple in (
        ("reconstruction", methods.MEAN_FACE, methods.LINEAR_VAE.mean), ("denoising", methods.NOISY, methods.LMMSE),
        ("colourisation", methods.GREY, methods.RIDGE),
    )
}  # fmt: skip


def test_the_readme_shows_the_published_results():
    assert readme.table(*results.read_run(PUBLISHED)) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_has_a_row_a_task_and_a_cell_a_kind():
    table = readme.table(HEADER, ROWS)
    assert "linear VAE, mean of z: 27.10 [27.00, 27.20]" in table and "preset full, 51 minutes" in table
    assert [line.split(" | ")[0] for line in table.splitlines()[4:]] == ["| reconstruction", "| denoising", "| colourisation"]


def test_the_head_names_what_differs_from_the_preset():
    assert "preset full, 51" in readme.table(HEADER, ROWS)
    shown = resolve("04_denoising", {"preset": "full", "seeds": 2}).shown()
    header = HEADER | {"parameters": {"04_denoising": json.loads(json.dumps(shown)), "gone": {}}}
    assert "preset full with seeds = 2, 51" in readme.table(header, ROWS)


def test_rows_of_another_size_stand_below_and_say_so():
    larger = ROWS | {"denoising": [*ROWS["denoising"], row("denoising", network("denoiser"), 31.5, 64)]}
    names = [line.split(" | ")[0] for line in readme.table(HEADER, larger).splitlines()[4:]]
    assert names == ["| reconstruction", "| denoising", "| colourisation", "| denoising, 64×64"]
    assert "31.50" in readme.table(HEADER, larger).splitlines()[-1] and "27.40" in readme.table(HEADER, larger).splitlines()[5]


def test_only_what_stands_between_the_marks_changes(tmp_path):
    file, published = tmp_path / "README.md", tmp_path / "results.json"
    content = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    published.write_text(json.dumps(content))
    file.write_text(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n", encoding="utf-8")
    readme.update(file, published)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith(f"{readme.END}\nafter\n") and "old" not in text


def test_a_readme_without_the_marks_is_left_alone(tmp_path):
    file = tmp_path / "README.md"
    file.write_text("nothing here")
    with pytest.raises(ReechoError, match="put them back"):
        readme.update(file, PUBLISHED)
    assert file.read_text() == "nothing here"

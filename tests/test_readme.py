"""The README's table is the published run's."""

import json

import pytest

from reecho.errors import ReechoError
from reecho.pipeline import readme
from reecho.report.contents import best_of
from reecho.settings import ROOT

PUBLISHED = ROOT / "reports" / "results.json"


def rows(*methods):
    return [{"method": m, "ours": ours, "n": 9, "psnr_db": db, "psnr_db_ci95": [db - 0.1, db + 0.1]} for m, ours, db in methods]


RESULTS = {
    "preset": "full",
    "dataset": {"name": "lfw", "size": 32},
    "minutes": 51.2,
    "tasks": {
        "reconstruction": rows(
            ("mean face", False, 14.0), ("PCA, k = 1024", False, 38.0), ("linear VAE", False, 27.1), ("reference", True, 27.4)
        ),
        "denoising": rows(("noisy input", False, 20.0), ("LMMSE", False, 27.7), ("reference", True, 26.0)),
        "colourisation": rows(("grey", False, 20.3), ("ridge", False, 26.4), ("reference", True, 26.8)),
    },
}


def test_the_readme_shows_the_published_results():
    if not PUBLISHED.is_file():
        pytest.skip("nothing is published yet")
    assert readme.table(json.loads(PUBLISHED.read_text(encoding="utf-8"))) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_takes_the_best_simple_method_and_leaves_pca_out():
    table = readme.table(RESULTS)
    assert "linear VAE: 27.10 [27.00, 27.20]" in table and "PCA" not in table and "preset full, 51 minutes" in table


def test_codes_that_are_exact_or_dearer_than_the_linear_ones_are_not_the_best_network():
    found = [row | {"rate_nats": rate} for row, rate in zip(rows(
        ("linear VAE", False, 27.4), ("reference", True, 27.5), ("anchored, weight 100,000", True, 27.9),
        ("anchored, weight 340,000", True, 31.0), ("anchored autoencoder", True, 39.0),
    ), (247, 230, 240, 510, None), strict=True)]  # fmt: skip
    best = best_of(found)
    assert best["ours"]["method"] == "anchored, weight 100,000" and best["reference"]["method"] == "reference"


def test_rows_of_another_size_are_left_out():
    small, large = rows(("denoiser", True, 28.9)), rows(("denoiser", True, 31.3))
    found = [row | {"size": size} for row, size in zip([*small, *large], (32, 64), strict=True)]
    assert best_of(found, 32)["ours"]["psnr_db"] == 28.9 and best_of(found, 64)["ours"]["psnr_db"] == 31.3


def test_only_what_stands_between_the_marks_changes(tmp_path):
    file = tmp_path / "README.md"
    file.write_text(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n", encoding="utf-8")
    readme.update(file, RESULTS)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith(f"{readme.END}\nafter\n") and "old" not in text


def test_a_readme_without_the_marks_is_left_alone(tmp_path):
    file = tmp_path / "README.md"
    file.write_text("nothing here")
    with pytest.raises(ReechoError, match="put them back"):
        readme.update(file, RESULTS)
    assert file.read_text() == "nothing here"

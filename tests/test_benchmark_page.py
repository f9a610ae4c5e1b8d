"""The benchmark for readers: its page, what is published of it, the README's table."""

from __future__ import annotations

import json
import re
import sys

import pytest
from test_benchmark import HEADER, measured, published_from

from reecho import pipeline
from reecho.benchmark import page, publish, record, words
from reecho.benchmark.record import Record
from reecho.benchmark.subjects import HEADLINES, SUBJECTS, TORCH_64
from reecho.errors import ReechoError
from reecho.pipeline import readme
from reecho.settings import ROOT


def test_the_page_holds_figures_tables_and_what_was_left_out_and_asks_no_host():
    text = page.text(measured(denoising="no room"))
    assert text.count("<img") == 5 and "PyTorch is <em>not</em> installed." in text and "no room" in text
    assert "Some &lt;processor&gt;" in text and 'http-equiv="Content-Security-Policy"' in text
    assert all(len(alt) > 20 for alt in re.findall(r'<img[^>]* alt="([^"]*)"', text))
    assert re.findall(r"""<(?:img|script|link)\b[^>]*?\b(?:src|href)="(?!data:|#)([^"]+)""", text) == []
    part = page.text(Record({**HEADER, "quick": True}, measured().results[:1]))
    assert "Left out of this run: The data generator, Denoising a picture" in part and "Measured with --quick" in part


def test_the_readmes_table_has_the_machine_the_date_and_ranges():
    table = words.readme_table(measured(growth="it was interrupted"))
    assert "Some <processor>, 2 cores, 8 GiB of memory, 2026-01-02" in table
    assert (
        "| ours | Keras | 1.20 [1.10, 1.50] |" in table and "| ours | matrix product | 45.0 % [40.0, 50.0] of its speed |" in table
    )
    assert TORCH_64 not in table and "Not measured: growth, it was interrupted." in table
    assert {subject for subject, *_ in HEADLINES} <= set(SUBJECTS)


def test_publishing_copies_the_benchmark_and_keeps_the_run_and_the_other_way_round(tmp_path, places):
    out = tmp_path / "reports"
    (out / "html").mkdir(parents=True)
    (out / "html" / "index.html").write_text("run")
    published_from(places, measured())
    assert publish.publish(places, out) == out / "benchmark"
    assert (out / "html" / "index.html").read_text() == "run" and (out / "benchmark" / record.PAGE).read_text() == "page"
    folder = places.build / "full"
    folder.mkdir()
    (folder / "reecho.pdf").write_bytes(b"book")
    (folder / "finished.json").write_text(json.dumps({"files": ["reecho.pdf"]}))
    pipeline.publish("full", out, places)
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert files == ["benchmark/benchmark.html", "benchmark/benchmark.json", "reecho.pdf"]
    assert (out / "benchmark" / record.PAGE).read_text() == "page"


def test_what_is_published_counts_the_run_and_the_benchmark(tmp_path, places, monkeypatch):
    out = tmp_path / "reports"
    published_from(places, measured())
    publish.publish(places, out)
    folder = places.build / "full"
    folder.mkdir()
    (folder / "reecho.pdf").write_bytes(b"x" * 1000)
    (folder / "finished.json").write_text(json.dumps({"files": ["reecho.pdf"]}))
    monkeypatch.setattr(sys.modules[pipeline.publish.__module__], "LARGEST", 1010)
    with pytest.raises(ReechoError, match="with the published benchmark takes"):
        pipeline.publish("full", out, places)
    (out / "reecho.pdf").write_bytes(b"x" * 1000)
    with pytest.raises(ReechoError, match="The benchmark with the published run takes"):
        publish.publish(places, out)
    assert (out / "benchmark" / record.PAGE).is_file()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no .*benchmark.json"),
        (Record({**HEADER, "quick": True}, measured().results), "quick one"),
        (Record(HEADER, measured().results[:2]), "lacks denoising, stages, growth"),
        ("{}", "damaged or of another version"),
    ],
)
def test_what_is_no_whole_benchmark_is_not_published(content, sentence, tmp_path, places):
    if isinstance(content, Record):
        published_from(places, content)
    elif content:
        (places.build / "benchmark").mkdir(parents=True)
        (places.build / "benchmark" / record.FILE).write_text(content)
    with pytest.raises(ReechoError, match=sentence):
        publish.publish(places, tmp_path / "reports")
    assert not (tmp_path / "reports").exists()


def test_the_readme_shows_the_published_benchmark_or_says_that_there_is_none():
    file = ROOT / "reports" / "benchmark" / record.FILE
    expected = words.readme_table(record.read(file)) if file.is_file() else "No benchmark has been published yet."
    assert f"{publish.BEGIN}\n{expected}\n{publish.END}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readmes_table_stands_between_its_own_marks(tmp_path):
    file = tmp_path / "README.md"
    file.write_text(f"a\n{publish.BEGIN}\nold\n{publish.END}\nb\n", encoding="utf-8")
    readme.put(file, publish.BEGIN, publish.END, "new")
    assert file.read_text(encoding="utf-8") == f"a\n{publish.BEGIN}\nnew\n{publish.END}\nb\n"

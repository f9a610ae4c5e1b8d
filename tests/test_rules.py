"""The rules about notebooks and words, on texts that break them; and that every check runs, in pre-commit and in `.ci/run`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import check
import nbformat
import pytest
import rules
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

TITLE = "# Title\n\nfaces → **inputs → encode** → z → decode → compare → report"


def notebook(**changed):
    """The text of a notebook that keeps all rules, but for the cells that are given by name."""
    cells = {
        "title": new_markdown_cell(TITLE),
        "overview": new_markdown_cell("## Overview\n\nA question, and in a sentence how it is answered."),
        "parameters": new_code_cell('preset = "quick"  # smoke or quick', metadata={"tags": ["parameters"]}),
        "setup": new_markdown_cell("## Setup\n\nThe settings are checked before anything is computed."),
        "code": new_code_cell("import numpy as np"),
        "end": new_markdown_cell("## Conclusions\n\n## Exercises\n\n## References and provenance"),
        "last": new_code_cell("report.provenance(run, faces)"),
    }
    cells |= changed
    for place, cell in enumerate(cells.values()):
        cell["id"] = f"cell{place}"
    return nbformat.writes(new_notebook(cells=list(cells.values()))) + "\n"


def broken(text):
    """Line of the file and sentence of each violation."""
    return [(violation.line, violation.sentence) for violation in rules.notebook_violations(text)]


def test_a_notebook_that_keeps_the_rules_has_no_violation():
    assert broken(notebook()) == []


@pytest.mark.parametrize(
    ("changed", "marked", "sentence"),
    [
        ({"title": new_markdown_cell("Title")}, '"Title"', "title and the line"),
        ({"title": new_markdown_cell(TITLE.replace("**", ""))}, '"# Title', "steps in bold"),
        ({"overview": new_markdown_cell("## Overview\n\n# Second")}, '"# Second"', "one title"),
        ({"setup": new_markdown_cell("## The faces and where they come from")}, '"# Title', "begin with Overview and Setup"),
        ({"parameters": new_code_cell("a = 1  # pixels")}, '"# Title', "tag `parameters`"),
        ({"code": new_code_cell("a = 1  # pixels", metadata={"tags": ["parameters"]})}, '"# Title', "and no other"),
        ({"last": new_code_cell("1 + 1")}, '"1 + 1"', "report.provenance"),
        ({"code": new_code_cell("1", outputs=[new_output("stream", text="1")])}, '"1"', "stored with outputs"),
        ({"code": new_code_cell("1", execution_count=3)}, '"1"', "stored with outputs"),
        ({"code": new_code_cell("1", metadata={"papermill": {"duration": 1}})}, '"1"', "marks of a run"),
        ({"code": new_code_cell("\n".join("a = 1" for _ in range(16)))}, '"a = 1', "16 lines of code"),
        ({"code": new_code_cell("a = 1\n\ndef f():\n    return 1")}, '"def f', "`f` is defined"),
        ({"overview": new_markdown_cell("## Overview\n\nThis is simply so.")}, "simply", "“simply” calls a thing easy"),
        ({"code": new_code_cell('caption = "The faces, just as they are."')}, "just", "“just” calls a thing easy"),
        ({"overview": new_markdown_cell("## Overview\n\nA color of *a color* and `color`.")}, "color", "“color” is American"),
    ],
)  # fmt: skip
def test_a_violation_is_named_at_its_line_in_the_file(changed, marked, sentence):
    text = notebook(**changed)
    (line, said), *more = broken(text)
    assert sentence in said and all(further == 1 for further, _ in more)
    assert marked in text.split("\n")[line - 1]


@pytest.mark.parametrize(
    "source", ["a = [1][0]  # pixels", "a = b = 1  # pixels", "import numpy as np  # numbers", "a.b = 1  # pixels"]
)
def test_parameters_are_literals(source):
    assert [violation.sentence for violation in rules.parameters_violations(source)] == [
        "A parameters cell holds lines of the form `name = literal` and nothing else."
    ]


def test_a_parameter_has_a_comment():
    assert [
        (violation.line, "comment" in violation.sentence) for violation in rules.parameters_violations("a = 1  # pixels\nb = 2")
    ] == [(2, True)]


def test_a_solution_may_define_a_function_and_no_class():
    marks = {"nbgrader": {"solution": True, "grade_id": "a"}}
    assert not list(rules.definition_violations(new_code_cell("def f(a):\n    return a", metadata=marks)))
    assert [
        violation.line for violation in rules.definition_violations(new_code_cell("1\nclass A:\n    pass", metadata=marks))
    ] == [2]


def test_code_is_short_and_explained():
    long = new_code_cell("\n".join("a = 1" for _ in range(14)))
    sentences = [
        sentence for _, sentence in broken(notebook(code=long, last=new_code_cell("report.provenance(\n" + "1,\n" * 9 + ")")))
    ]
    assert any("Half of the code cells" in sentence for sentence in sentences)
    assert any(" words for " in sentence for sentence in sentences)


def test_a_file_out_of_its_normal_form_is_a_violation():
    assert broken(notebook().replace("\n  ", "\n     "))[0] == (
        1,
        "The file is not in the normal form; read it and write it with nbformat.",
    )


@pytest.mark.parametrize(
    ("word", "is_wrong"),
    [
        ("grayscale", True), ("normalize", True), ("colorization", True), ("centered", True), ("behavior", True), ("labeled", True),
        ("analyzed", True), ("size", False), ("resized", False), ("prize", False), ("grey", False), ("normalise", False),
        ("batch_size", False), ("Normalization", False), ("prefers-color-scheme", False), ("laboratory", False),
        ("favourite", False), ("labelled", False), ("horizon", False),
    ],
)  # fmt: skip
def test_american_spelling_is_told_from_british(word, is_wrong):
    assert bool(list(rules.word_violations(f"Here a {word} stands."))) == is_wrong


def test_prose_of_python_is_comments_docstrings_and_sentences():
    source = (
        '"""The first of four lines.\n\nThe third."""\nkind = "center left"  # a comment\nfail(f"There are {count} faces in it.")\n'
    )
    assert sorted(rules.python_prose(source)) == [
        (1, "The first of four lines.\n\nThe third."), (4, "# a comment"), (5, "There are … faces in it."),
    ]  # fmt: skip


@pytest.fixture
def checkout(tmp_path):
    """A folder with one source file and one notebook, five and one uses of vague names in them."""
    (tmp_path / "reecho").mkdir()
    (tmp_path / "reecho" / "one.py").write_text(
        "def f(told):\n    # each of the others\n    made_of, _found = told.other, 'kept'\n    return f(known=made_of)\n",
        encoding="utf-8",
    )
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "one.ipynb").write_text(notebook(code=new_code_cell("a = 1\nkept = 2")), encoding="utf-8")
    (tmp_path / "run.py").write_text("# Normalize.\n", encoding="utf-8")
    (tmp_path / "README.md").write_text("# A title\n\nObviously `gray`.\n", encoding="utf-8")
    return tmp_path


def test_vague_names_are_counted_where_they_are_names(checkout):
    uses = {path.name: names for path, names in rules.vague_names(checkout).items()}
    assert uses["one.py"] == [(1, "told"), (3, "found"), (3, "other"), (3, "told"), (4, "known")]
    assert [name for _, name in uses["one.ipynb"]] == ["kept"]
    assert (
        '"kept = 2"' in (checkout / "notebooks" / "one.ipynb").read_text(encoding="utf-8").split("\n")[uses["one.ipynb"][0][0] - 1]
    )


def test_more_vague_names_than_may_be_are_listed_one_by_one(checkout, monkeypatch):
    def vague():
        return [violation.sentence for _, violation in rules.violations(checkout) if "does not say" in violation.sentence]

    monkeypatch.setattr(rules, "LIMIT", 6)
    assert vague() == []
    monkeypatch.setattr(rules, "LIMIT", 5)
    assert len(vague()) == 6 and vague()[0].startswith("`told` does not say what it is; 6 vague names")


def test_the_command_prints_file_line_and_sentence_and_fails(checkout, monkeypatch, capsys):
    monkeypatch.setattr(rules, "ROOT", checkout)
    assert rules.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "README.md:3: “Obviously” calls a thing easy; leave the word out." and lines[-1].startswith("1 violation")
    (checkout / "README.md").unlink()
    assert rules.main([]) == 0 and rules.main(["--names"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "in all 6: told 2, found 1, other 1, known 1, kept 1"


def test_pre_commit_runs_every_check():
    config = yaml.safe_load((rules.ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = [
        hook["entry"].removeprefix("python ").split(" --")[0] for repository in config["repos"] for hook in repository["hooks"]
    ]
    assert {" ".join(arguments).split(" --")[0] for arguments in check.CHECKS.values()} <= set(entries)


def test_all_checks_run_whatever_the_first_ones_say(monkeypatch, capfd):
    checks = {
        name: ["-c", f"print({name!r}, flush=True); raise SystemExit({code})"] for name, code in (("a", 2), ("b", 0), ("c", 1))
    }
    monkeypatch.setattr(check, "CHECKS", checks)
    assert check.main() == 1
    assert capfd.readouterr().out.splitlines() == ["a", "b", "c", "Checks that failed: a, c."]
    monkeypatch.setattr(check, "CHECKS", {"b": checks["b"]})
    assert check.main() == 0


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("bash"), reason="a shell script")
@pytest.mark.parametrize(("checks", "tests"), [(0, 0), (1, 0), (0, 1), (1, 5)])
def test_ci_runs_the_tests_after_the_checks_and_fails_where_one_of_both_does(tmp_path, checks, tests):
    (tmp_path / ".ci").mkdir()
    shutil.copy(rules.ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "run.py").write_text(
        f"import sys\nprint(sys.argv[1:])\nsys.exit({{'check': {checks}, 'test': {tests}}}[sys.argv[1]])\n"
    )
    commands = tmp_path / "bin"  # as on a machine that has the two programs, so that nothing is installed
    commands.mkdir()
    for name in ("chromium", "pdftoppm"):
        (commands / name).write_text("#!/bin/sh\n")
        (commands / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{commands}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", ".ci/run", "-k", "one"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["['check']", "['test', '-k', 'one']"], done.stderr
    assert done.returncode == (tests or checks)

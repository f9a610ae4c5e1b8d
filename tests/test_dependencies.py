"""What goes stale follows from imports: of every module in turn, a docstring nothing, code what leads to it and nothing else."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

from reecho.context import Places
from reecho.dependencies import PACKAGE, Sources, cells_of, versions_of
from reecho.pipeline.dodo import tasks_of
from reecho.pipeline.plan import Plan
from reecho.pipeline.render import Renderers
from reecho.pipeline.steps import STEPS, distribute, of_preset
from reecho.settings import ROOT

FACES = SimpleNamespace(
    names=["a"], people=np.array([0]), digest="d", title="Faces", banner=None, name="synthetic", has_colour=True
)


def package(folder, **files):
    """A toy package named toy."""
    for name, content in files.items():
        path = folder / "toy" / name.replace("__init__", "#").replace("__", "/").replace("#", "__init__")
        path = path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (folder / "toy" / "__init__.py").touch()
    return Sources(folder / "toy")


def test_imports_inside_functions_count_and_those_for_type_checkers_do_not(tmp_path):
    a = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from toy import c\nelse:\n    from toy import d\n"
    a += "def f():\n    from toy.b import g\n"
    sources = package(tmp_path, a=a, b="def g(): ...", c="x = 1", d="import toy.b")
    assert sources.closure(["toy.a"]) == {"toy.a", "toy.b", "toy.d"}
    assert sources.closure(["toy.a"], without=["toy.d"]) == {"toy.a", "toy.b"}


def test_a_package_that_gathers_names_leads_to_those_that_are_used(tmp_path):
    (tmp_path / "toy" / "parts").mkdir(parents=True)
    init = '"""Parts."""\nfrom toy.parts.one import first\nfrom toy.parts.two import second\n__all__ = ["first", "second"]\n'
    (tmp_path / "toy" / "parts" / "__init__.py").write_text(init)
    (tmp_path / "toy" / "parts" / "one.py").write_text("first = 1")
    (tmp_path / "toy" / "parts" / "two.py").write_text("from toy import deep\nsecond = 2")
    sources = package(
        tmp_path, deep="x = 1", by_name="from toy.parts import first", by_attribute="from toy import parts\nparts.second",
        whole="from toy import parts\nprint(parts)", relative="from .parts.one import first",
    )  # fmt: skip
    assert sources.closure(["toy.by_name"]) == {"toy.by_name", "toy.parts.one"}
    assert sources.closure(["toy.by_attribute"]) == {"toy.by_attribute", "toy.parts.two", "toy.deep"}
    assert sources.closure(["toy.whole"]) >= {"toy.parts", "toy.parts.one", "toy.parts.two", "toy.deep"}
    assert sources.closure(["toy.relative"]) == {"toy.relative", "toy.parts.one"}


def test_what_says_nothing_to_python_changes_no_digest_and_a_file_beside_a_module_does(tmp_path):
    def digest(content, text="one"):
        shutil.rmtree(tmp_path / "toy", ignore_errors=True)
        sources = package(tmp_path, a=content)
        (tmp_path / "toy" / "page.css").write_text(text)
        return sources.digest(["toy.a"])

    plain = digest("def f(x):\n    return x\n")
    assert plain == digest('"""About."""\n# why\n\ndef f(x: int) -> int:\n    """What."""\n    return (x)\n')
    assert plain != digest("def f(x):\n    return x + 1\n")
    assert digest('style = "page.css"', "one") != digest('style = "page.css"', "two")
    assert digest("style = 1", "one") == digest("style = 1", "two")
    (tmp_path / "elsewhere.txt").write_text("no file beside the module")
    for text in (str(tmp_path / "elsewhere.txt"), "../elsewhere.txt", "/"):
        assert digest(f"style = {text!r}")


def test_the_cells_that_no_run_executes_do_not_count(tmp_path):
    def notebook(*cells):
        code = [nbformat.v4.new_code_cell(source, metadata={"tags": tags}) for source, tags in cells]
        nbformat.write(nbformat.v4.new_notebook(cells=code), tmp_path / "a.ipynb")
        return tmp_path / "a.ipynb"

    sources = Sources()
    path = notebook(("from reecho import metrics\nmetrics.psnr", []), ("from reecho import augment", ["skip-execution"]))
    first = cells_of(path)
    assert sources.of_notebook(path) == {"reecho.metrics.pictures"}
    assert cells_of(notebook(("from reecho import metrics\nmetrics.psnr", []), ("other", ["skip-execution"]))) == first
    assert cells_of(notebook(("from reecho import metrics\nmetrics.ssim", []))) != first


def test_versions_are_those_of_the_libraries_that_are_imported():
    versions = versions_of(["typst", "pypandoc", "no_such_module"])
    assert set(versions) == {"python", "typst", "pypandoc_binary"}


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    steps = of_preset(STEPS, "quick")
    folder = tmp_path_factory.mktemp("run")
    return Plan(Places(folder / "data", folder / "build"), folder, ROOT / "notebooks", steps, distribute(steps, {}), FACES)


def depends(plan, root):
    """Task → what it depends on but for files."""
    return {task.name: task.uptodate[0][0].config for task in tasks_of(plan, Renderers(), True, Sources(root))}


def stale(plan, root, before):
    after = depends(plan, root)
    return {name for name in before if before[name] != after[name]}


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    root = tmp_path_factory.mktemp("copy") / "reecho"
    shutil.copytree(PACKAGE, root, ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    return root


NETWORKS = {  # task → the modules of the networks that can learn it
    "reconstruction": ("reference", "anchored"),
    "denoising": ("reference", "anchored", "denoiser", "photo_denoiser"),
    "colourisation": ("reference", "anchored", "colouriser", "colour_vae"),
}
SHOWS = {  # what shows trained networks → the tasks that they learnt
    **{f"notebook 02_training_{task}": (task,) for task in NETWORKS},
    "notebook 00_vae": ("reconstruction",),
    "notebook 03_reconstruction": ("reconstruction",), "notebook 04_denoising": ("denoising",),
    "notebook 05_generation": ("reconstruction",), "notebook 06_colourisation": ("colourisation",),
    "notebook 07_faults": ("reconstruction", "colourisation"), "overview": tuple(NETWORKS),
}  # fmt: skip


def reached_by(plan, sources):
    """Task → the modules that its result comes from."""
    named = {
        **{f"html {step.notebook}": "report.html" for step in plan.steps}, "index": "pipeline.index", "pdf": "pipeline.book",
        "overview": "pipeline.overview", "own_picture": "own_picture.page", "results": "pipeline.summary",
    }  # fmt: skip
    reached = {name: sources.closure([f"reecho.{module}"]) for name, module in named.items()}
    for step in plan.steps:
        used = sources.of_notebook(plan.sources / f"{step.notebook}.ipynb")
        reached[f"notebook {step.name}"] = sources.closure(used, ["reecho.parameters"])
    for name, tasks in SHOWS.items():
        modules = {f"reecho.networks.{module}" for task in tasks for module in NETWORKS[task]}
        reached[name] |= sources.closure(modules)
    return reached


@pytest.mark.slow
def test_a_comment_and_a_docstring_in_every_module_make_nothing_stale(plan, tmp_path):
    root = tmp_path / "reecho"
    shutil.copytree(PACKAGE, root, ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    before = depends(plan, root)
    for path in root.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"""', '"""Another first word. ', 1) + "\n# a comment\n", encoding="utf-8")
    assert stale(plan, root, before) == set()


@pytest.mark.slow
def test_a_change_of_any_module_makes_stale_what_leads_to_it_and_nothing_else(plan, copied):
    before, sources = depends(plan, copied), Sources(copied)
    reached = reached_by(plan, sources)
    assert set(reached) == set(before)
    for module in sources.modules():
        path = sources.path(module)
        original = path.read_bytes()
        path.write_bytes(original + b"\n_FURTHER = 1\n")
        if path.name == "__init__.py":  # it no longer gathers names alone, so that its own code is used by what imports from it
            reached_now = reached_by(plan, Sources(copied))
        else:
            reached_now = reached
        changed = stale(plan, copied, before)
        path.write_bytes(original)
        assert changed == {name for name, modules in reached_now.items() if module in modules}, module


@pytest.mark.parametrize(
    ("module", "some", "none"),
    [
        ("metrics/pictures.py", {"notebook 03_reconstruction", "notebook 04_denoising", "notebook 06_colourisation"},
         {"notebook 01_data", "html 04_denoising"}),
        ("report/html.py", {"html 01_data", "html 08_summary", "index"}, {"notebook 01_data", "pdf"}),
        ("report/pdf.py", {"pdf"}, {"html 01_data", "notebook 01_data", "index"}),
        ("baselines/shrinkage.py", {"notebook 04_denoising"}, {"notebook 03_reconstruction", "notebook 06_colourisation"}),
        ("networks/denoiser.py", {"notebook 02_training_denoising", "notebook 04_denoising", "overview"},
         {"notebook 03_reconstruction", "notebook 06_colourisation", "notebook 02_training_colourisation", "own_picture"}),
        ("pipeline/summary.py", {"results"}, {"notebook 08_summary", "html 08_summary"}),
        ("faults/words.py", {"notebook 07_faults"}, {"notebook 03_reconstruction", "notebook 08_summary"}),
    ],
)  # fmt: skip
def test_named_examples(plan, copied, module, some, none):
    before, path = depends(plan, copied), copied / module
    original = path.read_bytes()
    path.write_bytes(original + b"\n_FURTHER = 1\n")
    changed = stale(plan, copied, before)
    path.write_bytes(original)
    assert some <= changed and not none & changed


def test_a_title_in_the_pipeline_makes_the_pages_that_show_it_stale(plan, copied):
    before, path = depends(plan, copied), copied / "pipeline" / "words.py"
    original = path.read_text(encoding="utf-8")
    path.write_text(original.replace('SUBTITLE = "', 'SUBTITLE = "Another one: '), encoding="utf-8")
    changed = stale(plan, copied, before)
    path.write_text(original, encoding="utf-8")
    assert changed == {"pdf", "index"}


def keys(root):
    """What each network's numbers come from, as `reecho.store.key` takes it."""
    sources = Sources(root)
    modules = ("anchored", "colour_vae", "colouriser", "denoiser", "reference")
    ours = {name: sources.digest(["reecho.training", "reecho.lessons", f"reecho.networks.{name}"]) for name in modules}
    return ours | {"faults": sources.digest(["reecho.training", "reecho.faults.lessons"])}


@pytest.mark.parametrize(
    ("module", "networks"),
    [
        ("networks/denoiser.py", {"denoiser"}),
        ("networks/colour_vae.py", {"colour_vae"}),
        ("networks/blocks.py", {"anchored", "colour_vae", "colouriser", "denoiser"}),
        ("initialise.py", {"reference", "faults"}),
        ("training.py", {"anchored", "colour_vae", "colouriser", "denoiser", "reference", "faults"}),
        ("lessons.py", {"anchored", "colour_vae", "colouriser", "denoiser", "reference"}),
        ("faults/lessons.py", {"faults"}),
        ("faults/original.py", {"faults"}),
        ("faults/original_results.py", set()),
        ("faults/networks.py", set()),
        ("journal.py", set()),
        ("context.py", set()),
        ("network_files.py", set()),
        ("store.py", set()),
        ("trained.py", set()),
        ("networks/registry.py", set()),
        ("tasks.py", set()),
        ("titles.py", set()),
        ("parameters.py", set()),
        ("pipeline/progress.py", set()),
        ("files.py", set()),
    ],
)
def test_a_network_is_trained_anew_only_for_what_can_change_its_numbers(copied, module, networks):
    before, path = keys(copied), copied / module
    original = path.read_bytes()
    path.write_bytes(original + b"\n_FURTHER = 1\n")
    after = keys(copied)
    path.write_bytes(original)
    assert {name for name in before if before[name] != after[name]} == networks

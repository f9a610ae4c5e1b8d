"""The pack of a course: words for every notebook, 8 to 12 slides that work by keyboard, minutes that are counted, a rubric."""

from __future__ import annotations

import dataclasses
import re
import shlex
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_output

from reecho import plots, report
from reecho.__main__ import cli
from reecho.context import Places
from reecho.coursework import lectures, minutes, pack, paths, runs, slides
from reecho.coursework.exercises import headings, open_question
from reecho.errors import ReechoError
from reecho.report import display
from reecho.settings import NOTEBOOKS, ROOT, notebooks_dir

STEMS = tuple(NOTEBOOKS)
FIGURED = "01_data"  # the notebook that the small run has


def source_of(stem):
    return nbformat.read(notebooks_dir() / f"{stem}.ipynb", as_version=4)


def with_outputs(notebook, monkeypatch):
    """A notebook as if a run had executed it: a figure in each cell that shows one, a finding, and a warning."""
    faces = np.random.default_rng(0).random((8, 16, 16, 3))
    alt = "Eight squares of noise, one for each person."
    for cell in notebook.cells:
        outputs = []

        def keep(data, raw, metadata, outputs=outputs):
            text = {kind: b64encode(value).decode() if isinstance(value, bytes) else value for kind, value in data.items()}
            outputs.append(new_output("display_data", data=text, metadata=metadata))

        monkeypatch.setattr(display, "display", keep)
        if cell.cell_type == "code" and "report.figure(" in cell.source:
            rows = [(f"row {number}", faces) for number in range(9 if cell.id == "01-11" else 1)]  # one of them is tall
            report.figure(plots.picture_grid(rows), "Eight faces of $\\sigma$ = 0.1. A second sentence.", alt)
        if cell.id == "01-22":
            report.answer("Who is in it?", "Networks learn from 8 pictures. Results are measured on **9** others.")
        cell.outputs = outputs if cell.cell_type == "code" else cell.get("outputs", [])
        if cell.cell_type != "code":
            cell.pop("outputs", None)
    return notebook


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run that has one notebook."""
    folder = tmp_path_factory.mktemp("build") / "small"
    (folder / "notebooks").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        nbformat.write(with_outputs(source_of(FIGURED), patch), folder / "notebooks" / f"{FIGURED}.ipynb")
    return folder


@pytest.fixture(scope="module")
def written(tmp_path_factory, run):
    """A pack with the slides of that run, and one without any run."""
    folder = tmp_path_factory.mktemp("packs")
    pack.write(folder / "with", places=Places(build=run.parent))
    pack.write(folder / "without", places=Places(build=folder / "none"))
    return folder


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# Words


@pytest.mark.parametrize("stem", STEMS)
def test_every_notebook_has_a_lecture_whose_words_are_whole(stem):
    words = lectures.lecture(stem)
    for part in (words.goals, words.prerequisites, words.summary):
        assert 2 <= part.count("\n- ") + 1 <= 4 and all(line.startswith("- ") for line in part.splitlines())
    assert 3 <= len(words.ideas) <= 4 and all(idea.title and idea.text and idea.note for idea in words.ideas)
    both = open_question(source_of(stem))
    if both:
        assert len(words.criteria) == len(words.given) == both[1].metadata.nbgrader.points == 2 * sum(words.given)
        assert len(words.half.split()) > 20 and len(words.empty.split()) > 10 and words.half not in both[1].source


def test_a_notebook_without_a_lecture_is_a_sentence_that_says_what_to_write(tmp_path):
    with pytest.raises(ReechoError, match="There is no lecture on 09_new; write one"):
        lectures.lecture("09_new")
    (tmp_path / "09_new.md").write_text("# New\n\n## Goals\n\n- One.\n", encoding="utf-8")
    with pytest.raises(ReechoError, match="they must be Goals, Prerequisites"):
        lectures.lecture("09_new", tmp_path)
    whole = read(lectures.FOLDER / "01_data.md").replace("- 01-07: ", "- 01-07 ")
    (tmp_path / "09_new.md").write_text(whole, encoding="utf-8")
    with pytest.raises(ReechoError, match="write `- CELL-ID: question`"):
        lectures.lecture("09_new", tmp_path)


@pytest.mark.parametrize("stem", STEMS)
def test_questions_are_about_cells_that_show_a_figure(stem):
    code = [cell for cell in source_of(stem).cells if cell.cell_type == "code"]
    shows = {cell.id for cell in code if "alt=" in cell.source or "report.figure(" in cell.source}
    assert {question.cell for question in lectures.lecture(stem).questions} <= shows


def test_sentences_of_the_course_are_short():
    """A second-language student reads a sentence once: at most 32 words, and half of them at most 14."""
    files = [*lectures.FOLDER.glob("*.md"), *(slides.TEMPLATES / name for name in ("course.md", "project.md", "README.md"))]
    for path in files:
        text = re.sub(r"```.*?```", " ", read(path), flags=re.DOTALL)
        text = re.sub(r"`[^`]*`|\|.*|^#.*|\{\{.*?\}\}", " ", text, flags=re.MULTILINE)
        items = [" ".join(part.split()) for part in re.split(r"\n\s*\n|\n(?=[-\d>])|(?<=[.:?!])\s+", text)]
        counts = sorted(len(item.split()) for item in items if len(item.split()) > 2)
        assert counts[-1] <= 36, max(items, key=lambda item: len(item.split()))
        assert counts[len(counts) // 2] <= 14, path.name


# Minutes and paths


def test_words_are_counted_without_code_formulas_and_addresses():
    assert minutes.words("") == minutes.words("```\na b c\n```") == minutes.words("$$a b c$$") == 0
    assert minutes.words("One **two** three-and-a-half, 13,233 [five](https://example.org/six).") == 5


def test_reading_is_words_at_the_stated_speed_plus_seconds_and_working_goes_by_points():
    took = minutes.Minutes(words=400, figures=3, tables=1, formulas=1, points=10, measured=True)
    assert took.reading == 4 and took.working == 50  # 2 min, 60 s + 30 s + 20 s, rounded up
    assert "200 words a minute" in minutes.STATED and "10.1016/j.jml.2019.104047" in minutes.STATED


def test_a_run_is_counted_with_its_captions_and_findings(run):
    notebook, executed = source_of(FIGURED), runs.executed(run, FIGURED)
    plain, counted = minutes.of(notebook), minutes.of(notebook, executed)
    assert counted.measured and not plain.measured
    assert counted.figures == plain.figures == sum("report.figure(" in cell.source for cell in notebook.cells)
    finding = minutes.words("Who is in it? Networks learn from 8 pictures. Results are measured on 9 others.")
    assert counted.words == plain.words + finding + counted.figures * minutes.words("Eight faces of = 0.1. A second sentence.")


def test_no_number_of_minutes_is_typed_into_the_words():
    for path in lectures.FOLDER.glob("*.md"):
        assert not re.search(r"\d+ min", read(path)), path.name


def test_the_long_path_has_every_notebook_once_and_the_short_one_a_part_of_them():
    long, short = ([stem for week in paths.PATHS[weeks] for stem in week.lectures] for weeks in (12, 4))
    assert [len(path) for path in paths.PATHS.values()] == list(paths.PATHS) == [4, 12]
    assert len(set(long)) == len(long) and set(STEMS) <= set(long) and set(short) < set(long)


def test_a_path_adds_up_the_minutes_of_each_week():
    took = {"one": minutes.Minutes(200, 0, 0, 0, 10, True), "two": minutes.Minutes(400, 0, 0, 0, 4, True)}
    table = paths.table((paths.Week("Both", ("one", "two", "gone")), paths.Week("Work", (), "Collect.", 7)), took)
    assert "| 1 | Both | `one`, `two` | 3 min | 70 min | – |" in table
    assert "| 2 | Work | – | – | – | Collect. (7 min, an estimate) |" in table and "In all 1 hours" in table


# Slides


@pytest.mark.parametrize("kind", ["with", "without"])
@pytest.mark.parametrize("stem", STEMS)
def test_a_lecture_has_8_to_12_slides_with_notes_and_no_script_from_elsewhere(stem, kind, written):
    text = read(written / kind / "slides" / f"{stem}.html")
    assert slides.FEWEST <= text.count('<section class="slide') <= slides.MOST
    assert text.count('<details class="notes">') == text.count('<section class="slide')
    assert "default-src 'none'" in text and text.count("<script") == 1 and "http-equiv" in text
    assert ("No run was there" in text) == (kind == "without" or stem != FIGURED)


def test_slides_show_the_figures_that_the_words_ask_about_with_the_captions_first_sentence(run):
    executed = runs.executed(run, FIGURED)
    words = lectures.lecture(FIGURED)
    shown = slides.of(words, source_of(FIGURED), executed, minutes.of(executed))
    drawn = [slide for slide in shown if slide.figure]
    assert [slide.title for slide in drawn] == [question.text for question in words.questions]
    assert {slide.text for slide in drawn} == {"Eight faces of $\\sigma$ = 0.1."}
    assert [slide.tall for slide in drawn] == [False, True, False]
    assert all("Eight squares of noise" in slide.note and "The notebook says" in slide.note for slide in drawn)
    (measured,) = [slide for slide in shown if slide.title == "What was measured"]
    assert measured.text == "- Networks learn from 8 pictures.\n- Results are measured on **9** others."
    assert [slide.title for slide in shown[-3:]] == ["Exercises", "Summary", "To read"]


def test_where_no_question_names_a_figure_the_first_of_the_run_are_shown(run):
    executed = runs.executed(run, FIGURED)
    words = dataclasses.replace(lectures.lecture("00_vae"), questions=())
    shown = slides.of(words, source_of(FIGURED), executed, minutes.of(executed))
    assert sum(slide.figure is not None for slide in shown) == 2 and slides.FEWEST <= len(shown) <= slides.MOST
    assert slides.FEWEST <= len(slides.of(words, source_of(FIGURED), None, minutes.of(executed))) <= slides.MOST


def test_the_fullest_run_is_taken_and_a_run_without_notebooks_refused(run, tmp_path):
    places = Places(build=run.parent)
    assert runs.folder(places) == runs.folder(places, "small") == runs.folder(places, str(run)) == run
    assert runs.folder(Places(build=tmp_path / "none")) is None
    with pytest.raises(ReechoError, match="holds no executed notebooks"):
        runs.folder(places, str(ROOT / "reports"))


@pytest.fixture(params=[(1280, False), (360, False), (1280, True)], ids=["wide", "phone", "dark"])
def opened(request, browser, written):
    width, dark = request.param
    page = browser.open(written / "with" / "slides" / f"{FIGURED}.html", width=width, height=800, dark=dark)
    yield page
    assert page.complaints == [] and page.asked == []
    page.context.close()


def violations(page) -> list[str]:
    import axe_playwright_python

    page.evaluate(read(Path(axe_playwright_python.__file__).parent / "axe.min.js"))
    broken = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in broken for node in rule["nodes"]]


def focused(page) -> str:
    return page.evaluate("document.activeElement.id")


def test_slides_are_accessible_and_fit(opened):
    assert violations(opened) == []
    opened.keyboard.press("s")
    assert violations(opened) == []
    assert not opened.evaluate("document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth")
    assert opened.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")


@pytest.mark.parametrize("kind", ["with", "without"])
def test_every_slide_fits_a_small_projector_and_one_printed_page(kind, browser, written):
    for path in sorted((written / kind / "slides").iterdir()):
        page = browser.open(path, width=1280, height=720)
        tall = (
            "(all) => all.filter((slide) => slide.getBoundingClientRect().height > innerHeight + 1).map((slide) => slide.ariaLabel)"
        )
        assert page.locator(".slide").evaluate_all(tall) == [], path.name
        narrow = "(all) => all.filter((slide) => slide.getBoundingClientRect().width < innerWidth - 20).length"
        assert page.locator(".slide").evaluate_all(narrow) == 0, path.name
        assert len(pages_of(page.pdf(prefer_css_page_size=True))) == page.locator(".slide").count(), path.name
        page.context.close()


def test_keys_move_from_slide_to_slide_and_show_the_notes(opened):
    count = opened.locator(".slide").count()
    for key, number in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", count), ("ArrowRight", count), ("Home", 1),
                        ("ArrowLeft", 1)):  # fmt: skip
        opened.keyboard.press(key)
        assert focused(opened) == f"slide-{number}", key
        box = opened.locator(f"#slide-{number}").bounding_box()
        assert abs(box["y"]) < 2 or number == count
    if opened.viewport_size["width"] > 1000:
        for key, number in (("PageDown", 2), ("PageDown", 3), ("PageUp", 2)):
            opened.keyboard.press(key)
            assert focused(opened) == f"slide-{number}", key
    assert opened.locator(".notes[open]").count() == 0
    opened.keyboard.press("s")
    assert opened.locator(".notes[open]").count() == count
    opened.keyboard.press("s")
    assert opened.locator(".notes[open]").count() == 0


def test_buttons_do_what_keys_do(opened):
    opened.get_by_role("button", name="Next").click()
    assert abs(opened.locator("#slide-2").bounding_box()["y"]) < 2
    opened.get_by_role("button", name="Notes").click()
    assert opened.get_by_role("button", name="Notes").get_attribute("aria-pressed") == "true"


def test_without_a_script_everything_can_be_read(browser, written):
    page = browser.open(written / "with" / "slides" / f"{FIGURED}.html", java_script_enabled=False)
    assert page.locator(".moves").is_hidden() and page.locator(".slide").last.is_visible()
    page.locator(".notes summary").first.click()
    assert page.locator(".notes ul").first.is_visible()
    page.context.close()


def test_slides_print_one_a_page_and_with_notes(browser, written, tmp_path):
    page = browser.open(written / "with" / "slides" / f"{FIGURED}.html")
    count = page.locator(".slide").count()
    assert pages_of(page.pdf(prefer_css_page_size=True)) == [(842, 595)] * count
    page.locator("#handout").click()
    assert pages_of(page.pdf(prefer_css_page_size=True)) == [(595, 842)] * count
    page.context.close()


def pages_of(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height in points of each page."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


@pytest.mark.parametrize("name", ["README", "course", "project", "teacher/rubric"])
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_documents_are_accessible_and_fit_a_phone(name, width, dark, browser, written):
    page = browser.open(written / "with" / f"{name}.html", width=width, dark=dark)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == [] and page.asked == []
    page.context.close()


# The rest of the pack


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.targets = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        links = [value for name, value in attributes if tag == "a" and name == "href"]
        self.targets += [link for link in links if not link.startswith(("#", "http"))]


def test_links_lead_to_files_of_the_pack_and_students_get_no_solution(written):
    folder = written / "with"
    for path in folder.rglob("*.html"):
        for target in Links(read(path)).targets:
            assert (path.parent / target.partition("#")[0]).is_file(), (path.name, target)
    for path in folder.rglob("*"):
        if path.is_file() and "teacher" not in path.relative_to(folder).parts:
            for stem in STEMS:
                if both := open_question(source_of(stem)):
                    assert both[1].source[:80] not in read(path) and lectures.lecture(stem).half[:60] not in read(path)


def test_the_rubric_has_a_full_a_half_and_an_empty_answer_for_each_open_question(written):
    text = read(written / "with" / "teacher" / "rubric.md")
    asked = [stem for stem in STEMS if open_question(source_of(stem))]
    for kind in ("Full answer (3 of 3", "Half answer (1.5 of 3", "Empty answer (0 of 3"):
        assert text.count(kind) == len(asked)
    for stem in asked:
        assert open_question(source_of(stem))[1].source.splitlines()[0] in text


@pytest.mark.parametrize("stem", STEMS)
def test_exercises_are_listed_as_the_notebook_calls_them(stem):
    listed = headings(source_of(stem))
    assert sum(points for _, points in listed) == minutes.of(source_of(stem)).points


def test_the_projects_commands_are_commands_of_reecho():
    (block,) = re.findall(r"```\n(.*?)```", read(slides.TEMPLATES / "project.md"), re.DOTALL)
    for line in block.strip().splitlines():
        name, command, *arguments = shlex.split(line, comments=True)
        assert name == "reecho"
        cli.commands[command].make_context(command, arguments)


def test_the_workflow_for_three_systems_is_there_and_not_run_here():
    import yaml

    text = read(ROOT / ".github" / "workflows" / "smoke.yml")
    matrix = yaml.safe_load(text)["jobs"]["smoke"]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"] and matrix["python"] == ["3.11", "3.12", "3.13"]
    assert "not run here" in " ".join(read(ROOT / "README.md").split("smoke.yml")[1][:200].split())

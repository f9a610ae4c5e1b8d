"""A sweep: what is typed becomes points, what is done is not done again, what failed is named, and the page says all of it."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import pytest

from reecho import trained
from reecho.__main__ import main
from reecho.context import DESCRIPTION
from reecho.dependencies import Sources
from reecho.errors import ReechoError
from reecho.methods import LMMSE, NOISY, network
from reecho.results import Row
from reecho.settings import resolve
from reecho.sweep import cluster, grid, networks, page, store, summary
from reecho.sweep.progress import Progress
from reecho.sweep.store import Outcome
from reecho.sweep.work import Seen

SEEN = Seen("d" * 64, "synthetic", "Synthetic faces", "These faces are drawn.", True, 40, 26, "c", {"python": "3"})
SMOKE = {"preset": "smoke", "dataset": "synthetic"}


def points(*pairs, only=("04",), **fixed):
    return grid.points(pairs, {**SMOKE, **fixed}, only)


def row(psnr, method=LMMSE, half=0.5):
    return Row("denoising", 32, method, 40, {"psnr_db": psnr, "ssim": 0.9}, {"psnr_db": (psnr - half, psnr + half)})


def measured(point, psnr):
    rows = (row(psnr, NOISY), row(psnr + 1), row(psnr + 2, network("denoiser")))
    return point, Outcome(rows, None, 60.0)


def test_a_grid_is_every_choice_of_every_parameter_and_only_what_measures_is_run():
    of = points("sigma=0.05,0.1", "split_seed=none,0..1", "epochs=3")
    assert [dict(point.swept) for point in of] == [
        {"sigma": sigma, "split_seed": split} for sigma in (0.05, 0.1) for split in (None, 0, 1)
    ]
    assert {step.name for point in of for step in point.steps} == {"04_denoising"}
    assert of[1].parameters["04_denoising"][0] == {
        **SMOKE, "training": {"epochs": 3}, "sigma": 0.05, "split_seed": 0,
    }  # fmt: skip
    assert len({point.key for point in of}) == 6
    assert points("sigma=0.1,0.05", "split_seed=0,1")[0].title == "sigma = 0.1, split_seed = 0"


def test_a_points_name_does_not_depend_on_where_the_faces_lie():
    here, there = (points("sigma=0.1,0.2", lfw=path)[0].key for path in ("/a/lfw.tgz", "/b/lfw.tgz"))
    assert here == there != points("sigma=0.1,0.2", crop=50)[0].key


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        (["sigmas=0.1,0.2"], "no parameter 'sigmas'.*Did you mean sigma"),
        (["sigma=0.1,2"], "sigma=2.0 is out of range.*from 0 to 1"),
        (["sigma=0.1,much"], "sigma='much' is not a number"),
        (["sigma=0.1..0.3"], "no range: LOW..HIGH stands for whole numbers"),
        (["split_seed=5..1"], "holds no number, for 5 is above 1; write split_seed=1..5"),
        (["split_seed=0..999999"], "at most 10,000 points"),
        (["split_seed=0..199", "seed=0..199"], "40,000 points"),
        (["sigma="], "lacks values"),
        (["sigma"], "lacks values"),
        (["sigma=0.1,,0.2"], "an empty value"),
        (["sigma=0.1"], "several values"),
        (["sigma=0.1,0.1"], "several values"),
        (["sigma=0.1,0.2", "sigma=0.3"], "given twice"),
        (["samples=100,200"], "no parameter 'samples' in the notebooks of this run"),
        (["size=32,33"], "multiple of the product of the strides"),
        (["denoisers=reference;colouriser"], "is not known"),
        ([], "several values"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_refused_before_anything_runs(pairs, sentence):
    with pytest.raises(ReechoError, match=sentence):
        points(*pairs)


def test_notebooks_that_measure_nothing_are_refused_with_those_that_do():
    with pytest.raises(ReechoError, match=r"01_data measure nothing.*03_reconstruction, 04_denoising"):
        points("split_seed=0,1", only=("01",))


def test_the_command_answers_in_one_sentence(capsys, monkeypatch, places):
    assert main(["sweep", "-p", "sigma=0.1"]) == 1
    assert main(["sweep", "-p", "split_seed=0,1", "--scheduler", "tcp://127.0.0.1:1", "--jobs", "2"]) == 1
    monkeypatch.setattr(cluster, "_ANSWER", 1)
    assert main(["sweep", "-p", "split_seed=0,1", "--scheduler", "tcp://127.0.0.1:1"]) == 1
    (places.build / "quick").mkdir(parents=True)
    (places.build / "quick" / DESCRIPTION).write_text("{}")
    assert main(["sweep", "-p", "split_seed=0,1", "--name", "quick"]) == 1
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("reecho: ")]
    assert len(said) == 4
    assert "several values" in said[0] and "--jobs is for" in said[1] and "give the sweep another --name" in said[3]
    assert "No scheduler answers at tcp://127.0.0.1:1" in said[2]


def test_the_networks_that_points_share_are_those_that_the_notebooks_show():
    denoising = resolve("04_denoising", {**SMOKE, "denoisers": "reference,denoiser,shipped", "seeds": 2, "seed": 2**31 - 1})
    of = [(settings.network, settings.task, settings.seed) for settings in networks.networks_of(denoising)]
    last = 2**31 - 1
    assert of == [("reference", "denoising", last), ("denoiser", "denoising", last), ("denoiser", "denoising", 0)]
    generation = networks.networks_of(resolve("05_generation", {**SMOKE, "training": {"latent_dim": 8}}))
    assert [(settings.network, settings.latent_dim) for settings in generation] == [("reference", 8), ("anchored", 8)]
    alone = networks.networks_of(resolve("05_generation", {**SMOKE, "prior_weight": 0}))
    assert [settings.network for settings in alone] == ["reference"]
    rates = networks.networks_of(resolve("03_reconstruction", {**SMOKE, "rates": (25_000,), "seeds": 1}))
    assert [(settings.network, settings.reconstruction_weight) for settings in rates][-1] == ("anchored", 25_000)
    again = resolve("02_training", rates[0].as_dict())  # as it travels to a worker
    assert again.values == rates[0].values


def test_a_network_travels_whole(tmp_path, small_faces, small_settings, places):
    network = trained.load_or_train(places, small_settings(size=16), small_faces, lambda line: None)
    there = tmp_path / "store" / network.folder.name
    networks.unpack(networks.packed(network.folder), there)
    assert sorted(path.name for path in there.parent.iterdir()) == [there.name]
    assert all((there / path.name).read_bytes() == path.read_bytes() for path in network.folder.iterdir())
    networks.unpack(b"no archive", there)  # it is there, so that nothing is read
    with pytest.raises(ReechoError, match="no whole archive"):
        networks.unpack(b"no archive", tmp_path / "store" / "reconstruction-reference-0123456789ab")


def test_what_is_done_is_read_back_and_what_changed_is_not(tmp_path):
    one, two = points("sigma=0.1,0.2")
    stamp, code = store.stamp(one, ["d1"], Sources()), Sources()
    store.write(tmp_path, *(one, stamp), measured(one, 20.0)[1])
    assert store.read(tmp_path, one, stamp) == measured(one, 20.0)[1]
    assert store.read(tmp_path, two, store.stamp(two, ["d1"], code)) is None
    assert store.read(tmp_path, one, store.stamp(one, ["d2"], code)) is None
    (file,) = (tmp_path / "points").iterdir()
    file.write_text(file.read_text()[:100])
    assert store.read(tmp_path, one, stamp) is None


def test_seeds_of_one_split_are_no_witnesses_of_their_own():
    def at(split, seed, psnr):
        return summary.Measurement({"split_seed": split, "seed": seed}, row(psnr))

    splits = summary.over_luck([at(0, 0, 10.0), at(0, 1, 12.0), at(1, 0, 20.0), at(1, 1, 22.0)], "psnr_db")
    assert (splits.mean, splits.units, splits.over) == (16.0, 2, "splits")
    assert splits.interval == pytest.approx((16 - 12.7062 * 5, 16 + 12.7062 * 5), abs=1e-3)  # t of one degree of freedom
    seeds = summary.over_luck([at(0, 0, 10.0), at(0, 1, 12.0)], "psnr_db")
    assert (seeds.mean, seeds.units, seeds.over) == (11.0, 2, "seeds")
    alone = summary.over_luck([at(0, 0, 10.0)], "psnr_db")
    assert (alone.interval, alone.sd, alone.over) == ((9.5, 10.5), None, "people")


def test_a_figure_shows_the_best_networks_and_one_of_each_other_kind():
    rows = [row(20 + n, network("anchored", weight=n + 1)) for n in range(8)] + [row(25.0), row(26.0, NOISY)]
    column = summary.measures("denoising", [summary.Measurement({}, one) for one in rows])[0][0]
    drawn = summary.drawn([summary.Measurement({}, one) for one in rows], column)
    assert [method.setting("weight") for method in drawn[:5]] == [8, 7, 6, 5, 4] and drawn[5:] == [LMMSE, NOISY]


def test_time_left_is_what_is_left_side_by_side_at_the_mean_time_of_its_kind():
    now, stream = [0.0], io.StringIO()
    progress = Progress(2, 4, stream, clock=lambda: now[0])
    progress.tick(2)
    progress.done("network", "a", 60.0)
    progress.done("point", "b", 100.0)
    progress.done("point", "c", 140.0, None)
    now[0] = 10.0
    progress.done("point", "d", None, "it broke")
    lines = stream.getvalue().splitlines()
    assert "left" not in lines[0]  # nobody knows how long a point takes
    assert lines[2] == "[3/6] point c: 140 s, about 2 min 30 s left"  # one network of 60 and two points of 120 s, two workers
    assert lines[3] == "[4/6] point d: failed: it broke, about 1 min 30 s left"
    progress.tick(0)
    progress.done("point", "e", 120.0)
    assert stream.getvalue().splitlines()[-1].endswith("waiting for a worker")


@pytest.fixture
def two_ways(tmp_path):
    """The pages of a sweep over noise and splits with a point that failed, and of one over seeds and splits alone."""
    of = points("sigma=0.05,0.1", "split_seed=0..2", "seed=0..1")
    outcomes = [measured(point, 20.0 + place) for place, point in enumerate(of)]
    outcomes[-1] = (of[-1], Outcome(failed="04_denoising stopped in cell 3: <b>no</b>."))
    luck = points("split_seed=0..4", "seed=0..2")
    lucky = [measured(point, 20.0 + place / 10) for place, point in enumerate(luck)]
    return page.write(tmp_path / "a.html", "a", outcomes, SEEN), page.write(
        tmp_path / "b.html", "b", lucky, SEEN._replace(banner=None)
    )


def test_the_page_has_every_point_every_method_and_names_what_failed(two_ways):
    text, lucky = (path.read_text(encoding="utf-8") for path in two_ways)
    assert "1 of 12 points failed" in text and "sigma = 0.1, split_seed = 2, seed = 1" in text
    assert "&lt;b&gt;no&lt;/b&gt;" in text and "<b>no</b>" not in text
    assert "These faces are drawn." in text and 'role="alert"' not in lucky
    figures = re.findall(r'alt="([^"]+)"', text)
    assert [alt.split(";")[0] for alt in figures[:3]] == [f"PSNR (dB) over {name}" for name in ("sigma", "split_seed", "seed")]
    assert "denoiser goes to 27.50 at sigma = 0.05" not in figures[0] and "sigma = 0.1" in figures[0]
    table = re.search(r'aria-label="Denoising".*?</table>', lucky, re.DOTALL).group()
    assert re.search(r"LMMSE, whole picture.*?21\.70 \[21\.11,.22\.29\]", table, re.DOTALL)  # five splits: 21.1, 21.4 … 22.3
    assert "5 splits by person, each the mean of its seeds" in lucky


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_asks_for_nothing_and_fits_its_window(two_ways, browser, width):
    for path in two_ways:
        shown = browser.open(path, width=width)
        assert shown.asked == [] and shown.complaints == []
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.locator("figure img").count() >= 3


def test_a_sweep_whose_points_all_failed_has_a_page_all_the_same(tmp_path):
    outcomes = [(point, Outcome(failed="no")) for point in points("sigma=0.1,0.2")]
    assert "2 of 2 points failed" in page.write(tmp_path / "p.html", "p", outcomes, SEEN).read_text(encoding="utf-8")


def test_workers_that_differ_are_told_apart(monkeypatch):
    def answers(**of):
        class Client:
            def run(self, *_, **__):
                return of

            def nthreads(self):
                return dict.fromkeys(of, 2)

        said = []
        return cluster.look(Client(), [("04_denoising", {})], said.append), said

    monkeypatch.setattr(cluster.work, "code", lambda: "c")
    seen, said = answers(a=[SEEN], b=[SEEN._replace(versions={"python": "4"})])
    assert seen == [SEEN] and "other versions of python" in said[0] and "several threads" in said[1]
    with pytest.raises(ReechoError, match="do not have the same faces: the one at b has 13 pictures of LFW"):
        answers(a=[SEEN], b=[SEEN._replace(digest="e", title="LFW", pictures=13)])
    with pytest.raises(ReechoError, match="has another reecho"):
        answers(a=[SEEN._replace(code="other")])
    with pytest.raises(ReechoError, match=r"cannot run reecho .ModuleNotFoundError"):
        answers(a=ModuleNotFoundError("reecho"))
    with pytest.raises(ReechoError, match="at a cannot begin: no faces"):
        answers(a=ReechoError("no faces"))


def test_points_are_plain_json(tmp_path):
    (one, _) = points("denoisers=reference;reference,denoiser")
    store.write(tmp_path, one, "s", Outcome(failed="no"))
    (file,) = (tmp_path / "points").iterdir()
    content = json.loads(file.read_text(encoding="utf-8"))
    assert content["swept"] == {"denoisers": ["reference"]} and content["failed"] == "no" and content["rows"] == []
    assert store.read(tmp_path, replace(one, swept={}), "s") == Outcome(failed="no")

"""Fixtures: small synthetic faces, a small trained network, folders of their own for data and build."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("MPLBACKEND", "agg")
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # on a busy machine, several threads take three times as long
    os.environ.setdefault(threads, "1")


def pytest_collection_modifyitems(items):
    """What needs a browser is slow."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _folders_of_their_own(tmp_path, monkeypatch):
    """No test reads or writes the checkout's data/ and build/, nor a person's LFW."""
    monkeypatch.setenv("REECHO_BUILD", str(tmp_path / "build"))
    monkeypatch.setenv("REECHO_DATA", str(tmp_path / "data"))


@pytest.fixture
def places(tmp_path):
    """Folders of the test's own for data, runs and networks."""
    from reecho.context import Places

    return Places(tmp_path / "data", tmp_path / "build")


@pytest.fixture
def step(places):
    """A step of a run, as a notebook has it; called with settings, or with a notebook's name and parameters."""
    from reecho.context import Run
    from reecho.settings import Settings, resolve

    def make(notebook_or_settings="04_denoising", **parameters):
        settings = notebook_or_settings
        if not isinstance(settings, Settings):
            settings = resolve(notebook_or_settings, {"preset": "smoke", "dataset": "synthetic", **parameters})
        return Run(places, places.build / "run", settings.notebook, settings)

    return make


@pytest.fixture(scope="session")
def small_faces(tmp_path_factory):
    """360 synthetic faces."""
    from reecho import data

    return data.load("synthetic", pictures=360, folder=tmp_path_factory.mktemp("faces"))


@pytest.fixture
def small_settings():
    """Settings of notebook 02 for a network that trains in seconds: the document's layers, few filters."""
    from reecho import settings

    def make(**changed):
        narrow = {"preset": "smoke", "dataset": "synthetic", "filters": (8, 8, 8, 8), "latent_dim": 16, "initialisation": "random"}
        return settings.resolve("02_training", narrow | changed)

    return make


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium, see `browsing.Browser`; tests that ask for it are skipped where there is none."""
    from browsing import Browser, chromium

    if not chromium():
        pytest.skip("There is no Chromium on this machine; `.ci/run` installs it.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield Browser(playwright)


@pytest.fixture(scope="session")
def own_page(tmp_path_factory):
    """The page for a reader's own picture, with the networks of the package."""
    from reecho import own_picture

    out = tmp_path_factory.mktemp("page") / "own_picture.html"
    own_picture.write(out, strip=[("Faces", "01_data.html"), ("Denoising", "04_denoising.html")])
    return out


@pytest.fixture
def opened(browser, own_page):
    """That page in a window, its networks unpacked; afterwards it has asked for nothing and complained of nothing."""
    pages = []

    def open_(**options):
        pages.append(browser.open(own_page, **options))
        pages[-1].evaluate("ownPicture.ready")
        return pages[-1]

    yield open_
    for each in pages:
        assert each.asked == [] and each.complaints == []
        each.context.close()

"""LFW comes from the named path, the data folder or the download, in this order; else the synthetic faces come, aloud."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import threading

import pytest
from packing import lfw_like, tar, unpacked, zipped

from reecho.context import Places
from reecho.data import load, sources
from reecho.errors import ReechoError
from reecho.settings import resolve


@contextlib.contextmanager
def serving(content: bytes, broken: int = 0, status: int = 200):
    """A small local server; the first `broken` transfers of the archive (the first request only knocks) end half-way."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            half = 1 < len(asked) <= 1 + broken
            with contextlib.suppress(ConnectionError):
                self.wfile.write(content[: len(content) // 2] if half else content)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/lfw.tgz", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def archive(tmp_path):
    return tar(tmp_path / "elsewhere.tgz", lfw_like(14, 2))


@pytest.fixture
def nowhere():
    """An address where nobody listens."""
    with serving(b"") as (url, _):
        pass
    return sources.Remote(url, "0" * 64)


def remote_of(url: str, content: bytes, tries: int = 2) -> sources.Remote:
    return sources.Remote(url, hashlib.sha256(content).hexdigest(), tries=tries)


def test_every_form_of_lfw_gives_the_same_faces(tmp_path, archive):
    members = lfw_like(14, 2)
    forms = [
        archive,
        tar(tmp_path / "plain.tar", dict(reversed(members.items())), "w"),
        zipped(tmp_path / "lfw.zip", members),
        unpacked(tmp_path / "folder", members),
        unpacked(tmp_path / "folder2", members) / "lfw",
        zipped(tmp_path / "deep.zip", lfw_like(14, 2, "lfw-deepfunneled/lfw-deepfunneled/")),
        unpacked(tmp_path / "nested", lfw_like(14, 2, "lfw-deepfunneled/lfw-deepfunneled/")),
    ]
    loaded = [load("lfw", lfw=form, folder=tmp_path / "data") for form in forms]
    assert {faces.digest for faces in loaded} == {loaded[0].digest}
    assert {faces.name for faces in loaded} == {"lfw"}
    assert loaded[0].title == "Labeled Faces in the Wild (a part, 28 pictures of 14 people)"


def test_a_named_path_wins_over_the_variable_and_both_over_the_data_folder(tmp_path, archive):
    tar(tmp_path / "lfw.tgz", lfw_like(20, 1))
    folders = {"REECHO_DATA": str(tmp_path)}
    other = {"REECHO_LFW": str(tar(tmp_path / "other.tgz", lfw_like(16, 1)))}
    for environment, parameters, pictures in (
        (folders, {}, 20),
        (folders | other, {}, 16),
        (folders | other, {"lfw": archive}, 28),
    ):
        settings = resolve("01_data", {"dataset": "lfw", "pictures": 0, **parameters})
        assert len(load(**Places.of(environment).of_faces(settings))) == pictures


@pytest.mark.parametrize("dataset", ["auto", "lfw"])
def test_a_named_path_that_is_missing_is_an_error_and_no_fallback(tmp_path, dataset):
    tar(tmp_path / "lfw.tgz", lfw_like())
    with pytest.raises(ReechoError, match=r"gone\.tgz is not there, but lfw= or REECHO_LFW names it"):
        load(dataset, lfw=tmp_path / "gone.tgz", folder=tmp_path)


@pytest.mark.parametrize("name", ["lfw.tgz", "lfw-funneled.tgz", "lfw.tar.gz", "lfw-deepfunneled.zip", "lfw"])
def test_what_a_person_puts_into_the_data_folder_is_found(tmp_path, name, nowhere):
    pack = zipped if name.endswith(".zip") else unpacked if name == "lfw" else tar
    pack(tmp_path / name, lfw_like())
    faces = load("auto", folder=tmp_path, remote=nowhere)
    assert faces.name == "lfw" and faces.banner is None


def test_the_download_is_kept_and_not_repeated(tmp_path, archive):
    content = archive.read_bytes()
    with serving(content) as (url, asked):
        faces = load("auto", folder=tmp_path / "data", remote=remote_of(url, content))
        requests = len(asked)
        again = load("lfw", folder=tmp_path / "data", remote=remote_of(url, content))
    assert faces.name == "lfw" and len(faces) == 28 and again.digest == faces.digest
    assert (tmp_path / "data" / "lfw.tgz").read_bytes() == content
    assert len(asked) == requests == 2


def test_a_transfer_that_breaks_is_tried_again(tmp_path, archive):
    content = archive.read_bytes()
    with serving(content, broken=1) as (url, asked):
        faces = load("lfw", folder=tmp_path / "data", remote=remote_of(url, content))
    assert len(faces) == 28 and len(asked) == 3


def test_a_transfer_that_breaks_at_every_try_leaves_nothing(tmp_path, archive):
    content = archive.read_bytes()
    with serving(content, broken=9) as (url, asked), pytest.raises(ReechoError, match="Wild cannot be had: the download broke off"):
        load("lfw", folder=tmp_path / "data", remote=remote_of(url, content))
    assert len(asked) == 3
    assert not [path for path in (tmp_path / "data").rglob("*") if path.is_file()]


@pytest.mark.parametrize("dataset", ["auto", "lfw"])
def test_a_wrong_checksum_is_an_error_and_no_fallback(tmp_path, archive, dataset):
    content = archive.read_bytes()
    with serving(content) as (url, _), pytest.raises(ReechoError, match="checksum is wrong"):
        load(dataset, folder=tmp_path / "data", remote=sources.Remote(url, "0" * 64, tries=1))
    assert not (tmp_path / "data" / "lfw.tgz").exists()


def test_without_a_network_auto_draws_faces_and_says_so(tmp_path, nowhere):
    faces = load("auto", folder=tmp_path, pictures=30, remote=nowhere)
    assert faces.name == "synthetic" and "SYNTHETIC" in faces.banner and "--lfw" in faces.banner
    assert f"fetch {nowhere.url} in a browser" in faces.banner and str(tmp_path) not in faces.banner
    assert load("synthetic", folder=tmp_path, pictures=30).banner is None


def test_without_a_network_lfw_is_an_error(tmp_path, nowhere):
    with pytest.raises(ReechoError, match=r"Wild cannot be had: the download is out of reach .* put it into .* as lfw\.tgz"):
        load("lfw", folder=tmp_path, remote=nowhere)


def test_a_server_that_has_it_no_more_is_no_network(tmp_path):
    with serving(b"gone", status=404) as (url, _):
        assert load("auto", folder=tmp_path, pictures=30, remote=sources.Remote(url, "0" * 64)).banner


def test_a_challenge_at_once_is_no_network_and_the_address_to_fetch_by_hand_is_named(tmp_path):
    with serving(b"", status=202) as (url, asked):
        remote = sources.Remote(url, "0" * 64)
        with pytest.raises(ReechoError, match=rf"the server answered 202.* Fetch {url} in a browser and put it into .*lfw\.tgz"):
            load("lfw", folder=tmp_path, remote=remote)
        faces = load("auto", folder=tmp_path, pictures=30, remote=remote)
    assert faces.name == "synthetic" and "SYNTHETIC" in faces.banner and len(asked) == 2


def test_a_server_that_does_not_answer_is_given_up_on(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_PATIENCE", 0.3)
    release = threading.Event()

    class Silent(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            release.wait(10)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        with pytest.raises(sources.Unreachable):
            sources.download(tmp_path, sources.Remote(f"http://127.0.0.1:{server.server_port}/", "0" * 64))
    finally:
        release.set()
        server.shutdown()
        server.server_close()


def test_a_dataset_that_is_no_folder_is_an_error(tmp_path):
    with pytest.raises(ReechoError, match="neither auto, lfw or synthetic nor a folder"):
        load(str(tmp_path / "nowhere"), folder=tmp_path)


def test_the_pinned_download_is_scikit_learns():
    lfw = pytest.importorskip("sklearn.datasets._lfw")
    assert (sources.OFFICIAL.url, sources.OFFICIAL.sha256) == (lfw.ARCHIVE.url, lfw.ARCHIVE.checksum)


@pytest.mark.parametrize(
    "answers",
    [
        [(202, "application/gzip")],
        [(200, "application/gzip"), (202, "application/gzip")],
        [(200, "text/html")],
        [(200, "application/gzip"), (200, "text/html; charset=utf-8")],
    ],
    ids=["202", "202 later", "a page", "a page later"],
)
def test_a_challenge_in_place_of_the_archive_is_no_wrong_checksum(tmp_path, archive, answers):
    """A firewall may answer with 202 and nothing, or with a page, from the second question on as well."""
    content = archive.read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        asked = 0

        def do_GET(self):
            Handler.asked += 1
            status, kind = answers[min(Handler.asked, len(answers)) - 1]
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        remote = remote_of(f"http://127.0.0.1:{server.server_port}/lfw.tgz", content)
        with pytest.raises(ReechoError, match=rf"cannot be had: .* Fetch {remote.url} in a browser"):
            load("lfw", folder=tmp_path / "data", remote=remote)
        assert load("auto", folder=tmp_path / "data", pictures=30, remote=remote).name == "synthetic"
    finally:
        server.shutdown()

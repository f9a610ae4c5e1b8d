"""Archives are trusted in nothing: every bad one gives one clear sentence and leaves nothing behind."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
import zipfile

import numpy as np
import pytest
from packing import lfw_like, picture, tar, unpacked, zipped

from reecho.data import load
from reecho.data.archive import is_picture, open_source
from reecho.errors import ReechoError


@pytest.fixture
def refused(tmp_path):
    """Load an archive as LFW, return the one sentence that refuses it, and see that nothing was prepared."""

    def refuse(path):
        with pytest.raises(ReechoError) as caught:
            load("lfw", lfw=path, folder=tmp_path / "data")
        message = str(caught.value)
        assert "\n" not in message and message.endswith(".") and "Traceback" not in message
        assert not list((tmp_path / "data").glob("prepared/*"))
        return message

    return refuse


@pytest.mark.parametrize("name", ["../evil_0001.jpg", "lfw/../../evil.jpg", "/etc/evil.jpg", "C:/evil.jpg", "lfw\\..\\evil.jpg"])
@pytest.mark.parametrize("pack", [tar, zipped])
def test_a_path_that_leads_out_of_the_folder_is_refused(tmp_path, refused, pack, name):
    path = pack(tmp_path / "lfw.archive", {**lfw_like(), name: picture()})
    assert "leads out of its folder" in refused(path)
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path, refused, kind):
    info = tarfile.TarInfo("lfw/Person_AA/Person_AA_0009.jpg")
    info.type, info.linkname = kind, "/etc/passwd"
    assert "link, device" in refused(tar(tmp_path / "lfw.tgz", lfw_like(), extra=(info,)))


def test_a_link_in_a_zip_is_refused(tmp_path, refused):
    path = zipped(tmp_path / "lfw.zip", lfw_like())
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("lfw/Person_AA/Person_AA_0009.jpg")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert "link, device" in refused(path)


def test_a_bomb_in_a_zip_is_refused(tmp_path, refused):
    nothing = bytes(40 * 2**20)
    path = zipped(tmp_path / "lfw.zip", {**lfw_like(), "a.txt": nothing, "b.txt": nothing})
    assert path.stat().st_size < 2**20
    assert "bomb" in refused(path)


def test_a_picture_of_impossible_size_is_refused(tmp_path, refused):
    assert "a picture of 80 MiB" in refused(zipped(tmp_path / "lfw.zip", {**lfw_like(), "lfw/big.jpg": bytes(80 * 2**20)}))


def test_a_bomb_in_a_tar_is_refused_by_its_headers_before_it_is_unpacked(tmp_path, refused):
    info = tarfile.TarInfo("lfw/readme.txt")
    info.size = 2**40  # the header alone says so
    path = tar(tmp_path / "lfw.tgz", lfw_like(), extra=(info,))
    assert "bomb" in refused(path)


def test_a_bomb_inside_a_tars_own_headers_is_refused(tmp_path, refused):
    """A header's extension is read into memory by the tar reader itself, so its stream is bounded too."""
    info = tarfile.TarInfo("././@PaxHeader")
    info.type, info.size = tarfile.XHDTYPE, 2**30
    file = io.BytesIO()
    with gzip.open(file, "wb", compresslevel=1) as packed:
        packed.write(info.tobuf(tarfile.USTAR_FORMAT))
        for _ in range(160):
            packed.write(bytes(2**20))
    (tmp_path / "lfw.tgz").write_bytes(file.getvalue())
    assert "bomb" in refused(tmp_path / "lfw.tgz")


def test_far_too_many_members_are_refused(tmp_path, refused):
    many = tuple(tarfile.TarInfo(f"lfw/{number}") for number in range(3000))
    assert "bomb" in refused(tar(tmp_path / "lfw.tgz", {}, extra=many))


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_truncated_tar_is_refused(tmp_path, refused, mode, share):
    path = tar(tmp_path / "lfw.tar", lfw_like(), mode)
    whole = path.read_bytes()
    # a plain tar ends with kilobytes of zeros: cut into what matters
    path.write_bytes(whole[: int(len(whole.rstrip(b"\0")) * share)])
    assert "truncated or damaged" in refused(path)


def test_a_truncated_zip_is_refused(tmp_path, refused):
    path = zipped(tmp_path / "lfw.zip", lfw_like())
    path.write_bytes(path.read_bytes()[:-300])
    assert "truncated or damaged" in refused(path)


def test_a_broken_header_in_the_middle_of_a_tar_is_refused(tmp_path, refused):
    path = tar(tmp_path / "lfw.tar", lfw_like(), "w")
    data = bytearray(path.read_bytes())
    place = data.index(b"lfw/Person_AC/Person_AC_0001.jpg")
    data[place + 148 : place + 156] = b"junkjunk"  # the header's checksum
    path.write_bytes(data)
    assert "truncated or damaged" in refused(path)


def test_any_damage_ends_in_a_sentence_or_in_pictures(tmp_path):
    rng = np.random.default_rng(0)
    members = lfw_like(12, 1)
    for pack, name in ((tar, "lfw.tgz"), (zipped, "lfw.zip")):
        whole = pack(tmp_path / name, members).read_bytes()
        for _ in range(25):
            data = bytearray(whole)
            for place in rng.integers(0, len(data), 4):
                data[place] = rng.integers(0, 256)
            (tmp_path / name).write_bytes(data)
            try:
                source = open_source(tmp_path / name)
                assert all(isinstance(read, bytes | OSError) for _, read in source.read(source.members()))
            except ReechoError:
                pass


@pytest.mark.parametrize("content", [b"", b"<html>Sign in</html>", picture(), b"\x1f\x8b not gzip at all", b"PK\x03\x04 not zip"])
def test_a_file_that_is_no_archive_is_refused(tmp_path, refused, content):
    (tmp_path / "lfw.tgz").write_bytes(content)
    assert "lfw.tgz" in refused(tmp_path / "lfw.tgz")


def test_an_archive_of_something_else_is_refused(tmp_path, refused):
    assert "named as LFW's are" in refused(tar(tmp_path / "songs.tgz", {"songs/one.mp3": b"la", "songs/cover.jpg": picture()}))


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_whole_tar_gives_its_pictures_byte_for_byte(tmp_path, mode):
    members = lfw_like(12, 1)
    source = open_source(tar(tmp_path / "lfw.any", {**members, "lfw/README": b"no picture"}, mode))
    assert source.members() == sorted(members)
    assert dict(source.read(source.members())) == members


def test_a_whole_zip_and_a_folder_give_their_pictures_byte_for_byte(tmp_path):
    members = lfw_like(12, 1)
    for source in (open_source(zipped(tmp_path / "lfw.zip", members)), open_source(unpacked(tmp_path / "here", members))):
        assert source.members() == sorted(members)
        assert dict(source.read(source.members())) == members


def test_hidden_files_are_no_pictures():
    assert is_picture("lfw/Ada/Ada_0001.JPG")
    assert not any(map(is_picture, ["lfw/._Ada_0001.jpg", "__MACOSX/lfw/Ada_0001.jpg", "lfw/README", "lfw/jpg"]))

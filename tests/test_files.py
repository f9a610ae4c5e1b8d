"""Write aside, then rename: whole or not at all, and an error names what it is about."""

from __future__ import annotations

import errno

import pytest

from reecho.errors import ReechoError
from reecho.files import written_aside


def test_what_ends_in_the_middle_leaves_what_was_there(tmp_path):
    path = tmp_path / "folder" / "a.txt"
    with written_aside(path) as aside:
        aside.write_text("first", encoding="utf-8")
    with pytest.raises(KeyError), written_aside(path) as aside:
        aside.write_text("half of the sec", encoding="utf-8")
        raise KeyError
    assert path.read_text(encoding="utf-8") == "first" and list(path.parent.iterdir()) == [path]


def test_a_folder_takes_the_place_of_a_full_one(tmp_path):
    for content in ("old", "new"):
        with written_aside(tmp_path / "made") as aside:
            aside.mkdir()
            (aside / content).touch()
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["new"]


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_an_error_of_permission_names_the_folder_or_the_file_that_it_is_about(tmp_path, code):
    inside, elsewhere = tmp_path / "out" / ".a-1.txt", tmp_path / "pictures" / "b.jpg"
    for path in (inside, inside.parent, tmp_path, None):
        with pytest.raises(ReechoError, match=r"out cannot be written to\."), written_aside(tmp_path / "out" / "a.txt"):
            raise OSError(code, "no", *([str(path)] if path else []))
    with pytest.raises(ReechoError, match=r"b\.jpg may not be read or written\."), written_aside(tmp_path / "out" / "a.txt"):
        raise OSError(code, "no", str(elsewhere))


def test_a_full_disk_is_said(tmp_path):
    with pytest.raises(ReechoError, match="The disk is full"), written_aside(tmp_path / "a.txt"):
        raise OSError(errno.ENOSPC, "no space")

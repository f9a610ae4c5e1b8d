"""Where a set of faces comes from: a path that was named, the data folder, or a download with its checksum."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pooch
import requests

from reecho.data.archive import Folder, TarArchive, ZipArchive, open_source
from reecho.errors import ReechoError

Source = Folder | TarArchive | ZipArchive
_ENDINGS = (".tgz", ".tar.gz", ".zip", ".tar")
_PATIENCE = 3.0  # seconds for the first answer; where there is no network nobody wants to wait longer


class Unreachable(Exception):
    """A download that cannot be had at the moment.

    Args:
        why: as a part of a sentence.
        remedy: what to do instead, a sentence.
    """

    def __init__(self, why: str, remedy: str):
        super().__init__(why)
        self.remedy = remedy


@dataclass(frozen=True)
class Remote:
    """A file to download: its address, its sha256, the name that it gets, how often to try."""

    url: str
    sha256: str
    filename: str = "lfw.tgz"
    tries: int = 3


# LFW. Source: ARCHIVE in scikit-learn's sklearn/datasets/_lfw.py; the original host is gone.
OFFICIAL = Remote(
    "https://ndownloader.figshare.com/files/5976018", "055f7d9c632d7370e6fb4afc7468d40f970c34a80d4c6f50ffec63f5a8d536c0"
)


def named(lfw: str | os.PathLike | None) -> Source | None:
    """The source that was asked for, None where none was.

    Raises:
        ReechoError: nothing is there; a named path is never silently replaced by another source.
    """
    if not lfw:
        return None
    path = Path(lfw).expanduser()
    if not path.exists():
        raise ReechoError(
            f"{path} is not there, but lfw= or REECHO_LFW names it. Give the path of an LFW archive or folder, or none."
        )
    return open_source(path.resolve())


def put_there(folder: Path, names: Iterable[str]) -> Source | None:
    """What a person put into the data folder: an archive or a folder of one of some names, given without ending."""
    for name in names:
        for path in (*(folder / (name + ending) for ending in _ENDINGS), folder / name):
            if path.exists():
                return open_source(path.resolve())
    return None


def download(folder: Path, remote: Remote = OFFICIAL) -> Source:
    """Fetch an archive into the data folder: with a progress bar, a checksum, and further tries after a broken transfer.

    Args:
        folder: the data folder.
        remote: what to fetch.

    Returns:
        The archive.

    Raises:
        Unreachable: no network, no such server, or the transfer broke at every try.
        ReechoError: what came is not what was asked for, or the disk is full.
    """
    remedy = f"Fetch {remote.url} in a browser and put it into {folder} as {remote.filename}."
    if why := _knock(remote.url):
        raise Unreachable(f"the download is out of reach ({why})", remedy)
    folder.mkdir(parents=True, exist_ok=True)
    fetcher = pooch.create(
        path=folder, base_url="", registry={remote.filename: f"sha256:{remote.sha256}"}, urls={remote.filename: remote.url},
        retry_if_failed=remote.tries - 1,
    )  # fmt: skip
    try:
        return open_source(
            Path(
                fetcher.fetch(
                    remote.filename, downloader=pooch.HTTPDownloader(progressbar=True, timeout=30, hooks={"response": _only_files})
                )
            )
        )
    except requests.exceptions.RequestException as error:
        raise Unreachable(f"the download broke off at each of {remote.tries} tries ({_in_words(error)})", remedy) from error
    except ValueError as error:  # pooch's word for a wrong checksum
        raise ReechoError(
            f"What {remote.url} sent is not {remote.filename} (its checksum is wrong), so it was thrown away. "
            f"Try again later, or put the archive into {folder} as {remote.filename}."
        ) from error
    except OSError as error:
        raise ReechoError(f"{remote.filename} could not be written to {folder} ({error.strerror}). Is the disk full?") from error


def _in_words(error: requests.exceptions.RequestException) -> str:
    return str(error) if isinstance(error, requests.HTTPError) else type(error).__name__


def _only_files(answer: requests.Response, *_: Any, **__: Any) -> None:
    """Raise an error for what is no file, such as 202 with a firewall's challenge or a page; moved files are followed."""
    if not answer.is_redirect and (why := _no_file(answer)):
        raise requests.HTTPError(why)


def _no_file(answer: requests.Response) -> str:
    """Why an answer is no file, or "" where it may be one."""
    if answer.status_code != 200:
        return f"the server answered {answer.status_code}"
    return "the server sent a page" if answer.headers.get("Content-Type", "").startswith("text/html") else ""


def _knock(url: str) -> str:
    """Why a server does not answer within seconds, also where looking its name up hangs; "" where it answers."""
    answers: list[str] = []

    def ask() -> None:
        try:
            with requests.get(url, stream=True, timeout=_PATIENCE) as answer:
                answers.append(_no_file(answer))
        except requests.exceptions.RequestException as error:
            answers.append(f"no connection, {type(error).__name__}")

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_PATIENCE + 2)
    return answers[0] if answers else "no answer"

"""A real browser for tests: headless Chromium, driven by Playwright, that notes what a page asks for and complains of."""

from __future__ import annotations

import shutil
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def chromium() -> str | None:
    """The path of a Chromium on this machine, None where there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


class Browser:
    """Opens pages from disk, each in a context of its own.

    Args:
        playwright: from `playwright.sync_api.sync_playwright`.
    """

    def __init__(self, playwright):
        self.chromium = playwright.chromium.launch(executable_path=chromium(), args=list(_FLAGS))

    def open(self, path: Path, width: int = 1280, height: int = 800, dark: bool = False, **options):
        """A page of Playwright's; `page.asked` lists what it requested beside itself, `page.complaints` console errors.

        Args:
            path: an HTML file.
            width, height: of the window, pixels.
            dark: whether the reader prefers dark pages.
            options: of Playwright's `new_context`.
        """
        context = self.chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", **options
        )
        page, address = context.new_page(), Path(path).resolve().as_uri()
        page.asked, page.complaints = [], []
        page.on("request", lambda request: _note(page.asked, request.url, address))
        page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(address)
        return page


def _note(asked: list[str], url: str, address: str) -> None:
    if url.split("#")[0] != address and not url.startswith(("data:", "blob:")):
        asked.append(url)

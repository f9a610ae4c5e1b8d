"""What every page carries inside itself: style sheet, script, the font of its formulas, a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
STYLES = ("page.css",)  # files of templates/, in this order in every page
SCRIPTS = ("page.js",)
PLAY = "play.css", "play.js"  # in pages with figures to play with
FONT = "fonts/stix-two-math.woff2"


def joined(names: tuple[str, ...]) -> str:
    """The texts of some files of templates/, one after the other."""
    return "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def stylesheet(formulas: bool = False, plays: bool = False) -> str:
    """The style sheet of a page.

    Args:
        formulas: whether the page has any; then the font that they are set in comes first (80 kB).
        plays: whether it has figures to play with.
    """
    styles = joined((*STYLES, PLAY[0]) if plays else STYLES)
    if not formulas:
        return styles
    font = base64.b64encode((TEMPLATES / FONT).read_bytes()).decode()
    face = f'@font-face {{ font-family: "reecho formulas"; src: url(data:font/woff2;base64,{font}) format("woff2"); }}\n'
    return face + styles


def script(plays: bool = False) -> str:
    """The script of a page, and where it has figures to play with, theirs."""
    return joined((*SCRIPTS, PLAY[1]) if plays else SCRIPTS)


def policy(text: str = "") -> str:
    """A content security policy: a page may show what it holds, run the script that it was given, and ask no host for anything.

    Args:
        text: the script, letter for letter as it stands in the page; "" for a page without one.

    Example:
        >>> policy()
        "default-src 'none'; img-src data: blob:; font-src data:; style-src 'unsafe-inline'"
    """
    allowed = "default-src 'none'; img-src data: blob:; font-src data:; style-src 'unsafe-inline'"
    if not text:
        return allowed
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
    return f"{allowed}; script-src 'sha256-{digest}'"

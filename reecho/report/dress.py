"""What every page carries inside itself: style sheet, script, the font of its formulas, a policy that lets nothing else in."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import re
import unicodedata
from html import unescape
from pathlib import Path

from fontTools import subset

from reecho import palette

TEMPLATES = Path(__file__).parent / "templates"
STYLES = ("page.css",)  # files of templates/, in this order in every page
SCRIPTS = ("page.js",)
PLAY = "play.css", "play.js"  # in pages with figures to play with
FONT = "fonts/stix-two-math.woff2"


def joined(names: tuple[str, ...]) -> str:
    """The texts of some files of templates/, one after the other."""
    return "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def stylesheet(body: str = "", plays: bool = False) -> str:
    """The style sheet of a page.

    Args:
        body: HTML; where it has formulas, the font that they are set in comes first, cut down to what they need.
        plays: whether the page has figures to play with.
    """
    styles = palette.css() + "\n" + joined((*STYLES, PLAY[0]) if plays else STYLES)
    formulas = re.findall(r"<math\b.*?</math>", body, re.DOTALL)
    if not formulas:
        return styles
    font = base64.b64encode(font_of("".join(sorted(set(unescape(re.sub("<[^>]+>", "", "".join(formulas)))))))).decode()
    face = f'@font-face {{ font-family: "reecho formulas"; src: url(data:font/woff2;base64,{font}) format("woff2"); }}\n'
    return face + styles


@functools.lru_cache(maxsize=64)
def font_of(characters: str) -> bytes:
    """The font of the formulas as WOFF2, with these characters alone, their slanted and bold forms, and what they grow into."""
    options = subset.Options()
    options.flavor, options.layout_features, options.recalc_timestamp = "woff2", ["*"], False
    font = subset.load_font(TEMPLATES / FONT, options)
    # browsers take an x in a formula for the slanted one, which is a character of its own
    wanted = [code for code in font.getBestCmap() if set(unicodedata.normalize("NFKC", chr(code))) <= set(characters) or code == 32]
    wanted += [ord(character) for character in characters]
    cut = subset.Subsetter(options)
    cut.populate(unicodes=wanted)
    cut.subset(font)
    buffer = io.BytesIO()
    subset.save_font(font, buffer, options)
    return buffer.getvalue()


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

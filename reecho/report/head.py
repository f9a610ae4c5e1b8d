"""What stands in the head of every page: style sheet, scripts, the font of its formulas, a policy that lets nothing else in."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import re
import unicodedata
from collections.abc import Sequence
from html import unescape
from pathlib import Path

from fontTools import subset

from reecho import palette

TEMPLATES = Path(__file__).parent / "templates"
_NOTHING_ELSE = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data: blob:; font-src data:; style-src 'unsafe-inline'"
)
_FONT = TEMPLATES / "fonts" / "stix-two-math.woff2"


def template(name: str) -> str:
    """The text of a file of templates/."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def script_of(name: str) -> str:
    """A script of templates/ without lines of comments alone and without indents; no string in it goes over lines."""
    return re.sub(r"^ *(//.*\n)?", "", template(name), flags=re.MULTILINE)


def _short(css: str) -> str:
    """A style sheet without comments, and without space around braces and behind semicolons."""
    return re.sub(r"\s*([{}])\s*|(;)\s+", r"\1\2", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).replace(";}", "}").strip()


def stylesheet(body: str = "", *more: str) -> str:
    """The style sheet of a page, with the colours of the palette.

    Args:
        body: HTML; where it has formulas, the font that they are set in comes first, cut down to what they need.
        more: further style sheets.
    """
    styles = _short("\n".join([palette.css(), template("page.css"), *more]))
    formulas = re.findall(r"<math\b.*?</math>", body, re.DOTALL)
    if not formulas:
        return styles
    font = base64.b64encode(font_of("".join(sorted(set(unescape(re.sub("<[^>]+>", "", "".join(formulas)))))))).decode()
    face = f'@font-face {{ font-family: "reecho formulas"; src: url(data:font/woff2;base64,{font}) format("woff2"); }}\n'
    return face + styles


@functools.lru_cache(maxsize=64)
def font_of(characters: str) -> bytes:
    """The font of the formulas as WOFF2, with these characters alone, their slanted and bold forms, and what they grow into."""
    options = subset.Options(flavor="woff2", layout_features=["*"], recalc_timestamp=False)
    font = subset.load_font(_FONT, options)
    # browsers take an x in a formula for the slanted one, which is a character of its own
    forms = [code for code in font.getBestCmap() if set(unicodedata.normalize("NFKC", chr(code))) <= set(characters) or code == 32]
    cut = subset.Subsetter(options)
    cut.populate(unicodes=[*forms, *map(ord, characters)])
    cut.subset(font)
    buffer = io.BytesIO()
    subset.save_font(font, buffer, options)
    return buffer.getvalue()


def policy(scripts: Sequence[str] = ()) -> str:
    """A content security policy: a page may show what it holds, run the scripts that it has, and ask no host for anything.

    Args:
        scripts: letter for letter as they stand in the page.

    Example:
        >>> policy(["1 + 1"]).startswith(f"{policy()}; script-src 'sha256-")
        True
    """
    digests = [base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode() for script in scripts]
    return "; script-src".join([_NOTHING_ELSE, "".join(f" 'sha256-{digest}'" for digest in digests)][: 1 + bool(digests)])

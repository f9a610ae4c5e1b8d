"""Characters that none of the book's fonts has."""

from __future__ import annotations

import functools
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

STAND_IN = "□"
FONTS: dict[str, Any] = {"ignore_system_fonts": True, "format": "pdf"}  # typst's own, so that a book looks the same everywhere


def with_stand_ins(text: str) -> tuple[str, str]:
    """A text whose characters can all be set, and a sentence on those that could not; "" where all could.

    Without this a book has boxes, and is no longer one that a screen reader can read.

    Args:
        text: typst's source.

    Example:
        >>> with_stand_ins("naïve 顔")[0]
        'naïve □'
    """
    lacking = _lacking("".join(sorted({character for character in text if ord(character) > 126})))
    if not lacking:
        return text, ""
    named = ", ".join(f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip() for character in lacking[:3])
    count = f"{len(lacking)} character{'s' * (len(lacking) > 1)} that its fonts lack"
    sentence = f"{STAND_IN} stands in this book for {count}, such as {named}. "
    sentence += "The HTML pages show them, with a font of the reader's machine."
    return text.translate(dict.fromkeys(map(ord, lacking), STAND_IN)), sentence


@functools.lru_cache(maxsize=8)
def _lacking(characters: str) -> str:
    if not characters or _can_be_set(characters):
        return ""
    return "".join(character for character in characters if not _can_be_set(character))


def _can_be_set(characters: str) -> bool:
    """Whether typst makes an accessible PDF of them, which it refuses where a character has no shape."""
    with TemporaryDirectory(prefix="reecho-") as folder:
        main = Path(folder) / "main.typ"
        main.write_text(f'#set document(title: "-")\n#set text(lang: "en")\n#"{characters}"', encoding="utf-8")
        try:
            typst.compile(main, root=folder, pdf_standards=["ua-1"], **FONTS)
        except typst.TypstError:
            return False
    return True

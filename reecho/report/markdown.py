"""Markdown through pandoc: read as a tree, changed there, written as HTML or as typst."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pandocfilters
import pypandoc

Block = dict[str, Any]  # of pandoc's tree, as its JSON has it
Change = Callable[..., Any]  # (kind, content, format, metadata) → what takes an element's place, None to leave it
_READ = "commonmark_x"  # what JupyterLab reads, with formulas, tables and anchors
_WIDE = ("--columns=10000", "--wrap=none")  # pandoc gives the columns of tables with longer lines odd widths
_MARK = "<!--reecho-->"  # stands between texts that are read or written together
_HOLDERS = ("Para", "Plain", "Emph", "Strong")  # elements that hold words
_WORD, _NUMBER = re.compile(r"(.*\b|)([Nn])otebook"), re.compile(r"(\d\d)(\D.*)?")  # "notebook 03" without the space between
_SIGNS = frozenset(("−", "+", "=", "·", "×", "/", "<", ">", "≤", "≥", "≈"))
_LEADS = _SIGNS | {"ln", "½"}  # what a formula goes on behind
_ONE_LINE = 24  # letters of a formula in the text that stay in one line, at most
# Formulas without a space, names such as U-Net, dates: a line may end behind their strokes and hyphens
_WHOLE = re.compile(r"(?=.*[Ͱ-Ͽ√²³½])\S*/\S+|\W*[A-Z]-[A-Z]\w*\W*|\W*\d{4}-\d\d-\d\d\W*")
_NOTEBOOK = re.compile(r"(?![a-z]+:)(?:.*/)?([^/#]+)\.ipynb(#.*)?")  # the target of a link to another notebook


def read(texts: Sequence[str]) -> list[list[Block]]:
    """The blocks of several Markdown texts, read with one call; links and footnotes of one may be defined in another.

    Example:
        >>> [[block["t"] for block in blocks] for blocks in read(["# A", "b"])]
        [['Header'], ['Para']]
    """
    if not texts:
        return []
    parts: list[list[Block]] = [[]]
    for block in _tree(f"\n\n{_MARK}\n\n".join(texts)):
        if block["t"] == "RawBlock" and block["c"][1].strip() == _MARK:
            parts.append([])
        else:
            parts[-1].append(block)
    if len(parts) != len(texts):  # a fence that is never closed swallows the texts after it
        return [_tree(text) for text in texts]
    return parts


def change(blocks: list[Block], *changes: Change) -> list[Block]:
    """The blocks with each element, at any depth, as the changes give it."""
    for step in changes:
        blocks = pandocfilters.walk(blocks, step, "", {})
    return blocks


def html(parts: Sequence[list[Block]]) -> list[str]:
    """HTML of several parts, formulas as MathML; the last one ends with the footnotes of all."""
    blocks = [block for part in parts for block in (pandocfilters.RawBlock("html", _MARK), *part)]
    return [text.strip() for text in _written(blocks, "html5", "--mathml").split(_MARK)[1:]]


def typst(blocks: list[Block]) -> str:
    """Blocks as typst."""
    return _written(blocks, "typst")


def text(blocks: list[Block]) -> str:
    """Blocks as the Markdown that `read` reads."""
    return _written(blocks, _READ)


def plain_of_html(text: str) -> str:
    """The words of a piece of HTML, without what is no text, such as styles."""
    return pypandoc.convert_text(text, "plain", "html", extra_args=["--wrap=none"]).strip()


def table_of_html(text: str) -> str:
    """A table of HTML, such as pandas has, as Markdown."""
    return pypandoc.convert_text(text, _READ, "html-native_divs-native_spans", extra_args=_WIDE)


def links(target: Callable[[str, str], str]) -> Change:
    """A change of links between notebooks.

    Args:
        target: (the notebook's file name without suffix, "#anchor" or "") → where the link leads instead.
    """

    def step(kind: str, content: Any, *_: Any) -> Block | None:
        match = _NOTEBOOK.fullmatch(content[2][0]) if kind == "Link" else None
        return match and pandocfilters.Link(content[0], content[1], [target(match[1], match[2] or ""), ""])

    return step


def unbroken(whole: Callable[[Block], Block | list[Block]]) -> Change:
    """A change after which no line ends within a short formula such as "1 − σ²/λ", before "%", or within "U-Net".

    Args:
        whole: a word of which no line may break a part off → what stands in its place.
    """

    def step(kind: str, content: Any, *_: Any) -> Block | None:
        if kind not in _HOLDERS:
            return None
        words: list[Block] = []
        length = 0  # of the line that must not end, so far
        for before, element, after in zip([None, *content], content, [*content[1:], None], strict=False):
            text = element["c"] if element["t"] == "Str" else ""
            if element["t"] == "Space" and length < _ONE_LINE and _belongs(before, after):
                element, text = pandocfilters.Str("\u00a0"), "\u00a0"
            length = 0 if element["t"] == "Space" else length + len(text)
            replaced = whole(element) if _WHOLE.fullmatch(text) else element
            words += replaced if isinstance(replaced, list) else [replaced]
        return {"t": kind, "c": words} if words != content else None

    return step


def _belongs(before: Block | None, after: Block | None) -> bool:
    """Whether what stands before a space and behind it is one formula, or a number and its per cent."""
    left, right = (each["c"] if each and each["t"] == "Str" else "" for each in (before, after))
    if right.startswith("%"):
        return left[-1:].isdigit()
    left = left.lstrip("(")
    return (left in _LEADS and not right.startswith("[")) or right in _SIGNS


def numbers(target: Callable[[str], tuple[str, str, str] | None]) -> Change:
    """A change of words such as "notebook 03", linked or not, for readers who see no file names.

    Args:
        target: the number, two digits → (words before the link, "" or with a space behind them, the link's text, where it leads);
            None leaves the words as they are.
    """

    def step(kind: str, content: Any, *_: Any) -> Block | None:
        if kind not in _HOLDERS:
            return None
        words: list[Block] = []
        for element in content:
            words.append(element)
            if element["t"] == "Link":
                linked = element["c"][1]
                if (named := _named(linked, target)) and len(linked) == 3:
                    words[-1:] = named
            elif named := _named(words[-3:], target):
                words[-3:] = named
        return {"t": kind, "c": words} if words != content else None

    return step


def _named(words: Sequence[Block], target: Callable[[str], tuple[str, str, str] | None]) -> list[Block] | None:
    """What stands for the elements "notebook", space and "03", with what is written together with them; None for other elements."""
    if [word["t"] for word in words] not in (["Str", "Space", "Str"], ["Str", "SoftBreak", "Str"]):
        return None
    word, number = _WORD.fullmatch(words[0]["c"]), _NUMBER.fullmatch(words[2]["c"])
    if not word or not number or not (named := target(number[1])):
        return None
    before, text, href = named
    if word[2] == "N":
        before, text = (before.capitalize(), text) if before else (before, text.capitalize())
    link = pandocfilters.Link(["", [], []], [pandocfilters.Str(text)], [href, ""])
    return [pandocfilters.Str(word[1] + before), link, pandocfilters.Str(number[2] or "")]


def _tree(text: str) -> list[Block]:
    return json.loads(pypandoc.convert_text(text, "json", _READ, extra_args=_WIDE))["blocks"]


@functools.cache
def _version() -> list[int]:
    return json.loads(pypandoc.convert_text("", "json", _READ))["pandoc-api-version"]


def document(blocks: Sequence[Block]) -> dict[str, Any]:
    """Blocks as a whole document of pandoc's."""
    return {"pandoc-api-version": _version(), "meta": {}, "blocks": list(blocks)}


def _written(blocks: Sequence[Block], to: str, *options: str) -> str:
    options = (*options, "--wrap=none", "--syntax-highlighting=none")
    return pypandoc.convert_text(json.dumps(document(blocks)), to, "json", extra_args=options)

"""Pictures that were pasted into a cell of text, taken out of it however its Markdown shows them."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import unquote

import pandocfilters

from reecho.report import markdown
from reecho.report.markdown import Block

_SCHEME = "attachment:"


class Pasted(NamedTuple):
    """A picture that a cell shows: its alt text, and its contents by media type."""

    alt: str
    bundle: Mapping[str, Any]


def taken_out(source: str, attachments: Mapping[str, Mapping[str, Any]]) -> list[str | Pasted]:
    """The text of a cell and its pasted pictures, in order.

    Args:
        source: Markdown.
        attachments: the cell's, name → media type → content.

    Returns:
        Markdown without the pictures, and each of these behind the paragraph that shows it. Where the cell has no such picture, its
        text says so.
    """
    if _SCHEME not in source:
        return [source]
    held: list[str | Pasted] = []
    text: list[Block] = []
    for block in markdown.read([source])[0]:
        taken = _Taken(attachments)
        text += [left for left in markdown.change([block], taken) if not _is_empty(left)]
        if taken.pasted:
            held += [*([markdown.text(text).strip()] if text else []), *taken.pasted]
            text = []
    return held + ([markdown.text(text).strip()] if text else [])


class _Taken:
    """A change of pandoc's tree that takes pictures out and keeps them in `pasted`."""

    def __init__(self, attachments: Mapping[str, Mapping[str, Any]]):
        self.attachments = attachments
        self.pasted: list[Pasted] = []

    def __call__(self, kind: str, content: Any, *_: Any) -> Block | list[Block] | None:
        if kind == "Image" and content[2][0].startswith(_SCHEME):
            return self._instead(content[2][0], pandocfilters.stringify(content[1]))
        if kind == "Link" and content[2][0].startswith(_SCHEME):  # JupyterLab opens the picture
            words = pandocfilters.stringify(content[1])
            words = "" if words.startswith(_SCHEME) else words
            return self._instead(content[2][0], words) or (content[1] if words else [])
        if kind == "Link" and any(inline["t"] == "Image" for inline in content[1]):  # a link needs words when its picture has gone
            words = pandocfilters.stringify(content[1]) or content[2][0]
            left = [inline for inline in markdown.change(content[1], self) if not _is_empty(inline)]
            return pandocfilters.Link(content[0], left or [pandocfilters.Str(words)], content[2])
        if kind in ("RawInline", "RawBlock") and content[0] == "html":
            tags = _Tags(content[1])
            here = [tag for tag in tags.pictures if tag.get("src", "").startswith(_SCHEME)]
            if here:
                left = [inline for tag in here for inline in self._instead(tag["src"], tag.get("alt", ""))]
                return left if kind == "RawInline" else [pandocfilters.Para(left)]
        return None

    def _instead(self, address: str, alt: str) -> list[Block]:
        name = unquote(address.removeprefix(_SCHEME))
        if bundle := self.attachments.get(name):
            self.pasted.append(Pasted(alt, bundle))
            return []
        return [pandocfilters.Emph([pandocfilters.Str(f"(The picture {name} is not in this notebook.)")])]


class _Tags(HTMLParser):
    """The attributes of all `<img>` in a piece of HTML."""

    def __init__(self, html: str):
        super().__init__()
        self.pictures: list[dict[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.pictures.append({name: value or "" for name, value in attrs})


def _is_empty(element: Block) -> bool:
    """Whether nothing is left of a paragraph, or of a piece of one, once its pictures were taken out."""
    if element["t"] in ("Space", "SoftBreak", "LineBreak"):
        return True
    return element["t"] in ("Para", "Plain", "Link", "Emph", "Strong") and all(map(_is_empty, _inlines(element)))


def _inlines(element: Block) -> list[Block]:
    return element["c"][1] if element["t"] == "Link" else element["c"]

"""Terms of the glossary in a page's text: where one first stands, its definition shows on hover and on focus."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from reecho.glossary import GLOSSARY, Term

_PARTS = re.compile(r"(<[^>]*>)")
_FORMS: dict[str, Term] = {form: term for term in GLOSSARY for form in (term.name, *term.forms)}
_WORDS = re.compile(rf"(?<![\w-])(?<!learning )(?:{'|'.join(sorted(map(re.escape, _FORMS), key=len, reverse=True))})(?![\w-])")
_NOT_WITHIN = ("a", "code", "math", "pre", "h1", "h2", "h3", "h4", "table", "button")  # where no definition is looked for


def marked(bodies: Sequence[str]) -> list[str]:
    """Pieces of HTML with the first place of each term of the glossary marked up, over all pieces.

    Args:
        bodies: HTML as `html.markdown_to_html` gives it, in the order in which it is read.
    """
    seen: set[str] = set()
    return [_marked(body, seen) if "<p>" in body or "<li>" in body else body for body in bodies]


def _marked(body: str, seen: set[str]) -> str:
    depth, within = 0, 0
    parts = _PARTS.split(body)
    for place, part in enumerate(parts):
        if place % 2:
            closing, tag = part.startswith("</"), re.match(r"</?([a-zA-Z0-9]+)", part)
            name = tag[1].lower() if tag else ""
            if name in _NOT_WITHIN:
                depth += -1 if closing else 1
            if name in ("p", "li"):
                within += -1 if closing else 1
        elif part and not depth and within:
            parts[place] = _WORDS.sub(lambda match: _defined(match[0], seen), part)
    return "".join(parts)


def _defined(form: str, seen: set[str]) -> str:
    term = _FORMS[form]
    if term.name in seen:
        return form
    seen.add(term.name)
    number = f"definition-{len(seen)}"
    text = escape(f"{term.name}: {term.definition}" if form != term.name else term.definition)
    return (
        f'<span class="term"><dfn tabindex="0" aria-describedby="{number}">{form}</dfn>'
        f'<span class="definition" role="tooltip" id="{number}">{text}</span></span>'
    )

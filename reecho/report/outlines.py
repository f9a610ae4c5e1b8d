"""Figures of `plots.to_svg` in half the bytes: the same lines and letters, to a hundredth of a dot on a screen.

matplotlib writes each letter as an outline of its own scale, in steps of 1/6400 of the letters' size, and each place with a name
for it that no page needs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

_STEP = 16  # of matplotlib's steps: an outline's, 1/400 of the letters' size, which is .03 dots of a screen
_ADVANCE = 64 / _STEP  # of an outline's steps in a step of the places of letters
_GLYPH = r'<path id="([\w-]+)" transform="scale\(.015625\)" d="([^"]*)"/>'
_USE = r'<use(?: transform="translate\(([^)]*)\)")? xlink:href="#([\w-]+)"/>'
_TEXT = re.compile(
    rf'<g transform="([^"]*?) ?scale\((\d*\.?\d+) -\2\)"( style="[^"]*")?>(<defs>(?:{_GLYPH})*</defs>)?((?:{_USE})+)</g>'
)
_COMMAND = re.compile(r"([mlhvqtcz])([^mlhvqtcz]*)")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_STYLE = re.compile(r' style="([^"]*)"')
_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_Letter = tuple[str, float, float]  # its outline's name, its place in outlines' steps, y downwards


def smaller(svg: str) -> str:
    """The figure with outlines in whole steps, words and styles that come again written once, and short names of places.

    Args:
        svg: of `plots.to_svg`; what is not written as it writes it stays as it is.
    """
    svg = _short_places(_with_classes(_with_words(svg)))
    for needless in (' xmlns:xlink="http://www.w3.org/1999/xlink"', ' version="1.1"', ' type="text/css"'):
        svg = svg.replace(needless, "")
    return svg.replace("xlink:href", "href")


def _with_words(svg: str) -> str:
    """Letters in whole steps, each outline and each word that comes again once."""
    outlines = dict(re.findall(_GLYPH, svg))
    texts = list(_TEXT.finditer(svg))
    inside = sum(text[0].count('scale(.015625)"') for text in texts)
    if not texts or inside != len(re.findall(r"scale\(.015625\)", svg)):
        return svg
    words = [list(_words(text, outlines)) for text in texts]
    count = Counter(_spelt(word) for text in words for word in text)
    names: dict[tuple[_Letter, ...], str] = {}
    for word, times in count.items():
        if len(word) > 1 and times > 1:
            names[word] = f"w{len(names)}"
    held = "".join(f'<path id="{name}" d="{_in_steps(path)}"/>' for name, path in outlines.items() if path)
    held += "".join(f'<g id="{name}">{"".join(map(_placed, word))}</g>' for word, name in names.items())
    shown = iter(zip(texts, words, strict=True))

    def written(match: re.Match[str]) -> str:
        _, text = next(shown)
        uses = ""
        for word in text:
            spelt, (_, x, y) = _spelt(word), word[0]
            uses += _placed((names[spelt], x, y)) if spelt in names else "".join(map(_placed, word))
        if not uses:
            return ""
        return f'<g transform="{match[1]}scale({_short(float(match[2]) / _ADVANCE, 6)})"{match[3] or ""}>{uses}</g>'

    svg = _TEXT.sub(written, svg)
    return re.sub(r"(<svg\b[^>]*>)", lambda opening: f"{opening[1]}<defs>{held}</defs>", svg, count=1)


def _words(text: re.Match[str], outlines: dict[str, str]) -> Iterator[list[_Letter]]:
    """The words of a text, which end where a letter has no outline."""
    word: list[_Letter] = []
    for place, name in re.findall(_USE, text[0]):
        x, y = (*map(float, _NUMBER.findall(place)), 0.0, 0.0)[:2]
        if outlines.get(name):
            word.append((name, x * _ADVANCE, -y * _ADVANCE))
        elif word:
            yield word
            word = []
    if word:
        yield word


def _spelt(word: list[_Letter]) -> tuple[_Letter, ...]:
    """A word with its first letter at 0, in whole steps."""
    _, left, top = word[0]
    return tuple((name, float(round(x - left)), float(round(y - top))) for name, x, y in word)


def _placed(letter: _Letter) -> str:
    name, x, y = letter
    places = "".join(f' {axis}="{round(value)}"' for axis, value in (("x", x), ("y", y)) if round(value))
    return f'<use{places} xlink:href="#{name}"/>'


def _in_steps(path: str) -> str:
    """An outline in whole steps, y downwards: each point is rounded where it lies, so that errors do not add up."""
    at, start, written, control, last = (0.0, 0.0), (0.0, 0.0), (0, 0), None, ""
    out: list[str] = []

    def whole(point: tuple[float, float]) -> tuple[int, int]:
        return round(point[0] / _STEP), round(-point[1] / _STEP)

    def add(command: str, *points: tuple[int, int]) -> None:
        nonlocal written, last
        pairs = [(x - written[0], y - written[1]) for x, y in points]
        written = points[-1]
        if command == "l":
            ((x, y),) = pairs
            if not (x or y):
                return
            command, numbers = ("h", [x]) if not y else ("v", [y]) if not x else ("l", [x, y])
        else:
            numbers = [number for pair in pairs for number in pair]
        text = "".join(f" {number}" if number >= 0 and place else str(number) for place, number in enumerate(numbers))
        out.append((" " if last == command and numbers[0] >= 0 else "") + text if last == command else command + text)
        last = command

    for command, values in _COMMAND.findall(path):
        numbers = list(map(float, _NUMBER.findall(values)))
        if command == "z":
            out.append("z")
            at, written, control, last = start, whole(start), None, "z"
            continue
        width = {"h": 1, "v": 1, "q": 4, "c": 6}.get(command, 2)
        for place in range(0, len(numbers), width):
            part = numbers[place : place + width]
            if command in "hv":
                part = [part[0], 0.0] if command == "h" else [0.0, part[0]]
            points = [(at[0] + x, at[1] + y) for x, y in zip(part[::2], part[1::2], strict=True)]
            if command == "t":
                points.insert(0, (2 * at[0] - control[0], 2 * at[1] - control[1]) if control else at)
            kind = {"q": "q", "t": "q", "c": "c"}.get(command, "l")
            if command == "m" and place == 0:
                kind, start = "m", points[-1]
            add(kind, *map(whole, points))
            at, control = points[-1], points[0] if kind == "q" else None
    return "".join(out)


def _with_classes(svg: str) -> str:
    """Styles that come three times and more as classes."""
    count = Counter(_STYLE.findall(svg))
    often = [style for style, times in count.items() if times > 2]
    if not often or "class=" in svg or len(often) > len(_NAMES):
        return svg
    names = dict(zip(often, _NAMES, strict=False))
    svg = _STYLE.sub(lambda match: f' class="{names[match[1]]}"' if match[1] in names else match[0], svg)
    sheet = "".join(f".{name}{{{style}}}" for style, name in names.items())
    return re.sub(r"(<svg\b[^>]*>)", lambda opening: f"{opening[1]}<style>{sheet}</style>", svg, count=1)


def _short_places(svg: str) -> str:
    """Places of marks to a hundredth of a point."""
    return re.sub(
        r'(?<=<use )x="([-\d.]+)" y="([-\d.]+)"', lambda match: f'x="{_short(float(match[1]))}" y="{_short(float(match[2]))}"', svg
    )


def _short(number: float, digits: int = 2) -> str:
    """A number without zeros that say nothing.

    Example:
        >>> _short(0.5), _short(-0.25), _short(12.0)
        ('.5', '-.25', '12')
    """
    text = f"{number:.{digits}f}".rstrip("0").rstrip(".")
    return re.sub(r"^(-?)0\.", r"\1.", text) if text not in ("", "-0") else "0"

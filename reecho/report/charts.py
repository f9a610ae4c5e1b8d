"""Charts that follow the reader: light on a light page, dark on a dark one, with the same colours for the same methods."""

from __future__ import annotations

import re

# The drawing style's greys and what stands for them on a dark page. The colours of methods stay, for captions name them; only the
# two blues become lighter, so that their letters are read.
_INKS = {
    "#222222": "#dfe3e7", "#000000": "#dfe3e7", "#444444": "#c3cad1", "#5a5a5a": "#aab3bc", "#6b7780": "#98a4ae",
    "#0072b2": "#3d95d4", "#56b4e9": "#9bd7f7",
}  # fmt: skip
_LINES = {"#e6e6e6": "#2c3238", "#9a9a9a": "#6f7982", "#8a8a8a": "#8a8a8a", "#ffffff": "#15181b"}
_GROUND = '[id="patch_1"] > path, [id^="axes_"] > g:first-child > path'
_PAPER = "#15181b"


def follows_the_reader(svg: bytes) -> bytes:
    """A chart drawn by matplotlib with rules for dark pages put into it; any other SVG as it is.

    Args:
        svg: a whole SVG file.

    Returns:
        The same drawing, whose paper and inks change where the reader prefers dark pages, though not in print.

    Example:
        >>> follows_the_reader(b"<svg><rect/></svg>")
        b'<svg><rect/></svg>'
    """
    text = svg.decode("utf-8")
    if not re.search(r'<g id="patch_1">\s*<path [^>]*style="fill: #ffffff"', text):
        return svg
    rules = [f"{_GROUND} {{ fill: {_PAPER} !important }}"]
    for kind, colours in (("fill", _INKS), ("stroke", _INKS | _LINES)):
        found = {old: new for old, new in colours.items() if f"{kind}: {old}" in text}
        rules += [f'[style*="{kind}: {old}"] {{ {kind}: {new} !important }}' for old, new in found.items()]
    # letters on a light bar bring their ground along, a rim of paper; its width is in units of the glyphs, some 800 a dot
    rules.append(f'[id^="text_"] [style*="fill: #222222"] {{ stroke: {_PAPER}; stroke-width: 2000; paint-order: stroke }}')
    style = f"<style>@media screen and (prefers-color-scheme: dark) {{ {' '.join(rules)} }}</style>"
    return re.sub(r"(<svg\b[^>]*>)", lambda found: found[1] + style, text, count=1).encode("utf-8")

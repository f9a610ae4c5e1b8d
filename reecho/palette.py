"""Every colour of figures, pages, widgets and the book, for light and for dark pages; no other file of the package has one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import MappingProxyType

# name → (on light pages and in print, on dark pages). Names of the series are those of Okabe & Ito (2008), chosen for all kinds of
# colour vision; tests/test_palette.py simulates three of them, and grey. No two light colours are alike: `themed` goes by them.
COLOURS = MappingProxyType({
    "paper": ("#ffffff", "#15181b"), "ink": ("#1c2024", "#dfe3e7"), "muted": ("#586069", "#9da7b1"),
    "line": ("#dde1e6", "#363c43"), "soft": ("#f4f6f8", "#1e2226"), "shade": ("#141e2829", "#00000099"),
    "link": ("#0a5a94", "#7cbdf0"), "alarm": ("#a61b10", "#ffa99f"), "alarm-paper": ("#fff0ee", "#3a1512"),
    "ours": ("#b34700", "#f39c5b"),  # of words about our networks
    "keyword": ("#7b1fa2", "#d6a3ec"), "string": ("#1b6e3c", "#8fd3a4"), "number": ("#8f4a00", "#f0b27a"),  # of code
    "edge": ("#9a9a9a", "#6f7982"), "others": ("#6b7780", "#717c86"),  # axes and rules; methods that are not ours
    "blue": ("#0072b2", "#4f7db9"), "vermilion": ("#d55e00", "#d55f06"), "green": ("#009e73", "#0d9f72"),
    "purple": ("#cc79a7", "#c987b3"), "orange": ("#e69f00", "#e89f10"), "sky": ("#56b4e9", "#78bfff"),
    # parts of a bar, and letters on them
    "pale": ("#b9bec2", "#b9bec2"), "sand": ("#e3d3a5", "#e3d3a5"), "on-pale": ("#1d2125", "#1d2125"),
})  # fmt: skip
# The same on light and dark pages: the ground of pictures, whose own colours do not follow the page, and lines across them.
FIXED = MappingProxyType({"sheet": "#fff", "mark": "#000"})
LIGHT = MappingProxyType({name: light for name, (light, _) in COLOURS.items()})
DARK = MappingProxyType({name: dark for name, (_, dark) in COLOURS.items()})

# A figure takes its series in this order: the first four are the farthest apart. In grey some are alike, so that a mark or dashes
# tell series apart as well.
SERIES = ("blue", "vermilion", "ink", "sky", "purple", "green", "orange")
PARTS = ("pale", "blue", "sky", "vermilion", "sand")  # of a stacked bar
DARK_PARTS = ("blue", "vermilion")  # letters in the colour of the paper are read on these
DIVERGING = "RdBu_r"  # matplotlib's map of signed differences: blue is below, red above


def css(names: Iterable[str] = (*COLOURS, *FIXED)) -> str:
    """Colours as custom properties of CSS, `--ink` and so on; dark ones where the reader prefers these, though not in print.

    Args:
        names: of COLOURS and FIXED.

    Example:
        >>> css(["ink"])
        ':root{--ink:#1c2024}@media screen and (prefers-color-scheme:dark){:root{--ink:#dfe3e7}}'
    """
    names = list(names)
    light = ";".join(f"--{name}:{(LIGHT | FIXED)[name]}" for name in names)
    dark = ";".join(f"--{name}:{DARK[name]}" for name in names if name in DARK)
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"


def themed(svg: str) -> str:
    """A figure of `plots.to_svg` that follows the reader's preference for dark pages; with letters in none of our inks as it is.

    Args:
        svg: a whole file whose colours stand in `style` attributes, which alone know custom properties.
    """
    names = {light: name for name, light in LIGHT.items() if light in svg}
    if not names or ("<use" in svg and not {"ink", "muted"} & set(names.values())):
        return svg
    svg = re.sub("|".join(names), lambda match: f"var(--{names[match[0]]})", svg)
    return re.sub(r"(<svg\b[^>]*>)", lambda match: f"{match[1]}<style>{css(names.values())}</style>", svg, count=1)

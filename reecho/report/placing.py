"""Where the book's figures and tables stand: in the text where they fit, else at the top of a later page, with text flowing on."""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

PLACES = "places.json"  # beside the text: number → what `movable` in book.typ does with the figure of that number
_SIZES = ("chapter", "height", "shrinks", "least", "width", "size")  # are measured once
_LEAST = 0.82  # a figure may be made smaller down to this, where it then stands in its place
_SCALES = (0.95, 0.9, 0.85)  # of all figures of a chapter, where that saves a page
_POOR = 240.0  # points of text, of 700; a chapter's last page with less is one to save
_WAIT = (140.0, 280.0)  # points of a page that may stay empty so that a figure needs not wait for one that waits; for a page more
_STEPS = 200  # no chapter has so many figures


def place_figures(main: Path) -> None:
    """Decide for each figure of a book and write it beside its text.

    typst tells where a figure that is not decided yet would begin, and how much it takes; what is decided changes where the
    next one begins. So the first undecided one of every chapter is decided, and typst is asked again. Where a chapter's last
    page then holds little, its figures are made a little smaller.

    Args:
        main: the text for typst; PLACES is written into its folder.
    """
    _write(main, {})
    layout = _Layout(main, typst.Compiler(main, root=main.parent, ignore_system_fonts=True))
    try:
        layout.settle()
        layout.end_with_text()
        poor = layout.poor()
        for scale in _SCALES:
            before, pages = copy.deepcopy(layout.places), layout.pages()
            layout.scale(poor, scale)
            layout.settle()
            saved = {chapter for chapter in poor if layout.pages()[chapter] < pages[chapter]}
            for number, known in before.items():
                if known["chapter"] in poor - saved:
                    layout.places[number] = known
            poor -= saved
            if not poor:
                break
        layout.look()
    except RuntimeError:  # a text that cannot be set: compiling it says so
        _write(main, {})


def decide(spot: Mapping[str, Any], landed: int) -> dict[str, Any]:
    """What to do with one figure.

    Args:
        spot: "page" and "room", points, where it would begin; "height", points, of all of it and "shrinks" of what may be made
            smaller; "least", points, what of it must stay together where it may break over pages, else 0; "scale", of its
            chapter's figures.
        landed: the page of the chapter's last float so far.

    Returns:
        "factor": its own scale, and "floats": whether to the top of a page; or "flush": the text waits here for the figures
        before, then it is asked for again.

    Example:
        >>> spot = {"page": 3, "room": 400, "height": 300, "shrinks": 250, "least": 0}
        >>> decide(spot, 2), decide(spot, 4)
        ({'factor': 1.0, 'floats': False}, {'factor': 1.0, 'floats': True})
        >>> decide(spot | {"room": 260}, 2), decide(spot | {"room": 100}, 2), decide(spot | {"room": 100}, 4)
        ({'factor': 0.84, 'floats': False}, {'factor': 1.0, 'floats': True}, {'flush': True})
    """
    scale = spot.get("scale", 1.0) if spot["shrinks"] else 1.0
    late = landed - spot["page"]
    if late > 0 and "flush" not in spot and spot["room"] < _WAIT[late > 1]:
        return {"flush": True}
    if spot["least"]:
        return {"factor": scale, "floats": False}
    if late > 0:
        return {"factor": scale, "floats": True}  # figures keep their order
    over = spot["height"] - spot["shrinks"] * (1 - scale) - spot["room"]
    if over <= 0:
        return {"factor": scale, "floats": False}
    fitting = int(100 * (scale - over / spot["shrinks"])) / 100 if spot["shrinks"] else 0.0
    return {"factor": fitting, "floats": False} if fitting >= _LEAST else {"factor": scale, "floats": True}


class _Layout:
    """The book as typst would set it with what is decided so far."""

    def __init__(self, main: Path, compiler: typst.Compiler):
        self.main, self.compiler = main, compiler
        self.places: dict[str, dict[str, Any]] = {}
        self.spots: list[dict[str, Any]] = []
        self.edges: list[dict[str, Any]] = []

    def look(self) -> None:
        """Ask typst where everything is."""
        _write(self.main, self.places)
        noted = json.loads(self.compiler.query("<spot>", field="value"))
        self.spots = [note for note in noted if note["number"] >= 0]
        self.edges = [note for note in noted if note["number"] < 0]

    def landed(self) -> dict[int, int]:
        """Chapter → page of its last float."""
        pages: dict[int, int] = defaultdict(int)
        for spot in self.spots:
            if spot["landed"]:
                pages[spot["chapter"]] = max(pages[spot["chapter"]], spot["page"])
        return pages

    def settle(self) -> None:
        """Decide until nothing is undecided."""
        for _ in range(_STEPS):
            self.look()
            landed, decided = self.landed(), set()
            for spot in self.spots:
                known = self.places.setdefault(str(spot["number"]), {})
                known |= {name: spot[name] for name in _SIZES if name in spot}
                if not spot["landed"] and spot["chapter"] not in decided:
                    decided.add(spot["chapter"])
                    known |= decide(spot | known, landed[spot["chapter"]])
            if not decided:
                return

    def ends(self) -> dict[int, int]:
        """Chapter → its last page; 0 is what stands before the first."""
        landed = self.landed()
        return {edge["chapter"]: max(edge["page"], landed[edge["chapter"]]) for edge in self.edges}

    def pages(self) -> dict[int, int]:
        """Chapter → how many pages it takes."""
        ends = self.ends()
        return {chapter: last - ends.get(chapter - 1, 0) for chapter, last in ends.items()}

    def poor(self) -> set[int]:
        """Chapters with figures that can be made smaller, whose last page holds little."""
        able = {known["chapter"] for known in self.places.values() if known["shrinks"]}
        pages, ends = self.pages(), self.ends()
        short = {edge["chapter"] for edge in self.edges if edge["page"] == ends[edge["chapter"]] and edge["filled"] < _POOR}
        return {chapter for chapter in able & short if pages[chapter] > 1}

    def end_with_text(self) -> None:
        """Where figures would come alone behind a chapter's text, what follows the last of them in the notebook waits for it."""
        landed, before = self.landed(), self.pages()
        for edge in self.edges:
            if landed[edge["chapter"]] > edge["page"]:
                last = [spot for spot in self.spots if spot["chapter"] == edge["chapter"] and spot["landed"]][-1]
                self.places[str(last["number"])]["waits"] = True
        self.look()
        longer = {chapter for chapter, pages in self.pages().items() if pages > before[chapter]}
        for known in self.places.values():
            known["waits"] = known.get("waits", False) and known["chapter"] not in longer
        self.look()

    def scale(self, chapters: set[int], scale: float) -> None:
        """Make the figures of some chapters smaller, and leave their places undecided."""
        for known in self.places.values():
            if known["chapter"] in chapters:
                known["scale"] = scale
                for name in ("floats", "flush", "waits"):
                    known.pop(name, None)


def _write(main: Path, places: Mapping[str, Any]) -> None:
    (main.parent / PLACES).write_text(json.dumps(places), encoding="utf-8")

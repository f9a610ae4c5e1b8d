"""What a page has beside widgets.js where a widget computes a network in the reader's browser: scripts, style, WebAssembly."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from reecho.report.head import template

COMPUTING = ("vae", "vae_axes", "vae_mix", "vae_attributes", "vae_prior")  # widgets whose functions stand in vae.js
_ENGINE = Path(__file__).parents[1] / "own_picture" / "templates"  # of the page for a reader's own picture, which computes alike
FILES = tuple(_ENGINE / name for name in ("picture.js", "network.js", "arithmetic.js", "rows.js"))
ALLOWED = " 'wasm-unsafe-eval'"  # behind a page's policy: WebAssembly may be compiled, which asks no host for anything


def needed(widgets: Collection[str]) -> bool:
    """Whether one of the widgets of these names computes."""
    return not set(widgets).isdisjoint(COMPUTING)


def scripts() -> str:
    """What carries out networks, the VAE made of them, and its widgets; behind widgets.js."""
    return "\n".join([*(file.read_text(encoding="utf-8") for file in FILES), template("vae_model.js"), template("vae.js")])


def style() -> str:
    """The look of these widgets; behind widgets.css."""
    return template("vae.css")

"""Plain text in Markdown."""

from __future__ import annotations

import re
from typing import Any

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # also what turns the direction of writing


def escape(text: Any) -> str:
    """Plain text as Markdown that shows it unchanged.

    Example:
        >>> print(escape("horizontal_flip | $5"))
        horizontal\\_flip \\| \\$5
    """
    return re.sub(r"([\\`*_$|<>\[\]~^&#])", r"\\\1", _CONTROL.sub(" ", str(text)))

"""Plain text in Markdown."""

from __future__ import annotations

import re
from typing import Any

from reecho.errors import CONTROL


def escape(text: Any) -> str:
    """Plain text as Markdown that shows it unchanged.

    Example:
        >>> print(escape("horizontal_flip | $5"))
        horizontal\\_flip \\| \\$5
    """
    return re.sub(r"([\\`*_$|<>\[\]~^&#])", r"\\\1", CONTROL.sub(" ", str(text)))

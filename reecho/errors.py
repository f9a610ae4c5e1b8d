"""The one kind of error that users see: a sentence that says what is wrong and what to do."""

import re

# also what turns the direction of writing, and bytes of names that are no text
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: str) -> str:
    """A text for a terminal, such as a file's name, with a sign for each character that would move or colour what stands there.

    Example:
        >>> one_line("a\\x1b[2Jb\\nc")
        'a�[2Jb�c'
    """
    return CONTROL.sub("\ufffd", text)


class ReechoError(Exception):
    """What is wrong and what to do about it, in one clear sentence; shown without a traceback, also in a notebook."""

    def __str__(self) -> str:  # it may name a file of somebody else's
        return one_line(super().__str__())

    def _render_traceback_(self) -> list[str]:  # IPython asks the exception itself how it is shown
        return [f"Stopped: {self}"]


def must_be_text(name: str, value: str) -> None:
    """Raise ReechoError for a path with bytes that are no text, which no notebook or page can hold; `name` says what names it."""
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ReechoError(
            f"{name}={value!r} has bytes in its name that are no text (UTF-8); give it another name, or a link to it."
        )

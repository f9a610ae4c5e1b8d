"""The one kind of error that users see: a sentence that says what is wrong and what to do."""


class ReechoError(Exception):
    """What is wrong and what to do about it, in one clear sentence; shown without a traceback, also in a notebook."""

    def _render_traceback_(self) -> list[str]:  # IPython asks the exception itself how it is shown
        return [f"Stopped: {self}"]

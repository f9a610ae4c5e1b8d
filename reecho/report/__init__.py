"""What notebooks say and show: figures with captions and alt text, some of them widgets, tables, settings, provenance.

A widget is `report.widgets.NAME`; three of them have a shorter name here, as in reecho 0.1.

`report.html` and `report.pdf` turn executed notebooks into pages and a book; notebooks do not import them.
"""

from reecho.report import widgets
from reecho.report.display import answer, banner, figure, provenance, say, settings_table, table
from reecho.report.widgets import divider, plane, sliders

__all__ = [
    "answer", "banner", "divider", "figure", "plane", "provenance", "say", "settings_table", "sliders", "table", "widgets",
]  # fmt: skip

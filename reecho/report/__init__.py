"""What notebooks say and show: figures with captions and alt text, some of them widgets, tables, settings, provenance.

`report.html` and `report.pdf` turn executed notebooks into pages and a book; notebooks do not import them.
"""

from reecho.report import widgets
from reecho.report.display import banner, figure, provenance, say, settings_table, table

__all__ = ["banner", "figure", "provenance", "say", "settings_table", "table", "widgets"]

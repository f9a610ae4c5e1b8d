"""Figures: a function returns a Figure, it neither shows nor saves. One look for all, 7 inches wide."""

from reecho.plots.curves import curves, lines, rate_plane
from reecho.plots.grids import difference_grid, gallery, picture_grid, scored_grid
from reecho.plots.marks import bars_with_intervals, dots_of_groups, dumbbells, histogram, over_parameter, scatter
from reecho.plots.moving import Chart, Line, at_setting, moving_chart
from reecho.plots.parts import both_ways, panels, stacked_bars
from reecho.plots.ranges import ranges
from reecho.plots.style import STYLE, WIDTH, in_levels, is_raster, positions, to_png, to_svg

__all__ = [
    "STYLE", "WIDTH", "Chart", "Line", "at_setting", "bars_with_intervals", "both_ways", "curves", "difference_grid",
    "dots_of_groups", "dumbbells", "gallery", "histogram", "in_levels", "is_raster", "lines", "moving_chart", "over_parameter",
    "panels", "picture_grid", "positions", "ranges", "rate_plane", "scatter", "scored_grid", "stacked_bars", "to_png", "to_svg",
]  # fmt: skip

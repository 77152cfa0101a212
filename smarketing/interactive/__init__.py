"""Thresholds tried by hand: sliders in a notebook, for what a page can only show in a table."""

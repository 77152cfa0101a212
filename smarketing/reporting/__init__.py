"""Notebooks rendered into pages: figures, tables, the monthly and the weekly report."""

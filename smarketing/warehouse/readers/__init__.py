"""Readers: each turns one file into a table of text cells, with labels and line numbers."""

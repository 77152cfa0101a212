"""Pieces of a page: elements, tables, the company's brand."""

"""The language of pages: texts from catalogues, numbers and dates as each language writes them.

English stands in the code, every other language in one file of this folder: copy ``da.po``, name
it for the language, translate. Nothing else is to be done.
"""

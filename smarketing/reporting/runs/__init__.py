"""Runs nobody has to watch: notebooks into published pages, whole or not at all."""

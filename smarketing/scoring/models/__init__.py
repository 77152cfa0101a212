"""Learned models behind one interface, and the score that is already there."""

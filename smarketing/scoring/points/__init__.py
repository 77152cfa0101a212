"""A scorecard learned from history: few lines, whole points, the form of an agreed one."""

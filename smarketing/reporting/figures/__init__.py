"""The house style of figures, and the figures that belong to one page alone."""

"""Whether the goals can be reached, and are goals at all."""

"""Sales' half: the people a promised first contact needs, and what speed is worth."""

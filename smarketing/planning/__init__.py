"""Planning: the lines under capacity, the volumes to promise, the next agreement."""

"""How many leads come, and what can be promised of them."""

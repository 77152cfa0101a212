"""How long leads take, and which are too young to judge."""

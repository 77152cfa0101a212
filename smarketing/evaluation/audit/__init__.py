"""What the tables can and cannot say, and which columns know the outcome."""

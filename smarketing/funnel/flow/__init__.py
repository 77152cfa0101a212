"""How leads move along the stages: counts, rates, times, ways out and back."""

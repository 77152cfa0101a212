"""Models judged month by month, each knowing only what was known before the month."""

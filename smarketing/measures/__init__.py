"""What happened, once, and how it is counted: one measure, one definition, one count."""

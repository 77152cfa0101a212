"""The sections of the monthly page, each under a title that states its message."""

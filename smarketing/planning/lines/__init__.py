"""Where the MQL and the SQL line go."""

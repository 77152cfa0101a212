"""sources.yml: which export holds what, as a typed and checked model."""

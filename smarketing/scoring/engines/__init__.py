"""The same expressions on other engines than the laptop's: PostgreSQL, Spark, another DuckDB."""

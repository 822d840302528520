"""The way from one version's tables to the next, on SQLite and PostgreSQL alike."""

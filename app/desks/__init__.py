"""The clerks' pages, by desk."""

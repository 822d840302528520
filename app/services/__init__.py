"""Use cases, one a file, named with a verb. The only room that commits; it knows no web."""

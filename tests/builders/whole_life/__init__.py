"""Random sequences of all case kinds: a small picture of an office, and the office that is held against it."""

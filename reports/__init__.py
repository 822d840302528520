"""Paper: a dataclass in, PDF bytes out, byte-identical for equal input."""

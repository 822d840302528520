"""Read-only queries for desks: lists with keyset pages and capped counts."""

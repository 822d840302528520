"""What the office knows: the rulebook (pure), the tables, and read-only lists for desks."""

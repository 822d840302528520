"""Forms parse and shape what was typed; they make no query and know no rule of their own."""

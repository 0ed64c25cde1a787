"""Second factors of the built-in accounts."""

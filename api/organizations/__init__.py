"""Organizations: who owns what."""

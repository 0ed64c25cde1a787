"""Letting go of what was kept for its time."""

"""Exports and deletions of what is held on people and leads."""

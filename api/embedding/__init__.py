"""Embedding: a campaign's chat on other people's websites."""

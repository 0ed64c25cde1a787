"""Signing in with the built-in accounts."""

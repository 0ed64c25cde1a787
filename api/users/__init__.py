"""The people of an organization."""

"""The `limitless` command."""

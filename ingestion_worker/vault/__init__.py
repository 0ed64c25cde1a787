"""Looking after the vault."""

"""Writing to people about their accounts."""

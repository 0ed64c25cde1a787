"""The owner's documents: taken in, listed, tried again, deleted."""

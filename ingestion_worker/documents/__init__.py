"""The owner's documents: parsed, cut into chunks, embedded, stored."""

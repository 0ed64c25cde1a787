"""The owner's documents, as both the API and the worker know them: rows, chunks, search."""

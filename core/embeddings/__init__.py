"""Text as vectors: from an OpenAI-compatible endpoint with a key, from weights in a package without."""

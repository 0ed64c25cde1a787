"""The graph's nodes: one that listens, three that answer and settle the turn."""

"""The graph's nodes: one that listens, three that speak, one that reads, one that settles the turn."""

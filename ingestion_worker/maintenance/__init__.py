"""What keeps the house clean: stalled jobs, and rows whose time is over."""

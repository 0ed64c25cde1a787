"""What owners see: how far leads come, where they stop, and what it earned."""

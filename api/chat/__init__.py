"""The conversation itself: turns, their runner and their streams."""

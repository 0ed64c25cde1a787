"""The `limitless` command."""

import gc

# Importing makes objects that stay: to look for garbage among them costs a fifth of a start.
gc.set_threshold(10_000, 50, 10)

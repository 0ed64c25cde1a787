"""How much is tried: `make faults` runs the long form, `make test` a short one."""

import os

import pytest

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
LONG = ROUNDS > 1
in_long_form = pytest.mark.skipif(not LONG, reason="belongs to the long form: make faults")

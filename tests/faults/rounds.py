"""How much is tried: `make faults` runs the long form, `make test` a short one."""

import os

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
LONG = ROUNDS > 1

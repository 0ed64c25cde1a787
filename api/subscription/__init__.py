"""An organization's own plan with us."""

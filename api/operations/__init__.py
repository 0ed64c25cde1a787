"""For those who run it: liveness, readiness, metrics."""

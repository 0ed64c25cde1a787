"""Measurements, each beside what it is to be compared with: ``python -m benchmarks [PART …]``."""

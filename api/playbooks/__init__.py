"""Playbooks: how the agent sells, in versions."""

"""What stands between a model's words and the lead: `agent.guard.stream.StreamGuard`."""

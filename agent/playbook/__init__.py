"""What the owner tells the agent: voice, questions, offers, objections, limits."""

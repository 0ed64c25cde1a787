"""Who puts the agent's words: a real model, the scripted agent, or one behind the other."""
